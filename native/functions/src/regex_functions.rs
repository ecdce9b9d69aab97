//! The regexp functions and operators (regexp.c).

use common::{Error, Result, bail, err, sqlstate};
use regex::Regex;
use types::{Datum, DatumRef, TypeOid};

use crate::regex::{Flags, compile, is_match};
use crate::regex_syntax::similar_to_regex;
use crate::{EvalContext, FunctionDef, def, row};

/// The first group if there is one, else the whole match.
fn substring<'a>(text: &'a str, pattern: &str) -> Result<Option<&'a str>> {
    let regex = compile(pattern, Flags::default())?;
    let Some(found) = regex.captures(text) else {
        return Ok(None);
    };
    let group = if regex.captures_len() > 1 {
        found.get(1)
    } else {
        found.get(0)
    };
    Ok(group.map(|group| group.as_str()))
}

fn replacement(found: &regex::Captures<'_>, template: &str, out: &mut String) {
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push_str(&found[0]),
            Some(d @ '1'..='9') => {
                let group = found.get(d as usize - '0' as usize);
                out.push_str(group.map_or("", |group| group.as_str()));
            }
            Some('\\') => out.push('\\'),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
}

/// Replaces match `n` (from 1), or all with 0, from character `start` on.
fn replace(
    text: &str,
    pattern: &str,
    template: &str,
    flags: Flags,
    start: i32,
    n: i32,
) -> Result<String> {
    let regex = compile(pattern, flags)?;
    let begin = byte_of(text, start);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, found) in regex.captures_iter(&text[begin..]).enumerate() {
        if n != 0 && at + 1 != n as usize {
            continue;
        }
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        out.push_str(&text[copied..begin + whole.start]);
        replacement(&found, template, &mut out);
        copied = begin + whole.end;
        if n != 0 {
            break;
        }
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// The byte of a 1-based character.
fn byte_of(text: &str, start: i32) -> usize {
    let at = usize::try_from(start - 1).unwrap_or(0);
    text.char_indices()
        .nth(at)
        .map_or(text.len(), |(byte, _)| byte)
}

fn without_flags(text: &str, pattern: &str, template: &str, flags: &str) -> Result<String> {
    // A digit in the flags' place is a start position that was meant as a number.
    if flags.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(err!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid regular expression option: \"{}\"",
            &flags[..1]
        )
        .with_hint(
            "If you meant to use regexp_replace() with a start parameter, cast the fourth argument \
             to integer explicitly.",
        ));
    }
    let flags = Flags::parse(flags)?;
    replace(text, pattern, template, flags, 1, i32::from(!flags.global))
}

fn checked_start(start: i32) -> Result<()> {
    if start <= 0 {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid value for parameter \"start\": {start}"
        );
    }
    Ok(())
}

fn replace_from(row: &[DatumRef<'_>]) -> Result<String> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let number = |at: usize, default: i32| {
        row.get(at)
            .and_then(|v| v.as_i64())
            .map_or(default, |n| n as i32)
    };
    let (start, n) = (number(3, 1), number(4, 1));
    checked_start(start)?;
    if n < 0 {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid value for parameter \"n\": {n}"
        );
    }
    let flags = Flags::parse(text(5))?;
    // With n given the g flag has no say.
    let n = if row.len() < 5 && flags.global { 0 } else { n };
    replace(text(0), text(1), text(2), flags, start, n)
}

fn replace_row(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(Datum::text(&replace_from(row)?))
}

/// The groups of a match, or the whole of a pattern without groups.
fn groups<'a>(regex: &Regex, found: &regex::Captures<'a>) -> Vec<Option<&'a str>> {
    let from = usize::from(regex.captures_len() > 1);
    (from..regex.captures_len())
        .map(|at| found.get(at).map(|group| group.as_str()))
        .collect()
}

fn text_array(parts: &[Option<&str>]) -> Datum {
    let values = parts.iter().map(|part| match part {
        Some(part) => DatumRef::Bytes(part.as_bytes()),
        None => DatumRef::Null,
    });
    types::build_array(TypeOid::TEXT, values)
}

/// The arrays that `regexp_matches` gives, one a match; all of them with the flag g.
pub(crate) fn matches(text: &str, pattern: &str, flags: &str) -> Result<Vec<Datum>> {
    let flags = Flags::parse(flags)?;
    let regex = compile(pattern, flags)?;
    let limit = if flags.global { usize::MAX } else { 1 };
    Ok(regex
        .captures_iter(text)
        .take(limit)
        .map(|found| text_array(&groups(&regex, &found)))
        .collect())
}

fn refuse_global(flags: Flags, name: &str) -> Result<()> {
    if flags.global {
        let error = err!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "{name}() does not support the \"global\" option"
        );
        return Err(match name {
            "regexp_match" => error.with_hint("Use the regexp_matches function instead."),
            _ => error,
        });
    }
    Ok(())
}

fn first_match(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    refuse_global(Flags::parse(text(2))?, "regexp_match")?;
    Ok(matches(text(0), text(1), text(2))?
        .pop()
        .unwrap_or(Datum::Null))
}

