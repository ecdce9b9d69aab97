//! Nodes that write or lock rows.
//!
//! The binder only says what the new values are; NOT NULL, generated columns, checks and foreign
//! keys come from [`TableRules`] and are applied by the one write path of the executor.

use std::sync::Arc;

use common::ObjectId;

use super::{ColumnId, Expr, Plan, TableRules};
use crate::access::{LockStrength, WaitPolicy};

/// A new value of one column: its position in the table (from 0) and an expression of its type.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub position: u16,
    pub value: Expr,
}

/// `INSERT`, and COPY FROM with an [`Plan::External`] source.
#[derive(Clone, Debug)]
pub struct Insert {
    pub rules: Arc<TableRules>,
    pub source: Plan,
    /// One for each column that is not dropped and not generated, over the source's columns: the
    /// value given, or the default, or a null of the column's type.
    pub values: Vec<Assignment>,
    pub on_conflict: Option<OnConflict>,
    /// Ids of the stored row's columns, by position, dropped ones too: what `returning` refers to.
    pub row: Vec<ColumnId>,
    /// Produced columns; empty without RETURNING.
    pub returning: Vec<(ColumnId, Expr)>,
}

#[derive(Clone, Debug)]
pub struct OnConflict {
    /// Unique indexes that arbitrate; empty: all of the table (only for DO NOTHING).
    pub arbiters: Vec<ObjectId>,
    pub action: ConflictAction,
}

#[derive(Clone, Debug)]
pub enum ConflictAction {
    Nothing,
    Update(Box<ConflictUpdate>),
}

/// `DO UPDATE SET assignments WHERE condition`.
#[derive(Clone, Debug)]
pub struct ConflictUpdate {
    /// Ids of the existing row's columns, by position.
    pub existing: Vec<ColumnId>,
    /// Ids of the row proposed for insertion (`excluded`), by position.
    pub excluded: Vec<ColumnId>,
    pub assignments: Vec<Assignment>,
    pub condition: Option<Expr>,
}

/// `UPDATE`: the source gives each target row with its id, its old columns and whatever else FROM
/// adds. If it gives a row twice, the first wins.
#[derive(Clone, Debug)]
pub struct Update {
    pub rules: Arc<TableRules>,
    pub source: Plan,
    /// The target scan's [`super::SystemColumn::RowId`].
    pub row_id: ColumnId,
    /// Ids of the target's old columns in the source, by position; `None` where the scan has none
    /// (a dropped column).
    pub old: Vec<Option<ColumnId>>,
    /// Over the source's columns.
    pub assignments: Vec<Assignment>,
    /// Ids of the new row's columns, by position.
    pub new: Vec<ColumnId>,
    /// Over `new` and the source's columns.
    pub returning: Vec<(ColumnId, Expr)>,
}

/// `DELETE`, also with USING.
#[derive(Clone, Debug)]
pub struct Delete {
    pub rules: Arc<TableRules>,
    pub source: Plan,
    pub row_id: ColumnId,
    /// As in [`Update`].
    pub old: Vec<Option<ColumnId>>,
    /// Over the source's columns.
    pub returning: Vec<(ColumnId, Expr)>,
}

/// `SELECT ... FOR UPDATE`: locks the rows of its targets, and drops a row that no longer
/// qualifies.
#[derive(Clone, Debug)]
pub struct LockRows {
    pub input: Plan,
    pub targets: Vec<LockTarget>,
}

#[derive(Clone, Debug)]
pub struct LockTarget {
    pub table: ObjectId,
    /// The scan's row id; null (a row made by an outer join) is not locked.
    pub row_id: ColumnId,
    pub strength: LockStrength,
    pub wait: WaitPolicy,
}
