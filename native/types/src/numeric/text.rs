//! Reading and writing decimal text.

use common::{Error, Result, sqlstate};
use num_bigint::BigInt;

use super::decimal::{Numeric, big_pow10};
use crate::sql_type::SqlType;

fn syntax_error(text: &str) -> Error {
    Error::new(
        sqlstate::INVALID_TEXT_REPRESENTATION,
        format!("invalid input syntax for type numeric: \"{text}\""),
    )
}

impl Numeric {
    /// Reads PostgreSQL's input: blanks around, sign, digits with a point, exponent; or NaN, inf,
    /// infinity in any case.
    pub fn parse(text: &str) -> Result<Self> {
        let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        match trimmed.as_bytes().first() {
            Some(b'0'..=b'9' | b'.') => Self::parse_finite(trimmed),
            Some(b'+' | b'-') if matches!(trimmed.as_bytes().get(1), Some(b'0'..=b'9' | b'.')) => {
                Self::parse_finite(trimmed)
            }
            _ => return special(trimmed).ok_or_else(|| syntax_error(text)),
        }
        .and_then(|n| n.ok_or_else(|| syntax_error(text)))
    }

    /// `None` is a syntax error.
    fn parse_finite(text: &str) -> Result<Option<Self>> {
        let (negative, digits) = match text.as_bytes()[0] {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let mantissa_end = digits
            .bytes()
            .position(|c| !c.is_ascii_digit() && c != b'.')
            .unwrap_or(digits.len());
        let (mantissa, rest) = digits.split_at(mantissa_end);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if fraction.contains('.') || whole.len() + fraction.len() == 0 {
            return Ok(None);
        }
        let Some(exponent) = parse_exponent(rest) else {
            return Ok(None);
        };
        if exponent.abs() >= i64::from(i32::MAX / 2) {
            return Ok(None);
        }
        let exponent = exponent as i32;
        let scale = fraction.len() as i64 - i64::from(exponent);
        if scale > i64::from(Self::SCALE_MAX) {
            return Err(Self::overflow());
        }
        let significant = whole.trim_start_matches('0').len() as i64;
        if significant + i64::from(exponent) > i64::from(Self::INTEGER_DIGITS_MAX)
            && mantissa.bytes().any(|c| c != b'0' && c != b'.')
        {
            return Err(Self::overflow());
        }
        Self::from_digits(negative, whole, fraction, scale).map(Some)
    }

    fn from_digits(negative: bool, whole: &str, fraction: &str, scale: i64) -> Result<Self> {
        let kept = scale.clamp(0, i64::from(Self::SCALE_MAX)) as u16;
        if whole.len() + fraction.len() <= 38 && (0..=38).contains(&scale) {
            let digits = whole.bytes().chain(fraction.bytes());
            let coef = digits.fold(0i128, |coef, c| coef * 10 + i128::from(c - b'0'));
            return Ok(Self::from_i128(if negative { -coef } else { coef }, kept));
        }
        let mut digits = [whole, fraction].concat();
        let mut drop = 0;
        if scale < 0 {
            if digits.bytes().all(|c| c == b'0') {
                return Ok(Self::ZERO);
            }
            digits.extend(std::iter::repeat_n('0', scale.unsigned_abs() as usize));
        } else {
            let excess = scale - i64::from(kept);
            // Everything beyond one dropped digit only rounds to zero.
            if excess > digits.len() as i64 + 1 {
                return Ok(Self::from_i128(0, kept));
            }
            drop = excess as u32;
        }
        let coef = BigInt::parse_bytes(digits.as_bytes(), 10)
            .ok_or_else(|| Error::internal("digits that do not parse"))?;
        let coef = super::arith::round_big(if negative { -coef } else { coef }, drop);
        Self::from_big(coef, kept).check_range()
    }

    /// Fits the value to numeric(p, s).
    pub fn apply_typmod(&self, ty: SqlType) -> Result<Self> {
        let Some((precision, scale)) = ty.numeric_precision_scale() else {
            return Ok(self.clone());
        };
        let overflow = |detail: String| {
            Error::new(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                "numeric field overflow",
            )
            .with_detail(detail)
        };
        let field = format_args!("A field with precision {precision}, scale {scale}").to_string();
        match self {
            Self::NaN => return Ok(Self::NaN),
            Self::PosInf | Self::NegInf => {
                return Err(overflow(format!("{field} cannot hold an infinite value.")));
            }
            _ => {}
        }
        let rounded = self.round(scale);
        let integer_digits = precision - scale;
        if rounded
            .decimal_exponent()
            .is_none_or(|exponent| exponent < integer_digits)
        {
            return Ok(rounded);
        }
        let limit = match integer_digits {
            0 => "1".to_string(),
            n => format!("10^{n}"),
        };
        Err(overflow(format!(
            "{field} must round to an absolute value less than {limit}."
        )))
    }

    /// Appends the value in plain notation with its display scale.
    pub fn write_text(&self, out: &mut Vec<u8>) {
        match self {
            Self::NaN => out.extend_from_slice(b"NaN"),
            Self::PosInf => out.extend_from_slice(b"Infinity"),
            Self::NegInf => out.extend_from_slice(b"-Infinity"),
            Self::Small { coef, scale } => {
                if *coef < 0 {
                    out.push(b'-');
                }
                let mut buffer = [0u8; 40];
                let digits = format_u128(coef.unsigned_abs(), &mut buffer);
                write_point(digits, usize::from(*scale), out);
            }
            Self::Big { coef, scale } => {
                if self.signum() < 0 {
                    out.push(b'-');
                }
                let digits = coef.magnitude().to_string();
                write_point(digits.as_bytes(), usize::from(*scale), out);
            }
        }
    }

    /// Appends the decimal digits of the coefficient, without sign and point.
    pub(crate) fn write_digits(&self, out: &mut Vec<u8>) {
        match self {
            Self::Small { coef, .. } => {
                out.extend_from_slice(format_u128(coef.unsigned_abs(), &mut [0u8; 40]));
            }
            Self::Big { coef, .. } => {
                out.extend_from_slice(coef.magnitude().to_string().as_bytes());
            }
            _ => {}
        }
    }

    /// Scientific notation with `scale` digits after the point, as to_char's EEEE needs.
    pub fn scientific(&self, scale: u16) -> String {
        let Some(mut exponent) = self.decimal_exponent() else {
            let zero = Self::from_i128(0, scale).to_string();
            return format!("{zero}e+00");
        };
        let wanted = |exponent: i32| self.round(i32::from(scale) - exponent);
        let mut rounded = wanted(exponent);
        // Rounding may carry into one more digit.
        if let Some(carried) = rounded.decimal_exponent()
            && carried > exponent
        {
            exponent = carried;
            rounded = wanted(exponent);
        }
        let unscaled = rounded.shift_decimal(-exponent, scale);
        format!(
            "{unscaled}e{}{:02}",
            if exponent < 0 { '-' } else { '+' },
            exponent.abs()
        )
    }

    /// `self * 10^by`, shown with `scale` digits.
    fn shift_decimal(&self, by: i32, scale: u16) -> Self {
        let coef = self.big_coef();
        let have = i32::from(self.scale());
        // coef / 10^have * 10^by at `scale` digits.
        match i32::from(scale) - have + by {
            0 => Self::from_big(coef, scale),
            up if up > 0 => Self::from_big(coef * big_pow10(up as u32), scale),
            down => Self::from_big(super::arith::round_big(coef, down.unsigned_abs()), scale),
        }
    }
}

impl std::fmt::Display for Numeric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::new();
        self.write_text(&mut out);
        f.write_str(std::str::from_utf8(&out).expect("decimal text is ASCII"))
    }
}

