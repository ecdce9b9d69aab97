//! Values from text into a column: what [`parse_text`] reads, with no value of its own in between.
//!
//! The common spellings of common types are read straight into the vector: integers of up to 18
//! digits, short decimals, ISO dates and timestamps, text that fits. All else is [`parse_text`]'s,
//! the errors too.

use common::Result;

use super::text_input::parse_text;
use crate::datetime::{plain_date, plain_timestamp};
use crate::datum::DatumRef;
use crate::numeric::Numeric;
use crate::sql_type::SqlType;
use crate::text_context::TextContext;
use crate::type_oid::TypeOid;
use crate::vector::Vector;

/// Digits of an integer that is read here: any number of them fits an i64.
const DIGITS_MAX: usize = 18;

/// Appends the value that `text` is for `ty` to `out`, a vector of the type's class.
///
/// Errors: those of [`parse_text`]; nothing is appended then.
#[inline]
pub fn push_text(ty: SqlType, text: &str, context: &TextContext, out: &mut Vector) -> Result<()> {
    if push_plain(ty, text.as_bytes(), out) {
        return Ok(());
    }
    push_any(ty, text, context, out)
}

#[cold]
fn push_any(ty: SqlType, text: &str, context: &TextContext, out: &mut Vector) -> Result<()> {
    out.push(parse_text(ty, text, context)?.as_ref());
    Ok(())
}

/// Appends the value if it has one of the plain forms.
#[inline]
fn push_plain(ty: SqlType, text: &[u8], out: &mut Vector) -> bool {
    let value = match ty.oid {
        TypeOid::INT4 => plain_integer(text)
            .and_then(|value| i32::try_from(value).ok())
            .map(DatumRef::I32),
        TypeOid::INT8 => plain_integer(text).map(DatumRef::I64),
        TypeOid::INT2 => plain_integer(text)
            .and_then(|value| i16::try_from(value).ok())
            .map(DatumRef::I16),
        TypeOid::DATE => plain_date(text).map(DatumRef::I32),
        // Fewer digits of the second than there may be are rounded elsewhere.
        TypeOid::TIMESTAMP if ty.second_digits().is_none_or(|digits| digits == 6) => {
            plain_timestamp(text).map(DatumRef::I64)
        }
        TypeOid::BOOL => plain_bool(text).map(DatumRef::Bool),
        TypeOid::TEXT => Some(DatumRef::Bytes(text)),
        TypeOid::NUMERIC => return push_numeric(ty, text, out),
        TypeOid::VARCHAR => fits(ty, text).then_some(DatumRef::Bytes(text)),
        TypeOid::BPCHAR => return push_padded(ty, text, out),
        _ => None,
    };
    match value {
        Some(value) => {
            out.push(value);
            true
        }
        None => false,
    }
}

#[inline]
fn plain_integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > DIGITS_MAX {
        return None;
    }
    let mut value = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if is_negative { -value } else { value })
}

#[inline]
fn plain_bool(text: &[u8]) -> Option<bool> {
    match text {
        b"t" | b"true" => Some(true),
        b"f" | b"false" => Some(false),
        _ => None,
    }
}

fn push_numeric(ty: SqlType, text: &[u8], out: &mut Vector) -> bool {
    let Some((coef, scale)) = Numeric::parse_plain(text, ty) else {
        return false;
    };
    out.push_written(|bytes| Numeric::encode_word(coef, scale, bytes));
    true
}

/// Whether the text is surely not too long: characters are no more than bytes.
#[inline]
fn fits(ty: SqlType, text: &[u8]) -> bool {
    ty.typmod < 0 || ty.char_length().is_some_and(|max| text.len() <= max)
}

