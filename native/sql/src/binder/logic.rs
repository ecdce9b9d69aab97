//! AND, OR, NOT, IS NULL, IS TRUE.

use super::binder::Binder;
use super::typed::{Typed, leftmost};
use crate::ir::{BooleanTest, Expr};
use common::Result;
use parser as ast;

impl Binder<'_> {
    pub(super) fn bind_logic(
        &mut self,
        args: &[ast::Expr],
        and: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let construct = if and { "AND" } else { "OR" };
        let mut parts = Vec::with_capacity(args.len());
        let mut at = location;
        for arg in args {
            let bound = self.bind_expr(arg)?;
            let bound = self.coerce_to_boolean(bound, construct)?;
            at = leftmost(at, bound.location);
            parts.push(bound.expr);
        }
        let expr = if and {
            Expr::and(parts)
        } else {
            Expr::or(parts)
        };
        Ok(Typed::plain(expr, at))
    }

    pub(super) fn bind_not(&mut self, arg: &ast::Expr, location: ast::Location) -> Result<Typed> {
        let bound = self.bind_expr(arg)?;
        let bound = self.coerce_to_boolean(bound, "NOT")?;
        Ok(Typed::plain(Expr::Not(Box::new(bound.expr)), location))
    }

    pub(super) fn bind_is_null(
        &mut self,
        arg: &ast::Expr,
        negated: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let bound = self.bind_expr(arg)?;
        let bound = self.resolve_unknown_param(bound)?;
        let at = leftmost(location, bound.location);
        Ok(Typed::plain(
            Expr::IsNull {
                arg: Box::new(bound.expr),
                negated,
            },
            at,
        ))
    }

    /// An untyped literal stays as it is, typed as text; a parameter must get its type elsewhere.
    fn resolve_unknown_param(&mut self, arg: Typed) -> Result<Typed> {
        match arg.expr {
            Expr::Param { .. } => Ok(arg),
            _ => self.resolve_unknown(arg),
        }
    }

    pub(super) fn bind_boolean_test(
        &mut self,
        arg: &ast::Expr,
        test: ast::BooleanTest,
        location: ast::Location,
    ) -> Result<Typed> {
        let (construct, test) = match test {
            ast::BooleanTest::IsTrue => ("IS TRUE", BooleanTest::IsTrue),
            ast::BooleanTest::IsNotTrue => ("IS NOT TRUE", BooleanTest::IsNotTrue),
            ast::BooleanTest::IsFalse => ("IS FALSE", BooleanTest::IsFalse),
            ast::BooleanTest::IsNotFalse => ("IS NOT FALSE", BooleanTest::IsNotFalse),
            ast::BooleanTest::IsUnknown => ("IS UNKNOWN", BooleanTest::IsUnknown),
            ast::BooleanTest::IsNotUnknown => ("IS NOT UNKNOWN", BooleanTest::IsNotUnknown),
        };
        let bound = self.bind_expr(arg)?;
        let bound = self.coerce_to_boolean(bound, construct)?;
        let at = leftmost(location, bound.location);
        Ok(Typed::plain(
            Expr::BooleanTest {
                arg: Box::new(bound.expr),
                test,
            },
            at,
        ))
    }
}
