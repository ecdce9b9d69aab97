//! Rows that do not fit into `work_mem`, in temporary files.
//!
//! `format` is a batch as bytes, `file` a sequence of them that is written once and then read,
//! `partitions` deals rows out by the hash of a key. Whoever spills keeps the rule that rows with
//! equal keys lie in one partition, and handles each partition as if it were the whole input.

mod file;
mod format;
mod partitions;

pub use file::{SpillReader, SpillWriter, SpilledRows};
pub use format::{read as read_batch, write as write_batch};
pub use partitions::{LEVELS_MAX, Partitions};

use super::context::Context;

/// What a node wrote to disk, for EXPLAIN ANALYZE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spilled {
    /// Parts that were handled one after the other: 1 where all fitted.
    pub batches: u64,
    pub disk_bytes: u64,
}

impl Spilled {
    pub fn add(&mut self, other: Self) {
        self.batches += other.batches;
        self.disk_bytes += other.disk_bytes;
    }
}

/// True if an operator that holds `held` bytes must spill before it takes `more`.
pub fn is_full(cx: &Context<'_>, held: usize, more: usize) -> bool {
    held + more > cx.store.work_mem_bytes() || !cx.store.has_room(more)
}
