//! ANALYZE: what the planner wants to know about a table, from a sample of its rows.

use common::{ObjectId, Result, RowId};
use hashbrown::HashMap;
use sql::access::{RowRange, Store};
use types::{Batch, hash};

use crate::store::StatementStore;

/// Rows that are looked at, of large tables (PostgreSQL takes 300 times the statistics target).
const SAMPLE_ROWS: usize = 30_000;

/// Counts rows, and distinct and null values of each column.
pub fn collect(store: &StatementStore, table: &catalog::Table) -> Result<catalog::Statistics> {
    let relation = store.open_relation(table.oid)?;
    let columns: Vec<u16> = (0..table.columns.len() as u16).collect();
    let mut source = store.scan(table.oid, &columns, &[], RowRange::ALL)?;
    let (mut batch, mut ids): (Batch, Vec<RowId>) = (Batch::default(), Vec::new());
    let mut rows = 0u64;
    let mut sampled = 0usize;
    let mut nulls = vec![0u64; columns.len()];
    let mut seen: Vec<HashMap<u64, u32>> = vec![HashMap::new(); columns.len()];
    while source.next_batch(&mut batch, &mut ids)? {
        store.poll()?;
        rows += batch.len as u64;
        if sampled >= SAMPLE_ROWS {
            continue;
        }
        sampled += batch.len;
        for (at, column) in table.columns.iter().enumerate().filter(|(_, c)| !c.dropped) {
            let oid = types::TypeOid(column.ty.oid.0);
            for row in 0..batch.len {
                let value = batch.get(at, row);
                match value.is_null() {
                    true => nulls[at] += 1,
                    false => *seen[at].entry(hash(oid, value)).or_default() += 1,
                }
            }
        }
    }
    let pages = relation.table.storage().file_pages(relation.table.file())?;
    let columns = table
        .live_columns()
        .map(|column| {
            let at = column.attnum as usize - 1;
            let total = sampled.max(1) as f64;
            catalog::ColumnStatistics {
                attnum: column.attnum,
                null_fraction: nulls[at] as f64 / total,
                distinct: distinct(&seen[at], sampled, rows),
                ..catalog::ColumnStatistics::default()
            }
        })
        .collect();
    Ok(catalog::Statistics {
        relation: ObjectId(table.oid.0),
        rows: rows as f64,
        pages,
        columns,
    })
}

/// The number of distinct values: as PostgreSQL keeps it, negative where it grows with the table.
///
/// Haas and Stokes, "Estimating the number of classes in a finite population" (1998), formula Duj1.
fn distinct(seen: &HashMap<u64, u32>, sampled: usize, rows: u64) -> f64 {
    if seen.is_empty() || rows == 0 {
        return 0.0;
    }
    let (n, d, all) = (sampled as f64, seen.len() as f64, rows as f64);
    let once = seen.values().filter(|count| **count == 1).count() as f64;
    let estimate = n * d / (n - once + once * n / all).max(1.0);
    let estimate = estimate.clamp(d, all);
    if estimate > 0.1 * all {
        -(estimate / all)
    } else {
        estimate.floor()
    }
}
