//! Walks that enter subqueries too.

use hashbrown::HashMap;

use crate::ir::{
    ColumnId, Expr, Plan, for_each_expr, for_each_expr_mut, for_each_node_expr,
    for_each_node_expr_mut, inputs, inputs_mut, map_expr,
};

/// Visits `plan`, then everything below it, subqueries of expressions included. What a visit puts
/// in
/// place of a node is walked too.
pub fn each_plan_mut(plan: &mut Plan, visit: &mut dyn FnMut(&mut Plan)) {
    visit(plan);
    for_each_node_expr_mut(plan, &mut |expr| each_subplan_mut(expr, visit));
    for input in inputs_mut(plan) {
        each_plan_mut(input, visit);
    }
}

fn each_subplan_mut(expr: &mut Expr, visit: &mut dyn FnMut(&mut Plan)) {
    for_each_expr_mut(expr, &mut |child| each_subplan_mut(child, visit));
    if let Expr::Subquery(subquery) = expr {
        each_plan_mut(&mut subquery.plan, visit);
    }
}

/// As [`each_plan_mut`], only to look.
pub fn each_plan(plan: &Plan, visit: &mut dyn FnMut(&Plan)) {
    visit(plan);
    for_each_node_expr(plan, &mut |expr| each_subplan(expr, visit));
    for input in inputs(plan) {
        each_plan(input, visit);
    }
}

fn each_subplan(expr: &Expr, visit: &mut dyn FnMut(&Plan)) {
    for_each_expr(expr, &mut |child| each_subplan(child, visit));
    if let Expr::Subquery(subquery) = expr {
        each_plan(&subquery.plan, visit);
    }
}

/// Puts expressions in place of columns, in subqueries' outer references too.
pub fn substitute(expr: Expr, map: &HashMap<ColumnId, Expr>) -> Expr {
    map_expr(expr, &mut |node| match node {
        Expr::Column { id, ty } => match map.get(&id) {
            Some(replacement) => replacement.clone(),
            None => Expr::Column { id, ty },
        },
        Expr::Subquery(mut subquery) => {
            each_plan_mut(&mut subquery.plan, &mut |plan| {
                for_each_node_expr_mut(plan, &mut |inner| {
                    let taken = std::mem::replace(inner, Expr::And(Vec::new()));
                    *inner = substitute(taken, map);
                });
            });
            Expr::Subquery(subquery)
        }
        other => other,
    })
}
