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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{OnError, RowReader};
    use super::*;

    fn options() -> Vec<CopyOptions> {
        let csv = CopyOptions {
            header: false,
            ..CopyOptions::csv_with_header(2)
        };
        let of = |change: &dyn Fn(&mut CopyOptions)| {
            let mut options = csv.clone();
            change(&mut options);
            options
        };
        let text = |null: &[u8]| {
            of(&|options| {
                options.format = CopyFormat::Text;
                (options.delimiter, options.null) = (b',', null.to_vec());
            })
        };
        vec![
            of(&|_| {}),
            of(&|options| options.header = true),
            of(&|options| options.null = b"a".to_vec()),
            of(&|options| options.on_error = OnError::Ignore),
            of(&|options| options.escape = b'\\'),
            of(&|options| options.force_null[1] = true),
            text(b"\\N"),
            text(b"\\"),
            text(b"a\\"),
            text(b""),
        ]
    }

    /// Rows with the lines where they begin and end, and errors, of which the first may be the last.
    fn read_all(mut reader: RowReader, input: &[u8], piece_bytes: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut pieces = input.chunks(piece_bytes);
        loop {
            match reader.next_row(&[]) {
                Ok(true) => {
                    let fields: Vec<_> = (0..reader.width()).map(|at| reader.field(at)).collect();
                    let lines = reader.first_line()..=reader.line();
                    out.push(format!("{fields:?} {lines:?}"));
                    if let Some(row) = reader.text_row() {
                        let texts = (0..fields.len()).map(|at| row.get(at).map(str::as_bytes));
                        assert_eq!(texts.collect::<Vec<_>>(), fields);
                    }
                }
                Err(error) => {
                    out.push(format!("{error} {}", reader.line()));
                    if reader.options().on_error == OnError::Stop {
                        return out;
                    }
                }
                Ok(false) => match pieces.next() {
                    Some(piece) => reader.push(piece),
                    None if out.last().is_some_and(|last| last == "end") => return out,
                    None => {
                        reader.end();
                        out.push("end".into());
                    }
                },
            }
        }
    }

    proptest! {
        #[test]
        fn plain_rows_are_what_they_are_otherwise(
            tokens in prop::collection::vec(prop::sample::select(vec![
                "a", "b", ",", ",", "\"", "\n", "\n", "\r\n", "\r", "\\", "\\N", "\\.\n", "\"a\"",
                "\"a,b\"", "\"\"", "long text that goes beyond a word of the marks and then some ",
            ]), 0..60),
            piece_bytes in 1usize..200,
        ) {
            let input = tokens.concat();
            for options in options() {
                let reader = RowReader::new(options.clone());
                let plain = read_all(reader, input.as_bytes(), piece_bytes);
                let reader = RowReader::new(options.clone()).without_marks();
                let other = read_all(reader, input.as_bytes(), piece_bytes);
                prop_assert_eq!(plain, other, "{:?}", options);
            }
        }
    }
}
