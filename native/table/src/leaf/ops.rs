//! The operations that change row leaves.

use std::ops::Range;

use common::{Error, Result, RowId};
use storage::tree::bytes::{Reader, put_u16, put_u64, slice_mut, u16_at};
use storage::tree::page;
use storage::{ApplyFn, op_code};

use super::geometry::{self, Geometry, ID_SPAN, VAR_SLOT_BYTES, bit, set_bit};
use super::insert_body::InsertView;
use super::leaf_ref::{Cell, LeafRef, OVERFLOW_BIT};
use super::update_body::UpdateView;

/// Adds a run of rows: see [`super::insert_body`].
pub const INSERT: u8 = op_code::TABLE;
/// Changes, deletes or restores a row: see [`super::update_body`].
pub const UPDATE: u8 = op_code::TABLE + 1;
/// Takes rows out. Body: runs { first row id u64, count u16 }.
pub const REMOVE: u8 = op_code::TABLE + 2;
/// Closes the gaps in the heap. No body.
pub const COMPACT: u8 = op_code::TABLE + 3;

/// All of them.
pub const LEAF_OPS: &[(u8, &str, ApplyFn)] = &[
    (INSERT, "row insert", insert),
    (UPDATE, "row update", update),
    (REMOVE, "row remove", remove),
    (COMPACT, "row leaf compact", compact),
];

fn bad(what: &str) -> Error {
    Error::corrupted(format!("a record does not fit its row leaf: {what}"))
}

/// Where a leaf's ids count from when `first` is its first row: its low fence if that is in reach,
/// so that stragglers with lower ids find room.
pub fn choose_base(leaf: &[u8], first: RowId) -> u64 {
    let low = page::low_fence(leaf).and_then(|low| low.try_into().ok());
    let low = low.map_or(0, u64::from_be_bytes);
    if first.0.saturating_sub(low) < ID_SPAN / 2 {
        low
    } else {
        first.0
    }
}

/// Opens (`by` > 0) or closes a gap of rows at `at` in all arrays.
fn shift(leaf: &mut [u8], geometry: &Geometry, at: usize, by: isize) -> Result<()> {
    let count = geometry.count;
    let target = at.checked_add_signed(by).ok_or_else(|| bad("shift"))?;
    if at == count {
        return Ok(());
    }
    let mut move_array = |start: usize, width: usize| {
        let from = start + at * width..start + count * width;
        leaf.copy_within(from, start + target * width);
    };
    move_array(geometry.ids_at, 2);
    move_array(geometry.words_at, 8);
    move_array(geometry.undo_at, 8);
    for index in 0..geometry.columns {
        let place = geometry.existing_column(leaf, index)?;
        let width = place.width.slot_bytes();
        let from = place.values_at + at * width..place.values_at + count * width;
        leaf.copy_within(from, place.values_at + target * width);
        if place.may_null {
            shift_bits(
                &mut leaf[place.nulls_at..place.values_at],
                at..count,
                target,
            );
        }
    }
    Ok(())
}

fn shift_bits(bits: &mut [u8], from: Range<usize>, target: usize) {
    let len = from.len();
    let mut move_bit = |index: usize| {
        let value = bit(bits, from.start + index);
        set_bit(bits, target + index, value);
    };
    if target > from.start {
        (0..len).rev().for_each(&mut move_bit);
    } else {
        (0..len).for_each(&mut move_bit);
    }
}

fn insert(leaf: &mut [u8], body: &[u8]) -> Result<()> {
    let mut run = InsertView::parse(body)?;
    let geometry = Geometry::of(leaf)?;
    if geometry.count + run.rows > geometry.capacity || run.columns != geometry.columns {
        return Err(bad("no room for rows"));
    }
    if run.word.is_deleted() {
        return Err(bad("rows inserted as deleted"));
    }
    if geometry.count == 0 {
        geometry::set_base_id(leaf, choose_base(leaf, run.first));
    }
    let first = run.first.0.checked_sub(geometry::base_id(leaf));
    let first = first.filter(|first| first + run.rows as u64 <= ID_SPAN);
    let first = first.ok_or_else(|| bad("row id"))?;
    let at = LeafRef::new(leaf)?.lower_bound(run.first);
    shift(leaf, &geometry, at, run.rows as isize)?;
    fill(leaf, geometry.ids_at, at, run.rows, |row| {
        ((first + row as u64) as u16).to_le_bytes()
    })?;
    fill(leaf, geometry.words_at, at, run.rows, |_| {
        run.word.0.to_le_bytes()
    })?;
    fill(leaf, geometry.undo_at, at, run.rows, |_| {
        run.undo.to_le_bytes()
    })?;
    for column in 0..geometry.columns {
        insert_column(leaf, &geometry, column, at, &mut run)?;
    }
    page::set_count(leaf, geometry.count + run.rows);
    Ok(())
}

