//! Bytes of a COPY into rows of fields.
//!
//! Input comes in pieces of any size; a row is given once its end is there. Memory: the unread
//! input, at most one row plus the last piece.

use common::{Result, bail, sqlstate};

use super::marks::Marks;
use super::plain_row;
use super::{CopyFormat, CopyOptions, Fields, OnError, binary, csv, ndjson, text};

/// The most bytes of one row; a longer one is 54000.
const ROW_BYTES_MAX: usize = 256 << 20;
/// Where faulty lines are left out, a quoted field that is longer is taken for one whose closing
/// quote is missing.
const QUOTED_BYTES_MAX: usize = 16 << 20;
/// A line that ends the data before its end.
const END_OF_DATA: &[u8] = b"\\.";

/// How lines end; the first one decides for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    Unknown,
    Newline,
    Return,
    ReturnNewline,
}

impl LineEnd {
    /// Bytes; an unknown one is that of a last line without any.
    #[inline]
    fn len(self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Newline | Self::Return => 1,
            Self::ReturnNewline => 2,
        }
    }
}

/// A row whose fields are text, where they lie in the input.
pub struct TextRow<'r> {
    text: &'r str,
    /// Where the row starts in the input.
    start: usize,
    fields: &'r Fields,
}

impl<'r> TextRow<'r> {
    /// None is NULL.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&'r str> {
        let (start, end) = self.fields.place(at)?;
        // Both are next to ASCII bytes, or the row's ends.
        Some(&self.text[start - self.start..end - self.start])
    }
}

/// See the module.
#[derive(Debug)]
pub struct RowReader {
    options: CopyOptions,
    input: Vec<u8>,
    /// Of `input`, where rows may be plain.
    marks: Option<Marks>,
    /// Fields of the row read last.
    fields: Fields,
    /// Bytes of `input` already read.
    consumed: usize,
    /// Bytes behind `consumed` that were searched for the row's end in vain.
    searched: csv::Search,
    line_end: LineEnd,
    /// The last line of the row read last, counted from 1 as an editor counts them.
    line: u64,
    /// Lines of the row read last.
    row_lines: u64,
    /// Where the row read last starts in `input`, and ends.
    row_start: usize,
    row_end: usize,
    header_due: bool,
    /// The line that is being read was too long and is left out up to its end.
    skips_line: bool,
    ended: bool,
    /// `\.` or a binary trailer was read: what follows is ignored.
    stopped: bool,
}

impl RowReader {
    pub fn new(options: CopyOptions) -> Self {
        let header_due = options.header || options.format == CopyFormat::Binary;
        Self {
            marks: plain_row::marked_bytes(&options).map(Marks::new),
            options,
            input: Vec::new(),
            fields: Fields::default(),
            consumed: 0,
            searched: csv::Search::default(),
            line_end: LineEnd::Unknown,
            line: 0,
            row_lines: 1,
            row_start: 0,
            row_end: 0,
            header_due,
            skips_line: false,
            ended: false,
            stopped: false,
        }
    }

    pub fn options(&self) -> &CopyOptions {
        &self.options
    }

    /// The line at which the row read last ends, counted from 1 (a header counts). Rows of the
    /// binary format count as lines.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The line at which the row read last begins.
    pub fn first_line(&self) -> u64 {
        self.line + 1 - self.row_lines
    }

    /// Takes all but the first line of the row read last for unread: a quote was left open in that
    /// line, and what follows are lines of their own. Nothing happens where the row has one line.
    pub fn unread_after_first_line(&mut self) {
        if self.row_lines <= 1 {
            return;
        }
        if let Some(at) = memchr::memchr(b'\n', &self.input[self.row_start..]) {
            self.consumed = self.row_start + at + 1;
            self.line = self.first_line();
            self.row_lines = 1;
            self.searched = csv::Search::default();
        }
    }

    pub fn push(&mut self, data: &[u8]) {
        if self.stopped {
            return;
        }
        // In units of a word of the marks.
        let words = self.consumed / 64;
        if words > 0 {
            self.input.drain(..words * 64);
            self.consumed -= words * 64;
        }
        let start = self.input.len();
        self.input.extend_from_slice(data);
        if let Some(marks) = &mut self.marks {
            marks.drop_front(words);
            marks.extend(&self.input, start);
        }
    }