/// char(n): blanks up to the length.
fn push_padded(ty: SqlType, text: &[u8], out: &mut Vector) -> bool {
    // Of other text the characters would have to be counted.
    if !fits(ty, text) || !text.is_ascii() {
        return false;
    }
    let max = ty.char_length().filter(|_| ty.typmod >= 0);
    let blanks = max.unwrap_or(text.len()) - text.len();
    out.push_written(|bytes| {
        bytes.extend_from_slice(text);
        bytes.resize(bytes.len() + blanks, b' ');
    });
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text_context::{DateFormat, DateOrder};

    /// What one value of this text makes of a column.
    fn column(ty: SqlType, text: &str, context: &TextContext, is_plain: bool) -> Option<Vector> {
        let mut out = Vector::for_type(ty.oid);
        let read = match is_plain {
            true => push_text(ty, text, context, &mut out),
            false => push_any(ty, text, context, &mut out),
        };
        match read {
            Ok(()) => Some(out),
            Err(_) => {
                assert!(out.is_empty(), "nothing is left of a value that is none");
                None
            }
        }
    }

    fn check(ty: SqlType, text: &str) {
        let orders = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];
        let formats = [DateFormat::Iso, DateFormat::German, DateFormat::Postgres];
        for (date_order, date_format) in orders.into_iter().zip(formats) {
            let context = TextContext {
                date_order,
                date_format,
                ..TextContext::default()
            };
            let want = column(ty, text, &context, false);
            assert_eq!(column(ty, text, &context, true), want, "{ty:?} of {text:?}");
        }
    }

    fn types() -> Vec<SqlType> {
        let of = SqlType::with_typmod;
        let mut types: Vec<SqlType> = [
            TypeOid::INT2,
            TypeOid::INT4,
            TypeOid::INT8,
            TypeOid::NUMERIC,
            TypeOid::DATE,
            TypeOid::TIMESTAMP,
            TypeOid::BOOL,
            TypeOid::TEXT,
            TypeOid::VARCHAR,
            TypeOid::BPCHAR,
        ]
        .map(SqlType::new)
        .to_vec();
        let numerics = [(15, 2), (5, 0), (3, 5), (4, -2), (18, 18), (40, 10), (1, 1)];
        types.extend(numerics.map(|(precision, scale)| SqlType::numeric(precision, scale)));
        types.extend([0, 3, 6].map(|digits| of(TypeOid::TIMESTAMP, digits)));
        types.extend([5, 9, 14].map(|typmod| of(TypeOid::VARCHAR, typmod)));
        types.extend([5, 9, 14].map(|typmod| of(TypeOid::BPCHAR, typmod)));
        types
    }

    #[test]
    fn edges_are_read_as_parse_text_reads_them() {
        let texts = [
            "",
            "-",
            ".",
            "-.",
            "+1",
            " 1",
            "1 ",
            "0",
            "-0",
            "00",
            "-0.0",
            "1.",
            ".5",
            "-.5",
            "1..2",
            "1.2.3",
            "1e3",
            "NaN",
            "32767",
            "32768",
            "-32768",
            "-32769",
            "2147483647",
            "2147483648",
            "-2147483648",
            "-2147483649",
            "999999999999999999",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "1234567890123456789",
            "0.1234567890123456789",
            "9999999999999.99",
            "10000000000000.00",
            "9999999999999.995",
            "0.004",
            "99999",
            "100000",
            "0.00999",
            "0.01",
            "1.0",
            "0.9",
            "t",
            "true",
            "TRUE",
            "f",
            "fal",
            "yes",
            "1996-03-13",
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "1999-02-29",
            "2000-02-29",
            "1900-02-29",
            "2000-13-01",
            "2000-00-10",
            "2000-01-00",
            "2000-01-32",
            "2000-04-31",
            "99-01-01",
            "12000-01-01",
            "2000/01/01",
            "2000-1-01",
            "2000-01-01 BC",
            "2000-01-01 00:00:00",
            "2000-01-01T23:59:59.999999",
            "2000-01-01 24:00:00",
            "2000-01-01 23:59:60",
            "2000-01-01 00:00:00.",
            "2000-01-01 00:00:00.5",
            "2000-01-01 00:00:00.1234567",
            "2000-01-01 00:00:00+02",
            "2000-01-01 00:00",
            "1999-12-31 23:59:59.000001",
            "2000-02-30 00:00:00",
            "infinity",
            "a",
            "abc",
            "abcde",
            "abcde   ",
            "äöü",
            "äöüßé",
            "äöüßéa",
            "日本語テキスト",
            "     ",
            "\u{1F600}",
        ];
        for ty in types() {
            texts.iter().for_each(|text| check(ty, text));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_parse_text_reads_it(
            text in prop_oneof![
                "-?[0-9]{0,20}",
                "-?[0-9]{0,12}\\.[0-9]{0,12}",
                "[0-9]{4}-[01][0-9]-[0-3][0-9]",
                "[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,7})?",
                "[a-zäß日 ]{0,12}",
                "[-+0-9.:e ]{0,12}",
            ],
        ) {
            for ty in types() {
                check(ty, &text);
            }
        }
    }
}
