//! Addition, subtraction, multiplication, rounding.

use common::Result;
use num_bigint::{BigInt, Sign};

use super::decimal::{Numeric, big_pow10, pow10_i128};

/// How digits are dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    /// Half away from zero.
    HalfAway,
    TowardZero,
    Floor,
    Ceiling,
}

impl Numeric {
    pub fn add(&self, other: &Self) -> Result<Self> {
        if let (Self::Small { coef: a, scale: sa }, Self::Small { coef: b, scale: sb }) =
            (self, other)
            && let Some((a, b, scale)) = align(*a, *sa, *b, *sb)
            && let Some(coef) = a.checked_add(b)
        {
            return Ok(Self::Small { coef, scale });
        }
        match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            (Self::PosInf, Self::NegInf) | (Self::NegInf, Self::PosInf) => Ok(Self::NaN),
            (Self::PosInf, _) | (_, Self::PosInf) => Ok(Self::PosInf),
            (Self::NegInf, _) | (_, Self::NegInf) => Ok(Self::NegInf),
            (a, b) => {
                let scale = a.scale().max(b.scale());
                Self::from_big(a.coef_at_scale(scale) + b.coef_at_scale(scale), scale).check_range()
            }
        }
    }

    pub fn sub(&self, other: &Self) -> Result<Self> {
        if let (Self::Small { coef: a, scale: sa }, Self::Small { coef: b, scale: sb }) =
            (self, other)
            && let Some((a, b, scale)) = align(*a, *sa, *b, *sb)
            && let Some(coef) = a.checked_sub(b)
        {
            return Ok(Self::Small { coef, scale });
        }
        self.add(&other.neg())
    }

    pub fn mul(&self, other: &Self) -> Result<Self> {
        if let (Self::Small { coef: a, scale: sa }, Self::Small { coef: b, scale: sb }) =
            (self, other)
            && let Some(coef) = a.checked_mul(*b)
            && *sa + *sb <= Self::SCALE_MAX
        {
            return Ok(Self::Small {
                coef,
                scale: sa + sb,
            });
        }
        match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            (a, b) if a.is_infinite() || b.is_infinite() => Ok(match a.signum() * b.signum() {
                0 => Self::NaN,
                1 => Self::PosInf,
                _ => Self::NegInf,
            }),
            (a, b) => {
                let coef = a.big_coef() * b.big_coef();
                let scale = u32::from(a.scale()) + u32::from(b.scale());
                let kept = scale.min(u32::from(Self::SCALE_MAX));
                let coef = drop_digits(coef, scale - kept, Rounding::HalfAway);
                Self::from_big(coef, kept as u16).check_range()
            }
        }
    }

    #[must_use]
    pub fn neg(&self) -> Self {
        match self {
            Self::Small { coef, scale } => match coef.checked_neg() {
                Some(coef) => Self::Small {
                    coef,
                    scale: *scale,
                },
                None => Self::from_big(-BigInt::from(*coef), *scale),
            },
            Self::Big { coef, scale } => Self::from_big(-&**coef, *scale),
            Self::NaN => Self::NaN,
            Self::PosInf => Self::NegInf,
            Self::NegInf => Self::PosInf,
        }
    }

    #[must_use]
    pub fn abs(&self) -> Self {
        if self.signum() < 0 {
            self.neg()
        } else {
            self.clone()
        }
    }

    /// Rounds half away from zero to `scale` digits after the point (before it if negative); the
    /// display scale becomes `max(scale, 0)`. NaN and infinities stay.
    #[must_use]
    pub fn round(&self, scale: i32) -> Self {
        self.rescale(scale, Rounding::HalfAway)
    }

    /// Like [`Numeric::round`], towards zero.
    #[must_use]
    pub fn trunc(&self, scale: i32) -> Self {
        self.rescale(scale, Rounding::TowardZero)
    }

    #[must_use]
    pub fn floor(&self) -> Self {
        self.rescale(0, Rounding::Floor)
    }

    #[must_use]
    pub fn ceil(&self) -> Self {
        self.rescale(0, Rounding::Ceiling)
    }

    fn rescale(&self, scale: i32, rounding: Rounding) -> Self {
        let have = i32::from(self.scale());
        if !self.is_finite() || scale == have {
            return self.clone();
        }
        let shown = scale.clamp(0, i32::from(Self::SCALE_MAX)) as u16;
        if scale > have {
            let up = u32::from(shown) - have as u32;
            if let Self::Small { coef, .. } = self
                && let Some(coef) = pow10_i128(up).and_then(|p| coef.checked_mul(p))
            {
                return Self::Small { coef, scale: shown };
            }
            return Self::from_big(self.big_coef() * big_pow10(up), shown);
        }
        let drop = (have - scale) as u32;
        if let Self::Small { coef, .. } = self
            && let Some(power) = pow10_i128(drop)
        {
            let coef = round_i128(*coef, power, rounding);
            if scale >= 0 {
                return Self::Small { coef, scale: shown };
            }
            if let Some(coef) = pow10_i128(scale.unsigned_abs()).and_then(|p| coef.checked_mul(p)) {
                return Self::Small { coef, scale: 0 };
            }
        }
        // More digits are dropped than there are: do not build a power that large.
        if drop > self.digit_count() + 1
            && rounding != Rounding::Floor
            && rounding != Rounding::Ceiling
        {
            return Self::Small {
                coef: 0,
                scale: shown,
            };
        }
        let mut coef = drop_digits(self.big_coef(), drop, rounding);
        if scale < 0 {
            coef *= big_pow10(scale.unsigned_abs());
        }
        Self::from_big(coef, shown)
    }

    /// Without trailing zeroes after the point.
    #[must_use]
    pub fn trim_scale(&self) -> Self {
        self.round(i32::from(self.min_scale()))
    }

    /// Digits after the point that the value needs.
    pub fn min_scale(&self) -> u16 {
        let mut scale = self.scale();
        if self.is_zero() {
            return 0;
        }
        match self {
            Self::Small { coef, .. } => {
                let mut coef = *coef;
                while scale > 0 && coef % 10 == 0 {
                    coef /= 10;
                    scale -= 1;
                }
            }
            Self::Big { coef, .. } => {
                let mut coef = (**coef).clone();
                while scale > 0 && &coef % 10u8 == BigInt::ZERO {
                    coef /= 10u8;
                    scale -= 1;
                }
            }
            _ => {}
        }
        scale
    }
}

