//! UPDATE.

use std::sync::Arc;

use common::{Error, Result, RowId};
use types::{Batch, DatumRef};

use super::insert::returning;
use super::pending::Event;
use super::reevaluate::{Source, reevaluate};
use super::write::{POLL_ROWS, complete_rows, key_of, null_column};
use crate::access::{Judged, WriteOutcome};
use crate::executor::context::Context;
use crate::executor::eval::eval;
use crate::executor::operator::{Operator, open};
use crate::planner::physical::{UpdateNode, WriteRules};

pub struct Update {
    node: Arc<UpdateNode>,
    source: Box<dyn Operator>,
    assigned: Vec<u16>,
}

/// One row's change: full-width rows, of which columns that nobody needs may be null.
pub struct Change<'r> {
    pub row: RowId,
    pub old: &'r Batch,
    pub new: &'r Batch,
    /// The row within both batches.
    pub at: usize,
    pub judged: Judged,
}

/// Stores a change that is complete and queues its foreign key checks. `assigned` are the columns
/// that may differ, generated ones apart.
pub fn write_change(
    rules: &WriteRules,
    cx: &mut Context<'_>,
    assigned: &[u16],
    change: &Change<'_>,
) -> Result<WriteOutcome> {
    let mut positions: Vec<u16> = assigned.to_vec();
    positions.extend(rules.generated.iter().map(|(position, _)| *position));
    let columns = positions
        .iter()
        .map(|at| change.new.columns[usize::from(*at)].slice(change.at, 1));
    let values = Batch {
        columns: columns.collect(),
        len: 1,
    };
    let table = rules.rules.table.oid;
    let outcome = cx
        .store
        .update(table, change.row, &positions, &values, 0, change.judged)?;
    if outcome == WriteOutcome::Done {
        queue_changed(rules, cx, &positions, change)?;
    }
    Ok(outcome)
}

/// Queues what foreign keys have to look at after an update.
fn queue_changed(
    rules: &WriteRules,
    cx: &mut Context<'_>,
    changed: &[u16],
    change: &Change<'_>,
) -> Result<()> {
    let touches = |columns: &[u16]| columns.iter().any(|column| changed.contains(column));
    for (number, rule) in rules.rules.foreign_keys.iter().enumerate() {
        if touches(&rule.child_columns) {
            let new = key_of(change.new, &rule.child_columns, change.at);
            if new != key_of(change.old, &rule.child_columns, change.at) {
                cx.state
                    .pending
                    .push(Event::child(&rules.rules, number, change.row, new))?;
            }
        }
    }
    for (number, rule) in rules.rules.referenced_by.iter().enumerate() {
        if touches(&rule.parent_columns) {
            let new = key_of(change.new, &rule.parent_columns, change.at);
            let key = key_of(change.old, &rule.parent_columns, change.at);
            let same = key
                .iter()
                .zip(&new)
                .zip(&rule.parent_types)
                .all(|((a, b), ty)| types::compare(ty.oid, a.as_ref(), b.as_ref()).is_eq());
            if !same {
                cx.state.pending.push(Event::Parent {
                    rules: rules.rules.clone(),
                    number,
                    row: change.row,
                    key,
                    new: Some(new),
                })?;
            }
        }
    }
    Ok(())
}

impl Update {
    pub fn new(node: Arc<UpdateNode>) -> Self {
        let source = open(&node.source);
        let assigned = node
            .assignments
            .iter()
            .map(|(position, _)| *position)
            .collect();
        Self {
            node,
            source,
            assigned,
        }
    }

    /// Old and new rows of a batch of the source, complete and checked.
    fn rows(&self, cx: &mut Context<'_>, source: &Batch) -> Result<(Batch, Batch)> {
        let types = &self.node.rules.rules.types;
        let mut old = Batch {
            columns: Vec::with_capacity(types.len()),
            len: source.len,
        };
        for (place, ty) in self.node.target.old.iter().zip(types) {
            old.columns.push(match place {
                Some(position) => source.columns[*position].clone().into_flat(),
                None => null_column(*ty, source.len),
            });
        }
        let mut new = old.clone();
        for (position, scalar) in &self.node.assignments {
            let value = eval(scalar, cx, source)?.into_owned();
            new.columns[usize::from(*position)] = value.into_flat();
        }
        complete_rows(&self.node.rules, cx, &mut new, Some(&self.assigned))?;
        Ok((old, new))
    }

    /// Computes the row again from its newest version; the source and the new row if it was
    /// written.
    fn again(
        &self,
        cx: &mut Context<'_>,
        source: &Batch,
        at: usize,
        row: RowId,
    ) -> Result<Option<(Batch, Batch)>> {
        let target = &self.node.target;
        let place = Source {
            node: &self.node.source,
            marks: &target.marks,
        };
        let Some(fresh) = reevaluate(cx, &place, &[target.scan], source, at)? else {
            return Ok(None);
        };
        let (old, new) = self.rows(cx, &fresh)?;
        let change = Change {
            row,
            old: &old,
            new: &new,
            at: 0,
            judged: Judged::Newest,
        };
        match write_change(&self.node.rules, cx, &self.assigned, &change)? {
            WriteOutcome::Done => Ok(Some((fresh, new))),
            WriteOutcome::SelfModified | WriteOutcome::Gone => Ok(None),
            WriteOutcome::Changed => Err(Error::internal("a locked row changed")),
        }
    }

    /// Updates the rows of one batch; what RETURNING sees of them: source and new row side by side.
    fn update(&self, cx: &mut Context<'_>, source: Batch) -> Result<Batch> {
        let (old, new) = self.rows(cx, &source)?;
        let mut done: Vec<u32> = Vec::with_capacity(source.len);
        let mut again: Vec<(Batch, Batch)> = Vec::new();
        for at in 0..source.len {
            if at.is_multiple_of(POLL_ROWS) {
                cx.poll()?;
            }
            let row = row_id(&source, self.node.target.row_id, at)?;
            let change = Change {
                row,
                old: &old,
                new: &new,
                at,
                judged: Judged::Snapshot,
            };
            match write_change(&self.node.rules, cx, &self.assigned, &change)? {
                WriteOutcome::Done => done.push(at as u32),
                WriteOutcome::Changed => again.extend(self.again(cx, &source, at, row)?),
                WriteOutcome::SelfModified | WriteOutcome::Gone => {}
            }
        }
        let count = done.len() + again.len();
        cx.state.affected += count as u64;
        if self.node.returning.is_empty() {
            return Ok(Batch::default());
        }
        let mut seen = source.gather(&done);
        seen.columns.extend(new.gather(&done).columns);
        for (mut source, new) in again {
            source.columns.extend(new.columns);
            seen.append_all(&source);
        }
        Ok(seen)
    }
}

/// The row id in a column of the source.
pub fn row_id(source: &Batch, position: usize, at: usize) -> Result<RowId> {
    match source.get(position, at) {
        DatumRef::I64(id) => Ok(RowId(id as u64)),
        _ => Err(Error::internal("a target row without an id")),
    }
}

impl Operator for Update {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let mut batch = Batch::default();
        while self.source.next(cx, &mut batch)? {
            cx.poll()?;
            let seen = self.update(cx, std::mem::take(&mut batch))?;
            if !seen.is_empty() {
                *out = returning(&self.node.returning, cx, &seen)?;
                return Ok(true);
            }
        }
        out.clear();
        Ok(false)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        Err(Error::internal("a write that is run twice"))
    }
}
