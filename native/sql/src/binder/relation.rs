//! Relations by name, and views as the queries they are.

use super::binder::Binder;
use super::scope::CteState;
use super::subquery::BoundQuery;
use catalog::{Persistence, Relation, Sequence, Table};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;

/// A relation that a query may name.
#[derive(Debug, Clone)]
pub(crate) enum NamedRelation {
    Table(Arc<Table>),
    Sequence(Arc<Sequence>),
}

impl Binder<'_> {
    /// The relation of that name in the schema written, or the first on the search path.
    pub(crate) fn lookup(&self, name: &ast::RelationName) -> Result<Option<Relation>> {
        let catalog = self.cx.catalog;
        if let Some(database) = &name.database
            && database != self.cx.database_name()
        {
            return Err(err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cross-database references are not implemented: \"{}\"",
                [database, name.schema.as_deref().unwrap_or(""), &name.name].join(".")
            ));
        }
        let Some(schema) = &name.schema else {
            let find = |schema: &ObjectId| catalog.relation_by_name(*schema, &name.name);
            return Ok(self.path.iter().find_map(find));
        };
        let oid = self.cx.schema_named(catalog, schema);
        Ok(oid.and_then(|oid| catalog.relation_by_name(oid, &name.name)))
    }

    /// As [`Binder::lookup`]; 42P01 with its hint where there is none, 42809 for an index.
    pub(crate) fn find_relation(&self, name: &ast::RelationName) -> Result<NamedRelation> {
        let found = self
            .lookup(name)
            .map_err(|error| self.error_at(name.location, error))?;
        match found {
            Some(Relation::Table(table)) => {
                self.refuse_foreign_temporary(&table)?;
                Ok(NamedRelation::Table(table))
            }
            Some(Relation::Sequence(sequence)) => Ok(NamedRelation::Sequence(sequence)),
            Some(Relation::Index(index)) => {
                let error = err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "cannot open relation \"{}\"",
                    index.name
                )
                .with_detail("This operation is not supported for indexes.");
                Err(self.error_at(name.location, error))
            }
            None => Err(self.missing_relation(name)),
        }
    }

    /// Rows of temporary tables are their session's alone.
    fn refuse_foreign_temporary(&self, table: &Table) -> Result<()> {
        if table.persistence != Persistence::Temporary
            || !table.has_storage()
            || Some(table.schema) == self.cx.temp_schema
        {
            return Ok(());
        }
        let message = "cannot access temporary tables of other sessions";
        Err(Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message))
    }

    fn missing_relation(&self, name: &ast::RelationName) -> Error {
        let error = match &name.schema {
            Some(schema) => {
                err!(
                    sqlstate::UNDEFINED_TABLE,
                    "relation \"{schema}.{}\" does not exist",
                    name.name
                )
            }
            None => err!(
                sqlstate::UNDEFINED_TABLE,
                "relation \"{}\" does not exist",
                name.name
            ),
        };
        let mut ctes = self.levels.iter().flat_map(|level| &level.ctes);
        let pending = |cte: &super::scope::CteEntry| {
            name.schema.is_none() && cte.name == name.name && cte.state == CteState::Pending
        };
        let error = match ctes.any(pending) {
            true => error
                .with_detail(format!(
                    "There is a WITH item named \"{}\", but it cannot be referenced from this \
                     part of the query.",
                    name.name
                ))
                .with_hint(
                    "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.",
                ),
            false => error,
        };
        self.error_at(name.location, error)
    }

    /// Binds a view's query. Its text names everything in full; only `pg_catalog` is searched.
    /// `locking`: what the query around it locks in it.
    pub(super) fn bind_view(
        &mut self,
        view: &Arc<Table>,
        locking: Vec<ast::LockingClause>,
    ) -> Result<BoundQuery> {
        let Some(text) = &view.query else {
            return Err(Error::internal(format!("view {} has no query", view.oid)));
        };
        let statements = parser::parse(text)?;
        let [statement] = statements.as_slice() else {
            return Err(Error::corrupted(format!(
                "view {} is not one statement",
                view.oid
            )));
        };
        let ast::Statement::Query(query) = &statement.stmt else {
            return Err(Error::corrupted(format!(
                "view {} is not a query",
                view.oid
            )));
        };
        let path = vec![catalog::oid::PG_CATALOG, view.schema];
        self.in_view(path, |binder| binder.bind_query_locked(query, locking))
    }
}
