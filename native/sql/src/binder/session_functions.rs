//! The functions that ask or change the session: their names, types and nature.
//!
//! Everything else of `pg_proc` is pure and lies in the crate `functions`. The engine implements
//! each by name (`access::Session::call`).

use crate::access::SessionFunction;
use parser as ast;
use types::TypeOid as T;

/// Name, argument types, result, stable, strict.
type Row = (&'static str, &'static [T], T, bool, bool);

const STABLE: bool = true;
const VOLATILE: bool = false;
const STRICT: bool = true;
const LAX: bool = false;

#[rustfmt::skip]
const FUNCTIONS: &[Row] = &[
    // Clock and transaction.
    ("now", &[], T::TIMESTAMPTZ, STABLE, STRICT),
    ("transaction_timestamp", &[], T::TIMESTAMPTZ, STABLE, STRICT),
    ("statement_timestamp", &[], T::TIMESTAMPTZ, STABLE, STRICT),
    ("clock_timestamp", &[], T::TIMESTAMPTZ, VOLATILE, STRICT),
    ("timeofday", &[], T::TEXT, VOLATILE, STRICT),
    ("pg_sleep", &[T::FLOAT8], T::VOID, VOLATILE, STRICT),
    ("txid_current", &[], T::INT8, STABLE, STRICT),
    ("txid_current_if_assigned", &[], T::INT8, STABLE, STRICT),
    ("pg_current_xact_id", &[], T::XID8, STABLE, STRICT),
    ("pg_current_xact_id_if_assigned", &[], T::XID8, STABLE, STRICT),
    ("pg_export_snapshot", &[], T::TEXT, VOLATILE, STRICT),
    // Sequences.
    ("nextval", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    ("currval", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    ("lastval", &[], T::INT8, VOLATILE, STRICT),
    ("setval", &[T::REGCLASS, T::INT8], T::INT8, VOLATILE, STRICT),
    ("setval", &[T::REGCLASS, T::INT8, T::BOOL], T::INT8, VOLATILE, STRICT),
    ("pg_get_serial_sequence", &[T::TEXT, T::TEXT], T::TEXT, STABLE, STRICT),
    ("pg_sequence_last_value", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    // Settings and identity.
    ("current_setting", &[T::TEXT], T::TEXT, STABLE, STRICT),
    ("current_setting", &[T::TEXT, T::BOOL], T::TEXT, STABLE, STRICT),
    ("set_config", &[T::TEXT, T::TEXT, T::BOOL], T::TEXT, VOLATILE, LAX),
    ("version", &[], T::TEXT, STABLE, STRICT),
    ("current_database", &[], T::NAME, STABLE, STRICT),
    ("current_schema", &[], T::NAME, STABLE, STRICT),
    ("current_schemas", &[T::BOOL], T::NAME_ARRAY, STABLE, STRICT),
    ("current_user", &[], T::NAME, STABLE, STRICT),
    ("session_user", &[], T::NAME, STABLE, STRICT),
    ("current_query", &[], T::TEXT, VOLATILE, LAX),
    ("pg_backend_pid", &[], T::INT4, STABLE, STRICT),
    ("pg_postmaster_start_time", &[], T::TIMESTAMPTZ, STABLE, STRICT),
    ("pg_conf_load_time", &[], T::TIMESTAMPTZ, STABLE, STRICT),
    ("pg_is_in_recovery", &[], T::BOOL, VOLATILE, STRICT),
    ("pg_is_wal_replay_paused", &[], T::BOOL, VOLATILE, STRICT),
    ("pg_current_wal_lsn", &[], T::PG_LSN, VOLATILE, STRICT),
    ("pg_client_encoding", &[], T::NAME, STABLE, STRICT),
    ("getdatabaseencoding", &[], T::NAME, STABLE, STRICT),
    ("inet_server_port", &[], T::INT4, STABLE, LAX),
    ("inet_client_port", &[], T::INT4, STABLE, LAX),
    ("pg_typeof", &[T::ANY], T::REGTYPE, STABLE, LAX),
    ("pg_my_temp_schema", &[], T::OID, STABLE, STRICT),
    ("pg_is_other_temp_schema", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_cancel_backend", &[T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_terminate_backend", &[T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_terminate_backend", &[T::INT4, T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_reload_conf", &[], T::BOOL, VOLATILE, STRICT),
    ("pg_notify", &[T::TEXT, T::TEXT], T::VOID, VOLATILE, LAX),
    ("pg_notification_queue_usage", &[], T::FLOAT8, VOLATILE, STRICT),
    ("rustydb_session_state_hash", &[], T::TEXT, VOLATILE, STRICT),
    ("rustydb_listening_channels", &[], T::TEXT_ARRAY, STABLE, STRICT),
    ("pg_stat_statements_reset", &[], T::VOID, VOLATILE, STRICT),
    ("pg_stat_statements_reset", &[T::OID, T::OID, T::INT8], T::VOID, VOLATILE, STRICT),
    ("pg_stat_reset", &[], T::VOID, VOLATILE, LAX),
    ("pg_blocking_pids", &[T::INT4], T::INT4_ARRAY, VOLATILE, STRICT),
    ("pg_isolation_test_session_is_blocked", &[T::INT4, T::INT4_ARRAY], T::BOOL, VOLATILE, STRICT),
    // Advisory locks.
    ("pg_advisory_lock", &[T::INT8], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_lock", &[T::INT4, T::INT4], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_lock_shared", &[T::INT8], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_lock_shared", &[T::INT4, T::INT4], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_unlock", &[T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_advisory_unlock", &[T::INT4, T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_advisory_unlock_shared", &[T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_advisory_unlock_shared", &[T::INT4, T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_advisory_unlock_all", &[], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_xact_lock", &[T::INT8], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_xact_lock", &[T::INT4, T::INT4], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_xact_lock_shared", &[T::INT8], T::VOID, VOLATILE, STRICT),
    ("pg_advisory_xact_lock_shared", &[T::INT4, T::INT4], T::VOID, VOLATILE, STRICT),
    ("pg_try_advisory_lock", &[T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_lock", &[T::INT4, T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_lock_shared", &[T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_lock_shared", &[T::INT4, T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_xact_lock", &[T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_xact_lock", &[T::INT4, T::INT4], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_xact_lock_shared", &[T::INT8], T::BOOL, VOLATILE, STRICT),
    ("pg_try_advisory_xact_lock_shared", &[T::INT4, T::INT4], T::BOOL, VOLATILE, STRICT),
    // The catalog in words.
    ("format_type", &[T::OID, T::INT4], T::TEXT, STABLE, LAX),
    ("pg_get_expr", &[T::PG_NODE_TREE, T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_expr", &[T::PG_NODE_TREE, T::OID, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_constraintdef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_constraintdef", &[T::OID, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_indexdef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_indexdef", &[T::OID, T::INT4, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_viewdef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_viewdef", &[T::OID, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_viewdef", &[T::TEXT], T::TEXT, STABLE, STRICT),
    ("pg_get_viewdef", &[T::TEXT, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_ruledef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_ruledef", &[T::OID, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_triggerdef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_triggerdef", &[T::OID, T::BOOL], T::TEXT, STABLE, STRICT),
    ("pg_get_functiondef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_function_arguments", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_function_identity_arguments", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_function_result", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_function_sqlbody", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_statisticsobjdef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_statisticsobjdef_columns", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_partkeydef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_partition_constraintdef", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_get_userbyid", &[T::OID], T::NAME, STABLE, STRICT),
    ("pg_encoding_to_char", &[T::INT4], T::NAME, STABLE, STRICT),
    ("pg_char_to_encoding", &[T::NAME], T::INT4, STABLE, STRICT),
    ("obj_description", &[T::OID, T::NAME], T::TEXT, STABLE, STRICT),
    ("obj_description", &[T::OID], T::TEXT, STABLE, STRICT),
    ("col_description", &[T::OID, T::INT4], T::TEXT, STABLE, STRICT),
    ("shobj_description", &[T::OID, T::NAME], T::TEXT, STABLE, STRICT),
    ("pg_table_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_type_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_function_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_operator_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_opclass_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_collation_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_conversion_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_statistics_obj_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_opfamily_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_ts_config_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_ts_dict_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_ts_parser_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_ts_template_is_visible", &[T::OID], T::BOOL, STABLE, STRICT),
    ("pg_relation_is_publishable", &[T::REGCLASS], T::BOOL, STABLE, STRICT),
    ("pg_relation_is_updatable", &[T::REGCLASS, T::BOOL], T::INT4, STABLE, STRICT),
    ("pg_column_is_updatable", &[T::REGCLASS, T::INT2, T::BOOL], T::BOOL, STABLE, STRICT),
    ("pg_index_column_has_property", &[T::REGCLASS, T::INT4, T::TEXT], T::BOOL, STABLE, STRICT),
    ("to_regclass", &[T::TEXT], T::REGCLASS, STABLE, STRICT),
    ("to_regtype", &[T::TEXT], T::REGTYPE, STABLE, STRICT),
    ("to_regnamespace", &[T::TEXT], T::REGNAMESPACE, STABLE, STRICT),
    ("to_regrole", &[T::TEXT], T::REGROLE, STABLE, STRICT),
    ("to_regproc", &[T::TEXT], T::REGPROC, STABLE, STRICT),
    // Sizes.
    ("pg_relation_size", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    ("pg_relation_size", &[T::REGCLASS, T::TEXT], T::INT8, VOLATILE, STRICT),
    ("pg_table_size", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    ("pg_indexes_size", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    ("pg_total_relation_size", &[T::REGCLASS], T::INT8, VOLATILE, STRICT),
    ("pg_database_size", &[T::NAME], T::INT8, VOLATILE, STRICT),
    ("pg_database_size", &[T::OID], T::INT8, VOLATILE, STRICT),
    ("pg_tablespace_size", &[T::OID], T::INT8, VOLATILE, STRICT),
    ("pg_tablespace_location", &[T::OID], T::TEXT, STABLE, STRICT),
    ("pg_relation_filenode", &[T::REGCLASS], T::OID, STABLE, STRICT),
    ("pg_relation_filepath", &[T::REGCLASS], T::TEXT, STABLE, STRICT),
    // Privileges.
    ("pg_has_role", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("pg_has_role", &[T::NAME, T::TEXT], T::BOOL, STABLE, STRICT),
    ("pg_has_role", &[T::NAME, T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("pg_has_role", &[T::NAME, T::NAME, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_table_privilege", &[T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_table_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_table_privilege", &[T::NAME, T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_table_privilege", &[T::NAME, T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_any_column_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_any_column_privilege", &[T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_column_privilege", &[T::OID, T::INT2, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_column_privilege", &[T::TEXT, T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_column_privilege", &[T::OID, T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_schema_privilege", &[T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_schema_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_schema_privilege", &[T::NAME, T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_database_privilege", &[T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_database_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_database_privilege", &[T::NAME, T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_sequence_privilege", &[T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_sequence_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_sequence_privilege", &[T::NAME, T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_sequence_privilege", &[T::NAME, T::TEXT, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_schema_privilege", &[T::NAME, T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_database_privilege", &[T::NAME, T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_function_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("has_type_privilege", &[T::OID, T::TEXT], T::BOOL, STABLE, STRICT),
    ("row_security_active", &[T::OID], T::BOOL, STABLE, STRICT),
    ("row_security_active", &[T::TEXT], T::BOOL, STABLE, STRICT),
    // Statistics.
    ("pg_stat_get_numscans", &[T::OID], T::INT8, STABLE, STRICT),
    ("pg_stat_get_live_tuples", &[T::OID], T::INT8, STABLE, STRICT),
    ("pg_stat_get_dead_tuples", &[T::OID], T::INT8, STABLE, STRICT),
    ("pg_snapshot_xmin", &[T::TEXT], T::XID8, STABLE, STRICT),
];

/// Functions that return a set: the elements of the array that the function beside it returns.
#[rustfmt::skip]
const SETS: &[(Row, &str)] = &[
    (("pg_listening_channels", &[], T::TEXT, STABLE, STRICT), "rustydb_listening_channels"),
];

/// SQL's functions without parentheses that are not in `pg_proc`.
const KEYWORDS: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
];

/// The overloads of a name: function, argument types, result.
pub(super) fn named(
    name: &str,
) -> impl Iterator<Item = (SessionFunction, &'static [T], T)> + use<'_> {
    FUNCTIONS
        .iter()
        .filter(move |row| row.0 == name)
        .map(|row| {
            let function = SessionFunction {
                name: row.0,
                stable: row.3,
                strict: row.4,
            };
            (function, row.1, row.2)
        })
}

/// The call of a function of this list that returns a set, as `unnest` of an array.
pub(super) fn as_unnest(call: &ast::FuncCall) -> Option<ast::FuncCall> {
    let (_, array) = SETS.iter().find(|(row, _)| row.0 == call.name.name())?;
    let of = |name: &str| ast::QualifiedName {
        parts: vec![name.to_owned()],
        location: call.name.location,
    };
    let inner = ast::FuncCall {
        name: of(array),
        ..call.clone()
    };
    let value = ast::Expr {
        kind: ast::ExprKind::FuncCall(Box::new(inner)),
        location: call.name.location,
    };
    Some(ast::FuncCall {
        name: of("unnest"),
        args: vec![ast::FuncArg { name: None, value }],
        ..call.clone()
    })
}

/// The function behind a keyword such as `current_date`.
pub(super) fn keyword(name: &'static str) -> SessionFunction {
    debug_assert!(KEYWORDS.contains(&name) || named(name).next().is_some());
    SessionFunction {
        name,
        stable: true,
        strict: true,
    }
}

/// Every session function with its types, for `pg_proc`.
pub fn session_functions()
-> impl Iterator<Item = (SessionFunction, &'static [types::TypeOid], types::TypeOid)> {
    let sets = SETS.iter().map(|(row, _)| row);
    FUNCTIONS.iter().chain(sets).map(|row| {
        (
            SessionFunction {
                name: row.0,
                stable: row.3,
                strict: row.4,
            },
            row.1,
            row.2,
        )
    })
}
