//! Reading of a row leaf.

use common::{Error, Result, RowId};
use storage::tree::bytes::{slice, u16_at, u64_at};
use storage::tree::page;

use super::geometry::{self, ColumnPlace, Geometry, VAR_SLOT_BYTES, bit, bits_bytes};
use super::word::Word;

/// Marks a pointer to an overflow chain in a length.
pub const OVERFLOW_BIT: u16 = 1 << 15;

/// A stored value that is not null.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell<'a> {
    /// The value in little-endian order, its bytes, or a pointer to its overflow chain.
    pub bytes: &'a [u8],
    pub is_overflow: bool,
}

impl<'a> Cell<'a> {
    pub const fn inline(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            is_overflow: false,
        }
    }

    /// Length and overflow bit, as leaves and records keep it.
    pub fn tag(&self) -> u16 {
        self.bytes.len() as u16 | if self.is_overflow { OVERFLOW_BIT } else { 0 }
    }
}

/// A leaf's bytes, valid while its latch is held.
#[derive(Clone, Copy)]
pub struct LeafRef<'a> {
    pub page: &'a [u8],
    pub geometry: Geometry,
}

/// One column of a leaf.
#[derive(Clone, Copy)]
pub struct ColumnRef<'a> {
    pub nulls: &'a [u8],
    pub values: &'a [u8],
    pub place: ColumnPlace,
}

impl ColumnRef<'_> {
    /// Whether the row's value (of a varying column, not null) is in an overflow chain.
    #[inline]
    pub fn has_overflow(&self, row: usize) -> bool {
        u16_at(self.values, row * VAR_SLOT_BYTES + 2) & OVERFLOW_BIT != 0
    }
}

impl<'a> LeafRef<'a> {
    #[inline]
    pub fn new(page: &'a [u8]) -> Result<Self> {
        let geometry = Geometry::of(page)?;
        Ok(Self { page, geometry })
    }

    /// Leaves the columns from this one on out of sight.
    #[inline]
    pub fn hide_columns(&mut self, from: usize) {
        self.geometry.columns = self.geometry.columns.min(from);
    }

    #[inline]
    pub fn count(&self) -> usize {
        self.geometry.count
    }

    #[inline]
    fn delta(&self, index: usize) -> u16 {
        u16_at(self.page, self.geometry.ids_at + 2 * index)
    }

    #[inline]
    pub fn base(&self) -> u64 {
        geometry::base_id(self.page)
    }

    #[inline]
    pub fn row_id(&self, index: usize) -> RowId {
        RowId(self.base() + u64::from(self.delta(index)))
    }

    #[inline]
    pub fn word(&self, index: usize) -> Word {
        Word(u64_at(self.page, self.geometry.words_at + 8 * index))
    }

    #[inline]
    pub fn undo(&self, index: usize) -> u64 {
        u64_at(self.page, self.geometry.undo_at + 8 * index)
    }

    /// Number of rows with ids below `row`.
    #[inline]
    pub fn lower_bound(&self, row: RowId) -> usize {
        let Some(delta) = row.0.checked_sub(self.base()) else {
            return 0;
        };
        let count = self.count();
        let Ok(delta) = u16::try_from(delta) else {
            return count;
        };
        if count == 0 {
            return 0;
        }
        // Ids mostly ascend by one: the place follows from the first.
        let guess = usize::from(delta.saturating_sub(self.delta(0)));
        if guess < count && self.delta(guess) == delta {
            return guess;
        }
        // The guess is never too low: below it lie at most that many ids.
        let (mut low, mut high) = (0, count.min(guess + 1));
        while low < high {
            let middle = low.midpoint(high);
            if self.delta(middle) < delta {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The index of `row`.
    #[inline]
    pub fn find(&self, row: RowId) -> Option<usize> {
        let index = self.lower_bound(row);
        (index < self.count() && self.row_id(index) == row).then_some(index)
    }

    /// The arrays of column `index`; None when the leaf is older than the column.
    #[inline]
    pub fn column(&self, index: usize) -> Result<Option<ColumnRef<'a>>> {
        let Some(place) = self.geometry.column(self.page, index)? else {
            return Ok(None);
        };
        let rows = self.geometry.capacity;
        let values = slice(self.page, place.values_at, place.width.slot_bytes() * rows)?;
        let nulls = slice(self.page, place.nulls_at, bits_bytes(rows))?;
        Ok(Some(ColumnRef {
            nulls,
            values,
            place,
        }))
    }

    /// The value of a row in a column.
    #[inline]
    pub fn cell(&self, column: &ColumnRef<'a>, row: usize) -> Result<Option<Cell<'a>>> {
        if column.place.may_null && bit(column.nulls, row) {
            return Ok(None);
        }
        if column.place.width.is_fixed() {
            let width = column.place.width.slot_bytes();
            return Ok(Some(Cell::inline(slice(
                column.values,
                row * width,
                width,
            )?)));
        }
        self.var_cell(column, row).map(Some)
    }

    /// As [`LeafRef::cell`] for a varying column, not null.
    #[inline]
    pub fn var_cell(&self, column: &ColumnRef<'a>, row: usize) -> Result<Cell<'a>> {
        let slot = row * VAR_SLOT_BYTES;
        let offset = usize::from(u16_at(column.values, slot));
        let tag = u16_at(column.values, slot + 2);
        let bytes = page::heap(self.page, offset, usize::from(tag & !OVERFLOW_BIT))?;
        Ok(Cell {
            bytes,
            is_overflow: tag & OVERFLOW_BIT != 0,
        })
    }

    /// Heap bytes of all rows' values.
    pub fn live_heap_bytes(&self) -> usize {
        page::heap_bytes(self.page).saturating_sub(geometry::garbage_bytes(self.page))
    }

    /// Heap bytes of one row's values.
    pub fn row_heap_bytes(&self, row: usize) -> Result<usize> {
        let mut bytes = 0;
        for index in 0..self.geometry.columns {
            let Some(column) = self.column(index)? else {
                continue;
            };
            if !column.place.width.is_fixed() && !bit(column.nulls, row) {
                bytes += self.var_cell(&column, row)?.bytes.len();
            }
        }
        Ok(bytes)
    }

    /// What is wrong with the leaf: every row is reached, in order, within its bounds.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str| Error::corrupted(format!("row leaf: {what}"));
        let mut live = 0;
        for row in 0..self.count() {
            if row > 0 && self.delta(row - 1) >= self.delta(row) {
                return Err(wrong("row ids do not ascend"));
            }
            if !page::covers(self.page, &self.row_id(row).0.to_be_bytes()) {
                return Err(wrong("a row id lies beyond the fences"));
            }
            live += self.row_heap_bytes(row)?;
        }
        if live != self.live_heap_bytes() {
            return Err(wrong("heap bytes are lost"));
        }
        let deleted = (0..self.count())
            .filter(|row| self.word(*row).is_deleted())
            .count();
        if deleted != geometry::deleted_count(self.page) {
            return Err(wrong("the count of deleted rows is wrong"));
        }
        page::hole_bytes(self.page).map(|_| ())
    }
}
