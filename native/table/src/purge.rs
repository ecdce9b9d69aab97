//! Removing what no snapshot can see any more.

use common::{Result, RowId, Xid, sqlstate};
use storage::Wait;
use txn::{Snapshot, UndoAddr, UndoRecord};

use crate::cell_codec::OwnedCell;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::ops::REMOVE;
use crate::leaf::row_format::row_key;
use crate::leaf::update_body::UpdateView;
use crate::overflow::Pointer;
use crate::row_indexes::RowIndexes;
use crate::table::Table;
use crate::undo_kind;

impl Table {
    /// Purges after one record, as [`txn::UndoTarget::purge`] says.
    pub fn purge(&self, record: &UndoRecord, addr: UndoAddr, horizon: &Snapshot) -> Result<()> {
        match record.kind {
            undo_kind::UPDATE => self.purge_update(record, addr, horizon),
            undo_kind::DELETE => self.purge_delete(record, addr, horizon),
            // What was inserted stays; so do the chains that it points to.
            _ => Ok(()),
        }
    }

    /// The version that the record remembers is out of reach: index entries only it had, and
    /// overflow chains that it alone pointed to.
    fn purge_update(&self, record: &UndoRecord, addr: UndoAddr, horizon: &Snapshot) -> Result<()> {
        let before = UpdateView::parse(&record.body)?;
        if let Some(indexes) = self.indexes() {
            self.purge_entries(&*indexes, &before, addr, horizon)?;
        }
        let mut pointers = Vec::new();
        for change in before.changes() {
            if let OwnedCell::Overflow(pointer) = OwnedCell::copy(change?.1)? {
                pointers.push(pointer);
            }
        }
        self.free_chains(&pointers, Some(addr))
    }

    /// Frees the chains; the last one's end marks the record done.
    fn free_chains(&self, pointers: &[Pointer], done: Option<UndoAddr>) -> Result<()> {
        for (index, pointer) in pointers.iter().enumerate() {
            let done = done.filter(|_| index + 1 == pointers.len());
            self.free_chain(pointer.head, usize::MAX, pointer.stamp, done)?;
        }
        Ok(())
    }

    fn purge_entries(
        &self,
        indexes: &dyn RowIndexes,
        before: &UpdateView<'_>,
        addr: UndoAddr,
        horizon: &Snapshot,
    ) -> Result<()> {
        let columns = indexes.columns();
        let mut has_indexed = false;
        for change in before.changes() {
            has_indexed |= columns.contains(&change?.0);
        }
        if !has_indexed {
            return Ok(());
        }
        // Keys need all columns of the version that is gone: walk down to it from the newest. What
        // came after the record is purged after it, so the way is still there, unless a writer left
        // the record out (see [`crate::version_skip`]) before there was an index on its columns:
        // then no index has the key.
        let Some(mut version) = self.copy_newest(before.row, &columns, Wait::Block)? else {
            return Ok(());
        };
        let mut reachable = vec![self.indexed(&version, &columns)?];
        let mut is_reached = horizon.sees(version.word.xid());
        while version.undo != addr {
            match version.go_back(&columns, self, Wait::Block) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) if error.state() == sqlstate::DATA_CORRUPTED => return Ok(()),
                Err(error) => return Err(error),
            }
            if !is_reached {
                reachable.push(self.indexed(&version, &columns)?);
                is_reached = horizon.sees(version.word.xid());
            }
        }
        if version.go_back(&columns, self, Wait::Block)? {
            let gone = self.indexed(&version, &columns)?;
            indexes.purge(before.row, &gone, &reachable)?;
        }
        Ok(())
    }

    /// Nobody sees the row any more: its index entries, its chains, the row itself.
    fn purge_delete(&self, record: &UndoRecord, addr: UndoAddr, horizon: &Snapshot) -> Result<()> {
        let row = UpdateView::parse(&record.body)?.row;
        let all: Vec<u16> = (0..self.layout().columns().len() as u16).collect();
        let Some(newest) = self.copy_newest(row, &all, Wait::Block)? else {
            return Ok(());
        };
        let is_last = newest.word.is_deleted() && newest.undo == addr;
        if !is_last || !horizon.sees(newest.word.xid()) {
            return Ok(());
        }
        if let Some(indexes) = self.indexes() {
            let columns = indexes.columns();
            if let Some(gone) = self.copy_newest(row, &columns, Wait::Block)? {
                let mut gone = self.indexed(&gone, &columns)?;
                gone.is_deleted = false;
                indexes.purge(row, &gone, &[])?;
            }
        }
        let pointers = newest.cells.iter().flatten().filter_map(|cell| match cell {
            OwnedCell::Overflow(pointer) => Some(*pointer),
            _ => None,
        });
        self.free_chains(&pointers.collect::<Vec<_>>(), None)?;
        self.remove_deleted(row, addr)?;
        if self.is_sparse(row)? {
            self.tree.merge_leaf(&row_key(row))?;
        }
        Ok(())
    }

    fn remove_deleted(&self, row: RowId, addr: UndoAddr) -> Result<()> {
        let mut mtr = self.storage().begin_privileged();
        let slot = self
            .tree
            .latch_leaf(&mut mtr, None, &row_key(row), Wait::Block)?;
        let leaf = LeafRef::new(mtr.page(slot))?;
        let index = leaf
            .find(row)
            .filter(|index| leaf.undo(*index) == addr.0 && leaf.word(*index).is_deleted());
        if index.is_none() {
            return Ok(());
        }
        let mut body = row.0.to_le_bytes().to_vec();
        body.extend_from_slice(&1u16.to_le_bytes());
        mtr.op(slot, REMOVE, &body);
        self.txns.undo().mark_done(&mut mtr, addr)?;
        mtr.commit(Xid(0))?;
        Ok(())
    }
}
