//! Floats as text: the shortest digits that read back the same, laid out as PostgreSQL's.

use common::{Error, Result, sqlstate};

/// More than the 17 digits that tell any double from all others.
const DIGITS_MAX: usize = 24;

/// Appends a double; `extra_digits` as in `extra_float_digits`.
pub fn write_f64(value: f64, extra_digits: i32, out: &mut Vec<u8>) {
    if put_special(value, out) {
        return;
    }
    if extra_digits > 0 {
        // Takes no memory of its own, and a quarter of the time of the standard library.
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        match is_plain(value) && !text.contains('e') {
            // Laid out so already, but for a zero behind the point.
            true => out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes()),
            false => lay_out(&Digits::of(text), 15, out),
        }
        return;
    }
    let places = (14 + extra_digits).max(0) as usize;
    lay_out(
        &Digits::of(&format!("{value:.places$e}")),
        15 + extra_digits,
        out,
    );
}

/// Whether a double's shortest digits are laid out without an exponent.
fn is_plain(value: f64) -> bool {
    (1e-4..1e15).contains(&value.abs())
}

/// Appends a float.
pub fn write_f32(value: f32, extra_digits: i32, out: &mut Vec<u8>) {
    if put_special(value.into(), out) {
        return;
    }
    if extra_digits > 0 {
        let mut buffer = zmij::Buffer::new();
        lay_out(&Digits::of(buffer.format_finite(value)), 6, out);
        return;
    }
    let places = (5 + extra_digits).max(0) as usize;
    lay_out(
        &Digits::of(&format!("{value:.places$e}")),
        6 + extra_digits,
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

/// A number as `d.ddd * 10^exponent`.
struct Digits {
    is_negative: bool,
    /// Without zeros at either end; one zero for zero.
    digits: [u8; DIGITS_MAX],
    len: usize,
    exponent: i32,
}

impl Digits {
    /// Takes a number apart that is written as Rust writes numbers, plain or scientific.
    fn of(text: &str) -> Self {
        let mut of = Self {
            is_negative: false,
            digits: [b'0'; DIGITS_MAX],
            len: 0,
            exponent: 0,
        };
        // Digits before the point, and those zeros behind it that come before any other digit.
        let (mut whole, mut leading) = (0, 0);
        let mut is_fraction = false;
        let mut shift = 0;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'-' => of.is_negative = true,
                b'.' => is_fraction = true,
                b'e' => {
                    shift = text[at + 1..].parse().unwrap_or(0);
                    break;
                }
                digit => {
                    let is_leading = of.len == 0 && digit == b'0';
                    whole += i32::from(!is_fraction && !is_leading);
                    leading += i32::from(is_fraction && is_leading);
                    if !is_leading && of.len < DIGITS_MAX {
                        of.digits[of.len] = digit;
                        of.len += 1;
                    }
                }
            }
        }
        while of.len > 1 && of.digits[of.len - 1] == b'0' {
            of.len -= 1;
        }
        if of.len == 0 {
            of.len = 1;
            return of;
        }
        of.exponent = shift + if whole > 0 { whole - 1 } else { -leading - 1 };
        of
    }
}

/// Plain where the exponent is from -4 to below `plain_max`, else scientific with a sign and at
/// least two digits.
fn lay_out(number: &Digits, plain_max: i32, out: &mut Vec<u8>) {
    let (digits, exponent) = (&number.digits[..number.len], number.exponent);
    if number.is_negative {
        out.push(b'-');
    }
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
        out.extend_from_slice(digits);
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            out.extend_from_slice(digits);
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
        assert_eq!(shown(0.0), "0");
        assert_eq!(shown(-12.5), "-12.5");
        assert_eq!(shown(1e15f64.next_down()), "999999999999999.9");
        assert_eq!(shown(1e-4f64.next_down()), "9.999999999999999e-05");
    }

    /// The digits of a text that [`write_f64`] or [`write_f32`] made.
    fn digits(text: &[u8]) -> Digits {
        Digits::of(std::str::from_utf8(text).unwrap())
    }

    #[test]
    fn digits_read_back_the_same_and_are_the_shortest() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        let edges = [0, 1, 1 << 63, f64::MAX.to_bits()];
        let powers = (0..2047).map(|exponent| exponent << 52);
        let random: Vec<u64> = (0..100_000).map(|_| next()).collect();
        let sevenths = (1..50_000_u32).map(|n| (f64::from(n) / 7.0).to_bits());
        let all = edges
            .into_iter()
            .chain(powers)
            .chain(random)
            .chain(sevenths);
        for value in all.map(f64::from_bits).filter(|value| value.is_finite()) {
            let mut out = Vec::new();
            write_f64(value, 1, &mut out);
            let text = std::str::from_utf8(&out).unwrap();
            assert_eq!(
                text.parse::<f64>().unwrap().to_bits(),
                value.to_bits(),
                "{text}"
            );
            let theirs = Digits::of(&format!("{value:e}"));
            assert_eq!(digits(&out).len, theirs.len, "{text}");

            let value = f32::from_bits((value.to_bits() >> 32) as u32);
            if value.is_finite() {
                out.clear();
                write_f32(value, 1, &mut out);
                let text = std::str::from_utf8(&out).unwrap();
                assert_eq!(
                    text.parse::<f32>().unwrap().to_bits(),
                    value.to_bits(),
                    "{text}"
                );
                let theirs = Digits::of(&format!("{value:e}"));
                assert_eq!(digits(&out).len, theirs.len, "{text}");
            }
        }
    }

    /// As PostgreSQL: the last digit is even where two are as near.
    #[test]
    fn of_two_texts_as_near_the_even_one_is_taken() {
        let mut out = Vec::new();
        write_f64(2f64.powi(-25), 1, &mut out);
        assert_eq!(out, b"2.9802322387695312e-08");
    }

    #[test]
    fn fewer_digits_are_rounded() {
        let shown = |value: f64, extra: i32| {
            let mut out = Vec::new();
            write_f64(value, extra, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown(1.0 / 7.0, 0), "0.142857142857143");
        assert_eq!(shown(1.0 / 7.0, -12), "0.143");
        assert_eq!(shown(123_456.0, -12), "1.23e+05");
        assert_eq!(shown(-0.0, 0), "-0");
        assert_eq!(shown(100.0, -15), "1e+02");
    }
}