/// The parts between matches; an empty match splits between characters.
pub(crate) fn split<'a>(text: &'a str, pattern: &str, flags: &str) -> Result<Vec<&'a str>> {
    let flags = Flags::parse(flags)?;
    refuse_global(flags, "regexp_split_to_array")?;
    let regex = compile(pattern, flags)?;
    let mut parts = Vec::new();
    let mut start = 0;
    for found in regex.find_iter(text) {
        // An empty match at either end of a part splits nothing.
        if found.is_empty() && (found.end() == text.len() || found.start() == start) {
            continue;
        }
        parts.push(&text[start..found.start()]);
        start = found.end();
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn split_array(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let parts: Vec<Option<&str>> = split(text(0), text(1), text(2))?
        .into_iter()
        .map(Some)
        .collect();
    Ok(text_array(&parts))
}

fn count(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let start = row.get(2).and_then(|v| v.as_i64()).unwrap_or(1) as i32;
    checked_start(start)?;
    let flags = Flags::parse(text(3))?;
    refuse_global(flags, "regexp_count")?;
    let from = byte_of(text(0), start);
    let n = compile(text(1), flags)?.find_iter(&text(0)[from..]).count();
    Ok(Datum::I32(n as i32))
}

fn like(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let flags = Flags::parse(text(2))?;
    refuse_global(flags, "regexp_like")?;
    Ok(Datum::Bool(is_match(text(0), text(1), flags)?))
}

/// Where `regexp_substr` and `regexp_instr` look: the arguments behind text and pattern.
struct Place<'a> {
    start: i64,
    /// Which match counts, from 1.
    n: i64,
    flags: &'a str,
    group: i64,
}

/// The place of the part, in bytes of the text.
fn find_part(
    name: &str,
    text: &str,
    pattern: &str,
    place: &Place<'_>,
) -> Result<Option<std::ops::Range<usize>>> {
    checked_start(place.start as i32)?;
    for (name, value, least) in [("n", place.n, 1), ("subexpr", place.group, 0)] {
        if value < least {
            return Err(invalid_parameter(name, value));
        }
    }
    let flags = Flags::parse(place.flags)?;
    refuse_global(flags, name)?;
    let regex = compile(pattern, flags)?;
    let from = byte_of(text, place.start as i32);
    let found = regex.captures_iter(&text[from..]).nth(place.n as usize - 1);
    let part = found.and_then(|found| found.get(place.group as usize).map(|part| part.range()));
    Ok(part.map(|part| part.start + from..part.end + from))
}

fn invalid_parameter(name: &str, value: i64) -> Error {
    err!(
        sqlstate::INVALID_PARAMETER_VALUE,
        "invalid value for parameter \"{name}\": {value}"
    )
}

fn substr(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let number = |at: usize, default: i64| row.get(at).and_then(|v| v.as_i64()).unwrap_or(default);
    let place = Place {
        start: number(2, 1),
        n: number(3, 1),
        flags: text(4),
        group: number(5, 0),
    };
    let part = find_part("regexp_substr", text(0), text(1), &place)?;
    Ok(part.map_or(Datum::Null, |part| Datum::text(&text(0)[part])))
}

/// The character at which the part begins, or the one behind its end; 0 where there is none.
fn instr(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let number = |at: usize, default: i64| row.get(at).and_then(|v| v.as_i64()).unwrap_or(default);
    let place = Place {
        start: number(2, 1),
        n: number(3, 1),
        flags: text(5),
        group: number(6, 0),
    };
    let wants_end = match number(4, 0) {
        0 => false,
        1 => true,
        other => return Err(invalid_parameter("endoption", other)),
    };
    let part = find_part("regexp_instr", text(0), text(1), &place)?;
    let at = part.map(|part| if wants_end { part.end } else { part.start });
    let character = |at: usize| text(0)[..at].chars().count() as i32 + 1;
    Ok(Datum::I32(at.map_or(0, character)))
}

fn similar_escape(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let Some(pattern) = row[0].as_str() else {
        return Ok(Datum::Null);
    };
    Ok(Datum::text(&similar_to_regex(pattern, row[1].as_str())?))
}

fn similar_substring<'a>(text: &'a str, pattern: &str, mark: &str) -> Result<Option<&'a str>> {
    substring(text, &similar_to_regex(pattern, Some(mark))?)
}

const I: Flags = Flags::IGNORE_CASE;

fn plain(text: &str, pattern: &str) -> Result<bool> {
    is_match(text, pattern, Flags::default())
}

