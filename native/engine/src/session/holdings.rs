//! What a session holds under names, as other sessions and the system views may see it: cursors,
//! prepared statements, the temporary schema.
//!
//! Owned by the session, which changes it with the things themselves; bounded as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::prepared::Prepared;

/// See the module.
#[derive(Default)]
pub struct Holdings {
    pub cursors: BTreeMap<String, CursorInfo>,
    pub statements: BTreeMap<String, StatementInfo>,
    /// The name of its temporary schema, once it has one.
    pub temp_schema: Option<Arc<str>>,
}

/// A line of `pg_cursors`.
#[derive(Clone)]
pub struct CursorInfo {
    pub statement: Arc<str>,
    pub is_holdable: bool,
    pub is_scrollable: bool,
    /// What its rows take in memory between two uses, about.
    pub memory_bytes: usize,
    /// Microseconds since 1970.
    pub created_micros: i64,
}

/// A line of `pg_prepared_statements`.
#[derive(Clone)]
pub struct StatementInfo {
    pub prepared: Arc<Prepared>,
    /// Microseconds since 1970.
    pub prepared_micros: i64,
    /// By PREPARE, not by the protocol.
    pub is_from_sql: bool,
}
