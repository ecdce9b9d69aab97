//! CASE, COALESCE, GREATEST, LEAST, NULLIF: constructs whose branches share a type.

use super::binder::Binder;
use super::collation::CollationOf;
use super::typed::{Typed, leftmost};
use crate::ir::{CaseExpr, Expr};
use common::Result;
use parser as ast;
use types::{Datum, SqlType, TypeOid};

impl Binder<'_> {
    pub(super) fn bind_case(
        &mut self,
        case: &ast::CaseExpr,
        location: ast::Location,
    ) -> Result<Typed> {
        let operand = match &case.arg {
            None => None,
            Some(arg) => {
                let arg = self.bind_expr(arg)?;
                let arg = self.resolve_unknown(arg)?;
                let id = self.columns.add_computed("case", arg.ty());
                Some((id, arg))
            }
        };
        let mut conditions = Vec::with_capacity(case.whens.len());
        let mut results = Vec::with_capacity(case.whens.len() + 1);
        for when in &case.whens {
            let condition = match &operand {
                None => self.bind_expr(&when.when)?,
                Some((id, arg)) => {
                    let value = self.bind_expr(&when.when)?;
                    let placeholder = Expr::column(*id, arg.ty());
                    let left = Typed::new(placeholder, arg.location, arg.collation);
                    self.operate_named("=", left, value, when.when.location)?
                }
            };
            conditions.push(self.coerce_to_boolean(condition, "CASE/WHEN")?);
            results.push(self.bind_expr(&when.then)?);
        }
        let otherwise = match &case.default {
            Some(default) => self.bind_expr(default)?,
            None => {
                let null = Expr::constant(Datum::Null, SqlType::new(TypeOid::UNKNOWN));
                Typed::plain(null, ast::Location::NONE)
            }
        };
        let all: Vec<&Typed> = std::iter::once(&otherwise).chain(&results).collect();
        let target = self.common_type(&all, "CASE")?;
        let typmod = Self::common_typmod(&all, target);
        let ty = SqlType::with_typmod(target, typmod);
        let otherwise = self.coerce_to_common(otherwise, target, "CASE/ELSE")?;
        let mut collation = otherwise.collation;
        let mut branches = Vec::with_capacity(results.len());
        for (condition, result) in conditions.into_iter().zip(results) {
            let result = self.coerce_to_common(result, target, "CASE/WHEN")?;
            collation = self.merge_at(collation, result.collation, location)?;
            branches.push((condition.expr, result.expr));
        }
        let expr = Expr::Case(Box::new(CaseExpr {
            operand: operand.map(|(id, arg)| (id, arg.expr)),
            branches,
            otherwise: case.default.is_some().then_some(otherwise.expr),
            ty,
        }));
        Ok(Typed::new(expr, location, collation.for_result(target)))
    }

    pub(super) fn merge_at(
        &self,
        one: CollationOf,
        other: CollationOf,
        location: ast::Location,
    ) -> Result<CollationOf> {
        one.merge(other)
            .map_err(|error| self.error_at(location, error))
    }

    /// Binds values and brings them to their common type.
    fn bind_common(
        &mut self,
        args: &[ast::Expr],
        construct: &str,
        location: ast::Location,
    ) -> Result<(Vec<Expr>, SqlType, CollationOf)> {
        let bound = self.bind_all(args)?;
        let all: Vec<&Typed> = bound.iter().collect();
        let target = self.common_type(&all, construct)?;
        let typmod = Self::common_typmod(&all, target);
        let mut collation = CollationOf::None;
        let mut exprs = Vec::with_capacity(bound.len());
        for arg in bound {
            let arg = self.coerce_to_common(arg, target, construct)?;
            collation = self.merge_at(collation, arg.collation, location)?;
            exprs.push(arg.expr);
        }
        let ty = SqlType::with_typmod(target, typmod);
        Ok((exprs, ty, collation.for_result(target)))
    }

    pub(super) fn bind_coalesce(
        &mut self,
        args: &[ast::Expr],
        location: ast::Location,
    ) -> Result<Typed> {
        let (args, ty, collation) = self.bind_common(args, "COALESCE", location)?;
        Ok(Typed::new(Expr::Coalesce { args, ty }, location, collation))
    }

    pub(super) fn bind_min_max(
        &mut self,
        args: &[ast::Expr],
        greatest: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let construct = if greatest { "GREATEST" } else { "LEAST" };
        let (args, ty, collation) = self.bind_common(args, construct, location)?;
        let resolved = collation
            .resolve()
            .map_err(|e| self.error_at(location, e))?;
        let expr = Expr::MinMax {
            greatest,
            args,
            ty,
            collation: resolved,
        };
        Ok(Typed::new(expr, location, collation))
    }

    pub(super) fn bind_null_if(
        &mut self,
        args: &[ast::Expr; 2],
        location: ast::Location,
    ) -> Result<Typed> {
        let left = self.bind_expr(&args[0])?;
        let right = self.bind_expr(&args[1])?;
        let at = leftmost(location, left.location);
        let equality = self.equality(left.oid(), right.oid(), location)?;
        let declared = self.implicit(left.clone(), equality.left)?.ty();
        let of_left = left.collation;
        let (left, right, collation) = self.comparison_sides(&equality, left, right, location)?;
        let compared = left.ty();
        let expr = Expr::NullIf {
            left: Box::new(left.expr),
            right: Box::new(right.expr),
            collation,
        };
        // The result has the left argument's type, not the wider one it was compared as.
        let expr = match compared.oid == declared.oid {
            true => expr,
            false => super::coerce::cast(expr, declared, false),
        };
        Ok(Typed::new(expr, at, of_left.for_result(declared.oid)))
    }
}
