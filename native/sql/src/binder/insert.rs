//! INSERT: columns, values, defaults, ON CONFLICT, RETURNING (`transformInsertStmt`).

use super::binder::Binder;
use super::dml::position;
use super::expr_kind::ExprKind;
use super::scope::Level;
use super::subquery::BoundQuery;
use super::typed::Typed;
use crate::ir::{Assignment, ColumnId, Expr, Insert, Plan, Values, With};
use catalog::{Column, Identity, Table};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;

/// The source of an INSERT and, for each column named, the value it gives; `None`: DEFAULT.
struct Source {
    plan: Plan,
    values: Vec<Option<Typed>>,
}

impl Binder<'_> {
    pub(super) fn bind_insert(&mut self, insert: &ast::Insert) -> Result<BoundQuery> {
        let depth = self.levels.len();
        self.levels.push(Level::default());
        let bound = self.bind_insert_here(insert);
        self.levels.truncate(depth);
        bound
    }

    fn bind_insert_here(&mut self, insert: &ast::Insert) -> Result<BoundQuery> {
        let ctes = match &insert.with {
            Some(with) => self.bind_with(with)?,
            None => Vec::new(),
        };
        let table = self.writable(&insert.target.name, "INSERT into")?;
        self.references.insert((table.oid, 0));
        let columns = self.insert_columns(insert, &table)?;
        self.note_target(&insert.target, &table);
        let source = self.insert_source(insert, &columns)?;
        let values = self.insert_values(&table, &columns, source.values, insert.overriding)?;
        let alias = super::from::alias_of(&insert.target);
        let row = self.row_ids(&table, &alias);
        let item = self.row_item(&table, &alias, &row);
        let rules = (self.cx.rules)(table.oid)?;
        let on_conflict = match &insert.on_conflict {
            Some(clause) => Some(self.bind_on_conflict(clause, &table, &alias)?),
            None => None,
        };
        self.level().items = vec![item];
        let (returning, columns) = self.bind_returning(&insert.returning)?;
        let mut plan = Plan::Insert(Box::new(Insert {
            rules,
            source: source.plan,
            values,
            on_conflict,
            row,
            returning,
        }));
        if !ctes.is_empty() {
            plan = Plan::With(Box::new(With { ctes, body: plan }));
        }
        Ok(BoundQuery::new(plan, columns))
    }

    /// The target is known to hints before its names can be used.
    fn note_target(&mut self, target: &ast::TableRef, table: &Table) {
        let note = super::scope::RelationNote {
            alias: super::from::alias_of(target),
            relation: target.alias.as_ref().map(|_| table.name.clone()),
            columns: table.live_columns().map(|c| c.name.clone()).collect(),
        };
        self.level().relations.push(note);
    }

    /// The columns that the source's values go to, in its order.
    fn insert_columns<'t>(
        &self,
        insert: &ast::Insert,
        table: &'t Arc<Table>,
    ) -> Result<Vec<&'t Column>> {
        if insert.columns.is_empty() {
            return Ok(table.live_columns().collect());
        }
        let mut columns: Vec<&Column> = Vec::with_capacity(insert.columns.len());
        for target in &insert.columns {
            let column = self.target_column(table, target)?;
            if columns.iter().any(|c| c.attnum == column.attnum) {
                let error = err!(
                    sqlstate::DUPLICATE_COLUMN,
                    "column \"{}\" specified more than once",
                    column.name
                );
                return Err(self.error_at(target.location, error));
            }
            columns.push(column);
        }
        Ok(columns)
    }

    fn insert_source(&mut self, insert: &ast::Insert, columns: &[&Column]) -> Result<Source> {
        let ast::InsertSource::Query(query) = &insert.source else {
            return Ok(Source {
                plan: Plan::OneRow,
                values: Vec::new(),
            });
        };
        let plain = query.with.is_none()
            && query.order_by.is_empty()
            && query.limit.is_none()
            && query.offset.is_none()
            && query.locking.is_empty();
        match &query.body {
            ast::QueryBody::Values(rows) if plain => self.insert_rows(rows, insert, columns),
            _ => self.insert_query(query, insert, columns),
        }
    }

    /// `VALUES`: each value is coerced to its column, row by row; DEFAULT is the column's.
    fn insert_rows(
        &mut self,
        rows: &[Vec<ast::Expr>],
        insert: &ast::Insert,
        columns: &[&Column],
    ) -> Result<Source> {
        let width = rows[0].len();
        let mut bound = Vec::with_capacity(rows.len());
        // A column that is DEFAULT in every row is as if it had not been named.
        let all_default = |at: usize| {
            rows.iter()
                .all(|row| matches!(row[at].kind, ast::ExprKind::Default))
        };
        for row in rows {
            if row.len() != width {
                let message = "VALUES lists must all be the same length";
                let at = row.first().map_or(ast::Location::NONE, |e| e.location);
                return Err(self.error_at(at, Error::new(sqlstate::SYNTAX_ERROR, message)));
            }
            self.check_width(row.iter().map(|e| e.location), insert, columns)?;
        }
        let defaults: Vec<bool> = (0..width).map(all_default).collect();
        for row in rows {
            let mut values = Vec::with_capacity(width);
            for (at, expr) in row.iter().enumerate().filter(|(at, _)| !defaults[*at]) {
                let column = columns[at];
                values.push(match expr.kind {
                    ast::ExprKind::Default => self.default_value(column)?,
                    _ => {
                        let value = self.bind_in_clause(expr, ExprKind::Values)?;
                        let uses = &self.level().uses;
                        debug_assert!(uses.is_empty(), "VALUES sees no columns");
                        self.assign(value, column)?
                    }
                });
            }
            bound.push(values);
        }
        let mut given = Vec::with_capacity(width);
        let mut ids: Vec<ColumnId> = Vec::with_capacity(width);
        for (at, column) in columns.iter().take(width).enumerate() {
            if defaults[at] {
                given.push(None);
                continue;
            }
            let ty = super::from::column_type(column);
            let id = self.columns.add("*VALUES*", column.name.clone(), ty);
            ids.push(id);
            given.push(Some(Typed::plain(
                Expr::column(id, ty),
                rows[0][at].location,
            )));
        }
        let plan = Plan::Values(Values {
            rows: bound,
            columns: ids,
        });
        Ok(Source {
            plan,
            values: given,
        })
    }

    fn insert_query(
        &mut self,
        query: &ast::Query,
        insert: &ast::Insert,
        columns: &[&Column],
    ) -> Result<Source> {
        let bound = self.bind_query_untyped(query)?;
        let location = super::values::first_location(query);
        let places = bound.columns.iter().map(|_| location);
        self.check_width(places, insert, columns)?;
        let values = bound.columns.iter().enumerate().map(|(at, c)| {
            Some(self.literal_behind(c.typed(super::values::column_location(query, at))))
        });
        Ok(Source {
            values: values.collect(),
            plan: bound.plan,
        })
    }

    fn check_width(
        &self,
        values: impl Iterator<Item = ast::Location>,
        insert: &ast::Insert,
        columns: &[&Column],
    ) -> Result<()> {
        let values: Vec<ast::Location> = values.collect();
        if let Some(extra) = values.get(columns.len()) {
            let message = "INSERT has more expressions than target columns";
            return Err(self.error_at(*extra, Error::new(sqlstate::SYNTAX_ERROR, message)));
        }
        if let Some(extra) = insert.columns.get(values.len()) {
            let message = "INSERT has more target columns than expressions";
            return Err(self.error_at(extra.location, Error::new(sqlstate::SYNTAX_ERROR, message)));
        }
        Ok(())
    }

    /// A value for each column that is stored as given: the source's, or the default.
    fn insert_values(
        &mut self,
        table: &Arc<Table>,
        columns: &[&Column],
        given: Vec<Option<Typed>>,
        overriding: ast::Overriding,
    ) -> Result<Vec<Assignment>> {
        let mut values = Vec::with_capacity(table.columns.len());
        let mut by_attnum: Vec<(i16, Typed)> = Vec::with_capacity(given.len());
        for (column, value) in columns.iter().zip(given) {
            if let Some(value) = value {
                by_attnum.push((column.attnum, value));
            }
        }
        for column in table.live_columns() {
            let at = by_attnum
                .iter()
                .position(|(attnum, _)| *attnum == column.attnum);
            let mut given = at.map(|at| by_attnum.swap_remove(at).1);
            if given.is_some() {
                let by_user = overriding == ast::Overriding::UserValue;
                if by_user && column.identity != Identity::None {
                    given = None;
                } else {
                    check_generated(column, overriding)?;
                }
            }
            if column.generated {
                continue;
            }
            let value = match given {
                Some(value) => self.assign(value, column)?,
                None => self.default_value(column)?,
            };
            values.push(Assignment {
                position: position(column),
                value,
            });
        }
        Ok(values)
    }
}

/// 428C9 for a value given to a column that makes its own.
fn check_generated(column: &Column, overriding: ast::Overriding) -> Result<()> {
    let refused = || {
        err!(
            sqlstate::GENERATED_ALWAYS,
            "cannot insert a non-DEFAULT value into column \"{}\"",
            column.name
        )
    };
    if column.generated {
        let detail = format!("Column \"{}\" is a generated column.", column.name);
        return Err(refused().with_detail(detail));
    }
    if column.identity == Identity::Always && overriding != ast::Overriding::SystemValue {
        let detail = format!(
            "Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
            column.name
        );
        return Err(refused()
            .with_detail(detail)
            .with_hint("Use OVERRIDING SYSTEM VALUE to override."));
    }
    Ok(())
}
