//! Constant folding and the simplification of conditions.

use types::{Datum, SqlType, TypeOid};

use super::disjunctions::factor;
use super::walk::each_plan_mut;
use crate::ir::{
    CaseExpr, Collation, Comparison, Expr, Filter, Plan, for_each_expr, for_each_node_expr_mut,
    is_immutable_node, map_expr, produced,
};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Folds all expressions of the plan; a filter that is always true goes, one that never is leaves
/// nothing.
pub fn fold_plan(plan: &mut Plan) {
    each_plan_mut(plan, &mut |node| {
        for_each_node_expr_mut(node, &mut |expr| {
            let taken = std::mem::replace(expr, Expr::And(Vec::new()));
            *expr = fold(taken);
        });
        if let Plan::Filter(filter) = node {
            let Filter { condition, input } = filter.as_mut();
            match condition {
                Expr::Const {
                    value: Datum::Bool(true),
                    ..
                } => {
                    let input = std::mem::replace(input, Plan::OneRow);
                    *node = input;
                }
                Expr::Const { .. } => *node = Plan::Empty(produced(input)),
                _ => {}
            }
        }
    });
}

/// The expression with its constant parts computed. What fails stays: it may never be reached.
pub fn fold(expr: Expr) -> Expr {
    map_expr(expr, &mut fold_node)
}

fn fold_node(expr: Expr) -> Expr {
    if is_null_for_null(&expr) {
        return Expr::null(expr.ty());
    }
    let expr = simplify(expr);
    if matches!(expr, Expr::Const { .. }) || !is_immutable_node(&expr) {
        return expr;
    }
    let mut constant = true;
    for_each_expr(&expr, &mut |child| {
        constant &= matches!(child, Expr::Const { .. })
    });
    if !constant || matches!(expr, Expr::Case(_) | Expr::Row { .. }) {
        return expr;
    }
    match crate::executor::evaluate_constant(&expr) {
        Ok(value) => {
            let ty = expr.ty();
            Expr::Const { value, ty }
        }
        Err(_) => expr,
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Const {
            value: Datum::Null,
            ..
        }
    )
}

/// True if a constant NULL among the operands makes the whole NULL, whatever the others are: these
/// are not computed, even if they would fail or are volatile (`evaluate_function`). But PostgreSQL
/// has computed what is constant within them before it looks, so what failed there stays to fail.
fn is_null_for_null(expr: &Expr) -> bool {
    let strict = match expr {
        Expr::Call { function, .. } => function.strict,
        Expr::Session(call) => call.function.strict,
        Expr::Compare { .. } | Expr::Cast(_) => true,
        _ => false,
    };
    let (mut null, mut failed) = (false, false);
    if strict {
        for_each_expr(expr, &mut |operand| null |= is_null(operand));
    }
    if null {
        for_each_expr(expr, &mut |operand| failed |= has_failed(operand));
    }
    null && !failed
}

/// True if something constant within the folded expression could not be computed.
fn has_failed(expr: &Expr) -> bool {
    let (mut constant, mut failed) = (true, false);
    for_each_expr(expr, &mut |operand| {
        constant &= matches!(operand, Expr::Const { .. });
        failed |= has_failed(operand);
    });
    let computed =
        is_immutable_node(expr) && !matches!(expr, Expr::Const { .. } | Expr::Row { .. });
    failed || (constant && computed)
}

fn is_bool(expr: &Expr, wanted: bool) -> bool {
    matches!(expr, Expr::Const { value: Datum::Bool(value), .. } if *value == wanted)
}

/// True if one of the parts gives the answer, and none before it has failed.
fn is_decided(parts: &[Expr], answer: bool) -> bool {
    let at = parts.iter().position(|part| is_bool(part, answer));
    at.is_some_and(|at| !parts[..at].iter().any(has_failed))
}

/// Boolean algebra that holds with nulls too.
fn simplify(expr: Expr) -> Expr {
    match expr {
        Expr::And(parts) => {
            if is_decided(&parts, false) {
                return Expr::boolean(false);
            }
            Expr::and(parts.into_iter().filter(|part| !is_bool(part, true)))
        }
        Expr::Or(parts) => {
            if is_decided(&parts, true) {
                return Expr::boolean(true);
            }
            factor(Expr::or(
                parts.into_iter().filter(|part| !is_bool(part, false)),
            ))
        }
        Expr::Compare {
            op,
            left,
            right,
            collation,
        } => compare_dates(op, *left, *right, collation),
        Expr::Case(case) => simplify_case(*case),
        Expr::Coalesce { args, ty } => simplify_coalesce(args, ty),
        Expr::Not(arg) => simplify_not(*arg),
        other => other,
    }
}

