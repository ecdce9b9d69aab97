//! Appending stored values to a vector, many rows of a leaf at a time.

use std::ops::Range;

use common::{Error, Result};
use types::{Bitmap, DatumRef, Physical, Vector, VectorData};

use crate::leaf::geometry::bit;
use crate::leaf::leaf_ref::{ColumnRef, LeafRef};

/// A vector that is being filled, taken apart.
pub struct ColumnSink {
    data: VectorData,
    nulls: Option<Bitmap>,
}

/// A mismatch between the catalog's type and the leaf's.
#[cold]
fn mismatch(physical: Physical) -> Error {
    Error::corrupted(format!("a column of a leaf is not as wide as {physical:?}"))
}

impl ColumnSink {
    /// Takes the vector's content; [`ColumnSink::put_back`] returns it.
    pub fn take(vector: &mut Vector) -> Self {
        let (data, nulls) = std::mem::replace(vector, Vector::new(Physical::Bool)).into_parts();
        Self { data, nulls }
    }

    pub fn put_back(self, vector: &mut Vector) {
        *vector = Vector::from_data(self.data, self.nulls);
    }

    pub fn physical(&self) -> Physical {
        self.data.physical()
    }

    /// Appends one value, of this vector's class.
    pub fn push(&mut self, value: DatumRef<'_>) -> Result<()> {
        match (&mut self.data, value) {
            (VectorData::Bool(v), DatumRef::Bool(x)) => v.push(u8::from(x)),
            (VectorData::I16(v), DatumRef::I16(x)) => v.push(x),
            (VectorData::I32(v), DatumRef::I32(x)) => v.push(x),
            (VectorData::I64(v), DatumRef::I64(x)) => v.push(x),
            (VectorData::F32(v), DatumRef::F32(x)) => v.push(x),
            (VectorData::F64(v), DatumRef::F64(x)) => v.push(x),
            (VectorData::Fixed16(v), DatumRef::Fixed16(x)) => v.push(x),
            (VectorData::Bytes(v), DatumRef::Bytes(x)) => v.push(x),
            (_, DatumRef::Null) => return self.push_null(),
            (data, _) => return Err(mismatch(data.physical())),
        }
        if let Some(nulls) = &mut self.nulls {
            nulls.push(false);
        }
        Ok(())
    }

    fn push_null(&mut self) -> Result<()> {
        let len = self.data.len();
        match &mut self.data {
            VectorData::Bool(v) => v.push(0),
            VectorData::I16(v) => v.push(0),
            VectorData::I32(v) => v.push(0),
            VectorData::I64(v) => v.push(0),
            VectorData::F32(v) => v.push(0.0),
            VectorData::F64(v) => v.push(0.0),
            VectorData::Fixed16(v) => v.push([0; 16]),
            VectorData::Bytes(v) => v.end_value(),
        }
        let nulls = self.nulls.get_or_insert_with(|| Bitmap::filled(len, false));
        nulls.push(true);
        Ok(())
    }

    /// Appends `rows` of a leaf's column, none of them overflowing.
    pub fn push_run(
        &mut self,
        leaf: &LeafRef<'_>,
        column: &ColumnRef<'_>,
        rows: Range<usize>,
    ) -> Result<()> {
        let before = self.data.len();
        let width = column.place.width.slot_bytes();
        let is_fixed = column.place.width.is_fixed();
        let bytes = column.values.get(rows.start * width..rows.end * width);
        let bytes = bytes.ok_or_else(|| mismatch(self.data.physical()))?;
        macro_rules! extend {
            ($values:ident, $type:ty) => {{
                const WIDTH: usize = size_of::<$type>();
                if !is_fixed || width != WIDTH {
                    return Err(mismatch(self.data.physical()));
                }
                let (chunks, _) = bytes.as_chunks::<WIDTH>();
                $values.extend(chunks.iter().map(|chunk| <$type>::from_le_bytes(*chunk)));
            }};
        }
        match &mut self.data {
            VectorData::Bool(v) => extend!(v, u8),
            VectorData::I16(v) => extend!(v, i16),
            VectorData::I32(v) => extend!(v, i32),
            VectorData::I64(v) => extend!(v, i64),
            VectorData::F32(v) => extend!(v, f32),
            VectorData::F64(v) => extend!(v, f64),
            VectorData::Fixed16(v) => {
                if !is_fixed || width != 16 {
                    return Err(mismatch(Physical::Fixed16));
                }
                v.extend_from_slice(bytes.as_chunks::<16>().0);
            }
            VectorData::Bytes(v) => {
                if is_fixed {
                    return Err(mismatch(Physical::Bytes));
                }
                for row in rows.clone() {
                    if column.place.may_null && bit(column.nulls, row) {
                        v.end_value();
                    } else {
                        v.push(leaf.var_cell(column, row)?.bytes);
                    }
                }
            }
        }
        self.push_null_bits(column, rows, before);
        Ok(())
    }

    fn push_null_bits(&mut self, column: &ColumnRef<'_>, rows: Range<usize>, before: usize) {
        if !column.place.may_null {
            if let Some(nulls) = &mut self.nulls {
                nulls.resize(before + rows.len(), false);
            }
            return;
        }
        let has_null = rows.clone().any(|row| bit(column.nulls, row));
        if !has_null && self.nulls.is_none() {
            return;
        }
        let nulls = self
            .nulls
            .get_or_insert_with(|| Bitmap::filled(before, false));
        for row in rows {
            nulls.push(bit(column.nulls, row));
        }
    }
}
