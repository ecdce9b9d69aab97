//! Temporary relations: where they are made, what becomes of them when a transaction commits or
//! their session ends (`RangeVarGetCreationNamespace`, `PreCommit_on_commit_actions`,
//! `RemoveTempRelations`).

use super::builder::{Builder, DdlContext};
use super::plan::{DdlLock, DdlPlan};
use crate::binder::Notice;
use catalog::{
    DropTarget, OWN_TEMP_SCHEMA, Object, OnCommit, Persistence, Reference, Schema, Table,
};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;

/// What the end of a transaction does to temporary tables: those of ON COMMIT DROP go, `written`
/// ones of ON COMMIT DELETE ROWS are emptied. The plan is empty where there is nothing to do.
pub fn on_commit(cx: &DdlContext<'_>, written: &[ObjectId]) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "COMMIT");
    let Some(schema) = cx.bind.temp_schema else {
        return Ok(builder.plan);
    };
    let own = builder.catalog.tables().filter(|t| t.schema == schema);
    let dropped: Vec<DropTarget> = own
        .filter(|table| table.on_commit == OnCommit::Drop)
        .map(|table| DropTarget::whole(&Object::Table(table.clone())))
        .collect();
    builder.drop_silently(&dropped)?;
    let emptied: Vec<ObjectId> = builder
        .catalog
        .tables()
        .filter(|table| table.schema == schema && table.on_commit == OnCommit::DeleteRows)
        .map(|table| table.oid)
        .collect();
    for oid in &emptied {
        builder.check_emptied_alone(*oid)?;
    }
    // The others are empty already.
    for oid in emptied.into_iter().filter(|oid| written.contains(oid)) {
        builder.empty_table(oid)?;
    }
    Ok(builder.plan)
}

/// Drops all that the session has in its temporary schema, and what depends on it; says nothing.
pub fn drop_temporary(cx: &DdlContext<'_>) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "DISCARD TEMP");
    if let Some(schema) = cx.bind.temp_schema {
        let all = builder.catalog.relations_in(schema);
        let targets: Vec<DropTarget> = all.map(|object| DropTarget::whole(&object)).collect();
        builder.drop_silently(&targets)?;
    }
    Ok(builder.plan)
}

