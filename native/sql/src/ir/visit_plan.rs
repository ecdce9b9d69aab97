//! Expressions of plan nodes, and what a plan refers to but does not produce.

use std::collections::BTreeSet;

use super::visit::{for_each_column, inputs, produced};
use super::{
    ColumnId, ConflictAction, Expr, FrameBound, FunctionScanItem, FunctionScanKind, OnConflict,
    Plan, SortKey, Window,
};

/// Calls `visit` for each expression that belongs to the node itself.
pub fn for_each_node_expr<'a>(plan: &'a Plan, visit: &mut dyn FnMut(&'a Expr)) {
    let second = |list: &'a [(ColumnId, Expr)], visit: &mut dyn FnMut(&'a Expr)| {
        list.iter().for_each(|(_, expr)| visit(expr));
    };
    match plan {
        Plan::FunctionScan(node) => items(&node.functions, visit),
        Plan::Values(node) => node.rows.iter().flatten().for_each(visit),
        Plan::Project(node) => {
            second(&node.columns, visit);
            items(&node.set_returning, visit);
        }
        Plan::Filter(node) => visit(&node.condition),
        Plan::Join(node) => visit(&node.condition),
        Plan::Aggregate(node) => {
            second(&node.keys, visit);
            for call in &node.calls {
                call.args.iter().for_each(&mut *visit);
                sort_keys(&call.order_by, visit);
                call.filter.iter().for_each(&mut *visit);
            }
        }
        Plan::Window(node) => window(node, visit),
        Plan::Sort(node) => sort_keys(&node.keys, visit),
        Plan::Limit(node) => node.limit.iter().chain(&node.offset).for_each(visit),
        Plan::Distinct(node) => node.on.iter().for_each(visit),
        Plan::Insert(node) => {
            node.values.iter().for_each(|a| visit(&a.value));
            conflict(node.on_conflict.as_ref(), visit);
            second(&node.returning, visit);
        }
        Plan::Update(node) => {
            node.assignments.iter().for_each(|a| visit(&a.value));
            second(&node.returning, visit);
        }
        Plan::Delete(node) => second(&node.returning, visit),
        Plan::OneRow
        | Plan::Empty(_)
        | Plan::Scan(_)
        | Plan::External { .. }
        | Plan::SetOp(_)
        | Plan::With(_)
        | Plan::CteScan(_)
        | Plan::RecursiveUnion(_)
        | Plan::LockRows(_) => {}
    }
}

fn items<'a>(list: &'a [FunctionScanItem], visit: &mut dyn FnMut(&'a Expr)) {
    for item in list {
        match &item.function {
            FunctionScanKind::Set { args, .. } => args.iter().for_each(&mut *visit),
            FunctionScanKind::Scalar(expr) => visit(expr),
        }
    }
}

fn sort_keys<'a>(keys: &'a [SortKey], visit: &mut dyn FnMut(&'a Expr)) {
    keys.iter().for_each(|key| visit(&key.expr));
}

fn window<'a>(node: &'a Window, visit: &mut dyn FnMut(&'a Expr)) {
    node.partition_by.iter().for_each(&mut *visit);
    sort_keys(&node.order_by, visit);
    for call in &node.calls {
        call.args.iter().for_each(&mut *visit);
        call.filter.iter().for_each(&mut *visit);
        for bound in [&call.frame.start, &call.frame.end] {
            if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
                visit(offset);
            }
        }
    }
}

fn conflict<'a>(on_conflict: Option<&'a OnConflict>, visit: &mut dyn FnMut(&'a Expr)) {
    if let Some(ConflictAction::Update(update)) = on_conflict.map(|c| &c.action) {
        update.assignments.iter().for_each(|a| visit(&a.value));
        update.condition.iter().for_each(visit);
    }
}

/// The columns that the plan refers to and does not produce itself: its outer references.
pub fn outer_columns(plan: &Plan) -> BTreeSet<ColumnId> {
    let mut used = BTreeSet::new();
    let mut made = BTreeSet::new();
    collect(plan, &mut used, &mut made);
    used.difference(&made).copied().collect()
}

