//! Changing and deleting rows.

use common::{Error, PageNo, Result, RowId};
use storage::tree::Purpose;
use storage::{Mtr, Slot, Wait};
use txn::{RowLockMode, RowWriter, Transaction, UndoAddr, View, Visibility};
use types::DatumRef;

use crate::cell_codec::{NewCell, NewCells};
use crate::insert::make_room;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::ops::UPDATE;
use crate::leaf::room::{Room, update_room};
use crate::leaf::row_format::row_key;
use crate::leaf::update_body::{UpdateBody, UpdateView};
use crate::leaf::word::Word;
use crate::limits::{OVERFLOW_BYTES, ROW_BYTES_MAX, ROW_HEAP_BYTES, row_too_big};
use crate::overflow::POINTER_BYTES;
use crate::table::Table;
use crate::undo_kind;

/// Which version the writer has based its change on.
#[derive(Clone, Copy, Debug)]
pub enum Expect<'v> {
    /// The one that this view sees: if it is not the newest, nothing happens.
    Seen(&'v View),
    /// The newest committed one, or an own one of an earlier command: the caller has locked the row
    /// and computed from that.
    Newest,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// Made; in this page, a guess for index entries.
    Done(PageNo),
    /// The row was changed by the running command before: leave it alone.
    SelfModified,
    /// The newest version is not the one expected: lock the row, look again.
    Changed,
    /// Another transaction wrote it and is active (then `writer` says so), or holds or waits for a
    /// lock: [`Table::lock_row`], look again.
    Blocked { writer: Option<RowWriter> },
    /// There is no such row, or its newest version is a deletion.
    Gone,
}

/// A change of one row.
struct Change<'c, 'v> {
    row: RowId,
    /// Empty for a deletion.
    columns: &'c [u16],
    cells: NewCells<'v>,
    flags: u64,
    kind: u8,
    mode: RowLockMode,
}

/// What a look at the latched row leads to.
enum Plan {
    Outcome(WriteOutcome),
    /// The own undo record must be read from disk first.
    LoadUndo(UndoAddr),
    Convert,
    Split,
    /// This one of the changed values must go to an overflow chain.
    MoveOut(usize),
    Write(Room),
}

/// Buffers for the two bodies.
#[derive(Default)]
struct Bodies {
    new: UpdateBody,
    old: UpdateBody,
}

/// What the word of a row tells a writer.
pub(crate) enum Judged {
    Free,
    Outcome(WriteOutcome),
    LoadUndo(UndoAddr),
}

