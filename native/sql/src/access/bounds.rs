//! Which part of an index or a table a scan reads.

use smallvec::SmallVec;
use types::Datum;

use crate::ir::Comparison;

/// The order in which an index is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Direction {
    #[default]
    Forward,
    Backward,
}

/// One end of a range, in values, not in index order: the lower end of a descending key column is
/// still its smallest value.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Values of the key columns after the prefix, at least one, none null; compared as a row. More
    /// than one only if those columns have one direction.
    pub values: SmallVec<[Datum; 2]>,
    pub inclusive: bool,
}

/// Part of an index: rows whose leading key columns equal `prefix` and whose next ones lie between
/// the bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexBounds {
    /// Values of the leading key columns, of exactly their types. A null means `IS NULL`.
    pub prefix: SmallVec<[Datum; 4]>,
    pub lower: Option<Bound>,
    pub upper: Option<Bound>,
    /// Leave out rows whose first column after the prefix is null; implied by either bound.
    pub not_null: bool,
}

/// `column op value` with a value that is not null, of the column's type, by the default collation:
/// what a scan may drop rows by while it reads a page.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnPredicate {
    /// Position among the table's columns.
    pub position: u16,
    pub op: Comparison,
    pub value: Datum,
}
