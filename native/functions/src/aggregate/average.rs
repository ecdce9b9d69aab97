//! `avg`: exact for integers, numeric and interval; of floats as the sum over the count.

use common::Result;
use types::{Datum, Interval, Numeric, Vector};

use super::fold::Fold;
use super::sum::{NumericSum, numeric};
use crate::EvalContext;
use crate::lift::{Arg, Column};

/// Of integers, in numeric.
pub(crate) struct AvgInteger<T> {
    sum: i128,
    count: i64,
    of: std::marker::PhantomData<T>,
}

impl<T> Default for AvgInteger<T> {
    fn default() -> Self {
        Self {
            sum: 0,
            count: 0,
            of: std::marker::PhantomData,
        }
    }
}

impl<T: for<'a> Arg<'a> + Into<i128> + Send + 'static> Fold for AvgInteger<T> {
    type Args<'a> = Column<'a, T>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline(always)]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.sum += args.at(row)?.into();
        self.count += 1;
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        mean(Numeric::from_i128(self.sum, 0), self.count)
    }
}

/// NULL of nothing.
fn mean(sum: Numeric, count: i64) -> Result<Datum> {
    if count == 0 {
        return Ok(Datum::Null);
    }
    Ok(numeric(&sum.div(&Numeric::from(count))?))
}

#[derive(Default)]
pub(crate) struct AvgNumeric {
    sum: NumericSum,
    count: i64,
}

impl Fold for AvgNumeric {
    type Args<'a> = Column<'a, &'a [u8]>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.count += 1;
        self.sum.add(args.at(row)?)
    }

    const DECIMAL: bool = true;

    #[inline]
    fn take_decimal(&mut self, coef: i128, scale: u16, count: i64) -> Result<()> {
        self.count += count;
        self.sum.add_small(coef, scale)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        mean(self.sum.total()?, self.count)
    }
}

#[derive(Default)]
pub(crate) struct AvgInterval {
    sum: Interval,
    count: i64,
}

impl Fold for AvgInterval {
    type Args<'a> = Column<'a, Interval>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.sum = self.sum.add(args.at(row)?)?;
        self.count += 1;
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        if self.count == 0 {
            return Ok(Datum::Null);
        }
        Ok(Datum::Fixed16(self.sum.div(self.count as f64)?.to_bytes()))
    }
}
