//! Finds types, relations and functions by the names that users write, and names them in turn.

use catalog::{Describer, oid as known};
use common::ObjectId;
use common::quote_identifier;
use types::TypeOid;

/// Schema and name of a type that is not built in, and whether it is the array over them.
pub fn type_place(names: Describer<'_>, ty: ObjectId) -> Option<(ObjectId, String, bool)> {
    let catalog = names.catalog;
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

/// The type of that name in one schema.
pub fn type_in(names: Describer<'_>, schema: ObjectId, name: &str) -> Option<ObjectId> {
    if schema == known::PG_CATALOG
        && let Some(info) = types::all_types().iter().find(|info| info.name == name)
    {
        return Some(ObjectId(info.oid.0));
    }
    if let Some(found) = names.catalog.type_by_name(schema, name) {
        return Some(found.oid);
    }
    match names.catalog.relation_by_name(schema, name)? {
        catalog::Relation::Table(table) if table.row_type.0 != 0 => Some(table.row_type),
        _ => None,
    }
}

/// A type as SQL writes it.
pub fn type_name(names: Describer<'_>, ty: ObjectId, typmod: i32) -> String {
    if ty.0 == 0 || types::type_info(TypeOid(ty.0)).is_some() {
        return types::format_type(TypeOid(ty.0), typmod);
    }
    let Some((schema, name, is_array)) = type_place(names, ty) else {
        return "???".into();
    };
    let brackets = if is_array { "[]" } else { "" };
    let mut path = names.path.iter().copied();
    let first = path.find(|schema| type_in(names, *schema, &name).is_some());
    let quoted = quote_identifier(&name);
    match names
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
pub fn find_relation(names: Describer<'_>, text: &str) -> Option<catalog::Relation> {
    let parts = split_name(text)?;
    let catalog = names.catalog;
    match parts.as_slice() {
        [name] => names
            .path
            .iter()
            .find_map(|schema| catalog.relation_by_name(*schema, name)),
        [schema, name] | [_, schema, name] => {
            catalog.relation_by_name(names.schema_named(schema)?, name)
        }
        _ => None,
    }
}

/// The type of a name as a user wrote it, with its modifier or not.
pub fn find_type(names: Describer<'_>, text: &str) -> Option<ObjectId> {
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
        [name] => names
            .path
            .iter()
            .find_map(|schema| type_in(names, *schema, name)),
        [schema, name] => type_in(names, names.schema_named(schema)?, name),
        _ => None,
    }?;
    if !is_array {
        return Some(element);
    }
    match types::type_info(TypeOid(element.0)) {
        Some(info) => Some(ObjectId(info.array_oid.0)),
        None => match names.catalog.user_type(element) {
            Some(ty) => Some(ty.array),
            None => names
                .catalog
                .table_of_row_type(element)
                .map(|t| t.row_array_type),
        },
    }
}

/// The function of that name, if it has no overloads: what `regproc` reads.
pub fn find_function(text: &str) -> Option<u32> {
    let name = split_name(text)?.pop()?;
    let rows = catalog::system::system_rows("pg_proc").into_iter();
    let mut oids: Vec<u32> = functions::functions_named(&name)
        .iter()
        .map(|f| f.oid)
        .collect();
    for line in rows.flat_map(|rows| &rows.lines) {
        let mut fields = line.split('\t');
        if let (Some(oid), Some(known)) = (fields.next(), fields.next())
            && known == name
            && let Ok(oid) = oid.parse()
            && !oids.contains(&oid)
        {
            oids.push(oid);
        }
    }
    match oids.as_slice() {
        [oid] => Some(*oid),
        _ => None,
    }
}

/// The name of a function; None if there is none of that number.
pub fn function_name(oid: u32) -> Option<String> {
    if let Some(function) = functions::functions().find(|f| f.oid == oid) {
        return Some(function.name.to_owned());
    }
    let rows = catalog::system::system_rows("pg_proc")?;
    let start = format!("{oid}\t");
    let line = rows.lines.iter().find(|line| line.starts_with(&start))?;
    line.split('\t').nth(1).map(str::to_owned)
}

/// The name of an operator.
pub fn operator_name(oid: u32) -> Option<&'static str> {
    functions::operators()
        .find(|op| op.oid == oid)
        .map(|op| op.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Catalog;

    #[test]
    fn names_are_read_as_sql_reads_them() {
        let parts = |text: &str| split_name(text);
        let some = |parts: &[&str]| Some(parts.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
        assert_eq!(parts("Foo"), some(&["foo"]));
        assert_eq!(parts(" a . \"B\"\"c\" "), some(&["a", "B\"c"]));
        assert_eq!(parts("a.b.c"), some(&["a", "b", "c"]));
        assert_eq!(parts("a."), None);
        assert_eq!(parts("\"a"), None);
    }

    #[test]
    fn types_and_functions_are_found_by_name() {
        let catalog = Catalog::default();
        let path = [known::PG_CATALOG];
        let names = Describer {
            catalog: &catalog,
            path: &path,
        };
        let found = |text| find_type(names, text).map(|oid| oid.0);
        assert_eq!(found("integer"), Some(23));
        assert_eq!(found("varchar(10)[]"), Some(1015));
        assert_eq!(found("pg_class"), Some(83));
        assert_eq!(found("pg_class[]"), Some(273));
        assert_eq!(found("nothing"), None);
        assert_eq!(type_name(names, ObjectId(273), -1), "pg_class[]");
        assert_eq!(find_function("array_recv"), Some(2400));
        assert_eq!(find_function("generate_series"), None);
        assert_eq!(function_name(2400).as_deref(), Some("array_recv"));
    }
}
