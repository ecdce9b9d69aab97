//! Constant folding and the simplification of conditions.

use types::{Datum, SqlType, TypeOid};

use super::disjunctions::factor;
use super::walk::each_plan_mut;
use crate::ir::{
    Collation, Comparison, Expr, Filter, Plan, for_each_expr, for_each_node_expr_mut, map_expr,
    produced,
};
use crate::planner::properties::is_immutable_node;

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
    let expr = simplify(expr);
    if matches!(expr, Expr::Const { .. }) || !is_immutable_node(&expr) {
        return expr;
    }
    // A cast may read settings (dates, time zones, names): only what those cannot change is folded.
    if let Expr::Cast(cast) = &expr
        && !cast_is_immutable(cast.arg.ty(), cast.to)
    {
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

fn cast_is_immutable(from: types::SqlType, to: types::SqlType) -> bool {
    use types::TypeOid;
    let reads_settings = |oid: TypeOid| {
        let plain = matches!(
            oid,
            TypeOid::BOOL
                | TypeOid::INT2
                | TypeOid::INT4
                | TypeOid::INT8
                | TypeOid::NUMERIC
                | TypeOid::TEXT
                | TypeOid::VARCHAR
                | TypeOid::BPCHAR
                | TypeOid::UUID
                | TypeOid::JSON
                | TypeOid::JSONB
        );
        !plain
    };
    let floats = |oid| matches!(oid, TypeOid::FLOAT4 | TypeOid::FLOAT8);
    let numbers = |oid| floats(oid) || !reads_settings(oid);
    numbers(from.oid) && !reads_settings(to.oid) && !floats(from.oid)
        || floats(to.oid) && numbers(from.oid)
        || floats(from.oid) && matches!(to.oid, TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8)
}

fn is_bool(expr: &Expr, wanted: bool) -> bool {
    matches!(expr, Expr::Const { value: Datum::Bool(value), .. } if *value == wanted)
}

/// Boolean algebra that holds with nulls too.
fn simplify(expr: Expr) -> Expr {
    match expr {
        Expr::And(parts) => {
            if parts.iter().any(|part| is_bool(part, false)) {
                return Expr::boolean(false);
            }
            Expr::and(parts.into_iter().filter(|part| !is_bool(part, true)))
        }
        Expr::Or(parts) => {
            if parts.iter().any(|part| is_bool(part, true)) {
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
        Expr::Not(arg) => match *arg {
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
        },
        other => other,
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