    /// No more input comes.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The same reader, to which no row is plain.
    #[cfg(test)]
    pub fn without_marks(mut self) -> Self {
        self.marks = None;
        self
    }

    /// Fields of the row read last.
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    /// A field of the row read last; None is NULL.
    pub fn field(&self, at: usize) -> Option<&[u8]> {
        self.fields.get(&self.input, at)
    }

    /// The row read last, if its fields lie in the input and it is text without a zero byte.
    #[inline]
    pub fn text_row(&self) -> Option<TextRow<'_>> {
        if !self.fields.are_in_input() {
            return None;
        }
        let bytes = &self.input[self.row_start..self.row_end];
        if memchr::memchr(0, bytes).is_some() {
            return None;
        }
        Some(TextRow {
            text: std::str::from_utf8(bytes).ok()?,
            start: self.row_start,
            fields: &self.fields,
        })
    }

    /// Reads the next row; false when more input is needed, or at the end. With HEADER, `columns`
    /// are the names that HEADER MATCH asks for.
    #[inline]
    pub fn next_row(&mut self, columns: &[String]) -> Result<bool> {
        if self.next_plain_row() {
            return Ok(true);
        }
        self.next_other_row(columns)
    }

    /// Reads the next row if it is a plain one.
    #[inline]
    fn next_plain_row(&mut self) -> bool {
        let Some(marks) = &self.marks else {
            return false;
        };
        // What was begun otherwise is ended otherwise.
        let is_begun = self.searched.at > 0 || self.skips_line;
        if is_begun || self.header_due || self.stopped {
            return false;
        }
        let (start, fields) = (self.consumed, &mut self.fields);
        let (input, options) = (&self.input, &self.options);
        let row = plain_row::read(input, start, marks, options, self.line_end, fields);
        let Some((end, line_end)) = row else {
            return false;
        };
        if &input[start..end] == END_OF_DATA {
            return false;
        }
        self.took(start, end, line_end);
        self.row_lines = 1;
        self.line += 1;
        true
    }

    /// A row was found; what follows it is unread.
    #[inline]
    fn took(&mut self, start: usize, end: usize, line_end: LineEnd) {
        self.consumed = end + line_end.len();
        (self.row_start, self.row_end) = (start, end);
        if self.line_end == LineEnd::Unknown {
            self.line_end = line_end;
        }
    }

    fn next_other_row(&mut self, columns: &[String]) -> Result<bool> {
        if self.stopped {
            return Ok(false);
        }
        let mut fields = std::mem::take(&mut self.fields);
        let is_row = match self.options.format {
            CopyFormat::Binary => self.next_binary(&mut fields),
            _ => self.next_lines(columns, &mut fields),
        };
        self.fields = fields;
        is_row
    }

    fn next_lines(&mut self, columns: &[String], fields: &mut Fields) -> Result<bool> {
        loop {
            let Some(line) = self.next_line()? else {
                return Ok(false);
            };
            fields.clear();
            let bytes = &self.input[line.0..line.1];
            // PostgreSQL too counts the line ends within quotes.
            self.row_lines = 1 + memchr::memchr_iter(b'\n', bytes).count() as u64;
            self.line += self.row_lines;
            match self.options.format {
                CopyFormat::Csv => csv::split(bytes, &self.options, fields)?,
                CopyFormat::Ndjson if ndjson::is_blank(bytes) => continue,
                CopyFormat::Ndjson => ndjson::split(bytes, columns, fields)?,
                CopyFormat::Text | CopyFormat::Binary => {
                    text::split(bytes, &self.options, fields)?;
                }
            }
            if !std::mem::take(&mut self.header_due) {
                return Ok(true);
            }
            if self.options.header_matches {
                check_header(columns, fields, &self.input)?;
            }
        }
    }

    fn next_binary(&mut self, fields: &mut Fields) -> Result<bool> {
        if self.header_due {
            match binary::header(&self.input[self.consumed..])? {
                Some(len) => self.consumed += len,
                None if self.ended => {
                    bail!(
                        sqlstate::BAD_COPY_FILE_FORMAT,
                        "COPY file signature not recognized"
                    )
                }
                None => return Ok(false),
            }
            self.header_due = false;
        }
        fields.clear();
        self.line += 1;
        match binary::row(&self.input[self.consumed..], fields)? {
            binary::Row::Fields(len) => {
                self.consumed += len;
                return Ok(true);
            }
            binary::Row::End => self.stopped = true,
            binary::Row::Incomplete if self.ended && self.consumed < self.input.len() => {
                bail!(
                    sqlstate::BAD_COPY_FILE_FORMAT,
                    "unexpected EOF in COPY data"
                )
            }
            binary::Row::Incomplete => {}
        }
        self.line -= 1;
        Ok(false)
    }

    /// Start and end of the next line in `input`, without its end; None when it is incomplete.
    fn next_line(&mut self) -> Result<Option<(usize, usize)>> {
        if self.skips_line {
            let rest = &self.input[self.consumed..];
            let end = memchr::memchr(b'\n', rest);
            self.consumed += end.map_or(rest.len(), |at| at + 1);
            self.skips_line = end.is_none();
            if self.skips_line {
                return Ok(None);
            }
        }
        let rest = &self.input[self.consumed..];
        let found = match self.options.format {
            CopyFormat::Csv => {
                csv::find_end(rest, &self.options, &mut self.searched, self.line_end)
            }
            CopyFormat::Ndjson => ndjson::find_end(rest, &mut self.searched),
            CopyFormat::Text | CopyFormat::Binary => {
                text::find_end(rest, &mut self.searched, self.line_end)
            }
        };
        if found.is_none() && self.quote_was_left_open(rest.len()) {
            return self.give_up_first_line();
        }
        let start = self.consumed;
        let (end, line_end) = match found {
            // A lone `\r` at the end of what has come may be the first half of `\r\n`.
            Some((_, LineEnd::Return)) if self.cr_is_last(found) && !self.ended => return Ok(None),
            Some((at, kind)) => (start + at, kind),
            None if rest.len() > ROW_BYTES_MAX => {
                self.line += 1;
                self.row_lines = 1;
                self.consumed = self.input.len();
                self.searched = csv::Search::default();
                self.skips_line = true;
                bail!(
                    sqlstate::PROGRAM_LIMIT_EXCEEDED,
                    "a line of the COPY data is longer than {ROW_BYTES_MAX} bytes"
                );
            }
            None if !self.ended || rest.is_empty() => return Ok(None),
            None => {
                if self.options.format == CopyFormat::Csv && self.searched.in_quotes {
                    self.line += 1;
                    bail!(
                        sqlstate::BAD_COPY_FILE_FORMAT,
                        "unterminated CSV quoted field"
                    );
                }
                (self.input.len(), LineEnd::Unknown)
            }
        };
        self.took(start, end, line_end);
        self.searched = csv::Search::default();
        if &self.input[start..end] == END_OF_DATA {
            self.stopped = true;
            return Ok(None);
        }
        Ok(Some((start, end)))
    }

    /// Whether the row cannot end well, where that costs its first line only.
    fn quote_was_left_open(&self, rest_bytes: usize) -> bool {
        if self.options.on_error != OnError::Ignore {
            return false;
        }
        let search = &self.searched;
        let is_endless = search.in_quotes && (self.ended || rest_bytes > QUOTED_BYTES_MAX);
        search.is_broken || (is_endless && rest_bytes > 0)
    }

    /// Drops the first line of what is unread, and says why.
    fn give_up_first_line(&mut self) -> Result<Option<(usize, usize)>> {
        let rest = &self.input[self.consumed..];
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        self.consumed += len;
        self.searched = csv::Search::default();
        self.line += 1;
        self.row_lines = 1;
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "unterminated CSV quoted field"
        );
    }

    fn cr_is_last(&self, found: Option<(usize, LineEnd)>) -> bool {
        found.is_some_and(|(at, _)| self.consumed + at + 1 == self.input.len())
    }
}

fn check_header(columns: &[String], fields: &Fields, input: &[u8]) -> Result<()> {
    if fields.len() != columns.len() {
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "wrong number of fields in header line: got {}, expected {}",
            fields.len(),
            columns.len()
        );
    }
    for (at, column) in columns.iter().enumerate() {
        match fields.get(input, at) {
            Some(name) if name == column.as_bytes() => {}
            Some(name) => bail!(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "column name mismatch in header line field {}: got \"{}\", expected \"{column}\"",
                at + 1,
                String::from_utf8_lossy(name)
            ),
            None => bail!(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "column name mismatch in header line field {}: got null value, expected \"{column}\"",
                at + 1
            ),
        }
    }
    Ok(())
}
