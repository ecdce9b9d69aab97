//! One version of the catalog, in memory.
//!
//! Immutable once shared: the engine holds the newest in an `Arc`, a statement keeps the one it was
//! bound against, a transaction with DDL of its own changes a private copy (`Arc::make_mut`) and
//! publishes it with its commit. Objects are shared between versions, so a copy costs a pointer an
//! object. Invariants: every index of names agrees with the objects; relations (tables, views,
//! sequences, indexes) share one name space a schema; `version` grows with every change, and a
//! relation's own version is the newest change to it or to a part of it.

use crate::object::{Dependency, Object, ObjectKind, ObjectRow};
use crate::system::system_relations;
use crate::{
    Column, Comment, Constraint, ConstraintKind, Database, Index, Role, Schema, Sequence,
    Statistics, Table, UserType,
};
use common::{ObjectId, Result};
use hashbrown::{Equivalent, HashMap};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A name in a schema, as a key of the catalog's maps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct NameKey(ObjectId, Box<str>);

#[derive(Hash)]
struct NameRef<'a>(ObjectId, &'a str);

impl Equivalent<NameKey> for NameRef<'_> {
    fn equivalent(&self, key: &NameKey) -> bool {
        self.0 == key.0 && self.1 == &*key.1
    }
}

/// A relation of any kind, found by name.
#[derive(Debug, Clone)]
pub enum Relation {
    Table(Arc<Table>),
    Index(Arc<Index>),
    Sequence(Arc<Sequence>),
}

impl Relation {
    pub fn oid(&self) -> ObjectId {
        match self {
            Self::Table(t) => t.oid,
            Self::Index(i) => i.oid,
            Self::Sequence(s) => s.oid,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Table(t) => &t.name,
            Self::Index(i) => &i.name,
            Self::Sequence(s) => &s.name,
        }
    }

    pub fn schema(&self) -> ObjectId {
        match self {
            Self::Table(t) => t.schema,
            Self::Index(i) => i.schema,
            Self::Sequence(s) => s.schema,
        }
    }
}

/// A version of the catalog.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    version: u64,
    pub(crate) objects: BTreeMap<(ObjectKind, ObjectId), Object>,
    kinds: HashMap<ObjectId, ObjectKind>,
    relations: HashMap<NameKey, ObjectId>,
    types: HashMap<NameKey, ObjectId>,
    schemas: HashMap<Box<str>, ObjectId>,
    roles: HashMap<Box<str>, ObjectId>,
    /// Parts of a relation (indexes, constraints), ascending by oid.
    parts: HashMap<ObjectId, Vec<ObjectId>>,
    /// Who mentions an object: the reverse of `Object::dependencies`, without repeats.
    dependents: HashMap<ObjectId, Vec<(ObjectKind, ObjectId)>>,
    comments: HashMap<(ObjectId, i16), ObjectId>,
    /// Row and array types of tables: type to relation.
    row_types: HashMap<ObjectId, ObjectId>,
    versions: HashMap<ObjectId, u64>,
    /// By schema: the version in which a relation last came under a name that it did not have.
    names_versions: HashMap<ObjectId, u64>,
    highest: u32,
}

impl Catalog {
    /// Builds a version from the rows of the catalog's table.
    pub fn from_rows(rows: impl IntoIterator<Item = ObjectRow>) -> Result<Self> {
        let mut catalog = Self::default();
        for row in rows {
            catalog.put(Object::from_row(row.kind, &row.body)?);
        }
        Ok(catalog)
    }

    /// Grows with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The version of the newest change to a relation or one of its parts; 0 if there is none.
    pub fn relation_version(&self, relation: ObjectId) -> u64 {
        self.versions.get(&relation).copied().unwrap_or(0)
    }

    /// The version in which a name last came to mean a relation of the schema: what was bound before
    /// may have found another relation under it, further down the search path. 0 if there is none.
    pub fn names_version(&self, schema: ObjectId) -> u64 {
        self.names_versions.get(&schema).copied().unwrap_or(0)
    }

    /// The highest oid in use; the engine's counter starts above it and `FIRST_USER`.
    pub fn highest_oid(&self) -> ObjectId {
        ObjectId(self.highest)
    }

    /// Adds an object or takes the place of the one with its kind and oid.
    pub fn put(&mut self, object: Object) {
        self.version += 1;
        let key = (object.kind(), object.oid());
        let mut is_new_name = true;
        if let Some(old) = self.objects.remove(&key) {
            is_new_name = old.schema() != object.schema() || old.name() != object.name();
            self.unlink(&old);
        }
        self.link(&object);
        self.touch(&object);
        if let (true, Object::Table(_) | Object::Index(_) | Object::Sequence(_)) =
            (is_new_name, &object)
            && let Some(schema) = object.schema()
        {
            self.names_versions.insert(schema, self.version);
        }
        self.highest = self.highest.max(key.1.0);
        self.objects.insert(key, object);
    }

