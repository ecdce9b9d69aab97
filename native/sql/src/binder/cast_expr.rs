//! Explicit casts, LIKE and its kin, and SQL's functions without parentheses.

use super::binder::Binder;
use super::type_rules::CoercionContext;
use super::typed::{Typed, leftmost};
use crate::ir::Expr;
use common::Result;
use parser as ast;
use types::{SqlType, TypeOid};

impl Binder<'_> {
    /// `arg::type` (`transformTypeCast`).
    pub(super) fn bind_cast(
        &mut self,
        cast: &ast::CastExpr,
        location: ast::Location,
    ) -> Result<Typed> {
        let target = self.resolve_type(&cast.type_name)?;
        let arg = match &cast.arg.kind {
            ast::ExprKind::Array(elements) => {
                let base = self.types().base_type(target.oid);
                let array = self.types().element_type(base).is_some().then_some(base);
                self.bind_array(elements, array, cast.arg.location)?
            }
            _ => self.bind_expr(&cast.arg)?,
        };
        let from = arg.oid();
        let at = match location.byte_offset() {
            Some(_) => location,
            None => cast.type_name.location,
        };
        let leftmost = leftmost(location, arg.location);
        let done = self.coerce_to_target(arg, target, CoercionContext::Explicit, at)?;
        let mut done = done.ok_or_else(|| self.cannot_cast(from, target.oid, at))?;
        done.location = leftmost;
        Ok(done)
    }

    /// LIKE is an operator; its ESCAPE clause a function over the pattern.
    pub(super) fn bind_like(
        &mut self,
        like: &ast::LikeExpr,
        location: ast::Location,
    ) -> Result<Typed> {
        let symbol = match (like.kind, like.negated) {
            (ast::LikeKind::Like, false) => "~~",
            (ast::LikeKind::Like, true) => "!~~",
            (ast::LikeKind::ILike, false) => "~~*",
            (ast::LikeKind::ILike, true) => "!~~*",
            (ast::LikeKind::SimilarTo, false) => "~",
            (ast::LikeKind::SimilarTo, true) => "!~",
        };
        let arg = self.bind_expr(&like.arg)?;
        let mut pattern = self.bind_expr(&like.pattern)?;
        let escape = like
            .escape
            .as_ref()
            .map(|e| self.bind_expr(e))
            .transpose()?;
        pattern = match (like.kind, escape) {
            (ast::LikeKind::SimilarTo, escape) => {
                let args = std::iter::once(pattern).chain(escape).collect();
                self.call_named("similar_to_escape", args, location)?
            }
            (_, Some(escape)) => self.call_named("like_escape", vec![pattern, escape], location)?,
            (_, None) => pattern,
        };
        self.operate_named(symbol, arg, pattern, location)
    }

    /// `CURRENT_DATE`, `CURRENT_TIMESTAMP(3)`, `CURRENT_USER` (`transformSQLValueFunction`).
    pub(super) fn bind_sql_value(
        &mut self,
        function: ast::SqlValueFunction,
        precision: Option<i32>,
        location: ast::Location,
    ) -> Result<Typed> {
        use ast::SqlValueFunction as F;
        let (name, ty) = match function {
            F::CurrentDate => ("current_date", TypeOid::DATE),
            F::CurrentTime => ("current_time", TypeOid::TIMETZ),
            F::CurrentTimestamp => ("current_timestamp", TypeOid::TIMESTAMPTZ),
            F::LocalTime => ("localtime", TypeOid::TIME),
            F::LocalTimestamp => ("localtimestamp", TypeOid::TIMESTAMP),
            F::CurrentRole | F::CurrentUser | F::User => ("current_user", TypeOid::NAME),
            F::SessionUser => ("session_user", TypeOid::NAME),
            F::CurrentCatalog => ("current_database", TypeOid::NAME),
            F::CurrentSchema => ("current_schema", TypeOid::NAME),
        };
        let call = super::session_functions::keyword(name);
        let expr = Expr::Session(crate::ir::SessionCall {
            function: call,
            args: Vec::new(),
            ty: SqlType::new(ty),
        });
        let value = Typed::plain(expr, location);
        let Some(digits) = precision else {
            return Ok(value);
        };
        let to = SqlType::with_typmod(ty, digits.clamp(0, 6));
        let done = self.coerce_to_target(value, to, CoercionContext::Explicit, location)?;
        done.ok_or_else(|| self.cannot_cast(ty, ty, location))
    }
}
