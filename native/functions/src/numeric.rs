//! Arithmetic and functions of numeric (numeric.c); the digits are `types::Numeric`'s.

use common::{Result, bail, err, sqlstate};
use types::Numeric;

use crate::errors::{division_by_zero, out_of_range};
use crate::{FunctionDef, def};

/// `numeric_mod` and `numeric_div_trunc` and `/` refuse a zero divisor; NaN passes.
fn gcd(a: &Numeric, b: &Numeric) -> Result<Numeric> {
    let scale = i32::from(a.scale().max(b.scale()));
    if !a.is_finite() || !b.is_finite() {
        return Ok(Numeric::NaN);
    }
    let (mut a, mut b) = (a.abs(), b.abs());
    while !b.is_zero() {
        let rest = a.rem(&b)?;
        a = std::mem::replace(&mut b, rest);
    }
    Ok(a.round(scale))
}

fn lcm(a: &Numeric, b: &Numeric) -> Result<Numeric> {
    if !a.is_finite() || !b.is_finite() {
        return Ok(Numeric::NaN);
    }
    let scale = i32::from(a.scale().max(b.scale()));
    if a.is_zero() || b.is_zero() {
        return Ok(Numeric::ZERO.round(scale));
    }
    let quotient = a.div_trunc(&gcd(a, b)?)?;
    Ok(quotient.mul(b)?.abs().round(scale))
}

fn sign(value: &Numeric) -> Numeric {
    if value.is_nan() {
        Numeric::NaN
    } else {
        Numeric::from(i64::from(value.signum()))
    }
}

/// Which of `count` equal parts of `[low, high]` the operand lies in (`width_bucket`).
fn width_bucket(operand: &Numeric, low: &Numeric, high: &Numeric, count: i32) -> Result<i32> {
    let refuse = |message: &str| {
        Err(err!(
            sqlstate::INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
            "{message}"
        ))
    };
    if count <= 0 {
        return refuse("count must be greater than zero");
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return refuse("operand, lower bound, and upper bound cannot be NaN");
    }
    if low.is_infinite() || high.is_infinite() {
        return refuse("lower and upper bounds must be finite");
    }
    let bucket = |from: &Numeric, to: &Numeric, x: &Numeric| -> Result<i32> {
        // floor((x - from) * count / (to - from)) + 1, all of one sign.
        let parts = x.sub(from)?.mul(&Numeric::from(i64::from(count)))?;
        let at = parts.div_trunc(&to.sub(from)?)?.to_i64("integer")?;
        i32::try_from(at + 1).map_err(|_| out_of_range("integer"))
    };
    let beyond = || count.checked_add(1).ok_or_else(|| out_of_range("integer"));
    match low.compare(high) {
        std::cmp::Ordering::Equal => refuse("lower bound cannot equal upper bound"),
        std::cmp::Ordering::Less if operand < low => Ok(0),
        std::cmp::Ordering::Less if operand >= high => beyond(),
        std::cmp::Ordering::Greater if operand > low => Ok(0),
        std::cmp::Ordering::Greater if operand <= high => beyond(),
        _ => bucket(low, high, operand),
    }
}

fn divide(a: &Numeric, b: &Numeric) -> Result<Numeric> {
    if b.is_zero() && !a.is_nan() {
        bail!(sqlstate::DIVISION_BY_ZERO, "division by zero");
    }
    a.div(b)
}

fn remainder(a: &Numeric, b: &Numeric) -> Result<Numeric> {
    if b.is_zero() && !a.is_nan() {
        return Err(division_by_zero());
    }
    a.rem(b)
}

fn quotient(a: &Numeric, b: &Numeric) -> Result<Numeric> {
    if b.is_zero() && !a.is_nan() {
        return Err(division_by_zero());
    }
    a.div_trunc(b)
}

/// Digits after the point that show; none for NaN and infinities.
fn scale(value: &Numeric) -> Option<i32> {
    value.is_finite().then(|| value.scale().into())
}

fn min_scale(value: &Numeric) -> Option<i32> {
    value.is_finite().then(|| value.min_scale().into())
}

