//! Bytes of a COPY into rows of fields.
//!
//! Input comes in pieces of any size; a row is given once its end is there. Memory: the unread
//! input, at most one row plus the last piece.

use common::{Result, bail, sqlstate};

use super::{CopyFormat, CopyOptions, OnError, binary, csv, ndjson, text};

/// The most bytes of one row; a longer one is 54000.
const ROW_BYTES_MAX: usize = 256 << 20;
/// Where faulty lines are left out, a quoted field that is longer is taken for one whose closing
/// quote is missing.
const QUOTED_BYTES_MAX: usize = 16 << 20;

/// One row's fields, in one buffer that is used again for the next row.
#[derive(Debug, Default)]
pub struct Fields {
    pub(super) bytes: Vec<u8>,
    /// End of each field in `bytes`; None for NULL.
    ends: Vec<Option<usize>>,
    starts: Vec<usize>,
}

impl Fields {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// None is NULL.
    pub fn get(&self, at: usize) -> Option<&[u8]> {
        self.ends[at].map(|end| &self.bytes[self.starts[at]..end])
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.starts.clear();
    }

    /// Ends the field whose bytes were appended since the last one ended.
    pub(super) fn end(&mut self, start: usize, is_null: bool) {
        self.starts.push(start);
        self.ends.push((!is_null).then_some(self.bytes.len()));
    }
}

/// How lines end; the first one decides for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    Unknown,
    Newline,
    Return,
    ReturnNewline,
}

/// See the module.
#[derive(Debug)]
pub struct RowReader {
    options: CopyOptions,
    input: Vec<u8>,
    /// Bytes of `input` already read.
    consumed: usize,
    /// Bytes behind `consumed` that were searched for the row's end in vain.
    searched: csv::Search,
    line_end: LineEnd,
    /// The last line of the row read last, counted from 1 as an editor counts them.
    line: u64,
    /// Lines of the row read last.
    row_lines: u64,
    /// Where the row read last starts in `input`.
    row_start: usize,
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
            options,
            input: Vec::new(),
            consumed: 0,
            searched: csv::Search::default(),
            line_end: LineEnd::Unknown,
            line: 0,
            row_lines: 1,
            row_start: 0,
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
        if self.consumed > 0 {
            self.input.drain(..self.consumed);
            self.consumed = 0;
        }
        self.input.extend_from_slice(data);
    }

    /// No more input comes.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Reads the next row into `fields`; false when more input is needed, or at the end. With
    /// HEADER, `columns` are the names that HEADER MATCH asks for.
    pub fn next_row(&mut self, columns: &[String], fields: &mut Fields) -> Result<bool> {
        if self.stopped {
            return Ok(false);
        }
        if self.options.format == CopyFormat::Binary {
            return self.next_binary(fields);
        }
        loop {
            let Some(line) = self.next_line()? else {
                return Ok(false);
            };
            fields.clear();
            let bytes = &self.input[line.0..line.1];
            // PostgreSQL too counts the line ends within quotes.
            self.row_lines = 1 + memchr::memchr_iter(b'\n', bytes).count() as u64;
            self.row_start = line.0;
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
                check_header(columns, fields)?;
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
        let (end, next, line_end) = match found {
            // A lone `\r` at the end of what has come may be the first half of `\r\n`.
            Some((_, LineEnd::Return)) if self.cr_is_last(found) && !self.ended => return Ok(None),
            Some((at, kind)) => {
                let len = if kind == LineEnd::ReturnNewline { 2 } else { 1 };
                (start + at, start + at + len, kind)
            }
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
                (self.input.len(), self.input.len(), self.line_end)
            }
        };
        self.consumed = next;
        self.searched = csv::Search::default();
        if self.line_end == LineEnd::Unknown {
            self.line_end = line_end;
        }
        if &self.input[start..end] == b"\\." {
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

fn check_header(columns: &[String], fields: &Fields) -> Result<()> {
    if fields.len() != columns.len() {
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "wrong number of fields in header line: got {}, expected {}",
            fields.len(),
            columns.len()
        );
    }
    for (at, column) in columns.iter().enumerate() {
        match fields.get(at) {
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
