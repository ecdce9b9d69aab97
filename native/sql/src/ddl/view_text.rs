//! Changes of the texts that the catalog keeps when what they name is renamed or dropped.

use super::builder::Builder;
use crate::binder::rewrite::{Change, change_expr, change_query};
use catalog::{Object, Table};
use common::{Error, ObjectId, Result};
use parser as ast;

/// Takes columns out of the lists behind a table's name in FROM.
pub(super) struct ForgetColumns {
    pub schema: String,
    pub name: String,
    /// Places in the list of columns that live, before the drop.
    pub gone: Vec<usize>,
}

fn is_table(table: &ast::TableRef, schema: &str, name: &str) -> bool {
    table.name.schema.as_deref() == Some(schema) && table.name.name == name
}

impl Change for ForgetColumns {
    fn table(&mut self, table: &mut ast::TableRef) {
        if !is_table(table, &self.schema, &self.name) {
            return;
        }
        if let Some(alias) = &mut table.alias {
            let mut at = 0;
            alias.columns.retain(|_| {
                at += 1;
                !self.gone.contains(&(at - 1))
            });
        }
    }
}

/// Another name or schema for a relation.
pub(super) struct RenameRelation {
    pub schema: String,
    pub name: String,
    pub new_schema: String,
    pub new_name: String,
}

impl Change for RenameRelation {
    fn table(&mut self, table: &mut ast::TableRef) {
        if is_table(table, &self.schema, &self.name) {
            table.name.schema = Some(self.new_schema.clone());
            table.name.name.clone_from(&self.new_name);
        }
    }
}

/// Another name for a column, in expressions over its own table.
pub(super) struct RenameColumn<'a> {
    pub old: &'a str,
    pub new: &'a str,
}

impl Change for RenameColumn<'_> {
    fn expr(&mut self, expr: &mut ast::Expr) {
        if let ast::ExprKind::ColumnRef(parts) = &mut expr.kind
            && let Some(ast::NamePart::Name(last)) = parts.last_mut()
            && last == self.old
        {
            self.new.clone_into(last);
        }
    }
}

impl Builder<'_> {
    /// Applies a change to the queries of all views that depend on a relation.
    pub fn edit_views(&mut self, relation: ObjectId, change: &mut dyn Change) -> Result<()> {
        let views: Vec<Table> = self
            .catalog
            .dependents_of(relation)
            .filter_map(|object| match object {
                Object::Table(view) if view.query.is_some() => Some((**view).clone()),
                _ => None,
            })
            .collect();
        for mut view in views {
            let text = view.query.as_deref().unwrap_or_default();
            let mut statements = parser::parse(text)?;
            let statement = statements.pop().map(|s| s.stmt);
            let Some(ast::Statement::Query(mut query)) = statement else {
                return Err(Error::corrupted(format!(
                    "view {} is not a query",
                    view.oid
                )));
            };
            change_query(&mut query, change);
            view.query = Some(parser::deparse_query(&query));
            self.put(view);
        }
        Ok(())
    }
}

/// A kept expression with one column renamed.
pub(super) fn rename_in_text(text: &str, old: &str, new: &str) -> Result<String> {
    let mut expr = crate::binder::parse_expression(text)?;
    change_expr(&mut expr, &mut RenameColumn { old, new });
    Ok(parser::deparse_expr(&expr))
}
