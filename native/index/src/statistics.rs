//! What the planner and the views of statistics want to know.

use common::Result;
use storage::Wait;
use storage::tree::{Seek, page};

use crate::index::Index;
use crate::leaf::key_leaf::KeyLeaf;

/// Leaves that are read for an estimate.
const SAMPLE_LEAVES: usize = 16;

/// Size and shape of an index.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexStatistics {
    /// Pages of the file.
    pub pages: u32,
    /// Levels above the leaves.
    pub height: u8,
    /// Leaves, from the separators above them; while the index changes, about so many.
    pub leaf_pages: u64,
    /// Entries, marked ones included: estimated from some leaves.
    pub entries: f64,
    /// Mean bytes of an entry's key.
    pub key_bytes_mean: f64,
}

impl Index {
    /// Whether there is no entry, marked ones included, and has never been more than a leaf's.
    pub fn is_empty(&self, wait: Wait) -> Result<bool> {
        let is_leaf = self.tree.height(wait)? == 0;
        let read = |_, leaf: &[u8]| Ok(page::count(leaf) == 0);
        Ok(is_leaf && self.tree.read_leaf(None, Seek::First, wait, read)?)
    }

    /// Reads the inner pages above the leaves and a few leaves.
    pub fn statistics(&self, wait: Wait) -> Result<IndexStatistics> {
        let separators = self.tree.morsels(usize::MAX, wait)?;
        let leaf_pages = separators.len() as u64 + 1;
        let every = separators.len().div_ceil(SAMPLE_LEAVES).max(1);
        let mut sample = Sample::default();
        let read = |_, leaf: &[u8]| sample.add(leaf);
        self.tree.read_leaf(None, Seek::First, wait, read)?;
        for separator in separators.iter().step_by(every) {
            let read = |_, leaf: &[u8]| sample.add(leaf);
            self.tree
                .read_leaf(None, Seek::Key(separator), wait, read)?;
        }
        let per_leaf = sample.entries as f64 / sample.leaves.max(1) as f64;
        Ok(IndexStatistics {
            pages: self.storage().file_pages(self.file())?,
            height: self.tree.height(wait)?,
            leaf_pages,
            entries: per_leaf * leaf_pages as f64,
            key_bytes_mean: sample.key_bytes as f64 / sample.entries.max(1) as f64,
        })
    }
}

#[derive(Default)]
struct Sample {
    leaves: usize,
    entries: usize,
    key_bytes: usize,
}

impl Sample {
    fn add(&mut self, leaf: &[u8]) -> Result<()> {
        let leaf = KeyLeaf::new(leaf)?;
        self.leaves += 1;
        self.entries += leaf.count();
        let key_bytes = (0..leaf.count())
            .map(|index| leaf.full_len(index).saturating_sub(crate::entry::ROW_BYTES));
        self.key_bytes += key_bytes.sum::<usize>();
        Ok(())
    }
}
