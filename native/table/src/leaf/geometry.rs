//! Where things are in a row leaf.
//!
//! ```text
//! base id u64 | capacity u16 | columns u16 | garbage u16 | deleted u16
//! directory: a column { null bits' offset u16, width u8, may have nulls u8 }
//! ids: u16 above the base | words: u64 | undo addresses: u64
//! a column: null bits, then fixed-width values, or { heap offset u16, length u16 }
//! ```
//!
//! The row id's order is the order in all arrays. The page says all of this itself, so operations
//! replay without a catalog. A word is the 48-bit xid of the newest version's writer and flags.
//! Bit 15 of a length marks a pointer to an overflow chain in place of the value.

use common::limits::PAGE_SIZE;
use common::{Error, Result};
use storage::tree::bytes::{put_u16, put_u64, u16_at, u64_at};
use storage::tree::page::{self, BODY_START};

const BASE_ID: usize = BODY_START;
const CAPACITY: usize = BODY_START + 8;
const COLUMNS: usize = BODY_START + 10;
const GARBAGE: usize = BODY_START + 12;
const DELETED: usize = BODY_START + 14;
const DIRECTORY: usize = BODY_START + 16;
const ENTRY_BYTES: usize = 4;

/// Bytes of an offset and length of a varying value.
pub const VAR_SLOT_BYTES: usize = 4;
/// Bytes a row takes besides its columns: id, word, undo address.
pub const ROW_HEAD_BYTES: usize = 18;
/// Row ids of one leaf lie within so many of its base.
pub const ID_SPAN: u64 = 1 << 16;

/// How a column is stored: bytes of its fixed width, or [`Width::BYTES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Width(pub u8);

impl Width {
    /// Varying length.
    pub const BYTES: Self = Self(0);

    /// Bytes in the column's array.
    #[inline]
    pub const fn slot_bytes(self) -> usize {
        match self.0 {
            0 => VAR_SLOT_BYTES,
            width => width as usize,
        }
    }

    #[inline]
    pub const fn is_fixed(self) -> bool {
        self.0 != 0
    }
}

/// Bytes of null bits.
#[inline]
pub const fn bits_bytes(rows: usize) -> usize {
    rows.div_ceil(8)
}

#[inline]
pub fn bit(bits: &[u8], index: usize) -> bool {
    bits[index / 8] & (1 << (index % 8)) != 0
}

#[inline]
pub fn set_bit(bits: &mut [u8], index: usize, value: bool) {
    let mask = 1 << (index % 8);
    if value {
        bits[index / 8] |= mask;
    } else {
        bits[index / 8] &= !mask;
    }
}

/// The offsets of one leaf's arrays, checked to lie within it.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    pub count: usize,
    pub capacity: usize,
    pub columns: usize,
    pub ids_at: usize,
    pub words_at: usize,
    pub undo_at: usize,
    lower: usize,
}

/// One column's arrays.
#[derive(Clone, Copy, Debug)]
pub struct ColumnPlace {
    pub nulls_at: usize,
    pub values_at: usize,
    pub width: Width,
    /// False: no null bit is set.
    pub may_null: bool,
}

const fn heads_at(columns: usize, capacity: usize) -> (usize, usize, usize) {
    let ids_at = DIRECTORY + columns * ENTRY_BYTES;
    let words_at = (ids_at + 2 * capacity).next_multiple_of(8);
    (ids_at, words_at, words_at + 8 * capacity)
}

/// Bytes of a body that leaves with these columns cannot use for rows.
pub fn fixed_head_bytes(columns: usize) -> usize {
    DIRECTORY + columns * ENTRY_BYTES - BODY_START
}

/// The end of the arrays for this capacity.
pub fn lower_for(widths: &[Width], capacity: usize) -> usize {
    let (_, _, undo_at) = heads_at(widths.len(), capacity);
    let nulls = widths.len() * bits_bytes(capacity);
    let slots: usize = widths.iter().map(|width| width.slot_bytes()).sum();
    undo_at + 8 * capacity + nulls + slots * capacity
}

