//! COPY's data formats: text, CSV and binary, as PostgreSQL 15 reads and writes them (copyfromparse.c,
//! copyto.c), and NDJSON.
//!
//! `options` is what the statement asks for, `reader` turns bytes into fields, `writer` turns values
//! into bytes. Nothing here knows tables or protocols.

mod binary;
mod csv;
mod fields;
mod marks;
mod ndjson;
mod options;
mod plain_row;
mod reader;
mod text;
mod writer;

pub use options::{CopyFormat, CopyOptions, OnError};
pub use reader::RowReader;
pub use writer::RowWriter;

use fields::Fields;
