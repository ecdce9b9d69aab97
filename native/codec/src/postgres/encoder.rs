//! Results as PostgreSQL messages.

use std::ops::Range;

use common::{Result, bail, sqlstate};
use engine::{CopyShape, Format, OutputColumn, ResultSink};
use types::{Batch, DatumRef, TextContext, TypeOid};

use super::backend::{self, Field};

/// Pauses a statement when this much waits to be sent.
pub const OUTPUT_PAUSE_BYTES: usize = 256 * 1024;

/// A [`ResultSink`] that appends messages to a connection's output.
pub struct Encoder<'a> {
    pub out: &'a mut Vec<u8>,
    pub text: &'a TextContext,
    /// One a column, one for all, or none for text.
    pub formats: &'a [Format],
    /// The simple protocol describes rows before it sends them; the extended one was asked.
    pub describes: bool,
}

/// The RowDescription of a statement's columns.
pub fn describe(out: &mut Vec<u8>, columns: &[OutputColumn], formats: &[Format]) {
    let fields = columns.iter().enumerate().map(|(at, column)| Field {
        name: &column.name,
        table_oid: column.origin.0.0,
        column_number: column.origin.1,
        type_oid: wire_type(column.ty.oid).0,
        type_len: types::type_info(column.ty.oid).map_or(-1, |info| info.len),
        type_modifier: column.ty.typmod,
        format: i16::from(format_of(formats, at) == Format::Binary),
    });
    backend::row_description(out, fields);
}

/// An untyped literal that nothing resolved is sent as text.
fn wire_type(oid: TypeOid) -> TypeOid {
    if oid == TypeOid::UNKNOWN {
        TypeOid::TEXT
    } else {
        oid
    }
}

fn format_of(formats: &[Format], at: usize) -> Format {
    match formats {
        [] => Format::Text,
        [one] => *one,
        each => each.get(at).copied().unwrap_or_default(),
    }
}

impl Encoder<'_> {
    fn value(&mut self, column: &OutputColumn, at: usize, value: DatumRef<'_>) -> Result<()> {
        if matches!(value, DatumRef::Null) {
            self.out.extend_from_slice(&(-1i32).to_be_bytes());
            return Ok(());
        }
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        match format_of(self.formats, at) {
            Format::Text => types::format_text(column.ty, value, self.text, self.out)?,
            Format::Binary => types::send_binary(column.ty, value, self.out)?,
        }
        let len = self.out.len() - start - 4;
        self.out[start..start + 4].copy_from_slice(&(len as i32).to_be_bytes());
        Ok(())
    }
}

impl ResultSink for Encoder<'_> {
    fn columns(&mut self, columns: &[OutputColumn]) {
        if self.describes {
            describe(self.out, columns, self.formats);
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
            let message = backend::begin(self.out, b'D');
            self.out
                .extend_from_slice(&(columns.len() as u16).to_be_bytes());
            for (at, (column, vector)) in columns.iter().zip(&batch.columns).enumerate() {
                self.value(column, at, vector.get(row))?;
            }
            backend::end(self.out, message);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.out.len() >= OUTPUT_PAUSE_BYTES
    }

    fn complete(&mut self, tag: &str) {
        backend::command_complete(self.out, tag);
    }

    fn empty(&mut self) {
        backend::empty_query_response(self.out);
    }

    fn suspended(&mut self) {
        backend::portal_suspended(self.out);
    }

    fn copy_in(&mut self, shape: CopyShape) {
        backend::copy_response(self.out, b'G', i16::from(shape.is_binary), shape.columns);
    }

    fn copy_out(&mut self, shape: CopyShape) {
        backend::copy_response(self.out, b'H', i16::from(shape.is_binary), shape.columns);
    }

    fn copy_data(&mut self, row: &[u8]) {
        let message = backend::begin(self.out, b'd');
        self.out.extend_from_slice(row);
        backend::end(self.out, message);
    }

    fn copy_done(&mut self) {
        backend::copy_done(self.out);
    }
}
