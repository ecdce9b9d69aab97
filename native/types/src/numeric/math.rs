//! Roots, exponentials, logarithms and powers.
//!
//! Computed in fixed point over big integers with guard digits; the scales of the results are those
//! that PostgreSQL's `numeric.c` chooses.

use common::{Error, Result, sqlstate};
use num_bigint::BigInt;

use super::arith::round_big;
use super::decimal::{Numeric, big_pow10};
use super::divide::{DISPLAY_SCALE_MAX, MIN_SIGNIFICANT_DIGITS, div_round, division_by_zero};

#[expect(
    clippy::approx_constant,
    reason = "PostgreSQL's digits: they decide how many digits a result has"
)]
const LOG10_E: f64 = 0.434_294_481_903_252;
const LN_10: f64 = std::f64::consts::LN_10;
/// Digits carried beyond those that are kept.
const GUARD: u32 = 12;

fn log_of_zero() -> Error {
    Error::new(
        sqlstate::INVALID_ARGUMENT_FOR_LOGARITHM,
        "cannot take logarithm of zero",
    )
}

fn log_of_negative() -> Error {
    Error::new(
        sqlstate::INVALID_ARGUMENT_FOR_LOGARITHM,
        "cannot take logarithm of a negative number",
    )
}

fn power_error(message: &str) -> Error {
    Error::new(sqlstate::INVALID_ARGUMENT_FOR_POWER_FUNCTION, message)
}

fn result_scale(significant_weight: i32, inputs: &[&Numeric]) -> u16 {
    let least = inputs
        .iter()
        .map(|n| i32::from(n.scale()))
        .max()
        .unwrap_or(0);
    (MIN_SIGNIFICANT_DIGITS - significant_weight)
        .max(least)
        .clamp(0, DISPLAY_SCALE_MAX) as u16
}

impl Numeric {
    pub fn sqrt(&self) -> Result<Self> {
        match self {
            Self::NaN => return Ok(Self::NaN),
            Self::PosInf => return Ok(Self::PosInf),
            n if n.signum() < 0 => {
                return Err(power_error("cannot take square root of a negative number"));
            }
            _ => {}
        }
        let (weight, _) = self.leading_base_10000();
        let scale = result_scale((weight + 1) * 4 / 2 - 1, &[self]);
        // The floor of the root with one more digit decides the rounding: no tie can be exact
        // without being seen there.
        let wanted = u32::from(scale) + 1;
        let up = 2 * wanted;
        let have = u32::from(self.scale());
        let scaled = match up >= have {
            true => self.big_coef() * big_pow10(up - have),
            false => self.big_coef() / big_pow10(have - up),
        };
        Ok(Self::from_big(round_big(scaled.sqrt(), 1), scale))
    }

    pub fn exp(&self) -> Result<Self> {
        match self {
            Self::NaN => return Ok(Self::NaN),
            Self::PosInf => return Ok(Self::PosInf),
            Self::NegInf => return Ok(Self::ZERO),
            _ => {}
        }
        let weight = (self.to_f64_lossy() * LOG10_E).clamp(-2000.0, 2000.0);
        let scale = result_scale(weight as i32, &[self]);
        self.exp_scale(scale)
    }

    /// `e^self` of a finite value, rounded to `scale`.
    fn exp_scale(&self, scale: u16) -> Result<Self> {
        let approximate = self.to_f64_lossy();
        // Three times the digits that a result may have, as exp_var's first test.
        if approximate.abs() >= 6000.0 {
            if approximate > 0.0 {
                return Err(Self::overflow());
            }
            return Ok(Self::from_i128(0, scale));
        }
        let weight = (approximate * LOG10_E).ceil() as i32;
        // Halving n times brings the argument under 2^-8; squaring n times doubles the error.
        let halvings = (approximate.abs().max(1.0).log2().ceil() as u32) + 8;
        let digits = (i32::from(scale) + weight.max(0)).max(0) as u32 + GUARD + halvings / 3 + 4;
        let one = big_pow10(digits);
        let x = fixed(self, digits) >> halvings;
        let mut sum = &one + &x;
        let mut term = x.clone();
        let mut n = 2u32;
        while term.bits() > 1 {
            term = term * &x / &one / n;
            sum += &term;
            n += 1;
        }
        for _ in 0..halvings {
            sum = &sum * &sum / &one;
        }
        Self::from_big(round_big(sum, digits - u32::from(scale)), scale).check_range()
    }

