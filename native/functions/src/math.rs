//! Mathematics of double precision (float.c): powers, logarithms, trigonometry, rounding, chance.

use common::rt::{random_bytes, random_u64};
use common::{Error, Result, err, sqlstate};

use crate::errors::out_of_range;
use crate::float::{overflow, underflow};
use crate::{FunctionDef, def};

fn input_out_of_range() -> Error {
    err!(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "input is out of range"
    )
}

/// A result that is infinite though nothing that came in was.
fn checked(value: f64, finite: bool) -> Result<f64> {
    if value.is_infinite() && finite {
        Err(overflow())
    } else {
        Ok(value)
    }
}

fn sqrt(a: f64) -> Result<f64> {
    if a < 0.0 {
        return Err(err!(
            sqlstate::INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "cannot take square root of a negative number"
        ));
    }
    Ok(a.sqrt())
}

fn power(a: f64, b: f64) -> Result<f64> {
    let refuse = |message: &str| {
        Err(err!(
            sqlstate::INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "{message}"
        ))
    };
    if a.is_nan() || b.is_nan() {
        // NaN ^ 0 and 1 ^ NaN are 1.
        return Ok(if b == 0.0 || a == 1.0 { 1.0 } else { f64::NAN });
    }
    if a == 0.0 && b < 0.0 {
        return refuse("zero raised to a negative power is undefined");
    }
    if a < 0.0 && b.floor() != b {
        return refuse("a negative number raised to a non-integer power yields a complex result");
    }
    let value = a.powf(b);
    if a.is_infinite() || b.is_infinite() {
        return Ok(value);
    }
    if value == 0.0 && a != 0.0 {
        return Err(underflow());
    }
    checked(value, true)
}

fn exp(a: f64) -> Result<f64> {
    let value = a.exp();
    if value == 0.0 && a.is_finite() {
        return Err(underflow());
    }
    checked(value, a.is_finite())
}

fn logarithm(a: f64, log: fn(f64) -> f64) -> Result<f64> {
    let refuse = |message: &str| Err(err!(sqlstate::INVALID_ARGUMENT_FOR_LOGARITHM, "{message}"));
    if a == 0.0 {
        return refuse("cannot take logarithm of zero");
    }
    if a < 0.0 {
        return refuse("cannot take logarithm of a negative number");
    }
    Ok(log(a))
}

/// A periodic function, which has no value at infinity.
fn periodic(a: f64, f: fn(f64) -> f64) -> Result<f64> {
    if a.is_infinite() {
        Err(input_out_of_range())
    } else {
        Ok(f(a))
    }
}

/// A function of [-1, 1].
fn of_unit(a: f64, f: fn(f64) -> f64) -> Result<f64> {
    if (-1.0..=1.0).contains(&a) || a.is_nan() {
        Ok(f(a))
    } else {
        Err(input_out_of_range())
    }
}

fn cot(a: f64) -> Result<f64> {
    periodic(a, |a| 1.0 / a.tan())
}

fn cosh(a: f64) -> f64 {
    a.cosh()
}

/// By the C library's formula, for its last digit.
fn acosh(a: f64) -> Result<f64> {
    if a < 1.0 {
        return Err(input_out_of_range());
    }
    if !a.is_finite() || a > 268_435_456.0 {
        return Ok(a.ln() + std::f64::consts::LN_2);
    }
    if a > 2.0 {
        return Ok((2.0 * a - 1.0 / (a + (a * a - 1.0).sqrt())).ln());
    }
    let over = a - 1.0;
    Ok((over + (2.0 * over + over * over).sqrt()).ln_1p())
}

fn atanh(a: f64) -> Result<f64> {
    if !(-1.0..=1.0).contains(&a) && !a.is_nan() {
        return Err(input_out_of_range());
    }
    Ok(a.atanh())
}

const RADIANS_PER_DEGREE: f64 = 0.017_453_292_519_943_295;

/// Sine of 0 to 30 degrees, exactly 0.5 at 30.
fn sind_0_30(a: f64) -> f64 {
    let sin = |a: f64| (a * RADIANS_PER_DEGREE).sin();
    sin(a) / sin(30.0) / 2.0
}

/// Cosine of 0 to 60 degrees, exactly 0.5 at 60.
fn cosd_0_60(a: f64) -> f64 {
    let less = |a: f64| 1.0 - (a * RADIANS_PER_DEGREE).cos();
    1.0 - less(a) / less(60.0) / 2.0
}

/// Sine and cosine of the first quadrant, exact at 0, 30, 60 and 90 degrees.
fn sind_q1(a: f64) -> f64 {
    if a <= 30.0 {
        sind_0_30(a)
    } else {
        cosd_0_60(90.0 - a)
    }
}

fn cosd_q1(a: f64) -> f64 {
    if a <= 60.0 {
        cosd_0_60(a)
    } else {
        sind_0_30(90.0 - a)
    }
}

