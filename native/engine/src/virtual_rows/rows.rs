//! Which rows a system relation has.

use common::Result;
use types::Batch;

use super::fixed_rows::add_fixed;
use super::row_set::RowSet;
use super::{
    activity, attributes, classes, constraints, dependencies, holdings, identity, indexes,
    limit_rows, pool_rows, privileges, procs, session_rows, settings_rows, statement_rows,
    statistics_rows, type_rows,
};
use crate::session::SessionFacts;

/// The rows of a virtual relation, `columns` of them in that order.
pub fn rows(facts: &SessionFacts, info: &catalog::Table, columns: &[u16]) -> Result<Batch> {
    let mut set = RowSet::new(info, columns);
    let out = &mut set;
    let catalog = &*facts.catalog;
    match info.name.as_str() {
        "pg_class" => classes::classes(catalog, out),
        "pg_attribute" => attributes::attributes(catalog, out),
        "pg_attrdef" => attributes::defaults(catalog, out),
        "pg_index" => indexes::indexes(catalog, out),
        "pg_constraint" => constraints::constraints(catalog, out),
        "pg_sequence" => classes::sequences(catalog, out),
        "pg_rewrite" => classes::rules(catalog, out),
        "pg_type" => type_rows::types(catalog, out)?,
        "pg_enum" => type_rows::labels(catalog, out),
        "pg_range" => type_rows::ranges(catalog, out),
        "pg_proc" => procs::procs(out)?,
        "pg_operator" => procs::operators(out)?,
        "pg_cast" => procs::casts(out)?,
        "pg_aggregate" => procs::aggregates(out)?,
        "pg_namespace" => identity::schemas(catalog, out),
        "pg_database" => identity::databases(catalog, out),
        "pg_authid" => identity::roles(catalog, out),
        "pg_auth_members" => identity::members(catalog, out),
        "pg_db_role_setting" => identity::settings(catalog, out),
        "pg_depend" => dependencies::dependencies(catalog, out),
        "pg_description" => dependencies::descriptions(catalog, out, false),
        "pg_shdescription" => dependencies::descriptions(catalog, out, true),
        "pg_settings" => settings_rows::settings(facts, out)?,
        "pg_timezone_names" => settings_rows::time_zones(out),
        "pg_locks" => activity::locks(facts, out),
        "pg_stat_activity" => activity::sessions(facts, out),
        "rustydb_sessions" => session_rows::sessions(facts, out),
        "pg_stat_statements" => statement_rows::statements(facts, out),
        "pg_stat_statements_info" => statement_rows::info(facts, out),
        "pg_cursors" => holdings::cursors(facts, out),
        "pg_prepared_statements" => holdings::statements(facts, out),
        "rustydb_pools" => pool_rows::pools(facts, out),
        "rustydb_pool_partitions" => pool_rows::partitions(facts, out),
        "rustydb_pool_slots" => pool_rows::slots(facts, out),
        "rustydb_pool_waiters" => pool_rows::waiters(facts, out),
        "rustydb_pool_leaks" => pool_rows::leaks(facts, out),
        "rustydb_rate_limits" => limit_rows::rate_limits(facts, out),
        "rustydb_quotas" => limit_rows::quotas(facts, out),
        "rustydb_limiter" => limit_rows::limiter_row(facts, out),
        "pg_stat_database" => activity::databases(facts, out),
        "pg_stats" => statistics_rows::columns(catalog, out)?,
        "pg_stat_all_tables" | "pg_statio_all_tables" | "pg_stat_xact_all_tables" => {
            statistics_rows::tables(catalog, out);
        }
        "pg_stat_all_indexes" | "pg_statio_all_indexes" => statistics_rows::indexes(catalog, out),
        "pg_statio_all_sequences" => statistics_rows::sequences(catalog, out),
        "table_privileges" => privileges::tables(catalog, out),
        "column_privileges" => privileges::columns(catalog, out),
        "usage_privileges" => privileges::sequences(catalog, out),
        "pg_am" | "pg_language" | "pg_tablespace" | "pg_collation" | "pg_opfamily"
        | "pg_opclass" | "pg_amop" | "pg_amproc" => {
            add_fixed(out, procs::is_operator_built, |_, _| None)?;
        }
        _ => {}
    }
    Ok(set.finish())
}
