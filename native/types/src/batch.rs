//! Some rows, by column.

use crate::datum::DatumRef;
use crate::vector::Vector;

/// Rows that operators pass at a time, at most.
pub const BATCH_ROWS: usize = 1024;

/// Columns of equal length. `len` counts also when there are no columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    pub columns: Vec<Vector>,
    pub len: usize,
}

impl Batch {
    pub fn new(columns: Vec<Vector>, len: usize) -> Self {
        debug_assert!(columns.iter().all(|column| column.len() == len));
        Self { columns, len }
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn get(&self, column: usize, row: usize) -> DatumRef<'_> {
        self.columns[column].get(row)
    }

    /// The rows that `selection` names, in its order.
    pub fn gather(&self, selection: &[u32]) -> Self {
        Self {
            columns: self
                .columns
                .iter()
                .map(|column| column.gather(selection))
                .collect(),
            len: selection.len(),
        }
    }

    /// Rows `from..from + len`.
    pub fn slice(&self, from: usize, len: usize) -> Self {
        Self {
            columns: self
                .columns
                .iter()
                .map(|column| column.slice(from, len))
                .collect(),
            len,
        }
    }

    /// Appends all rows of `from`, whose columns are of the same classes.
    pub fn append_all(&mut self, from: &Self) {
        for (mine, theirs) in self.columns.iter_mut().zip(&from.columns) {
            mine.append_all(theirs);
        }
        self.len += from.len;
    }

    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.columns.iter_mut().for_each(Vector::clear);
        self.len = 0;
    }

    pub fn memory_bytes(&self) -> usize {
        self.columns.iter().map(Vector::memory_bytes).sum()
    }
}