/// Fills the places `at..at + rows` of an array of the leaf.
#[inline]
fn fill<const WIDTH: usize>(
    leaf: &mut [u8],
    array_at: usize,
    at: usize,
    rows: usize,
    mut bytes: impl FnMut(usize) -> [u8; WIDTH],
) -> Result<()> {
    let places = slice_mut(leaf, array_at + at * WIDTH, rows * WIDTH)?;
    let (places, _) = places.as_chunks_mut();
    for (row, place) in places.iter_mut().enumerate() {
        *place = bytes(row);
    }
    Ok(())
}

fn insert_column(
    leaf: &mut [u8],
    geometry: &Geometry,
    column: usize,
    at: usize,
    run: &mut InsertView<'_>,
) -> Result<()> {
    let place = geometry.existing_column(leaf, column)?;
    let (rows, nulls) = (run.rows, run.nulls());
    let source = run.next_column(place.width)?;
    let start = place.values_at + at * place.width.slot_bytes();
    if place.width.is_fixed() {
        slice_mut(leaf, start, source.values.len())?.copy_from_slice(source.values);
    } else {
        let mut offset = match source.values.len() {
            0 => 0,
            _ => page::push_heap(leaf, source.values)?,
        };
        let (tags, _) = source.tags.as_chunks::<2>();
        fill(leaf, place.values_at, at, rows, |row| {
            let tag = u16::from_le_bytes(tags[row]);
            let len = usize::from(tag & !OVERFLOW_BIT);
            let slot = if len == 0 { 0 } else { offset as u16 };
            offset -= len;
            let ([low, high], [tag_low, tag_high]) = (slot.to_le_bytes(), tags[row]);
            [low, high, tag_low, tag_high]
        })?;
    }
    let is_null = |row: usize| nulls.is_some_and(|nulls| bit(nulls, column * rows + row));
    let has_null = nulls.is_some() && (0..rows).any(is_null);
    if has_null {
        geometry::set_may_null(leaf, column);
    }
    if has_null || place.may_null {
        let bits = slice_mut(leaf, place.nulls_at, place.values_at - place.nulls_at)?;
        (0..rows).for_each(|row| set_bit(bits, at + row, is_null(row)));
    }
    Ok(())
}

fn update(leaf: &mut [u8], body: &[u8]) -> Result<()> {
    let change = UpdateView::parse(body)?;
    let (geometry, index, was_deleted) = {
        let leaf = LeafRef::new(leaf)?;
        let index = leaf.find(change.row).ok_or_else(|| bad("no such row"))?;
        (leaf.geometry, index, leaf.word(index).is_deleted())
    };
    let deleted = geometry::deleted_count(leaf) + usize::from(change.word.is_deleted());
    let deleted = deleted
        .checked_sub(usize::from(was_deleted))
        .ok_or_else(|| bad("deleted rows"))?;
    geometry::set_deleted_count(leaf, deleted);
    put_u64(leaf, geometry.words_at + 8 * index, change.word.0);
    put_u64(leaf, geometry.undo_at + 8 * index, change.undo);
    for column in change.changes() {
        let (column, cell) = column?;
        put_cell(leaf, &geometry, usize::from(column), index, cell)?;
    }
    Ok(())
}

