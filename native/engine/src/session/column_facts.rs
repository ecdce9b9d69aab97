//! What the catalog knows of a result's columns beyond their types.

use std::sync::Arc;

use catalog::Catalog;
use sql::ir::OutputColumn;

use crate::catalog_cell::CatalogCell;

/// The catalog that a session sees, for describing results. Kept by who has the session.
pub struct ColumnFacts {
    pub(super) published: Arc<CatalogCell>,
    /// A transaction's own.
    pub(super) own: Option<Arc<Catalog>>,
}

impl ColumnFacts {
    /// False for a plain column of a table that is NOT NULL.
    pub fn is_nullable(&self, column: &OutputColumn) -> bool {
        let (table, number) = column.origin;
        let is_not_null = |catalog: &Catalog| {
            let column = catalog.column(table, number);
            column.is_some_and(|column| column.not_null)
        };
        !match &self.own {
            Some(own) => is_not_null(own),
            None => self.published.with_current(is_not_null),
        }
    }
}
