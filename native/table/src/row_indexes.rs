//! What rollback and purge ask of a table's indexes.

use common::{Result, RowId};
use types::Datum;

/// One version of a row, as far as indexes look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedVersion {
    /// Values of [`RowIndexes::columns`], in that order.
    pub values: Vec<Datum>,
    /// The version says that the row is deleted: it has no key.
    pub is_deleted: bool,
}

/// The indexes of one table, implemented above this crate. Everything is repeatable: after a crash
/// it happens again. Called without latches.
pub trait RowIndexes: Send + Sync {
    /// Columns that keys, expressions and predicates read, ascending.
    fn columns(&self) -> Vec<u16>;

    /// The newest version is about to be taken back; `before` becomes the newest (None: the row
    /// goes), `older` are the versions before that one that somebody may still see. Where the
    /// newest version's key is not that of `before`: its entry goes, or is only marked if one of
    /// `older` has that key too; and the entry of `before` is unmarked, unless that is a deletion.
    fn take_back(
        &self,
        row: RowId,
        newest: &IndexedVersion,
        before: Option<&IndexedVersion>,
        older: &[IndexedVersion],
    ) -> Result<()>;

    /// Nobody sees `gone` any more; `reachable` are the versions that somebody may see, the newest
    /// first (none: the row is about to be removed). Entries with the key of `gone` go, unless one
    /// of `reachable` that is no deletion has that key, and unless they are not marked (any more): a
    /// writer may have given the row the key again meanwhile.
    fn purge(&self, row: RowId, gone: &IndexedVersion, reachable: &[IndexedVersion]) -> Result<()>;
}
