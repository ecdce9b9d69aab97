//! Inserting several rows: the rows leaf by leaf, then their index entries, each index's leaf by leaf.
//!
//! What is wrong with a row is found in the order of rows, and of indexes within a row, as if they
//! went in one by one: an index takes entries ahead only as long as nothing can be wrong with them.

use std::ops::Range;

use common::{PageNo, Result, RowId};
use index::EntryRun;
use smallvec::SmallVec;
use storage::tree::Purpose;
use table::FilledLeaf;
use types::Batch;

use super::StatementStore;
use super::sources::POLL_ROWS;
use crate::relations::{OpenIndex, Relation};

/// Rows that one call adds to a table.
const RUN_ROWS: usize = 1024;

/// The entries of a run of rows for one index.
struct IndexRun<'r> {
    index: &'r OpenIndex,
    entries: EntryRun,
    /// Entries that are in, from the first on.
    done: usize,
}

/// Rows that have been stored.
struct Stored<'b> {
    rows: &'b Batch,
    /// Those of `rows`.
    range: Range<usize>,
    first: RowId,
    leaves: Vec<FilledLeaf>,
}

impl StatementStore {
    pub(super) fn insert_run(
        &self,
        relation: &Relation,
        rows: &Batch,
        row_ids: &mut Vec<RowId>,
    ) -> Result<()> {
        row_ids.reserve(rows.len);
        for start in (0..rows.len).step_by(RUN_ROWS) {
            let range = start..(start + RUN_ROWS).min(rows.len);
            let mut leaves = Vec::new();
            let first = {
                let mut txn = self.txn();
                relation.table.assign_xid(&mut txn)?;
                let (columns, wait) = (&rows.columns, self.wait());
                let table = &relation.table;
                table.insert_many(&mut txn, columns, range.clone(), &mut leaves, wait)?
            };
            let count = range.len() as u64;
            let stored = Stored {
                rows,
                range,
                first,
                leaves,
            };
            self.add_entries(relation, &stored)?;
            row_ids.extend((first.0..first.0 + count).map(RowId));
        }
        Ok(())
    }

    fn add_entries(&self, relation: &Relation, stored: &Stored<'_>) -> Result<()> {
        let mut runs: SmallVec<[IndexRun<'_>; 4]> = relation
            .indexes
            .iter()
            .map(|index| stored.entries(index))
            .collect::<Result<_>>()?;
        let (xid, purpose) = (self.backend.xid(), Purpose::Change(self.wait()));
        for at in 0..stored.range.len() {
            if at.is_multiple_of(POLL_ROWS) {
                self.backend.check_interrupts()?;
            }
            for run in &mut runs {
                if run.done > at {
                    continue;
                }
                let index = &run.index.index;
                run.done += index.insert_run(xid, &run.entries, at, purpose)?;
                if run.done == at {
                    let value_of = |column: u16| {
                        let row = stored.range.start + at;
                        stored.rows.get(column.into(), row)
                    };
                    let row = RowId(stored.first.0 + at as u64);
                    let page = run.entries.guess(at).unwrap_or(PageNo(0));
                    self.add_entry(relation, run.index, row, page, value_of)?;
                    run.done += 1;
                }
            }
        }
        Ok(())
    }
}

impl Stored<'_> {
    /// The rows' entries for an index.
    fn entries<'r>(&self, index: &'r OpenIndex) -> Result<IndexRun<'r>> {
        let keys = &index.keys;
        let mut entries = EntryRun::default();
        let mut at = self.range.start;
        for leaf in &self.leaves {
            for row in at..at + leaf.rows {
                let id = RowId(self.first.0 + (row - self.range.start) as u64);
                entries.push(id, Some(leaf.page), |key| {
                    let has_null = keys.encode(|column| self.rows.get(column.into(), row), key)?;
                    Ok(index.info.unique && (!has_null || keys.nulls_not_distinct))
                })?;
            }
            at += leaf.rows;
        }
        Ok(IndexRun {
            index,
            entries,
            done: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::session::TestClient;
    use crate::{Engine, EngineOptions};

    /// Entries that went into an index ahead of the others do not hide an earlier row's fault.
    #[test]
    fn the_first_faulty_row_is_named_by_its_first_index() {
        let engine = Engine::open(EngineOptions::default()).expect("opens in memory");
        let mut client = TestClient::connect(&engine);
        let sql = "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, c int); \
                   CREATE INDEX t_c ON t (c); INSERT INTO t VALUES (100, 100, 1)";
        client.run(sql).expect("runs");
        for (rows, constraint) in [
            ("(1, 1, 1), (2, 2, 1), (3, 1, 1), (2, 9, 1)", "t_b_key"),
            ("(1, 1, 1), (2, 2, 1), (2, 3, 1), (4, 1, 1)", "t_pkey"),
            ("(1, 1, 1), (2, 2, 1), (1, 2, 1), (4, 4, 1)", "t_pkey"),
            ("(99, 1, 1), (101, 100, 1), (100, 2, 1)", "t_b_key"),
            ("(99, NULL, 1), (98, NULL, 1), (100, NULL, 1)", "t_pkey"),
        ] {
            let error = client.run(&format!("INSERT INTO t VALUES {rows}"));
            let error = error.expect_err("a key is there twice").into_sql();
            assert_eq!(error.constraint.as_deref(), Some(constraint), "{rows}");
        }
        // What was taken back is in no index.
        let sql = "SET enable_seqscan = off; SELECT a FROM t WHERE a < 100; \
                   SELECT a FROM t WHERE b < 100; SELECT a FROM t WHERE c = 1";
        assert_eq!(client.run(sql).expect("runs"), 1);
    }
}
