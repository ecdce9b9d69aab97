//! Floats as text: the shortest digits that read back the same, laid out as PostgreSQL's.

use std::fmt::Write;

use common::{Error, Result, sqlstate};

/// Appends a double; `extra_digits` as in `extra_float_digits`.
pub fn write_f64(value: f64, extra_digits: i32, out: &mut Vec<u8>) {
    if put_special(value, out) {
        return;
    }
    // Significant digits in scientific form, from which the layout is made.
    let mut text = String::new();
    let written = match extra_digits {
        1.. => write!(text, "{value:e}"),
        less => write!(text, "{value:.*e}", (14 + less).max(0) as usize),
    };
    debug_assert!(written.is_ok());
    lay_out(
        &text,
        if extra_digits > 0 {
            15
        } else {
            15 + extra_digits
        },
        out,
    );
}

/// Appends a float.
pub fn write_f32(value: f32, extra_digits: i32, out: &mut Vec<u8>) {
    if put_special(value.into(), out) {
        return;
    }
    let mut text = String::new();
    let written = match extra_digits {
        1.. => write!(text, "{value:e}"),
        less => write!(text, "{value:.*e}", (5 + less).max(0) as usize),
    };
    debug_assert!(written.is_ok());
    lay_out(
        &text,
        if extra_digits > 0 {
            6
        } else {
            6 + extra_digits
        },
        out,
    );
}

fn put_special(value: f64, out: &mut Vec<u8>) -> bool {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        });
    } else {
        return false;
    }
    true
}

/// From `d.ddde-x`: plain where the exponent is from -4 to below `plain_max`, else scientific with
/// a sign and at least two digits.
fn lay_out(scientific: &str, plain_max: i32, out: &mut Vec<u8>) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let mut digits: Vec<u8> = mantissa.bytes().filter(|&c| c != b'.').collect();
    while digits.len() > 1 && digits.last() == Some(&b'0') {
        digits.pop();
    }
    out.extend_from_slice(sign.as_bytes());
    if !(-4..plain_max).contains(&exponent) {
        out.push(digits[0]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        let mark = if exponent < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("e{mark}{:02}", exponent.abs()).as_bytes());
    } else if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + (-exponent - 1) as usize, b'0');
        out.extend_from_slice(&digits);
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            out.extend_from_slice(&digits);
            out.resize(out.len() + whole - digits.len(), b'0');
        } else {
            out.extend_from_slice(&digits[..whole]);
            out.push(b'.');
            out.extend_from_slice(&digits[whole..]);
        }
    }
}

fn syntax_error(text: &str, ty: &str) -> Error {
    Error::new(
        sqlstate::INVALID_TEXT_REPRESENTATION,
        format!("invalid input syntax for type {ty}: \"{text}\""),
    )
}

fn out_of_range(text: &str, ty: &str) -> Error {
    Error::new(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("\"{text}\" is out of range for type {ty}"),
    )
}

/// Words that are not digits: NaN and infinities, in any case.
fn special(text: &str) -> Option<f64> {
    let (sign, name) = match text.as_bytes().first() {
        Some(b'+') => (1.0, &text[1..]),
        Some(b'-') => (-1.0, &text[1..]),
        _ => (1.0, text),
    };
    if name.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    let infinite = name.eq_ignore_ascii_case("infinity") || name.eq_ignore_ascii_case("inf");
    infinite.then_some(sign * f64::INFINITY)
}

fn is_digits(text: &str) -> bool {
    text.bytes()
        .all(|c| matches!(c, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
}

fn is_zero(text: &str) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or("");
    !mantissa.bytes().any(|c| matches!(c, b'1'..=b'9'))
}

pub fn parse_f64(text: &str) -> Result<f64> {
    let ty = "double precision";
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
    if let Some(value) = special(trimmed) {
        return Ok(value);
    }
    let value: f64 = match is_digits(trimmed) {
        true => trimmed.parse().map_err(|_| syntax_error(text, ty))?,
        false => return Err(syntax_error(text, ty)),
    };
    if value.is_infinite() || (value == 0.0 && !is_zero(trimmed)) {
        return Err(out_of_range(trimmed, ty));
    }
    Ok(value)
}

pub fn parse_f32(text: &str) -> Result<f32> {
    let ty = "real";
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
    if let Some(value) = special(trimmed) {
        return Ok(value as f32);
    }
    let value: f32 = match is_digits(trimmed) {
        true => trimmed.parse().map_err(|_| syntax_error(text, ty))?,
        false => return Err(syntax_error(text, ty)),
    };
    if value.is_infinite() || (value == 0.0 && !is_zero(trimmed)) {
        return Err(out_of_range(trimmed, ty));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_laid_out_as_postgresql_does() {
        let shown = |value: f64| {
            let mut out = Vec::new();
            write_f64(value, 1, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown(0.1), "0.1");
        assert_eq!(shown(-0.0), "-0");
        assert_eq!(shown(1e15), "1e+15");
        assert_eq!(shown(123456789012345.0), "123456789012345");
        assert_eq!(shown(1e-5), "1e-05");
        assert_eq!(shown(0.0001), "0.0001");
        assert_eq!(shown(1.5e300), "1.5e+300");
        assert_eq!(shown(100.0), "100");
    }
}
