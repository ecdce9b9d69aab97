//! Rows: `ROW(...)`, comparisons of rows, `row IN (...)`.

use super::binder::Binder;
use super::compare_types::comparison;
use super::operator::as_comparison;
use super::typed::{Typed, leftmost};
use crate::ir::{Comparison, Expr, Subquery, SubqueryKind};
use catalog::UserTypeKind;
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

impl Binder<'_> {
    pub(super) fn bind_row(&mut self, args: &[ast::Expr], at: ast::Location) -> Result<Typed> {
        let mut fields = Vec::with_capacity(args.len());
        for arg in args {
            if let Some(columns) = self.expand_row_star(arg)? {
                fields.extend(columns.into_iter().map(|c| c.expr));
                continue;
            }
            let field = self.bind_expr(arg)?;
            fields.push(self.resolve_unknown(field)?.expr);
        }
        if fields.len() > common::limits::MAX_COLUMNS {
            let error = Error::new(
                sqlstate::TOO_MANY_COLUMNS,
                format!("ROW expressions can have at most {} entries", 1664),
            );
            return Err(self.error_at(at, error));
        }
        Ok(Typed::plain(
            Expr::Row {
                fields,
                names: Vec::new(),
                ty: TypeOid::RECORD.into(),
            },
            at,
        ))
    }

    /// The fields of a composite type, dropped ones left out.
    pub(super) fn fields_of(&self, oid: TypeOid) -> Option<Vec<(String, SqlType)>> {
        let catalog = self.cx.catalog;
        if let Some(table) = catalog.table_of_row_type(ObjectId(oid.0)) {
            let fields = table.live_columns().map(|c| {
                (
                    c.name.clone(),
                    SqlType::with_typmod(TypeOid(c.ty.oid.0), c.ty.typmod),
                )
            });
            return Some(fields.collect());
        }
        let ty = catalog
            .user_type(ObjectId(oid.0))
            .filter(|t| t.kind == UserTypeKind::Composite)?;
        let fields = ty.fields.iter().map(|(name, ty)| {
            (
                name.clone(),
                SqlType::with_typmod(TypeOid(ty.oid.0), ty.typmod),
            )
        });
        Some(fields.collect())
    }

    /// `(a, b) op (c, d)` (`make_row_comparison_op`).
    pub(super) fn bind_row_compare(
        &mut self,
        name: &ast::QualifiedName,
        left: &[ast::Expr],
        right: &[ast::Expr],
        location: ast::Location,
    ) -> Result<Typed> {
        let left = self.bind_all(left)?;
        let right = self.bind_all(right)?;
        self.row_compare(name, left, right, location)
    }

    fn row_compare(
        &mut self,
        name: &ast::QualifiedName,
        left: Vec<Typed>,
        right: Vec<Typed>,
        location: ast::Location,
    ) -> Result<Typed> {
        if left.len() != right.len() {
            let error = Error::new(
                sqlstate::SYNTAX_ERROR,
                "unequal number of entries in row expressions",
            );
            return Err(self.error_at(location, error));
        }
        if left.is_empty() {
            let message = "cannot compare rows of zero length";
            let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
            return Err(self.error_at(location, error));
        }
        let at = left.iter().fold(location, |at, e| leftmost(at, e.location));
        let op = self.row_operator(name, location)?;
        let mut sides = (Vec::new(), Vec::new());
        let mut collations = Vec::new();
        for (l, r) in left.into_iter().zip(right) {
            let resolved = self.resolve_operator(name, Some(l.oid()), r.oid(), location)?;
            if as_comparison(&resolved).is_none() {
                return Err(self.row_operator_error(name, location));
            }
            let (l, r, collation) = self.comparison_sides(&resolved, l, r, location)?;
            sides.0.push(l.expr);
            sides.1.push(r.expr);
            collations.push(collation);
        }
        let single = sides.0.len() == 1;
        let collation = collations.pop().unwrap_or_default();
        let (mut left, mut right) = sides;
        let expr = if single {
            let (l, r) = (left.remove(0), right.remove(0));
            Expr::Compare {
                op,
                left: Box::new(l),
                right: Box::new(r),
                collation,
            }
        } else if matches!(op, Comparison::Eq | Comparison::Ne) {
            let parts: Vec<Expr> = left
                .into_iter()
                .zip(right)
                .map(|(l, r)| Expr::Compare {
                    op,
                    left: Box::new(l),
                    right: Box::new(r),
                    collation,
                })
                .collect();
            if op == Comparison::Eq {
                Expr::and(parts)
            } else {
                Expr::or(parts)
            }
        } else {
            Expr::RowCompare {
                op,
                left,
                right,
                collation,
            }
        };
        Ok(Typed::plain(expr, at))
    }

    fn row_operator(
        &self,
        name: &ast::QualifiedName,
        location: ast::Location,
    ) -> Result<Comparison> {
        comparison(name.name()).ok_or_else(|| self.row_operator_error(name, location))
    }

    fn row_operator_error(&self, name: &ast::QualifiedName, location: ast::Location) -> Error {
        let error = err!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "could not determine interpretation of row comparison operator {}",
            name.name()
        )
        .with_hint("Row comparison operators must be associated with btree operator families.");
        self.error_at(location, error)
    }

    /// `(a, b) IN ((c, d), ...)`: comparisons of rows joined by OR.
    pub(super) fn bind_row_in(
        &mut self,
        args: &[ast::Expr],
        list: &[ast::Expr],
        negated: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let symbol = if negated { "<>" } else { "=" };
        let name = ast::QualifiedName {
            parts: vec![symbol.to_owned()],
            location,
        };
        let mut parts = Vec::with_capacity(list.len());
        for item in list {
            let ast::ExprKind::Row { args: values, .. } = &item.kind else {
                let left = self.bind_row(args, location)?;
                let right = self.bind_expr(item)?;
                parts.push(self.operate(&name, Some(left), right, location)?.expr);
                continue;
            };
            parts.push(self.bind_row_compare(&name, args, values, location)?.expr);
        }
        let expr = if negated {
            Expr::and(parts)
        } else {
            Expr::or(parts)
        };
        Ok(Typed::plain(expr, location))
    }

    /// `(a, b) op (SELECT c, d ...)`: the subquery gives one row or none.
    pub(super) fn bind_row_subquery(
        &mut self,
        name: &ast::QualifiedName,
        args: &[ast::Expr],
        query: &ast::Query,
        location: ast::Location,
    ) -> Result<Typed> {
        let left = self.bind_all(args)?;
        let bound = self.bind_subquery(query, location)?;
        if bound.columns.len() != left.len() {
            let message = match bound.columns.len() < left.len() {
                true => "subquery has too few columns",
                false => "subquery has too many columns",
            };
            return Err(self.error_at(location, Error::new(sqlstate::SYNTAX_ERROR, message)));
        }
        let columns: Vec<Typed> = bound.columns.iter().map(|c| c.typed(location)).collect();
        let ty = SqlType::new(TypeOid::RECORD);
        let types: Vec<SqlType> = columns.iter().map(Typed::ty).collect();
        let row = Expr::Subquery(Box::new(Subquery {
            kind: SubqueryKind::Row,
            columns: bound.columns.iter().map(|c| c.id).collect(),
            plan: bound.plan,
            ty,
        }));
        // The row is evaluated once, as the operand of a CASE that compares its fields.
        let id = self.columns.add_computed("row", ty);
        let fields = types
            .iter()
            .zip(&columns)
            .enumerate()
            .map(|(index, (ty, column))| {
                let arg = Box::new(Expr::column(id, SqlType::new(TypeOid::RECORD)));
                let field = Expr::Field {
                    arg,
                    index: index as u16,
                    ty: *ty,
                };
                Typed::new(field, location, column.collation)
            });
        let fields = fields.collect();
        let compared = self.row_compare(name, left, fields, location)?;
        let expr = Expr::Case(Box::new(crate::ir::CaseExpr {
            operand: Some((id, row)),
            branches: vec![(Expr::boolean(true), compared.expr)],
            otherwise: None,
            ty: TypeOid::BOOL.into(),
        }));
        Ok(Typed::plain(expr, compared.location))
    }
}
