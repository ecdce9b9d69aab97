//! Text functions (varlena.c, oracle_compat.c, quote.c); positions and lengths are in characters.

use std::borrow::Cow;

use common::{Error, Result, bail, err, sqlstate};
use types::{Datum, DatumRef, TypeOid};

use crate::rows::arg_type;
use crate::{EvalContext, FunctionDef, def, row};

/// Bytes that a text may have, as PostgreSQL's.
const TEXT_SIZE_MAX: usize = 1 << 30;

pub(crate) fn too_large() -> Error {
    err!(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        "requested length too large"
    )
}

/// In the collation C only the letters of ASCII have a case.
pub fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|c| c.is_ascii_uppercase()) {
        true => text.to_ascii_lowercase().into(),
        false => text.into(),
    }
}

pub fn upper(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|c| c.is_ascii_lowercase()) {
        true => text.to_ascii_uppercase().into(),
        false => text.into(),
    }
}

fn initcap(text: &str) -> String {
    let mut in_word = false;
    text.chars()
        .map(|c| {
            let mapped = match in_word {
                true => c.to_ascii_lowercase(),
                false => c.to_ascii_uppercase(),
            };
            in_word = c.is_ascii_alphanumeric();
            mapped
        })
        .collect()
}

pub fn char_count(text: &str) -> i32 {
    if text.is_ascii() {
        return text.len() as i32;
    }
    text.chars().count() as i32
}

/// The byte where character `at` starts, or the end.
fn byte_at(text: &str, at: usize) -> usize {
    if text.is_ascii() {
        return at.min(text.len());
    }
    text.char_indices()
        .nth(at)
        .map_or(text.len(), |(byte, _)| byte)
}

/// Characters from `start` (1-based, may lie before the text); `length` if given.
pub fn substring(text: &str, start: i32, length: Option<i32>) -> Result<&str> {
    let (from, to) = window(start, length)?;
    let begin = byte_at(text, from);
    let rest = &text[begin..];
    Ok(match to {
        None => rest,
        Some(to) => &rest[..byte_at(rest, to.saturating_sub(from))],
    })
}

/// The 0-based half-open range that start and length mean.
fn window(start: i32, length: Option<i32>) -> Result<(usize, Option<usize>)> {
    let from = (i64::from(start) - 1).max(0) as usize;
    let Some(length) = length else {
        return Ok((from, None));
    };
    if length < 0 {
        bail!(
            sqlstate::SUBSTRING_ERROR,
            "negative substring length not allowed"
        );
    }
    let end = (i64::from(start) - 1 + i64::from(length)).max(0) as usize;
    Ok((from, Some(end.max(from))))
}

fn byte_substring(bytes: &[u8], start: i32, length: Option<i32>) -> Result<&[u8]> {
    let (from, to) = window(start, length)?;
    let from = from.min(bytes.len());
    Ok(&bytes[from..to.unwrap_or(bytes.len()).clamp(from, bytes.len())])
}

/// 1-based position of `part` in `text`, 0 if it is not there.
fn position(text: &str, part: &str) -> i32 {
    match memchr::memmem::find(text.as_bytes(), part.as_bytes()) {
        Some(at) => char_count(&text[..at]) + 1,
        None => 0,
    }
}

fn byte_position(bytes: &[u8], part: &[u8]) -> i32 {
    memchr::memmem::find(bytes, part).map_or(0, |at| at as i32 + 1)
}

fn left(text: &str, n: i32) -> &str {
    let n = if n < 0 {
        char_count(text).saturating_add(n).max(0)
    } else {
        n
    };
    &text[..byte_at(text, n as usize)]
}

fn right(text: &str, n: i32) -> &str {
    let skip = if n < 0 {
        n.saturating_neg()
    } else {
        (char_count(text) - n).max(0)
    };
    &text[byte_at(text, skip as usize)..]
}

fn pad(text: &str, length: i32, fill: &str, at_left: bool) -> Result<String> {
    let length = length.max(0) as usize;
    let have = char_count(text) as usize;
    if length <= have || fill.is_empty() {
        return Ok(text[..byte_at(text, length)].to_string());
    }
    let missing = length - have;
    if missing.saturating_mul(4) > TEXT_SIZE_MAX {
        return Err(too_large());
    }
    let padding = fill.chars().cycle().take(missing);
    let mut out = String::with_capacity(text.len() + missing);
    if at_left {
        out.extend(padding);
        out.push_str(text);
    } else {
        out.push_str(text);
        out.extend(padding);
    }
    Ok(out)
}

fn repeat(text: &str, n: i32) -> Result<String> {
    let n = n.max(0) as usize;
    match text.len().checked_mul(n) {
        Some(size) if size < TEXT_SIZE_MAX => Ok(text.repeat(n)),
        _ => Err(too_large()),
    }
}