    /// The natural logarithm.
    pub fn ln(&self) -> Result<Self> {
        if let Some(special) = self.log_special()? {
            return Ok(special);
        }
        let scale = result_scale(self.estimate_ln_weight(), &[self]);
        Ok(self.ln_scale(scale.into()))
    }

    /// The logarithm to base ten.
    pub fn log10(&self) -> Result<Self> {
        Self::from_i128(10, 0).log(self)
    }

    /// The logarithm of `of` to this base.
    pub fn log(&self, of: &Self) -> Result<Self> {
        let base_special = self.log_special()?;
        let of_special = of.log_special()?;
        match (base_special, of_special) {
            (None, None) => {}
            (Some(Self::NaN), _) | (_, Some(Self::NaN)) => return Ok(Self::NaN),
            (Some(_), Some(_)) => return Ok(Self::NaN),
            (Some(_), None) => return Ok(Self::ZERO),
            (None, Some(_)) => {
                // ln(infinity) / ln(base): the sign is that of ln(base).
                return Ok(if *self > Self::ONE {
                    Self::PosInf
                } else {
                    Self::NegInf
                });
            }
        }
        let (base_weight, of_weight) = (self.estimate_ln_weight(), of.estimate_ln_weight());
        let weight = of_weight - base_weight;
        let scale = result_scale(weight, &[self, of]);
        let ln_digits = |own: i32| (i32::from(scale) + weight - own + 8).max(0) as u32;
        let ln_base = self.ln_scale(ln_digits(base_weight) + GUARD);
        let ln_of = of.ln_scale(ln_digits(of_weight) + GUARD);
        if ln_base.is_zero() {
            return Err(division_by_zero());
        }
        ln_of.div_scale(&ln_base, scale)
    }

    fn log_special(&self) -> Result<Option<Self>> {
        match self {
            Self::NaN => Ok(Some(Self::NaN)),
            Self::PosInf => Ok(Some(Self::PosInf)),
            n if n.signum() < 0 => Err(log_of_negative()),
            n if n.is_zero() => Err(log_of_zero()),
            _ => Ok(None),
        }
    }

    /// The decimal weight of the natural logarithm, as `estimate_ln_dweight`.
    fn estimate_ln_weight(&self) -> i32 {
        if self.signum() <= 0 {
            return 0;
        }
        let near_one = *self >= Self::from_i128(9, 1) && *self <= Self::from_i128(11, 1);
        if near_one {
            let Ok(x) = self.sub(&Self::ONE) else {
                return 0;
            };
            let (weight, first) = x.leading_base_10000();
            return match first {
                0 => 0,
                first => weight * 4 + f64::from(first).log10() as i32,
            };
        }
        let (weight, _) = self.leading_base_10000();
        let exponent = self.decimal_exponent().unwrap_or(0);
        // The first two base-10000 digits, or the first one of a number that has only one.
        let (wanted, dweight) = match i32::from(self.scale()) <= -weight * 4 {
            true => (exponent - weight * 4 + 1, weight * 4),
            false => (exponent - weight * 4 + 5, weight * 4 - 4),
        };
        let digits = self.leading_digits(wanted as u32) as f64;
        let ln = digits.ln() + f64::from(dweight) * LN_10;
        ln.abs().log10() as i32
    }

