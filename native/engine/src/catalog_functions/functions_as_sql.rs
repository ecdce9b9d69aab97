//! Functions as SQL: `pg_get_function_arguments` and its kin, from PostgreSQL's own rows.

use catalog::Describer;
use common::ObjectId;
use types::Datum;

use super::arguments::{Arguments, text_or_null};
use super::object_names::type_name;
use crate::session::SessionFacts;

/// A function's signature.
struct Signature {
    args: Vec<u32>,
    variadic: bool,
    result: u32,
    returns_set: bool,
}

/// None if the function is not of this subject.
pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Option<Datum> {
    let path = &facts.search_path.all;
    let names = Describer {
        catalog: &facts.catalog,
        path,
    };
    let words: fn(Describer<'_>, &Signature) -> String = match name {
        "pg_get_function_arguments" | "pg_get_function_identity_arguments" => arguments,
        "pg_get_function_result" => result,
        _ => return None,
    };
    Some(text_or_null(
        signature(args.oid(0)).map(|signature| words(names, &signature)),
    ))
}

fn signature(oid: ObjectId) -> Option<Signature> {
    if let Some(function) = functions::functions().find(|f| f.oid == oid.0) {
        return Some(Signature {
            args: function.args.iter().map(|ty| ty.0).collect(),
            variadic: function.variadic.is_some(),
            result: function.ret.0,
            returns_set: function.returns_set(),
        });
    }
    let rows = catalog::system::system_rows("pg_proc")?;
    let at = |column: &str| rows.columns.iter().position(|c| *c == column);
    let (args, result) = (at("proargtypes")?, at("prorettype")?);
    let (variadic, set) = (at("provariadic")?, at("proretset")?);
    let wanted = oid.to_string();
    let mut lines = rows
        .lines
        .iter()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let fields = lines.find(|fields| fields.first() == Some(&wanted.as_str()))?;
    Some(Signature {
        args: fields[args]
            .split(' ')
            .filter_map(|number| number.parse().ok())
            .collect(),
        variadic: fields[variadic] != "0",
        result: fields[result].parse().ok()?,
        returns_set: fields[set] == "t",
    })
}

fn arguments(names: Describer<'_>, signature: &Signature) -> String {
    let last = signature.args.len().saturating_sub(1);
    let mut texts = Vec::with_capacity(signature.args.len());
    for (at, ty) in signature.args.iter().enumerate() {
        let ty = type_name(names, ObjectId(*ty), -1);
        let variadic = signature.variadic && at == last;
        texts.push(if variadic {
            format!("VARIADIC {ty}")
        } else {
            ty
        });
    }
    texts.join(", ")
}

fn result(names: Describer<'_>, signature: &Signature) -> String {
    let ty = type_name(names, ObjectId(signature.result), -1);
    if signature.returns_set {
        format!("SETOF {ty}")
    } else {
        ty
    }
}
