//! Rows whose end and fields their marks tell, where they lie: no byte is copied, and none but the
//! marked ones is looked at.
//!
//! That holds for CSV rows of one line whose fields are quoted as a whole or not at all and have no
//! quote within, and for lines of the text format without escapes. Every other row, and one that has
//! not come whole, is left to `csv` and `text`, with its errors.

use super::marks::Marks;
use super::reader::LineEnd;
use super::{CopyFormat, CopyOptions, Fields};

/// What is marked in the input: None where no rows are plain.
pub fn marked_bytes(options: &CopyOptions) -> Option<[u8; 4]> {
    let is_any = |list: &[bool]| list.contains(&true);
    let CopyOptions {
        delimiter, quote, ..
    } = *options;
    match options.format {
        CopyFormat::Csv => {
            let is_plain = options.escape == quote
                && !is_any(&options.force_null)
                && !is_any(&options.force_not_null);
            is_plain.then_some([delimiter, quote, b'\n', b'\r'])
        }
        CopyFormat::Text => Some([delimiter, b'\\', b'\n', b'\r']),
        CopyFormat::Binary | CopyFormat::Ndjson => None,
    }
}

/// The end of the plain row at `start` of `input`, and how it ends; its fields are in `fields` then.
#[inline]
pub fn read(
    input: &[u8],
    start: usize,
    marks: &Marks,
    options: &CopyOptions,
    known: LineEnd,
    fields: &mut Fields,
) -> Option<(usize, LineEnd)> {
    let is_csv = options.format == CopyFormat::Csv;
    let CopyOptions {
        delimiter, quote, ..
    } = *options;
    let null = options.null.as_slice();
    fields.clear_for_input();
    let mut marks = marks.from(start);
    let mut from = start;
    loop {
        let mut at = marks.next()?;
        if is_csv && input[at] == quote {
            if at != from {
                return None;
            }
            let closing = marks.find(|at| input[*at] != delimiter)?;
            at = marks.next()?;
            if input[closing] != quote || at != closing + 1 {
                return None;
            }
            fields.add_place(from + 1, closing, false);
        } else {
            if input[at] == b'\\' && !is_csv {
                // The null string of the text format is the one thing with a backslash in it; one that
                // ends with a backslash would take what follows for data.
                let end = marks.next()?;
                if &input[from..end] != null || end == at + 1 {
                    return None;
                }
                at = end;
            }
            fields.add_place(from, at, input[from..at] == *null);
        }
        let byte = input[at];
        if byte == delimiter {
            from = at + 1;
            continue;
        }
        return match byte {
            b'\n' => Some((at, LineEnd::Newline)),
            b'\r' if known == LineEnd::ReturnNewline && input.get(at + 1) == Some(&b'\n') => {
                Some((at, LineEnd::ReturnNewline))
            }
            _ => None,
        };
    }
}
