//! Inserting many rows at a time: leaf after leaf, one log record each.

use std::ops::Range;

use common::{Error, PageNo, Result, RowId};
use smallvec::SmallVec;
use storage::Wait;
use storage::tree::{Purpose, Seek, page};
use txn::Transaction;
use types::{Vector, VectorData};

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

/// Bytes of the hole that an append leaves for the fence of the next leaf: a leaf that is full to the
/// last byte would have to be cut to take it.
const FENCE_BYTES: usize = size_of::<u64>();

/// Overflow chains of a run of rows: (column, row of the input) and pointer.
type Pointers = SmallVec<[(usize, usize, [u8; POINTER_BYTES]); 4]>;

/// Rows that follow each other in one leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilledLeaf {
    pub rows: usize,
    /// A guess for index entries.
    pub page: PageNo,
}

impl Table {
    /// Adds `rows` of flat vectors, one a column of the newest layout; their ids ascend by one from
    /// the one given back. Fills leaf after leaf with one log record each, and says in `leaves` which.
    /// After an error some may have been added: the caller rolls back to a mark.
    pub fn insert_many(
        &self,
        txn: &mut Transaction,
        columns: &[Vector],
        rows: Range<usize>,
        leaves: &mut Vec<FilledLeaf>,
        wait: Wait,
    ) -> Result<RowId> {
        let layout = self.layout();
        check_vectors(&layout, columns, rows.end)?;
        let mut sizes = heap_sizes(columns, rows.clone());
        let from = rows.start;
        let pointers = self.move_vectors_out(txn, &layout, columns, from, &mut sizes, wait)?;
        let first = self.take_ids(rows.len() as u64, wait)?;
        let mut done = 0;
        while done < sizes.len() {
            let id = RowId(first.0 + done as u64);
            let count = self.run_len(&sizes[done..], id, wait)?;
            let build = |body: &mut InsertBody| {
                body.start(layout.id(), id, count, columns.len());
                for (index, vector) in columns.iter().enumerate() {
                    match pointers.is_empty() {
                        true => body.inline_column(vector, from + done),
                        false => body.vector_column(vector, from + done, |row| {
                            find_pointer(&pointers, index, row)
                        }),
                    }
                }
            };
            let page = self.insert_run(txn, &layout, id, count, &build, wait)?;
            if let Some(page) = page {
                leaves.push(FilledLeaf { rows: count, page });
                done += count;
            }
        }
        Ok(first)
    }

    /// Moves long values to overflow chains; the rows begin at `from` of the vectors. `sizes` are the
    /// rows' heap bytes, then without those values.
    fn move_vectors_out(
        &self,
        txn: &mut Transaction,
        layout: &Layout,
        columns: &[Vector],
        from: usize,
        sizes: &mut [usize],
        wait: Wait,
    ) -> Result<Pointers> {
        let mut pointers = Pointers::new();
        let fixed_bytes = row_fixed_bytes(layout.widths());
        if fixed_bytes > ROW_BYTES_MAX {
            return Err(row_too_big(fixed_bytes));
        }
        for (at, size) in sizes.iter_mut().enumerate() {
            let row = from + at;
            let longest = |vector: &Vector| vector.get(row).as_bytes().map_or(0, <[u8]>::len);
            let is_short = *size <= ROW_HEAP_BYTES
                && (*size <= OVERFLOW_BYTES
                    || columns
                        .iter()
                        .all(|vector| longest(vector) <= OVERFLOW_BYTES));
            if is_short {
                continue;
            }
            let mut cells = columns
                .iter()
                .zip(layout.columns())
                .map(|(vector, column)| NewCell::new(vector.get(row), column.physical))
                .collect::<Result<NewCells<'_>>>()?;
            self.move_out(txn, layout, &mut cells, wait)?;
            *size = cells.iter().map(NewCell::heap_bytes).sum();
            for (column, cell) in cells.iter().enumerate() {
                if let NewCell::Overflow(pointer) = cell {
                    pointers.push((column, row, *pointer));
                }
            }
        }
        Ok(pointers)
    }

    /// How many of the rows with these heap bytes, at least one, the leaf for `id` can take now: a
    /// guess to build for.
    fn run_len(&self, sizes: &[usize], id: RowId, wait: Wait) -> Result<usize> {
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
            let mut used = FENCE_BYTES;
            let fitting = sizes.iter().take(slots).take_while(|size| {
                used += **size;
                used <= hole_bytes
            });
            let count = fitting.count();
            if count == 0 && (slots == 0 || sizes[0] <= hole_bytes) {
                self.tree.split_leaf(&key, Purpose::Change(wait))?;
                continue;
            }
            return Ok(count.max(1));
        }
    }
}

/// Bytes of a leaf's heap that each of the rows takes, long values included.
fn heap_sizes(columns: &[Vector], rows: Range<usize>) -> Vec<usize> {
    let mut sizes = vec![0; rows.len()];
    for vector in columns {
        if let VectorData::Bytes(values) = vector.data() {
            let ends = values.offsets[rows.start..=rows.end].windows(2);
            for (size, ends) in sizes.iter_mut().zip(ends) {
                *size += (ends[1] - ends[0]) as usize;
            }
        }
    }
    sizes
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
