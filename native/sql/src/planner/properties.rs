//! What may be done with an expression or a plan.

use functions::{AggregateDef, FunctionDef, Volatility};

use super::rewrite::each_plan;
use crate::ir::{Expr, Plan, Project, for_each_expr, for_each_node_expr};

/// True if a null argument makes the function null without calling it.
pub fn is_strict(function: &FunctionDef) -> bool {
    function.strict
}

/// True if the aggregate of no rows is zero, not null.
pub fn is_zero_if_empty(aggregate: &AggregateDef) -> bool {
    aggregate.name == "count"
}

/// True if the expression must be evaluated once for each row, where it stands.
pub fn is_volatile(expr: &Expr) -> bool {
    let own = match expr {
        Expr::Call { function, .. } | Expr::CallArray { function, .. } => {
            function.volatility == Volatility::Volatile
        }
        Expr::Session(call) => !call.function.stable,
        Expr::Subquery(subquery) => !is_pure(&subquery.plan),
        _ => false,
    };
    own || any_child(expr, is_volatile)
}

fn any_child(expr: &Expr, test: fn(&Expr) -> bool) -> bool {
    let mut found = false;
    for_each_expr(expr, &mut |child| found |= test(child));
    found
}

pub fn has_subquery(expr: &Expr) -> bool {
    matches!(expr, Expr::Subquery(_)) || any_child(expr, has_subquery)
}

/// True if the plan inserts, updates or deletes, anywhere.
pub fn writes(plan: &Plan) -> bool {
    let mut found = false;
    each_plan(plan, &mut |node| {
        found |= matches!(node, Plan::Insert(_) | Plan::Update(_) | Plan::Delete(_));
    });
    found
}

/// True if the plan locks rows, anywhere.
pub fn locks(plan: &Plan) -> bool {
    let mut found = false;
    each_plan(plan, &mut |node| found |= matches!(node, Plan::LockRows(_)));
    found
}

/// True if running the plan again, or not at all, makes no difference: no writes, no row locks, no
/// volatile function.
pub fn is_pure(plan: &Plan) -> bool {
    let mut pure = !writes(plan) && !locks(plan);
    each_plan(plan, &mut |node| {
        for_each_node_expr(node, &mut |expr| pure &= !is_volatile_here(expr));
        pure &= !has_volatile_set(node);
    });
    pure
}

/// As [`is_volatile`], without looking into subqueries again.
fn is_volatile_here(expr: &Expr) -> bool {
    match expr {
        Expr::Subquery(_) => any_child(expr, is_volatile_here),
        other => is_volatile(other),
    }
}

fn has_volatile_set(node: &Plan) -> bool {
    let items = match node {
        Plan::FunctionScan(scan) => &scan.functions,
        Plan::Project(project) => {
            let Project { set_returning, .. } = project.as_ref();
            set_returning
        }
        _ => return false,
    };
    items.iter().any(|item| match &item.function {
        crate::ir::FunctionScanKind::Set { function, .. } => {
            function.volatility == Volatility::Volatile
        }
        crate::ir::FunctionScanKind::Scalar(_) => false,
    })
}
