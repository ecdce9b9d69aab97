//! Operators that write.

use std::sync::Arc;

use common::ObjectId;

use super::node::{Mark, ScanId};
use super::{Node, Scalar};
use crate::ir::TableRules;

/// A table's rules with compiled expressions, over full-width rows.
#[derive(Debug)]
pub struct WriteRules {
    pub rules: Arc<TableRules>,
    pub generated: Vec<(u16, Scalar)>,
    pub checks: Vec<(String, Scalar)>,
    /// By position; for SET DEFAULT of a foreign key.
    pub defaults: Vec<Option<Scalar>>,
}

#[derive(Debug)]
pub struct InsertNode {
    pub rules: Arc<WriteRules>,
    pub source: Node,
    /// By position; `None`: null for now (dropped or generated).
    pub values: Vec<Option<Scalar>>,
    pub on_conflict: Option<PhysicalConflict>,
    /// Over the new row.
    pub returning: Vec<Scalar>,
}

#[derive(Debug)]
pub struct PhysicalConflict {
    pub arbiters: Vec<ObjectId>,
    /// `None`: DO NOTHING.
    pub update: Option<PhysicalConflictUpdate>,
}

/// Expressions over the existing row, then the excluded one.
#[derive(Debug)]
pub struct PhysicalConflictUpdate {
    pub assignments: Vec<(u16, Scalar)>,
    pub condition: Option<Scalar>,
}

#[derive(Debug)]
pub struct UpdateNode {
    pub rules: Arc<WriteRules>,
    pub source: Node,
    pub target: Target,
    /// Over the source.
    pub assignments: Vec<(u16, Scalar)>,
    /// Over the source's columns, then the new row.
    pub returning: Vec<Scalar>,
}

#[derive(Debug)]
pub struct DeleteNode {
    pub rules: Arc<WriteRules>,
    pub source: Node,
    pub target: Target,
    /// Over the source's columns.
    pub returning: Vec<Scalar>,
}

/// Where the target's row is in the source's rows.
#[derive(Debug)]
pub struct Target {
    pub row_id: usize,
    /// By table position; `None`: not read.
    pub old: Vec<Option<usize>>,
    /// The target's scan, if the source has it in sight for a re-evaluation.
    pub scan: Option<ScanId>,
    /// The other base scans.
    pub marks: Vec<Mark>,
}
