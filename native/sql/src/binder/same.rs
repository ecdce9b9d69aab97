//! Equality of bound expressions: the same node kinds over the same columns (`equal()`).

use crate::ir::{CaseExpr, Expr, SubscriptItem};

/// True if both were written the same, locations apart. Subqueries never are: each has columns of
/// its own.
pub(super) fn same(a: &Expr, b: &Expr) -> bool {
    head(a, b) && {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        crate::ir::for_each_expr(a, &mut |e| left.push(e));
        crate::ir::for_each_expr(b, &mut |e| right.push(e));
        left.len() == right.len() && left.iter().zip(&right).all(|(x, y)| same(x, y))
    }
}

/// Everything but the operands.
fn head(a: &Expr, b: &Expr) -> bool {
    use Expr as E;
    match (a, b) {
        (E::Const { value: v, ty: s }, E::Const { value: w, ty: t }) => v.is_identical(w) && s == t,
        (E::Column { id: a, .. }, E::Column { id: b, .. }) => a == b,
        (E::Param { index: a, ty: s }, E::Param { index: b, ty: t }) => a == b && s == t,
        (
            E::Call {
                function: f,
                ty: s,
                collation: c,
                ..
            },
            E::Call {
                function: g,
                ty: t,
                collation: d,
                ..
            },
        ) => std::ptr::eq(*f, *g) && s == t && c == d,
        (E::Session(a), E::Session(b)) => a.function == b.function && a.ty == b.ty,
        (E::Cast(a), E::Cast(b)) => a.to == b.to && a.explicit == b.explicit,
        (
            E::Compare {
                op: p,
                collation: c,
                ..
            },
            E::Compare {
                op: q,
                collation: d,
                ..
            },
        ) => p == q && c == d,
        (E::RowCompare { op: p, left: l, .. }, E::RowCompare { op: q, left: m, .. }) => {
            p == q && l.len() == m.len()
        }
        (E::And(_), E::And(_)) | (E::Or(_), E::Or(_)) | (E::Not(_), E::Not(_)) => true,
        (E::IsNull { negated: m, .. }, E::IsNull { negated: n, .. }) => m == n,
        (E::BooleanTest { test: s, .. }, E::BooleanTest { test: t, .. }) => s == t,
        (
            E::IsDistinct {
                negated: m,
                collation: c,
                ..
            },
            E::IsDistinct {
                negated: n,
                collation: d,
                ..
            },
        ) => m == n && c == d,
        (E::Case(a), E::Case(b)) => same_case(a, b),
        (E::Coalesce { ty: s, .. }, E::Coalesce { ty: t, .. }) => s == t,
        (
            E::MinMax {
                greatest: g,
                ty: s,
                collation: c,
                ..
            },
            E::MinMax {
                greatest: h,
                ty: t,
                collation: d,
                ..
            },
        ) => g == h && s == t && c == d,
        (E::NullIf { collation: c, .. }, E::NullIf { collation: d, .. }) => c == d,
        (
            E::InList {
                list: l,
                negated: m,
                collation: c,
                ..
            },
            E::InList {
                list: k,
                negated: n,
                collation: d,
                ..
            },
        ) => l == k && m == n && c == d,
        (
            E::CompareArray {
                op: p,
                quantifier: k,
                collation: c,
                ..
            },
            E::CompareArray {
                op: q,
                quantifier: l,
                collation: d,
                ..
            },
        ) => p == q && k == l && c == d,
        (
            E::CallArray {
                function: f,
                quantifier: k,
                ..
            },
            E::CallArray {
                function: g,
                quantifier: l,
                ..
            },
        ) => std::ptr::eq(*f, *g) && k == l,
        (
            E::Array {
                nested: m, ty: s, ..
            },
            E::Array {
                nested: n, ty: t, ..
            },
        ) => m == n && s == t,
        (E::Row { ty: s, .. }, E::Row { ty: t, .. }) => s == t,
        (
            E::Field {
                index: i, ty: s, ..
            },
            E::Field {
                index: j, ty: t, ..
            },
        ) => i == j && s == t,
        (E::Subscript { items: a, .. }, E::Subscript { items: b, .. }) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same_shape(x, y))
        }
        _ => false,
    }
}

/// A simple CASE has an operand column of its own, so two of them never look alike.
fn same_case(a: &CaseExpr, b: &CaseExpr) -> bool {
    a.operand.is_none()
        && b.operand.is_none()
        && a.ty == b.ty
        && a.branches.len() == b.branches.len()
        && a.otherwise.is_some() == b.otherwise.is_some()
}

fn same_shape(a: &SubscriptItem, b: &SubscriptItem) -> bool {
    match (a, b) {
        (SubscriptItem::Index(_), SubscriptItem::Index(_)) => true,
        (SubscriptItem::Slice(l, u), SubscriptItem::Slice(m, v)) => {
            l.is_some() == m.is_some() && u.is_some() == v.is_some()
        }
        _ => false,
    }
}
