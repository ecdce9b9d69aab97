//! Unique checks (PostgreSQL's `_bt_check_unique`).
//!
//! Who inserts a key holds the first leaf that may have it exclusively from the check until the
//! entry is in, so of two with one key the second sees the first's entry. Each equal entry is judged
//! by its row's newest version; whoever must wait, for a page or a transaction, lets go of all
//! latches and starts over.

use common::{Error, PageId, PageNo, Result, RowId, Xid};
use smallvec::SmallVec;
use storage::tree::page;
use storage::tree::{Purpose, ROOT};
use storage::{Mtr, ReadGuard, Slot, Wait, page_header};

use crate::change::{Prepared, prepare_put};
use crate::entry::NewEntry;
use crate::index::{Index, wait_of};
use crate::leaf::key_leaf::KeyLeaf;

/// What the newest version of an equal entry's row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It has this key and is committed or the own transaction's: 23505.
    Live,
    /// The row is gone, deleted, or has another key; committed or own. No matter.
    Gone,
    /// This transaction wrote it and is active: how it ends decides.
    Wait(Xid),
    /// It cannot be read without waiting for a page or latch.
    Retry,
}

/// Judges the row of an equal entry; called under latches of the index: it must not wait for pages
/// or transactions ([`Judgement::Retry`]), latch index pages or change anything.
pub type Judge<'j> = dyn FnMut(RowId, Option<PageNo>) -> Result<Judgement> + 'j;

/// What became of a unique insertion. All but the first left the index as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueOutcome {
    /// The entry is in.
    Inserted,
    /// This row has the key: 23505.
    Conflict(RowId),
    /// Wait for the end of this transaction, then call again.
    MustWait(Xid),
    /// Bring this row's page into the pool, then call again.
    MustFetch { row: RowId, guess: Option<PageNo> },
}

/// What a look for a key found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// No row has it.
    Free,
    /// This row has it.
    Conflict(RowId),
    /// This transaction's end decides.
    MustWait(Xid),
}

/// What the check of the leaves led to.
enum Checked {
    /// The key is free; the leaf for the entry.
    Free(Slot),
    Outcome(UniqueOutcome),
    /// This page must be read first.
    Load(PageId),
    /// The tree changed meanwhile.
    Again,
}

impl Index {
    /// As [`Index::insert`], if no other row has the key. Keys with a NULL that counts as distinct
    /// go to [`Index::insert`] instead.
    pub fn insert_unique(
        &self,
        xid: Xid,
        entry: &NewEntry<'_>,
        judge: &mut Judge<'_>,
        purpose: Purpose,
    ) -> Result<UniqueOutcome> {
        let full = self.full_key(entry)?;
        let wait = wait_of(purpose);
        loop {
            let mut mtr = self.begin(purpose);
            match self.check_unique(&mut mtr, entry, &full, judge, wait)? {
                Checked::Outcome(outcome) => return Ok(outcome),
                Checked::Again => {}
                Checked::Load(id) => {
                    drop(mtr);
                    self.storage().page(id, wait)?;
                }
                Checked::Free(target) => match prepare_put(&mut mtr, target, &full, entry)? {
                    Prepared::Nothing => return Ok(UniqueOutcome::Inserted),
                    Prepared::Ready => {
                        mtr.commit(xid)?;
                        return Ok(UniqueOutcome::Inserted);
                    }
                    Prepared::Full => {
                        drop(mtr);
                        self.tree.split_leaf(&full, purpose)?;
                    }
                },
            }
        }
    }

    /// Looks for a row other than `own` that has the key, before the insertion is tried (ON
    /// CONFLICT) or at its end (deferred constraints). `judge` is called without latches and may
    /// wait for pages.
    pub fn probe_unique(
        &self,
        key: &[u8],
        own: Option<RowId>,
        judge: &mut Judge<'_>,
        wait: Wait,
    ) -> Result<Probe> {
        let horizon = self.txns.oldest_xmin();
        let mut rivals: SmallVec<[(RowId, Option<PageNo>); 4]> = SmallVec::new();
        self.each_equal(key, wait, |page, leaf, index| {
            let row = leaf.row(index)?;
            if Some(row) != own && !is_surely_gone(page, leaf, index, horizon) {
                rivals.push((row, leaf.guess(index)?));
            }
            Ok(())
        })?;
        for (row, guess) in rivals {
            match judge(row, guess)? {
                Judgement::Gone => {}
                Judgement::Live => return Ok(Probe::Conflict(row)),
                Judgement::Wait(xid) => return Ok(Probe::MustWait(xid)),
                Judgement::Retry => return Err(Error::WouldBlock),
            }
        }
        Ok(Probe::Free)
    }

