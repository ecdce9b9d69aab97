//! Results as JSON, CSV or packed rows.
//!
//! An answer in JSON is left open at its end, `{"columns":[..],"rows":[..],"rowCount":n,
//! "command":".."`: the door adds what only it knows, and the last brace. Invariant: what was
//! written up to the end of a row is a prefix of the whole answer, so that rows can go out as they
//! come.

use std::ops::Range;

use common::{Result, bail, sqlstate};
use engine::{CopyShape, OutputColumn, ResultSink, RowWriter};
use types::json::write_json_string;
use types::{Batch, DatumRef, TextContext, TypeOid};

use super::packed_rows;
use super::shapes::Shapes;

/// Pauses a statement when this much waits to be taken.
pub const OUTPUT_PAUSE_BYTES: usize = 256 * 1024;
/// A result by columns is put together before it goes out; a larger one is 54000.
const COLUMNS_MAX_BYTES: usize = 64 * 1024 * 1024;

/// How rows are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Layout {
    /// `{"id":1,"name":"a"}` a row.
    #[default]
    Objects,
    /// `[1,"a"]` a row.
    Arrays,
    /// `[{"id":1},..]` and nothing round it; as `Objects` where the reader must know the columns to
    /// read the values exactly.
    Rows,
    /// `[[1,2],["a","b"]]`: one array a column.
    Columns,
    /// Objects, one a line, and nothing round them.
    Ndjson,
    /// A line with the description of the columns, then `[1,"a"]`, one a line.
    Lines,
    /// A header line, then a line a row, as COPY writes them.
    Csv,
    /// No rows: how many were given or written, in digits.
    Count,
    /// See [`super::packed_rows`].
    Packed,
}

/// How values that JSON has no exact form for are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Values {
    /// As PostgreSQL's `to_json`: every number is a JSON number.
    #[default]
    ToJson,
    /// As JavaScript reads them without loss: numeric, and bigint beyond 2^53, as strings.
    Exact,
}

/// What an answer has come to; kept between the pieces of a statement.
#[derive(Default)]
pub struct ResultState {
    pub layout: Layout,
    pub values: Values,
    /// Rows beyond this are counted out, not sent.
    pub max_rows: Option<u64>,
    pub rows: u64,
    pub truncated: bool,
    /// What PostgreSQL calls the command tag, once the statement has ended; empty before.
    pub tag: String,
    shapes: Shapes,
    /// The shape whose names the reader of packed rows has; 0 for none.
    pub known_shape: u64,
    /// By columns: what there is of each.
    columns: Vec<Vec<u8>>,
    csv: Option<RowWriter>,
    has_columns: bool,
    /// COPY data goes out as it is.
    is_copy: bool,
}

impl ResultState {
    /// Begins another answer in the buffers of the last one.
    pub fn begin(&mut self, layout: Layout, values: Values, max_rows: Option<u64>) {
        self.layout = layout;
        self.values = values;
        self.max_rows = max_rows;
        self.rows = 0;
        self.truncated = false;
        self.tag.clear();
        if !self.columns.is_empty() {
            self.columns = Vec::new();
        }
        if self.csv.is_some() {
            self.csv = None;
        }
        self.has_columns = false;
        self.is_copy = false;
    }

    fn is_enveloped(&self) -> bool {
        let is_bare = matches!(
            self.layout,
            Layout::Rows
                | Layout::Ndjson
                | Layout::Lines
                | Layout::Csv
                | Layout::Count
                | Layout::Packed
        );
        !is_bare && !self.is_copy
    }

    /// Ends the answer of a statement that went well.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        match self.layout {
            Layout::Rows if !self.is_copy => {
                out.extend_from_slice(if self.has_columns { b"]" } else { b"[]" });
            }
            Layout::Count => {
                let count = command_of(&self.tag).1.unwrap_or(0);
                out.extend_from_slice(count.to_string().as_bytes());
            }
            _ => {}
        }
        if !self.is_enveloped() {
            return;
        }
        if !self.has_columns {
            out.extend_from_slice(b"{\"columns\":[],\"rows\":[");
        }
        for (at, column) in self.columns.iter().enumerate() {
            out.extend_from_slice(if at > 0 { b",[" } else { b"[" });
            out.extend_from_slice(column);
            out.push(b']');
        }
        let (command, count) = command_of(&self.tag);
        let count = count.unwrap_or(0).min(self.max_rows.unwrap_or(u64::MAX));
        out.extend_from_slice(b"],\"rowCount\":");
        out.extend_from_slice(count.to_string().as_bytes());
        out.extend_from_slice(b",\"command\":");
        write_json_string(command, out);
        if self.truncated {
            out.extend_from_slice(b",\"truncated\":true");
        }
    }
}