    /// The natural logarithm of a positive value, rounded to `scale`.
    fn ln_scale(&self, scale: u32) -> Self {
        // Square roots bring the value near one, doubling the error each; ten steps past the
        // point where it is within a factor of two.
        let exponent = self.decimal_exponent().unwrap_or(0).unsigned_abs() + 1;
        let steps = (f64::from(exponent) * std::f64::consts::LOG2_10)
            .log2()
            .ceil() as u32
            + 8;
        let digits = scale + GUARD + steps / 3 + 4 + exponent;
        let one = big_pow10(digits);
        let mut x = fixed(self, digits);
        for _ in 0..steps {
            x = (x * &one).sqrt();
        }
        // ln x = 2 artanh((x - 1) / (x + 1)).
        let z = (&x - &one) * &one / (&x + &one);
        let square = &z * &z / &one;
        let mut power = z.clone();
        let mut sum = z;
        let mut n = 3u32;
        while power.bits() > 1 {
            power = power * &square / &one;
            sum += &power / n;
            n += 2;
        }
        let sum: BigInt = sum << (steps + 1);
        let kept = scale.min(u32::from(Self::SCALE_MAX));
        Self::from_big(round_big(sum, digits - kept), kept as u16)
    }

    /// `self ^ exponent`.
    pub fn power(&self, exponent: &Self) -> Result<Self> {
        if !self.is_finite() || !exponent.is_finite() {
            return self.power_special(exponent);
        }
        let integral = exponent.min_scale() == 0;
        if self.is_zero() && exponent.signum() < 0 {
            return Err(power_error("zero raised to a negative power is undefined"));
        }
        if self.signum() < 0 && !integral {
            return Err(power_error(
                "a negative number raised to a non-integer power yields a complex result",
            ));
        }
        if integral && let Ok(n) = exponent.to_i32() {
            return self.power_int(n);
        }
        if self.is_zero() {
            return Ok(Self::from_i128(0, MIN_SIGNIFICANT_DIGITS as u16));
        }
        let (base, negate) = match self.signum() < 0 {
            // Only an integral exponent beyond i32 comes here: its parity decides the sign.
            true => (self.abs(), !exponent.rem(&Self::from_i128(2, 0))?.is_zero()),
            false => (self.clone(), false),
        };
        let result = base.power_by_logarithm(exponent)?;
        Ok(if negate { result.neg() } else { result })
    }

    fn power_by_logarithm(&self, exponent: &Self) -> Result<Self> {
        let ln_weight = self.estimate_ln_weight();
        let rough_scale = (8 - ln_weight).clamp(0, DISPLAY_SCALE_MAX);
        let rough = self
            .ln_scale(rough_scale as u32)
            .mul(exponent)?
            .to_f64_lossy();
        if rough.abs() > 2000.0 * 3.01 {
            if rough > 0.0 {
                return Err(Self::overflow());
            }
            return Ok(Self::from_i128(0, DISPLAY_SCALE_MAX as u16));
        }
        let weight = (rough * LOG10_E) as i32;
        let scale = result_scale(weight, &[self, exponent]);
        let significant = (i32::from(scale) + weight).max(0);
        let exponent_digits = exponent.decimal_exponent().unwrap_or(0).max(0);
        let ln_scale = (significant - ln_weight + 8).max(0) + exponent_digits + GUARD as i32;
        self.ln_scale(ln_scale as u32)
            .mul(exponent)?
            .exp_scale(scale)
    }

