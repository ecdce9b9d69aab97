//! Inserting rows.

use common::{Error, PageNo, Result, RowId};
use storage::tree::Purpose;
use storage::tree::bytes::{put_u16, put_u64};
use storage::{Mtr, Slot, Wait, page_header};
use txn::Transaction;
use types::DatumRef;

use crate::cell_codec::{NewCell, NewCells};
use crate::layout::Layout;
use crate::leaf::insert_body::InsertBody;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::ops::{COMPACT, INSERT};
use crate::leaf::rebuild::widths_of;
use crate::leaf::room::{Room, insert_room, row_fixed_bytes};
use crate::leaf::row_format::{NewShape, relaid, row_key};
use crate::leaf::word::Word;
use crate::limits::{OVERFLOW_BYTES, ROW_BYTES_MAX, ROW_HEAP_BYTES, row_too_big};
use crate::overflow::POINTER_BYTES;
use crate::table::Table;
use crate::undo_kind;

/// Where a row went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inserted {
    pub row: RowId,
    /// Its page, a guess for index entries.
    pub page: PageNo,
}

/// What became of one try to add a run.
enum Try {
    Done(PageNo),
    /// Something was made ready: try again.
    Again,
    /// More than one row, and they do not fit.
    TooLong,
}

impl Table {
    /// Adds a row. `values` are those of all columns of the newest layout, in order.
    pub fn insert(
        &self,
        txn: &mut Transaction,
        values: &[DatumRef<'_>],
        wait: Wait,
    ) -> Result<Inserted> {
        let layout = self.layout();
        if values.len() != layout.columns().len() {
            return Err(Error::internal(
                "a row has not as many values as its table columns",
            ));
        }
        let mut cells = values
            .iter()
            .zip(layout.columns())
            .map(|(value, column)| NewCell::new(*value, column.physical))
            .collect::<Result<NewCells<'_>>>()?;
        self.move_out(txn, &layout, &mut cells, wait)?;
        let row = self.take_ids(1, wait)?;
        let build = |body: &mut InsertBody| {
            body.start(layout.id(), row, 1, cells.len());
            for (width, cell) in layout.widths().iter().zip(&cells) {
                body.column(*width, |_| cell.as_cell());
            }
        };
        let page = self.insert_run(txn, &layout, row, 1, &build, wait)?;
        let page = page.ok_or_else(|| Error::internal("a single row was refused as a run"))?;
        Ok(Inserted { row, page })
    }

    pub(crate) fn take_ids(&self, count: u64, wait: Wait) -> Result<RowId> {
        self.ids
            .take(count, |mark| self.tree.raise_mark(mark, wait))
    }

    /// Moves values to overflow chains until the row is short enough.
    pub(crate) fn move_out(
        &self,
        txn: &mut Transaction,
        layout: &Layout,
        cells: &mut NewCells<'_>,
        wait: Wait,
    ) -> Result<()> {
        let mut heap_bytes: usize = cells.iter().map(NewCell::heap_bytes).sum();
        loop {
            let longest = cells
                .iter_mut()
                .filter(|cell| matches!(cell, NewCell::Bytes(bytes) if bytes.len() > POINTER_BYTES))
                .max_by_key(|cell| cell.heap_bytes());
            let Some(cell) = longest else { break };
            let NewCell::Bytes(bytes) = *cell else { break };
            if bytes.len() <= OVERFLOW_BYTES && heap_bytes <= ROW_HEAP_BYTES {
                break;
            }
            *cell = NewCell::Overflow(self.make_chain(txn, bytes, wait)?.to_bytes());
            heap_bytes -= bytes.len() - POINTER_BYTES;
        }
        let size = row_fixed_bytes(layout.widths()) + heap_bytes;
        if size > ROW_BYTES_MAX {
            Err(row_too_big(size))
        } else {
            Ok(())
        }
    }

    /// Adds a run to one leaf, and splits to make room for a single row. None: the run is too long
    /// for what the leaf has become.
    pub(crate) fn insert_run(
        &self,
        txn: &mut Transaction,
        layout: &Layout,
        first: RowId,
        rows: usize,
        build: &dyn Fn(&mut InsertBody),
        wait: Wait,
    ) -> Result<Option<PageNo>> {
        self.assign_xid(txn)?;
        let mut body = InsertBody::default();
        build(&mut body);
        let mut run = Run { first, rows, body };
        loop {
            match self.try_insert(txn, layout, &mut run, wait)? {
                Try::Again => {}
                Try::TooLong => return Ok(None),
                Try::Done(no) => {
                    self.set_last_leaf(no);
                    return Ok(Some(no));
                }
            }
        }
    }

    fn try_insert(
        &self,
        txn: &mut Transaction,
        layout: &Layout,
        run: &mut Run,
        wait: Wait,
    ) -> Result<Try> {
        let key = row_key(run.first);
        let mut mtr = self.storage().begin_with(wait);
        let slot = self
            .tree
            .latch_leaf(&mut mtr, self.last_leaf(), &key, wait)?;
        let leaf = LeafRef::new(mtr.page(slot))?;
        if page_header::layout(leaf.page) != layout.id() {
            drop(mtr);
            self.convert_leaf(run.first, Purpose::Change(wait))?;
            return Ok(Try::Again);
        }
        let room = insert_room(&leaf, run.first, run.rows, &run.body)?;
        if room == Room::None && run.rows > 1 {
            return Ok(Try::TooLong);
        }
        if room == Room::None {
            drop(mtr);
            self.tree.split_leaf(&key, Purpose::Change(wait))?;
            return Ok(Try::Again);
        }
        self.put_run(mtr, slot, txn, run, room)
    }

    fn put_run(
        &self,
        mut mtr: Mtr<'_>,
        slot: Slot,
        txn: &mut Transaction,
        run: &mut Run,
        room: Room,
    ) -> Result<Try> {
        make_room(&mut mtr, slot, room)?;
        let mut undo_body = [0; 10];
        put_u64(&mut undo_body, 0, run.first.0);
        put_u16(&mut undo_body, 8, run.rows as u16);
        let undo = self.txns.undo();
        let addr = undo.append(&mut mtr, txn, undo_kind::INSERT, self.id, &undo_body)?;
        let body = run.body.finish(Word::new(txn.xid(), 0), addr.0);
        mtr.op(slot, INSERT, body);
        let no = mtr.id(slot).no;
        self.txns.apply(mtr, txn)?;
        Ok(Try::Done(no))
    }
}

/// Names what makes the room that was found; not for [`Room::None`].
pub(crate) fn make_room(mtr: &mut Mtr<'_>, slot: Slot, room: Room) -> Result<()> {
    match room {
        Room::Enough => Ok(()),
        Room::AfterCompaction => {
            mtr.op(slot, COMPACT, &[]);
            Ok(())
        }
        Room::AfterRebuild(spare) => {
            let page = mtr.page(slot);
            let widths = widths_of(&LeafRef::new(page)?)?;
            let same = NewShape {
                layout: page_header::layout(page),
                columns_known: widths.len(),
                widths: &widths,
                spare,
            };
            let image = relaid(page, &same, &|_| None)?;
            let image = image.ok_or_else(|| Error::internal("a leaf laid out anew is full"))?;
            storage::tree::ops::log_image(mtr, slot, &image)
        }
        Room::None => Err(Error::internal("a full leaf was to take a row")),
    }
}

/// A run of rows on its way.
struct Run {
    first: RowId,
    rows: usize,
    body: InsertBody,
}
