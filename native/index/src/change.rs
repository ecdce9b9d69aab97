//! Putting entries in, marking them, taking them out.

use common::{PageNo, Result, RowId, Xid};
use storage::tree::Purpose;
use storage::tree::page::BODY_BYTES;
use storage::{Mtr, Slot, Wait};

use crate::entry::{ENTRY_BYTES_MAX, FullKey, NewEntry, full_key, row_too_long};
use crate::index::{Index, wait_of};
use crate::leaf::edit::{Put, Room, room};
use crate::leaf::key_leaf::KeyLeaf;
use crate::leaf::ops;

/// A leaf with less than this part of its bytes in use looks for a neighbour to merge with.
const SPARSE_DIVISOR: usize = 4;
/// A sparse leaf looks for one each time it has lost so many entries.
const MERGE_EVERY: usize = 16;

/// What a look at the latched leaf leads to.
pub(crate) enum Prepared {
    /// Nothing is to be done.
    Nothing,
    /// Operations are named: commit.
    Ready,
    /// The leaf is to be split first.
    Full,
}

impl Index {
    /// Sees to it that there is an unmarked entry with this key, row and value: adds it, or unmarks
    /// it and sets value and guess; whether anything changed. No uniqueness is checked. 54000 when
    /// it is too long.
    pub fn insert(&self, xid: Xid, entry: &NewEntry<'_>, purpose: Purpose) -> Result<bool> {
        let full = self.full_key(entry)?;
        loop {
            let mut mtr = self.begin(purpose);
            let wait = wait_of(purpose);
            let slot = self.tree.latch_leaf(&mut mtr, None, &full, wait)?;
            match prepare_put(&mut mtr, slot, &full, entry)? {
                Prepared::Nothing => return Ok(false),
                Prepared::Ready => {
                    mtr.commit(xid)?;
                    return Ok(true);
                }
                Prepared::Full => {
                    drop(mtr);
                    self.tree.split_leaf(&full, purpose)?;
                }
            }
        }
    }

    /// The full key of an entry that is not too long.
    pub(crate) fn full_key(&self, entry: &NewEntry<'_>) -> Result<FullKey> {
        if entry.size_bytes() > ENTRY_BYTES_MAX {
            return Err(row_too_long(entry.size_bytes(), &self.name()));
        }
        full_key(entry.key, entry.row)
    }

    /// Marks the entry: the row's newest version does not have this key any more. False if there is
    /// no such entry.
    pub fn mark(&self, xid: Xid, key: &[u8], row: RowId, purpose: Purpose) -> Result<bool> {
        self.set_marked(xid, key, row, true, purpose)
    }

    /// Takes the mark away. False if there is no such entry.
    pub fn unmark(&self, xid: Xid, key: &[u8], row: RowId, purpose: Purpose) -> Result<bool> {
        self.set_marked(xid, key, row, false, purpose)
    }

    fn set_marked(
        &self,
        xid: Xid,
        key: &[u8],
        row: RowId,
        is_marked: bool,
        purpose: Purpose,
    ) -> Result<bool> {
        let full = full_key(key, row)?;
        let mut mtr = self.begin(purpose);
        let slot = self
            .tree
            .latch_leaf(&mut mtr, None, &full, wait_of(purpose))?;
        let leaf = KeyLeaf::new(mtr.page(slot))?;
        let (index, is_there) = leaf.find(&full)?;
        if is_there && leaf.is_marked(index) != is_marked {
            ops::log_set_marked(&mut mtr, slot, index, is_marked);
            mtr.commit(xid)?;
        }
        Ok(is_there)
    }

    /// Takes the entry out, for rollback; false if there is none. Sparse leaves merge.
    pub fn remove(&self, key: &[u8], row: RowId) -> Result<bool> {
        self.remove_if(key, row, |_| true)
    }

    /// As [`Index::remove`], for purge: an entry that is not marked stays. While purge found out that
    /// no version has the key any more, a writer may have given it to the row again.
    pub fn remove_marked(&self, key: &[u8], row: RowId) -> Result<bool> {
        self.remove_if(key, row, |is_marked| is_marked)
    }

    fn remove_if(&self, key: &[u8], row: RowId, is_wanted: impl Fn(bool) -> bool) -> Result<bool> {
        let full = full_key(key, row)?;
        let mut mtr = self.begin(Purpose::Undo);
        let slot = self.tree.latch_leaf(&mut mtr, None, &full, Wait::Block)?;
        let leaf = KeyLeaf::new(mtr.page(slot))?;
        let (index, is_there) = leaf.find(&full)?;
        if !is_there || !is_wanted(leaf.is_marked(index)) {
            return Ok(false);
        }
        let is_sparse = is_sparse_without(&leaf, index)?;
        ops::log_remove(&mut mtr, slot, index);
        // Who removes an entry changes nothing that anybody sees: `max_xid` stays.
        mtr.commit(Xid(0))?;
        if is_sparse {
            self.tree.merge_leaf(&full)?;
        }
        Ok(true)
    }

    /// Notes where the row is now; false if there is no such entry. A hint: worth the while when the
    /// old one has misled.
    pub fn set_guess(&self, key: &[u8], row: RowId, guess: PageNo, wait: Wait) -> Result<bool> {
        let full = full_key(key, row)?;
        let mut mtr = self.storage().begin_with(wait);
        let slot = self.tree.latch_leaf(&mut mtr, None, &full, wait)?;
        let leaf = KeyLeaf::new(mtr.page(slot))?;
        let (index, is_there) = leaf.find(&full)?;
        if is_there && leaf.guess(index)? != Some(guess) {
            ops::log_set_guess(&mut mtr, slot, index, Some(guess));
            mtr.commit(Xid(0))?;
        }
        Ok(is_there)
    }
}

/// Names the operation that puts the entry into its leaf, if one is needed and it fits.
pub(crate) fn prepare_put(
    mtr: &mut Mtr<'_>,
    slot: Slot,
    full: &[u8],
    entry: &NewEntry<'_>,
) -> Result<Prepared> {
    let leaf = KeyLeaf::new(mtr.page(slot))?;
    let (index, is_there) = leaf.find(full)?;
    if is_there && leaf.value(index)? == entry.value {
        // A guess alone is not worth a record.
        if !leaf.is_marked(index) {
            return Ok(Prepared::Nothing);
        }
        let has_moved = leaf.guess(index)? != entry.guess && entry.guess.is_some();
        ops::log_set_marked(mtr, slot, index, false);
        if has_moved {
            ops::log_set_guess(mtr, slot, index, entry.guess);
        }
        return Ok(Prepared::Ready);
    }
    let put = Put {
        index,
        replaces: is_there,
        full,
        guess: entry.guess,
        value: entry.value,
    };
    prepare(mtr, slot, &put)
}

/// Names the operation, if the entry fits.
pub(crate) fn prepare(mtr: &mut Mtr<'_>, slot: Slot, put: &Put<'_>) -> Result<Prepared> {
    if room(mtr.page(slot), put)? == Room::Full {
        return Ok(Prepared::Full);
    }
    ops::log_put(mtr, slot, put);
    Ok(Prepared::Ready)
}

/// Whether the leaf is to be merged when this entry has gone.
fn is_sparse_without(leaf: &KeyLeaf<'_>, index: usize) -> Result<bool> {
    let left = leaf.count() - 1;
    let used = leaf.used_bytes().saturating_sub(leaf.record_len(index)?);
    Ok(left == 0 || used < BODY_BYTES / SPARSE_DIVISOR && left.is_multiple_of(MERGE_EVERY))
}
