//! To and from the other number types.

use common::{Error, Result, sqlstate};

use num_bigint::BigInt;

use super::decimal::{Numeric, big_pow10};

fn cannot_convert(what: &str, to: &str) -> Error {
    Error::new(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("cannot convert {what} to {to}"),
    )
}

fn out_of_range(to: &str) -> Error {
    Error::new(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("{to} out of range"),
    )
}

impl From<i64> for Numeric {
    fn from(value: i64) -> Self {
        Self::from_i128(value.into(), 0)
    }
}

impl Numeric {
    /// `coef * 10^exponent` shown with `scale` digits; further digits are cut off.
    pub(crate) fn from_big_exponent(coef: BigInt, exponent: i32, scale: u16) -> Result<Self> {
        let shift = exponent + i32::from(scale);
        let coef = match shift {
            0.. => coef * big_pow10(shift as u32),
            _ => coef / big_pow10(shift.unsigned_abs()),
        };
        Self::from_big(coef, scale).check_range()
    }

    /// The value rounded half away from zero; errors name `to` ("integer", "bigint", "smallint").
    pub fn to_i64(&self, to: &str) -> Result<i64> {
        match self {
            Self::NaN => return Err(cannot_convert("NaN", to)),
            Self::PosInf | Self::NegInf => return Err(cannot_convert("infinity", to)),
            _ => {}
        }
        match self.round(0) {
            Self::Small { coef, .. } => i64::try_from(coef).map_err(|_| out_of_range(to)),
            _ => Err(out_of_range(to)),
        }
    }

    pub fn to_i32(&self) -> Result<i32> {
        i32::try_from(self.to_i64("integer")?).map_err(|_| out_of_range("integer"))
    }

    pub fn to_i16(&self) -> Result<i16> {
        i16::try_from(self.to_i64("smallint")?).map_err(|_| out_of_range("smallint"))
    }

    /// The nearest double; infinite where it is too large.
    pub fn to_f64_lossy(&self) -> f64 {
        match self {
            // Both exact in a double, so their quotient is rounded once.
            Self::Small { coef, scale } if coef.unsigned_abs() < 1 << 53 && *scale <= 22 => {
                *coef as f64 / 10f64.powi(i32::from(*scale))
            }
            Self::NaN => f64::NAN,
            Self::PosInf => f64::INFINITY,
            Self::NegInf => f64::NEG_INFINITY,
            other => other.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The nearest double; 22003 where it is too large, as PostgreSQL's cast.
    pub fn to_f64(&self) -> Result<f64> {
        let value = self.to_f64_lossy();
        if value.is_infinite() && self.is_finite() {
            return Err(Error::new(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                format!("\"{self}\" is out of range for type double precision"),
            ));
        }
        Ok(value)
    }

    /// The nearest float; 22003 where it is too large.
    pub fn to_f32(&self) -> Result<f32> {
        let value: f32 = match self {
            Self::NaN => f32::NAN,
            Self::PosInf => f32::INFINITY,
            Self::NegInf => f32::NEG_INFINITY,
            other => other.to_string().parse().unwrap_or(f32::NAN),
        };
        if value.is_infinite() && self.is_finite() {
            return Err(Error::new(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                format!("\"{self}\" is out of range for type real"),
            ));
        }
        Ok(value)
    }

    /// The double's first 15 significant digits, as PostgreSQL's cast.
    pub fn from_f64(value: f64) -> Self {
        Self::from_float(value, 15)
    }

    /// The float's first 6 significant digits, as PostgreSQL's cast.
    pub fn from_f32(value: f32) -> Self {
        Self::from_float(value.into(), 6)
    }

    fn from_float(value: f64, digits: usize) -> Self {
        if value.is_nan() {
            return Self::NaN;
        }
        if value.is_infinite() {
            return if value > 0.0 {
                Self::PosInf
            } else {
                Self::NegInf
            };
        }
        // As printf's %.*g: no trailing zeroes.
        let text = format!("{value:.*e}", digits - 1);
        Self::parse(&text).map_or(Self::NaN, |n| n.trim_scale())
    }
}
