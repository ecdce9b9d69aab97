//! DELETE.

use std::sync::Arc;

use common::{Error, Result, RowId};
use types::Batch;

use super::insert::returning;
use super::pending::Event;
use super::reevaluate::{Source, reevaluate};
use super::update::row_id;
use super::write::{POLL_ROWS, key_of, null_column};
use crate::access::{Judged, WriteOutcome};
use crate::executor::context::Context;
use crate::executor::operator::{Operator, open};
use crate::planner::physical::{DeleteNode, WriteRules};

pub struct Delete {
    node: Arc<DeleteNode>,
    source: Box<dyn Operator>,
}

/// Deletes a row and queues what refers to it. `old` is its full-width row, at `at`.
pub fn delete_row(
    rules: &WriteRules,
    cx: &mut Context<'_>,
    row: RowId,
    old: &Batch,
    at: usize,
    judged: Judged,
) -> Result<WriteOutcome> {
    let outcome = cx.store.delete(rules.rules.table.oid, row, judged)?;
    if outcome == WriteOutcome::Done {
        for (number, rule) in rules.rules.referenced_by.iter().enumerate() {
            let key = key_of(old, &rule.parent_columns, at);
            let rules = rules.rules.clone();
            cx.state.pending.push(Event::Parent {
                rules,
                number,
                row,
                key,
                new: None,
            })?;
        }
    }
    Ok(outcome)
}

impl Delete {
    pub fn new(node: Arc<DeleteNode>) -> Self {
        let source = open(&node.source);
        Self { node, source }
    }

    fn old_rows(&self, source: &Batch) -> Batch {
        let types = &self.node.rules.rules.types;
        let places = self.node.target.old.iter().zip(types);
        let columns = places.map(|(place, ty)| match place {
            Some(position) => source.columns[*position].clone().into_flat(),
            None => null_column(*ty, source.len),
        });
        Batch {
            columns: columns.collect(),
            len: source.len,
        }
    }

    fn again(
        &self,
        cx: &mut Context<'_>,
        source: &Batch,
        at: usize,
        row: RowId,
    ) -> Result<Option<Batch>> {
        let target = &self.node.target;
        let place = Source {
            node: &self.node.source,
            marks: &target.marks,
        };
        let Some(fresh) = reevaluate(cx, &place, &[target.scan], source, at)? else {
            return Ok(None);
        };
        let old = self.old_rows(&fresh);
        match delete_row(&self.node.rules, cx, row, &old, 0, Judged::Newest)? {
            WriteOutcome::Done => Ok(Some(fresh)),
            WriteOutcome::SelfModified | WriteOutcome::Gone => Ok(None),
            WriteOutcome::Changed => Err(Error::internal("a locked row changed")),
        }
    }

    /// Deletes the rows of a batch; gives those that were.
    fn delete(&self, cx: &mut Context<'_>, source: Batch) -> Result<Batch> {
        let old = self.old_rows(&source);
        let mut done: Vec<u32> = Vec::with_capacity(source.len);
        let mut again = Vec::new();
        for at in 0..source.len {
            if at.is_multiple_of(POLL_ROWS) {
                cx.poll()?;
            }
            let row = row_id(&source, self.node.target.row_id, at)?;
            match delete_row(&self.node.rules, cx, row, &old, at, Judged::Snapshot)? {
                WriteOutcome::Done => done.push(at as u32),
                WriteOutcome::Changed => again.extend(self.again(cx, &source, at, row)?),
                WriteOutcome::SelfModified | WriteOutcome::Gone => {}
            }
        }
        cx.state.affected += (done.len() + again.len()) as u64;
        if self.node.returning.is_empty() {
            return Ok(Batch::default());
        }
        let mut seen = source.gather(&done);
        again.iter().for_each(|batch| seen.append_all(batch));
        Ok(seen)
    }
}

impl Operator for Delete {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let mut batch = Batch::default();
        while self.source.next(cx, &mut batch)? {
            cx.poll()?;
            let seen = self.delete(cx, std::mem::take(&mut batch))?;
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
