//! Rows kept in memory, counted against the statement's limit.

use common::Result;
use types::{
    BATCH_ROWS, Batch, Bitmap, ByteVector, Physical, SqlType, Vector, VectorData, physical_of,
};

use super::context::Context;

/// Many rows, in batches that are all full but the last: row `r` is row `r % 1024` of batch
/// `r / 1024`.
#[derive(Debug, Default)]
pub struct Rows {
    batches: Vec<Batch>,
    len: usize,
    held_bytes: usize,
    /// Columns that have a null in some batch.
    nullable: Vec<bool>,
}

const SHIFT: usize = BATCH_ROWS.trailing_zeros() as usize;
const MASK: usize = BATCH_ROWS - 1;
const _: () = assert!(BATCH_ROWS.is_power_of_two());

impl Rows {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Batch number `at`, as it is stored.
    pub fn batch(&self, at: usize) -> Option<&Batch> {
        self.batches.get(at)
    }

    /// Bytes that were charged for the rows.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// Gives the batches away, and their memory back.
    pub fn take(&mut self, cx: &mut Context<'_>) -> Vec<Batch> {
        let batches = std::mem::take(&mut self.batches);
        self.clear(cx);
        batches
    }

    /// Takes a batch's rows over.
    pub fn append(&mut self, cx: &mut Context<'_>, batch: Batch) -> Result<()> {
        let bytes = batch.memory_bytes() + 64;
        cx.charge(bytes)?;
        self.held_bytes += bytes;
        self.len += batch.len;
        self.nullable.resize(batch.columns.len(), false);
        for (nullable, column) in self.nullable.iter_mut().zip(&batch.columns) {
            *nullable |= column.has_nulls();
        }
        let room = match self.batches.last() {
            Some(last) => BATCH_ROWS - last.len,
            None => 0,
        };
        if room == 0 && batch.len <= BATCH_ROWS {
            self.batches.push(flat(batch));
            return Ok(());
        }
        let mut from = 0;
        while from < batch.len {
            let room = self.batches.last().map_or(0, |last| BATCH_ROWS - last.len);
            if room == 0 {
                let take = (batch.len - from).min(BATCH_ROWS);
                self.batches.push(flat(batch.slice(from, take)));
                from += take;
                continue;
            }
            let take = (batch.len - from).min(room);
            let part = if take == batch.len {
                None
            } else {
                Some(batch.slice(from, take))
            };
            if let Some(last) = self.batches.last_mut() {
                last.append_all(part.as_ref().unwrap_or(&batch));
            }
            from += take;
        }
        Ok(())
    }

    /// The batch and the row within it.
    #[inline]
    pub fn locate(&self, row: usize) -> (&Batch, usize) {
        (&self.batches[row >> SHIFT], row & MASK)
    }

    /// The rows in that order, as columns appended to `out`.
    pub fn gather_into(&self, rows: &[u32], out: &mut Vec<Vector>) {
        let Some(first) = self.batches.first() else {
            return;
        };
        for column in 0..first.columns.len() {
            out.push(self.gather_column(column, rows));
        }
    }

    fn gather_column(&self, column: usize, rows: &[u32]) -> Vector {
        let at = |row: &u32| (&self.batches[*row as usize >> SHIFT], *row as usize & MASK);
        macro_rules! pick {
            ($class:ident, $read:ident) => {
                VectorData::$class(
                    rows.iter()
                        .map(|row| {
                            let (batch, row) = at(row);
                            batch.columns[column].$read()[row]
                        })
                        .collect(),
                )
            };
        }
        let data = match self.batches[0].columns[column].physical() {
            Physical::Bool => pick!(Bool, bools),
            Physical::I16 => pick!(I16, i16s),
            Physical::I32 => pick!(I32, i32s),
            Physical::I64 => pick!(I64, i64s),
            Physical::F32 => pick!(F32, f32s),
            Physical::F64 => pick!(F64, f64s),
            Physical::Fixed16 => pick!(Fixed16, fixed16s),
            Physical::Bytes => {
                let mut picked = ByteVector::with_capacity(rows.len(), rows.len() * 16);
                for row in rows {
                    let (batch, row) = at(row);
                    picked.push(batch.columns[column].bytes().get(row));
                }
                VectorData::Bytes(picked)
            }
        };
        let has_null = |row: &u32| {
            let (batch, row) = at(row);
            batch.columns[column].is_null(row)
        };
        let mut nulls = None;
        if self.nullable.get(column) == Some(&true) && rows.iter().any(has_null) {
            let mut map = Bitmap::new();
            rows.iter().for_each(|row| map.push(has_null(row)));
            nulls = Some(map);
        }
        Vector::from_data(data, nulls)
    }

    pub fn gather(&self, rows: &[u32]) -> Batch {
        let mut columns = Vec::new();
        self.gather_into(rows, &mut columns);
        Batch {
            columns,
            len: rows.len(),
        }
    }

    /// Forgets the rows and gives their memory back.
    pub fn clear(&mut self, cx: &mut Context<'_>) {
        self.batches.clear();
        self.len = 0;
        cx.release(std::mem::take(&mut self.held_bytes));
    }
}

fn flat(mut batch: Batch) -> Batch {
    batch.columns.iter_mut().for_each(Vector::flatten);
    batch
}

/// An empty batch with columns of these types.
pub fn empty_batch(types: &[SqlType]) -> Batch {
    let columns = types.iter().map(|ty| Vector::for_type(ty.oid)).collect();
    Batch { columns, len: 0 }
}

/// Columns of nulls, for the missing side of an outer join.
pub fn null_columns(types: &[SqlType], len: usize) -> impl Iterator<Item = Vector> + '_ {
    types
        .iter()
        .map(move |ty| Vector::nulls_of(physical_of(ty.oid), len))
}