impl Builder<'_> {
    /// Where a relation is to be created, and how long it lives there.
    pub fn creation_place(
        &mut self,
        name: &ast::RelationName,
        persistence: ast::Persistence,
    ) -> Result<(ObjectId, Persistence)> {
        let schema = self.creation_schema(name, persistence)?;
        let own = Some(schema) == self.cx.bind.temp_schema;
        let is_temporary = self.catalog.is_temp_schema(schema);
        let persistence = match persistence {
            ast::Persistence::Permanent if !is_temporary => Persistence::Permanent,
            ast::Persistence::Unlogged if !is_temporary => Persistence::Unlogged,
            ast::Persistence::Unlogged => {
                let message = "only temporary relations may be created in temporary schemas";
                return Err(self.wrong_place(name, message));
            }
            ast::Persistence::Temporary if !is_temporary => {
                let message = "cannot create temporary relation in non-temporary schema";
                return Err(self.wrong_place(name, message));
            }
            _ if own || self.makes_own(name, persistence) => Persistence::Temporary,
            _ => {
                let message = "cannot create relations in temporary schemas of other sessions";
                return Err(self.wrong_place(name, message));
            }
        };
        self.refuse_creation_in_system(schema, &name.name)?;
        Ok((schema, persistence))
    }

    fn wrong_place(&self, name: &ast::RelationName, message: &str) -> Error {
        let error = Error::new(sqlstate::INVALID_TABLE_DEFINITION, message);
        self.error_at(name.location, error)
    }

    /// Whether a name means the session's temporary schema without spelling it.
    fn makes_own(&self, name: &ast::RelationName, persistence: ast::Persistence) -> bool {
        match name.schema.as_deref() {
            Some(schema) => schema == OWN_TEMP_SCHEMA,
            None => persistence == ast::Persistence::Temporary || self.cx.bind.makes_temporary,
        }
    }

    fn creation_schema(
        &mut self,
        name: &ast::RelationName,
        persistence: ast::Persistence,
    ) -> Result<ObjectId> {
        if self.makes_own(name, persistence) {
            return self.own_temp_schema();
        }
        match &name.schema {
            Some(schema) => self
                .schema(schema)
                .map_err(|error| self.error_at(name.location, error)),
            None => self.cx.bind.creation_schema().ok_or_else(|| {
                Error::new(
                    sqlstate::INVALID_SCHEMA_NAME,
                    "no schema has been selected to create in",
                )
            }),
        }
    }

    /// The session's temporary schema, made where it is not there yet.
    fn own_temp_schema(&mut self) -> Result<ObjectId> {
        if let Some(schema) = self.cx.bind.temp_schema {
            return Ok(schema);
        }
        let name = (self.cx.temp_schema_name)()?;
        if let Some(schema) = self.catalog.schema_by_name(&name) {
            return Ok(schema.oid);
        }
        let oid = self.oid();
        self.put(Schema {
            oid,
            name,
            owner: catalog::oid::SUPERUSER,
            acl: Vec::new(),
        });
        Ok(oid)
    }

    fn refuse_creation_in_system(&self, schema: ObjectId, name: &str) -> Result<()> {
        if !matches!(
            schema,
            catalog::oid::PG_CATALOG | catalog::oid::INFORMATION_SCHEMA
        ) {
            return Ok(());
        }
        let of = self.catalog.schema(schema).map_or("", |s| s.name.as_str());
        Err(err!(
            sqlstate::INSUFFICIENT_PRIVILEGE,
            "permission denied to create \"{of}.{name}\""
        )
        .with_detail("System catalog modifications are currently disallowed."))
    }

    /// Whether a query's references lead to something temporary (`isQueryUsingTempRelation`).
    pub fn is_using_temporary(&self, references: &[Reference]) -> bool {
        references.iter().any(|reference| {
            self.catalog
                .stored_table(reference.object)
                .is_some_and(|table| table.persistence == Persistence::Temporary)
        })
    }

    /// A view over something temporary is temporary, with a notice.
    pub fn view_persistence(
        &mut self,
        name: &ast::RelationName,
        persistence: ast::Persistence,
        references: &[Reference],
    ) -> ast::Persistence {
        if persistence != ast::Persistence::Permanent || !self.is_using_temporary(references) {
            return persistence;
        }
        let message = format!("view \"{}\" will be a temporary view", name.name);
        self.notice(Notice::skipping(message));
        ast::Persistence::Temporary
    }

    /// 0A000 for a change of what is another session's.
    pub fn refuse_foreign_temporary(&self, table: &Table, verb: &str) -> Result<()> {
        if table.persistence != Persistence::Temporary
            || Some(table.schema) == self.cx.bind.temp_schema
        {
            return Ok(());
        }
        Err(err!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "cannot {verb} temporary tables of other sessions"
        ))
    }

    /// Drops objects with all that depends on them, without a word to the client.
    fn drop_silently(&mut self, targets: &[DropTarget]) -> Result<()> {
        let notices = self.plan.notices.len();
        self.drop_all(targets, true)?;
        self.plan.notices.truncate(notices);
        Ok(())
    }

    /// A table is not emptied while another that keeps its rows refers to it
    /// (`heap_truncate_check_FKs`).
    fn check_emptied_alone(&self, parent: ObjectId) -> Result<()> {
        for key in self.catalog.referencing_keys(parent) {
            let Some(child) = self.catalog.table(key.table) else {
                continue;
            };
            if child.on_commit == OnCommit::DeleteRows {
                continue;
            }
            let name = self.catalog.table(parent).map_or("", |t| t.name.as_str());
            let message = "unsupported ON COMMIT and foreign key combination";
            return Err(
                Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message).with_detail(format!(
                    "Table \"{}\" references \"{name}\", but they do not have the same ON COMMIT \
                     setting.",
                    child.name
                )),
            );
        }
        Ok(())
    }

    /// Gives a table and its indexes fresh files.
    pub fn empty_table(&mut self, oid: ObjectId) -> Result<()> {
        self.lock(oid, DdlLock::AccessExclusive);
        let mut table = self.table_copy(oid)?;
        self.new_file(&mut table)?;
        self.put(table);
        self.empty_indexes(oid);
        Ok(())
    }
}
