//! Aggregate calls: where they may stand, which level they belong to, their own clauses
//! (`parse_agg.c`).

use super::binder::Binder;
use super::collation::CollationOf;
use super::expr_kind::ExprKind;
use super::function::{Marks, ResolvedCall};
use super::registry::FunctionBody;
use super::typed::Typed;
use crate::ir::{AggregateCall, Expr, SortKey};
use common::{Error, Result, err, sqlstate};
use functions::AggregateDef;
use parser as ast;
use types::SqlType;

/// DISTINCT, ORDER BY and FILTER of a call, bound.
struct Clauses {
    order_by: Vec<SortKey>,
    filter: Option<Expr>,
}

impl Binder<'_> {
    pub(super) fn finish_aggregate(
        &mut self,
        call: &ast::FuncCall,
        def: &'static AggregateDef,
        resolved: ResolvedCall,
        marks: Marks,
        location: ast::Location,
    ) -> Result<Typed> {
        let clauses = self.aggregate_clauses(call)?;
        let mut collation = CollationOf::None;
        let mut args = Vec::with_capacity(resolved.args.len());
        for arg in resolved.args {
            collation = self.merge_at(collation, arg.collation, location)?;
            args.push(arg.expr);
        }
        if call.distinct {
            self.check_distinct_order(&args, &clauses.order_by, &call.order_by)?;
            for arg in &args {
                self.check_groupable(arg.ty().oid, location)?;
            }
        }
        self.add_aggregate(
            def,
            args,
            call.distinct,
            clauses,
            resolved.result,
            collation,
            marks,
            location,
        )
    }

    fn aggregate_clauses(&mut self, call: &ast::FuncCall) -> Result<Clauses> {
        let mut order_by = Vec::with_capacity(call.order_by.len());
        for item in &call.order_by {
            let key = self.bind_expr(&item.expr)?;
            order_by.push(self.sort_key(key, item)?);
        }
        let filter = match &call.filter {
            Some(filter) => Some(
                self.bind_condition(filter, ExprKind::Filter, "FILTER")?
                    .expr,
            ),
            None => None,
        };
        Ok(Clauses { order_by, filter })
    }

    fn check_distinct_order(
        &self,
        args: &[Expr],
        order_by: &[SortKey],
        written: &[ast::SortBy],
    ) -> Result<()> {
        let listed = |key: &SortKey| args.iter().any(|arg| super::same::same(arg, &key.expr));
        let Some(odd) = order_by.iter().position(|key| !listed(key)) else {
            return Ok(());
        };
        let location = written
            .get(odd)
            .map_or(ast::Location::NONE, |item| item.expr.location);
        let message =
            "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list";
        Err(self.error_at(
            location,
            Error::new(sqlstate::INVALID_COLUMN_REFERENCE, message),
        ))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one call, named by their types"
    )]
    fn add_aggregate(
        &mut self,
        def: &'static AggregateDef,
        args: Vec<Expr>,
        distinct: bool,
        clauses: Clauses,
        result: types::TypeOid,
        collation: CollationOf,
        marks: Marks,
        location: ast::Location,
    ) -> Result<Typed> {
        let current = self.levels.len().saturating_sub(1);
        let level = &self.levels[current];
        if level.aggregates.len() > marks.aggregates {
            let message = "aggregate function calls cannot be nested";
            let inner = level.aggregate_places.get(marks.aggregates).copied();
            let at = inner.unwrap_or(location);
            return Err(self.error_at(at, Error::new(sqlstate::GROUPING_ERROR, message)));
        }
        if level.window_calls.len() > marks.windows {
            let message = "aggregate function calls cannot contain window function calls";
            return Err(self.error_at(location, Error::new(sqlstate::GROUPING_ERROR, message)));
        }
        // It belongs to the level of its innermost column; without columns to the current one.
        let owner = self.take_uses(&marks).unwrap_or(current);
        if let Some(message) = self.levels[owner].kind.aggregate_error(false) {
            return Err(self.error_at(location, Error::new(sqlstate::GROUPING_ERROR, message)));
        }
        let ty = SqlType::new(result);
        let id = self.columns.add_computed(def.name, ty);
        let own = collation.for_result(result);
        let call = AggregateCall {
            id,
            function: def,
            args,
            distinct,
            order_by: clauses.order_by,
            filter: clauses.filter,
            collation: collation.resolve().unwrap_or_default(),
        };
        let level = &mut self.levels[owner];
        level.aggregates.push(call);
        level.aggregate_places.push(location);
        Ok(Typed::new(Expr::column(id, ty), location, own))
    }

    /// `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`.
    pub(super) fn bind_ordered_set(
        &mut self,
        call: &ast::FuncCall,
        direct: Vec<Typed>,
        marks: Marks,
        location: ast::Location,
    ) -> Result<Typed> {
        let name = call.name.parts.join(".");
        let count = direct.len();
        let mut all = direct;
        for item in &call.order_by {
            all.push(self.bind_expr(&item.expr)?);
        }
        let resolved = match self.resolve_call(call, all, location)? {
            Ok(resolved) => resolved,
            Err(_) => {
                let error = err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "WITHIN GROUP specified, but {name} is not an aggregate function"
                );
                return Err(self.error_at(location, error));
            }
        };
        let FunctionBody::Aggregate(def) = resolved.body else {
            let error = err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "WITHIN GROUP specified, but {name} is not an aggregate function"
            );
            return Err(self.error_at(location, error));
        };
        if def.direct_args.map(usize::from) != Some(count) {
            let error = err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
            );
            return Err(self.error_at(location, error));
        }
        if call.over.is_some() {
            let error = err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "OVER is not supported for ordered-set aggregate {name}"
            );
            return Err(self.error_at(location, error));
        }
        let mut collation = CollationOf::None;
        for arg in &resolved.args {
            collation = self.merge_at(collation, arg.collation, location)?;
        }
        let mut args = resolved.args;
        let sorted = args.split_off(count);
        let mut order_by = Vec::with_capacity(sorted.len());
        for (key, item) in sorted.into_iter().zip(&call.order_by) {
            order_by.push(self.sort_key(key, item)?);
        }
        let filter = match &call.filter {
            Some(filter) => Some(
                self.bind_condition(filter, ExprKind::Filter, "FILTER")?
                    .expr,
            ),
            None => None,
        };
        let args = args.into_iter().map(|a| a.expr).collect();
        let clauses = Clauses { order_by, filter };
        self.add_aggregate(
            def,
            args,
            false,
            clauses,
            resolved.result,
            collation,
            marks,
            location,
        )
    }

    /// `GROUPING(a, b)`: its arguments are matched with the keys when these are known.
    pub(super) fn bind_grouping(
        &mut self,
        args: &[ast::Expr],
        location: ast::Location,
    ) -> Result<Typed> {
        if let Some(message) = self.kind().aggregate_error(true) {
            return Err(self.error_at(location, Error::new(sqlstate::GROUPING_ERROR, message)));
        }
        let marks = self.marks();
        let bound = self.bind_all(args)?;
        self.take_uses(&marks);
        let ty = SqlType::new(types::TypeOid::INT4);
        let id = self.columns.add_computed("grouping", ty);
        let args = bound.into_iter().map(|a| (a.expr, a.location)).collect();
        self.level().grouping.push((id, args));
        Ok(Typed::plain(Expr::column(id, ty), location))
    }
}
