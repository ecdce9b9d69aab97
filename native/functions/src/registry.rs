//! Finds definitions by name or type. Built once from the tables of the subject modules.

use std::collections::HashMap;
use std::sync::OnceLock;

use types::TypeOid;

use crate::def::{
    AggregateDef, CastDef, CastMethod, FunctionDef, FunctionKind, OperatorBody, OperatorDef,
    WindowDef,
};
use crate::tables;

struct Registry {
    functions: HashMap<&'static str, Vec<&'static FunctionDef>>,
    operators: HashMap<&'static str, Vec<&'static OperatorDef>>,
    aggregates: HashMap<&'static str, Vec<&'static AggregateDef>>,
    windows: HashMap<&'static str, Vec<&'static WindowDef>>,
    casts: HashMap<(TypeOid, TypeOid), &'static CastDef>,
}

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| Registry {
        functions: by_name(functions(), |def| def.name),
        operators: by_name(operators(), |def| def.name),
        aggregates: by_name(aggregates(), |def| def.name),
        windows: by_name(windows(), |def| def.name),
        casts: casts()
            .map(|cast| ((cast.source, cast.target), cast))
            .collect(),
    })
}

fn by_name<T>(
    all: impl Iterator<Item = &'static T>,
    name: impl Fn(&T) -> &'static str,
) -> HashMap<&'static str, Vec<&'static T>> {
    let mut map: HashMap<_, Vec<_>> = HashMap::new();
    for def in all {
        map.entry(name(def)).or_default().push(def);
    }
    map
}

fn by_oid() -> HashMap<u32, &'static FunctionDef> {
    functions().map(|def| (def.oid, def)).collect()
}

/// Operators with their functions; one whose function is not built does not exist.
fn operator_defs() -> &'static [OperatorDef] {
    static DEFS: OnceLock<Vec<OperatorDef>> = OnceLock::new();
    DEFS.get_or_init(|| {
        let functions = by_oid();
        let mut defs = Vec::with_capacity(tables::OPERATORS.len());
        for row in tables::OPERATORS {
            let body = match row.body {
                tables::OperatorCode::Compare(op) => OperatorBody::Compare(op),
                tables::OperatorCode::Function(oid) => match functions.get(&oid) {
                    Some(function) => OperatorBody::Function(function),
                    None => continue,
                },
            };
            defs.push(OperatorDef {
                oid: row.oid,
                name: row.name,
                left: row.left,
                right: row.right,
                ret: row.ret,
                body,
                commutator: row.commutator,
                negator: row.negator,
            });
        }
        defs
    })
}

fn cast_defs() -> &'static [CastDef] {
    static DEFS: OnceLock<Vec<CastDef>> = OnceLock::new();
    DEFS.get_or_init(|| {
        let functions = by_oid();
        let mut defs = Vec::with_capacity(tables::CASTS.len());
        for &(source, target, context, code) in tables::CASTS {
            let method = match code {
                tables::CastCode::Binary => CastMethod::Binary,
                tables::CastCode::InOut => CastMethod::InOut,
                tables::CastCode::Function(oid) => match functions.get(&oid).map(|f| f.kind) {
                    Some(FunctionKind::Scalar(function)) => CastMethod::Function(function),
                    _ => continue,
                },
            };
            defs.push(CastDef {
                source,
                target,
                context,
                method,
            });
        }
        defs
    })
}

fn named<T>(
    map: &'static HashMap<&'static str, Vec<&'static T>>,
    name: &str,
) -> &'static [&'static T] {
    map.get(name).map_or(&[], Vec::as_slice)
}

/// All overloads of a function.
pub fn functions_named(name: &str) -> &'static [&'static FunctionDef] {
    named(&registry().functions, name)
}

pub fn operators_named(name: &str) -> &'static [&'static OperatorDef] {
    named(&registry().operators, name)
}

pub fn aggregates_named(name: &str) -> &'static [&'static AggregateDef] {
    named(&registry().aggregates, name)
}

pub fn windows_named(name: &str) -> &'static [&'static WindowDef] {
    named(&registry().windows, name)
}

/// The cast between two types that differ, if there is one.
pub fn find_cast(source: TypeOid, target: TypeOid) -> Option<&'static CastDef> {
    registry().casts.get(&(source, target)).copied()
}

pub fn functions() -> impl Iterator<Item = &'static FunctionDef> {
    tables::FUNCTIONS.iter().flat_map(|table| table.iter())
}

pub fn operators() -> impl Iterator<Item = &'static OperatorDef> {
    operator_defs().iter()
}

pub fn aggregates() -> impl Iterator<Item = &'static AggregateDef> {
    tables::AGGREGATES.iter().flat_map(|table| table.iter())
}

pub fn windows() -> impl Iterator<Item = &'static WindowDef> {
    tables::WINDOWS.iter().flat_map(|table| table.iter())
}

pub fn casts() -> impl Iterator<Item = &'static CastDef> {
    cast_defs().iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_has_its_function() {
        assert_eq!(operators().count(), tables::OPERATORS.len());
        assert_eq!(casts().count(), tables::CASTS.len());
    }

    #[test]
    fn overloads_differ() {
        let mut seen = std::collections::HashSet::new();
        for def in functions() {
            assert!(
                seen.insert((def.name, def.args)),
                "{} {:?} twice",
                def.name,
                def.args
            );
        }
        for def in aggregates() {
            assert!(
                seen.insert((def.name, def.args)),
                "{} {:?} twice",
                def.name,
                def.args
            );
        }
        let mut numbers = std::collections::HashSet::new();
        assert!(functions().all(|def| numbers.insert(def.oid)));
    }
}
