//! Laying leaves out anew: for splits, merges, another capacity or another layout.

use std::ops::Range;

use common::{Error, Result, limits::PAGE_SIZE};
use storage::tree::Part;
use storage::tree::bytes::{put_u16, put_u64};
use storage::tree::page;

use super::geometry::{
    self, Geometry, ID_SPAN, VAR_SLOT_BYTES, Width, bit, fixed_head_bytes, lower_for, set_bit,
};
use super::leaf_ref::{Cell, LeafRef};
use super::ops::choose_base;
use super::room::row_fixed_bytes;

/// Heap bytes that a leaf without history expects of each varying column of a row.
const VAR_BYTES_GUESS: usize = 24;

/// How many rows a leaf should have room for when its rows take `heap_each` bytes of heap on
/// average.
fn capacity_for(leaf: &[u8], widths: &[Width], heap_each: usize) -> Result<usize> {
    let fences_bytes = PAGE_SIZE - page::body_end(leaf)?;
    let usable = page::BODY_BYTES.saturating_sub(fences_bytes + fixed_head_bytes(widths.len()) + 8);
    let capacity = usable / (row_fixed_bytes(widths) + heap_each);
    Ok(capacity.min(usize::from(u16::MAX)))
}

/// The widths of a leaf's columns.
pub fn widths_of(leaf: &LeafRef<'_>) -> Result<Vec<Width>> {
    (0..leaf.geometry.columns)
        .map(|index| Ok(leaf.geometry.existing_column(leaf.page, index)?.width))
        .collect()
}

/// Lays out an empty leaf. `neighbour` tells how large rows are.
pub fn build_empty(out: &mut [u8], widths: &[Width], neighbour: Option<&[u8]>) -> Result<()> {
    let mut heap_each = widths.iter().filter(|width| !width.is_fixed()).count() * VAR_BYTES_GUESS;
    if let Some(neighbour) = neighbour {
        let neighbour = LeafRef::new(neighbour)?;
        if let Some(mean) = neighbour.live_heap_bytes().checked_div(neighbour.count()) {
            heap_each = mean;
        }
    }
    let mut capacity = capacity_for(out, widths, heap_each)?.max(1);
    while capacity > 1 && lower_for(widths, capacity) > page::body_end(out)? {
        capacity -= 1;
    }
    geometry::lay_out(out, widths, capacity)
}

/// What a rebuilt leaf must have room for besides its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spare {
    pub rows: usize,
    pub heap_bytes: usize,
}

/// Fills `out`, an empty page with fences, with the rows of `parts`, of whose columns the first
/// `known` count. They are those of `widths` or the first of them: then the others take `missing`.
/// False when they and what is to be spared do not fit.
pub fn build(
    out: &mut [u8],
    widths: &[Width],
    known: usize,
    parts: &[Part<'_>],
    spare: Spare,
    missing: &dyn Fn(usize) -> Option<Vec<u8>>,
) -> Result<bool> {
    let parts = parts
        .iter()
        .map(|(page, rows)| {
            let mut leaf = LeafRef::new(page)?;
            leaf.hide_columns(known);
            Ok((leaf, rows.clone()))
        })
        .collect::<Result<Vec<_>>>()?;
    let rows = parts.iter().map(|(_, rows)| rows.len()).sum::<usize>() + spare.rows;
    let mut copy = Copy::new(widths, &parts, missing)?;
    let heap_bytes = copy.heap_bytes()? + spare.heap_bytes;
    let mut capacity = capacity_for(out, widths, heap_bytes.div_ceil(rows.max(1)))?.max(rows);
    let body_end = page::body_end(out)?;
    while capacity >= rows.max(1) && lower_for(widths, capacity) + heap_bytes > body_end {
        capacity -= 1;
    }
    if capacity < rows.max(1) {
        return Ok(false);
    }
    geometry::lay_out(out, widths, capacity)?;
    copy.run(out)
}

/// A copy in progress.
struct Copy<'a> {
    widths: &'a [Width],
    parts: &'a [(LeafRef<'a>, Range<usize>)],
    missing: Vec<Option<Vec<u8>>>,
}

