//! What the branches of an OR have in common.

use crate::ir::{Expr, columns_of};
use crate::planner::properties::{has_subquery, is_volatile};
use crate::planner::same::same;

/// `(a AND b) OR (a AND c)` as `a AND (b OR c)`, which holds with nulls too: a condition that all
/// branches share can be a join's.
pub fn factor(condition: Expr) -> Expr {
    let Expr::Or(branches) = condition else {
        return condition;
    };
    let conjuncts: Vec<Vec<Expr>> = branches.into_iter().map(Expr::conjuncts).collect();
    let Some((first, others)) = conjuncts.split_first() else {
        return Expr::or(Vec::new());
    };
    let everywhere = |part: &Expr| {
        let within = |branch: &Vec<Expr>| branch.iter().any(|other| same(other, part));
        !is_volatile(part) && !has_subquery(part) && others.iter().all(within)
    };
    let mut shared: Vec<Expr> = Vec::new();
    for part in first.iter().filter(|part| everywhere(part)) {
        if !shared.iter().any(|known| same(known, part)) {
            shared.push(part.clone());
        }
    }
    if shared.is_empty() || others.is_empty() {
        return Expr::or(conjuncts.into_iter().map(Expr::and));
    }
    let is_shared = |part: &Expr| shared.iter().any(|known| same(known, part));
    let rest = conjuncts.into_iter().map(|branch| {
        let own = branch.into_iter().filter(|part| !is_shared(part));
        Expr::and(own.collect::<Vec<_>>())
    });
    // A branch with nothing of its own makes the rest true.
    let rest: Vec<Expr> = rest.collect();
    let is_true = |branch: &Expr| matches!(branch, Expr::And(parts) if parts.is_empty());
    if !rest
        .iter()
        .any(|branch| is_true(branch) || is_constant_true(branch))
    {
        shared.push(Expr::or(rest));
    }
    Expr::and(shared)
}

fn is_constant_true(expr: &Expr) -> bool {
    let value = types::Datum::Bool(true);
    matches!(expr, Expr::Const { value: known, .. } if *known == value)
}

/// What an OR over several tables says about one side alone: each branch's conditions on it, if
/// every branch has some. True wherever the OR is true. Only what cannot fail is taken, for it is
/// asked of rows that the OR is not.
pub fn implied(condition: &Expr, on_side: &dyn Fn(&Expr) -> bool) -> Option<Expr> {
    let Expr::Or(branches) = condition else {
        return None;
    };
    let mut sides = Vec::with_capacity(branches.len());
    for branch in branches {
        let own = branch
            .clone()
            .conjuncts()
            .into_iter()
            .filter(|part| !columns_of(part).is_empty() && on_side(part) && cannot_fail(part));
        let own: Vec<Expr> = own.collect();
        if own.is_empty() {
            return None;
        }
        sides.push(Expr::and(own));
    }
    Some(Expr::or(sides))
}

fn cannot_fail(expr: &Expr) -> bool {
    let is_value = |expr: &Expr| {
        matches!(
            expr,
            Expr::Column { .. } | Expr::Const { .. } | Expr::Param { .. }
        )
    };
    match expr {
        Expr::Compare { left, right, .. } => is_value(left) && is_value(right),
        Expr::InList { arg, .. } | Expr::IsNull { arg, .. } => is_value(arg),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(cannot_fail),
        Expr::Not(arg) => cannot_fail(arg),
        _ => false,
    }
}
