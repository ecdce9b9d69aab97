//! What an expression's value depends on.

use functions::Volatility;
use types::{SqlType, TypeOid};

use super::{Expr, columns_of, for_each_expr};

/// True if the value depends only on its arguments' values: it may be computed when planning.
pub fn is_immutable_node(expr: &Expr) -> bool {
    match expr {
        Expr::Call { function, .. } | Expr::CallArray { function, .. } => {
            function.volatility == Volatility::Immutable
        }
        Expr::Cast(cast) => cast_is_immutable(cast.arg.ty(), cast.to),
        Expr::Session(_) | Expr::Subquery(_) | Expr::Column { .. } | Expr::Param { .. } => false,
        _ => true,
    }
}

/// True if the value is the same for all rows and known before the statement runs: constants,
/// parameters, and what is immutable over them.
pub fn is_constant(expr: &Expr) -> bool {
    fn is_fixed(expr: &Expr) -> bool {
        let mut fixed = matches!(expr, Expr::Param { .. } | Expr::Column { .. });
        fixed |= is_immutable_node(expr);
        for_each_expr(expr, &mut |child| fixed = fixed && is_fixed(child));
        fixed
    }
    // The operand of a simple CASE is a column, but the expression's own.
    is_fixed(expr) && columns_of(expr).is_empty()
}

/// A cast may read settings (dates, time zones, names).
fn cast_is_immutable(from: SqlType, to: SqlType) -> bool {
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
    // Without a time zone there is nothing to read but the value.
    let times = |oid| {
        matches!(
            oid,
            TypeOid::DATE | TypeOid::TIME | TypeOid::TIMESTAMP | TypeOid::INTERVAL
        )
    };
    times(from.oid) && times(to.oid)
        || numbers(from.oid) && !reads_settings(to.oid) && !floats(from.oid)
        || floats(to.oid) && numbers(from.oid)
        || floats(from.oid) && matches!(to.oid, TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8)
}
