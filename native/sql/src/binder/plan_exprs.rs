//! Expressions of plan nodes, to be changed in place.

use crate::ir::{
    ConflictAction, Expr, FrameBound, FunctionScanItem, FunctionScanKind, Plan, SortKey,
};

/// Calls `visit` for each expression that belongs to the node itself, not to its inputs.
pub(super) fn for_each_node_expr_mut(plan: &mut Plan, visit: &mut dyn FnMut(&mut Expr)) {
    match plan {
        Plan::FunctionScan(node) => items(&mut node.functions, visit),
        Plan::Values(node) => node.rows.iter_mut().flatten().for_each(visit),
        Plan::Project(node) => {
            node.columns.iter_mut().for_each(|(_, e)| visit(e));
            items(&mut node.set_returning, visit);
        }
        Plan::Filter(node) => visit(&mut node.condition),
        Plan::Join(node) => visit(&mut node.condition),
        Plan::Aggregate(node) => {
            node.keys.iter_mut().for_each(|(_, e)| visit(e));
            for call in &mut node.calls {
                call.args.iter_mut().for_each(&mut *visit);
                keys(&mut call.order_by, visit);
                call.filter.iter_mut().for_each(&mut *visit);
            }
        }
        Plan::Window(node) => {
            node.partition_by.iter_mut().for_each(&mut *visit);
            keys(&mut node.order_by, visit);
            for call in &mut node.calls {
                call.args.iter_mut().for_each(&mut *visit);
                call.filter.iter_mut().for_each(&mut *visit);
                for bound in [&mut call.frame.start, &mut call.frame.end] {
                    if let FrameBound::Preceding(e) | FrameBound::Following(e) = bound {
                        visit(e);
                    }
                }
            }
        }
        Plan::Sort(node) => keys(&mut node.keys, visit),
        Plan::Limit(node) => node
            .limit
            .iter_mut()
            .chain(&mut node.offset)
            .for_each(visit),
        Plan::Distinct(node) => node.on.iter_mut().for_each(visit),
        Plan::Insert(node) => {
            node.values.iter_mut().for_each(|a| visit(&mut a.value));
            if let Some(ConflictAction::Update(update)) =
                node.on_conflict.as_mut().map(|c| &mut c.action)
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

fn items(list: &mut [FunctionScanItem], visit: &mut dyn FnMut(&mut Expr)) {
    for item in list {
        match &mut item.function {
            FunctionScanKind::Set { args, .. } => args.iter_mut().for_each(&mut *visit),
            FunctionScanKind::Scalar(expr) => visit(expr),
        }
    }
}

fn keys(list: &mut [SortKey], visit: &mut dyn FnMut(&mut Expr)) {
    list.iter_mut().for_each(|key| visit(&mut key.expr));
}
