//! Inserting rows.

use std::ops::Range;

use common::{Error, PageNo, Result, RowId};
use smallvec::SmallVec;
use storage::tree::bytes::{put_u16, put_u64};
use storage::tree::{Purpose, Seek, page};
use storage::{Mtr, Slot, Wait};
use txn::Transaction;
use types::{DatumRef, Physical, Vector, VectorData};

use crate::cell_codec::{NewCell, NewCells};
use crate::layout::Layout;
use crate::leaf::geometry::{ID_SPAN, Width};
use crate::leaf::insert_body::InsertBody;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::ops::{COMPACT, INSERT, choose_base};
use crate::leaf::rebuild::widths_of;
use crate::leaf::room::{Room, insert_room, row_fixed_bytes};
use crate::leaf::row_format::{relaid, row_key};
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

/// Overflow chains of a run of rows: (column, row of the input) and pointer.
type Pointers = SmallVec<[(usize, usize, [u8; POINTER_BYTES]); 4]>;

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
        let build = |body: &mut InsertBody, widths: &[Width]| {
            body.start(layout.id(), row, 1, widths.len());
            for (index, width) in widths.iter().enumerate() {
                body.column(*width, |_| cells.get(index).and_then(NewCell::as_cell));
            }
        };
        let page = self.insert_run(txn, &layout, row, 1, &build, wait)?;
        let page = page.ok_or_else(|| Error::internal("a single row was refused as a run"))?;
        Ok(Inserted { row, page })
    }

    /// Adds `rows` of flat vectors, one a column of the newest layout; their ids ascend by one from
    /// the one given back. Fills leaf after leaf with one log record each. After an error some may
    /// have been added: the caller rolls back to a mark.
    pub fn insert_many(
        &self,
        txn: &mut Transaction,
        columns: &[Vector],
        rows: Range<usize>,
        wait: Wait,
    ) -> Result<RowId> {
        let layout = self.layout();
        check_vectors(&layout, columns, rows.end)?;
        let pointers = self.move_vectors_out(txn, &layout, columns, rows.clone(), wait)?;
        let first = self.take_ids(rows.len() as u64, wait)?;
        let mut from = rows.start;
        while from < rows.end {
            let id = RowId(first.0 + (from - rows.start) as u64);
            let batch = Batch {
                layout: &layout,
                columns,
                pointers: &pointers,
            };
            let count = self.run_len(&batch, from..rows.end, id, wait)?;
            let build = |body: &mut InsertBody, widths: &[Width]| {
                body.start(layout.id(), id, count, widths.len());
                for (index, width) in widths.iter().enumerate() {
                    let Some(vector) = columns.get(index) else {
                        body.column(*width, |_| None);
                        continue;
                    };
                    body.vector_column(vector, from, |row| find_pointer(&pointers, index, row));
                }
            };
            if self
                .insert_run(txn, &layout, id, count, &build, wait)?
                .is_some()
            {
                from += count;
            }
        }
        Ok(first)
    }

    fn take_ids(&self, count: u64, wait: Wait) -> Result<RowId> {
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

    fn move_vectors_out(
        &self,
        txn: &mut Transaction,
        layout: &Layout,
        columns: &[Vector],
        rows: Range<usize>,
        wait: Wait,
    ) -> Result<Pointers> {
        let mut pointers = Pointers::new();
        let fixed_bytes = row_fixed_bytes(layout.widths());
        if fixed_bytes > ROW_BYTES_MAX {
            return Err(row_too_big(fixed_bytes));
        }
        if columns
            .iter()
            .all(|vector| !matches!(vector.data(), VectorData::Bytes(_)))
        {
            return Ok(pointers);
        }
        for row in rows {
            let len = |vector: &Vector| vector.get(row).as_bytes().map_or(0, <[u8]>::len);
            let total: usize = columns.iter().map(len).sum();
            let longest = columns.iter().map(len).max().unwrap_or(0);
            if total <= ROW_HEAP_BYTES && longest <= OVERFLOW_BYTES {
                continue;
            }
            let mut cells = columns
                .iter()
                .zip(layout.columns())
                .map(|(vector, column)| NewCell::new(vector.get(row), column.physical))
                .collect::<Result<NewCells<'_>>>()?;
            self.move_out(txn, layout, &mut cells, wait)?;
            for (column, cell) in cells.iter().enumerate() {
                if let NewCell::Overflow(pointer) = cell {
                    pointers.push((column, row, *pointer));
                }
            }
        }
        Ok(pointers)
    }

    /// How many of the rows, at least one, the leaf for `id` can take now: a guess to build for.
    fn run_len(
        &self,
        batch: &Batch<'_>,
        rows: Range<usize>,
        id: RowId,
        wait: Wait,
    ) -> Result<usize> {
        let key = row_key(id);
        loop {
            let space =
                self.tree
                    .read_leaf(self.last_leaf(), Seek::Key(&key), wait, |_, page| {
                        append_space(page, id)
                    })?;
            let (slots, hole_bytes) = match space {
                Space::Between => return Ok(1),
                Space::End { slots, hole_bytes } => (slots, hole_bytes),
            };
            if slots == 0 {
                self.tree.split_leaf(&key, Purpose::Change(wait))?;
                continue;
            }
            let mut used = 0;
            let fitting = rows.clone().take(slots).take_while(|row| {
                used += batch.heap_bytes(*row);
                used <= hole_bytes
            });
            return Ok(fitting.count().max(1));
        }
    }

    /// Adds a run to one leaf, and splits to make room for a single row. None: the run is too long
    /// for what the leaf has become.
    fn insert_run(
        &self,
        txn: &mut Transaction,
        layout: &Layout,
        first: RowId,
        rows: usize,
        build: &dyn Fn(&mut InsertBody, &[Width]),
        wait: Wait,
    ) -> Result<Option<PageNo>> {
        self.txns.assign_xid(txn)?;
        let mut body = InsertBody::default();
        build(&mut body, layout.widths());
        let mut run = Run {
            first,
            rows,
            body,
            build,
        };
        loop {
            match self.try_insert(txn, layout.widths(), &mut run, wait)? {
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
        widths: &[Width],
        run: &mut Run<'_>,
        wait: Wait,
    ) -> Result<Try> {
        let key = row_key(run.first);
        let mut mtr = self.storage().begin_with(wait);
        let slot = self
            .tree
            .latch_leaf(&mut mtr, self.last_leaf(), &key, wait)?;
        let leaf = LeafRef::new(mtr.page(slot))?;
        if leaf.geometry.columns < widths.len() {
            drop(mtr);
            self.convert_leaf(run.first, Purpose::Change(wait))?;
            return Ok(Try::Again);
        }
        if leaf.geometry.columns != run.body.columns() {
            // A layout that was rolled back left columns behind: they are null.
            (run.build)(&mut run.body, &widths_of(&leaf)?);
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
        run: &mut Run<'_>,
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
            let layout = storage::page_header::layout(page);
            let image = relaid(page, layout, &widths, spare, &|_| None)?;
            let image = image.ok_or_else(|| Error::internal("a leaf laid out anew is full"))?;
            storage::tree::ops::log_image(mtr, slot, &image)
        }
        Room::None => Err(Error::internal("a full leaf was to take a row")),
    }
}

/// Room behind the last row of a leaf.
enum Space {
    /// The row's place is between others: one at a time, the run might meet the next row's id.
    Between,
    End {
        slots: usize,
        hole_bytes: usize,
    },
}

fn append_space(bytes: &[u8], id: RowId) -> Result<Space> {
    let leaf = LeafRef::new(bytes)?;
    if leaf.lower_bound(id) < leaf.count() {
        return Ok(Space::Between);
    }
    let base = if leaf.count() == 0 {
        choose_base(bytes, id)
    } else {
        leaf.base()
    };
    let in_span = (base + ID_SPAN).saturating_sub(id.0);
    let high = page::high_fence(bytes).and_then(|high| high.try_into().ok());
    let in_range = high
        .map_or(u64::MAX, u64::from_be_bytes)
        .saturating_sub(id.0);
    let slots = (leaf.geometry.capacity - leaf.count()) as u64;
    let slots = slots.min(in_span).min(in_range) as usize;
    Ok(Space::End {
        slots,
        hole_bytes: page::hole_bytes(bytes)?,
    })
}

/// Rows to insert, with the chains of their long values.
struct Batch<'b> {
    layout: &'b Layout,
    columns: &'b [Vector],
    pointers: &'b Pointers,
}

impl Batch<'_> {
    /// Bytes of a leaf's heap that the row will take.
    fn heap_bytes(&self, row: usize) -> usize {
        let varying = self.layout.columns().iter().zip(self.columns).enumerate();
        let varying = varying.filter(|(_, (layout, _))| layout.physical == Physical::Bytes);
        let bytes = varying.map(|(column, (_, vector))| match vector.get(row) {
            DatumRef::Bytes(_) if find_pointer(self.pointers, column, row).is_some() => {
                POINTER_BYTES
            }
            DatumRef::Bytes(bytes) => bytes.len(),
            _ => 0,
        });
        bytes.sum()
    }
}

/// A run of rows on its way.
struct Run<'b> {
    first: RowId,
    rows: usize,
    body: InsertBody,
    build: &'b dyn Fn(&mut InsertBody, &[Width]),
}

fn find_pointer(pointers: &Pointers, column: usize, row: usize) -> Option<[u8; POINTER_BYTES]> {
    let found = pointers
        .iter()
        .find(|pointer| (pointer.0, pointer.1) == (column, row));
    found.map(|pointer| pointer.2)
}

fn check_vectors(layout: &Layout, columns: &[Vector], rows: usize) -> Result<()> {
    let is_right = columns.len() == layout.columns().len()
        && columns
            .iter()
            .zip(layout.columns())
            .all(|(vector, column)| {
                vector.physical() == column.physical
                    && vector.len() >= rows
                    && !vector.is_constant()
            });
    if is_right {
        Ok(())
    } else {
        Err(Error::internal("vectors do not fit their table"))
    }
}
