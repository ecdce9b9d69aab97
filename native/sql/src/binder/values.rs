//! VALUES lists and set operations: columns whose types several rows or queries agree on.

use super::binder::Binder;
use super::collation::CollationOf;
use super::expr_kind::ExprKind;
use super::subquery::{BoundColumn, BoundQuery};
use super::typed::Typed;
use crate::ir::{Plan, Project, SetOp, SetOpKind, Values};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use types::SqlType;

impl Binder<'_> {
    /// `VALUES (..), (..)` (`transformValuesClause`).
    pub(super) fn bind_values(&mut self, rows: &[Vec<ast::Expr>]) -> Result<BoundQuery> {
        let width = rows[0].len();
        let mut by_column: Vec<Vec<Typed>> = vec![Vec::with_capacity(rows.len()); width];
        for row in rows {
            if row.len() != width {
                let message = "VALUES lists must all be the same length";
                let location = row.first().map_or(ast::Location::NONE, |e| e.location);
                let error = Error::new(sqlstate::SYNTAX_ERROR, message);
                return Err(self.error_at(location, error));
            }
            for (at, expr) in row.iter().enumerate() {
                by_column[at].push(self.bind_in_clause(expr, ExprKind::Values)?);
            }
        }
        let mut columns = Vec::with_capacity(width);
        let mut bound_rows = vec![Vec::with_capacity(width); rows.len()];
        for (at, values) in by_column.into_iter().enumerate() {
            let all: Vec<&Typed> = values.iter().collect();
            let target = self.common_type(&all, "VALUES")?;
            let typmod = Self::common_typmod(&all, target);
            let ty = SqlType::with_typmod(target, typmod);
            let mut collation = CollationOf::None;
            for (row, value) in values.into_iter().enumerate() {
                let location = value.location;
                let value = self.coerce_to_common(value, target, "VALUES")?;
                collation = self.merge_at(collation, value.collation, location)?;
                bound_rows[row].push(value.expr);
            }
            let name = format!("column{}", at + 1);
            let id = self.columns.add("*VALUES*", name.clone(), ty);
            let collation = collation.for_result(target);
            let origin = (ObjectId(0), 0);
            columns.push(BoundColumn {
                id,
                name,
                ty,
                collation,
                origin,
            });
        }
        let ids = columns.iter().map(|c| c.id).collect();
        let plan = Plan::Values(Values {
            rows: bound_rows,
            columns: ids,
        });
        Ok(BoundQuery::new(plan, columns))
    }

    /// A chain of UNION, INTERSECT or EXCEPT, from left to right (`transformSetOperationTree`).
    pub(super) fn bind_set_op(&mut self, op: &ast::SetOp) -> Result<BoundQuery> {
        let first = self.bind_operand(&op.inputs[0])?;
        let (location, places) = (first.location, first.places);
        let mut left = first.bound;
        for input in &op.inputs[1..] {
            self.add_chain_link()?;
            let right = self.bind_operand(input)?;
            left = self.combine(
                op.op,
                op.all,
                Operand {
                    bound: left,
                    location,
                    places: places.clone(),
                },
                right,
            )?;
        }
        Ok(left)
    }

    /// An operand keeps its untyped literals: their type comes from the whole.
    pub(super) fn bind_operand(&mut self, query: &ast::Query) -> Result<Operand> {
        let bound = self.bind_query_untyped(query)?;
        let location = first_location(query);
        let count = bound.columns.len();
        let places = (0..count).map(|at| column_location(query, at)).collect();
        Ok(Operand {
            bound,
            location,
            places,
        })
    }

    fn combine(
        &mut self,
        op: ast::SetOperator,
        all: bool,
        left: Operand,
        right: Operand,
    ) -> Result<BoundQuery> {
        let name = operator_name(op);
        let (a, b) = (left.bound.columns.len(), right.bound.columns.len());
        if a != b {
            let error = err!(
                sqlstate::SYNTAX_ERROR,
                "each {name} query must have the same number of columns"
            );
            return Err(self.error_at(right.location, error));
        }
        let mut columns = Vec::with_capacity(a);
        let mut sides = (Vec::with_capacity(a), Vec::with_capacity(a));
        for (at, (l, r)) in left
            .bound
            .columns
            .iter()
            .zip(&right.bound.columns)
            .enumerate()
        {
            let place = |side: &Operand| side.places.get(at).copied().unwrap_or_default();
            let (left, right) = (l.typed(place(&left)), r.typed(place(&right)));
            let target = self.common_type(&[&left, &right], name)?;
            let typmod = Self::common_typmod(&[&left, &right], target);
            let ty = SqlType::with_typmod(target, typmod);
            let at = right.location;
            let left = self.coerce_column(left, target, name)?;
            let right = self.coerce_column(right, target, name)?;
            if !(all && op == ast::SetOperator::Union) {
                self.check_groupable(target, at)?;
            }
            let collation = self.merge_at(left.collation, right.collation, at)?;
            let id = self.columns.add("*SELECT*", l.name.clone(), ty);
            let collation = collation.for_result(target);
            let origin = (ObjectId(0), 0);
            columns.push(BoundColumn {
                id,
                name: l.name.clone(),
                ty,
                collation,
                origin,
            });
            sides.0.push(left.expr);
            sides.1.push(right.expr);
        }
        let (left, left_columns) = self.project_side(left.bound, sides.0);
        let (right, right_columns) = self.project_side(right.bound, sides.1);
        let kind = match op {
            ast::SetOperator::Union => SetOpKind::Union,
            ast::SetOperator::Intersect => SetOpKind::Intersect,
            ast::SetOperator::Except => SetOpKind::Except,
        };
        let plan = Plan::SetOp(Box::new(SetOp {
            kind,
            all,
            left,
            left_columns,
            right,
            right_columns,
            columns: columns.iter().map(|c| c.id).collect(),
        }));
        Ok(BoundQuery::new(plan, columns))
    }

    fn coerce_column(
        &mut self,
        arg: Typed,
        target: types::TypeOid,
        construct: &str,
    ) -> Result<Typed> {
        let arg = self.literal_behind(arg);
        self.coerce_to_common(arg, target, construct)
    }

    /// The side's columns in the types of the whole.
    fn project_side(
        &mut self,
        bound: BoundQuery,
        exprs: Vec<crate::ir::Expr>,
    ) -> (Plan, Vec<crate::ir::ColumnId>) {
        let same = |(e, c): (&crate::ir::Expr, &BoundColumn)| e.as_column() == Some(c.id);
        if exprs.iter().zip(&bound.columns).all(same) {
            let ids = bound.columns.iter().map(|c| c.id).collect();
            return (bound.plan, ids);
        }
        let mut list = Vec::with_capacity(exprs.len());
        for (expr, column) in exprs.into_iter().zip(&bound.columns) {
            let id = self.columns.add_computed(column.name.clone(), expr.ty());
            list.push((id, expr));
        }
        let ids = list.iter().map(|(id, _)| *id).collect();
        let project = Project {
            input: bound.plan,
            columns: list,
            set_returning: Vec::new(),
        };
        (Plan::Project(Box::new(project)), ids)
    }
}

