//! The list of settings. Names, types, ranges and defaults are PostgreSQL 15's.

use super::definition::{Definition, Kind, Scope, Unit};

const INT_MAX: i64 = i32::MAX as i64;

const fn make(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    scope: Scope,
    description: &'static str,
) -> Definition {
    Definition {
        name,
        kind,
        default,
        scope,
        reported: false,
        description,
    }
}

const fn session(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    description: &'static str,
) -> Definition {
    make(name, kind, default, Scope::Session, description)
}

const fn internal(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    description: &'static str,
) -> Definition {
    make(name, kind, default, Scope::Internal, description)
}

const fn reported(definition: Definition) -> Definition {
    Definition {
        reported: true,
        ..definition
    }
}

const fn ms(max: i64) -> Kind {
    Kind::Int {
        min: 0,
        max,
        unit: Unit::Ms,
    }
}

const fn plain(min: i64, max: i64) -> Kind {
    Kind::Int {
        min,
        max,
        unit: Unit::None,
    }
}

const ISOLATION: Kind = Kind::Enum(&[
    "serializable",
    "repeatable read",
    "read committed",
    "read uncommitted",
]);
const LEVELS: Kind = Kind::Enum(&[
    "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error",
]);

/// Sorted by name.
static DEFINITIONS: &[Definition] = &[
    reported(session(
        "application_name",
        Kind::Text,
        "",
        "Name of the application, for statistics and logs.",
    )),
    session(
        "backslash_quote",
        Kind::Enum(&["safe_encoding", "on", "off"]),
        "safe_encoding",
        "Whether \\' is allowed in string literals.",
    ),
    internal(
        "block_size",
        plain(16384, 16384),
        "16384",
        "Size of a page in bytes.",
    ),
    session(
        "bytea_output",
        Kind::Enum(&["escape", "hex"]),
        "hex",
        "Output format of bytea.",
    ),
    session(
        "check_function_bodies",
        Kind::Bool,
        "on",
        "Checks the bodies of routines when they are created.",
    ),
    reported(session(
        "client_encoding",
        Kind::Text,
        "UTF8",
        "Character set of the client.",
    )),
    session(
        "client_min_messages",
        LEVELS,
        "notice",
        "Least severe message that is sent to the client.",
    ),
    session(
        "constraint_exclusion",
        Kind::Enum(&["partition", "on", "off"]),
        "partition",
        "Use of constraints to skip tables.",
    ),
    session(
        "cursor_tuple_fraction",
        Kind::Real { min: 0.0, max: 1.0 },
        "0.1",
        "Fraction of a cursor's rows that the planner expects to be read.",
    ),
    reported(session(
        "DateStyle",
        Kind::Text,
        "ISO, MDY",
        "Display format of dates and order of date fields in input.",
    )),
    session(
        "deadlock_timeout",
        Kind::Int {
            min: 1,
            max: INT_MAX,
            unit: Unit::Ms,
        },
        "10ms",
        "Wait for a lock before a deadlock is searched.",
    ),
    session(
        "default_table_access_method",
        Kind::Text,
        "heap",
        "Table access method of new tables.",
    ),
    session(
        "default_tablespace",
        Kind::Text,
        "",
        "Tablespace of new tables and indexes.",
    ),
    session(
        "default_toast_compression",
        Kind::Enum(&["lz4"]),
        "lz4",
        "Compression of large values.",
    ),
    session(
        "default_transaction_deferrable",
        Kind::Bool,
        "off",
        "Deferrable status of a new transaction.",
    ),
    reported(session(
        "default_transaction_isolation",
        ISOLATION,
        "read committed",
        "Isolation level of a new transaction.",
    )),
    reported(session(
        "default_transaction_read_only",
        Kind::Bool,
        "off",
        "Whether a new transaction may write.",
    )),
    session(
        "enable_hashagg",
        Kind::Bool,
        "on",
        "Lets the planner use hash aggregation.",
    ),
    session(
        "enable_hashjoin",
        Kind::Bool,
        "on",
        "Lets the planner use hash joins.",
    ),
    session(
        "enable_indexonlyscan",
        Kind::Bool,
        "on",
        "Lets the planner use index-only scans.",
    ),
    session(
        "enable_indexscan",
        Kind::Bool,
        "on",
        "Lets the planner use index scans.",
    ),
    session(
        "enable_mergejoin",
        Kind::Bool,
        "on",
        "Lets the planner use merge joins.",
    ),
    session(
        "enable_nestloop",
        Kind::Bool,
        "on",
        "Lets the planner use nested loops.",
    ),
    session(
        "enable_seqscan",
        Kind::Bool,
        "on",
        "Lets the planner use scans of whole tables.",
    ),
    session(
        "enable_sort",
        Kind::Bool,
        "on",
        "Lets the planner use explicit sorts.",
    ),
    session(
        "escape_string_warning",
        Kind::Bool,
        "on",
        "Warns about backslashes in ordinary string literals.",
    ),
    session(
        "extra_float_digits",
        plain(-15, 3),
        "1",
        "Digits shown of floating-point values.",
    ),
    session(
        "force_parallel_mode",
        Kind::Enum(&["off", "on", "regress"]),
        "off",
        "Forces parallel plans.",
    ),
    session(
        "geqo",
        Kind::Bool,
        "on",
        "Greedy join search above geqo_threshold tables.",
    ),
    session(
        "gin_fuzzy_search_limit",
        plain(0, INT_MAX),
        "0",
        "Most rows an index search may return; 0 is no limit.",
    ),
    session(
        "idle_in_transaction_session_timeout",
        ms(INT_MAX),
        "0",
        "Longest idle time inside a transaction; 0 is none.",
    ),
    session(
        "idle_session_timeout",
        ms(INT_MAX),
        "0",
        "Longest idle time outside a transaction; 0 is none.",
    ),
    reported(internal(
        "integer_datetimes",
        Kind::Bool,
        "on",
        "Dates and times are kept as integers.",
    )),
    reported(session(
        "IntervalStyle",
        Kind::Enum(&["postgres", "postgres_verbose", "sql_standard", "iso_8601"]),
        "postgres",
        "Display format of intervals.",
    )),
    session("jit", Kind::Bool, "off", "Compilation of expressions."),
    internal(
        "lc_collate",
        Kind::Text,
        "C",
        "Collation order of the database.",
    ),
    internal(
        "lc_ctype",
        Kind::Text,
        "C",
        "Character classes of the database.",
    ),
    session("lc_messages", Kind::Text, "C", "Language of messages."),
    session("lc_monetary", Kind::Text, "C", "Locale of money."),
    session("lc_numeric", Kind::Text, "C", "Locale of numbers."),
    session("lc_time", Kind::Text, "C", "Locale of dates and times."),
    session(
        "lock_timeout",
        ms(INT_MAX),
        "0",
        "Longest wait for a lock; 0 is none.",
    ),
    session(
        "log_min_messages",
        LEVELS,
        "warning",
        "Least severe message that is logged.",
    ),
    session(
        "maintenance_work_mem",
        Kind::Int {
            min: 1024,
            max: INT_MAX,
            unit: Unit::KiB,
        },
        "64MB",
        "Memory of maintenance statements.",
    ),
    internal(
        "max_connections",
        plain(1, 262_143),
        "10000",
        "Most connections at a time.",
    ),
    internal(
        "max_identifier_length",
        plain(63, 63),
        "63",
        "Longest identifier in bytes.",
    ),
    internal(
        "max_index_keys",
        plain(32, 32),
        "32",
        "Most columns of an index key.",
    ),
    session(
        "max_parallel_workers_per_gather",
        plain(0, 1024),
        "0",
        "Most workers of a parallel plan.",
    ),
    internal(
        "max_prepared_transactions",
        plain(0, 0),
        "0",
        "Most prepared transactions.",
    ),
    session(
        "password_encryption",
        Kind::Enum(&["scram-sha-256"]),
        "scram-sha-256",
        "Algorithm of new passwords.",
    ),
    session(
        "plan_cache_mode",
        Kind::Enum(&["auto", "force_generic_plan", "force_custom_plan"]),
        "auto",
        "Choice between generic and custom plans.",
    ),
    session(
        "quote_all_identifiers",
        Kind::Bool,
        "off",
        "Quotes every identifier in generated SQL.",
    ),
    session(
        "row_security",
        Kind::Bool,
        "on",
        "Applies row-level security.",
    ),
    session(
        "search_path",
        Kind::Text,
        "\"$user\", public",
        "Schemas that names without one are searched in.",
    ),
    reported(internal(
        "server_encoding",
        Kind::Text,
        "UTF8",
        "Character set of the database.",
    )),
    reported(internal(
        "server_version",
        Kind::Text,
        "15.0",
        "Version of PostgreSQL whose behaviour is kept.",
    )),
    internal(
        "server_version_num",
        plain(150_000, 150_000),
        "150000",
        "Version as a number.",
    ),
    session(
        "session_replication_role",
        Kind::Enum(&["origin", "replica", "local"]),
        "origin",
        "Behaviour of triggers and rewrite rules.",
    ),
    internal(
        "shared_buffers",
        Kind::Int {
            min: 16,
            max: INT_MAX / 2,
            unit: Unit::Blocks,
        },
        "64MB",
        "Size of the buffer pool.",
    ),
    reported(session(
        "standard_conforming_strings",
        Kind::Bool,
        "on",
        "Backslashes in ordinary string literals are plain characters.",
    )),
    session(
        "statement_timeout",
        ms(INT_MAX),
        "0",
        "Longest run of a statement; 0 is none.",
    ),
    session(
        "synchronize_seqscans",
        Kind::Bool,
        "on",
        "Scans of one table may start in the middle.",
    ),
    session(
        "synchronous_commit",
        Kind::Enum(&["local", "remote_write", "remote_apply", "on", "off"]),
        "on",
        "Whether a commit is durable before it is answered.",
    ),
    session(
        "temp_tablespaces",
        Kind::Text,
        "",
        "Tablespaces of temporary tables.",
    ),
    reported(session(
        "TimeZone",
        Kind::Text,
        "UTC",
        "Time zone of timestamps shown and read.",
    )),
    session(
        "timezone_abbreviations",
        Kind::Text,
        "Default",
        "Set of time zone abbreviations.",
    ),
    session(
        "transaction_deferrable",
        Kind::Bool,
        "off",
        "Deferrable status of the current transaction.",
    ),
    session(
        "transaction_isolation",
        ISOLATION,
        "read committed",
        "Isolation level of the current transaction.",
    ),
    session(
        "transaction_read_only",
        Kind::Bool,
        "off",
        "Whether the current transaction may write.",
    ),
    session(
        "transform_null_equals",
        Kind::Bool,
        "off",
        "Reads = NULL as IS NULL.",
    ),
    internal(
        "wal_block_size",
        plain(512, 16384),
        "4096",
        "Unit of writing to the log.",
    ),
    session(
        "work_mem",
        Kind::Int {
            min: 64,
            max: INT_MAX,
            unit: Unit::KiB,
        },
        "64MB",
        "Memory of one sort or hash table before it goes to temporary files.",
    ),
    session(
        "xmlbinary",
        Kind::Enum(&["base64", "hex"]),
        "base64",
        "Encoding of binary values in XML.",
    ),
    session(
        "xmloption",
        Kind::Enum(&["content", "document"]),
        "content",
        "Whether XML is a document or a fragment.",
    ),
];

/// Every setting, sorted by name without case.
pub fn all() -> &'static [Definition] {
    DEFINITIONS
}

/// The setting `name`, compared without case.
pub fn find(name: &str) -> Option<&'static Definition> {
    DEFINITIONS
        .iter()
        .find(|definition| definition.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::super::value::Value;
    use super::*;

    #[test]
    fn defaults_are_valid_and_names_sorted() {
        for definition in all() {
            Value::parse(definition, definition.default).expect("a default is a valid value");
        }
        let names: Vec<_> = all().iter().map(|d| d.name.to_lowercase()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        assert!(find("datestyle").is_some() && find("no_such").is_none());
    }
}