impl Geometry {
    #[inline]
    pub fn of(leaf: &[u8]) -> Result<Self> {
        let count = page::count(leaf);
        let capacity = usize::from(u16_at(leaf, CAPACITY));
        let columns = usize::from(u16_at(leaf, COLUMNS));
        let (ids_at, words_at, undo_at) = heads_at(columns, capacity);
        let lower = page::lower(leaf);
        if count > capacity || lower > PAGE_SIZE || undo_at + 8 * capacity > lower {
            return Err(Error::corrupted("the arrays of a row leaf are damaged"));
        }
        Ok(Self {
            count,
            capacity,
            columns,
            ids_at,
            words_at,
            undo_at,
            lower,
        })
    }

    /// The arrays of column `index`, None when the leaf's layout has not that many.
    #[inline]
    pub fn column(&self, leaf: &[u8], index: usize) -> Result<Option<ColumnPlace>> {
        if index >= self.columns {
            return Ok(None);
        }
        let entry = DIRECTORY + index * ENTRY_BYTES;
        let nulls_at = usize::from(u16_at(leaf, entry));
        let width = Width(leaf[entry + 2]);
        let values_at = nulls_at + bits_bytes(self.capacity);
        if values_at + width.slot_bytes() * self.capacity > self.lower || nulls_at < self.undo_at {
            return Err(Error::corrupted("a column of a row leaf is damaged"));
        }
        let may_null = leaf[entry + 3] != 0;
        Ok(Some(ColumnPlace {
            nulls_at,
            values_at,
            width,
            may_null,
        }))
    }

    /// Bytes of the arrays that a row takes, null bits rounded up.
    pub fn row_fixed_bytes(&self, leaf: &[u8]) -> Result<usize> {
        let mut bytes = ROW_HEAD_BYTES + self.columns.div_ceil(8);
        for index in 0..self.columns {
            bytes += self.existing_column(leaf, index)?.width.slot_bytes();
        }
        Ok(bytes)
    }

    /// As [`Geometry::column`], for a column that must be there.
    #[inline]
    pub fn existing_column(&self, leaf: &[u8], index: usize) -> Result<ColumnPlace> {
        self.column(leaf, index)?
            .ok_or_else(|| Error::corrupted("a row leaf has too few columns"))
    }
}

/// Sets a column's sticky note that it has nulls.
pub fn set_may_null(leaf: &mut [u8], index: usize) {
    leaf[DIRECTORY + index * ENTRY_BYTES + 3] = 1;
}

#[inline]
pub fn base_id(leaf: &[u8]) -> u64 {
    u64_at(leaf, BASE_ID)
}

pub fn set_base_id(leaf: &mut [u8], id: u64) {
    put_u64(leaf, BASE_ID, id);
}

/// Heap bytes that no row points to.
#[inline]
pub fn garbage_bytes(leaf: &[u8]) -> usize {
    usize::from(u16_at(leaf, GARBAGE))
}

pub fn set_garbage_bytes(leaf: &mut [u8], bytes: usize) {
    put_u16(leaf, GARBAGE, bytes as u16);
}

/// Rows whose newest version is a deletion.
#[inline]
pub fn deleted_count(leaf: &[u8]) -> usize {
    usize::from(u16_at(leaf, DELETED))
}

pub fn set_deleted_count(leaf: &mut [u8], count: usize) {
    put_u16(leaf, DELETED, count as u16);
}

/// Lays out the arrays of an empty leaf: what [`page::init`] left.
pub fn lay_out(leaf: &mut [u8], widths: &[Width], capacity: usize) -> Result<()> {
    let lower = lower_for(widths, capacity);
    if lower > page::body_end(leaf)? {
        return Err(Error::internal("the arrays of a row leaf do not fit"));
    }
    put_u16(leaf, CAPACITY, capacity as u16);
    put_u16(leaf, COLUMNS, widths.len() as u16);
    let (_, _, undo_at) = heads_at(widths.len(), capacity);
    let mut at = undo_at + 8 * capacity;
    for (index, width) in widths.iter().enumerate() {
        let entry = DIRECTORY + index * ENTRY_BYTES;
        put_u16(leaf, entry, at as u16);
        leaf[entry + 2] = width.0;
        at += bits_bytes(capacity) + width.slot_bytes() * capacity;
    }
    page::set_lower(leaf, lower);
    Ok(())
}
