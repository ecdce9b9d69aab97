//! Names of objects: `format_type`, `to_regclass` and its kin, visibility, schemas on the path.

use catalog::{Describer, oid as known, quote_identifier};
use common::{ObjectId, Result};
use types::{Datum, DatumRef, TypeOid, build_array};

use super::arguments::{Arguments, text_or_null};
use crate::session::SessionFacts;

/// The schemas in which a bare name is looked for: `pg_catalog` first unless the path names it.
pub fn full_path(facts: &SessionFacts) -> Vec<ObjectId> {
    let mut path = Vec::with_capacity(facts.search_path.len() + 1);
    if !facts.search_path.contains(&known::PG_CATALOG) {
        path.push(known::PG_CATALOG);
    }
    path.extend_from_slice(&facts.search_path);
    path
}

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    Ok(match name {
        "pg_table_is_visible" => match facts.catalog.relation(args.oid(0)) {
            Some(relation) => {
                let path = full_path(facts);
                let names = Describer {
                    catalog: &facts.catalog,
                    path: &path,
                };
                Datum::Bool(names.is_visible(relation.schema(), relation.name()))
            }
            None => Datum::Null,
        },
        "pg_type_is_visible" => type_is_visible(facts, args.oid(0)),
        // All of them lie in pg_catalog.
        _ if name.ends_with("_is_visible") => Datum::Bool(true),
        _ => to_reg(facts, name, args.text(0))?,
    })
}

fn type_is_visible(facts: &SessionFacts, ty: ObjectId) -> Datum {
    if types::type_info(TypeOid(ty.0)).is_some() {
        return Datum::Bool(true);
    }
    match type_place(facts, ty) {
        Some((schema, name, _)) => {
            let mut path = full_path(facts).into_iter();
            let first = path.find(|schema| find_type(facts, *schema, &name).is_some());
            Datum::Bool(first == Some(schema))
        }
        None => Datum::Null,
    }
}

/// Schema and name of a type that is not built in, and whether it is the array over them.
fn type_place(facts: &SessionFacts, ty: ObjectId) -> Option<(ObjectId, String, bool)> {
    let catalog = &facts.catalog;
    if let Some(found) = catalog.user_type(ty) {
        return Some((found.schema, found.name.clone(), false));
    }
    if let Some(table) = catalog.table_of_row_type(ty) {
        return Some((table.schema, table.name.clone(), false));
    }
    if let Some(found) = catalog.user_types().find(|t| t.array == ty) {
        return Some((found.schema, found.name.clone(), true));
    }
    let table = catalog
        .all_tables()
        .find(|t| t.row_array_type == ty && ty.0 != 0)?;
    Some((table.schema, table.name.clone(), true))
}

fn find_type(facts: &SessionFacts, schema: ObjectId, name: &str) -> Option<ObjectId> {
    if schema == known::PG_CATALOG
        && let Some(info) = types::all_types().iter().find(|info| info.name == name)
    {
        return Some(ObjectId(info.oid.0));
    }
    if let Some(found) = facts.catalog.type_by_name(schema, name) {
        return Some(found.oid);
    }
    match facts.catalog.relation_by_name(schema, name)? {
        catalog::Relation::Table(table) if table.row_type.0 != 0 => Some(table.row_type),
        _ => None,
    }
}

pub fn format_type(facts: &SessionFacts, args: Arguments<'_>) -> Datum {
    if args.0.first().is_none_or(Datum::is_null) {
        return Datum::Null;
    }
    let typmod = args.integer(1).unwrap_or(-1) as i32;
    Datum::text(&type_name(facts, args.oid(0), typmod))
}

/// A type as SQL writes it.
pub fn type_name(facts: &SessionFacts, ty: ObjectId, typmod: i32) -> String {
    if ty.0 == 0 || types::type_info(TypeOid(ty.0)).is_some() {
        return types::format_type(TypeOid(ty.0), typmod);
    }
    let Some((schema, name, is_array)) = type_place(facts, ty) else {
        return "???".into();
    };
    let brackets = if is_array { "[]" } else { "" };
    let mut path = full_path(facts).into_iter();
    let first = path.find(|schema| find_type(facts, *schema, &name).is_some());
    let quoted = quote_identifier(&name);
    match facts
        .catalog
        .schema(schema)
        .filter(|_| first != Some(schema))
    {
        Some(schema) => format!("{}.{quoted}{brackets}", quote_identifier(&schema.name)),
        None => format!("{quoted}{brackets}"),
    }
}

