//! SELECT ... FOR UPDATE and its weaker kin.

use std::sync::Arc;

use common::{Result, RowId};
use types::{Batch, DatumRef};

use super::context::Context;
use super::dml::{Source, reevaluate};
use super::operator::{Operator, open};
use crate::access::LockOutcome;
use crate::planner::physical::{LockNode, ScanId};

pub struct LockRows {
    node: Arc<LockNode>,
    input: Box<dyn Operator>,
    batch: Batch,
    at: usize,
}

impl LockRows {
    pub fn new(node: Arc<LockNode>) -> Self {
        let input = open(&node.input);
        Self {
            node,
            input,
            batch: Batch::default(),
            at: 0,
        }
    }

    /// Locks row `at`; the row as it is to be given, which is another if a newer version qualifies.
    fn lock(&self, cx: &mut Context<'_>, batch: &Batch, at: usize) -> Result<Option<Row>> {
        let mut newer: Vec<Option<ScanId>> = Vec::new();
        for target in &self.node.targets {
            let DatumRef::I64(id) = batch.get(target.row_id, at) else {
                continue;
            };
            let row = RowId(id as u64);
            match cx
                .store
                .lock_row(target.table, row, target.strength, target.wait)?
            {
                LockOutcome::Locked => {}
                LockOutcome::Changed => newer.push(target.scan),
                LockOutcome::Gone | LockOutcome::SelfModified | LockOutcome::Skipped => {
                    return Ok(None);
                }
            }
        }
        if newer.is_empty() {
            return Ok(Some(Row::Same));
        }
        let source = Source {
            node: &self.node.input,
            marks: &self.node.marks,
        };
        Ok(reevaluate(cx, &source, &newer, batch, at)?.map(Row::Other))
    }
}

enum Row {
    Same,
    Other(Batch),
}

/// Appends a row to what is given.
fn append(out: &mut Option<Batch>, row: Batch) {
    match out {
        None => *out = Some(row),
        Some(rows) => rows.append_all(&row),
    }
}

impl Operator for LockRows {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let mut given: Option<Batch> = None;
        loop {
            if self.at >= self.batch.len {
                if given.is_some() {
                    break;
                }
                self.at = 0;
                if !self.input.next(cx, &mut self.batch)? {
                    self.batch.clear();
                    out.clear();
                    return Ok(false);
                }
                cx.poll()?;
            }
            let at = self.at;
            self.at += 1;
            match self.lock(cx, &self.batch, at)? {
                None => continue,
                Some(Row::Same) => append(&mut given, self.batch.slice(at, 1)),
                Some(Row::Other(row)) => append(&mut given, row),
            }
            // Under a LIMIT no row beyond it may be locked: the limit asks for one after the other.
            if self.node.one_by_one {
                break;
            }
        }
        *out = given.unwrap_or_default();
        Ok(true)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.batch.clear();
        self.at = 0;
        self.input.restart(cx)
    }
}
