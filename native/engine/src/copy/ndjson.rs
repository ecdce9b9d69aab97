//! The NDJSON format: one JSON object a line, its members named as columns are.

use common::{Result, bail, err, sqlstate};
use functions::json_text::{self, Kind};

use super::Fields;
use super::csv::Search;
use super::reader::LineEnd;

/// Finds the end of the first line: a JSON text has none within.
pub fn find_end(input: &[u8], search: &mut Search) -> Option<(usize, LineEnd)> {
    let Some(found) = memchr::memchr(b'\n', &input[search.at..]) else {
        search.at = input.len();
        return None;
    };
    Some((search.at + found, LineEnd::Newline))
}

/// One field for each of `columns`: the member's value as JSON text, NULL where there is none.
///
/// Errors: 22P02 for what is no JSON object, 22P04 for a member that no column is named after.
pub fn split(line: &[u8], columns: &[String], fields: &mut Fields) -> Result<()> {
    let Ok(text) = std::str::from_utf8(line) else {
        bail!(
            sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\""
        );
    };
    types::json::validate_json(text)?;
    if Kind::of(text) != Kind::Object {
        bail!(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "a line of NDJSON is an object, not {}",
            Kind::of(text).name()
        );
    }
    let members = json_text::members(text);
    for (name, _) in &members {
        if !columns.contains(name) {
            return Err(err!(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "member \"{name}\" is no column"
            )
            .with_detail(format!("The columns are {}.", columns.join(", "))));
        }
    }
    for column in columns {
        let start = fields.bytes.len();
        // Of two members of one name the last counts.
        let value = members.iter().rev().find(|(name, _)| name == column);
        let value = value.map_or("null", |(_, value)| *value);
        fields.bytes.extend_from_slice(value.as_bytes());
        fields.end(start, Kind::of(value) == Kind::Null);
    }
    Ok(())
}

/// Whether a line has nothing but blanks.
pub fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}
