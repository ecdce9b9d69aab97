//! Values into the bytes of a COPY.

use common::Result;
use types::{DatumRef, SqlType, TextContext};

use super::binary::SIGNATURE;
use super::{CopyFormat, CopyOptions};

/// Writes rows into a buffer that the caller empties.
#[derive(Debug)]
pub struct RowWriter {
    options: CopyOptions,
    types: Vec<SqlType>,
    value: Vec<u8>,
    /// For NDJSON, of each column: `"name":` with what stands before it.
    keys: Vec<Vec<u8>>,
}

impl RowWriter {
    pub(crate) fn new(options: CopyOptions, types: Vec<SqlType>) -> Self {
        Self {
            options,
            types,
            value: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// CSV as `COPY ... (FORMAT csv, HEADER)` writes it.
    pub fn csv_with_header(types: Vec<SqlType>) -> Self {
        Self::new(CopyOptions::csv_with_header(types.len()), types)
    }

    pub(crate) fn options(&self) -> &CopyOptions {
        &self.options
    }

    /// What comes before the first row; nothing for text without HEADER.
    pub fn begin(&mut self, columns: &[String], out: &mut Vec<u8>) {
        if self.options.format == CopyFormat::Binary {
            out.extend_from_slice(SIGNATURE);
            out.extend_from_slice(&[0; 8]);
        } else if self.options.format == CopyFormat::Ndjson {
            let key = |(at, name): (usize, &String)| {
                let mut key = vec![if at > 0 { b',' } else { b'{' }];
                types::json::write_json_string(name, &mut key);
                key.push(b':');
                key
            };
            self.keys = columns.iter().enumerate().map(key).collect();
        } else if self.options.header {
            for (at, name) in columns.iter().enumerate() {
                if at > 0 {
                    out.push(self.options.delimiter);
                }
                if self.options.format == CopyFormat::Csv {
                    csv_value(
                        name.as_bytes(),
                        &self.options,
                        false,
                        columns.len() == 1,
                        out,
                    );
                } else {
                    text_value(name.as_bytes(), self.options.delimiter, out);
                }
            }
            out.push(b'\n');
        }
    }

    /// One row with its line end.
    pub fn row<'a>(
        &mut self,
        values: impl ExactSizeIterator<Item = DatumRef<'a>>,
        context: &TextContext,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let count = values.len();
        if self.options.format == CopyFormat::Binary {
            out.extend_from_slice(&(count as i16).to_be_bytes());
        }
        if self.options.format == CopyFormat::Ndjson {
            return self.object(values, context, out);
        }
        for (at, value) in values.enumerate() {
            self.field(at, count, value, context, out)?;
        }
        if self.options.format != CopyFormat::Binary {
            out.push(b'\n');
        }
        Ok(())
    }

    /// A row as a line with a JSON object.
    fn object<'a>(
        &mut self,
        values: impl Iterator<Item = DatumRef<'a>>,
        context: &TextContext,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let start = out.len();
        for (at, value) in values.enumerate() {
            out.extend_from_slice(&self.keys[at]);
            functions::write_json(self.types[at].oid, value, context, out)?;
        }
        out.extend_from_slice(if out.len() == start { b"{}" } else { b"}" });
        // A json value keeps the white space it was given, line ends among it.
        for byte in &mut out[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        out.push(b'\n');
        Ok(())
    }

    fn field(
        &mut self,
        at: usize,
        count: usize,
        value: DatumRef<'_>,
        context: &TextContext,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let is_null = matches!(value, DatumRef::Null);
        if self.options.format == CopyFormat::Binary {
            if is_null {
                out.extend_from_slice(&(-1i32).to_be_bytes());
                return Ok(());
            }
            let start = out.len();
            out.extend_from_slice(&[0; 4]);
            types::send_binary(self.types[at], value, out)?;
            let len = (out.len() - start - 4) as i32;
            out[start..start + 4].copy_from_slice(&len.to_be_bytes());
            return Ok(());
        }
        if at > 0 {
            out.push(self.options.delimiter);
        }
        if is_null {
            out.extend_from_slice(&self.options.null);
            return Ok(());
        }
        self.value.clear();
        types::format_text(self.types[at], value, context, &mut self.value)?;
        if self.options.format == CopyFormat::Csv {
            let forced = self.options.force_quote.get(at).copied().unwrap_or(false);
            csv_value(&self.value, &self.options, forced, count == 1, out);
        } else {
            text_value(&self.value, self.options.delimiter, out);
        }
        Ok(())
    }

    /// What comes behind the last row.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if self.options.format == CopyFormat::Binary {
            out.extend_from_slice(&(-1i16).to_be_bytes());
        }
    }
}

fn text_value(value: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    for &byte in value {
        let escaped = match byte {
            8 => b'b',
            12 => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            11 => b'v',
            b'\\' => b'\\',
            _ if byte == delimiter => byte,
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', escaped]);
    }
}

/// `is_alone`: the row has one column, so that `\.` could be taken for the end of the data.
fn csv_value(value: &[u8], options: &CopyOptions, forced: bool, is_alone: bool, out: &mut Vec<u8>) {
    let CopyOptions {
        delimiter,
        quote,
        escape,
        ..
    } = *options;
    let special = |byte: &u8| [delimiter, quote, b'\n', b'\r'].contains(byte);
    let needs_quotes = forced
        || value == options.null.as_slice()
        || (is_alone && value == b"\\.")
        || value.iter().any(special);
    if !needs_quotes {
        out.extend_from_slice(value);
        return;
    }
    out.push(quote);
    for &byte in value {
        if byte == quote || byte == escape {
            out.push(escape);
        }
        out.push(byte);
    }
    out.push(quote);
}
