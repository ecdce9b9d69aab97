//! `sum`: integers into a wider type, floats in their own, numeric and interval exactly.

use common::Result;
use types::{Datum, Interval, Numeric, Vector};

use super::fold::Fold;
use crate::EvalContext;
use crate::errors::out_of_range;
use crate::float::{double, single};
use crate::lift::{Arg, Column};

/// smallint and integer into bigint.
pub(crate) struct SumToBigint<T>(Option<i64>, std::marker::PhantomData<T>);

impl<T> Default for SumToBigint<T> {
    fn default() -> Self {
        Self(None, std::marker::PhantomData)
    }
}

impl<T: for<'a> Arg<'a> + Into<i64> + Send + 'static> Fold for SumToBigint<T> {
    type Args<'a> = Column<'a, T>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline(always)]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value: i64 = args.at(row)?.into();
        let sum = self.0.unwrap_or(0).checked_add(value);
        self.0 = Some(sum.ok_or_else(|| out_of_range("bigint"))?);
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self.0.map_or(Datum::Null, Datum::I64))
    }
}

/// bigint into numeric. As many values as memory can address fit 128 bits.
#[derive(Default)]
pub(crate) struct SumToNumeric(Option<i128>);

impl Fold for SumToNumeric {
    type Args<'a> = Column<'a, i64>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline(always)]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.0 = Some(self.0.unwrap_or(0) + i128::from(args.at(row)?));
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self
            .0
            .map_or(Datum::Null, |sum| numeric(&Numeric::from_i128(sum, 0))))
    }
}

/// A numeric as a value.
pub(crate) fn numeric(value: &Numeric) -> Datum {
    Datum::Bytes(value.to_bytes().into())
}

#[derive(Default)]
pub(crate) struct SumFloat4(Option<f32>);

impl Fold for SumFloat4 {
    type Args<'a> = Column<'a, f32>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline(always)]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value = args.at(row)?;
        self.0 = Some(match self.0 {
            Some(sum) => single::add(sum, value)?,
            None => value,
        });
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self.0.map_or(Datum::Null, Datum::F32))
    }
}

#[derive(Default)]
pub(crate) struct SumFloat8(Option<f64>);

impl Fold for SumFloat8 {
    type Args<'a> = Column<'a, f64>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline(always)]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value = args.at(row)?;
        self.0 = Some(match self.0 {
            Some(sum) => double::add(sum, value)?,
            None => value,
        });
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self.0.map_or(Datum::Null, Datum::F64))
    }
}

/// An exact sum of numerics: small ones of one scale by a machine addition, all others by `rest`.
#[derive(Default)]
pub(crate) struct NumericSum {
    coef: i128,
    scale: u16,
    rest: Option<Numeric>,
}

impl NumericSum {
    #[inline]
    pub(crate) fn add(&mut self, stored: &[u8]) -> Result<()> {
        match Numeric::decode_small(stored) {
            Some((coef, scale)) => self.add_small(coef, scale),
            None => self.add_value(&Numeric::decode(stored)?),
        }
    }

    /// Adds `coef / 10^scale`.
    #[inline]
    pub(crate) fn add_small(&mut self, coef: i128, scale: u16) -> Result<()> {
        if self.coef == 0 && scale >= self.scale {
            self.scale = scale;
        }
        if scale == self.scale
            && let Some(sum) = self.coef.checked_add(coef)
        {
            self.coef = sum;
            return Ok(());
        }
        self.add_value(&Numeric::from_i128(coef, scale))
    }

    pub(crate) fn add_value(&mut self, value: &Numeric) -> Result<()> {
        self.rest = Some(match &self.rest {
            Some(rest) => rest.add(value)?,
            None => value.clone(),
        });
        Ok(())
    }

    pub(crate) fn total(&self) -> Result<Numeric> {
        let small = Numeric::from_i128(self.coef, self.scale);
        match &self.rest {
            Some(rest) => rest.add(&small),
            None => Ok(small),
        }
    }
}

#[derive(Default)]
pub(crate) struct SumNumeric(Option<NumericSum>);

impl Fold for SumNumeric {
    type Args<'a> = Column<'a, &'a [u8]>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.0.get_or_insert_default().add(args.at(row)?)
    }

    const DECIMAL: bool = true;

    #[inline]
    fn take_decimal(&mut self, coef: i128, scale: u16, _: i64) -> Result<()> {
        self.0.get_or_insert_default().add_small(coef, scale)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        match &self.0 {
            Some(sum) => Ok(numeric(&sum.total()?)),
            None => Ok(Datum::Null),
        }
    }
}

#[derive(Default)]
pub(crate) struct SumInterval(Option<Interval>);

impl Fold for SumInterval {
    type Args<'a> = Column<'a, Interval>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value = args.at(row)?;
        self.0 = Some(match self.0 {
            Some(sum) => sum.add(value)?,
            None => value,
        });
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self
            .0
            .map_or(Datum::Null, |sum| Datum::Fixed16(sum.to_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(values: &[&str]) -> String {
        let mut sum = NumericSum::default();
        for value in values {
            let stored = Numeric::parse(value).expect("a literal").to_bytes();
            sum.add(&stored).expect("in range");
        }
        sum.total().expect("in range").to_string()
    }

    #[test]
    fn numeric_sums_keep_the_largest_scale() {
        assert_eq!(total(&["1.5", "2.25", "3"]), "6.75");
        assert_eq!(total(&["0.000", "1"]), "1.000");
        assert_eq!(total(&["1", "NaN"]), "NaN");
        let big = "170141183460469231731687303715884105727";
        assert_eq!(
            total(&[big, "1"]),
            "170141183460469231731687303715884105728"
        );
    }
}