/// A negation moved inwards.
fn simplify_not(arg: Expr) -> Expr {
    match arg {
        Expr::Not(inner) => *inner,
        Expr::Const {
            value: Datum::Bool(value),
            ..
        } => Expr::boolean(!value),
        Expr::IsNull { arg, negated } if !is_row(&arg) => Expr::IsNull {
            arg,
            negated: !negated,
        },
        Expr::Compare {
            op,
            left,
            right,
            collation,
        } => Expr::Compare {
            op: op.negated(),
            left,
            right,
            collation,
        },
        Expr::And(parts) => Expr::or(
            parts
                .into_iter()
                .map(|part| simplify(Expr::Not(Box::new(part)))),
        ),
        Expr::Or(parts) => Expr::and(
            parts
                .into_iter()
                .map(|part| simplify(Expr::Not(Box::new(part)))),
        ),
        Expr::InList {
            arg,
            list,
            negated,
            collation,
        } => Expr::InList {
            arg,
            list,
            negated: !negated,
            collation,
        },
        other => Expr::Not(Box::new(other)),
    }
}

/// Without the branches that are never taken. An operand that is known stands in the conditions.
fn simplify_case(mut case: CaseExpr) -> Expr {
    if let Some((id, operand)) = &case.operand
        && matches!(operand, Expr::Const { .. })
    {
        let known = |expr: Expr| match expr {
            Expr::Column { id: own, .. } if own == *id => operand.clone(),
            other => other,
        };
        for (condition, _) in &mut case.branches {
            let taken = std::mem::replace(condition, Expr::And(Vec::new()));
            *condition = fold(map_expr(taken, &mut |expr| known(expr)));
        }
        case.operand = None;
    }
    let mut branches = Vec::with_capacity(case.branches.len());
    for (condition, result) in case.branches {
        if is_bool(&condition, true) {
            case.otherwise = Some(result);
            break;
        }
        if !is_bool(&condition, false) && !is_null(&condition) {
            branches.push((condition, result));
        }
    }
    if branches.is_empty() {
        return case.otherwise.unwrap_or_else(|| Expr::null(case.ty));
    }
    Expr::Case(Box::new(CaseExpr { branches, ..case }))
}

/// Without nulls, and without what stands behind a value that is not null.
fn simplify_coalesce(args: Vec<Expr>, ty: SqlType) -> Expr {
    let mut kept: Vec<Expr> = args.into_iter().filter(|arg| !is_null(arg)).collect();
    let known = kept
        .iter()
        .position(|arg| matches!(arg, Expr::Const { .. }));
    kept.truncate(known.map_or(kept.len(), |at| at + 1));
    match kept.len() {
        0 => Expr::null(ty),
        1 => kept.remove(0),
        _ => Expr::Coalesce { args: kept, ty },
    }
}

/// `date_column::timestamp op constant` as a comparison of dates: no cast a row, and an index or the
/// column's statistics can answer it. The cast cannot fail for what the comparison lets through, and
/// dates beyond the range of timestamps raise the error no more.
fn compare_dates(op: Comparison, left: Expr, right: Expr, collation: Collation) -> Expr {
    let plain = |left: Expr, right: Expr| Expr::Compare {
        op,
        left: Box::new(left),
        right: Box::new(right),
        collation,
    };
    let (Expr::Cast(cast), Expr::Const { value, ty }) = (&left, &right) else {
        return plain(left, right);
    };
    let is_date = cast.arg.ty().oid == TypeOid::DATE && cast.to.oid == TypeOid::TIMESTAMP;
    let (true, TypeOid::TIMESTAMP, Datum::I64(micros)) = (is_date, ty.oid, value) else {
        return plain(left, right);
    };
    if *micros == i64::MIN || *micros == i64::MAX {
        return plain(left, right);
    }
    let day = micros.div_euclid(MICROS_A_DAY);
    let is_midnight = micros.rem_euclid(MICROS_A_DAY) == 0;
    // Within a day: what lies before it lies on that day or before.
    let op = match op {
        op if is_midnight => op,
        Comparison::Lt | Comparison::Le => Comparison::Le,
        Comparison::Gt | Comparison::Ge => Comparison::Gt,
        _ => return plain(left, right),
    };
    let day = i32::try_from(day).expect("2^63 microseconds are less than 2^31 days");
    let ty = SqlType::new(TypeOid::DATE);
    Expr::Compare {
        op,
        left: Box::new(cast.arg.clone()),
        right: Box::new(Expr::constant(Datum::I32(day), ty)),
        collation,
    }
}

/// A row may be neither null nor not null.
fn is_row(expr: &Expr) -> bool {
    let info = types::type_info(expr.ty().oid);
    info.is_none_or(|info| info.category == b'C' || info.is_pseudo())
}
