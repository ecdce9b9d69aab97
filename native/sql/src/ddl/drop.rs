//! DROP of relations, schemas and types (`RemoveObjects`, `RemoveRelations`).

use super::builder::{Builder, DdlContext, relation_name};
use super::plan::{Action, DdlLock, DdlPlan};
use crate::binder::Notice;
use catalog::{DropTarget, Object, ObjectKind, Part, Relation, TableKind, plan_drop};
use common::{Error, Result, err, sqlstate};
use parser as ast;

/// What a kind of object is called in messages, with its command tag.
fn words(kind: ast::ObjectKind) -> Option<(&'static str, &'static str)> {
    use ast::ObjectKind as K;
    Some(match kind {
        K::Table => ("table", "DROP TABLE"),
        K::View => ("view", "DROP VIEW"),
        K::MaterializedView => ("materialized view", "DROP MATERIALIZED VIEW"),
        K::Index => ("index", "DROP INDEX"),
        K::Sequence => ("sequence", "DROP SEQUENCE"),
        K::Schema => ("schema", "DROP SCHEMA"),
        K::Type => ("type", "DROP TYPE"),
        K::Domain => ("type", "DROP DOMAIN"),
        _ => return None,
    })
}

pub fn drop(cx: &DdlContext<'_>, statement: &ast::Drop) -> Result<DdlPlan> {
    let Some((word, tag)) = words(statement.kind) else {
        return Err(Error::not_implemented(format_args!(
            "DROP of this kind of object"
        )));
    };
    let mut builder = Builder::new(cx, tag);
    let mut targets = Vec::with_capacity(statement.names.len());
    for name in &statement.names {
        if let Some(object) = builder.drop_target(statement, name, word)? {
            let target = DropTarget::whole(&object);
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    builder.drop_all(&targets, statement.cascade)?;
    Ok(builder.plan)
}

fn article(word: &str) -> &'static str {
    if word == "index" { "an" } else { "a" }
}

impl Builder<'_> {
    /// The object that a name means; `None` after the notice of IF EXISTS.
    fn drop_target(
        &mut self,
        statement: &ast::Drop,
        name: &ast::QualifiedName,
        word: &str,
    ) -> Result<Option<Object>> {
        use ast::ObjectKind as K;
        let written = name.parts.join(".");
        if statement.kind == K::Schema {
            return self.drop_schema(name.name(), statement.if_exists);
        }
        if let Some(schema) = name.schema()
            && schema != catalog::OWN_TEMP_SCHEMA
            && self.catalog.schema_by_name(schema).is_none()
        {
            if statement.if_exists {
                let message = format!("schema \"{schema}\" does not exist, skipping");
                self.notice(Notice::skipping(message));
                return Ok(None);
            }
            return Err(err!(
                sqlstate::INVALID_SCHEMA_NAME,
                "schema \"{schema}\" does not exist"
            ));
        }
        if matches!(statement.kind, K::Type | K::Domain) {
            return self.drop_type(name, statement.if_exists);
        }
        let short = name.name();
        let Some(found) = self.find(&relation_name(name))? else {
            if statement.if_exists {
                let message = format!("{word} \"{short}\" does not exist, skipping");
                self.notice(Notice::skipping(message));
                return Ok(None);
            }
            return Err(err!(
                if word == "index" || word == "sequence" || word.contains("view") || word == "table"
                {
                    if word == "index" {
                        sqlstate::UNDEFINED_OBJECT
                    } else {
                        sqlstate::UNDEFINED_TABLE
                    }
                } else {
                    sqlstate::UNDEFINED_OBJECT
                },
                "{word} \"{written}\" does not exist"
            ));
        };
        self.refuse_system(found.schema(), found.name())?;
        let actual = match &found {
            Relation::Index(_) => "index",
            Relation::Sequence(_) => "sequence",
            Relation::Table(t) => match t.kind {
                TableKind::View => "view",
                TableKind::MaterializedView => "materialized view",
                _ => "table",
            },
        };
        if actual != word {
            let error = err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "\"{short}\" is not {} {word}",
                article(word)
            );
            let command = actual.to_uppercase();
            let hint = format!("Use DROP {command} to remove {} {actual}.", article(actual));
            return Err(error.with_hint(hint));
        }
        Ok(self.catalog.object(found.oid()).cloned())
    }

    fn drop_schema(&mut self, name: &str, if_exists: bool) -> Result<Option<Object>> {
        let Some(schema) = self.catalog.schema_by_name(name).cloned() else {
            if if_exists {
                let message = format!("schema \"{name}\" does not exist, skipping");
                self.notice(Notice::skipping(message));
                return Ok(None);
            }
            return Err(err!(
                sqlstate::INVALID_SCHEMA_NAME,
                "schema \"{name}\" does not exist"
            ));
        };
        if schema.oid < catalog::oid::FIRST_USER && schema.oid != catalog::oid::PUBLIC {
            return Err(err!(
                sqlstate::DEPENDENT_OBJECTS_STILL_EXIST,
                "cannot drop schema {name} because it is required by the database system"
            ));
        }
        Ok(Some(Object::Schema(schema)))
    }

    fn drop_type(&mut self, name: &ast::QualifiedName, if_exists: bool) -> Result<Option<Object>> {
        let short = name.name();
        let find = |schema: &common::ObjectId| self.catalog.type_by_name(*schema, short).cloned();
        let found = match name.schema().and_then(|s| self.catalog.schema_by_name(s)) {
            Some(schema) => find(&schema.oid),
            None => self.path.iter().find_map(find),
        };
        if let Some(found) = found {
            return Ok(Some(Object::Type(found)));
        }
        if if_exists {
            let message = format!("type \"{}\" does not exist, skipping", name.parts.join("."));
            self.notice(Notice::skipping(message));
            return Ok(None);
        }
        Err(err!(
            sqlstate::UNDEFINED_OBJECT,
            "type \"{}\" does not exist",
            name.parts.join(".")
        ))
    }

    /// Drops objects and what depends on them, with their files.
    pub fn drop_all(&mut self, targets: &[DropTarget], cascade: bool) -> Result<()> {
        if targets.is_empty() {
            return Ok(());
        }
        let plan = plan_drop(self.describer(), targets, cascade)?;
        if let Some((message, detail)) = plan.notice {
            let mut notice = Notice::skipping(message);
            notice.detail = detail;
            self.notice(notice);
        }
        for change in plan.changes {
            match change {
                catalog::CatalogChange::Drop(kind, oid) => {
                    if kind == ObjectKind::Table {
                        self.lock(oid, DdlLock::AccessExclusive);
                    }
                    if let Some(Object::Constraint(c)) = self.catalog.get(kind, oid).cloned() {
                        self.lock(c.table, DdlLock::AccessExclusive);
                    }
                    self.remove(kind, oid);
                }
                catalog::CatalogChange::Put(Object::Table(table)) => {
                    self.lock(table.oid, DdlLock::AccessExclusive);
                    self.forget_dropped_columns(&table)?;
                    self.put((*table).clone());
                }
                catalog::CatalogChange::Put(other) => self.put(other),
            }
        }
        for file in plan.files {
            self.act(Action::DropFile(file));
        }
        Ok(())
    }

    /// Views that list the columns of a table in FROM lose the dropped one from the list.
    fn forget_dropped_columns(&mut self, table: &catalog::Table) -> Result<()> {
        let old = self.catalog.table(table.oid).cloned();
        let Some(old) = old else {
            return Ok(());
        };
        let live: Vec<i16> = old.live_columns().map(|c| c.attnum).collect();
        let is_gone = |attnum: &i16| table.attribute(*attnum).is_some_and(|c| c.dropped);
        let gone: Vec<usize> = live
            .iter()
            .enumerate()
            .filter(|(_, a)| is_gone(a))
            .map(|(at, _)| at)
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let mut edit = super::view_text::ForgetColumns {
            schema: self
                .catalog
                .schema(table.schema)
                .map_or("", |s| s.name.as_str())
                .to_owned(),
            name: table.name.clone(),
            gone,
        };
        self.edit_views(table.oid, &mut edit)
    }

    /// Drops one part of a table.
    pub fn drop_part(&mut self, table: &catalog::Table, part: Part, cascade: bool) -> Result<()> {
        let target = DropTarget {
            kind: ObjectKind::Table,
            oid: table.oid,
            part,
        };
        self.drop_all(&[target], cascade)
    }
}
