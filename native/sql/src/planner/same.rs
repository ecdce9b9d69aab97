//! Equality of expressions, as far as the planner needs it.

use crate::ir::Expr;

/// True if both are the same expression, written the same way. False may mean "do not know".
pub fn same(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Column { id: a, .. }, Expr::Column { id: b, .. }) => a == b,
        (Expr::Param { index: a, .. }, Expr::Param { index: b, .. }) => a == b,
        (Expr::Const { value: a, ty: s }, Expr::Const { value: b, ty: t }) => {
            s == t && a.is_identical(b)
        }
        (
            Expr::Call {
                function: f,
                args: a,
                collation: c,
                ..
            },
            Expr::Call {
                function: g,
                args: b,
                collation: d,
                ..
            },
        ) => std::ptr::eq(*f, *g) && c == d && all_same(a, b),
        (Expr::Cast(a), Expr::Cast(b)) => a.to == b.to && same(&a.arg, &b.arg),
        (
            Expr::Compare {
                op: p,
                left: a,
                right: b,
                collation: c,
            },
            Expr::Compare {
                op: q,
                left: x,
                right: y,
                collation: d,
            },
        ) => p == q && c == d && same(a, x) && same(b, y),
        (Expr::And(a), Expr::And(b)) | (Expr::Or(a), Expr::Or(b)) => all_same(a, b),
        (Expr::Not(a), Expr::Not(b)) => same(a, b),
        (Expr::IsNull { arg: a, negated: m }, Expr::IsNull { arg: b, negated: n }) => {
            m == n && same(a, b)
        }
        (Expr::BooleanTest { arg: a, test: s }, Expr::BooleanTest { arg: b, test: t }) => {
            s == t && same(a, b)
        }
        (Expr::Coalesce { args: a, .. }, Expr::Coalesce { args: b, .. }) => all_same(a, b),
        (
            Expr::InList {
                arg: a,
                list: l,
                negated: m,
                ..
            },
            Expr::InList {
                arg: b,
                list: k,
                negated: n,
                ..
            },
        ) => m == n && l == k && same(a, b),
        _ => false,
    }
}

fn all_same(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}
