//! Walks over expressions and plans.

use std::collections::BTreeSet;

use super::visit_plan::outer_columns;
use super::{CaseExpr, ColumnId, Expr, JoinKind, Plan, SubqueryKind, SubscriptItem};

/// Calls `visit` for each direct operand of `expr`, a subquery's plan not included.
pub fn for_each_expr<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match expr {
        Expr::Const { .. } | Expr::Column { .. } | Expr::Param { .. } => {}
        Expr::Call { args, .. }
        | Expr::And(args)
        | Expr::Or(args)
        | Expr::Coalesce { args, .. }
        | Expr::MinMax { args, .. }
        | Expr::Array { elements: args, .. }
        | Expr::Row { fields: args, .. } => args.iter().for_each(visit),
        Expr::Session(call) => call.args.iter().for_each(visit),
        Expr::Cast(cast) => visit(&cast.arg),
        Expr::Compare { left, right, .. }
        | Expr::IsDistinct { left, right, .. }
        | Expr::NullIf { left, right, .. } => {
            visit(left);
            visit(right);
        }
        Expr::RowCompare { left, right, .. } => left.iter().chain(right).for_each(visit),
        Expr::Not(arg)
        | Expr::IsNull { arg, .. }
        | Expr::BooleanTest { arg, .. }
        | Expr::InList { arg, .. }
        | Expr::Field { arg, .. } => visit(arg),
        Expr::Case(case) => {
            if let Some((_, operand)) = &case.operand {
                visit(operand);
            }
            for (when, then) in &case.branches {
                visit(when);
                visit(then);
            }
            if let Some(otherwise) = &case.otherwise {
                visit(otherwise);
            }
        }
        Expr::CompareArray { arg, array, .. } | Expr::CallArray { arg, array, .. } => {
            visit(arg);
            visit(array);
        }
        Expr::Subscript { arg, items, .. } => {
            visit(arg);
            for item in items {
                match item {
                    SubscriptItem::Index(index) => visit(index),
                    SubscriptItem::Slice(lower, upper) => {
                        lower.iter().chain(upper).for_each(&mut *visit);
                    }
                }
            }
        }
        Expr::Subquery(subquery) => match &subquery.kind {
            SubqueryKind::Compare { left, .. } => left.iter().for_each(visit),
            SubqueryKind::Call { left, .. } => visit(left),
            _ => {}
        },
    }
}

/// As [`for_each_expr`], to change the operands in place.
pub fn for_each_expr_mut(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr)) {
    match expr {
        Expr::Const { .. } | Expr::Column { .. } | Expr::Param { .. } => {}
        Expr::Call { args, .. }
        | Expr::And(args)
        | Expr::Or(args)
        | Expr::Coalesce { args, .. }
        | Expr::MinMax { args, .. }
        | Expr::Array { elements: args, .. }
        | Expr::Row { fields: args, .. } => args.iter_mut().for_each(visit),
        Expr::Session(call) => call.args.iter_mut().for_each(visit),
        Expr::Cast(cast) => visit(&mut cast.arg),
        Expr::Compare { left, right, .. }
        | Expr::IsDistinct { left, right, .. }
        | Expr::NullIf { left, right, .. } => {
            visit(left);
            visit(right);
        }
        Expr::RowCompare { left, right, .. } => left.iter_mut().chain(right).for_each(visit),
        Expr::Not(arg)
        | Expr::IsNull { arg, .. }
        | Expr::BooleanTest { arg, .. }
        | Expr::InList { arg, .. }
        | Expr::Field { arg, .. } => visit(arg),
        Expr::Case(case) => visit_case_mut(case, visit),
        Expr::CompareArray { arg, array, .. } | Expr::CallArray { arg, array, .. } => {
            visit(arg);
            visit(array);
        }
        Expr::Subscript { arg, items, .. } => {
            visit(arg);
            for item in items {
                match item {
                    SubscriptItem::Index(index) => visit(index),
                    SubscriptItem::Slice(lower, upper) => {
                        lower.iter_mut().chain(upper).for_each(&mut *visit);
                    }
                }
            }
        }
        Expr::Subquery(subquery) => match &mut subquery.kind {
            SubqueryKind::Compare { left, .. } => left.iter_mut().for_each(visit),
            SubqueryKind::Call { left, .. } => visit(left),
            _ => {}
        },
    }
}

fn visit_case_mut(case: &mut CaseExpr, visit: &mut dyn FnMut(&mut Expr)) {
    if let Some((_, operand)) = &mut case.operand {
        visit(operand);
    }
    for (when, then) in &mut case.branches {
        visit(when);
        visit(then);
    }
    if let Some(otherwise) = &mut case.otherwise {
        visit(otherwise);
    }
}

/// Rewrites an expression bottom-up: operands first, then the node itself.
pub fn map_expr(mut expr: Expr, change: &mut dyn FnMut(Expr) -> Expr) -> Expr {
    for_each_expr_mut(&mut expr, &mut |child| {
        let taken = std::mem::replace(child, Expr::And(Vec::new()));
        *child = map_expr(taken, change);
    });
    change(expr)
}

/// Calls `visit` for every column that `expr` refers to from its own level: operands' columns and
/// the outer references of its subqueries. The operand column of a CASE is not one.
pub fn for_each_column(expr: &Expr, visit: &mut dyn FnMut(ColumnId)) {
    match expr {
        Expr::Column { id, .. } => visit(*id),
        Expr::Case(case) if case.operand.is_some() => {
            let own = case.operand.as_ref().map(|(id, _)| *id);
            for_each_expr(expr, &mut |child| {
                for_each_column(child, &mut |id| {
                    if Some(id) != own {
                        visit(id);
                    }
                });
            });
        }
        Expr::Subquery(subquery) => {
            for_each_expr(expr, &mut |child| for_each_column(child, visit));
            for id in outer_columns(&subquery.plan) {
                visit(id);
            }
        }
        _ => for_each_expr(expr, &mut |child| for_each_column(child, visit)),
    }
}

