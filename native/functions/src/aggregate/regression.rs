//! The aggregates of two floats (float.c, `float8_regr_accum`); the first argument is Y.

use common::Result;
use types::{Datum, Vector};

use super::fold::Fold;
use crate::EvalContext;
use crate::float::overflow;
use crate::lift::Column;

/// Sums, and sums of products of differences from the means.
#[derive(Default, Clone, Copy)]
pub(crate) struct Sums {
    n: f64,
    x: f64,
    xx: f64,
    y: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    fn take(&mut self, y: f64, x: f64) -> Result<()> {
        let old = *self;
        self.n += 1.0;
        self.x += x;
        self.y += y;
        if old.n == 0.0 {
            if !x.is_finite() {
                (self.xx, self.xy) = (f64::NAN, f64::NAN);
            }
            if !y.is_finite() {
                (self.yy, self.xy) = (f64::NAN, f64::NAN);
            }
            return Ok(());
        }
        let dx = x * self.n - self.x;
        let dy = y * self.n - self.y;
        let scale = 1.0 / (self.n * old.n);
        self.xx += dx * dx * scale;
        self.yy += dy * dy * scale;
        self.xy += dx * dy * scale;
        self.check(old, x, y)
    }

    /// Infinite sums of finite values are an overflow; of infinite ones they are NaN.
    fn check(&mut self, old: Self, x: f64, y: f64) -> Result<()> {
        let finite_x = !old.x.is_infinite() && !x.is_infinite();
        let finite_y = !old.y.is_infinite() && !y.is_infinite();
        if ((self.x.is_infinite() || self.xx.is_infinite()) && finite_x)
            || ((self.y.is_infinite() || self.yy.is_infinite()) && finite_y)
            || (self.xy.is_infinite() && finite_x && finite_y)
        {
            return Err(overflow());
        }
        for sum in [&mut self.xx, &mut self.yy, &mut self.xy] {
            if sum.is_infinite() {
                *sum = f64::NAN;
            }
        }
        Ok(())
    }
}

/// What is made of the sums; `None` is NULL.
pub(crate) trait Of: Default + Send + 'static {
    fn of(sums: &Sums) -> Option<f64>;
}

macro_rules! of {
    ($($name:ident: |$s:ident| $value:expr;)*) => {
        $(
            #[derive(Default)]
            pub(crate) struct $name;

            impl Of for $name {
                fn of($s: &Sums) -> Option<f64> {
                    $value
                }
            }
        )*
    };
}

of! {
    Sxx: |s| (s.n > 0.0).then_some(s.xx);
    Syy: |s| (s.n > 0.0).then_some(s.yy);
    Sxy: |s| (s.n > 0.0).then_some(s.xy);
    AvgX: |s| (s.n > 0.0).then(|| s.x / s.n);
    AvgY: |s| (s.n > 0.0).then(|| s.y / s.n);
    CovarPop: |s| (s.n > 0.0).then(|| s.xy / s.n);
    CovarSamp: |s| (s.n > 1.0).then(|| s.xy / (s.n - 1.0));
    Corr: |s| {
        (s.n > 0.0 && s.xx != 0.0 && s.yy != 0.0).then(|| s.xy / (s.xx * s.yy).sqrt())
    };
    // A flat Y is explained entirely.
    R2: |s| match () {
        () if s.n == 0.0 || s.xx == 0.0 => None,
        () if s.yy == 0.0 => Some(1.0),
        () => Some(s.xy * s.xy / (s.xx * s.yy)),
    };
    Slope: |s| (s.n > 0.0 && s.xx != 0.0).then(|| s.xy / s.xx);
    Intercept: |s| (s.n > 0.0 && s.xx != 0.0).then(|| (s.y - s.x * s.xy / s.xx) / s.n);
}

#[derive(Default)]
pub(crate) struct Regression<O> {
    sums: Sums,
    of: std::marker::PhantomData<O>,
}

impl<O: Of> Fold for Regression<O> {
    type Args<'a> = (Column<'a, f64>, Column<'a, f64>);

    fn args(args: &[Vector]) -> Self::Args<'_> {
        (Column::new(&args[0]), Column::new(&args[1]))
    }

    fn take(&mut self, _: &EvalContext<'_>, (y, x): Self::Args<'_>, row: usize) -> Result<()> {
        self.sums.take(y.at(row)?, x.at(row)?)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(O::of(&self.sums).map_or(Datum::Null, Datum::F64))
    }
}
