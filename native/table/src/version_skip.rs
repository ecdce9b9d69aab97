//! Keeping version chains short (Steam; HANA's interval garbage collection).
//!
//! A writer keeps, in its undo record, the address of the record before. If no live snapshot needs
//! the version that that one brings back, the writer keeps the next address instead: behind a very
//! old snapshot a row that changes all the time then has as many versions as there are snapshots.
//! The record that is left out may hold columns that older versions need: so it must change no
//! column that the next one does not, and none that indexes look at, since purge finds the keys of
//! versions by walking through them.

use common::{Result, Xid};
use storage::Wait;
use txn::{UndoAddr, UndoRecord};

use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::update_body::UpdateView;
use crate::table::Table;
use crate::undo_kind;

impl Table {
    /// The undo address to keep for the newest version of the row at `index`, which `writer` is
    /// about to replace.
    pub(crate) fn kept_address(&self, leaf: &LeafRef<'_>, index: usize, writer: Xid) -> u64 {
        let (newest, kept) = (leaf.word(index).xid(), leaf.undo(index));
        // Seen by all: nobody follows the address.
        if newest < self.txns.oldest_xmin() || newest == writer {
            return kept;
        }
        // Undo that is not in memory, or not there any more, is left as it is.
        match self.address_behind(newest, UndoAddr(kept)) {
            Ok(Some(behind)) => behind,
            _ => kept,
        }
    }

    fn address_behind(&self, newest: Xid, addr: UndoAddr) -> Result<Option<u64>> {
        let undo = self.txns.undo();
        let record = undo.read(addr, Wait::NoWait)?;
        if record.kind != undo_kind::UPDATE || record.xid != newest {
            return Ok(None);
        }
        let before = UpdateView::parse(&record.body)?;
        let older = before.word.xid();
        let is_followed = older >= self.txns.oldest_xmin() && older != newest;
        if !is_followed || self.txns.needs_version(older, newest) {
            return Ok(None);
        }
        let behind = undo.read(UndoAddr(before.undo), Wait::NoWait)?;
        Ok(self.may_leave_out(&before, &behind)?.then_some(before.undo))
    }

    fn may_leave_out(&self, before: &UpdateView<'_>, behind: &UndoRecord) -> Result<bool> {
        let indexed = self
            .indexes()
            .map_or(Vec::new(), |indexes| indexes.columns());
        let next = match behind.kind {
            undo_kind::INSERT => None,
            undo_kind::UPDATE => Some(UpdateView::parse(&behind.body)?),
            _ => return Ok(false),
        };
        for change in before.changes() {
            let (column, _) = change?;
            let is_covered = match &next {
                Some(next) => next.find(column)?.is_some(),
                None => true,
            };
            if !is_covered || indexed.contains(&column) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many versions of the row are kept for snapshots and rollback, the newest included; 0 if
    /// there is no such row.
    pub fn version_count(&self, row: common::RowId) -> Result<usize> {
        let oldest = self.txns.oldest_snapshot();
        let Some(mut version) = self.copy_newest(row, &[], Wait::Block)? else {
            return Ok(0);
        };
        let mut count = 1;
        while !oldest.sees(version.word.xid()) {
            if !version.go_back(&[], self, Wait::Block)? {
                break;
            }
            count += 1;
        }
        Ok(count)
    }
}
