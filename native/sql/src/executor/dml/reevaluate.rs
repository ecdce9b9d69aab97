//! EvalPlanQual: judges a row anew on its newest version, with the same rows of the other tables.

use common::Result;
use hashbrown::HashMap;
use types::{Batch, DatumRef};

use crate::executor::context::{Context, Override};
use crate::executor::operator::open;
use crate::planner::physical::{Mark, Node, ScanId};

/// The plan that gave the row, and where the row ids of its base scans are.
pub struct Source<'n> {
    pub node: &'n Node,
    pub marks: &'n [Mark],
}

/// Row `at` of `batch`, computed again with the newest version of the rows of the `newest` scans;
/// the
/// row if it still qualifies.
pub fn reevaluate(
    cx: &mut Context<'_>,
    source: &Source<'_>,
    newest: &[Option<ScanId>],
    batch: &Batch,
    at: usize,
) -> Result<Option<Batch>> {
    let mut overrides = HashMap::with_capacity(source.marks.len());
    for mark in source.marks {
        let found = match batch.get(mark.row_id, at) {
            DatumRef::I64(id) => Override::Row {
                row: common::RowId(id as u64),
                newest: newest.contains(&Some(mark.scan)),
            },
            _ => Override::None,
        };
        overrides.insert(mark.scan, found);
    }
    let before = cx.state.overrides.replace(overrides);
    // A tree of its own: the running one stands in the middle of its tables.
    let mut operator = open(source.node);
    let mut row = Batch::default();
    let found = operator.next(cx, &mut row);
    cx.state.overrides = before;
    Ok(if found? { Some(row.slice(0, 1)) } else { None })
}
