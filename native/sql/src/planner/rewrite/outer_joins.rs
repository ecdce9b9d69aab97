//! Outer joins whose null rows a condition above throws away.

use std::collections::BTreeSet;

use crate::ir::{BooleanTest, ColumnId, Expr, Join, JoinKind, Plan, produced};
use crate::planner::properties::is_strict;

/// Mirrors a right join to a left one, and weakens outer joins as far as `above`, the conditions on
/// the join's rows, allow.
pub fn simplify_join(mut join: Join, above: &[Expr]) -> Join {
    if join.kind == JoinKind::Right {
        std::mem::swap(&mut join.left, &mut join.right);
        join.kind = JoinKind::Left;
    }
    let rejects = |side: &Plan| {
        let columns: BTreeSet<ColumnId> = produced(side).into_iter().collect();
        above.iter().any(|c| is_null_rejecting(c, &columns))
    };
    match join.kind {
        JoinKind::Left if rejects(&join.right) => join.kind = JoinKind::Inner,
        JoinKind::Full => match (rejects(&join.left), rejects(&join.right)) {
            (true, true) => join.kind = JoinKind::Inner,
            // Rows without a left partner go: what remains keeps all left rows.
            (true, false) => join.kind = JoinKind::Left,
            (false, true) => {
                std::mem::swap(&mut join.left, &mut join.right);
                join.kind = JoinKind::Left;
            }
            (false, false) => {}
        },
        _ => {}
    }
    join
}

/// True if the condition cannot be true where all of `columns` are null.
pub fn is_null_rejecting(condition: &Expr, columns: &BTreeSet<ColumnId>) -> bool {
    match condition {
        Expr::And(parts) => parts.iter().any(|part| is_null_rejecting(part, columns)),
        Expr::Or(parts) => parts.iter().all(|part| is_null_rejecting(part, columns)),
        Expr::IsNull { arg, negated: true } => null_gives_null(arg, columns),
        Expr::BooleanTest {
            arg,
            test: BooleanTest::IsTrue | BooleanTest::IsFalse,
        } => null_gives_null(arg, columns),
        other => null_gives_null(other, columns),
    }
}

/// True if the expression is null wherever all of `columns` are.
fn null_gives_null(expr: &Expr, columns: &BTreeSet<ColumnId>) -> bool {
    let any = |args: &[Expr]| args.iter().any(|arg| null_gives_null(arg, columns));
    match expr {
        Expr::Column { id, .. } => columns.contains(id),
        Expr::Call { function, args, .. } => is_strict(function) && any(args),
        Expr::Cast(cast) => null_gives_null(&cast.arg, columns),
        Expr::Compare { left, right, .. } => {
            null_gives_null(left, columns) || null_gives_null(right, columns)
        }
        Expr::Not(arg) => null_gives_null(arg, columns),
        Expr::InList { arg, .. } => null_gives_null(arg, columns),
        Expr::And(parts) | Expr::Or(parts) => {
            parts.iter().all(|part| null_gives_null(part, columns))
        }
        _ => false,
    }
}
