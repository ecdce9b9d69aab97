//! The state of one DDL statement's analysis: a private copy of the catalog that each step changes,
//! so that later steps see what earlier ones made.

use super::plan::{Action, DdlLock, DdlPlan, FileKind};
use crate::binder::{BindContext, Notice};
use crate::ir::{Expr, TableRules};
use catalog::{Catalog, CatalogChange, Describer, Object, ObjectKind, Relation};
use common::{Error, FileId, ObjectId, Result, err, sqlstate};
use parser as ast;
use std::sync::Arc;
use types::Datum;

/// What DDL needs of the engine beyond binding.
pub struct DdlContext<'a> {
    pub bind: BindContext<'a>,
    /// Gives an oid that was never given before.
    pub next_oid: &'a dyn Fn() -> ObjectId,
    /// Gives a file number that was never given before.
    pub next_file: &'a dyn Fn() -> FileId,
    /// The name of the session's temporary schema, which is its own from then on; 53400 when there
    /// are too many.
    pub temp_schema_name: &'a dyn Fn() -> Result<String>,
    /// Evaluates an expression without columns, for the value that ADD COLUMN gives old rows.
    pub evaluate: &'a dyn Fn(&Expr) -> Result<Datum>,
}

pub(super) struct Builder<'a> {
    pub cx: &'a DdlContext<'a>,
    pub catalog: Catalog,
    pub plan: DdlPlan,
    pub path: Vec<ObjectId>,
}

impl<'a> Builder<'a> {
    pub fn new(cx: &'a DdlContext<'a>, tag: &'static str) -> Self {
        let path = cx.bind.path();
        let plan = DdlPlan {
            tag,
            ..DdlPlan::default()
        };
        Self {
            cx,
            catalog: cx.bind.catalog.clone(),
            plan,
            path,
        }
    }

    /// A context for binding against the catalog as it stands now.
    pub fn bind_with<T>(&self, bind: impl FnOnce(&BindContext<'_>) -> T) -> T {
        let rules = |oid: ObjectId| self.rules(oid);
        let cx = BindContext {
            catalog: &self.catalog,
            rules: &rules,
            ..self.cx.bind
        };
        bind(&cx)
    }

    /// The rules of a table as it stands now.
    pub fn rules(&self, oid: ObjectId) -> Result<Arc<TableRules>> {
        let table = self.catalog.table(oid);
        let table = table.ok_or_else(|| Error::internal(format!("no table {oid}")))?;
        let unused = |_: ObjectId| Err(Error::internal("rules are not bound by rules"));
        let cx = BindContext {
            catalog: &self.catalog,
            rules: &unused,
            ..self.cx.bind
        };
        crate::binder::bind_table_rules(&cx, table).map(Arc::new)
    }

    pub fn put(&mut self, object: impl Into<Object>) {
        let object = object.into();
        self.catalog.put(object.clone());
        self.plan.changes.push(CatalogChange::Put(object));
    }

    pub fn remove(&mut self, kind: ObjectKind, oid: ObjectId) {
        self.catalog.remove(kind, oid);
        self.plan.changes.push(CatalogChange::Drop(kind, oid));
    }

    pub fn act(&mut self, action: Action) {
        self.plan.actions.push(action);
    }

    pub fn lock(&mut self, relation: ObjectId, lock: DdlLock) {
        match self.plan.locks.iter_mut().find(|(oid, _)| *oid == relation) {
            Some((_, known)) => *known = (*known).max(lock),
            None => self.plan.locks.push((relation, lock)),
        }
    }

    pub fn notice(&mut self, notice: Notice) {
        self.plan.notices.push(notice);
    }

    pub fn oid(&self) -> ObjectId {
        (self.cx.next_oid)()
    }

    /// A new file for a relation, with the action that makes it.
    pub fn file(&mut self, owner: ObjectId, kind: FileKind) -> FileId {
        let file = (self.cx.next_file)();
        self.act(Action::CreateFile { file, owner, kind });
        file
    }

    pub fn error_at(&self, location: ast::Location, error: Error) -> Error {
        match location.position(self.cx.bind.sql) {
            Some(position) => error.with_position(position),
            None => error,
        }
    }

    pub fn describer(&self) -> Describer<'_> {
        Describer {
            catalog: &self.catalog,
            path: &self.path,
        }
    }

    /// The schema of that name; 3F000 where there is none.
    pub fn schema(&self, name: &str) -> Result<ObjectId> {
        let found = self.catalog.schema_by_name(name).map(|s| s.oid);
        found.ok_or_else(|| {
            err!(
                sqlstate::INVALID_SCHEMA_NAME,
                "schema \"{name}\" does not exist"
            )
        })
    }

    /// The relation of that name, if there is one, by the session's search path.
    pub fn find(&self, name: &ast::RelationName) -> Result<Option<Relation>> {
        let Some(schema) = &name.schema else {
            let find = |s: &ObjectId| self.catalog.relation_by_name(*s, &name.name);
            return Ok(self.path.iter().find_map(find));
        };
        let oid = self.cx.bind.schema_named(&self.catalog, schema);
        Ok(oid.and_then(|oid| self.catalog.relation_by_name(oid, &name.name)))
    }

    /// 42P01 for a name that is no relation.
    pub fn missing(&self, name: &ast::RelationName) -> Error {
        err!(
            sqlstate::UNDEFINED_TABLE,
            "relation \"{}\" does not exist",
            display(name)
        )
    }

    /// True if a relation of that name is in the schema.
    pub fn exists(&self, schema: ObjectId, name: &str) -> bool {
        self.catalog.relation_by_name(schema, name).is_some()
            || self.catalog.type_by_name(schema, name).is_some()
    }

    /// Refuses changes of the system's own relations.
    pub fn refuse_system(&self, schema: ObjectId, name: &str) -> Result<()> {
        if matches!(
            schema,
            catalog::oid::PG_CATALOG | catalog::oid::INFORMATION_SCHEMA
        ) {
            return Err(err!(
                sqlstate::INSUFFICIENT_PRIVILEGE,
                "permission denied: \"{name}\" is a system catalog"
            ));
        }
        Ok(())
    }
}

/// A relation's name as a message repeats it.
pub(super) fn display(name: &ast::RelationName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.clone(),
    }
}

/// A dotted name as a relation's.
pub(super) fn relation_name(name: &ast::QualifiedName) -> ast::RelationName {
    ast::RelationName {
        database: None,
        schema: name.schema().map(str::to_owned),
        name: name.name().to_owned(),
        location: name.location,
    }
}
