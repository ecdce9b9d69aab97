//! Objects in words, as messages name them (PostgreSQL's `getObjectDescription`).

use crate::object::{Object, Part};
use crate::{Catalog, TableKind};
use common::{ObjectId, quote_identifier};

/// Names objects for a session: qualified where its search path does not find them.
#[derive(Debug, Clone, Copy)]
pub struct Describer<'a> {
    pub catalog: &'a Catalog,
    /// Schemas searched, in order, `pg_catalog` and the temporary one included.
    pub path: &'a [ObjectId],
}

impl Describer<'_> {
    /// True if the bare name of a relation finds this one.
    pub fn is_visible(&self, schema: ObjectId, name: &str) -> bool {
        let found = self
            .path
            .iter()
            .find(|s| self.catalog.relation_by_name(**s, name).is_some());
        found == Some(&schema)
    }

    /// A relation's name, qualified if it must be, quoted where needed.
    pub fn relation_name(&self, oid: ObjectId) -> String {
        let Some(relation) = self.catalog.relation(oid) else {
            return oid.to_string();
        };
        let name = quote_identifier(relation.name()).into_owned();
        if self.is_visible(relation.schema(), relation.name()) {
            return name;
        }
        format!("{}.{name}", self.schema_name(relation.schema()))
    }

    /// A schema's name, quoted where needed; the session's own temporary one is `pg_temp`.
    pub fn schema_name(&self, oid: ObjectId) -> String {
        if self.path.contains(&oid) && self.catalog.is_temp_schema(oid) {
            return crate::OWN_TEMP_SCHEMA.into();
        }
        let schema = self.catalog.schema(oid);
        schema.map_or_else(
            || oid.to_string(),
            |s| quote_identifier(&s.name).into_owned(),
        )
    }

    fn type_name(&self, schema: ObjectId, name: &str) -> String {
        let found = self
            .path
            .iter()
            .find(|s| self.catalog.type_by_name(**s, name).is_some());
        match found == Some(&schema) {
            true => quote_identifier(name).into_owned(),
            false => format!("{}.{}", self.schema_name(schema), quote_identifier(name)),
        }
    }

    /// `table t`, `column a of table t`, `constraint c on table t`, ...
    pub fn describe(&self, object: &Object, part: Part) -> String {
        match (object, part) {
            (Object::Table(t), Part::Column(attnum) | Part::Default(attnum)) => {
                let name = t.attribute(attnum).map_or("", |c| c.name.as_str());
                let whole = self.describe(object, Part::Whole);
                match part {
                    Part::Default(_) => format!("default value for column {name} of {whole}"),
                    _ => format!("column {name} of {whole}"),
                }
            }
            (Object::Table(t), Part::Whole) => {
                let kind = match t.kind {
                    TableKind::View => "view",
                    TableKind::MaterializedView => "materialized view",
                    TableKind::Table | TableKind::Virtual => "table",
                };
                format!("{kind} {}", self.relation_name(t.oid))
            }
            (Object::Index(i), _) => format!("index {}", self.relation_name(i.oid)),
            (Object::Sequence(s), _) => format!("sequence {}", self.relation_name(s.oid)),
            (Object::Constraint(c), _) => {
                let table = self
                    .catalog
                    .table(c.table)
                    .map(|t| Object::Table(t.clone()));
                let table = table
                    .map(|t| self.describe(&t, Part::Whole))
                    .unwrap_or_default();
                format!("constraint {} on {table}", c.name)
            }
            (Object::Type(t), _) => format!("type {}", self.type_name(t.schema, &t.name)),
            (Object::Schema(s), _) => format!("schema {}", s.name),
            (Object::Role(r), _) => format!("role {}", r.name),
            (Object::Database(d), _) => format!("database {}", d.name),
            (Object::Comment(_), _) => "comment".into(),
            (Object::Statistics(s), _) => format!("statistics of {}", s.relation),
        }
    }
}
