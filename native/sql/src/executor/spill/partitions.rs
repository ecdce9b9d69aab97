//! Rows dealt out by the hash of their key.

use common::Result;
use types::Batch;

use super::file::{SpillWriter, SpilledRows};
use crate::executor::context::Context;

/// Four bits of the hash each time.
const BITS: u32 = 4;
const PARTITIONS: usize = 1 << BITS;

/// How often rows can be dealt out again, each time by other bits. What does not fit then has too
/// many rows of one key.
pub const LEVELS_MAX: u32 = 6;

/// The partition of a key at a level. The bits are none of those that hash tables begin with.
fn partition_of(hash: u64, level: u32) -> usize {
    (hash >> (28 + BITS * level)) as usize & (PARTITIONS - 1)
}

/// One file a partition.
pub struct Partitions {
    writers: Vec<SpillWriter>,
    rows: Vec<Vec<u32>>,
    level: u32,
}

impl Partitions {
    pub fn new(level: u32) -> Self {
        Self {
            writers: (0..PARTITIONS).map(|_| SpillWriter::default()).collect(),
            rows: vec![Vec::new(); PARTITIONS],
            level,
        }
    }

    /// Writes the rows of a batch, whose keys have these hashes.
    pub fn append(
        &mut self,
        cx: &Context<'_>,
        batch: &Batch,
        hashes: impl Iterator<Item = u64>,
    ) -> Result<()> {
        self.rows.iter_mut().for_each(Vec::clear);
        for (row, hash) in (0..batch.len as u32).zip(hashes) {
            self.rows[partition_of(hash, self.level)].push(row);
        }
        for (writer, rows) in self.writers.iter_mut().zip(&self.rows) {
            if !rows.is_empty() {
                writer.append(cx, batch.gather(rows))?;
            }
        }
        Ok(())
    }

    /// The files, a partition each.
    pub fn finish(self, cx: &Context<'_>) -> Result<Vec<SpilledRows>> {
        let writers = self.writers.into_iter();
        writers.map(|writer| writer.finish(cx)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_looks_at_other_bits() {
        for level in 0..LEVELS_MAX {
            let hash = 5 << (28 + BITS * level);
            for other in 0..LEVELS_MAX {
                let expected = if other == level { 5 } else { 0 };
                assert_eq!(partition_of(hash, other), expected);
            }
        }
    }
}