/// One side of a set operation and where it stands.
pub(super) struct Operand {
    pub bound: BoundQuery,
    pub location: ast::Location,
    /// Where each output column stands.
    pub places: Vec<ast::Location>,
}

fn operator_name(op: ast::SetOperator) -> &'static str {
    match op {
        ast::SetOperator::Union => "UNION",
        ast::SetOperator::Intersect => "INTERSECT",
        ast::SetOperator::Except => "EXCEPT",
    }
}

/// Where a query's first output expression stands: what errors about its columns point to.
pub(super) fn first_location(query: &ast::Query) -> ast::Location {
    match &query.body {
        ast::QueryBody::Select(select) => select
            .targets
            .first()
            .map_or(ast::Location::NONE, |t| t.expr.location),
        ast::QueryBody::Values(rows) => rows
            .first()
            .and_then(|r| r.first())
            .map_or(ast::Location::NONE, |e| e.location),
        ast::QueryBody::SetOp(op) => first_location(&op.inputs[0]),
    }
}

/// Where the expression of an output column stands, as far as stars leave it known.
pub(super) fn column_location(query: &ast::Query, at: usize) -> ast::Location {
    match &query.body {
        ast::QueryBody::Select(select) => {
            let target = select.targets.get(at).or_else(|| select.targets.first());
            target.map_or(ast::Location::NONE, |t| start_of(&t.expr))
        }
        ast::QueryBody::Values(rows) => rows
            .first()
            .and_then(|r| r.get(at))
            .map_or(ast::Location::NONE, start_of),
        ast::QueryBody::SetOp(op) => column_location(&op.inputs[0], at),
    }
}

/// The leftmost place of an expression.
pub(super) fn start_of(expr: &ast::Expr) -> ast::Location {
    let mut start = expr.location;
    super::ast_walk::operands(expr, &mut |operand| {
        start = super::typed::leftmost(start, start_of(operand));
    });
    start
}
