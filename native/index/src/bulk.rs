//! Building an index from sorted entries, leaf by leaf at its right edge.

use common::{Error, Result, Xid};
use storage::Wait;
use storage::tree::page::{self, BODY_BYTES};
use storage::tree::{Purpose, ops};

use crate::entry::{FullKey, NewEntry};
use crate::index::Index;
use crate::leaf::draft::{Draft, shared_len};

/// How full leaves get, in percent (PostgreSQL's `BTREE_DEFAULT_FILLFACTOR`).
pub const FILLFACTOR_DEFAULT: u8 = 90;

/// Fills an empty index: CREATE INDEX, or COPY into a new table. One image a leaf is logged. Nobody
/// else uses the index until [`BulkBuilder::finish`].
pub struct BulkBuilder<'i> {
    index: &'i Index,
    xid: Xid,
    fillfactor: u8,
    /// The leaf that is being filled.
    draft: Draft,
    /// Bytes of its low fence.
    low_len: usize,
    entries: u64,
}

impl Index {
    /// Begins to fill the index, which is empty. `fillfactor`: 10 to 100, in percent.
    pub fn bulk(&self, xid: Xid, fillfactor: u8) -> Result<BulkBuilder<'_>> {
        if !self.is_empty(Wait::Block)? {
            return Err(Error::internal("a bulk build needs an empty index"));
        }
        Ok(BulkBuilder {
            index: self,
            xid,
            fillfactor: fillfactor.clamp(10, 100),
            draft: Draft::default(),
            low_len: 0,
            entries: 0,
        })
    }

    /// Fills the index, which is empty, with `entries` in order of (key, row id); how many there
    /// were.
    pub fn build_from_sorted<'e>(
        &self,
        xid: Xid,
        fillfactor: u8,
        entries: impl IntoIterator<Item = Result<NewEntry<'e>>>,
    ) -> Result<u64> {
        let mut builder = self.bulk(xid, fillfactor)?;
        for entry in entries {
            builder.push(&entry?)?;
        }
        builder.finish()
    }
}

impl BulkBuilder<'_> {
    /// Adds an entry that is greater than the last by (key, row id). 54000 when it is too long.
    pub fn push(&mut self, entry: &NewEntry<'_>) -> Result<()> {
        let full = self.index.full_key(entry)?;
        if self.draft.last().is_some_and(|last| last >= &full[..]) {
            return Err(Error::internal("entries for a bulk build are out of order"));
        }
        if self.is_full_for(&full, entry.value) {
            self.write_leaf()?;
            self.open_next_leaf(&full)?;
            self.draft.clear();
        }
        self.draft.push(&full, entry.value, entry.guess);
        self.entries += 1;
        Ok(())
    }

    /// Whether the leaf has what it is to hold, without this entry. A lone one always fits.
    fn is_full_for(&self, full: &[u8], value: Option<&[u8]>) -> bool {
        let body_bytes = BODY_BYTES - self.low_len;
        let wanted = body_bytes * usize::from(self.fillfactor) / 100;
        // The leaf gets a high fence later, at most one byte longer than its last entry.
        let most = wanted.min(body_bytes.saturating_sub(full.len() + 1));
        let need = self.draft.need_bytes_with(full, value.map(<[u8]>::len));
        !self.draft.is_empty() && need > most
    }

    /// Writes the draft into the rightmost leaf, which is empty.
    fn write_leaf(&mut self) -> Result<()> {
        let Some(first) = self.draft.first() else {
            return Ok(());
        };
        let tree = &self.index.tree;
        let mut mtr = self.index.storage().begin();
        let slot = tree.latch_leaf(&mut mtr, None, first, Wait::Block)?;
        let mut image = mtr.page(slot).to_vec();
        if page::count(&image) > 0 || page::high_fence(&image).is_some() {
            return Err(Error::internal(
                "somebody changed an index during its bulk build",
            ));
        }
        if !self.draft.write_to(&mut image)? {
            return Err(Error::internal(
                "a leaf of a bulk build does not fit its page",
            ));
        }
        ops::log_image(&mut mtr, slot, &image)?;
        mtr.commit(self.xid)?;
        Ok(())
    }

    /// Makes an empty leaf for the entries from `next` on.
    fn open_next_leaf(&mut self, next: &FullKey) -> Result<()> {
        let shared = self.draft.last().map_or(0, |last| shared_len(last, next));
        self.low_len = shared + 1;
        let purpose = Purpose::Change(Wait::Block);
        self.index.tree.split_leaf(next, purpose)
    }

    /// Writes the last leaf; how many entries there are.
    pub fn finish(mut self) -> Result<u64> {
        self.write_leaf()?;
        Ok(self.entries)
    }
}
