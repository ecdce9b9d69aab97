//! IN lists, ANY and ALL over arrays, IS DISTINCT FROM, BETWEEN.

use super::binder::Binder;
use super::operator::{Resolved, as_comparison};
use super::registry::OperatorBody;
use super::typed::{Typed, leftmost};
use crate::ir::{Comparison, Expr, Quantifier};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::{Datum, TypeOid};

impl Binder<'_> {
    /// `arg IN (list)`. Constants of one type are one list; the rest are comparisons joined by OR
    /// (`transformAExprIn`).
    pub(super) fn bind_in(
        &mut self,
        arg: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let symbol = if negated { "<>" } else { "=" };
        if let ast::ExprKind::Row { args, .. } = &arg.kind {
            return self.bind_row_in(args, list, negated, location);
        }
        let left = self.bind_expr(arg)?;
        let at = leftmost(location, left.location);
        let mut plain = Vec::new();
        let mut others = Vec::new();
        for item in list {
            let bound = self.bind_expr(item)?;
            let has_columns = !crate::ir::columns_of(&bound.expr).is_empty();
            if has_columns {
                others.push(bound)
            } else {
                plain.push(bound)
            }
        }
        let mut parts = Vec::new();
        if plain.len() > 1 {
            let all: Vec<&Typed> = std::iter::once(&left).chain(&plain).collect();
            let common = self.common_type_or_mismatch(&all).ok();
            let fits = common.filter(|ty| {
                *ty != TypeOid::RECORD
                    && all
                        .iter()
                        .all(|a| self.types().can_coerce(&[a.oid()], &[*ty]))
            });
            if let Some(element) = fits.filter(|ty| self.types().array_type(*ty).is_some()) {
                let list = std::mem::take(&mut plain);
                parts.push(
                    self.in_list(left.clone(), list, element, negated, location)?
                        .expr,
                );
            }
        }
        for item in plain.into_iter().chain(others) {
            let part = self.operate_named(symbol, left.clone(), item, location)?;
            parts.push(self.coerce_to_boolean(part, "IN")?.expr);
        }
        let expr = if negated {
            Expr::and(parts)
        } else {
            Expr::or(parts)
        };
        Ok(Typed::plain(expr, at))
    }

    fn in_list(
        &mut self,
        left: Typed,
        list: Vec<Typed>,
        element: TypeOid,
        negated: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let name = ast::QualifiedName {
            parts: vec![if negated { "<>" } else { "=" }.to_owned()],
            location,
        };
        let op = self.resolve_operator(&name, Some(left.oid()), element, location)?;
        let at = left.location;
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push(self.coerce_to_common(item, element, "IN")?);
        }
        let probe = Typed::plain(Expr::null(element.into()), location);
        let (left, probe, collation) = self.comparison_sides(&op, left, probe, location)?;
        let target = probe.ty();
        let exprs: Vec<Expr> = items
            .into_iter()
            .map(|i| super::coerce::cast(i.expr, target, false))
            .collect();
        let constants: Option<Vec<Datum>> = exprs
            .iter()
            .map(|e| match e {
                Expr::Const { value, .. } => Some(value.clone()),
                _ => None,
            })
            .collect();
        let arg = Box::new(left.expr);
        let expr = match constants {
            Some(list) => Expr::InList {
                arg,
                list,
                negated,
                collation,
            },
            None => {
                let array = self.types().array_type(target.oid);
                let ty = array.ok_or_else(|| Error::internal("an IN list without array type"))?;
                let array = Box::new(Expr::Array {
                    elements: exprs,
                    nested: false,
                    ty: ty.into(),
                });
                let (op, quantifier) = match negated {
                    false => (Comparison::Eq, Quantifier::Any),
                    true => (Comparison::Ne, Quantifier::All),
                };
                Expr::CompareArray {
                    op,
                    quantifier,
                    arg,
                    array,
                    collation,
                }
            }
        };
        Ok(Typed::plain(expr, at))
    }

    /// `arg op ANY (array)` (`make_scalar_array_op`).
    pub(super) fn bind_any_all(
        &mut self,
        any: &ast::AnyAllExpr,
        location: ast::Location,
    ) -> Result<Typed> {
        let left = self.bind_expr(&any.left)?;
        let array = self.bind_expr(&any.array)?;
        let at = leftmost(location, left.location);
        let element = match array.oid() {
            TypeOid::UNKNOWN => TypeOid::UNKNOWN,
            oid => match self.types().element_type(self.types().base_type(oid)) {
                Some(element) => element,
                None if oid == TypeOid::OIDVECTOR => TypeOid::OID,
                None if oid == TypeOid::INT2VECTOR => TypeOid::INT2,
                None => {
                    let message = "op ANY/ALL (array) requires array on right side";
                    let error = Error::new(sqlstate::WRONG_OBJECT_TYPE, message);
                    return Err(self.error_at(location, error));
                }
            },
        };
        let op = self.resolve_operator(&any.op, Some(left.oid()), element, location)?;
        if op.result != TypeOid::BOOL {
            let message = "op ANY/ALL (array) requires operator to yield boolean";
            let error = Error::new(sqlstate::WRONG_OBJECT_TYPE, message);
            return Err(self.error_at(location, error));
        }
        let quantifier = if any.all {
            Quantifier::All
        } else {
            Quantifier::Any
        };
        let expr = self.quantified(&op, quantifier, left, array, location)?;
        Ok(Typed::plain(expr, at))
    }

    fn quantified(
        &mut self,
        op: &Resolved,
        quantifier: Quantifier,
        left: Typed,
        array: Typed,
        location: ast::Location,
    ) -> Result<Expr> {
        let collation = self.merge_at(left.collation, array.collation, location)?;
        if let Some(comparison) = as_comparison(op) {
            let probe = Typed::plain(Expr::null(op.right.into()), location);
            let (left, probe, _) = self.comparison_sides(op, left, probe, location)?;
            let array = self.array_side(array, op.right, probe.oid(), location)?;
            return Ok(Expr::CompareArray {
                op: comparison,
                quantifier,
                arg: Box::new(left.expr),
                array: Box::new(array),
                collation: collation
                    .resolve()
                    .map_err(|e| self.error_at(location, e))?,
            });
        }
        let OperatorBody::Function(function) = op.body else {
            return Err(Error::internal("an operator that is neither"));
        };
        let left = self.implicit(left, op.left)?;
        let array = self.array_side(array, op.right, op.right, location)?;
        Ok(Expr::CallArray {
            function,
            quantifier,
            arg: Box::new(left.expr),
            array: Box::new(array),
            collation: collation
                .resolve()
                .map_err(|e| self.error_at(location, e))?,
        })
    }

    /// The array, its elements first of the declared type, then of the one that is compared.
    fn array_side(
        &mut self,
        array: Typed,
        declared: TypeOid,
        target: TypeOid,
        location: ast::Location,
    ) -> Result<Expr> {
        let of = |binder: &Self, element| {
            binder.types().array_type(element).ok_or_else(|| {
                let name = binder.types().name(element);
                let error = err!(
                    sqlstate::UNDEFINED_OBJECT,
                    "could not find array type for data type {name}"
                );
                binder.error_at(location, error)
            })
        };
        let wanted = of(self, target)?;
        if array.oid() == wanted {
            return Ok(array.expr);
        }
        let array = match self.types().element_type(array.oid()) {
            Some(element) if element == target => array,
            _ => {
                let declared = of(self, declared)?;
                self.implicit(array, declared)?
            }
        };
        Ok(super::coerce::cast(array.expr, wanted.into(), false))
    }

    /// `left IS [NOT] DISTINCT FROM right`; rows are compared field by field.
    pub(super) fn bind_distinct_from(
        &mut self,
        operands: &[ast::Expr; 2],
        negated: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        use ast::ExprKind as K;
        let [left, right] = operands;
        if let (K::Row { args: a, .. }, K::Row { args: b, .. }) = (&left.kind, &right.kind) {
            if a.len() != b.len() {
                let error = Error::new(
                    sqlstate::SYNTAX_ERROR,
                    "unequal number of entries in row expressions",
                );
                return Err(self.error_at(location, error));
            }
            let mut parts = Vec::with_capacity(a.len());
            for (a, b) in a.iter().zip(b) {
                let (a, b) = (self.bind_expr(a)?, self.bind_expr(b)?);
                parts.push(self.distinct_from(a, b, negated, location)?.expr);
            }
            let expr = if negated {
                Expr::and(parts)
            } else {
                Expr::or(parts)
            };
            return Ok(Typed::plain(expr, location));
        }
        let (left, right) = (self.bind_expr(left)?, self.bind_expr(right)?);
        if let Some((arg, negated)) = null_side(&left, &right, negated) {
            let at = leftmost(location, arg.location);
            let expr = Expr::IsNull {
                arg: Box::new(arg.expr.clone()),
                negated,
            };
            return Ok(Typed::plain(expr, at));
        }
        self.distinct_from(left, right, negated, location)
    }

    fn distinct_from(
        &mut self,
        left: Typed,
        right: Typed,
        negated: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let at = leftmost(location, left.location);
        let op = self.equality(left.oid(), right.oid(), location)?;
        let (left, right, collation) = self.comparison_sides(&op, left, right, location)?;
        let expr = Expr::IsDistinct {
            left: Box::new(left.expr),
            right: Box::new(right.expr),
            negated,
            collation,
        };
        Ok(Typed::plain(expr, at))
    }

    pub(super) fn bind_between(
        &mut self,
        between: &ast::BetweenExpr,
        location: ast::Location,
    ) -> Result<Typed> {
        let direct = self.between(&between.arg, &between.low, &between.high, between, location)?;
        if !between.symmetric {
            return Ok(direct);
        }
        let at = direct.location;
        let swapped = self.between(&between.arg, &between.high, &between.low, between, location)?;
        let both = [direct.expr, swapped.expr];
        let expr = if between.negated {
            Expr::and(both)
        } else {
            Expr::or(both)
        };
        Ok(Typed::plain(expr, at))
    }

    /// The argument is bound anew for each side, as PostgreSQL copies its tree.
    fn between(
        &mut self,
        arg: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        between: &ast::BetweenExpr,
        location: ast::Location,
    ) -> Result<Typed> {
        let (first, second) = if between.negated {
            ("<", ">")
        } else {
            (">=", "<=")
        };
        let left = self.bind_expr(arg)?;
        let low = self.bind_expr(low)?;
        let low = self.operate_named(first, left, low, location)?;
        let left = self.bind_expr(arg)?;
        let high = self.bind_expr(high)?;
        let high = self.operate_named(second, left, high, location)?;
        let at = leftmost(location, low.location);
        let both = [low.expr, high.expr];
        let expr = if between.negated {
            Expr::or(both)
        } else {
            Expr::and(both)
        };
        Ok(Typed::plain(expr, at))
    }
}

/// `x IS DISTINCT FROM NULL` is `x IS NOT NULL`.
fn null_side<'t>(left: &'t Typed, right: &'t Typed, negated: bool) -> Option<(&'t Typed, bool)> {
    let is_null = |e: &Typed| {
        matches!(
            e.expr,
            Expr::Const {
                value: Datum::Null,
                ..
            }
        )
    };
    match (is_null(left), is_null(right)) {
        (_, true) => Some((left, !negated)),
        (true, _) => Some((right, !negated)),
        _ => None,
    }
}
