//! The body of the operation that adds a run of rows to a leaf.
//!
//! Layout u16, count u16, first row id u64, word u64, undo address u64, columns u16, then null bits
//! (column by column, a bit a row), then the columns: a fixed one as its values without gaps (a null
//! as zeros), a varying one as lengths u16 (bit 15: overflow) and then the bytes. Ids ascend by one.
//! The feed reads it too.

use common::{Error, Result, RowId};
use storage::tree::bytes::{Reader, u16_at};

use super::geometry::{Width, bits_bytes, set_bit};
use super::leaf_ref::{Cell, OVERFLOW_BIT};
use super::word::Word;
use crate::overflow::POINTER_BYTES;
use types::{Vector, VectorData};

const WORD: usize = 12;
const UNDO: usize = 20;
const HEAD_BYTES: usize = 30;
/// What the bodies of single rows mostly stay below: one allocation each.
const BODY_BYTES_GUESS: usize = 256;

/// Builds a body; reusable, so that a statement allocates once.
#[derive(Default)]
pub struct InsertBody {
    bytes: Vec<u8>,
    rows: usize,
    columns: usize,
    added: usize,
    heap_bytes: usize,
}

impl InsertBody {
    /// Starts a run of `rows` from `first` on.
    pub fn start(&mut self, layout: u16, first: RowId, rows: usize, columns: usize) {
        self.bytes.clear();
        self.bytes.reserve(BODY_BYTES_GUESS);
        self.bytes.extend_from_slice(&layout.to_le_bytes());
        self.bytes.extend_from_slice(&(rows as u16).to_le_bytes());
        self.bytes.extend_from_slice(&first.0.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 16]);
        self.bytes
            .extend_from_slice(&(columns as u16).to_le_bytes());
        self.bytes
            .resize(HEAD_BYTES + bits_bytes(rows * columns), 0);
        (self.rows, self.columns) = (rows, columns);
        (self.added, self.heap_bytes) = (0, 0);
    }

    /// Adds the next column; `cell` gives the value of each row of the run.
    pub fn column<'c>(&mut self, width: Width, cell: impl Fn(usize) -> Option<Cell<'c>>) {
        let nulls = self.added * self.rows;
        self.added += 1;
        if !width.is_fixed() {
            return self.var_column(nulls, cell);
        }
        for row in 0..self.rows {
            match cell(row) {
                Some(value) => self.bytes.extend_from_slice(value.bytes),
                None => {
                    set_bit(&mut self.bytes[HEAD_BYTES..], nulls + row, true);
                    self.bytes.resize(self.bytes.len() + width.slot_bytes(), 0);
                }
            }
        }
    }

    fn var_column<'c>(&mut self, nulls: usize, cell: impl Fn(usize) -> Option<Cell<'c>>) {
        for row in 0..self.rows {
            let tag = cell(row).map_or(0, |cell| cell.tag());
            if cell(row).is_none() {
                set_bit(&mut self.bytes[HEAD_BYTES..], nulls + row, true);
            }
            self.bytes.extend_from_slice(&tag.to_le_bytes());
        }
        let before = self.bytes.len();
        for row in 0..self.rows {
            if let Some(cell) = cell(row) {
                self.bytes.extend_from_slice(cell.bytes);
            }
        }
        self.heap_bytes += self.bytes.len() - before;
    }

    /// Adds the next column from the rows of a flat vector that start at `from`. `pointer` gives
    /// the overflow chain that stands for a row's value.
    pub fn vector_column(
        &mut self,
        vector: &Vector,
        from: usize,
        pointer: impl Fn(usize) -> Option<[u8; POINTER_BYTES]>,
    ) {
        let nulls = self.added * self.rows;
        let rows = from..from + self.rows;
        self.null_bits(vector, from);
        macro_rules! fixed {
            ($values:expr) => {
                extend_fixed(&mut self.bytes, &$values[rows], |value| value.to_le_bytes())
            };
        }
        match vector.data() {
            VectorData::Bool(v) => self.bytes.extend_from_slice(&v[rows]),
            VectorData::I16(v) => fixed!(v),
            VectorData::I32(v) => fixed!(v),
            VectorData::I64(v) => fixed!(v),
            VectorData::F32(v) => fixed!(v),
            VectorData::F64(v) => fixed!(v),
            VectorData::Fixed16(v) => self.bytes.extend_from_slice(v[rows].as_flattened()),
            VectorData::Bytes(v) => {
                let pointers: Vec<_> = rows.clone().map(pointer).collect();
                let cell = |row: usize| match &pointers[row] {
                    _ if vector.is_null(from + row) => None,
                    Some(bytes) => Some(Cell {
                        bytes,
                        is_overflow: true,
                    }),
                    None => Some(Cell::inline(v.get(from + row))),
                };
                self.var_column(nulls, cell);
            }
        }
        self.added += 1;
    }

    /// As [`InsertBody::vector_column`] where all values stand in the rows: those of a varying column
    /// lie in the vector as they do here.
    pub fn inline_column(&mut self, vector: &Vector, from: usize) {
        let VectorData::Bytes(values) = vector.data() else {
            return self.vector_column(vector, from, |_| None);
        };
        let ends = &values.offsets[from..=from + self.rows];
        let has_bytes = |row: usize| ends[row] < ends[row + 1];
        if (0..self.rows).any(|row| vector.is_null(from + row) && has_bytes(row)) {
            return self.vector_column(vector, from, |_| None);
        }
        self.null_bits(vector, from);
        let (start, end) = (ends[0] as usize, ends[self.rows] as usize);
        extend_fixed(&mut self.bytes, ends.array_windows(), |[start, end]| {
            ((end - start) as u16).to_le_bytes()
        });
        self.bytes.extend_from_slice(&values.bytes[start..end]);
        self.heap_bytes += end - start;
        self.added += 1;
    }

    /// Sets the bits of the next column's nulls.
    fn null_bits(&mut self, vector: &Vector, from: usize) {
        if !vector.has_nulls() {
            return;
        }
        let first = self.added * self.rows;
        for row in (0..self.rows).filter(|row| vector.is_null(from + row)) {
            set_bit(&mut self.bytes[HEAD_BYTES..], first + row, true);
        }
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Bytes the run will take of a leaf's heap.
    pub fn heap_bytes(&self) -> usize {
        self.heap_bytes
    }

    /// Sets who inserts; the body is complete then.
    pub fn finish(&mut self, word: Word, undo: u64) -> &[u8] {
        self.bytes[WORD..WORD + 8].copy_from_slice(&word.0.to_le_bytes());
        self.bytes[UNDO..UNDO + 8].copy_from_slice(&undo.to_le_bytes());
        &self.bytes
    }
}

