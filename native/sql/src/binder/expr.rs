//! Expressions: one entry, which hands each kind to its file.

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::typed::Typed;
use common::{Error, Result, err, sqlstate};
use parser as ast;

impl Binder<'_> {
    /// Binds an expression of the innermost level.
    pub(super) fn bind_expr(&mut self, expr: &ast::Expr) -> Result<Typed> {
        use ast::ExprKind as K;
        let at = expr.location;
        match &expr.kind {
            K::Const(literal) => self.bind_literal(literal, at),
            K::ColumnRef(parts) => self.bind_column_ref(parts, at),
            K::Param(number) => self.bind_param(*number, at),
            K::Op(op) => self.bind_op(op, at),
            K::And(args) => self.bind_logic(args, true, at),
            K::Or(args) => self.bind_logic(args, false, at),
            K::Not(arg) => self.bind_not(arg, at),
            K::FuncCall(call) => self.bind_call(call, at),
            K::Cast(cast) => self.bind_cast(cast, at),
            K::Case(case) => self.bind_case(case, at),
            K::Coalesce(args) => self.bind_coalesce(args, at),
            K::Greatest(args) => self.bind_min_max(args, true, at),
            K::Least(args) => self.bind_min_max(args, false, at),
            K::NullIf(args) => self.bind_null_if(args, at),
            K::IsNull { arg, negated } => self.bind_is_null(arg, *negated, at),
            K::BooleanTest { arg, test } => self.bind_boolean_test(arg, *test, at),
            K::DistinctFrom { operands, negated } => {
                self.bind_distinct_from(operands, *negated, at)
            }
            K::In { arg, list, negated } => self.bind_in(arg, list, *negated, at),
            K::AnyAll(any) => self.bind_any_all(any, at),
            K::Between(between) => self.bind_between(between, at),
            K::Like(like) => self.bind_like(like, at),
            K::SubLink(link) => self.bind_sublink(link, at),
            K::Array(elements) => self.bind_array(elements, None, at),
            K::Row { args, .. } => self.bind_row(args, at),
            K::Indirection { arg, path } => self.bind_indirection(arg, path, at),
            K::SqlValue {
                function,
                precision,
            } => self.bind_sql_value(*function, *precision, at),
            K::Collate { arg, collation } => self.bind_collate(arg, collation, at),
            K::Grouping(args) => self.bind_grouping(args, at),
            K::Default => {
                let message = "DEFAULT is not allowed in this context";
                Err(self.error_at(at, Error::new(sqlstate::SYNTAX_ERROR, message)))
            }
            K::CurrentOf(_) => Err(Error::not_implemented("WHERE CURRENT OF")),
        }
    }

    /// Binds within another clause of the innermost level.
    pub(super) fn bind_in_clause(&mut self, expr: &ast::Expr, kind: ExprKind) -> Result<Typed> {
        self.in_clause(kind, |binder| binder.bind_expr(expr))
    }

    /// A condition: bound, and boolean (`transformWhereClause`).
    pub(super) fn bind_condition(
        &mut self,
        expr: &ast::Expr,
        kind: ExprKind,
        construct: &str,
    ) -> Result<Typed> {
        let bound = self.bind_in_clause(expr, kind)?;
        self.coerce_to_boolean(bound, construct)
    }

    pub(super) fn bind_all(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Typed>> {
        exprs.iter().map(|e| self.bind_expr(e)).collect()
    }

    pub(super) fn bind_collate(
        &mut self,
        arg: &ast::Expr,
        name: &ast::QualifiedName,
        location: ast::Location,
    ) -> Result<Typed> {
        let mut arg = self.bind_expr(arg)?;
        if arg.is_unknown() {
            arg = self.resolve_unknown(arg)?;
        }
        if !super::collation::is_collatable(self.types().base_type(arg.oid())) {
            let name = self.types().name(arg.oid());
            let error = err!(
                sqlstate::DATATYPE_MISMATCH,
                "collations are not supported by type {name}"
            );
            return Err(self.error_at(location, error));
        }
        let oid = super::collation::collation_by_name(&name.parts)
            .map_err(|error| self.error_at(location, error))?;
        arg.collation = super::collation::CollationOf::Explicit(oid);
        Ok(arg)
    }
}
