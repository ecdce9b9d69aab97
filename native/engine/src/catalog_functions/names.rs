//! Names of objects: `format_type`, `to_regclass` and its kin, visibility, schemas on the path.

use catalog::Describer;
use common::{ObjectId, Result};
use types::{Datum, DatumRef, TypeOid, build_array};

use super::arguments::{Arguments, text_or_null};
use super::object_names::{
    find_function, find_relation, find_type, split_name, type_in, type_name, type_place,
};
use crate::session::SessionFacts;

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    Ok(match name {
        "pg_table_is_visible" => match facts.catalog.relation(args.oid(0)) {
            Some(relation) => {
                let path = &facts.search_path.all;
                let names = Describer {
                    catalog: &facts.catalog,
                    path,
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
    let path = &facts.search_path.all;
    let names = Describer {
        catalog: &facts.catalog,
        path,
    };
    if types::type_info(TypeOid(ty.0)).is_some() {
        return Datum::Bool(true);
    }
    match type_place(names, ty) {
        Some((schema, name, _)) => {
            let mut path = path.iter().copied();
            let first = path.find(|schema| type_in(names, *schema, &name).is_some());
            Datum::Bool(first == Some(schema))
        }
        None => Datum::Null,
    }
}

pub fn format_type(facts: &SessionFacts, args: Arguments<'_>) -> Datum {
    if args.0.first().is_none_or(Datum::is_null) {
        return Datum::Null;
    }
    let typmod = args.integer(1).unwrap_or(-1) as i32;
    let path = &facts.search_path.all;
    let names = Describer {
        catalog: &facts.catalog,
        path,
    };
    Datum::text(&type_name(names, args.oid(0), typmod))
}

fn to_reg(facts: &SessionFacts, name: &str, text: &str) -> Result<Datum> {
    let catalog = &facts.catalog;
    let path = &facts.search_path.all;
    let names = Describer { catalog, path };
    let single = || split_name(text).and_then(|mut parts| parts.pop());
    let found = match name {
        "to_regclass" => find_relation(names, text).map(|relation| relation.oid()),
        "to_regtype" => find_type(names, text),
        "to_regnamespace" => single().and_then(|n| catalog.schema_by_name(&n).map(|s| s.oid)),
        "to_regrole" => single().and_then(|n| catalog.role_by_name(&n).map(|r| r.oid)),
        _ => find_function(text).map(ObjectId),
    };
    Ok(found.map_or(Datum::Null, |oid| Datum::oid(oid.0)))
}

/// The session's own temporary schema, or whether `schema` is that of another.
pub fn temp_schema(facts: &SessionFacts, name: &str, schema: ObjectId) -> Datum {
    let own = facts.search_path.temp;
    match name {
        "pg_my_temp_schema" => Datum::oid(own.map_or(0, |schema| schema.0)),
        _ => Datum::Bool(own != Some(schema) && facts.catalog.is_temp_schema(schema)),
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
        return text_or_null(facts.search_path.listed.iter().find_map(schema));
    }
    let path = match args.flag(0) {
        true => &facts.search_path.all,
        false => &facts.search_path.listed,
    };
    let names = path
        .iter()
        .filter_map(schema)
        .map(|name| DatumRef::Bytes(name.as_bytes()));
    build_array(TypeOid::NAME, names)
}
