//! ON CONFLICT: which unique indexes arbitrate, and what DO UPDATE sets (`infer_arbiter_indexes`).

use super::binder::Binder;
use super::expr_kind::ExprKind;
use crate::ir::{ConflictAction, ConflictUpdate, OnConflict};
use catalog::{Index, Table};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn bind_on_conflict(
        &mut self,
        clause: &ast::OnConflict,
        table: &Arc<Table>,
        alias: &str,
    ) -> Result<OnConflict> {
        let update = matches!(clause.action, ast::ConflictAction::DoUpdate { .. });
        if update && clause.target.is_none() {
            let message =
                "ON CONFLICT DO UPDATE requires inference specification or constraint name";
            let error = Error::new(sqlstate::SYNTAX_ERROR, message)
                .with_hint("For example, ON CONFLICT (column_name).");
            return Err(self.error_at(clause.location, error));
        }
        let arbiters = match &clause.target {
            None => Vec::new(),
            Some(target) => self.arbiters(target, table, alias)?,
        };
        let action = match &clause.action {
            ast::ConflictAction::DoNothing => ConflictAction::Nothing,
            ast::ConflictAction::DoUpdate { set, filter } => {
                let update = self.conflict_update(set, filter.as_ref(), table, alias)?;
                ConflictAction::Update(Box::new(update))
            }
        };
        Ok(OnConflict { arbiters, action })
    }

    fn arbiters(
        &mut self,
        target: &ast::ConflictTarget,
        table: &Arc<Table>,
        alias: &str,
    ) -> Result<Vec<ObjectId>> {
        let catalog = self.cx.catalog;
        match target {
            ast::ConflictTarget::Constraint { name, .. } => {
                let constraint = catalog.constraint_by_name(table.oid, name).ok_or_else(|| {
                    err!(
                        sqlstate::UNDEFINED_OBJECT,
                        "constraint \"{name}\" for table \"{}\" does not exist",
                        table.name
                    )
                })?;
                let index = catalog
                    .index(constraint.index)
                    .filter(|i| i.table == table.oid);
                let index = index.ok_or_else(|| {
                    Error::new(
                        sqlstate::WRONG_OBJECT_TYPE,
                        "constraint in ON CONFLICT clause has no associated index",
                    )
                })?;
                Ok(vec![index.oid])
            }
            ast::ConflictTarget::Columns { elems, filter, .. } => {
                let mut keys = Vec::with_capacity(elems.len());
                for elem in elems {
                    keys.push(self.conflict_key(elem, table, alias)?);
                }
                let filter = filter.as_ref().map(parser::deparse_expr);
                let fits = |index: &&Arc<Index>| infers(index, &keys, filter.as_deref());
                let found: Vec<ObjectId> = catalog
                    .indexes_of(table.oid)
                    .filter(fits)
                    .map(|i| i.oid)
                    .collect();
                if found.is_empty() {
                    return Err(Error::new(
                        sqlstate::INVALID_COLUMN_REFERENCE,
                        "there is no unique or exclusion constraint matching the ON CONFLICT \
                         specification",
                    ));
                }
                Ok(found)
            }
        }
    }

    /// A column's number, or an expression's text.
    fn conflict_key(
        &mut self,
        elem: &ast::IndexElem,
        table: &Arc<Table>,
        _alias: &str,
    ) -> Result<ConflictKey> {
        let name = match &elem.key {
            ast::IndexKey::Column(name) => name,
            ast::IndexKey::Expr(expr) => {
                return Ok(ConflictKey::Expression(parser::deparse_expr(expr)));
            }
        };
        match table.column(name) {
            Some(column) => Ok(ConflictKey::Column(column.attnum)),
            None => Err(err!(
                sqlstate::UNDEFINED_COLUMN,
                "column \"{name}\" does not exist"
            )),
        }
    }

    fn conflict_update(
        &mut self,
        set: &[ast::Assignment],
        filter: Option<&ast::Expr>,
        table: &Arc<Table>,
        alias: &str,
    ) -> Result<ConflictUpdate> {
        let existing = self.row_ids(table, alias);
        let excluded = self.row_ids(table, "excluded");
        let own = self.row_item(table, alias, &existing);
        let proposed = self.row_item(table, "excluded", &excluded);
        for item in [&own, &proposed] {
            let (name, columns) = (item.name.clone(), item.columns.clone());
            self.note_relation(&name, None, &columns);
        }
        self.level().items = vec![own, proposed];
        let (assignments, extra) = self.bind_assignments(set, table)?;
        if !extra.is_empty() {
            return Err(Error::not_implemented(
                "a row subquery in ON CONFLICT DO UPDATE",
            ));
        }
        let condition = match filter {
            Some(filter) => Some(self.bind_condition(filter, ExprKind::Where, "WHERE")?.expr),
            None => None,
        };
        self.level().items.clear();
        Ok(ConflictUpdate {
            existing,
            excluded,
            assignments,
            condition,
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum ConflictKey {
    Column(i16),
    Expression(String),
}

/// True if the index is unique on exactly these keys, and its predicate is the one given.
fn infers(index: &Index, keys: &[ConflictKey], filter: Option<&str>) -> bool {
    let key_of = |key: &catalog::IndexKey| match &key.expression {
        Some(text) => ConflictKey::Expression(text.clone()),
        None => ConflictKey::Column(key.attnum),
    };
    let own: Vec<ConflictKey> = index.keys.iter().map(key_of).collect();
    let same = own.iter().all(|k| keys.contains(k)) && keys.iter().all(|k| own.contains(k));
    let predicate = match (&index.predicate, filter) {
        (None, _) => true,
        (Some(own), Some(given)) => own == given,
        (Some(_), None) => false,
    };
    index.unique && index.valid && same && predicate
}
