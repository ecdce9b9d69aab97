//! Finds definitions by name or type. Built once from the tables of the subject modules.

use std::collections::HashMap;
use std::sync::OnceLock;

use types::TypeOid;

use crate::def::{AggregateDef, CastDef, FunctionDef, OperatorDef, WindowDef};

/// The tables that subject modules contribute.
const FUNCTIONS: &[&[FunctionDef]] = &[crate::integer::FUNCTIONS];
const OPERATORS: &[&[OperatorDef]] = &[];
const CASTS: &[&[CastDef]] = &[];
const AGGREGATES: &[&[AggregateDef]] = &[];
const WINDOWS: &[&[WindowDef]] = &[];

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
        functions: by_name(FUNCTIONS, |def| def.name),
        operators: by_name(OPERATORS, |def| def.name),
        aggregates: by_name(AGGREGATES, |def| def.name),
        windows: by_name(WINDOWS, |def| def.name),
        casts: CASTS
            .iter()
            .flat_map(|table| table.iter())
            .map(|cast| ((cast.source, cast.target), cast))
            .collect(),
    })
}

fn by_name<T>(
    tables: &'static [&'static [T]],
    name: impl Fn(&T) -> &'static str,
) -> HashMap<&'static str, Vec<&'static T>> {
    let mut map: HashMap<_, Vec<_>> = HashMap::new();
    for def in tables.iter().flat_map(|table| table.iter()) {
        map.entry(name(def)).or_default().push(def);
    }
    map
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
    FUNCTIONS.iter().flat_map(|table| table.iter())
}

pub fn operators() -> impl Iterator<Item = &'static OperatorDef> {
    OPERATORS.iter().flat_map(|table| table.iter())
}

pub fn aggregates() -> impl Iterator<Item = &'static AggregateDef> {
    AGGREGATES.iter().flat_map(|table| table.iter())
}

pub fn windows() -> impl Iterator<Item = &'static WindowDef> {
    WINDOWS.iter().flat_map(|table| table.iter())
}

pub fn casts() -> impl Iterator<Item = &'static CastDef> {
    CASTS.iter().flat_map(|table| table.iter())
}
