//! Subqueries in expressions: EXISTS, scalar, ARRAY, IN, ANY, ALL.

use super::binder::Binder;
use super::collation::CollationOf;
use super::operator::as_comparison;
use super::registry::OperatorBody;
use super::typed::{Typed, leftmost};
use crate::ir::{ColumnId, Comparison, Expr, LockTarget, Plan, Quantifier, Subquery, SubqueryKind};
use common::{Error, ObjectId, Result, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

/// An output column of a bound query.
#[derive(Debug, Clone)]
pub(super) struct BoundColumn {
    pub id: ColumnId,
    pub name: String,
    pub ty: SqlType,
    pub collation: CollationOf,
    /// Table and attribute number of a plain column, else zeros.
    pub origin: (ObjectId, i16),
}

impl BoundColumn {
    pub fn typed(&self, location: ast::Location) -> Typed {
        Typed::new(Expr::column(self.id, self.ty), location, self.collation)
    }
}

/// A bound query: its plan and what the plan gives.
#[derive(Debug)]
pub(super) struct BoundQuery {
    pub plan: Plan,
    pub columns: Vec<BoundColumn>,
    /// Rows that the query around it has to lock; the plan gives their ids.
    pub locks: Vec<LockTarget>,
}

impl BoundQuery {
    pub fn new(plan: Plan, columns: Vec<BoundColumn>) -> Self {
        Self {
            plan,
            columns,
            locks: Vec::new(),
        }
    }
}

impl Binder<'_> {
    /// Binds a query nested in an expression of the innermost level.
    pub(super) fn bind_subquery(
        &mut self,
        query: &ast::Query,
        location: ast::Location,
    ) -> Result<BoundQuery> {
        if let Some(message) = self.kind().subquery_error() {
            let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
            return Err(self.error_at(location, error));
        }
        self.bind_query(query)
    }

    pub(super) fn bind_sublink(
        &mut self,
        link: &ast::SubLink,
        location: ast::Location,
    ) -> Result<Typed> {
        match &link.kind {
            ast::SubLinkKind::Exists => {
                let bound = self.bind_subquery(&link.query, location)?;
                let ty = SqlType::new(TypeOid::BOOL);
                Ok(subquery(
                    SubqueryKind::Exists,
                    bound,
                    ty,
                    CollationOf::None,
                    location,
                ))
            }
            ast::SubLinkKind::Scalar => self.bind_scalar(&link.query, false, location),
            ast::SubLinkKind::Array => self.bind_scalar(&link.query, true, location),
            ast::SubLinkKind::Any { left, op } => {
                let equal = ast::QualifiedName {
                    parts: vec!["=".into()],
                    location,
                };
                let name = op.as_ref().unwrap_or(&equal);
                self.bind_quantified(left, name, Quantifier::Any, &link.query, location)
            }
            ast::SubLinkKind::All { left, op } => {
                self.bind_quantified(left, op, Quantifier::All, &link.query, location)
            }
        }
    }

    fn bind_scalar(
        &mut self,
        query: &ast::Query,
        array: bool,
        location: ast::Location,
    ) -> Result<Typed> {
        let bound = self.bind_subquery(query, location)?;
        let [column] = bound.columns.as_slice() else {
            let message = "subquery must return only one column";
            return Err(self.error_at(location, Error::new(sqlstate::SYNTAX_ERROR, message)));
        };
        let (ty, collation) = (column.ty, column.collation);
        if !array {
            return Ok(subquery(
                SubqueryKind::Scalar,
                bound,
                ty,
                collation,
                location,
            ));
        }
        let of = match self.types().element_type(ty.oid) {
            Some(_) => ty.oid,
            None => self.array_over(ty.oid, location)?,
        };
        let of = SqlType::with_typmod(of, ty.typmod);
        Ok(subquery(
            SubqueryKind::Array,
            bound,
            of,
            collation,
            location,
        ))
    }

    /// `left op ANY (query)`; a row on the left is compared with all of the query's columns.
    fn bind_quantified(
        &mut self,
        left: &ast::Expr,
        name: &ast::QualifiedName,
        quantifier: Quantifier,
        query: &ast::Query,
        location: ast::Location,
    ) -> Result<Typed> {
        let bound = self.bind_subquery(query, location)?;
        let left = match &left.kind {
            ast::ExprKind::Row { args, .. } => self.bind_all(args)?,
            _ => vec![self.bind_expr(left)?],
        };
        let message = match left.len().cmp(&bound.columns.len()) {
            std::cmp::Ordering::Less => Some("subquery has too many columns"),
            std::cmp::Ordering::Greater => Some("subquery has too few columns"),
            std::cmp::Ordering::Equal => None,
        };
        if let Some(message) = message {
            return Err(self.error_at(location, Error::new(sqlstate::SYNTAX_ERROR, message)));
        }
        let at = left.iter().fold(location, |at, e| leftmost(at, e.location));
        let kind = self.quantified_kind(left, name, quantifier, bound, location)?;
        let (kind, bound) = kind;
        let ty = SqlType::new(TypeOid::BOOL);
        Ok(subquery(kind, bound, ty, CollationOf::None, at))
    }

    fn quantified_kind(
        &mut self,
        left: Vec<Typed>,
        name: &ast::QualifiedName,
        quantifier: Quantifier,
        mut bound: BoundQuery,
        location: ast::Location,
    ) -> Result<(SubqueryKind, BoundQuery)> {
        let mut exprs = Vec::with_capacity(left.len());
        let mut casts = Vec::with_capacity(left.len());
        let mut comparison = None;
        let mut collation = crate::ir::Collation::default();
        let single = left.len() == 1;
        for (left, column) in left.into_iter().zip(&bound.columns) {
            let right = column.typed(location);
            let op = self.resolve_operator(name, Some(left.oid()), right.oid(), location)?;
            if op.result != TypeOid::BOOL {
                let message = format!(
                    "operator {} must return type boolean, not type {}",
                    name.name(),
                    self.types().name(op.result)
                );
                let error = Error::new(sqlstate::DATATYPE_MISMATCH, message);
                return Err(self.error_at(location, error));
            }
            if let OperatorBody::Function(function) = op.body {
                if !single {
                    return Err(Error::not_implemented("a row compared by this operator"));
                }
                let collation = left.collation.merge(right.collation)?.resolve()?;
                let left = self.implicit(left, op.left)?.expr;
                let right = self.implicit(right, op.right)?;
                bound = self.recast(bound, vec![right.expr]);
                let kind = SubqueryKind::Call {
                    function,
                    quantifier,
                    left,
                    collation,
                };
                return Ok((kind, bound));
            }
            comparison = as_comparison(&op);
            let sides = self.comparison_sides(&op, left, right, location)?;
            collation = sides.2;
            exprs.push(sides.0.expr);
            casts.push(sides.1.expr);
        }
        let bound = self.recast(bound, casts);
        let op = comparison.unwrap_or(Comparison::Eq);
        Ok((
            SubqueryKind::Compare {
                op,
                quantifier,
                left: exprs,
                collation,
            },
            bound,
        ))
    }

    /// Puts a projection over a query whose columns are needed in other types.
    fn recast(&mut self, bound: BoundQuery, exprs: Vec<Expr>) -> BoundQuery {
        let same = |(e, c): (&Expr, &BoundColumn)| e.as_column() == Some(c.id);
        if exprs.iter().zip(&bound.columns).all(same) {
            return bound;
        }
        let mut columns = Vec::with_capacity(exprs.len());
        let mut list = Vec::with_capacity(exprs.len());
        for (expr, column) in exprs.into_iter().zip(bound.columns) {
            let ty = expr.ty();
            let id = self.columns.add_computed(column.name.clone(), ty);
            columns.push(BoundColumn { id, ty, ..column });
            list.push((id, expr));
        }
        let plan = Plan::Project(Box::new(crate::ir::Project {
            input: bound.plan,
            columns: list,
            set_returning: Vec::new(),
        }));
        BoundQuery::new(plan, columns)
    }
}

fn subquery(
    kind: SubqueryKind,
    bound: BoundQuery,
    ty: SqlType,
    collation: CollationOf,
    location: ast::Location,
) -> Typed {
    let columns = bound.columns.iter().map(|c| c.id).collect();
    let expr = Expr::Subquery(Box::new(Subquery {
        kind,
        plan: bound.plan,
        columns,
        ty,
    }));
    Typed::new(expr, location, collation)
}