impl<'a> Copy<'a> {
    fn new(
        widths: &'a [Width],
        parts: &'a [(LeafRef<'a>, Range<usize>)],
        missing: &dyn Fn(usize) -> Option<Vec<u8>>,
    ) -> Result<Self> {
        for (leaf, _) in parts {
            for (index, width) in widths.iter().enumerate() {
                let column = leaf.geometry.column(leaf.page, index)?;
                if column.is_some_and(|column| column.width != *width) {
                    return Err(Error::internal("a column cannot change its width in place"));
                }
            }
        }
        let known = parts.iter().map(|(leaf, _)| leaf.geometry.columns).min();
        let known = known.unwrap_or(widths.len());
        let missing = (0..widths.len())
            .map(|index| if index < known { None } else { missing(index) })
            .collect();
        Ok(Self {
            widths,
            parts,
            missing,
        })
    }

    fn heap_bytes(&self) -> Result<usize> {
        let mut bytes = 0;
        for (leaf, rows) in self.parts {
            for row in rows.clone() {
                bytes += leaf.row_heap_bytes(row)?;
            }
            for index in leaf.geometry.columns..self.widths.len() {
                if let (false, Some(value)) = (self.widths[index].is_fixed(), &self.missing[index])
                {
                    bytes += value.len() * rows.len();
                }
            }
        }
        Ok(bytes)
    }

    fn run(&mut self, out: &mut [u8]) -> Result<bool> {
        let geometry = Geometry::of(out)?;
        let ids = || {
            self.parts
                .iter()
                .flat_map(|(leaf, rows)| rows.clone().map(|row| leaf.row_id(row)))
        };
        let count = ids().count();
        if let (Some(first), Some(last)) = (ids().next(), ids().last()) {
            let mut base = choose_base(out, first);
            if last.0 - base >= ID_SPAN {
                base = first.0;
            }
            if last.0 - base >= ID_SPAN {
                return Ok(false);
            }
            geometry::set_base_id(out, base);
            for (index, id) in ids().enumerate() {
                put_u16(out, geometry.ids_at + 2 * index, (id.0 - base) as u16);
            }
        }
        let mut deleted = 0;
        let mut index = 0;
        for (leaf, rows) in self.parts {
            for row in rows.clone() {
                put_u64(out, geometry.words_at + 8 * index, leaf.word(row).0);
                put_u64(out, geometry.undo_at + 8 * index, leaf.undo(row));
                deleted += usize::from(leaf.word(row).is_deleted());
                index += 1;
            }
        }
        for column in 0..self.widths.len() {
            self.copy_column(out, &geometry, column)?;
        }
        geometry::set_deleted_count(out, deleted);
        page::set_count(out, count);
        Ok(true)
    }

    fn copy_column(&self, out: &mut [u8], geometry: &Geometry, column: usize) -> Result<()> {
        let place = geometry.existing_column(out, column)?;
        let width = place.width.slot_bytes();
        let mut target = 0;
        for (leaf, rows) in self.parts {
            let source = leaf.column(column)?;
            for row in rows.clone() {
                let cell = match &source {
                    Some(source) if bit(source.nulls, row) => None,
                    Some(source) => leaf.cell(source, row)?,
                    None => self.missing[column].as_deref().map(Cell::inline),
                };
                let slot = place.values_at + target * width;
                match cell {
                    None => {
                        set_bit(&mut out[place.nulls_at..], target, true);
                        geometry::set_may_null(out, column);
                    }
                    Some(cell) if place.width.is_fixed() => {
                        out[slot..slot + width].copy_from_slice(cell.bytes);
                    }
                    Some(cell) => put_var(out, slot, cell)?,
                }
                target += 1;
            }
        }
        Ok(())
    }
}

fn put_var(out: &mut [u8], slot: usize, cell: Cell<'_>) -> Result<()> {
    let offset = match cell.bytes.len() {
        0 => 0,
        _ => page::push_heap(out, cell.bytes)?,
    };
    put_u16(out, slot, offset as u16);
    put_u16(out, slot + VAR_SLOT_BYTES / 2, cell.tag());
    Ok(())
}
