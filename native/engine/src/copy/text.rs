//! The text format: a line a row, backslash escapes.

use common::{Result, bail, sqlstate};

use super::CopyOptions;
use super::Fields;
use super::csv::Search;
use super::reader::LineEnd;

/// Finds the end of the first line: its place and how it ends. A line end behind a backslash is
/// data.
pub fn find_end(input: &[u8], search: &mut Search, known: LineEnd) -> Option<(usize, LineEnd)> {
    let mut at = search.at;
    loop {
        let Some(found) = memchr::memchr3(b'\n', b'\r', b'\\', &input[at..]) else {
            search.at = input.len();
            return None;
        };
        at += found;
        match input[at] {
            b'\\' => {
                if at + 1 >= input.len() {
                    search.at = at;
                    return None;
                }
                at += 2;
            }
            b'\n' => return Some((at, LineEnd::Newline)),
            _ if input.get(at + 1) == Some(&b'\n') && known != LineEnd::Return => {
                return Some((at, LineEnd::ReturnNewline));
            }
            _ => return Some((at, LineEnd::Return)),
        }
    }
}

/// Splits a line and takes the escapes out.
pub fn split(line: &[u8], options: &CopyOptions, fields: &mut Fields) -> Result<()> {
    let mut rest = line;
    loop {
        let start = fields.bytes.len();
        let raw_start = rest;
        let more = field(&mut rest, options.delimiter, &mut fields.bytes)?;
        let raw_len = raw_start.len() - rest.len() - usize::from(more);
        // The null string is compared before escapes are taken out.
        let is_null = raw_start[..raw_len] == *options.null;
        fields.end(start, is_null);
        if !more {
            return Ok(());
        }
    }
}

/// Appends one field; leaves `rest` behind its delimiter and says whether there was one.
fn field(rest: &mut &[u8], delimiter: u8, out: &mut Vec<u8>) -> Result<bool> {
    loop {
        let Some(at) = memchr::memchr2(delimiter, b'\\', rest) else {
            out.extend_from_slice(rest);
            *rest = &[];
            return Ok(false);
        };
        out.extend_from_slice(&rest[..at]);
        let found = rest[at];
        *rest = &rest[at + 1..];
        if found == delimiter {
            return Ok(true);
        }
        escape(rest, out)?;
    }
}

/// Decodes what follows a backslash.
fn escape(rest: &mut &[u8], out: &mut Vec<u8>) -> Result<()> {
    let Some((&first, after)) = rest.split_first() else {
        out.push(b'\\');
        return Ok(());
    };
    *rest = after;
    let digits = |radix: u32, max: usize, from: &[u8]| {
        let valid = from
            .iter()
            .take(max)
            .take_while(|byte| char::from(**byte).is_digit(radix));
        let count = valid.count();
        let text = std::str::from_utf8(&from[..count]).unwrap_or_default();
        u32::from_str_radix(text, radix)
            .ok()
            .map(|value| (value as u8, count))
    };
    let byte = match first {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'x' => match digits(16, 2, after) {
            Some((value, count)) => {
                *rest = &after[count..];
                value
            }
            None => b'x',
        },
        b'0'..=b'7' => {
            let (more, count) = digits(8, 2, after).unwrap_or((0, 0));
            *rest = &after[count..];
            let shift = 3 * count as u32;
            ((u32::from(first - b'0') << shift) | u32::from(more)) as u8
        }
        b'.' if after.is_empty() => {
            bail!(sqlstate::BAD_COPY_FILE_FORMAT, "end-of-copy marker corrupt")
        }
        other => other,
    };
    out.push(byte);
    Ok(())
}