/// Splits a name at its dots, as SQL reads it; None if it is none.
pub fn split_name(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let part = match rest.strip_prefix('"') {
            Some(quoted) => {
                let mut part = String::new();
                let mut chars = quoted.char_indices().peekable();
                loop {
                    let (at, c) = chars.next()?;
                    if c != '"' {
                        part.push(c);
                    } else if chars.next_if(|(_, next)| *next == '"').is_some() {
                        part.push('"');
                    } else {
                        rest = &quoted[at + 1..];
                        break part;
                    }
                }
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                let part = rest[..end].trim().to_lowercase();
                rest = &rest[end..];
                part
            }
        };
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some(parts);
        }
        rest = rest.strip_prefix('.')?.trim_start();
    }
}

/// The relation of a name as a user wrote it.
pub fn find_relation(facts: &SessionFacts, text: &str) -> Option<catalog::Relation> {
    let parts = split_name(text)?;
    let catalog = &facts.catalog;
    match parts.as_slice() {
        [name] => full_path(facts)
            .iter()
            .find_map(|schema| catalog.relation_by_name(*schema, name)),
        [schema, name] | [_, schema, name] => {
            catalog.relation_by_name(catalog.schema_by_name(schema)?.oid, name)
        }
        _ => None,
    }
}

fn to_reg(facts: &SessionFacts, name: &str, text: &str) -> Result<Datum> {
    let catalog = &facts.catalog;
    let single = || split_name(text).and_then(|mut parts| parts.pop());
    let found = match name {
        "to_regclass" => find_relation(facts, text).map(|relation| relation.oid()),
        "to_regtype" => to_type(facts, text),
        "to_regnamespace" => single().and_then(|n| catalog.schema_by_name(&n).map(|s| s.oid)),
        "to_regrole" => single().and_then(|n| catalog.role_by_name(&n).map(|r| r.oid)),
        _ => {
            // Only a name that is not overloaded stands for a function.
            let named = single().map(|n| functions::functions_named(&n).to_vec());
            match named.as_deref() {
                Some([function]) => Some(ObjectId(function.oid)),
                _ => None,
            }
        }
    };
    Ok(found.map_or(Datum::Null, |oid| Datum::oid(oid.0)))
}

fn to_type(facts: &SessionFacts, text: &str) -> Option<ObjectId> {
    if let Some(info) = types::type_by_name(text) {
        return Some(ObjectId(info.oid.0));
    }
    let (text, is_array) = match text.trim_end().strip_suffix("[]") {
        Some(element) => (element, true),
        None => (text, false),
    };
    // A modifier says nothing of which type it is.
    let bare = text.split('(').next().unwrap_or(text);
    if let Some(info) = types::type_by_name(bare) {
        let oid = if is_array { info.array_oid } else { info.oid };
        return Some(ObjectId(oid.0));
    }
    let parts = split_name(bare)?;
    let element = match parts.as_slice() {
        [name] => full_path(facts)
            .iter()
            .find_map(|schema| find_type(facts, *schema, name)),
        [schema, name] => find_type(facts, facts.catalog.schema_by_name(schema)?.oid, name),
        _ => None,
    }?;
    if !is_array {
        return Some(element);
    }
    match types::type_info(TypeOid(element.0)) {
        Some(info) => Some(ObjectId(info.array_oid.0)),
        None => match facts.catalog.user_type(element) {
            Some(ty) => Some(ty.array),
            None => facts
                .catalog
                .table_of_row_type(element)
                .map(|t| t.row_array_type),
        },
    }
}

pub fn current_schemas(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Datum {
    let schema = |oid: &ObjectId| {
        facts
            .catalog
            .schema(*oid)
            .map(|schema| schema.name.as_str())
    };
    if name == "current_schema" {
        return text_or_null(facts.search_path.iter().find_map(schema));
    }
    let path = if args.flag(0) {
        full_path(facts)
    } else {
        facts.search_path.clone()
    };
    let names = path
        .iter()
        .filter_map(schema)
        .map(|name| DatumRef::Bytes(name.as_bytes()));
    build_array(TypeOid::NAME, names)
}
