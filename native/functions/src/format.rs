//! `format()` and the quoting of any value.

use common::{Error, Result, bail, err, quote_identifier, quote_literal, sqlstate};
use types::{Datum, DatumRef};

use crate::EvalContext;
use crate::rows::arg_type;

fn as_text(cx: &EvalContext<'_>, at: usize, value: DatumRef<'_>) -> Result<String> {
    let mut out = Vec::new();
    types::format_text(arg_type(cx, at).into(), value, cx.text, &mut out)?;
    String::from_utf8(out).map_err(|_| Error::corrupted("stored text that is not UTF-8"))
}

/// `quote_literal` of any value.
pub fn quote_any(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(Datum::text(&quote_literal(&as_text(cx, 0, row[0])?)))
}

/// `quote_nullable`: the word NULL for NULL.
pub fn quote_nullable(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if row[0].is_null() {
        Ok(Datum::text("NULL"))
    } else {
        quote_any(cx, row)
    }
}

struct Formatter<'a> {
    cx: &'a EvalContext<'a>,
    row: &'a [DatumRef<'a>],
    /// The next argument to use.
    next: usize,
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(sqlstate::INVALID_PARAMETER_VALUE, message)
}

fn unterminated() -> Error {
    bad("unterminated format() type specifier").with_hint("For a single \"%\" use \"%%\".")
}

/// `format(text, ...)`: %s, %I, %L, %%, with position, `-` and width.
pub fn format(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let Some(pattern) = row.first().and_then(|value| value.as_str()) else {
        return Ok(Datum::Null);
    };
    let mut formatter = Formatter { cx, row, next: 1 };
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        rest = formatter.one(rest, &mut out)?;
    }
    out.push_str(rest);
    Ok(Datum::text(&out))
}

impl Formatter<'_> {
    /// One specifier behind its `%`; gives what follows it.
    fn one<'t>(&mut self, spec: &'t str, out: &mut String) -> Result<&'t str> {
        let mut rest = spec;
        let mut argument: Option<usize> = None;
        if let (Some(n), after) = number(rest)?
            && let Some(after) = after.strip_prefix('$')
        {
            if n == 0 {
                return Err(bad(
                    "format specifies argument 0, but arguments are numbered from 1",
                ));
            }
            argument = Some(n);
            rest = after;
        }
        let mut left = false;
        while let Some(after) = rest.strip_prefix('-') {
            left = true;
            rest = after;
        }
        let mut width = 0i64;
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            let mut position = self.next;
            if let (Some(n), after) = number(rest)?
                && let Some(after) = after.strip_prefix('$')
            {
                position = n;
                rest = after;
            } else {
                self.next += 1;
            }
            width = self.argument(position)?.as_i64().unwrap_or(0);
        } else if let (Some(n), after) = number(rest)? {
            width = n as i64;
            rest = after;
        }
        if width < 0 {
            left = true;
            width = -width;
        }
        let kind = rest.chars().next().ok_or_else(unterminated)?;
        if !matches!(kind, 's' | 'I' | 'L') {
            return Err(
                bad(format!("unrecognized format() type specifier \"{kind}\""))
                    .with_hint("For a single \"%\" use \"%%\"."),
            );
        }
        let position = argument.unwrap_or(self.next);
        self.next = position + 1;
        let value = self.argument(position)?;
        let text = self.convert(kind, position, value)?;
        let missing = (width as usize).saturating_sub(text.chars().count());
        if missing > 1 << 28 {
            return Err(crate::string::too_large());
        }
        let blanks = std::iter::repeat_n(' ', missing);
        if left {
            out.push_str(&text);
            out.extend(blanks);
        } else {
            out.extend(blanks);
            out.push_str(&text);
        }
        Ok(&rest[1..])
    }

    fn argument(&self, position: usize) -> Result<DatumRef<'_>> {
        self.row
            .get(position)
            .copied()
            .ok_or_else(|| bad("too few arguments for format()"))
    }

    fn convert(&self, kind: char, at: usize, value: DatumRef<'_>) -> Result<String> {
        if value.is_null() {
            return match kind {
                's' => Ok(String::new()),
                'L' => Ok("NULL".into()),
                _ => bail!(
                    sqlstate::NULL_VALUE_NOT_ALLOWED,
                    "null values cannot be formatted as an SQL identifier"
                ),
            };
        }
        let text = as_text(self.cx, at, value)?;
        Ok(match kind {
            'I' => quote_identifier(&text).into_owned(),
            'L' => quote_literal(&text),
            _ => text,
        })
    }
}

/// Digits in front of the rest.
fn number(text: &str) -> Result<(Option<usize>, &str)> {
    let end = text
        .bytes()
        .position(|c| !c.is_ascii_digit())
        .unwrap_or(text.len());
    if end == 0 {
        return Ok((None, text));
    }
    let n: i32 = text[..end].parse().map_err(|_| {
        err!(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "number is out of range"
        )
    })?;
    Ok((Some(n as usize), &text[end..]))
}
