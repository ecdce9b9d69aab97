//! Taking changes of rows back.
//!
//! A record applies only to a row whose undo address is the record's own; else it was taken back
//! before. The writer is still active, so nobody else changes the row meanwhile.

use common::{Error, Result, RowId, Xid};
use storage::Wait;
use storage::tree::bytes::Reader;
use storage::tree::{Purpose, Seek, page};
use txn::{UndoAddr, UndoRecord};

use crate::insert::make_room;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::ops::{REMOVE, UPDATE};
use crate::leaf::room::{Room, update_room};
use crate::leaf::row_format::row_key;
use crate::leaf::update_body::{UpdateBody, UpdateView};
use crate::overflow::parse_made;
use crate::row_indexes::{IndexedVersion, RowIndexes};
use crate::table::Table;
use crate::undo_kind;
use crate::version::RowCopy;

/// Bytes of a run in the body of [`REMOVE`].
const RUN_BYTES: usize = 10;

/// What an undo record of kind [`undo_kind::INSERT`] stands for.
pub(crate) fn parse_inserted(body: &[u8]) -> Result<(RowId, u64)> {
    let mut body = Reader::new(body);
    Ok((RowId(body.u64()?), u64::from(body.u16()?)))
}

impl Table {
    /// Takes one change back, as [`txn::UndoTarget::undo`] says.
    pub fn undo(&self, record: &UndoRecord, addr: UndoAddr) -> Result<()> {
        match record.kind {
            undo_kind::INSERT => {
                let (first, rows) = parse_inserted(&record.body)?;
                self.take_back_insert(first, rows, addr)
            }
            undo_kind::UPDATE | undo_kind::DELETE => self.take_back_update(record, addr),
            undo_kind::CHAIN => {
                let (head, pages, stamp) = parse_made(&record.body, addr)?;
                self.free_chain(head, pages, stamp, Some(addr))
            }
            kind => Err(Error::corrupted(format!(
                "an undo record of unknown kind {kind}"
            ))),
        }
    }

    /// Removes the rows of a run that are still this record's, leaf by leaf.
    fn take_back_insert(&self, first: RowId, rows: u64, addr: UndoAddr) -> Result<()> {
        let end = RowId(first.0 + rows);
        if let Some(indexes) = self.indexes() {
            for row in first.0..end.0 {
                self.unindex_insert(&*indexes, RowId(row), addr)?;
            }
        }
        let mut next = first;
        while next < end {
            let mut mtr = self.storage().begin_privileged();
            let slot = self
                .tree
                .latch_leaf(&mut mtr, None, &row_key(next), Wait::Block)?;
            let bytes = mtr.page(slot);
            let leaf = LeafRef::new(bytes)?;
            let mut body = Vec::new();
            for index in leaf.lower_bound(next)..leaf.lower_bound(end) {
                if leaf.undo(index) == addr.0 {
                    body.extend_from_slice(&leaf.row_id(index).0.to_le_bytes());
                    body.extend_from_slice(&1u16.to_le_bytes());
                }
            }
            let will_be_empty = body.len() == leaf.count() * RUN_BYTES;
            let high = page::high_fence(bytes).and_then(|high| high.try_into().ok());
            let here =
                std::mem::replace(&mut next, RowId(high.map_or(u64::MAX, u64::from_be_bytes)));
            if body.is_empty() {
                continue;
            }
            mtr.op(slot, REMOVE, &body);
            mtr.commit(Xid(0))?;
            if will_be_empty {
                self.tree.merge_leaf(&row_key(here))?;
            }
        }
        Ok(())
    }

    fn unindex_insert(&self, indexes: &dyn RowIndexes, row: RowId, addr: UndoAddr) -> Result<()> {
        let columns = indexes.columns();
        let Some(newest) = self.copy_newest(row, &columns, Wait::Block)? else {
            return Ok(());
        };
        if newest.undo != addr {
            return Ok(());
        }
        let newest = self.indexed(&newest, &columns)?;
        indexes.take_back(row, &newest, None, &[])
    }

    fn take_back_update(&self, record: &UndoRecord, addr: UndoAddr) -> Result<()> {
        let before = UpdateView::parse(&record.body)?;
        if let Some(indexes) = self.indexes() {
            self.unindex_update(&*indexes, before.row, addr)?;
        }
        let key = row_key(before.row);
        loop {
            let mut mtr = self.storage().begin_privileged();
            let slot = self.tree.latch_leaf(&mut mtr, None, &key, Wait::Block)?;
            let leaf = LeafRef::new(mtr.page(slot))?;
            let index = leaf
                .find(before.row)
                .filter(|index| leaf.undo(*index) == addr.0);
            let Some(index) = index else {
                return Ok(());
            };
            let restored = self.restored(&leaf, &before)?;
            let body = restored
                .as_ref()
                .map_or(&record.body[..], UpdateBody::bytes);
            let room = update_room(&leaf, index, &UpdateView::parse(body)?)?;
            if room == Room::None {
                drop(mtr);
                self.tree.split_leaf(&key, Purpose::Undo)?;
                continue;
            }
            make_room(&mut mtr, slot, room)?;
            mtr.op(slot, UPDATE, body);
            mtr.commit(Xid(0))?;
            return Ok(());
        }
    }