fn replace<'a>(text: &'a str, from: &str, to: &str) -> Cow<'a, str> {
    if from.is_empty() || memchr::memmem::find(text.as_bytes(), from.as_bytes()).is_none() {
        return text.into();
    }
    text.replace(from, to).into()
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    text.chars()
        .filter_map(|c| match from.chars().position(|f| f == c) {
            Some(at) => to.get(at).copied(),
            None => Some(c),
        })
        .collect()
}

fn split_part<'a>(text: &'a str, delimiter: &str, n: i32) -> Result<&'a str> {
    if n == 0 {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "field position must not be zero"
        );
    }
    if delimiter.is_empty() {
        return Ok(if n == 1 || n == -1 { text } else { "" });
    }
    let part = match n {
        1.. => text.split(delimiter).nth(n as usize - 1),
        _ => text.rsplit(delimiter).nth(n.unsigned_abs() as usize - 1),
    };
    Ok(part.unwrap_or(""))
}

fn overlay(text: &str, new: &str, start: i32, length: i32) -> Result<String> {
    if start <= 0 {
        bail!(
            sqlstate::SUBSTRING_ERROR,
            "negative substring length not allowed"
        );
    }
    let end = start
        .checked_add(length)
        .ok_or_else(|| err!(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"))?;
    let head = substring(text, 1, Some(start - 1))?;
    Ok([head, new, substring(text, end, None)?].concat())
}

fn chr(code: i32) -> Result<String> {
    let state = sqlstate::PROGRAM_LIMIT_EXCEEDED;
    match u32::try_from(code).ok().and_then(char::from_u32) {
        Some('\0') => bail!(state, "null character not permitted"),
        Some(c) => Ok(c.into()),
        None if code < 0 => {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "character number must be positive"
            )
        }
        None if code > 0x10_FFFF => {
            bail!(state, "requested character too large for encoding: {code}")
        }
        None => bail!(state, "requested character not valid for encoding: {code}"),
    }
}

fn one_of(set: &str) -> impl Fn(char) -> bool + Copy + '_ {
    move |c| set.contains(c)
}

fn trim_bytes<'a>(bytes: &'a [u8], set: &[u8], front: bool, back: bool) -> &'a [u8] {
    let mut rest = bytes;
    while let (true, [first, tail @ ..]) = (front, rest)
        && set.contains(first)
    {
        rest = tail;
    }
    while let (true, [head @ .., last]) = (back, rest)
        && set.contains(last)
    {
        rest = head;
    }
    rest
}

fn concat(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let mut out = Vec::new();
    for (at, value) in row.iter().enumerate() {
        types::format_text(arg_type(cx, at).into(), *value, cx.text, &mut out)?;
    }
    Ok(Datum::Bytes(out.into()))
}

fn concat_ws(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let Some(separator) = row.first().and_then(|value| value.as_bytes()) else {
        return Ok(Datum::Null);
    };
    let mut out = Vec::new();
    let mut first = true;
    for (at, value) in row
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, value)| !value.is_null())
    {
        if !std::mem::replace(&mut first, false) {
            out.extend_from_slice(separator);
        }
        types::format_text(arg_type(cx, at).into(), *value, cx.text, &mut out)?;
    }
    Ok(Datum::Bytes(out.into()))
}

/// Text joined with any other value, which is cast to text.
fn join_any(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let mut out = Vec::new();
    for (at, value) in row.iter().enumerate() {
        match (arg_type(cx, at), *value) {
            (TypeOid::BOOL, DatumRef::Bool(flag)) => {
                out.extend_from_slice(if flag { b"true" } else { b"false" });
            }
            (TypeOid::BPCHAR, DatumRef::Bytes(text)) => {
                out.extend_from_slice(types::trim_blanks(text));
            }
            (ty, value) => types::format_text(ty.into(), value, cx.text, &mut out)?,
        }
    }
    Ok(Datum::Bytes(out.into()))
}

