//! What must hold for a table's rows, bound once a catalog version and shared by all statements.
//!
//! Expressions here number the table's columns by their position: `ColumnId(0)` is the first
//! column,
//! dropped ones counted. They contain no parameters, subqueries or outer references.

use std::sync::Arc;

use catalog::{Constraint, Index, Table};
use common::ObjectId;
use types::SqlType;

use super::Expr;

/// See the module. `Store::rules` gives those of tables that a statement reaches only through
/// foreign keys.
#[derive(Clone, Debug)]
pub struct TableRules {
    pub table: Arc<Table>,
    /// Schema name, for errors.
    pub schema: String,
    /// By position.
    pub types: Vec<SqlType>,
    /// By position; `None`: null. Includes `nextval` of serial and identity columns.
    pub defaults: Vec<Option<Expr>>,
    /// Generated columns, by position, in an order in which each may be computed.
    pub generated: Vec<(u16, Expr)>,
    pub checks: Vec<CheckRule>,
    /// Foreign keys of this table, in order of their names.
    pub foreign_keys: Vec<ForeignKeyRule>,
    /// Foreign keys of other tables, or this one, that refer to this table.
    pub referenced_by: Vec<ForeignKeyRule>,
    pub indexes: Vec<IndexRule>,
}

/// A CHECK constraint: violated if the condition is false, not if it is null.
#[derive(Clone, Debug)]
pub struct CheckRule {
    pub name: String,
    pub condition: Expr,
}

/// An index and its bound expressions.
#[derive(Clone, Debug)]
pub struct IndexRule {
    pub index: Arc<Index>,
    /// One a key column.
    pub keys: Vec<Expr>,
    /// Of a partial index.
    pub predicate: Option<Expr>,
}

/// A foreign key, resolved.
#[derive(Clone, Debug)]
pub struct ForeignKeyRule {
    pub constraint: Arc<Constraint>,
    /// The table that has the constraint, its name and the positions of its columns.
    pub child: ObjectId,
    pub child_name: String,
    pub child_columns: Vec<u16>,
    /// An index whose leading keys are the child's columns in some order, if there is one.
    pub child_index: Option<ObjectId>,
    /// The table referred to, and the positions of its columns, in the constraint's order.
    pub parent: ObjectId,
    pub parent_name: String,
    pub parent_columns: Vec<u16>,
    pub parent_types: Vec<SqlType>,
    pub child_types: Vec<SqlType>,
    /// The unique index of `parent_columns`.
    pub parent_index: ObjectId,
}

impl TableRules {
    /// Number of columns, dropped ones counted.
    pub fn width(&self) -> usize {
        self.types.len()
    }
}