impl std::str::FromStr for Numeric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

fn special(text: &str) -> Option<Numeric> {
    let (sign, name) = match text.as_bytes().first() {
        Some(b'+') => (1, &text[1..]),
        Some(b'-') => (-1, &text[1..]),
        _ => (0, text),
    };
    if name.eq_ignore_ascii_case("nan") {
        return (sign == 0).then_some(Numeric::NaN);
    }
    if name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("infinity") {
        return Some(if sign < 0 {
            Numeric::NegInf
        } else {
            Numeric::PosInf
        });
    }
    None
}

/// What follows the mantissa: nothing, or `e` and an integer. `None` is a syntax error.
fn parse_exponent(rest: &str) -> Option<i64> {
    if rest.is_empty() {
        return Some(0);
    }
    let digits = rest.strip_prefix(['e', 'E'])?;
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(i64::MAX))
}

/// Decimal digits of `n` at the end of `buffer`.
fn format_u128(n: u128, buffer: &mut [u8; 40]) -> &[u8] {
    let mut at = buffer.len();
    let mut rest = n;
    while rest > u128::from(u64::MAX) {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut rest = rest as u64;
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return &buffer[at..];
        }
    }
}

fn write_point(digits: &[u8], scale: usize, out: &mut Vec<u8>) {
    if scale == 0 {
        out.extend_from_slice(digits);
    } else if digits.len() > scale {
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        out.extend_from_slice(whole);
        out.push(b'.');
        out.extend_from_slice(fraction);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + scale - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}