fn sind(a: f64) -> f64 {
    let (mut a, mut sign) = (a % 360.0, 1.0);
    if a < 0.0 {
        (a, sign) = (-a, -sign);
    }
    if a > 180.0 {
        (a, sign) = (360.0 - a, -sign);
    }
    if a > 90.0 {
        a = 180.0 - a;
    }
    sign * sind_q1(a)
}

fn cosd(a: f64) -> f64 {
    let (mut a, mut sign) = ((a % 360.0).abs(), 1.0);
    if a > 180.0 {
        a = 360.0 - a;
    }
    if a > 90.0 {
        (a, sign) = (180.0 - a, -sign);
    }
    sign * cosd_q1(a)
}

/// The quotient of two functions of the first quadrant, with the sign of the tangent's quadrant.
fn slope(a: f64, of: fn(f64) -> f64) -> f64 {
    let (mut a, mut sign) = (a % 360.0, 1.0);
    if a < 0.0 {
        (a, sign) = (-a, -sign);
    }
    if a > 180.0 {
        (a, sign) = (360.0 - a, -sign);
    }
    if a > 90.0 {
        (a, sign) = (180.0 - a, -sign);
    }
    let value = sign * of(a);
    // No minus zero.
    if value == 0.0 { 0.0 } else { value }
}

fn tand(a: f64) -> f64 {
    slope(a, |a| {
        sind_q1(a) / cosd_q1(a) / (sind_q1(45.0) / cosd_q1(45.0))
    })
}

fn cotd(a: f64) -> f64 {
    slope(a, |a| {
        cosd_q1(a) / sind_q1(a) / (cosd_q1(45.0) / sind_q1(45.0))
    })
}

/// Arc functions of 0 to 1 in degrees, exact where the angle is a multiple of 30.
fn asind_q1(a: f64) -> f64 {
    if a <= 0.5 {
        return a.asin() / 0.5f64.asin() * 30.0;
    }
    90.0 - a.acos() / 0.5f64.acos() * 60.0
}

fn acosd_q1(a: f64) -> f64 {
    if a <= 0.5 {
        return 90.0 - a.asin() / 0.5f64.asin() * 30.0;
    }
    a.acos() / 0.5f64.acos() * 60.0
}

fn asind(a: f64) -> f64 {
    if a >= 0.0 { asind_q1(a) } else { -asind_q1(-a) }
}

fn acosd(a: f64) -> f64 {
    if a >= 0.0 {
        acosd_q1(a)
    } else {
        90.0 + asind_q1(-a)
    }
}

fn atand(a: f64) -> f64 {
    a.atan() / 1f64.atan() * 45.0
}

fn atan2d(a: f64, b: f64) -> f64 {
    a.atan2(b) / 1f64.atan() * 45.0
}

fn degrees(a: f64) -> Result<f64> {
    checked(a / RADIANS_PER_DEGREE, a.is_finite())
}

