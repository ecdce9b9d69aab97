//! One SELECT block: its clauses in PostgreSQL's order of analysis, and the plan over them.
//!
//! Plan, from the input up: FROM, WHERE, aggregation, HAVING, windows, set-returning functions,
//! projection (with columns only sorted by), DISTINCT, sort, limit, row locks.

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::group::Grouping;
use super::regroup::Regroup;
use super::scope::Level;
use super::subquery::{BoundColumn, BoundQuery};
use super::target::Target;
use super::typed::Typed;
use super::window::add_windows;
use crate::ir::{
    Aggregate, ColumnId, Expr, Filter, FunctionScanItem, FunctionScanKind, LockRows, LockTarget,
    Plan, Project,
};
use catalog::ConstraintKind;
use common::{Error, Result, err, sqlstate};
use hashbrown::HashSet;
use parser as ast;
use std::ops::Range;

impl Binder<'_> {
    pub(super) fn bind_select(
        &mut self,
        select: &ast::Select,
        query: &ast::Query,
    ) -> Result<BoundQuery> {
        let mut plan = self.bind_from(&select.from)?;
        self.bind_windows(&select.windows)?;
        let mut targets = self.bind_targets(&select.targets, ExprKind::SelectTarget)?;
        if let Some(filter) = &select.filter {
            let condition = self.bind_condition(filter, ExprKind::Where, "WHERE")?.expr;
            plan = Plan::Filter(Box::new(Filter {
                input: plan,
                condition,
            }));
        }
        let from = self.level().uses.len();
        let having = match &select.having {
            Some(having) => Some(
                self.bind_condition(having, ExprKind::Having, "HAVING")?
                    .expr,
            ),
            None => None,
        };
        let having_uses = from..self.level().uses.len();
        let order = self.bind_order_by(query, &mut targets)?;
        let mut grouping = self.bind_group_by(select, &mut targets)?;
        let distinct = self.bind_distinct(select, &mut targets, &order)?;
        self.settle_untyped(&mut targets)?;
        let having = having.map(|h| (h, having_uses));
        let grouped = self.is_grouped(select);
        let locks = self.bind_locking(select, grouped)?;
        self.add_system_columns(&mut plan);
        if grouped {
            plan = self.aggregate(plan, &mut grouping, &mut targets, having)?;
        }
        let level = self.level();
        let windows = std::mem::take(&mut level.windows);
        let calls = std::mem::take(&mut level.window_calls);
        let sets = std::mem::take(&mut level.set_returning);
        plan = add_windows(plan, &windows, calls);
        if !sets.is_empty() {
            plan = self.repeat_rows(plan, sets)?;
        }
        let (plan, columns) = self.project(plan, &targets, &locks);
        let mut plan = self.finish_order(plan, &columns, &targets, order, distinct)?;
        let mut outside = Vec::new();
        if !locks.is_empty() && self.hands_locks_out(query) {
            outside = locks;
        } else if !locks.is_empty() {
            plan = Plan::LockRows(Box::new(LockRows {
                input: plan,
                targets: locks,
            }));
        }
        plan = self.add_limit(plan, query)?;
        let output = columns
            .into_iter()
            .zip(&targets)
            .filter(|(_, target)| !target.junk)
            .map(|(column, _)| column)
            .collect();
        Ok(BoundQuery {
            plan,
            columns: output,
            locks: outside,
        })
    }

    fn is_grouped(&mut self, select: &ast::Select) -> bool {
        let level = self.level();
        !select.group_by.is_empty()
            || select.having.is_some()
            || !level.aggregates.is_empty()
            || !level.grouping.is_empty()
    }

    /// Untyped output columns become text, or stay for the operand's own query to settle.
    fn settle_untyped(&mut self, targets: &mut [Target]) -> Result<()> {
        if self.level().keep_unknown {
            return Ok(());
        }
        for target in targets {
            let value = target.value.clone();
            target.value = self.resolve_unknown(value)?;
        }
        Ok(())
    }

    /// Puts the aggregation above the plan and rewrites what stands over it.
    fn aggregate(
        &mut self,
        plan: Plan,
        grouping: &mut Grouping,
        targets: &mut [Target],
        having: Option<(Expr, Range<usize>)>,
    ) -> Result<Plan> {
        let current = self.levels.len() - 1;
        let determined = self.determined_columns(&self.levels[current]);
        let mut level = std::mem::take(&mut self.levels[current]);
        let calls = std::mem::take(&mut level.aggregates);
        let functions = self.grouping_functions(&mut level, grouping)?;
        let own: Vec<ColumnId> = calls
            .iter()
            .map(|c| c.id)
            .chain(functions.iter().map(|(id, _)| *id))
            .collect();
        let mut input: HashSet<ColumnId> = crate::ir::produced(&plan).into_iter().collect();
        for id in &own {
            input.remove(id);
        }
        // System columns are added to the scans later, but belong to the input.
        input.extend(self.system_requests.iter().map(|(_, id, _)| *id));
        let sets = grouping.sets.take();
        let mut having = having;
        let outcome = {
            let mut regroup = Regroup {
                keys: &mut grouping.keys,
                targets: &grouping.targets,
                input,
                determined: if sets.is_some() {
                    Vec::new()
                } else {
                    determined
                },
                uses: &level.uses,
                has_sets: sets.is_some(),
            };
            rewrite_all(
                &mut regroup,
                targets,
                having.as_mut(),
                &mut level.windows,
                &mut level.window_calls,
                &mut level.set_returning,
                &mut self.columns,
            )
        };
        self.levels[current] = level;
        outcome.map_err(|ungrouped| self.ungrouped_error(&ungrouped))?;
        let mut plan = Plan::Aggregate(Box::new(Aggregate {
            input: plan,
            keys: std::mem::take(&mut grouping.keys),
            sets,
            calls,
            grouping: functions,
        }));
        if let Some((condition, _)) = having {
            plan = Plan::Filter(Box::new(Filter {
                input: plan,
                condition,
            }));
        }
        Ok(plan)
    }

    fn ungrouped_error(&self, ungrouped: &super::regroup::Ungrouped) -> Error {
        let info = self.columns.get(ungrouped.id);
        let name = match info.relation.is_empty() {
            true => info.name.clone(),
            false => format!("{}.{}", info.relation, info.name),
        };
        let message = match ungrouped.in_subquery {
            true => format!("subquery uses ungrouped column \"{name}\" from outer query"),
            false => format!(
                "column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate \
                 function"
            ),
        };
        self.error_at(
            ungrouped.location,
            Error::new(sqlstate::GROUPING_ERROR, message),
        )
    }

    /// GROUPING(...) with its arguments as indices of keys.
    fn grouping_functions(
        &self,
        level: &mut Level,
        grouping: &Grouping,
    ) -> Result<Vec<(ColumnId, Vec<u16>)>> {
        let mut functions = Vec::new();
        for (id, args) in std::mem::take(&mut level.grouping) {
            let mut keys = Vec::with_capacity(args.len());
            for (arg, location) in &args {
                let at = grouping
                    .keys
                    .iter()
                    .position(|(_, k)| super::same::same(k, arg));
                let at = at.ok_or_else(|| {
                    let message = "arguments to GROUPING must be grouping expressions of the \
                                   associated query level";
                    self.error_at(*location, Error::new(sqlstate::GROUPING_ERROR, message))
                })?;
                keys.push(at as u16);
            }
            functions.push((id, keys));
        }
        Ok(functions)
    }

    /// For each plain table of FROM with a primary key: the key's columns, and all of its columns.
    fn determined_columns(&self, level: &Level) -> Vec<(Vec<ColumnId>, Vec<ColumnId>)> {
        let mut out = Vec::new();
        for item in &level.items {
            let Some(table) = &item.table else {
                continue;
            };
            let constraints = self.cx.catalog.constraints_of(table.table.oid);
            let mut keys =
                constraints.filter(|c| c.kind == ConstraintKind::Primary && !c.deferrable);
            let Some(key) = keys.next() else {
                continue;
            };
            let id_of = |attnum: &i16| {
                let own = item
                    .columns
                    .iter()
                    .find(|c| c.origin == (table.table.oid, *attnum));
                own.and_then(|c| c.expr.as_column())
            };
            let Some(ids) = key.columns.iter().map(id_of).collect::<Option<Vec<_>>>() else {
                continue;
            };
            let all = item
                .columns
                .iter()
                .filter_map(|c| c.expr.as_column())
                .collect();
            out.push((ids, all));
        }
        out
    }

    /// Repeats each row for the set-returning functions of the select list.
    fn repeat_rows(&self, input: Plan, sets: Vec<FunctionScanItem>) -> Result<Plan> {
        let made: HashSet<ColumnId> = sets
            .iter()
            .flat_map(|s| s.columns.iter().copied())
            .collect();
        for item in &sets {
            let nested = |arg: &Expr| crate::ir::columns_of(arg).iter().any(|c| made.contains(c));
            if let FunctionScanKind::Set { args, .. } = &item.function
                && args.iter().any(nested)
            {
                let what = "nested set-returning functions in a select list";
                return Err(Error::not_implemented(what));
            }
        }
        let produced = crate::ir::produced(&input);
        let column = |id: ColumnId| (id, Expr::column(id, self.columns.get(id).ty));
        let columns = produced.into_iter().map(column).collect();
        Ok(Plan::Project(Box::new(Project {
            input,
            columns,
            set_returning: sets,
        })))
    }

    /// Computes the output columns, junk ones included.
    fn project(
        &mut self,
        input: Plan,
        targets: &[Target],
        locks: &[LockTarget],
    ) -> (Plan, Vec<BoundColumn>) {
        let keep = self.level().keep_unknown;
        let mut list = Vec::with_capacity(targets.len());
        let mut columns = Vec::with_capacity(targets.len());
        for target in targets {
            let ty = target.value.ty();
            let id = self.columns.add_computed(target.name.clone(), ty);
            if keep && target.value.is_unknown() {
                self.untyped.insert(id, target.value.clone());
            }
            if let Some(fields) = self.record_fields(&target.value.expr) {
                self.columns.set_fields(id, fields);
            }
            list.push((id, target.value.expr.clone()));
            columns.push(BoundColumn {
                id,
                name: target.name.clone(),
                ty,
                collation: target.value.collation,
                origin: target.origin,
            });
        }
        for lock in locks {
            // The lock above the projection needs the row's id.
            list.push((
                lock.row_id,
                Expr::column(lock.row_id, self.columns.get(lock.row_id).ty),
            ));
        }
        let project = Project {
            input,
            columns: list,
            set_returning: Vec::new(),
        };
        (Plan::Project(Box::new(project)), columns)
    }

    /// The target list is complete; a query may not give more columns than a row can have.
    pub(super) fn junk_target(&mut self, value: Typed, uses: Range<usize>) -> Target {
        Target {
            value,
            name: "?column?".into(),
            junk: true,
            origin: super::from::NO_ORIGIN,
            uses,
        }
    }

    pub(super) fn position_error(&self, clause: &str, n: i32, at: ast::Location) -> Error {
        let error = err!(
            sqlstate::INVALID_COLUMN_REFERENCE,
            "{clause} position {n} is not in select list"
        );
        self.error_at(at, error)
    }
}

