//! What the catalog knows of a result's columns beyond their types.

use std::sync::Arc;

use catalog::Catalog;
use sql::ir::OutputColumn;

/// A version of the catalog, for describing results.
pub struct ColumnFacts(pub(super) Arc<Catalog>);

impl ColumnFacts {
    /// False for a plain column of a table that is NOT NULL.
    pub fn is_nullable(&self, column: &OutputColumn) -> bool {
        let (table, number) = column.origin;
        !self
            .0
            .column(table, number)
            .is_some_and(|column| column.not_null)
    }
}