/// `INSERT 0 5` is `INSERT` and 5, `CREATE TABLE` has no count.
fn command_of(tag: &str) -> (&str, Option<u64>) {
    let Some((front, count)) = tag.rsplit_once(' ') else {
        return (tag, None);
    };
    match count.parse() {
        Ok(count) => (front.strip_suffix(" 0").unwrap_or(front), Some(count)),
        Err(_) => (tag, None),
    }
}

/// A [`ResultSink`] that appends to an answer.
pub struct ResultEncoder<'a> {
    pub out: &'a mut Vec<u8>,
    pub state: &'a mut ResultState,
    pub text: &'a TextContext,
    /// Whether a column may be NULL, for the description.
    pub is_nullable: &'a dyn Fn(&OutputColumn) -> bool,
}

impl ResultEncoder<'_> {
    /// `[{"name":..,"type":..,"nullable":..},...]`
    fn describe(&mut self, columns: &[OutputColumn]) {
        self.out.push(b'[');
        for (at, column) in columns.iter().enumerate() {
            self.out.extend_from_slice(if at > 0 {
                b",{\"name\":"
            } else {
                b"{\"name\":"
            });
            write_json_string(&column.name, self.out);
            self.out.extend_from_slice(b",\"type\":");
            write_json_string(&type_name(column), self.out);
            let nullable = (self.is_nullable)(column);
            self.out.extend_from_slice(b",\"nullable\":");
            self.out
                .extend_from_slice(if nullable { b"true}" } else { b"false}" });
        }
        self.out.push(b']');
    }

    fn open_envelope(&mut self, columns: &[OutputColumn]) {
        self.out.extend_from_slice(b"{\"columns\":");
        self.describe(columns);
        self.out.extend_from_slice(b",\"rows\":[");
    }

    fn turn_to_shape(&mut self, columns: &[OutputColumn]) {
        let names = columns.iter().map(|column| column.name.as_str());
        self.state.shapes.turn_to(names);
    }

    /// The row that begins at `start` is one line.
    fn end_line(&mut self, start: usize) {
        // A json value keeps the white space it was given, line ends among it.
        for byte in &mut self.out[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        self.out.push(b'\n');
    }

    fn value(&mut self, ty: TypeOid, value: DatumRef<'_>) -> Result<()> {
        write_value(self.state.values, ty, value, self.text, self.out)
    }

    fn object(&mut self, columns: &[OutputColumn], batch: &Batch, row: usize) -> Result<()> {
        let values = self.state.values;
        let cells = columns.iter().zip(&batch.columns);
        for (key, (column, cells)) in self.state.shapes.current().keys().zip(cells) {
            self.out.extend_from_slice(key);
            write_value(values, column.ty.oid, cells.get(row), self.text, self.out)?;
        }
        self.out
            .extend_from_slice(if columns.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }

    fn array(&mut self, columns: &[OutputColumn], batch: &Batch, row: usize) -> Result<()> {
        self.out.push(b'[');
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.value(column.ty.oid, batch.columns[at].get(row))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn by_columns(&mut self, columns: &[OutputColumn], batch: &Batch, row: usize) -> Result<()> {
        let mut total = 0;
        for (at, column) in columns.iter().enumerate() {
            let out = &mut self.state.columns[at];
            if !out.is_empty() {
                out.push(b',');
            }
            let value = batch.columns[at].get(row);
            write_value(self.state.values, column.ty.oid, value, self.text, out)?;
            total += out.len();
        }
        if total > COLUMNS_MAX_BYTES {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "a result by columns has at most {COLUMNS_MAX_BYTES} bytes; take rows, or fewer of them"
            );
        }
        Ok(())
    }

    fn row(&mut self, columns: &[OutputColumn], batch: &Batch, row: usize) -> Result<()> {
        let is_first = self.state.rows == 0;
        match self.state.layout {
            Layout::Objects | Layout::Rows | Layout::Arrays => {
                if !is_first {
                    self.out.push(b',');
                }
                match self.state.layout {
                    Layout::Arrays => self.array(columns, batch, row),
                    _ => self.object(columns, batch, row),
                }
            }
            Layout::Columns => self.by_columns(columns, batch, row),
            Layout::Ndjson => {
                let start = self.out.len();
                self.object(columns, batch, row)?;
                self.end_line(start);
                Ok(())
            }
            Layout::Lines => {
                let start = self.out.len();
                self.array(columns, batch, row)?;
                self.end_line(start);
                Ok(())
            }
            Layout::Csv => {
                let values = batch.columns.iter().map(|column| column.get(row));
                let writer = self.state.csv.as_mut().expect("made with the columns");
                writer.row(values, self.text, self.out)
            }
            Layout::Count => Ok(()),
            Layout::Packed => {
                packed_rows::begin_row(self.out);
                for (column, cells) in columns.iter().zip(&batch.columns) {
                    packed_rows::write(column.ty.oid, cells.get(row), self.text, self.out)?;
                }
                Ok(())
            }
        }
    }
}

/// The types' own names, as `format_type` gives them.
fn type_name(column: &OutputColumn) -> String {
    if column.ty.oid == TypeOid::UNKNOWN {
        return "text".into();
    }
    match types::type_info(column.ty.oid) {
        Some(_) => types::format_type(column.ty.oid, column.ty.typmod),
        // The row type of a table.
        None => "record".into(),
    }
}

pub fn write_value(
    values: Values,
    ty: TypeOid,
    value: DatumRef<'_>,
    text: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    const SAFE: i64 = (1 << 53) - 1;
    let is_inexact = match value {
        DatumRef::I64(number) => ty == TypeOid::INT8 && !(-SAFE..=SAFE).contains(&number),
        DatumRef::Null => false,
        _ => ty == TypeOid::NUMERIC,
    };
    if values == Values::Exact && is_inexact {
        out.push(b'"');
        types::format_text(ty.into(), value, text, out)?;
        out.push(b'"');
        return Ok(());
    }
    functions::write_json(ty, value, text, out)
}

impl ResultSink for ResultEncoder<'_> {
    fn columns(&mut self, columns: &[OutputColumn]) {
        self.state.has_columns = true;
        let needs_types =
            |column: &OutputColumn| matches!(column.ty.oid, TypeOid::INT8 | TypeOid::BYTEA);
        if self.state.layout == Layout::Rows
            && self.state.values == Values::Exact
            && columns.iter().any(needs_types)
        {
            self.state.layout = Layout::Objects;
        }
        match self.state.layout {
            Layout::Csv => {
                let names: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
                let types = columns.iter().map(|column| column.ty).collect();
                let mut writer = RowWriter::csv_with_header(types);
                writer.begin(&names, self.out);
                self.state.csv = Some(writer);
            }
            Layout::Columns => {
                self.open_envelope(columns);
                self.state.columns = vec![Vec::new(); columns.len()];
            }
            Layout::Arrays => self.open_envelope(columns),
            Layout::Count => {}
            Layout::Lines => {
                self.describe(columns);
                self.out.push(b'\n');
            }
            Layout::Objects | Layout::Rows | Layout::Ndjson => {
                match self.state.layout {
                    Layout::Objects => self.open_envelope(columns),
                    Layout::Rows => self.out.push(b'['),
                    _ => {}
                }
                self.turn_to_shape(columns);
            }
            Layout::Packed => {
                self.turn_to_shape(columns);
                let shape = self.state.shapes.current();
                packed_rows::begin(shape, self.state.known_shape, self.out);
            }
        }
    }

    fn rows(&mut self, columns: &[OutputColumn], batch: &Batch, rows: Range<usize>) -> Result<()> {
        if columns.len() != batch.columns.len() {
            bail!(
                sqlstate::INTERNAL_ERROR,
                "a batch has other columns than were announced"
            );
        }
        for row in rows {
            if self
                .state
                .max_rows
                .is_some_and(|max| self.state.rows >= max)
            {
                self.state.truncated = true;
                return Ok(());
            }
            let start = self.out.len();
            if let Err(error) = self.row(columns, batch, row) {
                self.out.truncate(start);
                return Err(error);
            }
            self.state.rows += 1;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.out.len() >= OUTPUT_PAUSE_BYTES
    }

    fn complete(&mut self, tag: &str) {
        self.state.tag.clear();
        self.state.tag.push_str(tag);
    }

    fn empty(&mut self) {}

    fn suspended(&mut self) {
        self.state.tag = format!("SELECT {}", self.state.rows);
    }

    fn copy_in(&mut self, _shape: CopyShape) {}

    fn copy_out(&mut self, _shape: CopyShape) {
        self.state.is_copy = true;
    }

    fn copy_data(&mut self, row: &[u8]) {
        if !matches!(self.state.layout, Layout::Count | Layout::Packed) {
            self.out.extend_from_slice(row);
        }
    }

    fn copy_done(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_tags_are_taken_apart() {
        assert_eq!(command_of("INSERT 0 5"), ("INSERT", Some(5)));
        assert_eq!(command_of("SELECT 12"), ("SELECT", Some(12)));
        assert_eq!(command_of("COPY 3"), ("COPY", Some(3)));
        assert_eq!(command_of("CREATE TABLE"), ("CREATE TABLE", None));
        assert_eq!(command_of("BEGIN"), ("BEGIN", None));
    }
}