/// Blanks at the end of `char(n)` do not count.
fn bpchar_count(text: &str) -> i32 {
    char_count(text.trim_end_matches(' '))
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1258, "textcat", [TEXT, TEXT] -> TEXT, Immutable, |a: &[u8], b: &[u8]| write out => {
        out.extend_from_slice(a);
        out.extend_from_slice(b);
    }),
    row!(2003, "textanycat", [TEXT, ANYNONARRAY] -> TEXT, Stable, strict join_any),
    row!(2004, "anytextcat", [ANYNONARRAY, TEXT] -> TEXT, Stable, strict join_any),
    def!(2011, "byteacat", [BYTEA, BYTEA] -> BYTEA, Immutable, |a: &[u8], b: &[u8]| [a, b].concat() => Vec<u8>),
    row!(3058, "concat", [ANY] variadic ANY -> TEXT, Stable, lax concat),
    row!(3059, "concat_ws", [TEXT, ANY] variadic ANY -> TEXT, Stable, lax concat_ws),
    row!(3539, "format", [TEXT, ANY] variadic ANY -> TEXT, Stable, lax crate::format::format),
    row!(3540, "format", [TEXT] -> TEXT, Stable, lax crate::format::format),
    def!(870, "lower", [TEXT] -> TEXT, Immutable, |a: &str| lower(a) => Cow<'_, str>),
    def!(871, "upper", [TEXT] -> TEXT, Immutable, |a: &str| upper(a) => Cow<'_, str>),
    def!(872, "initcap", [TEXT] -> TEXT, Immutable, |a: &str| initcap(a) => String),
    def!(1317, "length", [TEXT] -> INT4, Immutable, |a: &str| char_count(a) => i32),
    def!(1318, "length", [BPCHAR] -> INT4, Immutable, |a: &str| bpchar_count(a) => i32),
    def!(2010, "length", [BYTEA] -> INT4, Immutable, |a: &[u8]| a.len() as i32 => i32),
    def!(1381, "char_length", [TEXT] -> INT4, Immutable, |a: &str| char_count(a) => i32),
    def!(1372, "char_length", [BPCHAR] -> INT4, Immutable, |a: &str| bpchar_count(a) => i32),
    def!(1369, "character_length", [TEXT] -> INT4, Immutable, |a: &str| char_count(a) => i32),
    def!(1367, "character_length", [BPCHAR] -> INT4, Immutable, |a: &str| bpchar_count(a) => i32),
    def!(1257, "textlen", [TEXT] -> INT4, Immutable, |a: &str| char_count(a) => i32),
    def!(1374, "octet_length", [TEXT] -> INT4, Immutable, |a: &[u8]| a.len() as i32 => i32),
    def!(1375, "octet_length", [BPCHAR] -> INT4, Immutable, |a: &[u8]| a.len() as i32 => i32),
    def!(720, "octet_length", [BYTEA] -> INT4, Immutable, |a: &[u8]| a.len() as i32 => i32),
    def!(1811, "bit_length", [TEXT] -> INT4, Immutable, |a: &[u8]| a.len() as i32 * 8 => i32),
    def!(1810, "bit_length", [BYTEA] -> INT4, Immutable, |a: &[u8]| a.len() as i32 * 8 => i32),
    def!(877, "substr", [TEXT, INT4, INT4] -> TEXT, Immutable, |a: &str, b: i32, c: i32| substring(a, b, Some(c)) => &str),
    def!(883, "substr", [TEXT, INT4] -> TEXT, Immutable, |a: &str, b: i32| substring(a, b, None) => &str),
    def!(936, "substring", [TEXT, INT4, INT4] -> TEXT, Immutable, |a: &str, b: i32, c: i32| substring(a, b, Some(c)) => &str),
    def!(937, "substring", [TEXT, INT4] -> TEXT, Immutable, |a: &str, b: i32| substring(a, b, None) => &str),
    def!(2085, "substr", [BYTEA, INT4, INT4] -> BYTEA, Immutable, |a: &[u8], b: i32, c: i32| byte_substring(a, b, Some(c)) => &[u8]),
    def!(2086, "substr", [BYTEA, INT4] -> BYTEA, Immutable, |a: &[u8], b: i32| byte_substring(a, b, None) => &[u8]),
    def!(2012, "substring", [BYTEA, INT4, INT4] -> BYTEA, Immutable, |a: &[u8], b: i32, c: i32| byte_substring(a, b, Some(c)) => &[u8]),
    def!(2013, "substring", [BYTEA, INT4] -> BYTEA, Immutable, |a: &[u8], b: i32| byte_substring(a, b, None) => &[u8]),
    def!(849, "position", [TEXT, TEXT] -> INT4, Immutable, |a: &str, b: &str| position(a, b) => i32),
    def!(2014, "position", [BYTEA, BYTEA] -> INT4, Immutable, |a: &[u8], b: &[u8]| byte_position(a, b) => i32),
    def!(868, "strpos", [TEXT, TEXT] -> INT4, Immutable, |a: &str, b: &str| position(a, b) => i32),
    def!(3696, "starts_with", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| a.starts_with(b) => bool),
    def!(3060, "left", [TEXT, INT4] -> TEXT, Immutable, |a: &str, n: i32| left(a, n) => &str),
    def!(3061, "right", [TEXT, INT4] -> TEXT, Immutable, |a: &str, n: i32| right(a, n) => &str),
    def!(873, "lpad", [TEXT, INT4, TEXT] -> TEXT, Immutable, |a: &str, n: i32, f: &str| pad(a, n, f, true) => String),
    def!(879, "lpad", [TEXT, INT4] -> TEXT, Immutable, |a: &str, n: i32| pad(a, n, " ", true) => String),
    def!(874, "rpad", [TEXT, INT4, TEXT] -> TEXT, Immutable, |a: &str, n: i32, f: &str| pad(a, n, f, false) => String),
    def!(880, "rpad", [TEXT, INT4] -> TEXT, Immutable, |a: &str, n: i32| pad(a, n, " ", false) => String),
    def!(884, "btrim", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, s: &str| a.trim_matches(one_of(s)) => &str),
    def!(885, "btrim", [TEXT] -> TEXT, Immutable, |a: &str| a.trim_matches(' ') => &str),
    def!(875, "ltrim", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, s: &str| a.trim_start_matches(one_of(s)) => &str),
    def!(881, "ltrim", [TEXT] -> TEXT, Immutable, |a: &str| a.trim_start_matches(' ') => &str),
    def!(876, "rtrim", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, s: &str| a.trim_end_matches(one_of(s)) => &str),
    def!(882, "rtrim", [TEXT] -> TEXT, Immutable, |a: &str| a.trim_end_matches(' ') => &str),
    def!(2015, "btrim", [BYTEA, BYTEA] -> BYTEA, Immutable, |a: &[u8], s: &[u8]| trim_bytes(a, s, true, true) => &[u8]),
    def!(6195, "ltrim", [BYTEA, BYTEA] -> BYTEA, Immutable, |a: &[u8], s: &[u8]| trim_bytes(a, s, true, false) => &[u8]),
    def!(6196, "rtrim", [BYTEA, BYTEA] -> BYTEA, Immutable, |a: &[u8], s: &[u8]| trim_bytes(a, s, false, true) => &[u8]),
    def!(1622, "repeat", [TEXT, INT4] -> TEXT, Immutable, |a: &str, n: i32| repeat(a, n) => String),
    def!(3062, "reverse", [TEXT] -> TEXT, Immutable, |a: &str| a.chars().rev().collect::<String>() => String),
    def!(2087, "replace", [TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str| replace(a, b, c) => Cow<'_, str>),
    def!(878, "translate", [TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str| translate(a, b, c) => String),
    def!(2088, "split_part", [TEXT, TEXT, INT4] -> TEXT, Immutable, |a: &str, b: &str, n: i32| split_part(a, b, n) => &str),
    def!(1404, "overlay", [TEXT, TEXT, INT4, INT4] -> TEXT, Immutable, |a: &str, b: &str, c: i32, d: i32| overlay(a, b, c, d) => String),
    def!(1405, "overlay", [TEXT, TEXT, INT4] -> TEXT, Immutable, |a: &str, b: &str, c: i32| overlay(a, b, c, char_count(b)) => String),
    def!(1621, "chr", [INT4] -> TEXT, Immutable, |a: i32| chr(a) => String),
    def!(1620, "ascii", [TEXT] -> INT4, Immutable, |a: &str| a.chars().next().map_or(0, |c| c as i32) => i32),
    def!(2089, "to_hex", [INT4] -> TEXT, Immutable, |a: i32| format!("{a:x}") => String),
    def!(2090, "to_hex", [INT8] -> TEXT, Immutable, |a: i64| format!("{a:x}") => String),
    def!(1282, "quote_ident", [TEXT] -> TEXT, Immutable, |a: &str| common::quote_identifier(a) => Cow<'_, str>),
    def!(1283, "quote_literal", [TEXT] -> TEXT, Immutable, |a: &str| common::quote_literal(a) => String),
    row!(1285, "quote_literal", [ANYELEMENT] -> TEXT, Stable, strict crate::format::quote_any),
    row!(1289, "quote_nullable", [TEXT] -> TEXT, Immutable, lax crate::format::quote_nullable),
    row!(1290, "quote_nullable", [ANYELEMENT] -> TEXT, Stable, lax crate::format::quote_nullable),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_count_characters() {
        assert_eq!(substring("hällo", 2, Some(3)).unwrap(), "äll");
        assert_eq!(substring("hello", -1, Some(4)).unwrap(), "he");
        assert!(substring("x", 1, Some(-1)).is_err());
        assert_eq!((left("hällo", -2), right("hällo", 4)), ("häl", "ällo"));
        assert_eq!(split_part("a,b,c", ",", -1).unwrap(), "c");
    }
}