#[inline]
fn align(a: i128, sa: u16, b: i128, sb: u16) -> Option<(i128, i128, u16)> {
    if sa == sb {
        Some((a, b, sa))
    } else if sa < sb {
        Some((a.checked_mul(pow10_i128(u32::from(sb - sa))?)?, b, sb))
    } else {
        Some((a, b.checked_mul(pow10_i128(u32::from(sa - sb))?)?, sa))
    }
}

fn round_i128(coef: i128, power: i128, rounding: Rounding) -> i128 {
    let (quotient, rest) = (coef / power, coef % power);
    let away = match rounding {
        // The rest is below the power in magnitude, so doubling it is written as a subtraction.
        Rounding::HalfAway => rest.unsigned_abs() >= (power - power / 2) as u128 && rest != 0,
        Rounding::TowardZero => false,
        Rounding::Floor => rest < 0,
        Rounding::Ceiling => rest > 0,
    };
    if away {
        quotient + coef.signum()
    } else {
        quotient
    }
}

fn drop_digits(coef: BigInt, drop: u32, rounding: Rounding) -> BigInt {
    if drop == 0 {
        return coef;
    }
    let power = big_pow10(drop);
    let quotient = &coef / &power;
    let rest = &coef - &quotient * &power;
    let sign = coef.sign();
    let away = match rounding {
        Rounding::HalfAway => rest.magnitude() * 2u8 >= *power.magnitude(),
        Rounding::TowardZero => false,
        Rounding::Floor => rest.sign() == Sign::Minus,
        Rounding::Ceiling => rest.sign() == Sign::Plus,
    };
    match (away, sign) {
        (true, Sign::Minus) => quotient - 1,
        (true, _) => quotient + 1,
        _ => quotient,
    }
}

/// Drops decimal digits, rounding half away from zero.
pub(super) fn round_big(coef: BigInt, drop: u32) -> BigInt {
    drop_digits(coef, drop, Rounding::HalfAway)
}
