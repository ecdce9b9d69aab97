//! RENAME and SET SCHEMA.

use super::builder::{Builder, DdlContext, display};
use super::plan::{DdlLock, DdlPlan};
use super::view_text::{RenameRelation, rename_in_text};
use crate::binder::Notice;
use catalog::{Object, Relation, Table};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;

pub fn rename(cx: &DdlContext<'_>, statement: &ast::Rename) -> Result<DdlPlan> {
    use ast::ObjectKind as K;
    let mut builder = Builder::new(cx, alter_tag(statement.relation_kind));
    match statement.kind {
        K::Schema => builder.rename_schema(statement)?,
        K::Column => builder.rename_column(statement)?,
        K::TableConstraint => builder.rename_constraint(statement)?,
        K::Table | K::View | K::MaterializedView | K::Index | K::Sequence => {
            builder.rename_relation(statement)?;
        }
        K::Role => builder.rename_role(statement)?,
        K::Database => return Err(Error::not_implemented("ALTER DATABASE RENAME")),
        _ => return Err(Error::not_implemented("RENAME of this kind of object")),
    }
    Ok(builder.plan)
}

/// The tag of an ALTER of that kind of object.
pub(super) fn alter_tag(kind: ast::ObjectKind) -> &'static str {
    use ast::ObjectKind as K;
    match kind {
        K::View => "ALTER VIEW",
        K::MaterializedView => "ALTER MATERIALIZED VIEW",
        K::Index => "ALTER INDEX",
        K::Sequence => "ALTER SEQUENCE",
        K::Schema => "ALTER SCHEMA",
        K::Role => "ALTER ROLE",
        K::Database => "ALTER DATABASE",
        K::Type => "ALTER TYPE",
        _ => "ALTER TABLE",
    }
}