/// Rewrites all that stands above an aggregation.
fn rewrite_all(
    regroup: &mut Regroup<'_>,
    targets: &mut [Target],
    having: Option<&mut (Expr, Range<usize>)>,
    windows: &mut [super::scope::WindowSpec],
    calls: &mut [super::scope::PendingWindow],
    sets: &mut [crate::ir::FunctionScanItem],
    columns: &mut crate::ir::ColumnTable,
) -> std::result::Result<(), super::regroup::Ungrouped> {
    for (at, target) in targets.iter_mut().enumerate() {
        regroup.rewrite_target(at, target, columns)?;
    }
    if let Some((condition, uses)) = having {
        regroup.rewrite(condition, uses.clone(), columns)?;
    }
    for window in windows {
        let order = window.order_by.iter_mut().map(|k| &mut k.expr);
        for expr in window.partition_by.iter_mut().chain(order) {
            regroup.rewrite_window_key(expr, columns)?;
        }
    }
    let everywhere = 0..regroup.uses.len();
    let mut rest: Vec<&mut Expr> = Vec::new();
    for pending in calls {
        rest.extend(&mut pending.call.args);
        rest.extend(&mut pending.call.filter);
    }
    for item in sets {
        match &mut item.function {
            crate::ir::FunctionScanKind::Set { args, .. } => rest.extend(args),
            crate::ir::FunctionScanKind::Scalar(expr) => rest.push(expr),
        }
    }
    for expr in rest {
        regroup.rewrite(expr, everywhere.clone(), columns)?;
    }
    Ok(())
}