fn sign(a: f64) -> f64 {
    if a > 0.0 {
        1.0
    } else if a < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// 53 random bits as a number of [0, 1).
fn random() -> f64 {
    (random_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// A random UUID: version 4, variant 1 (RFC 4122).
fn random_uuid() -> [u8; 16] {
    let mut bits = [0; 16];
    random_bytes(&mut bits);
    bits[6] = bits[6] & 0x0F | 0x40;
    bits[8] = bits[8] & 0x3F | 0x80;
    bits
}

/// Which of `count` equal parts of `[low, high]` a number lies in.
fn width_bucket(x: f64, low: f64, high: f64, count: i32) -> Result<i32> {
    let refuse = |message: &str| {
        Err(err!(
            sqlstate::INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
            "{message}"
        ))
    };
    if count <= 0 {
        return refuse("count must be greater than zero");
    }
    if x.is_nan() || low.is_nan() || high.is_nan() {
        return refuse("operand, lower bound, and upper bound cannot be NaN");
    }
    if low.is_infinite() || high.is_infinite() {
        return refuse("lower and upper bounds must be finite");
    }
    if low == high {
        return refuse("lower bound cannot equal upper bound");
    }
    let (below, above) = if low < high {
        (x < low, x >= high)
    } else {
        (x > low, x <= high)
    };
    if below {
        return Ok(0);
    }
    if above {
        return count.checked_add(1).ok_or_else(|| out_of_range("integer"));
    }
    // Halves where the width itself would overflow.
    let part = match high - low {
        width if width.is_finite() => (x - low) / width,
        _ => (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
    };
    Ok(((part * f64::from(count)) as i32).min(count - 1) + 1)
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1344, "sqrt", [FLOAT8] -> FLOAT8, Immutable, |a: f64| sqrt(a) => f64),
    def!(230, "dsqrt", [FLOAT8] -> FLOAT8, Immutable, |a: f64| sqrt(a) => f64),
    def!(1345, "cbrt", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.cbrt() => f64),
    def!(231, "dcbrt", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.cbrt() => f64),
    def!(1368, "power", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| power(a, b) => f64),
    def!(1346, "pow", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| power(a, b) => f64),
    def!(232, "dpow", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| power(a, b) => f64),
    def!(1347, "exp", [FLOAT8] -> FLOAT8, Immutable, |a: f64| exp(a) => f64),
    def!(233, "dexp", [FLOAT8] -> FLOAT8, Immutable, |a: f64| exp(a) => f64),
    def!(1341, "ln", [FLOAT8] -> FLOAT8, Immutable, |a: f64| logarithm(a, f64::ln) => f64),
    def!(234, "dlog1", [FLOAT8] -> FLOAT8, Immutable, |a: f64| logarithm(a, f64::ln) => f64),
    def!(1340, "log", [FLOAT8] -> FLOAT8, Immutable, |a: f64| logarithm(a, f64::log10) => f64),
    def!(1194, "log10", [FLOAT8] -> FLOAT8, Immutable, |a: f64| logarithm(a, f64::log10) => f64),
    def!(1339, "dlog10", [FLOAT8] -> FLOAT8, Immutable, |a: f64| logarithm(a, f64::log10) => f64),
    def!(1342, "round", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.round_ties_even() => f64),
    def!(228, "dround", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.round_ties_even() => f64),
    def!(1343, "trunc", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.trunc() => f64),
    def!(229, "dtrunc", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.trunc() => f64),
    def!(2308, "ceil", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.ceil() => f64),
    def!(2320, "ceiling", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.ceil() => f64),
    def!(2309, "floor", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.floor() => f64),
    def!(2310, "sign", [FLOAT8] -> FLOAT8, Immutable, |a: f64| sign(a) => f64),
    def!(1604, "sin", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, f64::sin) => f64),
    def!(1605, "cos", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, f64::cos) => f64),
    def!(1606, "tan", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, f64::tan) => f64),
    def!(1607, "cot", [FLOAT8] -> FLOAT8, Immutable, |a: f64| cot(a) => f64),
    def!(1600, "asin", [FLOAT8] -> FLOAT8, Immutable, |a: f64| of_unit(a, f64::asin) => f64),
    def!(1601, "acos", [FLOAT8] -> FLOAT8, Immutable, |a: f64| of_unit(a, f64::acos) => f64),
    def!(1602, "atan", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.atan() => f64),
    def!(1603, "atan2", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| a.atan2(b) => f64),
    def!(2462, "sinh", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.sinh() => f64),
    def!(2463, "cosh", [FLOAT8] -> FLOAT8, Immutable, |a: f64| cosh(a) => f64),
    def!(2464, "tanh", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.tanh() => f64),
    def!(2465, "asinh", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a.asinh() => f64),
    def!(2466, "acosh", [FLOAT8] -> FLOAT8, Immutable, |a: f64| acosh(a) => f64),
    def!(2467, "atanh", [FLOAT8] -> FLOAT8, Immutable, |a: f64| atanh(a) => f64),
    def!(2735, "sind", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, sind) => f64),
    def!(2736, "cosd", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, cosd) => f64),
    def!(2737, "tand", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, tand) => f64),
    def!(2738, "cotd", [FLOAT8] -> FLOAT8, Immutable, |a: f64| periodic(a, cotd) => f64),
    def!(2731, "asind", [FLOAT8] -> FLOAT8, Immutable, |a: f64| of_unit(a, asind) => f64),
    def!(2732, "acosd", [FLOAT8] -> FLOAT8, Immutable, |a: f64| of_unit(a, acosd) => f64),
    def!(2733, "atand", [FLOAT8] -> FLOAT8, Immutable, |a: f64| atand(a) => f64),
    def!(2734, "atan2d", [FLOAT8, FLOAT8] -> FLOAT8, Immutable, |a: f64, b: f64| atan2d(a, b) => f64),
    def!(1608, "degrees", [FLOAT8] -> FLOAT8, Immutable, |a: f64| degrees(a) => f64),
    def!(1609, "radians", [FLOAT8] -> FLOAT8, Immutable, |a: f64| a * RADIANS_PER_DEGREE => f64),
    def!(1610, "pi", [] -> FLOAT8, Immutable, | | std::f64::consts::PI => f64),
    def!(1598, "random", [] -> FLOAT8, Volatile, | | random() => f64),
    def!(3432, "gen_random_uuid", [] -> UUID, Volatile, | | random_uuid() => [u8; 16]),
    def!(320, "width_bucket", [FLOAT8, FLOAT8, FLOAT8, INT4] -> INT4, Immutable, |x: f64, a: f64, b: f64, n: i32| width_bucket(x, a, b, n) => i32),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_exact_at_multiples_of_thirty() {
        assert_eq!(sind(30.0), 0.5);
        assert_eq!(cosd(60.0), 0.5);
        assert_eq!(sind(150.0), 0.5);
        assert_eq!(tand(45.0), 1.0);
        assert_eq!(asind(0.5), 30.0);
        assert_eq!(acosd(-0.5), 120.0);
    }

    #[test]
    fn powers_and_chance() {
        assert!(power(0.0, -1.0).is_err() && power(-8.0, 0.5).is_err());
        assert_eq!(power(f64::NAN, 0.0).expect("is 1"), 1.0);
        assert!((0.0..1.0).contains(&random()));
        assert_eq!(random_uuid()[6] >> 4, 4);
    }
}
