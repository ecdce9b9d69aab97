//! The columns of a table as they are stored.

use types::{Datum, DatumRef, Physical};

use common::{Error, Result};

use crate::cell_codec::encode_owned;
use crate::leaf::geometry::Width;

/// One stored column. A column's number never changes; a dropped one stays.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnLayout {
    pub physical: Physical,
    /// The value that rows have which are older than the column (PostgreSQL's `attmissingval`). At
    /// most [`crate::OVERFLOW_BYTES`]: for a longer one the table is written anew.
    pub missing: Datum,
}

/// The columns of a table at one time. ADD COLUMN makes a new one with more columns at the end;
/// leaves of an older one give the missing value, and are converted when they are next written. So
/// are leaves of a layout that was rolled back. A layout's number is never given to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    id: u16,
    columns: Vec<ColumnLayout>,
    widths: Vec<Width>,
    /// Number and count of columns of all layouts up to this one, ascending.
    history: Vec<(u16, u16)>,
}

impl ColumnLayout {
    pub fn new(physical: Physical) -> Self {
        Self {
            physical,
            missing: Datum::Null,
        }
    }

    pub fn width(&self) -> Width {
        match self.physical.fixed_size() {
            Some(bytes) => Width(bytes as u8),
            None => Width::BYTES,
        }
    }
}

impl Layout {
    /// `id` ascends with each new layout of a table; the log names it with each row.
    pub fn new(id: u16, columns: Vec<ColumnLayout>) -> Self {
        let widths: Vec<Width> = columns.iter().map(ColumnLayout::width).collect();
        Self {
            id,
            history: vec![(id, widths.len() as u16)],
            columns,
            widths,
        }
    }

    /// With the layouts before: number and count of columns of each, ascending.
    pub fn with_history(mut self, mut earlier: Vec<(u16, u16)>) -> Self {
        earlier.retain(|(id, _)| *id < self.id);
        earlier.push((self.id, self.widths.len() as u16));
        self.history = earlier;
        self
    }

    /// How many columns of a leaf or record with this layout the table has. A layout that is not of
    /// the table's history was rolled back: what it added to the one that it came from is nobody's,
    /// and its columns' numbers may stand for others by now.
    pub fn columns_known(&self, layout: u16) -> usize {
        let after = self.history.partition_point(|(id, _)| *id <= layout);
        let base = self.history.get(after.saturating_sub(1));
        base.map_or(0, |(_, columns)| usize::from(*columns))
    }

    pub fn id(&self) -> u16 {
        self.id
    }

    pub fn columns(&self) -> &[ColumnLayout] {
        &self.columns
    }

    pub fn widths(&self) -> &[Width] {
        &self.widths
    }

    /// The column with this number.
    pub fn column(&self, number: u16) -> Result<&ColumnLayout> {
        let column = self.columns.get(usize::from(number));
        column.ok_or_else(|| Error::internal(format!("the table has no stored column {number}")))
    }

    /// The missing value as leaves store it; None for NULL.
    pub fn missing_bytes(&self, number: usize) -> Option<Vec<u8>> {
        let column = self.columns.get(number)?;
        encode_owned(column.missing.as_ref())
    }

    pub fn missing(&self, number: u16) -> DatumRef<'_> {
        match self.columns.get(usize::from(number)) {
            Some(column) => column.missing.as_ref(),
            None => DatumRef::Null,
        }
    }
}