    /// Takes an object out; what depends on it is the caller's business (see `crate::drop`).
    pub fn remove(&mut self, kind: ObjectKind, oid: ObjectId) {
        if let Some(old) = self.objects.remove(&(kind, oid)) {
            self.version += 1;
            self.unlink(&old);
            self.touch(&old);
            if kind != ObjectKind::Statistics {
                self.versions.remove(&oid);
                self.names_versions.remove(&oid);
            }
        }
    }

    /// Raises the versions of the object and of those relations whose plans look at it.
    fn touch(&mut self, object: &Object) {
        self.versions.insert(object.oid(), self.version);
        if let Some(parent) = object.parent() {
            self.versions.insert(parent, self.version);
        }
        if let Object::Constraint(c) = object
            && c.foreign_table.0 != 0
        {
            self.versions.insert(c.foreign_table, self.version);
        }
    }

    fn link(&mut self, object: &Object) {
        let oid = object.oid();
        if object.kind() != ObjectKind::Statistics {
            self.kinds.insert(oid, object.kind());
        }
        let name = object.name();
        match object {
            Object::Schema(_) => drop(self.schemas.insert(name.into(), oid)),
            Object::Role(_) => drop(self.roles.insert(name.into(), oid)),
            Object::Comment(c) => drop(self.comments.insert((c.object, c.sub), oid)),
            Object::Type(t) => drop(self.types.insert(NameKey(t.schema, name.into()), oid)),
            Object::Table(t) => {
                self.relations.insert(NameKey(t.schema, name.into()), oid);
                self.row_types.insert(t.row_type, oid);
            }
            Object::Index(o) => drop(self.relations.insert(NameKey(o.schema, name.into()), oid)),
            Object::Sequence(o) => {
                self.relations.insert(NameKey(o.schema, name.into()), oid);
            }
            _ => {}
        }
        if let (Some(parent), Object::Index(_) | Object::Constraint(_)) = (object.parent(), object)
        {
            let parts = self.parts.entry(parent).or_default();
            if let Err(at) = parts.binary_search(&oid) {
                parts.insert(at, oid);
            }
        }
        for dependency in object.dependencies() {
            let list = self.dependents.entry(dependency.on).or_default();
            let entry = (object.kind(), oid);
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
    }

    fn unlink(&mut self, object: &Object) {
        let oid = object.oid();
        if object.kind() != ObjectKind::Statistics {
            self.kinds.remove(&oid);
        }
        let name = object.name();
        match object {
            Object::Schema(_) => drop(self.schemas.remove(name)),
            Object::Role(_) => drop(self.roles.remove(name)),
            Object::Comment(c) => drop(self.comments.remove(&(c.object, c.sub))),
            Object::Type(t) => drop(self.types.remove(&NameRef(t.schema, name))),
            Object::Table(t) => {
                self.relations.remove(&NameRef(t.schema, name));
                self.row_types.remove(&t.row_type);
            }
            Object::Index(o) => drop(self.relations.remove(&NameRef(o.schema, name))),
            Object::Sequence(o) => drop(self.relations.remove(&NameRef(o.schema, name))),
            _ => {}
        }
        if let Some(parts) = object
            .parent()
            .and_then(|parent| self.parts.get_mut(&parent))
        {
            parts.retain(|part| *part != oid);
        }
        for dependency in object.dependencies() {
            if let Some(list) = self.dependents.get_mut(&dependency.on) {
                list.retain(|entry| *entry != (object.kind(), oid));
                if list.is_empty() {
                    self.dependents.remove(&dependency.on);
                }
            }
        }
    }
}

macro_rules! getters {
    ($($(#[$meta:meta])* $one:ident, $all:ident: $kind:ident($ty:ident);)*) => {
        impl Catalog {
            $(
                $(#[$meta])*
                pub fn $one(&self, oid: ObjectId) -> Option<&Arc<$ty>> {
                    match self.objects.get(&(ObjectKind::$kind, oid)) {
                        Some(Object::$kind(object)) => Some(object),
                        _ => None,
                    }
                }

                /// All of them, ascending by oid.
                pub fn $all(&self) -> impl Iterator<Item = &Arc<$ty>> + '_ {
                    let from = (ObjectKind::$kind, ObjectId(0));
                    let to = (ObjectKind::$kind, ObjectId(u32::MAX));
                    self.objects.range(from..=to).filter_map(|(_, object)| match object {
                        Object::$kind(object) => Some(object),
                        _ => None,
                    })
                }
            )*
        }
    };
}

getters! {
    database, databases: Database(Database);
    role, roles: Role(Role);
    schema, schemas: Schema(Schema);
    /// A stored table, view or materialized view: none of the system's.
    stored_table, tables: Table(Table);
    index, indexes: Index(Index);
    constraint, constraints: Constraint(Constraint);
    sequence, sequences: Sequence(Sequence);
    user_type, user_types: Type(UserType);
    comment_row, comments: Comment(Comment);
    /// The statistics of a relation, by the relation's oid.
    statistics, all_statistics: Statistics(Statistics);
}

impl Catalog {
    /// The object with that oid, statistics apart.
    pub fn object(&self, oid: ObjectId) -> Option<&Object> {
        self.objects.get(&(*self.kinds.get(&oid)?, oid))
    }

    pub fn get(&self, kind: ObjectKind, oid: ObjectId) -> Option<&Object> {
        self.objects.get(&(kind, oid))
    }

    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    pub fn schema_by_name(&self, name: &str) -> Option<&Arc<Schema>> {
        self.schema(*self.schemas.get(name)?)
    }

    pub fn role_by_name(&self, name: &str) -> Option<&Arc<Role>> {
        self.role(*self.roles.get(name)?)
    }

    /// A table, view, materialized view or system relation.
    pub fn table(&self, oid: ObjectId) -> Option<&Arc<Table>> {
        self.stored_table(oid)
            .or_else(|| system_relations().table(oid))
    }

    /// The stored relations with columns and the system's, each ascending by oid.
    pub fn all_tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        system_relations().tables().iter().chain(self.tables())
    }

    /// The relation of that name in that schema, the system's included.
    pub fn relation_by_name(&self, schema: ObjectId, name: &str) -> Option<Relation> {
        match self.relations.get(&NameRef(schema, name)) {
            Some(oid) => self.relation(*oid),
            None => system_relations()
                .by_name(schema, name)
                .cloned()
                .map(Relation::Table),
        }
    }

    pub fn relation(&self, oid: ObjectId) -> Option<Relation> {
        let Some(object) = self.object(oid) else {
            return system_relations().table(oid).cloned().map(Relation::Table);
        };
        Some(match object {
            Object::Table(t) => Relation::Table(t.clone()),
            Object::Index(i) => Relation::Index(i.clone()),
            Object::Sequence(s) => Relation::Sequence(s.clone()),
            _ => return None,
        })
    }

    pub fn type_by_name(&self, schema: ObjectId, name: &str) -> Option<&Arc<UserType>> {
        self.user_type(*self.types.get(&NameRef(schema, name))?)
    }

    /// The relation whose row type this is.
    pub fn table_of_row_type(&self, ty: ObjectId) -> Option<&Arc<Table>> {
        match self.row_types.get(&ty) {
            Some(oid) => self.table(*oid),
            None => system_relations().of_row_type(ty),
        }
    }

    /// The indexes of a table, ascending by oid, invalid ones included.
    pub fn indexes_of(&self, table: ObjectId) -> impl Iterator<Item = &Arc<Index>> {
        self.parts
            .get(&table)
            .into_iter()
            .flatten()
            .filter_map(|oid| self.index(*oid))
    }

    /// The constraints of a table, ascending by oid.
    pub fn constraints_of(&self, table: ObjectId) -> impl Iterator<Item = &Arc<Constraint>> {
        self.parts
            .get(&table)
            .into_iter()
            .flatten()
            .filter_map(|oid| self.constraint(*oid))
    }

    pub fn primary_key(&self, table: ObjectId) -> Option<&Arc<Constraint>> {
        self.constraints_of(table)
            .find(|c| c.kind == ConstraintKind::Primary)
    }

    pub fn constraint_by_name(&self, table: ObjectId, name: &str) -> Option<&Arc<Constraint>> {
        self.constraints_of(table).find(|c| c.name == name)
    }

    /// The foreign keys that point at a table.
    pub fn referencing_keys(&self, table: ObjectId) -> impl Iterator<Item = &Arc<Constraint>> {
        self.dependents_of(table)
            .filter_map(move |object| match object {
                Object::Constraint(c) if c.foreign_table == table => Some(c),
                _ => None,
            })
    }

    /// The constraint that an index belongs to.
    pub fn constraint_of_index(&self, index: &Index) -> Option<&Arc<Constraint>> {
        self.constraints_of(index.table)
            .find(|c| c.index == index.oid && c.kind != ConstraintKind::Foreign)
    }

    /// The sequences that belong to a table's column.
    pub fn sequences_of(&self, table: ObjectId) -> impl Iterator<Item = &Arc<Sequence>> {
        self.dependents_of(table)
            .filter_map(move |object| match object {
                Object::Sequence(s) if s.owned_by.is_some_and(|(t, _)| t == table) => Some(s),
                _ => None,
            })
    }

    pub fn comment(&self, object: ObjectId, sub: i16) -> Option<&Arc<Comment>> {
        self.comment_row(*self.comments.get(&(object, sub))?)
    }

    /// Who depends on an object, in the order in which they came.
    pub fn dependents_of(&self, oid: ObjectId) -> impl Iterator<Item = &Object> {
        self.dependents
            .get(&oid)
            .into_iter()
            .flatten()
            .filter_map(|key| self.objects.get(key))
    }

    /// Each dependency of others on an object, with who has it.
    pub fn dependencies_on(&self, oid: ObjectId) -> impl Iterator<Item = (&Object, Dependency)> {
        self.dependents_of(oid).flat_map(move |object| {
            let own = object
                .dependencies()
                .into_iter()
                .filter(move |d| d.on == oid);
            own.map(move |dependency| (object, dependency))
        })
    }

    /// A live column of a table, by number.
    pub fn column(&self, table: ObjectId, attnum: i16) -> Option<&Column> {
        self.table(table)?.attribute(attnum).filter(|c| !c.dropped)
    }
}