/// Appends values of one width.
#[inline]
fn extend_fixed<T, const WIDTH: usize>(
    out: &mut Vec<u8>,
    values: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    bytes: impl Fn(T) -> [u8; WIDTH],
) {
    let values = values.into_iter();
    let start = out.len();
    out.resize(start + values.len() * WIDTH, 0);
    let (places, _) = out[start..].as_chunks_mut();
    for (place, value) in places.iter_mut().zip(values) {
        *place = bytes(value);
    }
}

/// A body taken apart.
pub struct InsertView<'a> {
    pub layout: u16,
    pub rows: usize,
    pub first: RowId,
    pub word: Word,
    pub undo: u64,
    pub columns: usize,
    nulls: &'a [u8],
    has_nulls: bool,
    rest: Reader<'a>,
}

/// One column of a body.
pub struct InsertColumn<'a> {
    /// Values without gaps, or the bytes of all rows one after the other.
    pub values: &'a [u8],
    /// Lengths with overflow bits; empty for a fixed column.
    pub tags: &'a [u8],
}

impl<'a> InsertView<'a> {
    pub fn parse(body: &'a [u8]) -> Result<Self> {
        let mut rest = Reader::new(body);
        let (layout, rows) = (rest.u16()?, usize::from(rest.u16()?));
        let (first, word, undo) = (RowId(rest.u64()?), Word(rest.u64()?), rest.u64()?);
        let columns = usize::from(rest.u16()?);
        if rows == 0 {
            return Err(Error::corrupted("a record of inserted rows has none"));
        }
        let nulls = rest.take(bits_bytes(rows * columns))?;
        Ok(Self {
            layout,
            rows,
            first,
            word,
            undo,
            columns,
            nulls,
            has_nulls: nulls.iter().any(|bits| *bits != 0),
            rest,
        })
    }

    /// The null bits of all columns, [`InsertView::rows`] each; None when none is set.
    pub fn nulls(&self) -> Option<&'a [u8]> {
        self.has_nulls.then_some(self.nulls)
    }

    /// The next column, whose width the caller knows.
    pub fn next_column(&mut self, width: Width) -> Result<InsertColumn<'a>> {
        if width.is_fixed() {
            let values = self.rest.take(width.slot_bytes() * self.rows)?;
            return Ok(InsertColumn { values, tags: &[] });
        }
        let tags = self.rest.take(2 * self.rows)?;
        let len = |row: usize| usize::from(u16_at(tags, 2 * row) & !OVERFLOW_BIT);
        let values = self.rest.take((0..self.rows).map(len).sum())?;
        Ok(InsertColumn { values, tags })
    }
}