    /// Latches the first leaf that may have the key and looks at all equal entries from there on.
    fn check_unique(
        &self,
        mtr: &mut Mtr<'_>,
        entry: &NewEntry<'_>,
        full: &[u8],
        judge: &mut Judge<'_>,
        wait: Wait,
    ) -> Result<Checked> {
        let horizon = self.txns.oldest_xmin();
        let mut check = Check {
            entry,
            horizon,
            judge,
        };
        let first = self.tree.latch_leaf(mtr, None, entry.key, wait)?;
        let leaf = mtr.page(first);
        if let Some(outcome) = check.judge_leaf(leaf)? {
            return Ok(Checked::Outcome(outcome));
        }
        let mut target = page::covers(leaf, full).then_some(first);
        let mut next = next_leaf(leaf, entry.key)?;
        // The neighbour to the right of a latched leaf stays its neighbour: the latches form a chain
        // from the first leaf, the middle ones shared.
        let mut before: Option<ReadGuard<'_>> = None;
        while let Some(no) = next {
            let id = self.tree.page_id(no);
            let storage = mtr.storage();
            // Pinned while it is latched: nothing is read from disk below a latch.
            let _pin = match storage.page(id, Wait::NoWait) {
                Ok(pin) => pin,
                Err(Error::WouldBlock) => return Ok(Checked::Load(id)),
                Err(error) => return Err(error),
            };
            let guard = storage.read(id, wait)?;
            if target.is_none() && page::covers(&guard, full) {
                drop(guard);
                let slot = mtr.latch(id, wait)?;
                if !page::covers(mtr.page(slot), full) {
                    return Ok(Checked::Again);
                }
                target = Some(slot);
                before = None;
                let leaf = mtr.page(slot);
                if let Some(outcome) = check.judge_leaf(leaf)? {
                    return Ok(Checked::Outcome(outcome));
                }
                next = next_leaf(leaf, entry.key)?;
                continue;
            }
            if let Some(outcome) = check.judge_leaf(&guard)? {
                return Ok(Checked::Outcome(outcome));
            }
            next = next_leaf(&guard, entry.key)?;
            before = Some(guard);
        }
        drop(before);
        Ok(target.map_or(Checked::Again, Checked::Free))
    }
}

/// The right neighbour, if it may have entries with the key.
fn next_leaf(leaf: &[u8], key: &[u8]) -> Result<Option<PageNo>> {
    if KeyLeaf::new(leaf)?.ends_beyond(key) {
        return Ok(None);
    }
    match page::right(leaf) {
        Some(no) if no != ROOT => Ok(Some(no)),
        _ => Err(Error::corrupted("a leaf of an index lacks its neighbour")),
    }
}

/// Whether the entry's row does not have the key, whoever asks. Marks of a leaf that no unfinished
/// transaction changed are the truth; who is about to take a mark away does its own check first.
fn is_surely_gone(page: &[u8], leaf: &KeyLeaf<'_>, index: usize, horizon: Xid) -> bool {
    leaf.is_marked(index) && page_header::max_xid(page) < horizon
}

/// One check.
struct Check<'c, 'j> {
    entry: &'c NewEntry<'c>,
    /// All older transactions have ended.
    horizon: Xid,
    judge: &'c mut Judge<'j>,
}

impl Check<'_, '_> {
    /// Judges the equal entries of a leaf; None: none is in the way.
    fn judge_leaf(&mut self, page: &[u8]) -> Result<Option<UniqueOutcome>> {
        let leaf = KeyLeaf::new(page)?;
        let key = self.entry.key;
        for index in leaf.lower_bound(key)?..leaf.count() {
            if !leaf.begins_with(index, key)? {
                break;
            }
            let row = leaf.row(index)?;
            if row == self.entry.row || is_surely_gone(page, &leaf, index, self.horizon) {
                continue;
            }
            let guess = leaf.guess(index)?;
            match (self.judge)(row, guess)? {
                Judgement::Gone => {}
                Judgement::Live => return Ok(Some(UniqueOutcome::Conflict(row))),
                Judgement::Wait(xid) => return Ok(Some(UniqueOutcome::MustWait(xid))),
                Judgement::Retry => return Ok(Some(UniqueOutcome::MustFetch { row, guess })),
            }
        }
        Ok(None)
    }
}
