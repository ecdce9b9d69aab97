//! LIKE and ILIKE (like.c, like_match.c).

use std::borrow::Cow;

use common::{Error, Result, err, sqlstate};

use crate::FunctionDef;
use crate::def;

fn trailing_escape() -> Error {
    err!(
        sqlstate::INVALID_ESCAPE_SEQUENCE,
        "LIKE pattern must not end with escape character"
    )
}

/// Whether `text` matches a pattern of `%`, `_` and backslash escapes.
pub fn like(text: &[u8], pattern: &[u8]) -> Result<bool> {
    // The common forms are a search each.
    let inner_plain = |inner: &[u8]| memchr::memchr3(b'%', b'_', b'\\', inner).is_none();
    match pattern {
        [b'%', inner @ .., b'%'] if inner_plain(inner) => {
            return Ok(memchr::memmem::find(text, inner).is_some());
        }
        [inner @ .., b'%'] if inner_plain(inner) => return Ok(text.starts_with(inner)),
        [b'%', inner @ ..] if inner_plain(inner) => return Ok(text.ends_with(inner)),
        inner if inner_plain(inner) => return Ok(text == inner),
        _ => {}
    }
    match_pattern(text, pattern)
}

/// Bytes of the character that starts with `lead`.
fn char_size(lead: u8) -> usize {
    match lead {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

/// Greedy with one point of return: where a later `%` matched, an earlier one need not be retried.
fn match_pattern(text: &[u8], pattern: &[u8]) -> Result<bool> {
    let (mut t, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == b'%' {
            p += 1;
            if p == pattern.len() {
                return Ok(true);
            }
            retry = Some((t, p));
            continue;
        }
        let step = if p < pattern.len() && t < text.len() {
            match pattern[p] {
                b'_' => Some((char_size(text[t]), 1)),
                b'\\' => {
                    let escaped = *pattern.get(p + 1).ok_or_else(trailing_escape)?;
                    (text[t] == escaped).then_some((1, 2))
                }
                byte => (text[t] == byte).then_some((1, 1)),
            }
        } else {
            if p < pattern.len() && pattern[p] == b'\\' && p + 1 == pattern.len() {
                return Err(trailing_escape());
            }
            if p == pattern.len() && t == text.len() {
                return Ok(true);
            }
            None
        };
        match (step, &mut retry) {
            (Some((text_step, pattern_step)), _) => {
                t += text_step;
                p += pattern_step;
            }
            (None, Some((from, after))) if *from < text.len() => {
                *from += char_size(text[*from]);
                (t, p) = (*from, *after);
            }
            (None, _) => return Ok(false),
        }
    }
}

pub fn ilike(text: &str, pattern: &str) -> Result<bool> {
    let (text, pattern) = (crate::string::lower(text), crate::string::lower(pattern));
    like(text.as_bytes(), pattern.as_bytes())
}

/// Rewrites a pattern with another escape character to one with a backslash.
pub fn like_escape<'a>(pattern: &'a str, escape: &str) -> Result<Cow<'a, str>> {
    let mut characters = escape.chars();
    let (mark, more) = (characters.next(), characters.next());
    if more.is_some() {
        return Err(
            err!(sqlstate::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                .with_hint("Escape string must be empty or one character."),
        );
    }
    if mark == Some('\\') {
        return Ok(pattern.into());
    }
    let mut out = String::with_capacity(pattern.len() + 4);
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if Some(c) == mark {
            out.push('\\');
            out.extend(rest.next());
        } else if c == '\\' {
            out.push_str("\\\\");
        } else {
            out.push(c);
        }
    }
    Ok(out.into())
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(850, "textlike", [TEXT, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b) => bool),
    def!(851, "textnlike", [TEXT, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b).map(|m| !m) => bool),
    def!(1569, "like", [TEXT, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b) => bool),
    def!(1570, "notlike", [TEXT, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b).map(|m| !m) => bool),
    def!(858, "namelike", [NAME, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b) => bool),
    def!(859, "namenlike", [NAME, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b).map(|m| !m) => bool),
    def!(1631, "bpcharlike", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b) => bool),
    def!(1632, "bpcharnlike", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b).map(|m| !m) => bool),
    def!(2005, "bytealike", [BYTEA, BYTEA] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b) => bool),
    def!(2006, "byteanlike", [BYTEA, BYTEA] -> BOOL, Immutable, |a: &[u8], b: &[u8]| like(a, b).map(|m| !m) => bool),
    def!(1633, "texticlike", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| ilike(a, b) => bool),
    def!(1634, "texticnlike", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| ilike(a, b).map(|m| !m) => bool),
    def!(1635, "nameiclike", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| ilike(a, b) => bool),
    def!(1636, "nameicnlike", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| ilike(a, b).map(|m| !m) => bool),
    def!(1660, "bpchariclike", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| ilike(a, b) => bool),
    def!(1661, "bpcharicnlike", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| ilike(a, b).map(|m| !m) => bool),
    def!(1637, "like_escape", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str| like_escape(a, b) => Cow<'_, str>),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_postgresql() {
        for (text, pattern, matches) in [
            ("hello", "h%o", true),
            ("hello", "h_llo", true),
            ("hello", "%l%l%", true),
            ("hello", "%x%", false),
            ("hällo", "h_llo", true),
            ("a%b", "a\\%b", true),
            ("axb", "a\\%b", false),
            ("", "%", true),
            ("", "_", false),
            ("aab", "%a_", true),
            ("special requests", "%special%requests%", true),
        ] {
            assert_eq!(
                like(text.as_bytes(), pattern.as_bytes()).unwrap(),
                matches,
                "{pattern}"
            );
        }
        assert!(like(b"a_", b"a_%\\").is_err());
    }
}
