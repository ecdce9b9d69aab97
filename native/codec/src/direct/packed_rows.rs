//! Rows in a form that JavaScript reads without parsing: `ts/embedded` has the reader.
//!
//! ```text
//! answer: shape's number f64 | length u32, names as a JSON array | row, row, ...
//! row: 1 u8 | a value for each column
//! value: tag u8 | what the tag says
//! ```
//!
//! Numbers are little-endian. The names are left out, their length 0, where the reader has said that
//! it knows the shape. An answer without columns is empty. Values mean what [`super::Values::Exact`]
//! means in JSON, but that bigint beyond 2^53 and bytea come as what they are.

use common::Result;
use types::{DatumRef, TextContext, TypeOid};

use super::result_encoder::{Values, write_value};
use super::shapes::Shape;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
/// i32.
const INTEGER: u8 = 3;
/// f64.
const NUMBER: u8 = 4;
/// i64 that a double cannot hold.
const BIGINT: u8 = 5;
/// Length u32, then as many bytes of ASCII.
const ASCII: u8 = 6;
/// As `ASCII`, in UTF-8.
const TEXT: u8 = 7;
/// Length u32, bytes.
const BYTES: u8 = 8;
/// Length u32, the text of a JSON value.
const JSON: u8 = 9;

/// Begins an answer; the reader knows the shape `known`, 0 for none.
pub fn begin(shape: &Shape, known: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&(shape.number as f64).to_le_bytes());
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    if shape.number != known {
        shape.write_names(out);
        set_length(at, out);
    }
}

/// Begins a row; its values follow.
pub fn begin_row(out: &mut Vec<u8>) {
    out.push(1);
}

/// Appends a value.
pub fn write(
    ty: TypeOid,
    value: DatumRef<'_>,
    text: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    match (ty, value) {
        (_, DatumRef::Null) => out.push(NULL),
        (_, DatumRef::Bool(value)) => out.push(if value { TRUE } else { FALSE }),
        (TypeOid::INT2, DatumRef::I16(value)) => write_integer(value.into(), out),
        (TypeOid::INT4, DatumRef::I32(value)) => write_integer(value, out),
        (TypeOid::INT8, DatumRef::I64(value)) => write_bigint(value, out),
        (TypeOid::FLOAT8, DatumRef::F64(value)) if value.is_finite() => write_number(value, out),
        (TypeOid::TEXT | TypeOid::VARCHAR, DatumRef::Bytes(value)) => {
            let tag = if value.is_ascii() { ASCII } else { TEXT };
            write_bytes(tag, value, out);
        }
        (TypeOid::BYTEA, DatumRef::Bytes(value)) => write_bytes(BYTES, value, out),
        _ => {
            out.push(JSON);
            let at = out.len();
            out.extend_from_slice(&[0; 4]);
            write_value(Values::Exact, ty, value, text, out)?;
            set_length(at, out);
        }
    }
    Ok(())
}

fn write_integer(value: i32, out: &mut Vec<u8>) {
    let [a, b, c, d] = value.to_le_bytes();
    out.extend_from_slice(&[INTEGER, a, b, c, d]);
}

fn write_number(value: f64, out: &mut Vec<u8>) {
    out.push(NUMBER);
    out.extend_from_slice(&value.to_le_bytes());
}

fn write_bigint(value: i64, out: &mut Vec<u8>) {
    const SAFE: i64 = (1 << 53) - 1;
    if (-SAFE..=SAFE).contains(&value) {
        return write_number(value as f64, out);
    }
    out.push(BIGINT);
    out.extend_from_slice(&value.to_le_bytes());
}

/// A value is far below 4 GiB.
fn write_bytes(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Sets the length at `at` to that of what is behind it.
fn set_length(at: usize, out: &mut [u8]) {
    let len = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&len.to_le_bytes());
}
