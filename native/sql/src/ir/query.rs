//! A whole bound statement.

use types::SqlType;

use super::{ColumnId, ColumnTable, Plan};

/// A bound SELECT, VALUES, INSERT, UPDATE or DELETE, ready for the planner.
#[derive(Clone, Debug)]
pub struct Query {
    pub root: Plan,
    pub columns: ColumnTable,
    /// What the client gets, in order; empty for DML without RETURNING.
    pub output: Vec<OutputColumn>,
    /// Resolved types of `$1`, `$2`, ...
    pub params: Vec<SqlType>,
}

/// One column of the answer.
#[derive(Clone, Debug)]
pub struct OutputColumn {
    pub id: ColumnId,
    pub name: String,
    pub ty: SqlType,
    /// Table oid and attribute number, if it is a plain column of a table; else 0 and 0.
    pub origin: (common::ObjectId, i16),
}
