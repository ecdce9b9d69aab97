//! Inserting many rows at a time: leaf after leaf, one log record each.

use std::ops::Range;

use common::{Error, Result, RowId};
use smallvec::SmallVec;
use storage::Wait;
use storage::tree::{Purpose, Seek, page};
use txn::Transaction;
use types::{DatumRef, Physical, Vector, VectorData};

use crate::cell_codec::{NewCell, NewCells};
use crate::layout::Layout;
use crate::leaf::geometry::ID_SPAN;
use crate::leaf::insert_body::InsertBody;
use crate::leaf::leaf_ref::LeafRef;
use crate::leaf::ops::choose_base;
use crate::leaf::room::row_fixed_bytes;
use crate::leaf::row_format::row_key;
use crate::limits::{OVERFLOW_BYTES, ROW_BYTES_MAX, ROW_HEAP_BYTES, row_too_big};
use crate::overflow::POINTER_BYTES;
use crate::table::Table;

/// Overflow chains of a run of rows: (column, row of the input) and pointer.
type Pointers = SmallVec<[(usize, usize, [u8; POINTER_BYTES]); 4]>;

impl Table {
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
            let build = |body: &mut InsertBody| {
                body.start(layout.id(), id, count, columns.len());
                for (index, vector) in columns.iter().enumerate() {
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
