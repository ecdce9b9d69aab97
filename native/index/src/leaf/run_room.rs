//! Whether entries that follow each other fit a leaf as it is.

use common::Result;
use storage::tree::page;

use super::key_leaf::{KeyLeaf, SLOT_BYTES, record_bytes};

/// Where entries go in that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunPlace {
    /// Index of the first of them.
    pub index: usize,
    pub entries: usize,
    /// What their full keys begin with stands in the leaf once.
    pub prefix_len: usize,
}

/// Counts entries for one place until one does not fit.
pub(crate) struct RunRoom<'p> {
    place: RunPlace,
    prefix: &'p [u8],
    left_bytes: usize,
}

impl<'p> RunRoom<'p> {
    pub fn new(leaf: &KeyLeaf<'p>, index: usize) -> Result<Self> {
        let prefix = leaf.prefix();
        // The first entry of a leaf sets the prefix.
        let left_bytes = match leaf.count() {
            0 => 0,
            _ => page::hole_bytes(leaf.page())?,
        };
        Ok(Self {
            place: RunPlace {
                index,
                entries: 0,
                prefix_len: prefix.len(),
            },
            prefix,
            left_bytes,
        })
    }

    /// Counts the next one, if it fits and begins as all of the leaf do.
    #[inline]
    pub fn add(&mut self, full: &[u8]) -> bool {
        let suffix_len = match full.strip_prefix(self.prefix) {
            None | Some([]) => return false,
            Some(suffix) => suffix.len(),
        };
        let need_bytes = SLOT_BYTES + record_bytes(suffix_len, None);
        if need_bytes > self.left_bytes {
            return false;
        }
        self.left_bytes -= need_bytes;
        self.place.entries += 1;
        true
    }

    pub fn place(&self) -> RunPlace {
        self.place
    }
}
