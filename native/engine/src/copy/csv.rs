//! The CSV format: quoted fields may hold delimiters and line ends.

use common::{Result, bail, sqlstate};

use super::Fields;
use super::reader::LineEnd;
use super::{CopyOptions, OnError};

/// How far the search for a row's end has come, so that a long row is searched once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search {
    pub at: usize,
    pub in_quotes: bool,
    /// The row goes over several lines, and something stands behind a closing quote: a quote before
    /// it was surely left open.
    pub is_broken: bool,
}

/// Finds the end of the first row: its place and how it ends. Where faulty lines are left out it
/// stops as soon as it notices a quote that was left open; else PostgreSQL's leniency holds.
pub fn find_end(
    input: &[u8],
    options: &CopyOptions,
    search: &mut Search,
    known: LineEnd,
) -> Option<(usize, LineEnd)> {
    let CopyOptions { quote, escape, .. } = *options;
    loop {
        if search.in_quotes {
            let found = memchr::memchr2(quote, escape, &input[search.at..])?;
            let at = search.at + found;
            let next = input.get(at + 1);
            if input[at] == escape && next.is_none() {
                // Whether this escapes or ends is told by the next byte.
                search.at = at;
                return None;
            }
            let escapes = input[at] == escape && next.is_some_and(|n| *n == quote || *n == escape);
            search.at = at + if escapes { 2 } else { 1 };
            if !escapes && input[at] == quote {
                search.in_quotes = false;
                if options.on_error == OnError::Ignore
                    && next.is_some_and(|n| ![options.delimiter, b'\n', b'\r'].contains(n))
                    && memchr::memchr(b'\n', &input[..at]).is_some()
                {
                    search.is_broken = true;
                    return None;
                }
            }
            continue;
        }
        let Some(found) = memchr::memchr3(b'\n', b'\r', quote, &input[search.at..]) else {
            search.at = input.len();
            return None;
        };
        let at = search.at + found;
        match input[at] {
            b'\n' => return Some((at, LineEnd::Newline)),
            b'\r' if input.get(at + 1) == Some(&b'\n') && known != LineEnd::Return => {
                return Some((at, LineEnd::ReturnNewline));
            }
            b'\r' => return Some((at, LineEnd::Return)),
            _ => {
                search.in_quotes = true;
                search.at = at + 1;
            }
        }
    }
}

/// Splits a row and takes the quotes out. A quoted field is never NULL unless FORCE_NULL says so.
pub fn split(line: &[u8], options: &CopyOptions, fields: &mut Fields) -> Result<()> {
    let CopyOptions {
        delimiter,
        quote,
        escape,
        ..
    } = *options;
    let mut rest = line;
    loop {
        let start = fields.bytes.len();
        let mut was_quoted = false;
        let mut more = false;
        // A field may be quoted in parts: `a"b,c"d` is one.
        while let Some(at) = memchr::memchr2(delimiter, quote, rest) {
            fields.bytes.extend_from_slice(&rest[..at]);
            let found = rest[at];
            rest = &rest[at + 1..];
            if found == delimiter {
                more = true;
                break;
            }
            was_quoted = true;
            quoted(&mut rest, quote, escape, &mut fields.bytes)?;
        }
        if !more {
            fields.bytes.extend_from_slice(rest);
        }
        let column = fields.len();
        let forced = |list: &[bool]| list.get(column).copied().unwrap_or(false);
        let is_null = fields.bytes[start..] == *options.null
            && if was_quoted {
                forced(&options.force_null)
            } else {
                !forced(&options.force_not_null)
            };
        fields.end(start, is_null);
        if !more {
            return Ok(());
        }
    }
}

/// Appends what stands between quotes; leaves `rest` behind the closing one.
fn quoted(rest: &mut &[u8], quote: u8, escape: u8, out: &mut Vec<u8>) -> Result<()> {
    loop {
        let Some(at) = memchr::memchr2(quote, escape, rest) else {
            bail!(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "unterminated CSV quoted field"
            );
        };
        out.extend_from_slice(&rest[..at]);
        let found = rest[at];
        let next = rest.get(at + 1).copied();
        match next {
            Some(next) if found == escape && (next == quote || next == escape) => {
                out.push(next);
                *rest = &rest[at + 2..];
            }
            _ if found == quote => {
                *rest = &rest[at + 1..];
                return Ok(());
            }
            _ => {
                out.push(found);
                *rest = &rest[at + 1..];
            }
        }
    }
}