fn put_cell(
    leaf: &mut [u8],
    geometry: &Geometry,
    column: usize,
    row: usize,
    cell: Option<Cell<'_>>,
) -> Result<()> {
    let place = geometry.existing_column(leaf, column)?;
    let was_null = bit(&leaf[place.nulls_at..], row);
    if was_null != cell.is_none() {
        set_bit(&mut leaf[place.nulls_at..], row, cell.is_none());
        geometry::set_may_null(leaf, column);
    }
    if !place.width.is_fixed() {
        return put_var(leaf, place.values_at + row * VAR_SLOT_BYTES, cell);
    }
    let width = place.width.slot_bytes();
    let slot = slice_mut(leaf, place.values_at + row * width, width)?;
    match cell {
        Some(cell) if cell.bytes.len() == width => slot.copy_from_slice(cell.bytes),
        Some(_) => return Err(bad("width of a value")),
        None => slot.fill(0),
    }
    Ok(())
}

/// Puts a varying value in the place of the one in `slot` if it is not longer, else anew.
fn put_var(leaf: &mut [u8], slot: usize, cell: Option<Cell<'_>>) -> Result<()> {
    let old_offset = usize::from(u16_at(leaf, slot));
    let old_len = usize::from(u16_at(leaf, slot + 2) & !OVERFLOW_BIT);
    let (bytes, tag) = cell.map_or((&[][..], 0), |cell| (cell.bytes, cell.tag()));
    let garbage = geometry::garbage_bytes(leaf);
    let offset = if bytes.len() <= old_len {
        geometry::set_garbage_bytes(leaf, garbage + old_len - bytes.len());
        page::heap(leaf, old_offset, old_len)?;
        let at = page::body_end(leaf)? - old_offset;
        slice_mut(leaf, at, bytes.len())?.copy_from_slice(bytes);
        old_offset
    } else {
        geometry::set_garbage_bytes(leaf, garbage + old_len);
        page::push_heap(leaf, bytes)?
    };
    put_u16(leaf, slot, if bytes.is_empty() { 0 } else { offset as u16 });
    put_u16(leaf, slot + 2, tag);
    Ok(())
}

fn remove(leaf: &mut [u8], body: &[u8]) -> Result<()> {
    let mut runs = Reader::new(body);
    while !runs.is_empty() {
        let (first, rows) = (RowId(runs.u64()?), u64::from(runs.u16()?));
        remove_run(leaf, first, rows)?;
    }
    Ok(())
}

fn remove_run(leaf: &mut [u8], first: RowId, rows: u64) -> Result<()> {
    let (geometry, range, freed, deleted) = {
        let leaf = LeafRef::new(leaf)?;
        let range = leaf.lower_bound(first)..leaf.lower_bound(RowId(first.0 + rows));
        let mut freed = 0;
        for row in range.clone() {
            freed += leaf.row_heap_bytes(row)?;
        }
        let deleted = range
            .clone()
            .filter(|row| leaf.word(*row).is_deleted())
            .count();
        (leaf.geometry, range, freed, deleted)
    };
    geometry::set_garbage_bytes(leaf, geometry::garbage_bytes(leaf) + freed);
    let still_deleted = geometry::deleted_count(leaf).checked_sub(deleted);
    geometry::set_deleted_count(leaf, still_deleted.ok_or_else(|| bad("deleted rows"))?);
    shift(leaf, &geometry, range.end, -(range.len() as isize))?;
    page::set_count(leaf, geometry.count - range.len());
    Ok(())
}

/// Writes all values into a new heap, row by row within each column.
fn compact(leaf: &mut [u8], _body: &[u8]) -> Result<()> {
    let before = leaf.to_vec();
    let source = LeafRef::new(&before)?;
    let end = page::body_end(leaf)?;
    leaf[end - page::heap_bytes(&before).min(end)..end].fill(0);
    page::set_heap_bytes(leaf, 0);
    geometry::set_garbage_bytes(leaf, 0);
    for index in 0..source.geometry.columns {
        let column = source.geometry.existing_column(&before, index)?;
        if column.width.is_fixed() {
            continue;
        }
        let view = source.column(index)?.ok_or_else(|| bad("column"))?;
        for row in 0..source.count() {
            let slot = column.values_at + row * VAR_SLOT_BYTES;
            if bit(view.nulls, row) {
                continue;
            }
            let cell = source.var_cell(&view, row)?;
            if !cell.bytes.is_empty() {
                let offset = page::push_heap(leaf, cell.bytes)?;
                put_u16(leaf, slot, offset as u16);
            }
        }
    }
    Ok(())
}