fn any_case(text: &str, pattern: &str) -> Result<bool> {
    is_match(text, pattern, I)
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1254, "textregexeq", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b) => bool),
    def!(1256, "textregexne", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b).map(|m| !m) => bool),
    def!(1238, "texticregexeq", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b) => bool),
    def!(1239, "texticregexne", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b).map(|m| !m) => bool),
    def!(79, "nameregexeq", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b) => bool),
    def!(1252, "nameregexne", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b).map(|m| !m) => bool),
    def!(1240, "nameicregexeq", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b) => bool),
    def!(1241, "nameicregexne", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b).map(|m| !m) => bool),
    def!(1658, "bpcharregexeq", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b) => bool),
    def!(1659, "bpcharregexne", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b).map(|m| !m) => bool),
    def!(1656, "bpcharicregexeq", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b) => bool),
    def!(1657, "bpcharicregexne", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b).map(|m| !m) => bool),
    def!(2073, "substring", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str| substring(a, b) => &str),
    def!(2074, "substring", [TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str| similar_substring(a, b, c) => &str),
    def!(1987, "similar_to_escape", [TEXT] -> TEXT, Immutable, |a: &str| similar_to_regex(a, None) => String),
    def!(1986, "similar_to_escape", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str| similar_to_regex(a, Some(b)) => String),
    row!(1623, "similar_escape", [TEXT, TEXT] -> TEXT, Immutable, lax similar_escape),
    def!(2284, "regexp_replace", [TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str| replace(a, b, c, Flags::default(), 1, 1) => String),
    def!(2285, "regexp_replace", [TEXT, TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str, d: &str| without_flags(a, b, c, d) => String),
    row!(6253, "regexp_replace", [TEXT, TEXT, TEXT, INT4] -> TEXT, Immutable, strict replace_row),
    row!(6252, "regexp_replace", [TEXT, TEXT, TEXT, INT4, INT4] -> TEXT, Immutable, strict replace_row),
    row!(6251, "regexp_replace", [TEXT, TEXT, TEXT, INT4, INT4, TEXT] -> TEXT, Immutable, strict replace_row),
    row!(3396, "regexp_match", [TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict first_match),
    row!(3397, "regexp_match", [TEXT, TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict first_match),
    row!(2767, "regexp_split_to_array", [TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict split_array),
    row!(2768, "regexp_split_to_array", [TEXT, TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict split_array),
    row!(6254, "regexp_count", [TEXT, TEXT] -> INT4, Immutable, strict count),
    row!(6255, "regexp_count", [TEXT, TEXT, INT4] -> INT4, Immutable, strict count),
    row!(6256, "regexp_count", [TEXT, TEXT, INT4, TEXT] -> INT4, Immutable, strict count),
    row!(6263, "regexp_like", [TEXT, TEXT] -> BOOL, Immutable, strict like),
    row!(6264, "regexp_like", [TEXT, TEXT, TEXT] -> BOOL, Immutable, strict like),
    row!(6257, "regexp_instr", [TEXT, TEXT] -> INT4, Immutable, strict instr),
    row!(6258, "regexp_instr", [TEXT, TEXT, INT4] -> INT4, Immutable, strict instr),
    row!(6259, "regexp_instr", [TEXT, TEXT, INT4, INT4] -> INT4, Immutable, strict instr),
    row!(6260, "regexp_instr", [TEXT, TEXT, INT4, INT4, INT4] -> INT4, Immutable, strict instr),
    row!(6261, "regexp_instr", [TEXT, TEXT, INT4, INT4, INT4, TEXT] -> INT4, Immutable, strict instr),
    row!(6262, "regexp_instr", [TEXT, TEXT, INT4, INT4, INT4, TEXT, INT4] -> INT4, Immutable, strict instr),
    row!(6265, "regexp_substr", [TEXT, TEXT] -> TEXT, Immutable, strict substr),
    row!(6266, "regexp_substr", [TEXT, TEXT, INT4] -> TEXT, Immutable, strict substr),
    row!(6267, "regexp_substr", [TEXT, TEXT, INT4, INT4] -> TEXT, Immutable, strict substr),
    row!(6268, "regexp_substr", [TEXT, TEXT, INT4, INT4, TEXT] -> TEXT, Immutable, strict substr),
    row!(6269, "regexp_substr", [TEXT, TEXT, INT4, INT4, TEXT, INT4] -> TEXT, Immutable, strict substr),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_rewritten() {
        for (text, pattern, expected) in [
            ("foobar", "o+", true),
            ("a\nb", "a.b", true),
            ("foo bar", "\\mbar\\M", true),
            ("a[b", "[[]", true),
            ("a]b", "[]]", true),
            ("x{y", "x{y", true),
            ("aaa", "^a{2,3}$", true),
            ("A1", "^[[:alpha:]][[:digit:]]$", true),
            ("cat", "[[:<:]]cat[[:>:]]", true),
            ("a.b", "***=.", true),
            ("ABC", "(?i)abc", true),
        ] {
            assert_eq!(plain(text, pattern).unwrap(), expected, "{pattern}");
        }
        assert!(plain("x", "(x").is_err());
        assert_eq!(
            replace("abcabc", "b(.)", "[\\1\\&]", Flags::default(), 1, 0).unwrap(),
            "a[cbc]a[cbc]"
        );
        assert_eq!(split("hello", "", "").unwrap(), ["h", "e", "l", "l", "o"]);
    }
}
