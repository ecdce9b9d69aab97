//! ANALYZE: what the planner wants to know about a table, from a sample of its rows.
//!
//! `sample` picks the rows, `column` makes the statistics of one column of them.

mod column;
mod sample;

use common::{ObjectId, Result};

use crate::store::StatementStore;

/// Counts rows, and finds out about each column what `pg_stats` shows.
pub fn collect(store: &StatementStore, table: &catalog::Table) -> Result<catalog::Statistics> {
    let relation = store.open_relation(table.oid)?;
    let sample = sample::take(store, table)?;
    let mut columns = Vec::new();
    for column in table.live_columns() {
        columns.push(column::statistics(store, column, &sample)?);
    }
    Ok(catalog::Statistics {
        relation: ObjectId(table.oid.0),
        rows: sample.table_rows,
        pages: relation.table.storage().file_pages(relation.table.file())?,
        columns,
    })
}
