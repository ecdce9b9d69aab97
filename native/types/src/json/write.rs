//! JSON as text, spaced as PostgreSQL's jsonb.

use common::Result;

use super::jsonb::JsonRef;
use crate::numeric::Numeric;

/// How containers are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonStyle {
    /// `{"a": 1, "b": [1, 2]}`
    Spaced,
    /// One member a line, four blanks of indentation.
    Pretty,
}

/// Appends a stored value as text.
pub fn write_jsonb(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    write(JsonRef::new(stored)?, JsonStyle::Spaced, 0, out)
}

/// Appends a stored value as `jsonb_pretty`.
pub fn write_jsonb_pretty(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    write(JsonRef::new(stored)?, JsonStyle::Pretty, 0, out)
}

fn write(value: JsonRef<'_>, style: JsonStyle, depth: usize, out: &mut Vec<u8>) -> Result<()> {
    match value {
        JsonRef::Null => out.extend_from_slice(b"null"),
        JsonRef::Bool(true) => out.extend_from_slice(b"true"),
        JsonRef::Bool(false) => out.extend_from_slice(b"false"),
        JsonRef::Number(number) => Numeric::decode(number)?.write_text(out),
        JsonRef::String(text) => write_json_string(text, out),
        JsonRef::Array(array) => {
            out.push(b'[');
            for (at, element) in array.iter().enumerate() {
                separate(at > 0, style, depth + 1, out);
                write(element, style, depth + 1, out)?;
            }
            close(b']', style, depth, out);
        }
        JsonRef::Object(object) => {
            out.push(b'{');
            for (at, (key, value)) in object.iter().enumerate() {
                separate(at > 0, style, depth + 1, out);
                write_json_string(key, out);
                out.extend_from_slice(b": ");
                write(value, style, depth + 1, out)?;
            }
            close(b'}', style, depth, out);
        }
    }
    Ok(())
}

fn separate(comma: bool, style: JsonStyle, depth: usize, out: &mut Vec<u8>) {
    match style {
        JsonStyle::Spaced if comma => out.extend_from_slice(b", "),
        JsonStyle::Spaced => {}
        JsonStyle::Pretty => {
            if comma {
                out.push(b',');
            }
            new_line(depth, out);
        }
    }
}

fn close(bracket: u8, style: JsonStyle, depth: usize, out: &mut Vec<u8>) {
    if style == JsonStyle::Pretty {
        new_line(depth, out);
    }
    out.push(bracket);
}

fn new_line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + 4 * depth, b' ');
}

/// Appends a quoted, escaped string.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut run = 0;
    for (at, &c) in bytes.iter().enumerate() {
        let escape: &[u8] = match c {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            0x08 => b"\\b",
            0x0c => b"\\f",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[run..at]);
        run = at + 1;
        match escape {
            b"" => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            escape => out.extend_from_slice(escape),
        }
    }
    out.extend_from_slice(&bytes[run..]);
    out.push(b'"');
}