/// Ids are unique within the query, so one set of all that is made anywhere inside is enough.
fn collect(plan: &Plan, used: &mut BTreeSet<ColumnId>, made: &mut BTreeSet<ColumnId>) {
    for_each_node_expr(plan, &mut |expr| {
        for_each_column(expr, &mut |id| {
            used.insert(id);
        });
    });
    made.extend(produced(plan));
    match plan {
        Plan::Insert(node) => {
            made.extend(&node.row);
            if let Some(OnConflict {
                action: ConflictAction::Update(update),
                ..
            }) = &node.on_conflict
            {
                made.extend(&update.existing);
                made.extend(&update.excluded);
            }
        }
        Plan::Update(node) => made.extend(&node.new),
        _ => {}
    }
    for input in inputs(plan) {
        collect(input, used, made);
    }
}

/// As [`for_each_node_expr`], to change the expressions in place.
pub fn for_each_node_expr_mut(plan: &mut Plan, visit: &mut dyn FnMut(&mut Expr)) {
    match plan {
        Plan::FunctionScan(node) => items_mut(&mut node.functions, visit),
        Plan::Values(node) => node.rows.iter_mut().flatten().for_each(visit),
        Plan::Project(node) => {
            node.columns.iter_mut().for_each(|(_, e)| visit(e));
            items_mut(&mut node.set_returning, visit);
        }
        Plan::Filter(node) => visit(&mut node.condition),
        Plan::Join(node) => visit(&mut node.condition),
        Plan::Aggregate(node) => {
            node.keys.iter_mut().for_each(|(_, e)| visit(e));
            for call in &mut node.calls {
                call.args.iter_mut().for_each(&mut *visit);
                call.order_by
                    .iter_mut()
                    .for_each(|key| visit(&mut key.expr));
                call.filter.iter_mut().for_each(&mut *visit);
            }
        }
        Plan::Window(node) => window_mut(node, visit),
        Plan::Sort(node) => node.keys.iter_mut().for_each(|key| visit(&mut key.expr)),
        Plan::Limit(node) => node
            .limit
            .iter_mut()
            .chain(&mut node.offset)
            .for_each(visit),
        Plan::Distinct(node) => node.on.iter_mut().for_each(visit),
        Plan::Insert(node) => {
            node.values.iter_mut().for_each(|a| visit(&mut a.value));
            if let Some(OnConflict {
                action: ConflictAction::Update(update),
                ..
            }) = &mut node.on_conflict
            {
                update
                    .assignments
                    .iter_mut()
                    .for_each(|a| visit(&mut a.value));
                update.condition.iter_mut().for_each(&mut *visit);
            }
            node.returning.iter_mut().for_each(|(_, e)| visit(e));
        }
        Plan::Update(node) => {
            node.assignments
                .iter_mut()
                .for_each(|a| visit(&mut a.value));
            node.returning.iter_mut().for_each(|(_, e)| visit(e));
        }
        Plan::Delete(node) => node.returning.iter_mut().for_each(|(_, e)| visit(e)),
        Plan::OneRow
        | Plan::Empty(_)
        | Plan::Scan(_)
        | Plan::External { .. }
        | Plan::SetOp(_)
        | Plan::With(_)
        | Plan::CteScan(_)
        | Plan::RecursiveUnion(_)
        | Plan::LockRows(_) => {}
    }
}

fn items_mut(list: &mut [FunctionScanItem], visit: &mut dyn FnMut(&mut Expr)) {
    for item in list {
        match &mut item.function {
            FunctionScanKind::Set { args, .. } => args.iter_mut().for_each(&mut *visit),
            FunctionScanKind::Scalar(expr) => visit(expr),
        }
    }
}

fn window_mut(node: &mut Window, visit: &mut dyn FnMut(&mut Expr)) {
    node.partition_by.iter_mut().for_each(&mut *visit);
    node.order_by
        .iter_mut()
        .for_each(|key| visit(&mut key.expr));
    for call in &mut node.calls {
        call.args.iter_mut().for_each(&mut *visit);
        call.filter.iter_mut().for_each(&mut *visit);
        for bound in [&mut call.frame.start, &mut call.frame.end] {
            if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
                visit(offset);
            }
        }
    }
}