    fn power_int(&self, n: i32) -> Result<Self> {
        let scale = result_scale(0, &[self]);
        match n {
            0 => return Ok(Self::ONE.round(scale.into())),
            1 => return Ok(self.round(scale.into())),
            -1 => return Self::ONE.div_scale(self, scale),
            2 => return Ok(self.mul(self)?.round(scale.into())),
            _ if self.is_zero() => return Ok(Self::from_i128(0, scale)),
            _ => {}
        }
        let digits = self.leading_digits(17) as f64;
        let exponent = self.decimal_exponent().unwrap_or(0);
        let weight = f64::from(n) * (digits.log10() - 16.0 + f64::from(exponent));
        if weight > f64::from(Self::INTEGER_DIGITS_MAX) + 4.0 {
            return Err(Self::overflow());
        }
        if weight < -f64::from(DISPLAY_SCALE_MAX) - 4.0 {
            return Ok(Self::from_i128(0, scale));
        }
        // Relative precision: all digits that show, and the error of n multiplications.
        let significant = (f64::from(scale) + weight.abs()).max(0.0) as u32 + GUARD + 20;
        let (coef, power) = power_rounded(self, n.unsigned_abs(), significant);
        let (numerator, denominator) = if n > 0 {
            (coef, 1.into())
        } else {
            (1.into(), coef)
        };
        // value = numerator / denominator * 10^shift
        let shift = if n > 0 { power } else { -power } + i64::from(scale);
        let quotient = match shift {
            0.. => div_round(&(numerator * big_pow10(shift as u32)), &denominator),
            _ => div_round(
                &numerator,
                &(denominator * big_pow10(shift.unsigned_abs() as u32)),
            ),
        };
        Self::from_big(quotient, scale).check_range()
    }

    fn power_special(&self, exponent: &Self) -> Result<Self> {
        // As POSIX pow(): anything to the power 0 and 1 to any power are 1, even for NaN.
        if exponent.is_zero() || *self == Self::ONE {
            return Ok(Self::ONE);
        }
        if self.is_nan() || exponent.is_nan() {
            return Ok(Self::NaN);
        }
        if self.is_zero() && exponent.signum() < 0 {
            return Err(power_error("zero raised to a negative power is undefined"));
        }
        if exponent.is_infinite() {
            return Ok(
                match (self.abs().compare(&Self::ONE), exponent.signum() > 0) {
                    (std::cmp::Ordering::Equal, _) => Self::ONE,
                    (std::cmp::Ordering::Greater, true) | (std::cmp::Ordering::Less, false) => {
                        Self::PosInf
                    }
                    _ => Self::ZERO,
                },
            );
        }
        // The base is infinite and the exponent finite.
        if exponent.signum() < 0 {
            return Ok(Self::ZERO);
        }
        if self.signum() > 0 {
            return Ok(Self::PosInf);
        }
        if exponent.min_scale() > 0 {
            return Err(power_error(
                "a negative number raised to a non-integer power yields a complex result",
            ));
        }
        let odd = !exponent.rem(&Self::from_i128(2, 0))?.is_zero();
        Ok(if odd { Self::NegInf } else { Self::PosInf })
    }

    /// `n!`, from 0 up.
    pub fn factorial(n: i64) -> Result<Self> {
        if n < 0 {
            return Err(Error::new(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                "factorial of a negative number is undefined",
            ));
        }
        if n > 32_177 {
            return Err(Self::overflow());
        }
        let product = (2..=n).fold(BigInt::from(1), |product, k| product * k);
        Ok(Self::from_big(product, 0))
    }
}

/// The value in fixed point with `digits` digits after the point.
fn fixed(value: &Numeric, digits: u32) -> BigInt {
    let have = u32::from(value.scale());
    match digits >= have {
        true => value.big_coef() * big_pow10(digits - have),
        false => round_big(value.big_coef(), have - digits),
    }
}

/// `value ^ n` as a coefficient of about `significant` digits and a power of ten.
fn power_rounded(value: &Numeric, n: u32, significant: u32) -> (BigInt, i64) {
    let cut = |coef: BigInt, power: i64| {
        let digits = super::decimal::digit_count_big(&coef);
        let drop = digits.saturating_sub(significant);
        (round_big(coef, drop), power + i64::from(drop))
    };
    let mut result = (BigInt::from(1), 0i64);
    let mut square = (value.big_coef(), -i64::from(value.scale()));
    let mut rest = n;
    loop {
        if rest & 1 != 0 {
            result = cut(result.0 * &square.0, result.1 + square.1);
        }
        rest >>= 1;
        if rest == 0 {
            return result;
        }
        square = cut(&square.0 * &square.0, square.1 * 2);
    }
}
