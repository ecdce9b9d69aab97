//! The list of system relations, with PostgreSQL 15's columns, types and oids.
//!
//! `system_relations.txt` has one line a relation: oid, schema.name, relkind, row type, array type,
//! then the columns as `name:type`, `!` for NOT NULL, `@oid` for a collation. `system_views.sql` has
//! the queries of those views that are SQL here too, each after a line `-- schema.name`; the other
//! views are virtual, since in PostgreSQL they stand over functions of the server.

use crate::role::{AclItem, privilege};
use crate::{Column, Table, TableKind, TypeRef, oid};
use common::ObjectId;
use hashbrown::HashMap;
use std::sync::{Arc, OnceLock};

const RELATIONS: &str = include_str!("../../data/system_relations.txt");
const VIEWS: &str = include_str!("../../data/system_views.sql");

/// The domains of `information_schema` and what they stand for.
const DOMAINS: &[(u32, TypeRef)] = &[
    (13221, TypeRef::plain(23)),
    (13224, TypeRef::plain(1043)),
    (13226, TypeRef::plain(19)),
    (13232, TypeRef::new(1184, 2)),
    (13234, TypeRef::new(1043, 7)),
];

/// Relations with secrets: only superusers read them.
const SECRET: &[&str] = &[
    "pg_authid",
    "pg_statistic",
    "pg_user_mapping",
    "pg_subscription",
];

/// All system relations, by oid, name and row type.
#[derive(Debug)]
pub struct SystemRelations {
    /// Ascending by oid.
    tables: Vec<Arc<Table>>,
    relkinds: Vec<u8>,
    pg_catalog: HashMap<&'static str, usize>,
    information_schema: HashMap<&'static str, usize>,
    row_types: HashMap<ObjectId, usize>,
}

/// The system relations, parsed when first asked for.
pub fn system_relations() -> &'static SystemRelations {
    static LIST: OnceLock<SystemRelations> = OnceLock::new();
    LIST.get_or_init(SystemRelations::parse)
}

impl SystemRelations {
    /// Ascending by oid.
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    pub fn table(&self, oid: ObjectId) -> Option<&Arc<Table>> {
        self.position(oid).map(|at| &self.tables[at])
    }

    pub fn by_name(&self, schema: ObjectId, name: &str) -> Option<&Arc<Table>> {
        let names = match schema {
            oid::PG_CATALOG => &self.pg_catalog,
            oid::INFORMATION_SCHEMA => &self.information_schema,
            _ => return None,
        };
        names.get(name).map(|at| &self.tables[*at])
    }

    pub fn of_row_type(&self, ty: ObjectId) -> Option<&Arc<Table>> {
        self.row_types.get(&ty).map(|at| &self.tables[*at])
    }

    /// The `relkind` that PostgreSQL shows: virtual relations are tables or views.
    pub fn relkind(&self, oid: ObjectId) -> Option<char> {
        self.position(oid).map(|at| self.relkinds[at] as char)
    }

    fn position(&self, oid: ObjectId) -> Option<usize> {
        if oid >= oid::FIRST_USER {
            return None;
        }
        self.tables
            .binary_search_by_key(&oid, |table| table.oid)
            .ok()
    }

    fn parse() -> Self {
        let queries = queries();
        let mut parsed: Vec<(Table, u8)> = RELATIONS
            .lines()
            .filter_map(|line| relation(line, &queries))
            .collect();
        parsed.sort_unstable_by_key(|(table, _)| table.oid);
        let names = |schema: ObjectId| {
            RELATIONS.lines().filter_map(move |line| {
                let mut words = line.split(' ');
                let number = words.next()?.parse().ok().map(ObjectId)?;
                let (of, name) = words.next()?.split_once('.')?;
                (schema_oid(of) == schema).then_some((name, number))
            })
        };
        let place = |number: ObjectId| parsed.binary_search_by_key(&number, |(t, _)| t.oid).ok();
        let map = |schema| {
            names(schema)
                .filter_map(|(name, number)| Some((name, place(number)?)))
                .collect()
        };
        let pg_catalog = map(oid::PG_CATALOG);
        let information_schema = map(oid::INFORMATION_SCHEMA);
        let row_types = parsed
            .iter()
            .enumerate()
            .map(|(at, (t, _))| (t.row_type, at))
            .collect();
        let (tables, relkinds) = parsed
            .into_iter()
            .map(|(t, kind)| (Arc::new(t), kind))
            .unzip();
        Self {
            tables,
            relkinds,
            pg_catalog,
            information_schema,
            row_types,
        }
    }
}

fn schema_oid(name: &str) -> ObjectId {
    match name {
        "pg_catalog" => oid::PG_CATALOG,
        _ => oid::INFORMATION_SCHEMA,
    }
}

