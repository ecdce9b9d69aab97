//! Rows kept in memory, counted against the statement's limit.

use common::Result;
use types::{BATCH_ROWS, Batch, SqlType, Vector, physical_of};

use super::context::Context;

/// Many rows, in batches that are all full but the last: row `r` is row `r % 1024` of batch
/// `r / 1024`.
#[derive(Debug, Default)]
pub struct Rows {
    batches: Vec<Batch>,
    len: usize,
    held_bytes: usize,
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

    /// Takes a batch's rows over.
    pub fn append(&mut self, cx: &mut Context<'_>, batch: Batch) -> Result<()> {
        let bytes = batch.memory_bytes() + 64;
        cx.charge(bytes)?;
        self.held_bytes += bytes;
        self.len += batch.len;
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
            let mut vector = Vector::with_capacity(first.columns[column].physical(), rows.len());
            for row in rows {
                let (batch, at) = self.locate(*row as usize);
                vector.append_from(&batch.columns[column], at);
            }
            out.push(vector);
        }
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
