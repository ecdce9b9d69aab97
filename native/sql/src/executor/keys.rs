//! Key bytes: one byte string a row that compares, hashes and equals as its key columns do.
//!
//! Sorting, grouping, hash joins, DISTINCT and set operations all work on them; see
//! [`types::encode_key`] for their form.

use common::Result;
use types::{Batch, SqlType, ValueClass, encode_key_class};

use super::context::Context;
use super::eval::eval;
use crate::planner::physical::{Scalar, SortSpec};

struct Part {
    scalar: Scalar,
    class: ValueClass,
    descending: bool,
    nulls_first: bool,
}

/// Makes the keys of batches.
pub struct KeyMaker {
    parts: Vec<Part>,
}

/// The keys of one batch's rows.
#[derive(Default, Clone)]
pub struct Keys {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    nulls: Vec<bool>,
}

impl Keys {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        let start = if row == 0 {
            0
        } else {
            self.ends[row - 1] as usize
        };
        &self.bytes[start..self.ends[row] as usize]
    }

    /// True if any key column is null: such a row equals no other in a join.
    #[inline]
    pub fn has_null(&self, row: usize) -> bool {
        self.nulls[row]
    }

    /// The keys of these rows.
    pub fn gather(&self, rows: &[u32]) -> Self {
        let mut picked = Self::default();
        for row in rows {
            picked.bytes.extend_from_slice(self.get(*row as usize));
            picked.ends.push(picked.bytes.len() as u32);
            picked.nulls.push(self.nulls[*row as usize]);
        }
        picked
    }

    pub fn memory_bytes(&self) -> usize {
        self.bytes.len() + self.ends.len() * 5
    }
}

impl KeyMaker {
    /// Keys in the order that `specs` say.
    pub fn sort(specs: &[SortSpec]) -> Self {
        let part = |spec: &SortSpec| Part {
            scalar: spec.key.clone(),
            class: ValueClass::of(spec.ty.oid),
            descending: spec.descending,
            nulls_first: spec.nulls_first,
        };
        Self {
            parts: specs.iter().map(part).collect(),
        }
    }

    /// Keys that are equal when the columns are; nulls are equal to each other.
    pub fn group(keys: &[Scalar], types: &[SqlType]) -> Self {
        let part = |(scalar, ty): (&Scalar, &SqlType)| Part {
            scalar: scalar.clone(),
            class: ValueClass::of(ty.oid),
            descending: false,
            nulls_first: false,
        };
        Self {
            parts: keys.iter().zip(types).map(part).collect(),
        }
    }

    /// Keys of a batch that has exactly the columns.
    pub fn of_columns(types: &[SqlType]) -> Self {
        let columns: Vec<Scalar> = types
            .iter()
            .enumerate()
            .map(|(position, ty)| Scalar::Column { position, ty: *ty })
            .collect();
        Self::group(&columns, types)
    }

    pub fn keys(&self, cx: &mut Context<'_>, batch: &Batch) -> Result<Keys> {
        let len = batch.len;
        let mut columns = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            columns.push(eval(&part.scalar, cx, batch)?);
        }
        let mut keys = Keys {
            bytes: Vec::with_capacity(len * 9 * self.parts.len()),
            ends: Vec::with_capacity(len),
            nulls: vec![false; len],
        };
        for row in 0..len {
            for (part, column) in self.parts.iter().zip(&columns) {
                let value = column.get(row);
                keys.nulls[row] |= value.is_null();
                let (desc, first) = (part.descending, part.nulls_first);
                encode_key_class(part.class, value, desc, first, &mut keys.bytes)?;
            }
            keys.ends.push(keys.bytes.len() as u32);
        }
        Ok(keys)
    }
}
