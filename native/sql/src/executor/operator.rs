//! The interface of operators, and how a node becomes one.

use common::Result;
use types::Batch;

use super::context::Context;
use super::spill::Spilled;
use super::*;
use crate::planner::physical::{Node, NodeKind};

/// A running operator. It owns its state and shares the plan's node.
pub trait Operator: Send {
    /// Replaces `out` by the next 1 to 1024 rows; false at the end, with `out` empty. Not called
    /// again after false until [`Operator::restart`].
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool>;

    /// Starts over, with the slots' present values. What was computed without them may be kept.
    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()>;

    /// What it wrote to temporary files; None of operators that never do.
    fn spilled(&self) -> Option<Spilled> {
        None
    }
}

/// Makes the operators of a tree.
pub fn open(node: &Node) -> Box<dyn Operator> {
    let width = node.columns.len();
    let inner: Box<dyn Operator> = match &node.kind {
        NodeKind::OneRow => Box::new(one_row::OneRow::new(true)),
        NodeKind::Empty => Box::new(one_row::OneRow::new(false)),
        NodeKind::TableScan(scan) => Box::new(table_scan::TableScan::new(scan.clone())),
        NodeKind::IndexScan(scan) => Box::new(index_scan::IndexScan::new(scan.clone())),
        NodeKind::FunctionScan(scan) => Box::new(function_scan::FunctionScan::new(scan.clone())),
        NodeKind::Values(values) => {
            Box::new(values::Values::new(values.clone(), node.types.clone()))
        }
        NodeKind::External(id) => Box::new(external::External::new(*id, width)),
        NodeKind::Project(project) => Box::new(project::Project::new(project.clone())),
        NodeKind::Filter(filter) => Box::new(filter::Filter::new(filter.clone())),
        NodeKind::NestedLoop(join) => Box::new(nested_loop::NestedLoop::new(join.clone())),
        NodeKind::HashJoin(join) => Box::new(hash_join::HashJoin::new(join.clone())),
        NodeKind::Aggregate(agg) => Box::new(aggregate::Aggregate::new(agg.clone())),
        NodeKind::Window(window) => Box::new(window::Window::new(window.clone())),
        NodeKind::Sort(sort) => Box::new(sort::Sort::new(sort.clone())),
        NodeKind::Limit(limit) => Box::new(limit::Limit::new(limit.clone())),
        NodeKind::Distinct(distinct) => Box::new(distinct::Distinct::new(distinct.clone())),
        NodeKind::Append(append) => Box::new(append::Append::new(append.clone())),
        NodeKind::SetOp(op) => Box::new(set_op::SetOp::new(op.clone(), node.types.clone())),
        NodeKind::With(with) => Box::new(cte::With::new(with.clone())),
        NodeKind::CteScan(scan) => Box::new(cte::CteScan::new(scan.clone())),
        NodeKind::Recursive(rec) => {
            Box::new(recursive::Recursive::new(rec.clone(), node.types.clone()))
        }
        NodeKind::Lock(lock) => Box::new(lock_rows::LockRows::new(lock.clone())),
        NodeKind::Insert(insert) => Box::new(dml::Insert::new(insert.clone())),
        NodeKind::Update(update) => Box::new(dml::Update::new(update.clone())),
        NodeKind::Delete(delete) => Box::new(dml::Delete::new(delete.clone())),
    };
    Box::new(instrument::Instrument::new(node.id, inner))
}

/// Runs an operator to its end and throws its rows away.
pub fn drain(operator: &mut dyn Operator, cx: &mut Context<'_>) -> Result<()> {
    let mut batch = Batch::default();
    while operator.next(cx, &mut batch)? {
        cx.poll()?;
    }
    Ok(())
}
