//! CREATE SCHEMA, COMMENT, OWNER TO, roles.

use super::builder::{Builder, DdlContext, relation_name};
use super::plan::DdlPlan;
use super::rename::{alter_tag, refuse_reserved};
use crate::binder::Notice;
use catalog::{Object, ObjectKind, Relation, Schema};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;

pub fn create_schema(cx: &DdlContext<'_>, statement: &ast::CreateSchema) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "CREATE SCHEMA");
    let owner = match &statement.authorization {
        Some(role) => builder.role_of(role)?,
        None => cx.bind.user,
    };
    let name = match &statement.name {
        Some(name) => name.clone(),
        None => builder
            .catalog
            .role(owner)
            .map(|r| r.name.clone())
            .unwrap_or_default(),
    };
    refuse_reserved(&name)?;
    if builder.catalog.schema_by_name(&name).is_some() {
        if statement.if_not_exists {
            let message = format!("schema \"{name}\" already exists, skipping");
            builder.notice(Notice::new(sqlstate::DUPLICATE_SCHEMA, message));
            return Ok(builder.plan);
        }
        return Err(err!(
            sqlstate::DUPLICATE_SCHEMA,
            "schema \"{name}\" already exists"
        ));
    }
    if !statement.elements.is_empty() {
        return Err(Error::not_implemented("CREATE SCHEMA with elements"));
    }
    let oid = builder.oid();
    builder.put(Schema {
        oid,
        name,
        owner,
        acl: Vec::new(),
    });
    Ok(builder.plan)
}

pub fn comment(cx: &DdlContext<'_>, statement: &ast::Comment) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "COMMENT");
    let (object, sub) = builder.commented(statement)?;
    let old = builder.catalog.comment(object, sub).map(|c| c.oid);
    match statement.text.as_ref().filter(|t| !t.is_empty()) {
        Some(text) => {
            let oid = old.unwrap_or_else(|| builder.oid());
            builder.put(catalog::Comment {
                oid,
                object,
                sub,
                text: text.clone(),
            });
        }
        None => {
            if let Some(oid) = old {
                builder.remove(ObjectKind::Comment, oid);
            }
        }
    }
    Ok(builder.plan)
}

impl Builder<'_> {
    /// The object of a COMMENT, and its column or 0.
    fn commented(&self, statement: &ast::Comment) -> Result<(ObjectId, i16)> {
        use ast::ObjectKind as K;
        let name = &statement.name;
        let split = || {
            let (last, first) = name.parts.split_last()?;
            let of = ast::QualifiedName {
                parts: first.to_vec(),
                location: name.location,
            };
            Some((last.clone(), relation_name(&of)))
        };
        let incomplete = || Error::new(sqlstate::SYNTAX_ERROR, "the name is not complete");
        match statement.kind {
            K::Schema => Ok((self.schema(name.name())?, 0)),
            K::Database => {
                let own = self.catalog.databases().find(|d| d.name == name.name());
                own.map(|d| (d.oid, 0)).ok_or_else(|| {
                    err!(
                        sqlstate::INVALID_CATALOG_NAME,
                        "database \"{}\" does not exist",
                        name.name()
                    )
                })
            }
            K::Role => Ok((
                self.role_of(&ast::RoleSpec::Name(name.name().to_owned()))?,
                0,
            )),
            K::Column => {
                let (column, relation) = split().ok_or_else(incomplete)?;
                match self.find(&relation)? {
                    Some(Relation::Table(table)) => {
                        let found = table.column(&column).map(|c| (table.oid, c.attnum));
                        found.ok_or_else(|| {
                            err!(
                                sqlstate::UNDEFINED_COLUMN,
                                "column \"{column}\" of relation \"{}\" does not exist",
                                table.name
                            )
                        })
                    }
                    _ => Err(self.missing(&relation)),
                }
            }
            K::TableConstraint => {
                let (constraint, relation) = split().ok_or_else(incomplete)?;
                let found = self
                    .find(&relation)?
                    .ok_or_else(|| self.missing(&relation))?;
                let own = self.catalog.constraint_by_name(found.oid(), &constraint);
                own.map(|c| (c.oid, 0)).ok_or_else(|| {
                    err!(
                        sqlstate::UNDEFINED_OBJECT,
                        "constraint \"{constraint}\" for table \"{}\" does not exist",
                        found.name()
                    )
                })
            }
            K::Table | K::View | K::MaterializedView | K::Index | K::Sequence => {
                let found = self.find_qualified(name)?;
                let found = found.ok_or_else(|| self.missing(&relation_name(name)))?;
                Ok((found.oid(), 0))
            }
            _ => Err(Error::not_implemented("COMMENT on this kind of object")),
        }
    }
}

pub fn alter_owner(cx: &DdlContext<'_>, statement: &ast::AlterOwner) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, alter_tag(statement.kind));
    let owner = builder.role_of(&statement.new_owner)?;
    match statement.kind {
        ast::ObjectKind::Schema => {
            let oid = builder.schema(statement.name.name())?;
            if let Some(Object::Schema(schema)) = builder.catalog.object(oid).cloned() {
                let mut changed = (*schema).clone();
                changed.owner = owner;
                builder.put(changed);
            }
        }
        ast::ObjectKind::Database => {
            let own = builder.catalog.databases().next().cloned();
            if let Some(database) = own {
                let mut changed = (*database).clone();
                changed.owner = owner;
                builder.put(changed);
            }
        }
        _ => return Err(Error::not_implemented("OWNER TO of this kind of object")),
    }
    Ok(builder.plan)
}