/// The set of [`for_each_column`].
pub fn columns_of(expr: &Expr) -> BTreeSet<ColumnId> {
    let mut found = BTreeSet::new();
    for_each_column(expr, &mut |id| {
        found.insert(id);
    });
    found
}

/// The columns that a plan produces, in order.
pub fn produced(plan: &Plan) -> Vec<ColumnId> {
    let ids = |list: &[(ColumnId, Expr)]| list.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    match plan {
        Plan::OneRow => Vec::new(),
        Plan::Empty(columns) | Plan::External { columns, .. } => columns.clone(),
        Plan::Scan(scan) => {
            let plain = scan.columns.iter().map(|(id, _)| *id);
            plain.chain(scan.system.iter().map(|(id, _)| *id)).collect()
        }
        Plan::FunctionScan(scan) => {
            let items = scan
                .functions
                .iter()
                .flat_map(|item| item.columns.iter().copied());
            items.chain(scan.ordinality).collect()
        }
        Plan::Values(values) => values.columns.clone(),
        Plan::Project(project) => {
            let sets = project
                .set_returning
                .iter()
                .flat_map(|item| item.columns.iter().copied());
            ids(&project.columns).into_iter().chain(sets).collect()
        }
        Plan::Filter(filter) => produced(&filter.input),
        Plan::Join(join) => {
            let mut columns = produced(&join.left);
            if !matches!(join.kind, JoinKind::Semi | JoinKind::Anti) {
                columns.extend(produced(&join.right));
            }
            columns
        }
        Plan::Aggregate(aggregate) => {
            let mut columns = ids(&aggregate.keys);
            columns.extend(aggregate.calls.iter().map(|call| call.id));
            columns.extend(aggregate.grouping.iter().map(|(id, _)| *id));
            columns
        }
        Plan::Window(window) => {
            let mut columns = produced(&window.input);
            columns.extend(window.calls.iter().map(|call| call.id));
            columns
        }
        Plan::Sort(sort) => produced(&sort.input),
        Plan::Limit(limit) => produced(&limit.input),
        Plan::Distinct(distinct) => produced(&distinct.input),
        Plan::SetOp(op) => op.columns.clone(),
        Plan::With(with) => produced(&with.body),
        Plan::CteScan(scan) => scan.columns.iter().map(|(id, _)| *id).collect(),
        Plan::RecursiveUnion(union) => union.columns.clone(),
        Plan::LockRows(lock) => produced(&lock.input),
        Plan::Insert(insert) => ids(&insert.returning),
        Plan::Update(update) => ids(&update.returning),
        Plan::Delete(delete) => ids(&delete.returning),
    }
}

/// The direct inputs of a plan, CTE definitions first.
pub fn inputs(plan: &Plan) -> Vec<&Plan> {
    match plan {
        Plan::OneRow
        | Plan::Empty(_)
        | Plan::Scan(_)
        | Plan::FunctionScan(_)
        | Plan::Values(_)
        | Plan::External { .. }
        | Plan::CteScan(_) => Vec::new(),
        Plan::Project(node) => vec![&node.input],
        Plan::Filter(node) => vec![&node.input],
        Plan::Join(node) => vec![&node.left, &node.right],
        Plan::Aggregate(node) => vec![&node.input],
        Plan::Window(node) => vec![&node.input],
        Plan::Sort(node) => vec![&node.input],
        Plan::Limit(node) => vec![&node.input],
        Plan::Distinct(node) => vec![&node.input],
        Plan::SetOp(node) => vec![&node.left, &node.right],
        Plan::With(node) => {
            let definitions = node.ctes.iter().map(|cte| &cte.plan);
            definitions.chain([&node.body]).collect()
        }
        Plan::RecursiveUnion(node) => vec![&node.base, &node.step],
        Plan::LockRows(node) => vec![&node.input],
        Plan::Insert(node) => vec![&node.source],
        Plan::Update(node) => vec![&node.source],
        Plan::Delete(node) => vec![&node.source],
    }
}

/// As [`inputs`], to change them in place.
pub fn inputs_mut(plan: &mut Plan) -> Vec<&mut Plan> {
    match plan {
        Plan::OneRow
        | Plan::Empty(_)
        | Plan::Scan(_)
        | Plan::FunctionScan(_)
        | Plan::Values(_)
        | Plan::External { .. }
        | Plan::CteScan(_) => Vec::new(),
        Plan::Project(node) => vec![&mut node.input],
        Plan::Filter(node) => vec![&mut node.input],
        Plan::Join(node) => vec![&mut node.left, &mut node.right],
        Plan::Aggregate(node) => vec![&mut node.input],
        Plan::Window(node) => vec![&mut node.input],
        Plan::Sort(node) => vec![&mut node.input],
        Plan::Limit(node) => vec![&mut node.input],
        Plan::Distinct(node) => vec![&mut node.input],
        Plan::SetOp(node) => vec![&mut node.left, &mut node.right],
        Plan::With(node) => {
            let definitions = node.ctes.iter_mut().map(|cte| &mut cte.plan);
            definitions.chain([&mut node.body]).collect()
        }
        Plan::RecursiveUnion(node) => vec![&mut node.base, &mut node.step],
        Plan::LockRows(node) => vec![&mut node.input],
        Plan::Insert(node) => vec![&mut node.source],
        Plan::Update(node) => vec![&mut node.source],
        Plan::Delete(node) => vec![&mut node.source],
    }
}
