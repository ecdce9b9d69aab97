//! Common table expressions: computed when first read, kept for all readers.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch};

use super::append::pick;
use super::context::Context;
use super::operator::{Operator, open};
use super::rows::Rows;
use crate::planner::physical::{CteSource, WithNode};

/// One CTE of a running plan.
#[derive(Default)]
pub struct CteState {
    operator: Option<Box<dyn Operator>>,
    rows: Rows,
    done: bool,
    /// The rows that the step of a recursion reads.
    pub working: Rows,
}

/// Asks the definition for one more batch; it is done when it has none.
fn pull_one(cx: &mut Context<'_>, cte: usize) -> Result<()> {
    let plan = cx.plan.clone();
    let node = &plan.ctes[cte];
    // Taken out while it runs: it may read other CTEs, itself only by its working table.
    let mut operator = cx.state.ctes[cte]
        .operator
        .take()
        .unwrap_or_else(|| open(&node.root));
    let mut batch = Batch::default();
    let more = operator.next(cx, &mut batch);
    cx.state.ctes[cte].operator = Some(operator);
    if !more? {
        cx.state.ctes[cte].done = true;
        return Ok(());
    }
    cx.poll()?;
    let batch = pick(&mut batch, &node.positions);
    let mut rows = std::mem::take(&mut cx.state.ctes[cte].rows);
    let kept = rows.append(cx, batch);
    cx.state.ctes[cte].rows = rows;
    kept
}

/// Runs the CTEs that write to their ends, whoever read them or not.
pub fn finish_writers(cx: &mut Context<'_>) -> Result<()> {
    for cte in 0..cx.plan.ctes.len() {
        if cx.plan.ctes[cte].writes {
            while !cx.state.ctes[cte].done {
                pull_one(cx, cte)?;
            }
        }
    }
    Ok(())
}

/// Starts its CTEs anew with itself.
pub struct With {
    node: Arc<WithNode>,
    body: Box<dyn Operator>,
}

impl With {
    pub fn new(node: Arc<WithNode>) -> Self {
        let body = open(&node.body);
        Self { node, body }
    }
}

impl Operator for With {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        self.body.next(cx, out)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        for cte in &self.node.ctes {
            if cx.plan.ctes[*cte].writes {
                continue;
            }
            let mut rows = std::mem::take(&mut cx.state.ctes[*cte].rows);
            rows.clear(cx);
            if let Some(mut operator) = cx.state.ctes[*cte].operator.take() {
                operator.restart(cx)?;
                cx.state.ctes[*cte].operator = Some(operator);
            }
            cx.state.ctes[*cte].done = false;
        }
        self.body.restart(cx)
    }
}

pub struct CteScan {
    node: Arc<CteSource>,
    at: usize,
    given: usize,
}

impl CteScan {
    pub fn new(node: Arc<CteSource>) -> Self {
        Self {
            node,
            at: 0,
            given: 0,
        }
    }
}

impl Operator for CteScan {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let cte = self.node.cte;
        loop {
            let state = &cx.state.ctes[cte];
            let rows = if self.node.working {
                &state.working
            } else {
                &state.rows
            };
            let fresh = rows.batch(self.at).filter(|batch| batch.len > self.given);
            if let Some(batch) = fresh {
                // The last batch may grow later: what was given of it is not given again.
                let (from, len) = (self.given, batch.len - self.given);
                let columns = self.node.positions.iter().map(|position| {
                    let column = &batch.columns[*position];
                    if from == 0 {
                        column.clone()
                    } else {
                        column.slice(from, len)
                    }
                });
                *out = Batch {
                    columns: columns.collect(),
                    len,
                };
                let full = batch.len == BATCH_ROWS;
                (self.at, self.given) = if full {
                    (self.at + 1, 0)
                } else {
                    (self.at, batch.len)
                };
                return Ok(true);
            }
            if self.node.working || state.done {
                out.clear();
                return Ok(false);
            }
            pull_one(cx, cte)?;
        }
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.at = 0;
        self.given = 0;
        Ok(())
    }
}