impl Builder<'_> {
    /// The relation of an ALTER; `None` after the notice of IF EXISTS.
    pub fn alter_target(
        &mut self,
        name: &ast::RelationName,
        if_exists: bool,
    ) -> Result<Option<Relation>> {
        match self.find(name)? {
            Some(found) => {
                self.refuse_system(found.schema(), found.name())?;
                self.lock(found.oid(), DdlLock::AccessExclusive);
                Ok(Some(found))
            }
            None if if_exists => {
                let message = format!("relation \"{}\" does not exist, skipping", display(name));
                self.notice(Notice::skipping(message));
                Ok(None)
            }
            None => Err(self.missing(name)),
        }
    }

    fn rename_schema(&mut self, statement: &ast::Rename) -> Result<()> {
        let old = &statement.name.name;
        let oid = self.schema(old)?;
        let new = &statement.new_name;
        if self.catalog.schema_by_name(new).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_SCHEMA,
                "schema \"{new}\" already exists"
            ));
        }
        refuse_reserved(new)?;
        let mut schema = self
            .catalog
            .schema(oid)
            .map(|s| (**s).clone())
            .unwrap_or_default();
        schema.name.clone_from(new);
        let relations: Vec<Table> = self
            .catalog
            .tables()
            .filter(|t| t.schema == oid)
            .map(|t| (**t).clone())
            .collect();
        self.put(schema);
        for table in relations {
            self.move_in_views(&table, old, new, &table.name)?;
        }
        Ok(())
    }

    /// Corrects the views that name a relation.
    fn move_in_views(
        &mut self,
        table: &Table,
        old_schema: &str,
        new_schema: &str,
        new_name: &str,
    ) -> Result<()> {
        let mut change = RenameRelation {
            schema: old_schema.to_owned(),
            name: table.name.clone(),
            new_schema: new_schema.to_owned(),
            new_name: new_name.to_owned(),
        };
        self.edit_views(table.oid, &mut change)
    }

    fn schema_name(&self, oid: ObjectId) -> String {
        self.catalog
            .schema(oid)
            .map(|s| s.name.clone())
            .unwrap_or_default()
    }

    fn rename_relation(&mut self, statement: &ast::Rename) -> Result<()> {
        let Some(found) = self.alter_target(&statement.name, statement.if_exists)? else {
            return Ok(());
        };
        let new = &statement.new_name;
        if self.exists(found.schema(), new) {
            return Err(err!(
                sqlstate::DUPLICATE_TABLE,
                "relation \"{new}\" already exists"
            ));
        }
        match found {
            Relation::Table(table) => {
                let schema = self.schema_name(table.schema);
                self.move_in_views(&table, &schema, &schema, new)?;
                let mut changed = (*table).clone();
                changed.name.clone_from(new);
                self.put(changed);
            }
            Relation::Sequence(sequence) => {
                let mut changed = (*sequence).clone();
                changed.name.clone_from(new);
                self.put(changed);
            }
            Relation::Index(index) => {
                if let Some(constraint) = self.catalog.constraint_of_index(&index).cloned() {
                    let mut changed = (*constraint).clone();
                    changed.name.clone_from(new);
                    self.put(changed);
                }
                let mut changed = (*index).clone();
                changed.name.clone_from(new);
                self.put(changed);
            }
        }
        Ok(())
    }

    fn rename_column(&mut self, statement: &ast::Rename) -> Result<()> {
        let Some(found) = self.alter_target(&statement.name, statement.if_exists)? else {
            return Ok(());
        };
        let Relation::Table(table) = found else {
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "cannot rename columns of relation \"{}\"",
                found.name()
            ));
        };
        let old = statement.part.as_deref().unwrap_or_default();
        let new = &statement.new_name;
        let Some(column) = table.column(old) else {
            return Err(err!(
                sqlstate::UNDEFINED_COLUMN,
                "column \"{old}\" does not exist"
            ));
        };
        if table.column(new).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_COLUMN,
                "column \"{new}\" of relation \"{}\" already exists",
                table.name
            ));
        }
        let mut changed = (*table).clone();
        self.check_column_name(&Table::default(), new)?;
        changed.columns[column.attnum as usize - 1]
            .name
            .clone_from(new);
        for other in changed.columns.iter_mut().filter(|c| c.generated) {
            if let Some(text) = &other.default {
                other.default = Some(rename_in_text(text, old, new)?);
            }
        }
        let attnum = column.attnum;
        self.put(changed);
        self.rename_in_parts(table.oid, attnum, old, new)
    }

    /// Checks, index expressions and predicates name columns; index columns are named after them.
    fn rename_in_parts(
        &mut self,
        table: ObjectId,
        attnum: i16,
        old: &str,
        new: &str,
    ) -> Result<()> {
        let constraints: Vec<_> = self.catalog.constraints_of(table).cloned().collect();
        for constraint in constraints {
            if let Some(text) = &constraint.expression {
                let mut changed = (*constraint).clone();
                changed.expression = Some(rename_in_text(text, old, new)?);
                self.put(changed);
            }
        }
        let indexes: Vec<_> = self.catalog.indexes_of(table).cloned().collect();
        for index in indexes {
            let mut changed = (*index).clone();
            for key in &mut changed.keys {
                if key.attnum == attnum && key.name == old {
                    new.clone_into(&mut key.name);
                }
                if let Some(text) = &key.expression {
                    key.expression = Some(rename_in_text(text, old, new)?);
                }
            }
            if let Some(text) = &changed.predicate {
                changed.predicate = Some(rename_in_text(text, old, new)?);
            }
            if changed != *index {
                self.put(changed);
            }
        }
        Ok(())
    }

    fn rename_constraint(&mut self, statement: &ast::Rename) -> Result<()> {
        let Some(found) = self.alter_target(&statement.name, statement.if_exists)? else {
            return Ok(());
        };
        let old = statement.part.as_deref().unwrap_or_default();
        let new = &statement.new_name;
        let constraint = self.catalog.constraint_by_name(found.oid(), old).cloned();
        let Some(constraint) = constraint else {
            return Err(err!(
                sqlstate::UNDEFINED_OBJECT,
                "constraint \"{old}\" for table \"{}\" does not exist",
                found.name()
            ));
        };
        let table = self.table_copy(found.oid())?;
        self.check_free(&table, new)?;
        let own = matches!(
            constraint.kind,
            catalog::ConstraintKind::Primary | catalog::ConstraintKind::Unique
        );
        if let Some(index) = self
            .catalog
            .index(constraint.index)
            .filter(|_| own)
            .cloned()
        {
            let mut changed = (*index).clone();
            changed.name.clone_from(new);
            self.put(changed);
        }
        let mut changed = (*constraint).clone();
        changed.name.clone_from(new);
        self.put(changed);
        Ok(())
    }

    fn rename_role(&mut self, statement: &ast::Rename) -> Result<()> {
        let old = &statement.name.name;
        let new = &statement.new_name;
        let Some(role) = self.catalog.role_by_name(old).cloned() else {
            return Err(err!(
                sqlstate::UNDEFINED_OBJECT,
                "role \"{old}\" does not exist"
            ));
        };
        if self.catalog.role_by_name(new).is_some() {
            return Err(err!(
                sqlstate::DUPLICATE_OBJECT,
                "role \"{new}\" already exists"
            ));
        }
        let mut changed = (*role).clone();
        changed.name.clone_from(new);
        self.put(changed);
        Ok(())
    }
}