    /// What of `before` there is to put back, where that is not all: nobody has the columns that a
    /// layout added which was rolled back, and the leaf may have lost them.
    fn restored(&self, leaf: &LeafRef<'_>, before: &UpdateView<'_>) -> Result<Option<UpdateBody>> {
        let known = self.columns_known(before.layout);
        let known = known.min(leaf.geometry.columns);
        let is_known = |column: u16| usize::from(column) < known;
        let mut changes = before.changes();
        if changes.all(|change| change.is_ok_and(|(column, _)| is_known(column))) {
            return Ok(None);
        }
        let mut body = UpdateBody::default();
        body.start(before.layout, before.row);
        for change in before.changes() {
            let (column, cell) = change?;
            if is_known(column) {
                body.column(column, cell);
            }
        }
        body.finish(before.word, before.undo);
        Ok(Some(body))
    }

    fn unindex_update(&self, indexes: &dyn RowIndexes, row: RowId, addr: UndoAddr) -> Result<()> {
        let columns = indexes.columns();
        let Some(mut version) = self.copy_newest(row, &columns, Wait::Block)? else {
            return Ok(());
        };
        if version.undo != addr {
            return Ok(());
        }
        let newest = self.indexed(&version, &columns)?;
        if !version.go_back(&columns, self, Wait::Block)? {
            return Err(Error::corrupted("an update's undo leads to no version"));
        }
        let before = self.indexed(&version, &columns)?;
        if newest == before {
            return Ok(());
        }
        let older = self.older_versions(version, &columns)?;
        indexes.take_back(row, &newest, Some(&before), &older)
    }

    /// The versions before `version` that some snapshot or rollback may still lead to.
    pub(crate) fn older_versions(
        &self,
        mut version: RowCopy,
        columns: &[u16],
    ) -> Result<Vec<IndexedVersion>> {
        // Whoever wrote below every snapshot is seen by all: nobody looks further back, and the
        // undo behind may be gone. Held while walking, so that nothing on the way is purged.
        let horizon = self.txns.snapshot();
        let oldest = self.txns.oldest_snapshot();
        let mut older = Vec::new();
        while !oldest.sees(version.word.xid()) {
            if !version.go_back(columns, self, Wait::Block)? {
                break;
            }
            older.push(self.indexed(&version, columns)?);
        }
        drop(horizon);
        Ok(older)
    }

    /// A copied version with its values, as indexes look at it.
    pub(crate) fn indexed(&self, copy: &RowCopy, columns: &[u16]) -> Result<IndexedVersion> {
        let layout = self.layout();
        let values = (0..columns.len())
            .map(|place| {
                let physical = layout.column(columns[place])?.physical;
                let mut vector = types::Vector::new(physical);
                let mut sink = crate::column_sink::ColumnSink::take(&mut vector);
                self.push_copied(&layout, copy, columns, place, &mut sink, Wait::Block)?;
                sink.put_back(&mut vector);
                Ok(vector.get(0).to_owned())
            })
            .collect::<Result<_>>()?;
        Ok(IndexedVersion {
            values,
            is_deleted: copy.word.is_deleted(),
        })
    }

    /// The word and place of a row's newest version, for [`txn::UndoTarget::row_writer`].
    pub fn row_writer(&self, row: RowId) -> Result<Option<txn::RowWriter>> {
        self.newest_writer(row, Wait::Block)
    }

    /// As [`Table::row_writer`], waiting for pages as told.
    pub fn newest_writer(&self, row: RowId, wait: Wait) -> Result<Option<txn::RowWriter>> {
        let word = self.newest_word(row, wait)?;
        Ok(word.map(|(word, _)| crate::write::writer_of(word)))
    }

    /// Whether the leaf for `row` has become sparse.
    pub(crate) fn is_sparse(&self, row: RowId) -> Result<bool> {
        let key = row_key(row);
        self.tree
            .read_leaf(None, Seek::Key(&key), Wait::Block, |_, bytes| {
                let leaf = LeafRef::new(bytes)?;
                Ok(leaf.count() * 4 <= leaf.geometry.capacity)
            })
    }
}