/// Views' queries by `schema.name`.
fn queries() -> HashMap<&'static str, &'static str> {
    let parts = VIEWS.strip_prefix("-- ").unwrap_or(VIEWS).split("\n-- ");
    parts
        .filter_map(|part| part.split_once('\n'))
        .map(|(n, q)| (n, q.trim_end()))
        .collect()
}

/// One line of the list; None for one that is not understood, which a test excludes.
fn relation(line: &str, queries: &HashMap<&str, &str>) -> Option<(Table, u8)> {
    let mut words = line.split(' ');
    let mut number = || words.next()?.parse().ok().map(ObjectId);
    let oid = number()?;
    let full = words.next()?;
    let relkind = *words.next()?.as_bytes().first()?;
    let mut number = || words.next()?.parse().ok().map(ObjectId);
    let (row_type, row_array_type) = (number()?, number()?);
    let (schema, name) = full.split_once('.')?;
    let columns = (1..).zip(words).map(|(at, word)| column(at, word));
    let query = queries.get(full).map(|text| (*text).to_owned());
    let kind = if query.is_some() {
        TableKind::View
    } else {
        TableKind::Virtual
    };
    let table = Table {
        oid,
        name: name.to_owned(),
        schema: schema_oid(schema),
        owner: oid::SUPERUSER,
        kind,
        columns: columns.collect::<Option<_>>()?,
        query,
        row_type,
        row_array_type,
        acl: acl(name),
        replica_identity: b'n',
        ..Table::default()
    };
    Some((table, relkind))
}

/// `name:type[!][@collation]`.
fn column(attnum: i16, word: &str) -> Option<Column> {
    let (name, rest) = word.split_once(':')?;
    let (rest, collation) = rest.split_once('@').unwrap_or((rest, "0"));
    let (ty, not_null) = match rest.strip_suffix('!') {
        Some(ty) => (ty, true),
        None => (rest, false),
    };
    let ty: u32 = ty.parse().ok()?;
    let domain = DOMAINS.iter().find(|(domain, _)| *domain == ty);
    let own = match types::type_info(types::TypeOid(ty)) {
        Some(_) => TypeRef::plain(ty),
        // Of statistics objects, network addresses and the like: their values are shown as text.
        None => TypeRef::plain(types::TypeOid::TEXT.0),
    };
    Some(Column {
        attnum,
        name: name.to_owned(),
        ty: domain.map_or(own, |(_, base)| *base),
        not_null,
        collation: ObjectId(collation.parse().ok()?),
        statistics_target: -1,
        ..Column::default()
    })
}

fn acl(name: &str) -> Vec<AclItem> {
    let grant = |grantee, privileges| AclItem {
        grantee,
        grantor: oid::SUPERUSER,
        privileges,
        grant_options: 0,
    };
    // Everything that a table has: the first seven bits.
    let mut acl = vec![grant(oid::SUPERUSER, (privilege::TRIGGER << 1) - 1)];
    if !SECRET.contains(&name) {
        acl.push(grant(ObjectId(0), privilege::SELECT));
    }
    acl
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        let list = system_relations();
        assert_eq!(list.tables().len(), RELATIONS.lines().count());
        assert_eq!(
            list.pg_catalog.len() + list.information_schema.len(),
            list.tables().len()
        );
        let views = list.tables().iter().filter(|t| t.is_view());
        assert_eq!(views.count(), queries().len());
        for table in list.tables() {
            assert!(table.oid < oid::FIRST_USER);
            let of_name = list.by_name(table.schema, &table.name);
            assert_eq!(of_name.map(|t| t.oid), Some(table.oid));
            assert_eq!(
                list.of_row_type(table.row_type).map(|t| t.oid),
                Some(table.oid)
            );
            for (at, column) in (1..).zip(&table.columns) {
                assert_eq!(column.attnum, at);
                let ty = types::TypeOid(column.ty.oid.0);
                assert!(
                    types::type_info(ty).is_some(),
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
        }
    }

    #[test]
    fn columns_are_those_of_postgresql() {
        let list = system_relations();
        let class = list.by_name(oid::PG_CATALOG, "pg_class").expect("exists");
        assert_eq!(
            (class.oid.0, class.row_type.0, class.row_array_type.0),
            (1259, 83, 273)
        );
        assert_eq!(class.columns.len(), 33);
        let name = class.column("relname").expect("exists");
        assert_eq!(
            (name.ty.oid.0, name.not_null, name.collation.0),
            (19, true, 950)
        );
        let options = class.column("reloptions").expect("exists");
        assert_eq!((options.ty.oid.0, options.not_null), (1009, false));
        let columns = list
            .by_name(oid::INFORMATION_SCHEMA, "columns")
            .expect("exists");
        assert!(columns.is_view());
        let nullable = columns.column("is_nullable").expect("exists");
        assert_eq!((nullable.ty.oid.0, nullable.ty.typmod), (1043, 7));
        assert_eq!(list.relkind(columns.oid), Some('v'));
        assert_eq!(list.relkind(class.oid), Some('r'));
    }
}
