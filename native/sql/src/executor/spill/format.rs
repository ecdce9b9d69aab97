//! A batch as bytes.
//!
//! Little-endian: rows u32, columns u16; of each column its class u8, whether it has nulls u8, the
//! words of its null bitmap, its values; of a varying column its offsets and its bytes.

use common::{Error, Result};
use types::{Batch, Bitmap, ByteVector, Physical, Vector, VectorData};

const CLASSES: [Physical; 8] = [
    Physical::Bool,
    Physical::I16,
    Physical::I32,
    Physical::I64,
    Physical::F32,
    Physical::F64,
    Physical::Fixed16,
    Physical::Bytes,
];

/// Appends the batch; constants are written out.
pub fn write(batch: &Batch, out: &mut Vec<u8>) {
    out.extend_from_slice(&(batch.len as u32).to_le_bytes());
    out.extend_from_slice(&(batch.columns.len() as u16).to_le_bytes());
    for column in &batch.columns {
        if column.is_constant() {
            write_column(&column.clone().into_flat(), out);
        } else {
            write_column(column, out);
        }
    }
}

fn write_column(column: &Vector, out: &mut Vec<u8>) {
    let physical = column.physical();
    let class = CLASSES.iter().position(|class| *class == physical);
    out.push(class.expect("all classes are listed") as u8);
    out.push(u8::from(column.nulls().is_some()));
    for word in column.nulls().into_iter().flat_map(Bitmap::words) {
        out.extend_from_slice(&word.to_le_bytes());
    }
    macro_rules! numbers {
        ($values:expr) => {
            $values
                .iter()
                .for_each(|value| out.extend_from_slice(&value.to_le_bytes()))
        };
    }
    match column.data() {
        VectorData::Bool(values) => out.extend_from_slice(values),
        VectorData::I16(values) => numbers!(values),
        VectorData::I32(values) => numbers!(values),
        VectorData::I64(values) => numbers!(values),
        VectorData::F32(values) => numbers!(values),
        VectorData::F64(values) => numbers!(values),
        VectorData::Fixed16(values) => out.extend_from_slice(values.as_flattened()),
        VectorData::Bytes(values) => {
            numbers!(values.offsets);
            out.extend_from_slice(&values.bytes);
        }
    }
}

/// Reads what [`write`] wrote. XX001 where it cannot have.
pub fn read(bytes: &[u8]) -> Result<Batch> {
    let mut input = Input(bytes);
    let len = u32::from_le_bytes(input.array()?) as usize;
    let columns = u16::from_le_bytes(input.array()?);
    let columns = (0..columns)
        .map(|_| read_column(&mut input, len))
        .collect::<Result<Vec<Vector>>>()?;
    Ok(Batch { columns, len })
}

fn read_column(input: &mut Input<'_>, len: usize) -> Result<Vector> {
    let [class, has_nulls] = input.array()?;
    let nulls = match has_nulls {
        0 => None,
        _ => {
            let words = input.numbers(len.div_ceil(64), u64::from_le_bytes)?;
            let mut nulls = Bitmap::filled(len, false);
            for row in 0..len {
                if words[row / 64] >> (row % 64) & 1 != 0 {
                    nulls.set(row, true);
                }
            }
            Some(nulls)
        }
    };
    let class = CLASSES.get(usize::from(class)).copied();
    let data = match class.ok_or_else(damaged)? {
        Physical::Bool => VectorData::Bool(input.take(len)?.to_vec()),
        Physical::I16 => VectorData::I16(input.numbers(len, i16::from_le_bytes)?),
        Physical::I32 => VectorData::I32(input.numbers(len, i32::from_le_bytes)?),
        Physical::I64 => VectorData::I64(input.numbers(len, i64::from_le_bytes)?),
        Physical::F32 => VectorData::F32(input.numbers(len, f32::from_le_bytes)?),
        Physical::F64 => VectorData::F64(input.numbers(len, f64::from_le_bytes)?),
        Physical::Fixed16 => VectorData::Fixed16(input.numbers(len, |bytes: [u8; 16]| bytes)?),
        Physical::Bytes => {
            let offsets = input.numbers(len + 1, u32::from_le_bytes)?;
            let size = offsets.last().copied().unwrap_or(0);
            let bytes = input.take(size as usize)?.to_vec();
            if !offsets.is_sorted() || offsets.first() != Some(&0) {
                return Err(damaged());
            }
            VectorData::Bytes(ByteVector { offsets, bytes })
        }
    };
    Ok(Vector::from_data(data, nulls))
}

fn damaged() -> Error {
    Error::corrupted("a temporary file is not as it was written")
}

struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn numbers<const N: usize, T>(&mut self, len: usize, of: fn([u8; N]) -> T) -> Result<Vec<T>> {
        let (chunks, _) = self.take(len * N)?.as_chunks::<N>();
        Ok(chunks.iter().map(|chunk| of(*chunk)).collect())
    }
}

#[cfg(test)]
mod tests {
    use types::{Datum, DatumRef};

    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut text = Vector::new(Physical::Bytes);
        text.push(DatumRef::Bytes(b"one"));
        text.push_null();
        text.push(DatumRef::Bytes(b""));
        let mut interval = Vector::new(Physical::Fixed16);
        (0..3).for_each(|at| interval.push(DatumRef::Fixed16([at; 16])));
        let columns = vec![
            text,
            interval,
            Vector::from(vec![1.5_f64, -0.0, f64::MAX]),
            Vector::constant(Datum::I16(-7), 3),
            Vector::nulls_of(Physical::I64, 3),
        ];
        let batch = Batch::new(columns, 3);
        let mut bytes = Vec::new();
        write(&batch, &mut bytes);
        let again = read(&bytes).expect("it was just written");
        assert_eq!(again.len, 3);
        for column in 0..batch.columns.len() {
            for row in 0..3 {
                assert_eq!(again.get(column, row), batch.get(column, row));
            }
        }
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
        assert!(read(&[]).is_err());
    }
}
