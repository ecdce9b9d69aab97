//! Expressions in definitions: bound to be checked, then kept as text.

use super::builder::Builder;
use crate::binder::{Binder, DefinitionKind};
use catalog::{Column, Reference, Table};
use common::{Error, ObjectId, Result, sqlstate};
use functions::Volatility;
use parser as ast;
use types::SqlType;

/// A checked expression of a definition.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// As the catalog keeps it.
    pub text: String,
    pub expr: crate::ir::Expr,
    pub ty: SqlType,
    pub collation: ObjectId,
    /// What it mentions besides the table's own columns.
    pub references: Vec<Reference>,
    /// The table's columns it mentions, ascending.
    pub columns: Vec<i16>,
    pub volatility: Volatility,
}

impl Builder<'_> {
    /// Binds an expression over the columns of `table` (or of none).
    pub fn define(
        &self,
        expr: &ast::Expr,
        table: Option<&Table>,
        kind: DefinitionKind,
    ) -> Result<Definition> {
        self.bind_with(|cx| {
            let mut binder = Binder::new(cx);
            let bound = binder.bind_definition(expr, table, kind)?;
            let columns = bound.columns;
            Ok(Definition {
                text: parser::deparse_expr(&bound.rewritten),
                ty: bound.expr.ty(),
                volatility: volatility(&bound.expr),
                expr: bound.expr,
                collation: bound.collation,
                references: bound.references,
                columns,
            })
        })
    }

    /// A default, checked against its column's type.
    pub fn define_default(&self, expr: &ast::Expr, column: &Column) -> Result<Definition> {
        let target = SqlType::with_typmod(types::TypeOid(column.ty.oid.0), column.ty.typmod);
        let kind = DefinitionKind::Default {
            column: column.name.clone(),
            target,
        };
        self.define(expr, None, kind)
    }
}

/// How constant an expression is.
pub(super) fn volatility(expr: &crate::ir::Expr) -> Volatility {
    use crate::ir::Expr as E;
    let own = match expr {
        E::Call { function, .. } => function.volatility,
        E::CallArray { function, .. } => function.volatility,
        E::Session(call) if call.function.stable => Volatility::Stable,
        E::Session(_) | E::Subquery(_) | E::Param { .. } => Volatility::Volatile,
        E::Cast(cast) => cast_volatility(cast.arg.ty().oid, cast.to.oid),
        _ => Volatility::Immutable,
    };
    let mut worst = own;
    crate::ir::for_each_expr(expr, &mut |child| {
        let inner = volatility(child);
        if rank(inner) > rank(worst) {
            worst = inner;
        }
    });
    worst
}

fn rank(volatility: Volatility) -> u8 {
    match volatility {
        Volatility::Immutable => 0,
        Volatility::Stable => 1,
        Volatility::Volatile => 2,
    }
}

/// Casts that read the session's time zone, date style or names.
fn cast_volatility(from: types::TypeOid, to: types::TypeOid) -> Volatility {
    use types::TypeOid as T;
    let text = |t: T| matches!(t, T::TEXT | T::VARCHAR | T::BPCHAR | T::NAME);
    let dated = |t: T| {
        matches!(
            t,
            T::DATE | T::TIME | T::TIMETZ | T::TIMESTAMP | T::TIMESTAMPTZ | T::INTERVAL
        )
    };
    let zoned = |t: T| matches!(t, T::TIMESTAMPTZ | T::TIMETZ);
    let named = |t: T| {
        matches!(
            t,
            T::REGCLASS | T::REGTYPE | T::REGPROC | T::REGROLE | T::REGNAMESPACE
        )
    };
    let through_text = (text(from) && (dated(to) || named(to))) || (text(to) && dated(from));
    let through_zone =
        (zoned(from) && dated(to) && from != to) || (zoned(to) && dated(from) && from != to);
    match through_text || through_zone {
        true => Volatility::Stable,
        false => Volatility::Immutable,
    }
}

/// 42P17 unless an expression is immutable.
pub(super) fn require_immutable(definition: &Definition, what: &str) -> Result<()> {
    if definition.volatility == Volatility::Immutable {
        return Ok(());
    }
    let message = match what {
        "generation expression" => "generation expression is not immutable".to_owned(),
        other => format!("functions in {other} must be marked IMMUTABLE"),
    };
    Err(Error::new(sqlstate::INVALID_OBJECT_DEFINITION, message))
}
