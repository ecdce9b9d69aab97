//! Arithmetic and functions of real and double precision (float.c).
//!
//! A finite pair whose result is infinite is an overflow, one whose product or quotient vanishes an
//! underflow, both 22003; infinities and NaN that come in go through.

use common::{Error, Result, err, sqlstate};

use crate::errors::division_by_zero;
use crate::{FunctionDef, def};

pub(crate) fn overflow() -> Error {
    err!(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "value out of range: overflow"
    )
}

pub(crate) fn underflow() -> Error {
    err!(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "value out of range: underflow"
    )
}

/// The checks around one width's arithmetic.
macro_rules! arithmetic {
    ($module:ident, $t:ty) => {
        pub(crate) mod $module {
            use super::*;

            #[inline]
            fn checked(value: $t, finite: bool) -> Result<$t> {
                if value.is_infinite() && finite {
                    Err(overflow())
                } else {
                    Ok(value)
                }
            }

            #[inline]
            pub fn add(a: $t, b: $t) -> Result<$t> {
                checked(a + b, !a.is_infinite() && !b.is_infinite())
            }

            #[inline]
            pub fn sub(a: $t, b: $t) -> Result<$t> {
                checked(a - b, !a.is_infinite() && !b.is_infinite())
            }

            #[inline]
            pub fn mul(a: $t, b: $t) -> Result<$t> {
                let value = a * b;
                if value == 0.0 && a != 0.0 && b != 0.0 {
                    return Err(underflow());
                }
                checked(value, !a.is_infinite() && !b.is_infinite())
            }

            #[inline]
            pub fn div(a: $t, b: $t) -> Result<$t> {
                if b == 0.0 && !a.is_nan() {
                    return Err(division_by_zero());
                }
                let value = a / b;
                if value == 0.0 && a != 0.0 && !b.is_infinite() {
                    return Err(underflow());
                }
                checked(value, !a.is_infinite())
            }
        }
    };
}

arithmetic!(single, f32);
arithmetic!(double, f64);

/// NaN is above all.
fn larger<T: PartialOrd + Copy>(a: T, b: T, a_nan: bool) -> T {
    if a_nan || a > b { a } else { b }
}

fn smaller<T: PartialOrd + Copy>(a: T, b: T, b_nan: bool) -> T {
    if b_nan || a < b { a } else { b }
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(204, "float4pl", [FLOAT4, FLOAT4] -> FLOAT4, Immutable, |a: f32, b: f32| single::add(a, b) => f32),
    def!(205, "float4mi", [FLOAT4, FLOAT4] -> FLOAT4, Immutable, |a: f32, b: f32| single::sub(a, b) => f32),
    def!(202, "float4mul", [FLOAT4, FLOAT4] -> FLOAT4, Immutable, |a: f32, b: f32| single::mul(a, b) => f32),
    def!(203, "float4div", [FLOAT4, FLOAT4] -> FLOAT4, Immutable, |a: f32, b: f32| single::div(a, b) => f32),
    def!(206, "float4um", [FLOAT4] -> FLOAT4, Immutable, |a: f32| -a => f32),
    def!(1913, "float4up", [FLOAT4] -> FLOAT4, Immutable, |a: f32| a => f32),
    def!(207, "float4abs", [FLOAT4] -> FLOAT4, Immutable, |a: f32| a.abs() => f32),
    def!(1394, "abs", [FLOAT4] -> FLOAT4, Immutable, |a: f32| a.abs() => f32),
    def!(209, "float4larger", [FLOAT4, FLOAT4] -> FLOAT4, Immutable, |a: f32, b: f32| larger(a, b, a.is_nan()) => f32),
    def!(211, "float4smaller", [FLOAT4, FLOAT4] -> FLOAT4, Immutable, |a: f32, b: f32| smaller(a, b, b.is_nan()) => f32),
    def!(218, "float8pl", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| double::add(a, b) => f64),
    def!(219, "float8mi", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| double::sub(a, b) => f64),
    def!(216, "float8mul", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| double::mul(a, b) => f64),
    def!(217, "float8div", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| double::div(a, b) => f64),
    def!(220, "float8um", [FLOAT8] -> FLOAT8, Immutable, |a: f64| -a => f64),
    def!(1914, "float8up", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a => f64),
    def!(221, "float8abs", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.abs() => f64),
    def!(1395, "abs", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.abs() => f64),
    def!(223, "float8larger", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| larger(a, b, a.is_nan()) => f64),
    def!(224, "float8smaller", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| smaller(a, b, b.is_nan()) => f64),
    def!(281, "float48pl", [FLOAT4, FLOAT8] -> FLOAT8, Immutable, |a: f32, b: f64| double::add(a.into(), b) => f64),
    def!(282, "float48mi", [FLOAT4, FLOAT8] -> FLOAT8, Immutable, |a: f32, b: f64| double::sub(a.into(), b) => f64),
    def!(279, "float48mul", [FLOAT4, FLOAT8] -> FLOAT8, Immutable, |a: f32, b: f64| double::mul(a.into(), b) => f64),
    def!(280, "float48div", [FLOAT4, FLOAT8] -> FLOAT8, Immutable, |a: f32, b: f64| double::div(a.into(), b) => f64),
    def!(285, "float84pl", [FLOAT8, FLOAT4] -> FLOAT8, Immutable, |a: f64, b: f32| double::add(a, b.into()) => f64),
    def!(286, "float84mi", [FLOAT8, FLOAT4] -> FLOAT8, Immutable, |a: f64, b: f32| double::sub(a, b.into()) => f64),
    def!(283, "float84mul", [FLOAT8, FLOAT4] -> FLOAT8, Immutable, |a: f64, b: f32| double::mul(a, b.into()) => f64),
    def!(284, "float84div", [FLOAT8, FLOAT4] -> FLOAT8, Immutable, |a: f64, b: f32| double::div(a, b.into()) => f64),
];