/// Names that begin with `pg_` are the system's.
pub(super) fn refuse_reserved(name: &str) -> Result<()> {
    if name.starts_with("pg_") {
        return Err(err!(
            sqlstate::RESERVED_NAME,
            "unacceptable schema name \"{name}\""
        )
        .with_detail("The prefix \"pg_\" is reserved for system schemas."));
    }
    Ok(())
}

pub fn set_schema(cx: &DdlContext<'_>, statement: &ast::AlterSchemaOf) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, alter_tag(statement.kind));
    let Some(found) = builder.alter_target(&statement.name, statement.if_exists)? else {
        return Ok(builder.plan);
    };
    let named = builder
        .cx
        .bind
        .schema_named(&builder.catalog, &statement.new_schema);
    let schema = named.map_or_else(|| builder.schema(&statement.new_schema), Ok)?;
    if schema == found.schema() {
        return Ok(builder.plan);
    }
    let catalog = &builder.catalog;
    if catalog.is_temp_schema(schema) || catalog.is_temp_schema(found.schema()) {
        return Err(Error::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "cannot move objects into or out of temporary schemas",
        ));
    }
    if builder.exists(schema, found.name()) {
        return Err(err!(
            sqlstate::DUPLICATE_TABLE,
            "relation \"{}\" already exists in schema \"{}\"",
            found.name(),
            statement.new_schema
        ));
    }
    match found {
        Relation::Table(table) => {
            let old = builder.schema_name(table.schema);
            builder.move_in_views(&table, &old, &statement.new_schema, &table.name)?;
            builder.move_parts(table.oid, schema);
            let mut changed = (*table).clone();
            changed.schema = schema;
            builder.put(changed);
        }
        Relation::Sequence(sequence) => {
            if sequence.owned_by.is_some() {
                return Err(Error::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "cannot move an owned sequence into another schema",
                ));
            }
            let mut changed = (*sequence).clone();
            changed.schema = schema;
            builder.put(changed);
        }
        Relation::Index(index) => {
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "\"{}\" is not a table, view, materialized view, sequence, or foreign table",
                index.name
            ));
        }
    }
    Ok(builder.plan)
}

impl Builder<'_> {
    /// Indexes, constraints and owned sequences follow their table.
    fn move_parts(&mut self, table: ObjectId, schema: ObjectId) {
        let mut parts: Vec<Object> = self
            .catalog
            .indexes_of(table)
            .cloned()
            .map(Object::Index)
            .collect();
        parts.extend(
            self.catalog
                .constraints_of(table)
                .cloned()
                .map(Object::Constraint),
        );
        parts.extend(
            self.catalog
                .sequences_of(table)
                .cloned()
                .map(Object::Sequence),
        );
        for part in parts {
            match part {
                Object::Index(o) => {
                    let mut o = (*o).clone();
                    o.schema = schema;
                    self.put(o);
                }
                Object::Constraint(o) => {
                    let mut o = (*o).clone();
                    o.schema = schema;
                    self.put(o);
                }
                Object::Sequence(o) => {
                    let mut o = (*o).clone();
                    o.schema = schema;
                    self.put(o);
                }
                _ => {}
            }
        }
    }
}
