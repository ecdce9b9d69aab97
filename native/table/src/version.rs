//! Finding the version of a row that somebody sees.
//!
//! The newest version lies in the leaf; each older one is what the undo record of the next newer one
//! puts back. A walk starts from a copy of the newest version's columns, word and undo address taken
//! under the leaf's latch, and needs no latch of the leaf: records never change, and those that a
//! held snapshot needs are not purged.

use common::{Error, Result};
use smallvec::SmallVec;
use storage::Wait;
use txn::{UndoAddr, UndoRecordRef, View, Visibility};

use crate::cell_codec::OwnedCell;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::update_body::UpdateView;
use crate::leaf::word::Word;
use crate::table::Table;
use crate::undo_kind;

/// Some columns of one version of a row.
#[derive(Clone, Debug)]
pub struct RowCopy {
    pub word: Word,
    pub undo: UndoAddr,
    /// In the order in which they were asked for. None: the leaf is older than the column.
    pub cells: SmallVec<[Option<OwnedCell>; 8]>,
}

/// What one step back leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// The version before.
    Version,
    /// The row did not exist.
    Nothing,
}

impl RowCopy {
    /// Copies `columns` of the newest version.
    pub fn newest(leaf: &LeafRef<'_>, index: usize, columns: &[u16]) -> Result<Self> {
        let cells = columns
            .iter()
            .map(|column| {
                let Some(place) = leaf.column(usize::from(*column))? else {
                    return Ok(None);
                };
                OwnedCell::copy(leaf.cell(&place, index)?).map(Some)
            })
            .collect::<Result<_>>()?;
        let undo = UndoAddr(leaf.undo(index));
        Ok(Self {
            word: leaf.word(index),
            undo,
            cells,
        })
    }

    /// Puts back what `record`, the one that [`RowCopy::undo`] names, remembers.
    fn step_back(
        &mut self,
        table: &Table,
        record: &UndoRecordRef<'_>,
        columns: &[u16],
    ) -> Result<Back> {
        match record.kind {
            undo_kind::INSERT => Ok(Back::Nothing),
            undo_kind::UPDATE | undo_kind::DELETE => {
                let before = UpdateView::parse(record.body)?;
                self.word = before.word;
                self.undo = UndoAddr(before.undo);
                let known = table.columns_known(before.layout);
                for change in before.changes() {
                    let (column, cell) = change?;
                    if let Some(place) = columns.iter().position(|wanted| *wanted == column)
                        && usize::from(column) < known
                    {
                        self.cells[place] = Some(OwnedCell::copy(cell)?);
                    }
                }
                Ok(Back::Version)
            }
            kind => Err(Error::corrupted(format!(
                "an undo record of kind {kind} for a row"
            ))),
        }
    }

    /// Turns the copy into the version that `view` sees; false if it sees no row.
    pub fn go_back_to(
        &mut self,
        view: &View,
        columns: &[u16],
        table: &Table,
        wait: Wait,
    ) -> Result<bool> {
        let undo = table.txns.undo();
        loop {
            let is_own = match view.judge(self.word.xid()) {
                Visibility::Seen => return Ok(!self.word.is_deleted()),
                Visibility::Own => true,
                Visibility::NotSeen => false,
            };
            let back = undo.with(self.undo, wait, |record| {
                if is_own && view.sees_own(record.command) {
                    return Ok(None);
                }
                self.step_back(table, &record, columns).map(Some)
            })?;
            match back {
                None => return Ok(!self.word.is_deleted()),
                Some(Back::Nothing) => return Ok(false),
                Some(Back::Version) => {}
            }
        }
    }

    /// Turns the copy into the version before; false if there was none.
    pub fn go_back(&mut self, columns: &[u16], table: &Table, wait: Wait) -> Result<bool> {
        let undo = table.txns.undo();
        let addr = self.undo;
        let back = undo.with(addr, wait, |record| self.step_back(table, &record, columns))?;
        Ok(back == Back::Version)
    }
}
