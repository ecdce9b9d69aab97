//! Counts what EXPLAIN ANALYZE shows; without it, one branch a batch.

use common::{Result, rt};
use types::Batch;

use super::context::Context;
use super::operator::Operator;
use super::spill::Spilled;
use crate::planner::physical::NodeId;

/// What one node did, over all its runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeCounters {
    pub rows: u64,
    pub loops: u64,
    /// Until the first batch, in the first run.
    pub startup_ns: u64,
    pub total_ns: u64,
    /// Of nodes that may spill: what the last run wrote.
    pub spilled: Option<Spilled>,
}

pub struct Instrument {
    id: NodeId,
    inner: Box<dyn Operator>,
    fresh: bool,
}

impl Instrument {
    pub fn new(id: NodeId, inner: Box<dyn Operator>) -> Self {
        Self {
            id,
            inner,
            fresh: true,
        }
    }
}

impl Operator for Instrument {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if cx.state.counters.is_none() {
            return self.inner.next(cx, out);
        }
        let begin = rt::monotonic_ns();
        let result = self.inner.next(cx, out);
        let spent = rt::monotonic_ns() - begin;
        if let Some(counters) = &mut cx.state.counters {
            let node = &mut counters[self.id.0 as usize];
            if std::mem::take(&mut self.fresh) {
                node.loops += 1;
                if node.loops == 1 {
                    node.startup_ns = spent;
                }
            }
            node.total_ns += spent;
            node.rows += out.len as u64;
            node.spilled = self.inner.spilled().or(node.spilled);
        }
        result
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.fresh = true;
        self.inner.restart(cx)
    }

    fn spilled(&self) -> Option<Spilled> {
        self.inner.spilled()
    }
}
