//! Reads a whole table.

use std::sync::Arc;

use common::{ObjectId, Result, RowId};
use types::{Batch, Datum, DatumRef, Physical, Vector};

use super::context::{Context, Override};
use super::eval::eval_once;
use super::filter::apply;
use super::operator::Operator;
use crate::access::{ColumnPredicate, Fetched, RowRange, RowSource};
use crate::ir::SystemColumn;
use crate::planner::physical::{ScanId, TableScanNode};

pub struct TableScan {
    node: Arc<TableScanNode>,
    source: Option<Box<dyn RowSource>>,
    row_ids: Vec<RowId>,
    /// No rows at all: a predicate compares with null, or the one row of a re-evaluation was given.
    done: bool,
}

impl TableScan {
    pub fn new(node: Arc<TableScanNode>) -> Self {
        Self {
            node,
            source: None,
            row_ids: Vec::new(),
            done: false,
        }
    }

    fn start(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let mut predicates = Vec::with_capacity(self.node.predicates.len());
        for (position, op, value) in &self.node.predicates {
            let value = eval_once(value, cx)?;
            if value.is_null() {
                self.done = true;
                return Ok(());
            }
            predicates.push(ColumnPredicate {
                position: *position,
                op: *op,
                value,
            });
        }
        let node = &self.node;
        let source = cx
            .store
            .scan(node.table, &node.positions, &predicates, RowRange::ALL)?;
        self.source = Some(source);
        Ok(())
    }
}

impl Operator for TableScan {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if self.done {
            out.clear();
            return Ok(false);
        }
        let node = self.node.clone();
        if let Some(found) = overridden(cx, node.scan) {
            self.done = true;
            give_one(cx, node.table, &node.positions, &node.system, found, out)?;
            if let (Some(filter), false) = (&node.filter, out.is_empty()) {
                apply(filter, cx, out)?;
            }
            return Ok(!out.is_empty());
        }
        if self.source.is_none() {
            self.start(cx)?;
        }
        while let Some(source) = &mut self.source {
            if !source.next_batch(out, &mut self.row_ids)? {
                break;
            }
            cx.poll()?;
            add_system(out, &node.system, node.table, &self.row_ids);
            if let Some(filter) = &node.filter {
                apply(filter, cx, out)?;
            }
            if !out.is_empty() {
                return Ok(true);
            }
        }
        self.done = true;
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.source = None;
        self.done = false;
        Ok(())
    }
}

/// What a re-evaluation gives in place of the scan.
pub fn overridden(cx: &Context<'_>, scan: ScanId) -> Option<Override> {
    cx.state.overrides.as_ref()?.get(&scan).cloned()
}

/// The one row of a re-evaluation.
pub fn give_one(
    cx: &mut Context<'_>,
    table: ObjectId,
    positions: &[u16],
    system: &[SystemColumn],
    found: Override,
    out: &mut Batch,
) -> Result<()> {
    let types = column_classes(cx, table, positions)?;
    *out = Batch {
        columns: types.into_iter().map(Vector::new).collect(),
        len: 0,
    };
    let Override::Row { row, newest } = found else {
        return Ok(());
    };
    let fetched = match newest {
        true => cx.store.fetch_newest(table, row, positions, out)?,
        false => cx.store.fetch(table, row, positions, out)?,
    };
    if fetched == Fetched::Found {
        add_system(out, system, table, &[row]);
    }
    Ok(())
}

/// The storage classes of a table's columns.
pub fn column_classes(
    cx: &Context<'_>,
    table: ObjectId,
    positions: &[u16],
) -> Result<Vec<Physical>> {
    let rules = cx.store.rules(table)?;
    let class = |position: &u16| types::physical_of(rules.types[usize::from(*position)].oid);
    Ok(positions.iter().map(class).collect())
}

/// Appends the system columns.
pub fn add_system(out: &mut Batch, system: &[SystemColumn], table: ObjectId, row_ids: &[RowId]) {
    for column in system {
        let ids = || row_ids.iter().map(|row| row.0 as i64).collect::<Vec<i64>>();
        out.columns.push(match column {
            // A tuple id is the row id: block in the high bits, offset in the low sixteen.
            SystemColumn::RowId | SystemColumn::Ctid => Vector::from(ids()),
            SystemColumn::TableOid => Vector::constant(Datum::oid(table.0), row_ids.len()),
            // Rows carry no xmin for readers: a frozen transaction, as PostgreSQL shows old rows.
            SystemColumn::Xmin => {
                Vector::constant_of(Physical::I32, DatumRef::I32(2), row_ids.len())
            }
        });
    }
}
