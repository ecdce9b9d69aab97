//! Temporary schemas: where the temporary relations of a session lie.
//!
//! Each session that makes such a relation has a number of its own, and the schema `pg_temp_<number>`
//! with it; `pg_temp` is what a session calls its own. The objects are rows of the catalog like all
//! others, so that their definitions roll back like all others; the engine drops them when the session
//! ends, and those that a crash left when it is opened. Invariant: users cannot make a schema of such a
//! name, for it begins with `pg_`.

use crate::{Catalog, CatalogChange, Describer, Object, Schema};
use common::ObjectId;
use std::sync::Arc;

/// What a session calls its own temporary schema.
pub const OWN_TEMP_SCHEMA: &str = "pg_temp";

const PREFIX: &str = "pg_temp_";

/// The name of the temporary schema with that number.
pub fn temp_schema_name(number: u32) -> String {
    format!("{PREFIX}{number}")
}

impl Catalog {
    /// Whether the schema is a session's temporary one.
    pub fn is_temp_schema(&self, schema: ObjectId) -> bool {
        self.schema(schema)
            .is_some_and(|schema| schema.name.starts_with(PREFIX))
    }

    /// The temporary schemas, ascending by oid.
    pub fn temp_schemas(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let is_temporary = |schema: &&Arc<Schema>| schema.name.starts_with(PREFIX);
        self.schemas().filter(is_temporary).map(|schema| schema.oid)
    }

    /// The relations of a schema that stand for themselves: tables, views, sequences. What belongs
    /// to them goes with them.
    pub fn relations_in(&self, schema: ObjectId) -> impl Iterator<Item = Object> + '_ {
        let tables = self.tables().filter(move |t| t.schema == schema);
        let sequences = self.sequences().filter(move |s| s.schema == schema);
        let tables = tables.cloned().map(Object::Table);
        tables.chain(sequences.cloned().map(Object::Sequence))
    }

    /// Whether changes of this version are about temporary relations alone, so that a crash may take
    /// them.
    pub fn are_temporary(&self, changes: &[CatalogChange]) -> bool {
        let mut made = None;
        let mut is_temporary = |object: &Object| {
            if let Object::Schema(schema) = object {
                made = Some(schema.oid);
                return schema.name.starts_with(PREFIX);
            }
            let schema = self.schema_of(object);
            schema.is_some_and(|schema| made == Some(schema) || self.is_temp_schema(schema))
        };
        changes.iter().all(|change| match change {
            CatalogChange::Put(object) => is_temporary(object),
            CatalogChange::Drop(kind, oid) => self.get(*kind, *oid).is_some_and(&mut is_temporary),
        })
    }

    /// The schema that an object or what it belongs to lies in.
    fn schema_of(&self, object: &Object) -> Option<ObjectId> {
        match object {
            Object::Statistics(statistics) => self
                .stored_table(statistics.relation)
                .map(|table| table.schema),
            Object::Comment(comment) => self.object(comment.object)?.schema(),
            other => other.schema(),
        }
    }
}

impl Describer<'_> {
    /// The schema that a qualified name begins with; `pg_temp` is the one that is searched.
    pub fn schema_named(&self, name: &str) -> Option<ObjectId> {
        if name != OWN_TEMP_SCHEMA {
            return self.catalog.schema_by_name(name).map(|schema| schema.oid);
        }
        let mut path = self.path.iter().copied();
        path.find(|schema| self.catalog.is_temp_schema(*schema))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ObjectKind, Table};

    #[test]
    fn only_schemas_with_a_number_are_temporary() {
        let mut catalog = Catalog::default();
        let names = ["public", "pg_temp_7", "pg_toast"];
        let schemas = names.iter().zip(1..).map(|(name, oid)| {
            CatalogChange::put(Schema {
                oid: ObjectId(oid),
                name: (*name).into(),
                ..Schema::default()
            })
        });
        catalog.apply(&schemas.collect::<Vec<_>>());
        assert_eq!(catalog.temp_schemas().collect::<Vec<_>>(), [ObjectId(2)]);
        assert!(catalog.is_temp_schema(ObjectId(2)) && !catalog.is_temp_schema(ObjectId(1)));
        assert_eq!(temp_schema_name(7), "pg_temp_7");
    }

    #[test]
    fn changes_are_temporary_if_all_of_them_are() {
        let schema = |oid: u32, name: &str| {
            CatalogChange::put(Schema {
                oid: ObjectId(oid),
                name: name.into(),
                ..Schema::default()
            })
        };
        let table = |oid: u32, schema: u32| {
            CatalogChange::put(Table {
                oid: ObjectId(oid),
                schema: ObjectId(schema),
                ..Table::default()
            })
        };
        let mut catalog = Catalog::default();
        catalog.apply(&[
            schema(1, "public"),
            schema(2, "pg_temp_1"),
            table(10, 1),
            table(11, 2),
        ]);
        let dropped = |oid| CatalogChange::Drop(ObjectKind::Table, ObjectId(oid));
        assert!(catalog.are_temporary(&[table(12, 2), dropped(11)]));
        assert!(catalog.are_temporary(&[schema(3, "pg_temp_2"), table(13, 3)]));
        assert!(!catalog.are_temporary(&[table(12, 2), dropped(10)]));
        assert!(!catalog.are_temporary(&[schema(4, "s"), table(14, 4)]));
        assert!(!catalog.are_temporary(&[table(14, 1)]));
    }
}
