//! The body of the operation that changes one row, also that of its undo record.
//!
//! Layout u16, row id u64, word u64, undo address u64, then a column each { column u16, length u16
//! (0xffff: null; bit 15: overflow), the bytes }. A deletion is an update of no columns with the flag
//! in the word. As an operation it tells the new state, as undo the one before.

use common::{Error, Result, RowId};
use storage::tree::bytes::Reader;

use super::leaf_ref::{Cell, LeafRef, OVERFLOW_BIT};
use super::word::Word;

const NULL_TAG: u16 = u16::MAX;
const WORD: usize = 10;
const UNDO: usize = 18;

/// What most bodies stay below: one allocation each.
const BODY_BYTES_GUESS: usize = 256;

/// Bytes of a body before its columns.
pub const UPDATE_HEAD_BYTES: usize = 26;

/// Builds a body; reusable.
#[derive(Default)]
pub struct UpdateBody {
    bytes: Vec<u8>,
}

impl UpdateBody {
    pub fn start(&mut self, layout: u16, row: RowId) {
        self.bytes.clear();
        self.bytes.reserve(BODY_BYTES_GUESS);
        self.bytes.extend_from_slice(&layout.to_le_bytes());
        self.bytes.extend_from_slice(&row.0.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 16]);
    }

    pub fn column(&mut self, column: u16, cell: Option<Cell<'_>>) {
        self.bytes.extend_from_slice(&column.to_le_bytes());
        let tag = cell.map_or(NULL_TAG, |cell| cell.tag());
        self.bytes.extend_from_slice(&tag.to_le_bytes());
        self.bytes
            .extend_from_slice(cell.map_or(&[], |cell| cell.bytes));
    }

    pub fn finish(&mut self, word: Word, undo: u64) -> &[u8] {
        self.bytes[WORD..WORD + 8].copy_from_slice(&word.0.to_le_bytes());
        self.bytes[UNDO..UNDO + 8].copy_from_slice(&undo.to_le_bytes());
        &self.bytes
    }

    /// Makes this the body that restores the columns of `of` in the row at `index` as they are.
    /// `undo` leads to the versions before.
    pub fn remember(
        &mut self,
        leaf: &LeafRef<'_>,
        index: usize,
        of: &UpdateView<'_>,
        undo: u64,
    ) -> Result<()> {
        self.start(of.layout, of.row);
        for change in of.changes() {
            let (column, _) = change?;
            let place = leaf.column(usize::from(column))?;
            let place = place.ok_or_else(|| Error::internal("a leaf has too few columns"))?;
            self.column(column, leaf.cell(&place, index)?);
        }
        self.finish(leaf.word(index), undo);
        Ok(())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body taken apart.
#[derive(Clone, Copy, Debug)]
pub struct UpdateView<'a> {
    pub layout: u16,
    pub row: RowId,
    pub word: Word,
    pub undo: u64,
    columns: &'a [u8],
}

impl<'a> UpdateView<'a> {
    pub fn parse(body: &'a [u8]) -> Result<Self> {
        let mut body = Reader::new(body);
        let (layout, row) = (body.u16()?, RowId(body.u64()?));
        let (word, undo) = (Word(body.u64()?), body.u64()?);
        Ok(Self {
            layout,
            row,
            word,
            undo,
            columns: body.rest(),
        })
    }

    /// The columns and their values, null as None.
    pub fn changes(&self) -> Changes<'a> {
        Changes(Reader::new(self.columns))
    }

    /// The value of `column` if it is among the changes.
    pub fn find(&self, column: u16) -> Result<Option<Option<Cell<'a>>>> {
        for change in self.changes() {
            let (changed, cell) = change?;
            if changed == column {
                return Ok(Some(cell));
            }
        }
        Ok(None)
    }
}

/// Iterates over the columns of a body.
pub struct Changes<'a>(Reader<'a>);

impl<'a> Changes<'a> {
    fn read(&mut self) -> Result<(u16, Option<Cell<'a>>)> {
        let (column, tag) = (self.0.u16()?, self.0.u16()?);
        if tag == NULL_TAG {
            return Ok((column, None));
        }
        let bytes = self.0.take(usize::from(tag & !OVERFLOW_BIT))?;
        let is_overflow = tag & OVERFLOW_BIT != 0;
        Ok((column, Some(Cell { bytes, is_overflow })))
    }
}

impl<'a> Iterator for Changes<'a> {
    type Item = Result<(u16, Option<Cell<'a>>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let change = self.read();
        if change.is_err() {
            // Nothing sensible follows.
            self.0 = Reader::new(&[]);
        }
        Some(change)
    }
}
