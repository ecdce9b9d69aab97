//! The one door: functions by name.

use common::{Error, Result};
use types::{Datum, DatumRef, TypeOid, build_array};

use super::arguments::{Arguments, text_or_null};
use super::{advisory, backends, definitions, functions_as_sql, names, notify, privileges, sizes};
use crate::session::SessionFacts;

/// Calls the function `name`; 0A000 for one that is in the binder's list but not built.
pub fn call(facts: &SessionFacts, name: &str, args: &[Datum]) -> Result<Datum> {
    let args = Arguments(args);
    if name.starts_with("pg_advisory_") || name.starts_with("pg_try_advisory_") {
        return advisory::call(facts, name, args);
    }
    if name.starts_with("has_") || name == "pg_has_role" || name == "row_security_active" {
        return privileges::call(facts, name, args);
    }
    if name.ends_with("_is_visible") || name.starts_with("to_reg") {
        return names::call(facts, name, args);
    }
    if name.ends_with("_size") {
        return sizes::call(facts, name, args);
    }
    if let Some(value) = of_sessions(facts, name, args)? {
        return Ok(value);
    }
    Ok(match name {
        "format_type" => names::format_type(facts, args),
        "current_schema" | "current_schemas" => names::current_schemas(facts, name, args),
        "pg_typeof" => args.0.first().cloned().unwrap_or_default(),
        "pg_my_temp_schema" | "pg_is_other_temp_schema" => {
            names::temp_schema(facts, name, args.oid(0))
        }
        "pg_client_encoding" | "getdatabaseencoding" => Datum::text("UTF8"),
        "pg_encoding_to_char" => encoding_name(args.integer(0)),
        "pg_char_to_encoding" => encoding_number(args.text(0)),
        "pg_get_userbyid" => {
            let role = facts
                .catalog
                .role(args.oid(0))
                .map(|role| role.name.clone());
            Datum::text(&role.unwrap_or_else(|| format!("unknown (OID={})", args.oid(0))))
        }
        "obj_description" | "shobj_description" | "col_description" => comment(facts, name, args),
        "pg_relation_filenode" | "pg_relation_filepath" => sizes::file(facts, name, args),
        "pg_tablespace_location" => Datum::text(""),
        "pg_relation_is_updatable" | "pg_column_is_updatable" => {
            definitions::updatable(facts, name, args)
        }
        "pg_relation_is_publishable" => Datum::Bool(false),
        "pg_index_column_has_property" => definitions::index_property(facts, args),
        "pg_stat_get_live_tuples" => {
            let statistics = facts.catalog.statistics(args.oid(0));
            Datum::I64(statistics.map_or(0, |s| s.rows.max(0.0) as i64))
        }
        // Sequences and columns.
        "pg_get_serial_sequence" => definitions::serial_sequence(facts, args)?,
        _ => match definitions::call(facts, name, args)? {
            Some(value) => value,
            None => match functions_as_sql::call(facts, name, args) {
                Some(value) => value,
                None => return Err(Error::not_implemented(format!("function {name}()"))),
            },
        },
    })
}

/// What speaks of sessions: their locks, channels and statements; None for another function.
fn of_sessions(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Option<Datum>> {
    Ok(Some(match name {
        "pg_cancel_backend" | "pg_terminate_backend" => backends::call(facts, name, args)?,
        "pg_blocking_pids" => {
            let pid = args.integer(0).and_then(|pid| u32::try_from(pid).ok());
            let pids = facts.engine.txns().locks().blocking_pids(pid.unwrap_or(0));
            build_array(
                TypeOid::INT4,
                pids.into_iter().map(|pid| DatumRef::I32(pid as i32)),
            )
        }
        "pg_isolation_test_session_is_blocked" => is_blocked(facts, args)?,
        "pg_notify" => notify::notify(facts, args)?,
        "rustydb_listening_channels" => notify::channels(facts),
        "pg_notification_queue_usage" => notify::usage(facts),
        "pg_stat_statements_reset" => {
            let query_id = args.integer(2).unwrap_or(0);
            let statistics = facts.engine.statement_statistics();
            statistics.reset(args.oid(0), query_id);
            Datum::I32(0)
        }
        _ => return Ok(None),
    }))
}

/// The comment on an object, or on a column of it.
fn comment(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Datum {
    let sub = match name {
        "col_description" => args.integer(1).unwrap_or(0) as i16,
        _ => 0,
    };
    let found = facts.catalog.comment(args.oid(0), sub);
    text_or_null(found.map(|comment| &comment.text))
}

/// Encodings' numbers in PostgreSQL, where they are known here.
const ENCODINGS: &[(i64, &str)] = &[(0, "SQL_ASCII"), (6, "UTF8"), (8, "LATIN1")];

fn encoding_name(number: Option<i64>) -> Datum {
    let found = ENCODINGS.iter().find(|(n, _)| Some(*n) == number);
    Datum::text(found.map_or("", |(_, name)| name))
}

/// -1 for an unknown one; punctuation and case do not count.
fn encoding_number(name: &str) -> Datum {
    let plain = |name: &str| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_uppercase()
    };
    let name = match plain(name).as_str() {
        "UNICODE" => "UTF8".to_owned(),
        name => name.to_owned(),
    };
    let found = ENCODINGS.iter().find(|(_, known)| plain(known) == name);
    Datum::I32(found.map_or(-1, |(number, _)| *number as i32))
}

fn is_blocked(facts: &SessionFacts, args: Arguments<'_>) -> Result<Datum> {
    let pid = args
        .integer(0)
        .and_then(|pid| u32::try_from(pid).ok())
        .unwrap_or(0);
    let list = args
        .0
        .get(1)
        .and_then(|arg| arg.as_ref().as_bytes())
        .unwrap_or_default();
    let list = types::ArrayRef::new(list)?;
    let pids: Vec<u32> = list
        .iter()
        .filter_map(|pid| pid.as_i64())
        .map(|pid| pid as u32)
        .collect();
    Ok(Datum::Bool(
        facts.engine.txns().locks().is_blocked_by(pid, &pids),
    ))
}
