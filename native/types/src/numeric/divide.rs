//! Division and remainder, with PostgreSQL's choice of the result's scale.

use common::{Error, Result, sqlstate};
use num_bigint::{BigInt, Sign};

use super::decimal::{Numeric, big_pow10, pow10_i128};

/// Significant digits that a quotient has at least.
pub(super) const MIN_SIGNIFICANT_DIGITS: i32 = 16;
pub(super) const DISPLAY_SCALE_MAX: i32 = 1000;

/// 22012.
pub(crate) fn division_by_zero() -> Error {
    Error::new(sqlstate::DIVISION_BY_ZERO, "division by zero")
}

impl Numeric {
    /// Division at the scale that `select_div_scale` of PostgreSQL chooses.
    pub fn div(&self, other: &Self) -> Result<Self> {
        if let Some(special) = self.div_special(other)? {
            return Ok(special);
        }
        self.div_scale(other, self.select_div_scale(other))
    }

    /// The integer quotient, towards zero.
    pub fn div_trunc(&self, other: &Self) -> Result<Self> {
        if let Some(special) = self.div_special(other)? {
            return Ok(special);
        }
        let scale = self.scale().max(other.scale());
        Ok(Self::from_big(
            self.coef_at_scale(scale) / other.coef_at_scale(scale),
            0,
        ))
    }

    /// The remainder, with the sign of the dividend.
    pub fn rem(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => return Ok(Self::NaN),
            (a, b) if a.is_infinite() => {
                return if b.is_zero() {
                    Err(division_by_zero())
                } else {
                    Ok(Self::NaN)
                };
            }
            // A finite value lies within one infinite divisor.
            (a, b) if b.is_infinite() => return Ok(a.clone()),
            (_, b) if b.is_zero() => return Err(division_by_zero()),
            _ => {}
        }
        let scale = self.scale().max(other.scale());
        if let (Self::Small { coef: a, scale: sa }, Self::Small { coef: b, scale: sb }) =
            (self, other)
            && let Some(a) = pow10_i128(u32::from(scale - sa)).and_then(|p| a.checked_mul(p))
            && let Some(b) = pow10_i128(u32::from(scale - sb)).and_then(|p| b.checked_mul(p))
        {
            return Ok(Self::Small {
                coef: a.wrapping_rem(b),
                scale,
            });
        }
        Ok(Self::from_big(
            self.coef_at_scale(scale) % other.coef_at_scale(scale),
            scale,
        ))
    }

    fn div_special(&self, other: &Self) -> Result<Option<Self>> {
        Ok(Some(match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => Self::NaN,
            (a, b) if a.is_infinite() && b.is_infinite() => Self::NaN,
            (_, b) if b.is_zero() => return Err(division_by_zero()),
            (a, b) if a.is_infinite() => {
                if a.signum() * b.signum() > 0 {
                    Self::PosInf
                } else {
                    Self::NegInf
                }
            }
            (_, b) if b.is_infinite() => Self::ZERO,
            _ => return Ok(None),
        }))
    }

    /// Scale with at least 16 significant digits, as `select_div_scale`.
    fn select_div_scale(&self, other: &Self) -> u16 {
        let (weight_a, first_a) = self.leading_base_10000();
        let (weight_b, first_b) = other.leading_base_10000();
        let mut weight = weight_a - weight_b;
        if first_a <= first_b {
            weight -= 1;
        }
        (MIN_SIGNIFICANT_DIGITS - weight * 4)
            .max(i32::from(self.scale()))
            .max(i32::from(other.scale()))
            .clamp(0, DISPLAY_SCALE_MAX) as u16
    }

    /// `self / other` of finite values, `other` not zero, rounded half away from zero.
    pub(super) fn div_scale(&self, other: &Self, scale: u16) -> Result<Self> {
        let up = i32::from(scale) + i32::from(other.scale()) - i32::from(self.scale());
        if let (Self::Small { coef: a, .. }, Self::Small { coef: b, .. }) = (self, other)
            && let Some(coef) = div_small(*a, *b, up)
        {
            return Ok(Self::Small { coef, scale });
        }
        let mut dividend = self.big_coef();
        let mut divisor = other.big_coef();
        match up {
            0.. => dividend *= big_pow10(up as u32),
            _ => divisor *= big_pow10(up.unsigned_abs()),
        }
        Self::from_big(div_round(&dividend, &divisor), scale).check_range()
    }
}

fn div_small(a: i128, b: i128, up: i32) -> Option<i128> {
    let power = pow10_i128(up.unsigned_abs())?;
    let (a, b) = if up >= 0 {
        (a.checked_mul(power)?, b)
    } else {
        (a, b.checked_mul(power)?)
    };
    let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    let (rest, half) = (rest.unsigned_abs(), b.unsigned_abs());
    if rest >= half - rest {
        let sign = if (a < 0) == (b < 0) { 1 } else { -1 };
        return quotient.checked_add(sign);
    }
    Some(quotient)
}

/// Quotient rounded half away from zero.
pub(super) fn div_round(a: &BigInt, b: &BigInt) -> BigInt {
    let quotient = a / b;
    let rest = a - &quotient * b;
    if rest.magnitude() * 2u8 < *b.magnitude() {
        return quotient;
    }
    match (a.sign() == Sign::Minus) == (b.sign() == Sign::Minus) {
        true => quotient + 1,
        false => quotient - 1,
    }
}
