//! What INSERT, UPDATE and DELETE share: their target, RETURNING, values for columns.

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::relation::NamedRelation;
use super::scope::{Item, ItemColumn};
use super::subquery::BoundColumn;
use super::type_rules::CoercionContext;
use super::typed::Typed;
use crate::ir::{ColumnId, Expr};
use catalog::{Column, Table, TableKind};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;

impl Binder<'_> {
    /// The table that a statement writes. Views and system relations are refused.
    pub(super) fn writable(&self, name: &ast::RelationName, verb: &str) -> Result<Arc<Table>> {
        let table = match self.find_relation(name)? {
            NamedRelation::Table(table) => table,
            NamedRelation::Sequence(sequence) => {
                return Err(err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "cannot change sequence \"{}\"",
                    sequence.name
                ));
            }
        };
        match table.kind {
            TableKind::Table => Ok(table),
            TableKind::View => Err(Error::not_implemented(format_args!(
                "{verb} view \"{}\"",
                table.name
            ))),
            TableKind::MaterializedView => Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "cannot change materialized view \"{}\"",
                table.name
            )),
            TableKind::Virtual => Err(err!(
                sqlstate::INSUFFICIENT_PRIVILEGE,
                "permission denied: \"{}\" is a system catalog",
                table.name
            )),
        }
    }

    /// Fresh ids for all columns of a table by position, dropped ones too.
    pub(super) fn row_ids(&mut self, table: &Table, alias: &str) -> Vec<ColumnId> {
        let columns = table.columns.iter();
        let add = |c: &Column| {
            self.columns.add(
                alias.to_owned(),
                c.name.clone(),
                super::from::column_type(c),
            )
        };
        columns.map(add).collect()
    }

    /// An item whose columns are these ids.
    pub(super) fn row_item(&self, table: &Table, alias: &str, ids: &[ColumnId]) -> Item {
        let mut columns = Vec::with_capacity(ids.len());
        for column in table.live_columns() {
            let ty = super::from::column_type(column);
            let id = ids[column.attnum as usize - 1];
            columns.push(ItemColumn {
                name: column.name.clone(),
                expr: Expr::column(id, ty),
                ty,
                collation: super::collation::CollationOf::of_column(ty.oid, column.collation),
                origin: (table.oid, column.attnum),
            });
        }
        Item {
            row_type: types::TypeOid(table.row_type.0),
            ..Item::new(alias.to_owned(), columns)
        }
    }

    /// RETURNING over the level's items as they are now.
    #[expect(
        clippy::type_complexity,
        reason = "the plan's list and its description"
    )]
    pub(super) fn bind_returning(
        &mut self,
        items: &[ast::SelectItem],
    ) -> Result<(Vec<(ColumnId, Expr)>, Vec<BoundColumn>)> {
        let targets = self.bind_targets(items, ExprKind::Returning)?;
        let mut list = Vec::with_capacity(targets.len());
        let mut columns = Vec::with_capacity(targets.len());
        for target in targets {
            let value = self.resolve_unknown(target.value)?;
            let ty = value.ty();
            let id = self.columns.add_computed(target.name.clone(), ty);
            columns.push(BoundColumn {
                id,
                name: target.name,
                ty,
                collation: value.collation,
                origin: target.origin,
            });
            list.push((id, value.expr));
        }
        Ok((list, columns))
    }

    /// The column of a target list: by name, 42703 or a system column's 0A000.
    pub(super) fn target_column<'t>(
        &self,
        table: &'t Table,
        target: &ast::AssignTarget,
    ) -> Result<&'t Column> {
        if let Some(column) = table.column(&target.column) {
            if !target.path.is_empty() {
                return Err(Error::not_implemented("assignment to a part of a column"));
            }
            return Ok(column);
        }
        let error = match super::columns::system_column(&target.column) {
            Some(_) => err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot assign to system column \"{}\"",
                target.column
            ),
            None => err!(
                sqlstate::UNDEFINED_COLUMN,
                "column \"{}\" of relation \"{}\" does not exist",
                target.column,
                table.name
            ),
        };
        Err(self.error_at(target.location, error))
    }

    /// A value in the type of the column it goes to (`transformAssignedExpr`).
    pub(super) fn assign(&mut self, value: Typed, column: &Column) -> Result<Expr> {
        let target = super::from::column_type(column);
        let (from, location) = (value.oid(), value.location);
        let context = CoercionContext::Assignment;
        if let Some(done) = self.coerce_to_target(value, target, context, location)? {
            return Ok(done.expr);
        }
        let rules = self.types();
        let (want, have) = (rules.name(target.oid), rules.name(from));
        let error = err!(
            sqlstate::DATATYPE_MISMATCH,
            "column \"{}\" is of type {want} but expression is of type {have}",
            column.name
        )
        .with_hint("You will need to rewrite or cast the expression.");
        Err(self.error_at(location, error))
    }

    /// The column's default, or null; generated columns have none here.
    pub(super) fn default_value(&mut self, column: &Column) -> Result<Expr> {
        let ty = super::from::column_type(column);
        let Some(text) = column.default.as_ref().filter(|_| !column.generated) else {
            return Ok(Expr::null(ty));
        };
        let bound = self.bind_text(text, &[], ExprKind::Default)?;
        self.assign(bound, column)
    }

    /// Binds an expression that the catalog holds as text, over the columns of `items`.
    pub(super) fn bind_text(
        &mut self,
        text: &str,
        items: &[Item],
        kind: ExprKind,
    ) -> Result<Typed> {
        let expr = parse_expression(text)?;
        let path = self.cx.path();
        self.in_view(path, |binder| {
            let level = super::scope::Level {
                items: items.to_vec(),
                kind,
                ..super::scope::Level::default()
            };
            binder.levels.push(level);
            binder.bind_expr(&expr)
        })
    }
}

/// Parses one expression; the catalog's texts are such.
pub(crate) fn parse_expression(text: &str) -> Result<ast::Expr> {
    let wrapped = format!("SELECT {text}");
    let mut statements = parser::parse(&wrapped)?;
    let statement = statements.pop().map(|s| s.stmt);
    if let Some(ast::Statement::Query(query)) = statement
        && let ast::QueryBody::Select(mut select) = query.body
        && select.targets.len() == 1
    {
        return Ok(select.targets.remove(0).expr);
    }
    Err(Error::corrupted("a stored expression is not an expression"))
}

/// The position of a column among its table's, from 0.
pub(super) fn position(column: &Column) -> u16 {
    column.attnum as u16 - 1
}
