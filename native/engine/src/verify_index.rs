//! Whether each index says of each row what the row says of itself.

use std::sync::Arc;

use common::{CommandId, Result, RowId, Xid};
use hashbrown::HashSet;
use index::{Direction, Entries, KeyRange};
use storage::Wait;
use txn::View;
use types::{Batch, DatumRef};

use crate::engine::Engine;
use crate::relations::Relation;

/// Problems that are listed of one index.
const PROBLEMS_MAX: usize = 100;

/// Compares every index of a table with its rows, as committed.
pub fn compare(engine: &Arc<Engine>, relation: &Relation) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for open in &relation.indexes {
        let view = View {
            snapshot: engine.txns().snapshot(),
            own: Xid(0),
            command: CommandId(0),
        };
        let mut rows: HashSet<(Vec<u8>, RowId)> = HashSet::new();
        let positions = &open.keys.positions;
        let end = RowId(u64::MAX);
        let mut scan = relation
            .table
            .scan(view.clone(), positions, RowId(0), end, Wait::Block);
        let (mut batch, mut ids) = (Batch::default(), Vec::new());
        while scan.next_batch(&mut batch, Some(&mut ids))? {
            for (at, row) in ids.iter().enumerate() {
                let mut key = Vec::new();
                let value_of = |p: u16| match positions.binary_search(&p) {
                    Ok(place) => batch.get(place, at),
                    Err(_) => DatumRef::Null,
                };
                open.keys.encode(value_of, &mut key)?;
                rows.insert((key, *row));
            }
        }
        let mut cursor = open.index.scan(KeyRange::all(), Direction::Forward, true);
        let mut entries = Entries::default();
        loop {
            entries.clear();
            cursor.next_entries(&open.index, &view, &mut entries, 1024, Wait::Block)?;
            if entries.is_empty() {
                break;
            }
            for entry in entries.as_slice() {
                let key = (entries.key(entry).to_vec(), entry.row);
                if !rows.remove(&key) && !entry.needs_row_check && problems.len() < PROBLEMS_MAX {
                    problems.push(format!(
                        "{}: an entry for row {} that has not its key",
                        open.info.name, entry.row
                    ));
                }
            }
        }
        for (_, row) in rows.into_iter().take(PROBLEMS_MAX) {
            problems.push(format!("{}: no entry for row {row}", open.info.name));
        }
    }
    Ok(problems)
}