fn order(a: &Numeric, b: &Numeric) -> i32 {
    a.compare(b) as i32
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1724, "numeric_add", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.add(&b) => Numeric),
    def!(1725, "numeric_sub", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.sub(&b) => Numeric),
    def!(1726, "numeric_mul", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.mul(&b) => Numeric),
    def!(1727, "numeric_div", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| divide(&a, &b) => Numeric),
    def!(1729, "numeric_mod", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| remainder(&a, &b) => Numeric),
    def!(1728, "mod", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| remainder(&a, &b) => Numeric),
    def!(1973, "div", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| quotient(&a, &b) => Numeric),
    def!(1980, "numeric_div_trunc", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| quotient(&a, &b) => Numeric),
    def!(1771, "numeric_uminus", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.neg() => Numeric),
    def!(1915, "numeric_uplus", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a => Numeric),
    def!(1764, "numeric_inc", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.add(&Numeric::ONE) => Numeric),
    def!(1704, "numeric_abs", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.abs() => Numeric),
    def!(1705, "abs", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.abs() => Numeric),
    def!(1706, "sign", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| sign(&a) => Numeric),
    def!(1707, "round", [NUMERIC, INT4] -> NUMERIC, Immutable, |a: Numeric, n: i32| a.round(n.clamp(-2000, 2000)) => Numeric),
    def!(1708, "round", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.round(0) => Numeric),
    def!(1709, "trunc", [NUMERIC, INT4] -> NUMERIC, Immutable, |a: Numeric, n: i32| a.trunc(n.clamp(-2000, 2000)) => Numeric),
    def!(1710, "trunc", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.trunc(0) => Numeric),
    def!(1711, "ceil", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.ceil() => Numeric),
    def!(2167, "ceiling", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.ceil() => Numeric),
    def!(1712, "floor", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.floor() => Numeric),
    def!(1730, "sqrt", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.sqrt() => Numeric),
    def!(1731, "numeric_sqrt", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.sqrt() => Numeric),
    def!(1732, "exp", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.exp() => Numeric),
    def!(1733, "numeric_exp", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.exp() => Numeric),
    def!(1734, "ln", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.ln() => Numeric),
    def!(1735, "numeric_ln", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.ln() => Numeric),
    def!(1741, "log", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.log10() => Numeric),
    def!(1481, "log10", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.log10() => Numeric),
    def!(1736, "log", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.log(&b) => Numeric),
    def!(1737, "numeric_log", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.log(&b) => Numeric),
    def!(1738, "pow", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.power(&b) => Numeric),
    def!(2169, "power", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.power(&b) => Numeric),
    def!(1739, "numeric_power", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| a.power(&b) => Numeric),
    def!(1376, "factorial", [INT8] -> NUMERIC, Immutable, |a: i64| Numeric::factorial(a) => Numeric),
    def!(5048, "gcd", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| gcd(&a, &b) => Numeric),
    def!(5049, "lcm", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| lcm(&a, &b) => Numeric),
    def!(3281, "scale", [NUMERIC] -> INT4, Immutable, |a: Numeric| scale(&a) => i32),
    def!(5042, "min_scale", [NUMERIC] -> INT4, Immutable, |a: Numeric| min_scale(&a) => i32),
    def!(5043, "trim_scale", [NUMERIC] -> NUMERIC, Immutable, |a: Numeric| a.trim_scale() => Numeric),
    def!(2170, "width_bucket", [NUMERIC, NUMERIC, NUMERIC, INT4] -> INT4, Immutable, |x: Numeric, low: Numeric, high: Numeric, n: i32| width_bucket(&x, &low, &high, n) => i32),
    def!(1767, "numeric_larger", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| if a >= b { a } else { b } => Numeric),
    def!(1766, "numeric_smaller", [NUMERIC, NUMERIC] -> NUMERIC, Immutable, |a: Numeric, b: Numeric| if a <= b { a } else { b } => Numeric),
    def!(1769, "numeric_cmp", [NUMERIC, NUMERIC] -> INT4, Immutable, |a: Numeric, b: Numeric| order(&a, &b) => i32),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Numeric {
        Numeric::parse(text).expect("a literal")
    }

    #[test]
    fn buckets_and_divisors() {
        let bucket = |x: &str, low: &str, high: &str| {
            width_bucket(&n(x), &n(low), &n(high), 5).expect("in range")
        };
        assert_eq!(bucket("5.35", "0.024", "10.06"), 3);
        assert_eq!(bucket("5.35", "10.06", "0.024"), 3);
        assert_eq!(bucket("-1", "0", "10"), 0);
        assert_eq!(bucket("10", "0", "10"), 6);
        assert_eq!(
            gcd(&n("2.40"), &n("0.9")).expect("finite").to_string(),
            "0.30"
        );
        assert_eq!(
            lcm(&n("2.4"), &n("0.9")).expect("finite").to_string(),
            "7.2"
        );
    }
}
