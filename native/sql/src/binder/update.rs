//! UPDATE and DELETE (`transformUpdateStmt`, `transformDeleteStmt`).

use super::binder::Binder;
use super::dml::position;
use super::expr_kind::ExprKind;
use super::from::cross;
use super::scope::{Item, Level};
use super::subquery::BoundQuery;
use super::typed::Typed;
use crate::ir::{
    Assignment, ColumnId, Delete, Expr, Filter, Plan, Project, Subquery, SubqueryKind,
    SystemColumn, Update, With,
};
use catalog::{Identity, Table};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;
use types::{SqlType, TypeOid};

/// The target of an UPDATE or DELETE within its source.
struct Target {
    table: Arc<Table>,
    item: Item,
    row_id: ColumnId,
    old: Vec<Option<ColumnId>>,
    plan: Plan,
}

impl Binder<'_> {
    pub(super) fn bind_update(&mut self, update: &ast::Update) -> Result<BoundQuery> {
        self.in_level(|binder| binder.bind_update_here(update))
    }

    pub(super) fn bind_delete(&mut self, delete: &ast::Delete) -> Result<BoundQuery> {
        self.in_level(|binder| binder.bind_delete_here(delete))
    }

    fn in_level<T>(&mut self, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let depth = self.levels.len();
        self.levels.push(Level::default());
        let bound = bind(self);
        self.levels.truncate(depth);
        bound
    }

    fn bind_update_here(&mut self, update: &ast::Update) -> Result<BoundQuery> {
        let ctes = match &update.with {
            Some(with) => self.bind_with(with)?,
            None => Vec::new(),
        };
        let target = self.bind_target(&update.target, "UPDATE of")?;
        let mut plan = self.join_source(target.plan, &target.item, &update.from)?;
        plan = self.filter(plan, update.filter.as_ref())?;
        let (assignments, rows) = self.bind_assignments(&update.set, &target.table)?;
        let alias = target.item.name.clone();
        let new = self.row_ids(&target.table, &alias);
        let item = self.row_item(&target.table, &alias, &new);
        let items = &mut self.level().items;
        if let Some(own) = items
            .iter_mut()
            .find(|i| i.table.is_some() && i.name == alias)
        {
            own.columns = item.columns;
        }
        let (returning, columns) = self.bind_returning(&update.returning)?;
        self.add_system_columns(&mut plan);
        if !rows.is_empty() {
            plan = self.add_rows(plan, rows);
        }
        let plan = Plan::Update(Box::new(Update {
            rules: (self.cx.rules)(target.table.oid)?,
            source: plan,
            row_id: target.row_id,
            old: target.old,
            assignments,
            new,
            returning,
        }));
        Ok(BoundQuery::new(with_ctes(plan, ctes), columns))
    }

    fn bind_delete_here(&mut self, delete: &ast::Delete) -> Result<BoundQuery> {
        let ctes = match &delete.with {
            Some(with) => self.bind_with(with)?,
            None => Vec::new(),
        };
        let target = self.bind_target(&delete.target, "DELETE from")?;
        let mut plan = self.join_source(target.plan, &target.item, &delete.using)?;
        plan = self.filter(plan, delete.filter.as_ref())?;
        let (returning, columns) = self.bind_returning(&delete.returning)?;
        self.add_system_columns(&mut plan);
        let plan = Plan::Delete(Box::new(Delete {
            rules: (self.cx.rules)(target.table.oid)?,
            source: plan,
            row_id: target.row_id,
            old: target.old,
            returning,
        }));
        Ok(BoundQuery::new(with_ctes(plan, ctes), columns))
    }

    /// The scan of the table that is changed, with its row ids.
    fn bind_target(&mut self, name: &ast::TableRef, verb: &str) -> Result<Target> {
        let table = self.writable(&name.name, verb)?;
        let (scan, item) = self.scan_table(&table, name)?;
        let marker = item.table.clone().expect("a table's item knows its table");
        let ty = SqlType::new(TypeOid::INT8);
        let row_id = self.request_system(&marker, &item.name, SystemColumn::RowId, "row", ty);
        let mut old = vec![None; table.columns.len()];
        for (id, at) in &scan.columns {
            old[usize::from(*at)] = Some(*id);
        }
        Ok(Target {
            table,
            item,
            row_id,
            old,
            plan: Plan::Scan(Box::new(scan)),
        })
    }

    /// Joins the target with FROM or USING; the items of both become the level's.
    fn join_source(&mut self, target: Plan, item: &Item, from: &[ast::FromItem]) -> Result<Plan> {
        let others = self.bind_from(from)?;
        let new = [item.clone()];
        self.check_conflicts(&new, ast::Location::NONE)?;
        let [item] = new;
        self.level().items.insert(0, item);
        Ok(match from.is_empty() {
            true => target,
            false => cross(target, others),
        })
    }

    fn filter(&mut self, plan: Plan, filter: Option<&ast::Expr>) -> Result<Plan> {
        let Some(filter) = filter else {
            return Ok(plan);
        };
        let condition = self.bind_condition(filter, ExprKind::Where, "WHERE")?.expr;
        Ok(Plan::Filter(Box::new(Filter {
            input: plan,
            condition,
        })))
    }

    /// SET: the new values, and columns to add to the source for rows that come from subqueries.
    #[expect(clippy::type_complexity, reason = "assignments and added columns")]
    pub(super) fn bind_assignments(
        &mut self,
        set: &[ast::Assignment],
        table: &Arc<Table>,
    ) -> Result<(Vec<Assignment>, Vec<(ColumnId, Expr)>)> {
        let mut out = Vec::with_capacity(set.len());
        let mut rows = Vec::new();
        for item in set {
            match item {
                ast::Assignment::Single { target, value } => {
                    self.assign_one(table, target, value, &mut out)?;
                }
                ast::Assignment::Multiple { targets, source } => match &source.kind {
                    ast::ExprKind::Row { args, .. } => {
                        if args.len() != targets.len() {
                            return Err(self.count_mismatch(source.location));
                        }
                        for (target, value) in targets.iter().zip(args) {
                            self.assign_one(table, target, value, &mut out)?;
                        }
                    }
                    ast::ExprKind::SubLink(link) if link.kind == ast::SubLinkKind::Scalar => {
                        let row = self.assign_row(table, targets, &link.query, source, &mut out)?;
                        rows.push(row);
                    }
                    _ => {
                        let message = "source for a multiple-column UPDATE item must be a \
                                       sub-SELECT or ROW() expression";
                        let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
                        return Err(self.error_at(source.location, error));
                    }
                },
            }
        }
        Ok((out, rows))
    }

    fn count_mismatch(&self, location: ast::Location) -> Error {
        let message = "number of columns does not match number of values";
        self.error_at(location, Error::new(sqlstate::SYNTAX_ERROR, message))
    }

    fn assign_one(
        &mut self,
        table: &Arc<Table>,
        target: &ast::AssignTarget,
        value: &ast::Expr,
        out: &mut Vec<Assignment>,
    ) -> Result<()> {
        let is_default = matches!(value.kind, ast::ExprKind::Default);
        let bound = match is_default {
            true => None,
            false => Some(self.bind_in_clause(value, ExprKind::UpdateTarget)?),
        };
        self.assign_bound(table, target, bound, out)
    }

    fn assign_bound(
        &mut self,
        table: &Arc<Table>,
        target: &ast::AssignTarget,
        value: Option<Typed>,
        out: &mut Vec<Assignment>,
    ) -> Result<()> {
        let column = self.target_column(table, target)?;
        let at = position(column);
        if out.iter().any(|a| a.position == at) {
            let error = err!(
                sqlstate::SYNTAX_ERROR,
                "multiple assignments to same column \"{}\"",
                column.name
            );
            return Err(error);
        }
        let only_default = |detail: String| {
            err!(
                sqlstate::GENERATED_ALWAYS,
                "column \"{}\" can only be updated to DEFAULT",
                column.name
            )
            .with_detail(detail)
        };
        if value.is_some() && column.generated {
            let detail = format!("Column \"{}\" is a generated column.", column.name);
            return Err(only_default(detail));
        }
        if value.is_some() && column.identity == Identity::Always {
            return Err(only_default(format!(
                "Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
                column.name
            )));
        }
        if column.generated {
            return Ok(());
        }
        let value = match value {
            Some(value) => self.assign(value, column)?,
            None => self.default_value(column)?,
        };
        out.push(Assignment {
            position: at,
            value,
        });
        Ok(())
    }

    /// `(a, b) = (SELECT ...)`: the row is a column of the source, evaluated once.
    fn assign_row(
        &mut self,
        table: &Arc<Table>,
        targets: &[ast::AssignTarget],
        query: &ast::Query,
        source: &ast::Expr,
        out: &mut Vec<Assignment>,
    ) -> Result<(ColumnId, Expr)> {
        let bound = self.in_clause(ExprKind::UpdateTarget, |binder| {
            binder.bind_subquery(query, source.location)
        })?;
        if bound.columns.len() != targets.len() {
            return Err(self.count_mismatch(source.location));
        }
        let record = SqlType::new(TypeOid::RECORD);
        let id = self.columns.add_computed("row", record);
        for (at, (target, column)) in targets.iter().zip(&bound.columns).enumerate() {
            let arg = Box::new(Expr::column(id, record));
            let field = Expr::Field {
                arg,
                index: at as u16,
                ty: column.ty,
            };
            let value = Typed::new(field, source.location, column.collation);
            self.assign_bound(table, target, Some(value), out)?;
        }
        let columns = bound.columns.iter().map(|c| c.id).collect();
        let kind = SubqueryKind::Row;
        let subquery = Subquery {
            kind,
            plan: bound.plan,
            columns,
            ty: record,
        };
        Ok((id, Expr::Subquery(Box::new(subquery))))
    }

    /// Adds computed columns to all that the source produces.
    fn add_rows(&self, source: Plan, rows: Vec<(ColumnId, Expr)>) -> Plan {
        let produced = crate::ir::produced(&source);
        let keep = produced
            .into_iter()
            .map(|id| (id, Expr::column(id, self.columns.get(id).ty)));
        let columns = keep.chain(rows).collect();
        Plan::Project(Box::new(Project {
            input: source,
            columns,
            set_returning: Vec::new(),
        }))
    }
}

fn with_ctes(plan: Plan, ctes: Vec<crate::ir::CteDef>) -> Plan {
    match ctes.is_empty() {
        true => plan,
        false => Plan::With(Box::new(With { ctes, body: plan })),
    }
}
