//! Table rules: defaults, generated columns, checks, keys, bound once a catalog version.

use super::binder::Binder;
use super::context::BindContext;
use super::expr_kind::ExprKind;
use super::scope::Item;
use crate::ir::{CheckRule, ColumnId, Expr, ForeignKeyRule, IndexRule, TableRules};
use catalog::{Catalog, Constraint, ConstraintKind, Table};
use common::{Error, ObjectId, Result};
use std::sync::Arc;
use types::SqlType;

/// Binds what must hold for a table's rows. `cx.rules` is not used.
pub fn bind_table_rules(cx: &BindContext<'_>, table: &Arc<Table>) -> Result<TableRules> {
    let mut binder = Binder::new(cx);
    binder.forbid_params();
    let ids = binder.row_ids(table, &table.name);
    debug_assert!(
        ids.iter()
            .enumerate()
            .all(|(at, id)| *id == ColumnId(at as u32))
    );
    let item = binder.row_item(table, &table.name, &ids);
    let types: Vec<SqlType> = table.columns.iter().map(super::from::column_type).collect();
    let mut rules = TableRules {
        table: table.clone(),
        schema: cx
            .catalog
            .schema(table.schema)
            .map(|s| s.name.clone())
            .unwrap_or_default(),
        types,
        defaults: vec![None; table.columns.len()],
        generated: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        referenced_by: Vec::new(),
        indexes: Vec::new(),
    };
    for column in table.live_columns() {
        let at = column.attnum as usize - 1;
        let Some(text) = &column.default else {
            continue;
        };
        if column.generated {
            let items = std::slice::from_ref(&item);
            let value = binder.bind_text(text, items, ExprKind::Generated)?;
            let value = binder.assign(value, column)?;
            rules.generated.push((at as u16, value));
        } else {
            rules.defaults[at] = Some(binder.default_value(column)?);
        }
    }
    for constraint in cx.catalog.constraints_of(table.oid) {
        match constraint.kind {
            ConstraintKind::Check => {
                let condition = binder.bind_check(constraint, &item)?;
                rules.checks.push(CheckRule {
                    name: constraint.name.clone(),
                    condition,
                });
            }
            ConstraintKind::Foreign => {
                rules
                    .foreign_keys
                    .push(foreign_key(cx.catalog, constraint)?);
            }
            _ => {}
        }
    }
    rules.checks.sort_by(|a, b| a.name.cmp(&b.name));
    rules
        .foreign_keys
        .sort_by(|a, b| a.constraint.name.cmp(&b.constraint.name));
    for constraint in cx.catalog.referencing_keys(table.oid) {
        rules
            .referenced_by
            .push(foreign_key(cx.catalog, constraint)?);
    }
    for index in cx.catalog.indexes_of(table.oid) {
        let mut keys = Vec::with_capacity(index.keys.len());
        for key in &index.keys {
            keys.push(match &key.expression {
                Some(text) => {
                    let items = std::slice::from_ref(&item);
                    binder
                        .bind_text(text, items, ExprKind::IndexExpression)?
                        .expr
                }
                None => {
                    let at = key.attnum as usize - 1;
                    let ty = *rules.types.get(at).ok_or_else(|| corrupted(table))?;
                    Expr::column(ids[at], ty)
                }
            });
        }
        let predicate = match &index.predicate {
            Some(text) => {
                let items = std::slice::from_ref(&item);
                let bound = binder.bind_text(text, items, ExprKind::IndexPredicate)?;
                Some(binder.coerce_to_boolean(bound, "WHERE")?.expr)
            }
            None => None,
        };
        rules.indexes.push(IndexRule {
            index: index.clone(),
            keys,
            predicate,
        });
    }
    Ok(rules)
}

impl Binder<'_> {
    fn bind_check(&mut self, constraint: &Constraint, item: &Item) -> Result<Expr> {
        let text = constraint.expression.as_deref().unwrap_or("true");
        let bound = self.bind_text(text, std::slice::from_ref(item), ExprKind::Check)?;
        Ok(self.coerce_to_boolean(bound, "CHECK")?.expr)
    }
}

fn corrupted(table: &Table) -> Error {
    Error::corrupted(format!(
        "the catalog names a column that table {} does not have",
        table.oid
    ))
}

fn foreign_key(catalog: &Catalog, constraint: &Arc<Constraint>) -> Result<ForeignKeyRule> {
    let find = |oid: ObjectId| {
        let table = catalog.table(oid);
        table.ok_or_else(|| Error::corrupted(format!("a foreign key names table {oid}")))
    };
    let (child, parent) = (find(constraint.table)?, find(constraint.foreign_table)?);
    let types = |table: &Table, columns: &[i16]| {
        let ty = |attnum: &i16| {
            let column = table.attribute(*attnum).ok_or_else(|| corrupted(table))?;
            Ok(super::from::column_type(column))
        };
        columns.iter().map(ty).collect::<Result<Vec<SqlType>>>()
    };
    let positions = |columns: &[i16]| columns.iter().map(|a| *a as u16 - 1).collect::<Vec<u16>>();
    let covers = |index: &&Arc<catalog::Index>| {
        let width = constraint.columns.len();
        index.valid
            && index.predicate.is_none()
            && index.keys.len() >= width
            && index.keys[..width]
                .iter()
                .all(|k| constraint.columns.contains(&k.attnum))
    };
    Ok(ForeignKeyRule {
        child: child.oid,
        child_name: child.name.clone(),
        child_columns: positions(&constraint.columns),
        child_index: catalog.indexes_of(child.oid).find(covers).map(|i| i.oid),
        parent: parent.oid,
        parent_name: parent.name.clone(),
        parent_columns: positions(&constraint.foreign_columns),
        parent_types: types(parent, &constraint.foreign_columns)?,
        child_types: types(child, &constraint.columns)?,
        parent_index: constraint.index,
        constraint: constraint.clone(),
    })
}
