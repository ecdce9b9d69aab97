//! The value type, its comparison and its scale.

use std::cmp::Ordering;

use common::{Error, Result, sqlstate};
use num_bigint::{BigInt, Sign};

/// A decimal number, NaN or an infinity.
#[derive(Clone, Debug)]
pub enum Numeric {
    /// `coef / 10^scale`.
    Small {
        coef: i128,
        scale: u16,
    },
    /// The same, for coefficients that do not fit an i128.
    Big {
        coef: Box<BigInt>,
        scale: u16,
    },
    NaN,
    PosInf,
    NegInf,
}

const POW10: [i128; 39] = {
    let mut table = [1i128; 39];
    let mut i = 1;
    while i < 39 {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

/// `10^n`, up to 38.
#[inline]
pub(crate) fn pow10_i128(n: u32) -> Option<i128> {
    POW10.get(n as usize).copied()
}

pub(crate) fn big_pow10(n: u32) -> BigInt {
    BigInt::from(10u8).pow(n)
}

/// Decimal digits of `n`; 0 has none.
pub(crate) fn digit_count_u128(n: u128) -> u32 {
    n.checked_ilog10().map_or(0, |log| log + 1)
}

/// Decimal digits of the magnitude; 0 has none.
pub(crate) fn digit_count_big(n: &BigInt) -> u32 {
    if n.sign() == Sign::NoSign {
        return 0;
    }
    // Between bits * log10(2) and one more: settle it by a comparison.
    let estimate = ((n.bits() - 1) as f64 * std::f64::consts::LOG10_2) as u32;
    let floor = estimate.saturating_sub(1);
    let mut digits = floor;
    let mut power = big_pow10(floor).magnitude().clone();
    while &power <= n.magnitude() {
        digits += 1;
        power *= 10u8;
    }
    digits
}

impl Numeric {
    /// Largest display scale that a value may carry.
    pub const SCALE_MAX: u16 = 16383;
    /// Digits before the point that a value may have.
    pub const INTEGER_DIGITS_MAX: u32 = 131_072;

    pub const ZERO: Self = Self::Small { coef: 0, scale: 0 };
    pub const ONE: Self = Self::Small { coef: 1, scale: 0 };

    pub fn from_i128(coef: i128, scale: u16) -> Self {
        Self::Small { coef, scale }
    }

    /// Takes the small form where it fits.
    pub fn from_big(coef: BigInt, scale: u16) -> Self {
        match i128::try_from(&coef) {
            Ok(coef) => Self::Small { coef, scale },
            Err(_) => Self::Big {
                coef: Box::new(coef),
                scale,
            },
        }
    }

    /// 22003: what does not fit the format.
    pub fn overflow() -> Error {
        Error::new(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "value overflows numeric format",
        )
    }

    pub fn is_nan(&self) -> bool {
        matches!(self, Self::NaN)
    }

    pub fn is_infinite(&self) -> bool {
        matches!(self, Self::PosInf | Self::NegInf)
    }

    pub fn is_finite(&self) -> bool {
        matches!(self, Self::Small { .. } | Self::Big { .. })
    }

    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Small { coef: 0, .. })
    }

    /// -1, 0 or 1; NaN is 0.
    pub fn signum(&self) -> i32 {
        match self {
            Self::Small { coef, .. } => coef.signum() as i32,
            Self::Big { coef, .. } => match coef.sign() {
                Sign::Minus => -1,
                _ => 1,
            },
            Self::NaN => 0,
            Self::PosInf => 1,
            Self::NegInf => -1,
        }
    }

    /// Digits after the point that show; 0 for NaN and infinities.
    pub fn scale(&self) -> u16 {
        match self {
            Self::Small { scale, .. } | Self::Big { scale, .. } => *scale,
            _ => 0,
        }
    }

    /// The coefficient of a finite value, 0 for others.
    pub(crate) fn big_coef(&self) -> BigInt {
        match self {
            Self::Small { coef, .. } => BigInt::from(*coef),
            Self::Big { coef, .. } => (**coef).clone(),
            _ => BigInt::ZERO,
        }
    }

    /// The coefficient at a scale that is not below the value's.
    pub(crate) fn coef_at_scale(&self, scale: u16) -> BigInt {
        let up = u32::from(scale - self.scale());
        match up {
            0 => self.big_coef(),
            _ => self.big_coef() * big_pow10(up),
        }
    }

    /// Decimal digits of the coefficient; 0 for zero.
    pub(crate) fn digit_count(&self) -> u32 {
        match self {
            Self::Small { coef, .. } => digit_count_u128(coef.unsigned_abs()),
            Self::Big { coef, .. } => digit_count_big(coef),
            _ => 0,
        }
    }

    /// Power of ten of the leading digit: 0 for 1..10, -1 for 0.1; `None` for zero and specials.
    pub(crate) fn decimal_exponent(&self) -> Option<i32> {
        match self.digit_count() {
            0 => None,
            digits => Some(digits as i32 - 1 - i32::from(self.scale())),
        }
    }

    /// Weight and value of the leading base-10000 digit, as PostgreSQL stores numbers; its scale
    /// choices depend on them. (0, 0) for zero.
    pub(crate) fn leading_base_10000(&self) -> (i32, u32) {
        let Some(exponent) = self.decimal_exponent() else {
            return (0, 0);
        };
        let weight = exponent.div_euclid(4);
        let wanted = (exponent - weight * 4 + 1) as u32;
        (weight, self.leading_digits(wanted) as u32)
    }

    /// The first `wanted` (at most 18) decimal digits, with zeroes after the last.
    pub(crate) fn leading_digits(&self, wanted: u32) -> u64 {
        let have = self.digit_count();
        if have <= wanted {
            let coef = match self {
                Self::Small { coef, .. } => coef.unsigned_abs() as u64,
                _ => 0,
            };
            return coef * 10u64.pow(wanted - have);
        }
        let drop = have - wanted;
        match self {
            Self::Small { coef, .. } => {
                (coef.unsigned_abs() / POW10[drop as usize].unsigned_abs()) as u64
            }
            _ => {
                let top = self.big_coef().magnitude() / big_pow10(drop).magnitude();
                u64::try_from(top).expect("at most 18 digits are left")
            }
        }
    }

    /// Rejects a value with too many digits before the point.
    pub(crate) fn check_range(self) -> Result<Self> {
        if let Self::Big { .. } = &self
            && self
                .decimal_exponent()
                .is_some_and(|e| e >= Self::INTEGER_DIGITS_MAX as i32)
        {
            return Err(Self::overflow());
        }
        Ok(self)
    }

    /// -infinity < finite < infinity < NaN = NaN.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small { coef: a, scale: sa }, Self::Small { coef: b, scale: sb }) => {
                if sa == sb {
                    return a.cmp(b);
                }
                compare_small(*a, *sa, *b, *sb).unwrap_or_else(|| self.compare_finite_big(other))
            }
            (a, b) if a.is_finite() && b.is_finite() => a.compare_finite_big(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::NegInf => 0,
            Self::Small { .. } | Self::Big { .. } => 1,
            Self::PosInf => 2,
            Self::NaN => 3,
        }
    }

    fn compare_finite_big(&self, other: &Self) -> Ordering {
        let signs = self.signum().cmp(&other.signum());
        if signs != Ordering::Equal {
            return signs;
        }
        let scale = self.scale().max(other.scale());
        self.coef_at_scale(scale).cmp(&other.coef_at_scale(scale))
    }
}

/// Compares by bringing the lower scale up, if that does not overflow.
fn compare_small(a: i128, sa: u16, b: i128, sb: u16) -> Option<Ordering> {
    if sa < sb {
        let a = a.checked_mul(pow10_i128(u32::from(sb - sa))?)?;
        Some(a.cmp(&b))
    } else {
        let b = b.checked_mul(pow10_i128(u32::from(sa - sb))?)?;
        Some(a.cmp(&b))
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl Eq for Numeric {}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Numeric {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other)
    }
}
