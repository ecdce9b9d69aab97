//! Whether a change fits a leaf, and what must be done first.

use common::{Result, RowId};
use storage::tree::page::{self, BODY_BYTES};

use super::geometry::{self, ID_SPAN, ROW_HEAD_BYTES, Width, bit, fixed_head_bytes};
use super::insert_body::InsertBody;
use super::leaf_ref::LeafRef;
use super::ops::choose_base;
use super::rebuild::{Spare, widths_of};
use super::update_body::UpdateView;

/// What to do for a change to fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// Nothing.
    Enough,
    /// Compact the heap.
    AfterCompaction,
    /// Lay the leaf out anew, with this to spare: one side is full, the other is not.
    AfterRebuild(Spare),
    /// Split the leaf.
    None,
}

/// A leaf must gain at least this part of its body by a rebuild, lest the next change ask again.
const REBUILD_GAIN_BYTES: usize = BODY_BYTES / 32;

/// Bytes of the arrays a row takes, null bits rounded up.
pub fn row_fixed_bytes(widths: &[Width]) -> usize {
    let slots: usize = widths.iter().map(|width| width.slot_bytes()).sum();
    ROW_HEAD_BYTES + slots + widths.len().div_ceil(8)
}

fn heap_room(leaf: &LeafRef<'_>, heap_bytes: usize) -> Result<Room> {
    let hole_bytes = page::hole_bytes(leaf.page)?;
    Ok(if heap_bytes <= hole_bytes {
        Room::Enough
    } else if heap_bytes <= hole_bytes + geometry::garbage_bytes(leaf.page) {
        Room::AfterCompaction
    } else {
        Room::None
    })
}

fn rebuild_room(leaf: &LeafRef<'_>, widths: &[Width], rows: usize, heap: usize) -> Result<Room> {
    let fences_bytes = common::limits::PAGE_SIZE - page::body_end(leaf.page)?;
    let need = fixed_head_bytes(widths.len())
        + (leaf.count() + rows) * row_fixed_bytes(widths)
        + leaf.live_heap_bytes()
        + heap
        // Alignment, and null bits rounded up to bytes.
        + 8 + widths.len()
        + fences_bytes;
    let spare = Spare {
        rows,
        heap_bytes: heap,
    };
    Ok(match need + REBUILD_GAIN_BYTES <= BODY_BYTES {
        true => Room::AfterRebuild(spare),
        false => Room::None,
    })
}

/// Room for a run of rows in a leaf of the same layout.
pub fn insert_room(
    leaf: &LeafRef<'_>,
    first: RowId,
    rows: usize,
    body: &InsertBody,
) -> Result<Room> {
    let base = if leaf.count() == 0 {
        choose_base(leaf.page, first)
    } else {
        leaf.base()
    };
    let is_in_span = first.0 >= base && first.0 + rows as u64 <= base + ID_SPAN;
    if !is_in_span {
        return Ok(Room::None);
    }
    let heap_bytes = body.heap_bytes();
    if leaf.count() + rows <= leaf.geometry.capacity {
        let room = heap_room(leaf, heap_bytes)?;
        if room != Room::None {
            return Ok(room);
        }
    }
    rebuild_room(leaf, &widths_of(leaf)?, rows, heap_bytes)
}

/// Room for a change of the row at `index`.
pub fn update_room(leaf: &LeafRef<'_>, index: usize, change: &UpdateView<'_>) -> Result<Room> {
    let mut heap_bytes = 0;
    for item in change.changes() {
        let (column, cell) = item?;
        let (Some(cell), Some(column)) = (cell, leaf.column(usize::from(column))?) else {
            continue;
        };
        if column.place.width.is_fixed() {
            continue;
        }
        let old_len = match bit(column.nulls, index) {
            true => 0,
            false => leaf.var_cell(&column, index)?.bytes.len(),
        };
        if cell.bytes.len() > old_len {
            heap_bytes += cell.bytes.len();
        }
    }
    match heap_room(leaf, heap_bytes)? {
        Room::None => rebuild_room(leaf, &widths_of(leaf)?, 0, heap_bytes),
        room => Ok(room),
    }
}