impl Table {
    /// Changes columns of a row. `values` belong to `columns`, ascending numbers, each once.
    /// `is_key_changed`: a column of some unique index that foreign keys may refer to changes, so
    /// that KEY SHARE lockers must wait. Anything but [`WriteOutcome::Done`] changed nothing but,
    /// perhaps, left overflow chains for the transaction's rollback: after those the caller rolls
    /// back to a mark or retries in the end.
    #[expect(
        clippy::too_many_arguments,
        reason = "a row change has that many sides"
    )]
    pub fn update(
        &self,
        txn: &mut Transaction,
        expect: Expect<'_>,
        row: RowId,
        hint: Option<PageNo>,
        columns: &[u16],
        values: &[DatumRef<'_>],
        is_key_changed: bool,
        wait: Wait,
    ) -> Result<WriteOutcome> {
        let layout = self.layout();
        let cells = columns
            .iter()
            .zip(values)
            .map(|(column, value)| NewCell::new(*value, layout.column(*column)?.physical))
            .collect::<Result<NewCells<'_>>>()?;
        let mode = if is_key_changed {
            RowLockMode::Update
        } else {
            RowLockMode::NoKeyUpdate
        };
        let flags = if is_key_changed { Word::KEY_CHANGED } else { 0 };
        let kind = undo_kind::UPDATE;
        let change = Change {
            row,
            columns,
            cells,
            flags,
            kind,
            mode,
        };
        self.write(txn, expect, hint, change, wait)
    }

    /// Deletes a row: its newest version says so from now on.
    pub fn delete(
        &self,
        txn: &mut Transaction,
        expect: Expect<'_>,
        row: RowId,
        hint: Option<PageNo>,
        wait: Wait,
    ) -> Result<WriteOutcome> {
        let change = Change {
            row,
            columns: &[],
            cells: NewCells::new(),
            flags: Word::DELETED | Word::KEY_CHANGED,
            kind: undo_kind::DELETE,
            mode: RowLockMode::Update,
        };
        self.write(txn, expect, hint, change, wait)
    }

    fn write(
        &self,
        txn: &mut Transaction,
        expect: Expect<'_>,
        hint: Option<PageNo>,
        mut change: Change<'_, '_>,
        wait: Wait,
    ) -> Result<WriteOutcome> {
        self.assign_xid(txn)?;
        let key = row_key(change.row);
        let mut bodies = Bodies::default();
        let mut hint = hint;
        loop {
            let mut mtr = self.storage().begin_with(wait);
            let slot = self.tree.latch_leaf(&mut mtr, hint.take(), &key, wait)?;
            let plan = self.plan(mtr.page(slot), txn, expect, &change, &mut bodies)?;
            match plan {
                Plan::Outcome(outcome) => return Ok(outcome),
                Plan::Write(room) => return self.put(mtr, slot, txn, &change, &mut bodies, room),
                _ => drop(mtr),
            }
            match plan {
                Plan::LoadUndo(addr) => self.txns.undo().with(addr, wait, |_| Ok(()))?,
                Plan::Convert => self.convert_leaf(change.row, Purpose::Change(wait))?,
                Plan::Split => self.tree.split_leaf(&key, Purpose::Change(wait))?,
                Plan::MoveOut(index) => {
                    if let NewCell::Bytes(bytes) = change.cells[index] {
                        let pointer = self.make_chain(txn, bytes, wait)?;
                        change.cells[index] = NewCell::Overflow(pointer.to_bytes());
                    }
                }
                Plan::Outcome(_) | Plan::Write(_) => {}
            }
        }
    }

    /// Looks at the row under its latch; fills the bodies as far as they go.
    fn plan(
        &self,
        page: &[u8],
        txn: &Transaction,
        expect: Expect<'_>,
        change: &Change<'_, '_>,
        bodies: &mut Bodies,
    ) -> Result<Plan> {
        let leaf = LeafRef::new(page)?;
        let Some(index) = leaf.find(change.row) else {
            return Ok(Plan::Outcome(WriteOutcome::Gone));
        };
        match self.judge(&leaf, index, txn, expect, change.mode)? {
            Judged::Free => {}
            Judged::Outcome(outcome) => return Ok(Plan::Outcome(outcome)),
            Judged::LoadUndo(addr) => return Ok(Plan::LoadUndo(addr)),
        }
        let known = self.leaf(page)?.geometry.columns;
        let last = change.columns.iter().max();
        if known < leaf.geometry.columns || last.is_some_and(|last| usize::from(*last) >= known) {
            return Ok(Plan::Convert);
        }
        if let Some(plan) = check_size(&leaf, index, change)? {
            return Ok(plan);
        }
        bodies.new.start(self.layout().id(), change.row);
        for (column, cell) in change.columns.iter().zip(&change.cells) {
            bodies.new.column(*column, cell.as_cell());
        }
        let new = UpdateView::parse(bodies.new.bytes())?;
        let kept = self.kept_address(&leaf, index, txn.xid());
        bodies.old.remember(&leaf, index, &new, kept)?;
        Ok(match update_room(&leaf, index, &new)? {
            Room::None => Plan::Split,
            room => Plan::Write(room),
        })
    }

    /// Whether the transaction may write the row now.
    pub(crate) fn judge(
        &self,
        leaf: &LeafRef<'_>,
        index: usize,
        txn: &Transaction,
        expect: Expect<'_>,
        mode: RowLockMode,
    ) -> Result<Judged> {
        let (word, row) = (leaf.word(index), leaf.row_id(index));
        let outcome = |outcome| Ok(Judged::Outcome(outcome));
        if word.xid() == txn.xid() {
            let addr = UndoAddr(leaf.undo(index));
            let command = self
                .txns
                .undo()
                .with(addr, Wait::NoWait, |record| Ok(record.command));
            match command {
                Ok(command) if command == txn.command() => {
                    return outcome(WriteOutcome::SelfModified);
                }
                Ok(_) => {}
                Err(Error::WouldBlock) => return Ok(Judged::LoadUndo(addr)),
                Err(error) => return Err(error),
            }
            if let Expect::Seen(view) = expect
                && !view.sees_own(command?)
            {
                return outcome(WriteOutcome::SelfModified);
            }
        } else {
            let is_seen = match expect {
                Expect::Seen(view) => view.judge(word.xid()) == Visibility::Seen,
                Expect::Newest => false,
            };
            if !is_seen && self.txns.is_active(word.xid()) {
                let writer = Some(writer_of(word));
                return outcome(WriteOutcome::Blocked { writer });
            }
            if !is_seen && matches!(expect, Expect::Seen(_)) {
                return outcome(WriteOutcome::Changed);
            }
        }
        if word.is_deleted() {
            return outcome(WriteOutcome::Gone);
        }
        let locks = self.txns.locks();
        if locks.has_row_locks(self.id, row) && locks.is_row_blocked(txn, self.id, row, mode) {
            return outcome(WriteOutcome::Blocked { writer: None });
        }
        Ok(Judged::Free)
    }

    fn put(
        &self,
        mut mtr: Mtr<'_>,
        slot: Slot,
        txn: &mut Transaction,
        change: &Change<'_, '_>,
        bodies: &mut Bodies,
        room: Room,
    ) -> Result<WriteOutcome> {
        make_room(&mut mtr, slot, room)?;
        let undo = self.txns.undo();
        let addr = undo.append(&mut mtr, txn, change.kind, self.id, bodies.old.bytes())?;
        let word = Word::new(txn.xid(), change.flags);
        mtr.op(slot, UPDATE, bodies.new.finish(word, addr.0));
        let no = mtr.id(slot).no;
        self.txns.apply(mtr, txn)?;
        Ok(WriteOutcome::Done(no))
    }
}

