//! Variance and standard deviation: exact in numeric for integers and numeric, by the recurrence of
//! Youngs and Cramer for floats, as PostgreSQL does.

use common::Result;
use num_bigint::BigInt;
use types::{Datum, Numeric, Vector};

use super::fold::Fold;
use super::sum::{NumericSum, numeric};
use crate::EvalContext;
use crate::float::overflow;
use crate::lift::{Arg, Column};

/// Which of the family: `STDDEV` else variance, `SAMPLE` (divides by n - 1) else population.
#[derive(Default)]
pub(crate) struct NumericMoments<T, const STDDEV: bool, const SAMPLE: bool> {
    count: i64,
    sum: NumericSum,
    squares: NumericSum,
    /// A NaN or an infinity was among the values.
    odd: bool,
    of: std::marker::PhantomData<T>,
}

impl<T, const STDDEV: bool, const SAMPLE: bool> Fold for NumericMoments<T, STDDEV, SAMPLE>
where
    T: for<'a> Arg<'a> + Into<Numeric> + Default + Send + 'static,
{
    type Args<'a> = Column<'a, T>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value: Numeric = args.at(row)?.into();
        self.count += 1;
        if !value.is_finite() {
            self.odd = true;
            return Ok(());
        }
        self.squares.add_value(&value.mul(&value)?)?;
        self.sum.add_value(&value)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        if self.count == 0 || (SAMPLE && self.count == 1) {
            return Ok(Datum::Null);
        }
        if self.odd {
            return Ok(numeric(&Numeric::NaN));
        }
        let count = Numeric::from(self.count);
        let sum = self.sum.total()?;
        let spread = count.mul(&self.squares.total()?)?.sub(&sum.mul(&sum)?)?;
        if spread.signum() <= 0 {
            return Ok(numeric(&Numeric::ZERO));
        }
        let less = if SAMPLE { self.count - 1 } else { self.count };
        let variance = spread.div(&count.mul(&Numeric::from(less))?)?;
        Ok(numeric(&if STDDEV { root(variance) } else { variance }))
    }
}

/// An integer or numeric as the argument of [`NumericMoments`].
#[derive(Default)]
pub(crate) struct Exact<T>(T);

impl<'a, T: Arg<'a>> Arg<'a> for Exact<T> {
    type Source = T::Source;

    fn source(vector: &'a Vector) -> Self::Source {
        T::source(vector)
    }

    fn at(source: Self::Source, at: usize) -> Result<Self> {
        T::at(source, at).map(Self)
    }
}

impl<T: Into<i64>> From<Exact<T>> for Numeric {
    fn from(value: Exact<T>) -> Self {
        Self::from(value.0.into())
    }
}

/// A numeric argument of [`NumericMoments`].
pub(crate) struct Decimal(Numeric);

impl Default for Decimal {
    fn default() -> Self {
        Self(Numeric::ZERO)
    }
}

impl<'a> Arg<'a> for Decimal {
    type Source = <Numeric as Arg<'a>>::Source;

    fn source(vector: &'a Vector) -> Self::Source {
        Numeric::source(vector)
    }

    fn at(source: Self::Source, at: usize) -> Result<Self> {
        Numeric::at(source, at).map(Self)
    }
}

impl From<Decimal> for Numeric {
    fn from(value: Decimal) -> Self {
        value.0
    }
}

/// The square root of a positive number, with as many digits as the number shows.
fn root(value: Numeric) -> Numeric {
    let (coef, scale) = match value {
        Numeric::Small { coef, scale } => (BigInt::from(coef), scale),
        Numeric::Big { coef, scale } => (*coef, scale),
        other => return other,
    };
    // round(sqrt(c / 10^s) * 10^s) = round(sqrt(c * 10^s)), and round(x) = (floor(2x) + 1) / 2.
    let twice: BigInt = (coef * BigInt::from(10u8).pow(scale.into()) * 4u8).sqrt();
    Numeric::from_big((twice + 1u8) / 2u8, scale)
}

/// Floats: count, sum and sum of squared differences from the mean.
#[derive(Default)]
pub(crate) struct FloatMoments<T> {
    pub count: f64,
    pub sum: f64,
    pub spread: f64,
    of: std::marker::PhantomData<T>,
}

impl<T: for<'a> Arg<'a> + Into<f64>> FloatMoments<T> {
    /// `float8_accum`.
    #[inline]
    fn accumulate(&mut self, args: Column<'_, T>, row: usize) -> Result<()> {
        let value: f64 = args.at(row)?.into();
        let (before, sum_before) = (self.count, self.sum);
        self.count += 1.0;
        self.sum += value;
        if before == 0.0 {
            if !value.is_finite() {
                self.spread = f64::NAN;
            }
            return Ok(());
        }
        let offset = value * self.count - self.sum;
        self.spread += offset * offset / (self.count * before);
        if self.sum.is_infinite() || self.spread.is_infinite() {
            if !sum_before.is_infinite() && !value.is_infinite() {
                return Err(overflow());
            }
            self.spread = f64::NAN;
        }
        Ok(())
    }
}

/// What of the moments is wanted.
pub(crate) const AVG: u8 = 0;
pub(crate) const VAR_POP: u8 = 1;
pub(crate) const VAR_SAMP: u8 = 2;
pub(crate) const STDDEV_POP: u8 = 3;
pub(crate) const STDDEV_SAMP: u8 = 4;

/// One of the family over floats.
#[derive(Default)]
pub(crate) struct FloatMoment<T, const WHAT: u8>(FloatMoments<T>);

impl<T, const WHAT: u8> Fold for FloatMoment<T, WHAT>
where
    T: for<'a> Arg<'a> + Into<f64> + Default + Send + 'static,
{
    type Args<'a> = Column<'a, T>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.0.accumulate(args, row)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        let FloatMoments {
            count, sum, spread, ..
        } = self.0;
        let sample = matches!(WHAT, VAR_SAMP | STDDEV_SAMP);
        if count == 0.0 || (sample && count == 1.0) {
            return Ok(Datum::Null);
        }
        Ok(Datum::F64(match WHAT {
            AVG => sum / count,
            VAR_POP => spread / count,
            VAR_SAMP => spread / (count - 1.0),
            STDDEV_POP => (spread / count).sqrt(),
            _ => (spread / (count - 1.0)).sqrt(),
        }))
    }
}
