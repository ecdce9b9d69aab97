//! A whole query: WITH, body, ORDER BY, LIMIT, locking.

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::scope::Level;
use super::subquery::{BoundColumn, BoundQuery};
use super::typed::Typed;
use crate::ir::{Expr, Limit, Plan, Sort, SortKey, With};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::{Datum, TypeOid};

impl Binder<'_> {
    /// Binds a query in a level of its own; its untyped output columns become text.
    pub(super) fn bind_query(&mut self, query: &ast::Query) -> Result<BoundQuery> {
        self.bind_query_as(query, Level::default())
    }

    /// As [`Binder::bind_query`]; `locking` is what the query around it locks in it.
    pub(super) fn bind_query_locked(
        &mut self,
        query: &ast::Query,
        locking: Vec<ast::LockingClause>,
    ) -> Result<BoundQuery> {
        let level = Level {
            locked_from_outside: !locking.is_empty(),
            locking,
            ..Level::default()
        };
        self.bind_query_as(query, level)
    }

    /// As [`Binder::bind_query`], but untyped literals stay so, for [`Binder::literal_behind`].
    pub(super) fn bind_query_untyped(&mut self, query: &ast::Query) -> Result<BoundQuery> {
        self.bind_query_as(
            query,
            Level {
                keep_unknown: true,
                ..Level::default()
            },
        )
    }

    /// The untyped literal (or parameter) that an output column is in every row, if it is one.
    pub(super) fn literal_behind(&self, arg: Typed) -> Typed {
        let literal = arg.expr.as_column().and_then(|id| self.untyped.get(&id));
        match literal {
            Some(literal) => literal.clone(),
            None => arg,
        }
    }

    fn bind_query_as(&mut self, query: &ast::Query, level: Level) -> Result<BoundQuery> {
        let depth = self.levels.len();
        self.levels.push(level);
        let bound = self.bind_query_here(query);
        self.levels.truncate(depth);
        bound
    }

    fn bind_query_here(&mut self, query: &ast::Query) -> Result<BoundQuery> {
        self.level().locking.extend_from_slice(&query.locking);
        let ctes = match &query.with {
            Some(with) => self.bind_with(with)?,
            None => Vec::new(),
        };
        let mut bound = match &query.body {
            ast::QueryBody::Select(select) => self.bind_select(select, query)?,
            ast::QueryBody::Values(rows) => {
                let values = self.bind_values(rows)?;
                self.finish_by_columns(values, query, "VALUES")?
            }
            ast::QueryBody::SetOp(op) => {
                let combined = self.bind_set_op(op)?;
                self.finish_by_columns(combined, query, "UNION/INTERSECT/EXCEPT")?
            }
        };
        if !ctes.is_empty() {
            bound.plan = Plan::With(Box::new(With {
                ctes,
                body: bound.plan,
            }));
        }
        Ok(bound)
    }

    /// ORDER BY, LIMIT and locking of a query whose output columns are all there is to sort by.
    fn finish_by_columns(
        &mut self,
        bound: BoundQuery,
        query: &ast::Query,
        what: &str,
    ) -> Result<BoundQuery> {
        let BoundQuery {
            mut plan, columns, ..
        } = bound;
        let mut keys = Vec::with_capacity(query.order_by.len());
        for item in &query.order_by {
            let column = self.output_column(item, &columns)?;
            let typed = column.typed(item.expr.location);
            keys.push(self.sort_key(typed, item)?);
        }
        if !keys.is_empty() {
            plan = Plan::Sort(Box::new(Sort { input: plan, keys }));
        }
        let has_rows = what != "VALUES" || !query.locking.is_empty();
        if let Some(clause) = self.level().locking.first().filter(|_| has_rows) {
            let strength = super::locking::strength_name(clause.strength);
            let error = match what {
                "VALUES" => err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "{strength} cannot be applied to VALUES"
                ),
                _ => err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "{strength} is not allowed with UNION/INTERSECT/EXCEPT"
                ),
            };
            return Err(error);
        }
        let plan = self.add_limit(plan, query)?;
        Ok(BoundQuery::new(plan, columns))
    }

    /// The output column that an ORDER BY item names by name or position.
    fn output_column(&self, item: &ast::SortBy, columns: &[BoundColumn]) -> Result<BoundColumn> {
        match &item.expr.kind {
            ast::ExprKind::ColumnRef(parts) => {
                if let [ast::NamePart::Name(name)] = parts.as_slice() {
                    let mut found = columns.iter().filter(|c| c.name == *name);
                    if let Some(column) = found.next() {
                        if found.next().is_some() {
                            let error = err!(
                                sqlstate::AMBIGUOUS_COLUMN,
                                "ORDER BY \"{name}\" is ambiguous"
                            );
                            return Err(self.error_at(item.expr.location, error));
                        }
                        return Ok(column.clone());
                    }
                    let error = err!(
                        sqlstate::UNDEFINED_COLUMN,
                        "column \"{name}\" does not exist"
                    );
                    return Err(self.error_at(item.expr.location, error));
                }
            }
            ast::ExprKind::Const(ast::Literal::Int(position)) => {
                let at = usize::try_from(*position)
                    .ok()
                    .and_then(|p| p.checked_sub(1));
                return at.and_then(|at| columns.get(at)).cloned().ok_or_else(|| {
                    let error = err!(
                        sqlstate::INVALID_COLUMN_REFERENCE,
                        "ORDER BY position {position} is not in select list"
                    );
                    self.error_at(item.expr.location, error)
                });
            }
            _ => {}
        }
        Err(self.set_order_error(item))
    }

    fn set_order_error(&self, item: &ast::SortBy) -> Error {
        let error = Error::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
        )
        .with_detail("Only result column names can be used, not expressions or functions.")
        .with_hint(
            "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
        );
        self.error_at(super::values::start_of(&item.expr), error)
    }

    /// A sort key of a bound expression, with the item's direction.
    pub(super) fn sort_key(&mut self, arg: Typed, item: &ast::SortBy) -> Result<SortKey> {
        let arg = self.resolve_unknown(arg)?;
        let descending = match &item.direction {
            ast::SortDirection::Default | ast::SortDirection::Asc => false,
            ast::SortDirection::Desc => true,
            ast::SortDirection::Using(name) => match name.name() {
                "<" => false,
                ">" => true,
                other => {
                    let error = err!(
                        sqlstate::WRONG_OBJECT_TYPE,
                        "operator {other} is not a valid ordering operator"
                    )
                    .with_hint(
                        "Ordering operators must be \"<\" or \">\" members of btree operator \
                         families.",
                    );
                    return Err(self.error_at(item.location, error));
                }
            },
        };
        self.check_orderable(&arg)?;
        let nulls_first = match item.nulls {
            ast::NullsOrder::Default => descending,
            ast::NullsOrder::First => true,
            ast::NullsOrder::Last => false,
        };
        let collation = arg
            .collation
            .resolve()
            .map_err(|error| self.error_at(arg.location, error))?;
        Ok(SortKey {
            expr: arg.expr,
            descending,
            nulls_first,
            collation,
        })
    }

    fn check_orderable(&self, arg: &Typed) -> Result<()> {
        let rules = self.types();
        let base = rules.base_type(arg.oid());
        let element = rules.element_type(base).unwrap_or(base);
        if super::compare_types::is_orderable(element) {
            return Ok(());
        }
        let error = err!(
            sqlstate::UNDEFINED_FUNCTION,
            "could not identify an ordering operator for type {}",
            rules.name(arg.oid())
        )
        .with_hint("Use an explicit ordering operator or modify the query.");
        Err(self.error_at(arg.location, error))
    }

    /// Refuses a type without equality in GROUP BY, DISTINCT and set operations.
    pub(super) fn check_groupable(&self, oid: TypeOid, location: ast::Location) -> Result<()> {
        let rules = self.types();
        let base = rules.base_type(oid);
        let element = rules.element_type(base).unwrap_or(base);
        if super::compare_types::is_groupable(element) {
            return Ok(());
        }
        let error = err!(
            sqlstate::UNDEFINED_FUNCTION,
            "could not identify an equality operator for type {}",
            rules.name(oid)
        );
        Err(self.error_at(location, error))
    }

    /// LIMIT and OFFSET.
    pub(super) fn add_limit(&mut self, plan: Plan, query: &ast::Query) -> Result<Plan> {
        let offset = self.bind_limit(query.offset.as_ref(), ExprKind::Offset, "OFFSET", false)?;
        let ties = query.with_ties;
        let limit = self.bind_limit(query.limit.as_ref(), ExprKind::Limit, "LIMIT", ties)?;
        if limit.is_none() && offset.is_none() {
            return Ok(plan);
        }
        if ties && query.order_by.is_empty() {
            let message = "WITH TIES cannot be specified without ORDER BY clause";
            return Err(Error::new(sqlstate::SYNTAX_ERROR, message));
        }
        Ok(Plan::Limit(Box::new(Limit {
            input: plan,
            limit,
            offset,
            with_ties: ties,
        })))
    }

    fn bind_limit(
        &mut self,
        expr: Option<&ast::Expr>,
        kind: ExprKind,
        construct: &str,
        ties: bool,
    ) -> Result<Option<Expr>> {
        let Some(expr) = expr else {
            return Ok(None);
        };
        let level = self.levels.len() - 1;
        let uses = self.levels[level].uses.len();
        let bound = self.bind_in_clause(expr, kind)?;
        let bound = self.coerce_to_specific(bound, TypeOid::INT8.into(), construct)?;
        if let Some(used) = self.levels[level].uses.get(uses) {
            let error = err!(
                sqlstate::INVALID_COLUMN_REFERENCE,
                "argument of {construct} must not contain variables"
            );
            return Err(self.error_at(used.location, error));
        }
        if matches!(
            bound.expr,
            Expr::Const {
                value: Datum::Null,
                ..
            }
        ) {
            if ties {
                let message = "row count cannot be null in FETCH FIRST ... WITH TIES clause";
                let error = Error::new(sqlstate::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, message);
                return Err(error);
            }
            return Ok(None);
        }
        Ok(Some(bound.expr))
    }
}
