//! `pg_proc`, `pg_aggregate`, `pg_operator`, `pg_cast`: what the registries have, with PostgreSQL's
//! own rows where it has them.

use std::collections::HashSet;
use std::sync::OnceLock;

use catalog::oid as known;
use common::Result;
use functions::{FunctionDef, Volatility};
use types::{TypeOid, type_info};

use super::cells::{Cell, flag, int2, letter, number, oid, oid_vector, text};
use super::fixed_rows::{FixedRow, add_fixed, fixed_rows};
use super::row_set::RowSet;

/// `pg_language.oid` of `internal`.
const INTERNAL: u32 = 12;

/// Oids of the rows of PostgreSQL's `pg_proc` that stand for something here: functions, aggregates,
/// window functions, functions of the session, and input and output of types.
fn built_procs() -> &'static HashSet<u32> {
    static BUILT: OnceLock<HashSet<u32>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut built: HashSet<u32> = functions::functions().map(|f| f.oid).collect();
        built.extend(functions::aggregates().map(|f| f.oid));
        built.extend(functions::windows().map(|f| f.oid));
        let types = fixed_rows("pg_type");
        for row in types.filter(|row| type_info(TypeOid(row.oid("oid"))).is_some()) {
            for column in ["typinput", "typoutput", "typreceive", "typsend"] {
                built.insert(row.oid(column));
            }
        }
        let session: HashSet<(&str, Vec<u32>)> = sql::binder::session_functions()
            .map(|(f, args, _)| (f.name, args.iter().map(|ty| ty.0).collect()))
            .collect();
        for row in fixed_rows("pg_proc") {
            let name = row.field("proname").unwrap_or("");
            if session.contains(&(name, row.oids("proargtypes"))) {
                built.insert(row.oid("oid"));
            }
        }
        built
    })
}

/// Functions of this program alone.
fn own_functions() -> impl Iterator<Item = &'static FunctionDef> {
    static OWN: OnceLock<Vec<&'static FunctionDef>> = OnceLock::new();
    let own = OWN.get_or_init(|| {
        let theirs: HashSet<u32> = fixed_rows("pg_proc").map(|row| row.oid("oid")).collect();
        functions::functions()
            .filter(|f| f.oid != 0 && !theirs.contains(&f.oid))
            .collect()
    });
    own.iter().copied()
}

fn common_cell(name: &str) -> Cell {
    match name {
        "pronamespace" => oid(known::PG_CATALOG),
        "proowner" => oid(known::SUPERUSER),
        "prolang" => number(INTERNAL),
        _ => None,
    }
}

pub fn procs(out: &mut RowSet<'_>) -> Result<()> {
    let built = built_procs();
    add_fixed(
        out,
        |row| built.contains(&row.oid("oid")),
        |_, name| common_cell(name),
    )?;
    out.fill(own_functions(), |function, name| match name {
        "oid" => number(function.oid),
        "proname" | "prosrc" => text(function.name),
        "procost" => Some(types::Datum::F32(1.0)),
        "prorows" => Some(types::Datum::F32(if function.returns_set() {
            1000.0
        } else {
            0.0
        })),
        "provariadic" => number(function.variadic.map_or(0, |ty| ty.0)),
        "prokind" => letter('f'),
        "proisstrict" => flag(function.strict),
        "proretset" => flag(function.returns_set()),
        "provolatile" => letter(match function.volatility {
            Volatility::Immutable => 'i',
            Volatility::Stable => 's',
            Volatility::Volatile => 'v',
        }),
        "proparallel" => letter('s'),
        "pronargs" => int2(function.args.len() as i16),
        "pronargdefaults" => int2(function.defaults.into()),
        "prorettype" => number(function.ret.0),
        "proargtypes" => oid_vector(function.args.iter().map(|ty| ty.0)),
        _ => common_cell(name),
    });
    Ok(())
}

pub fn aggregates(out: &mut RowSet<'_>) -> Result<()> {
    let built: HashSet<u32> = functions::aggregates().map(|f| f.oid).collect();
    add_fixed(out, |row| built.contains(&row.oid("aggfnoid")), |_, _| None)
}

pub fn operators(out: &mut RowSet<'_>) -> Result<()> {
    add_fixed(
        out,
        |row| built_operators().contains(&row.oid("oid")),
        |_, _| None,
    )
}

fn built_operators() -> &'static HashSet<u32> {
    static BUILT: OnceLock<HashSet<u32>> = OnceLock::new();
    BUILT.get_or_init(|| functions::operators().map(|op| op.oid).collect())
}

/// Keeps rows of `pg_amop` whose operator there is; any other row.
pub fn is_operator_built(row: &FixedRow<'_>) -> bool {
    match row.oid("amopopr") {
        0 => true,
        operator => built_operators().contains(&operator),
    }
}

pub fn casts(out: &mut RowSet<'_>) -> Result<()> {
    let built = |row: &FixedRow<'_>| {
        let (source, target) = (row.oid("castsource"), row.oid("casttarget"));
        // A cast between modifiers of one type is the type's own business.
        source == target || functions::find_cast(TypeOid(source), TypeOid(target)).is_some()
    };
    add_fixed(out, built, |_, _| None)
}