/// The writer that a word tells of.
pub(crate) fn writer_of(word: Word) -> RowWriter {
    let mode = match word.is_key_changed() || word.is_deleted() {
        true => RowLockMode::Update,
        false => RowLockMode::NoKeyUpdate,
    };
    RowWriter {
        xid: word.xid(),
        mode,
    }
}

/// What to do about values that are too long, if anything.
fn check_size(leaf: &LeafRef<'_>, index: usize, change: &Change<'_, '_>) -> Result<Option<Plan>> {
    if !change.cells.iter().any(|cell| cell.heap_bytes() > 0) {
        // Nothing grows.
        return Ok(None);
    }
    let longest = (0..change.cells.len())
        .filter(|cell| matches!(change.cells[*cell], NewCell::Bytes(_)))
        .max_by_key(|cell| change.cells[*cell].heap_bytes());
    let longest = longest.map(|cell| (cell, change.cells[cell].heap_bytes()));
    if let Some((cell, bytes)) = longest
        && bytes > OVERFLOW_BYTES
    {
        return Ok(Some(Plan::MoveOut(cell)));
    }
    let mut heap_bytes = leaf.row_heap_bytes(index)?;
    for (column, cell) in change.columns.iter().zip(&change.cells) {
        let old = leaf.column(usize::from(*column))?;
        if let Some(old) = old
            && !old.place.width.is_fixed()
        {
            heap_bytes += cell.heap_bytes();
            heap_bytes -= leaf.cell(&old, index)?.map_or(0, |cell| cell.bytes.len());
        }
    }
    if let Some((cell, bytes)) = longest
        && heap_bytes > ROW_HEAP_BYTES
        && bytes > POINTER_BYTES
    {
        return Ok(Some(Plan::MoveOut(cell)));
    }
    let size = leaf.geometry.row_fixed_bytes(leaf.page)? + heap_bytes;
    if size > ROW_BYTES_MAX {
        Err(row_too_big(size))
    } else {
        Ok(None)
    }
}
