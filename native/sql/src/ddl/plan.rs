//! What a DDL statement comes to: changes of the catalog, work on files, notices.

use crate::binder::Notice;
use crate::ir::{Expr, Query};
use std::sync::Arc;

use catalog::{CatalogChange, Table};
use common::{FileId, ObjectId};

/// The outcome of analysing a DDL statement. The engine applies `changes` to its private version
/// first, then runs `actions` in order; both belong to the transaction.
#[derive(Debug, Default)]
pub struct DdlPlan {
    pub changes: Vec<CatalogChange>,
    pub actions: Vec<Action>,
    pub notices: Vec<Notice>,
    /// The command tag, e.g. `CREATE TABLE`.
    pub tag: &'static str,
    /// Tables to lock before the plan is made good: ACCESS EXCLUSIVE unless said otherwise.
    pub locks: Vec<(ObjectId, DdlLock)>,
}

/// How strongly a statement locks a relation, in PostgreSQL's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DdlLock {
    /// CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT, statistics.
    ShareUpdateExclusive,
    /// CREATE INDEX.
    Share,
    /// ADD FOREIGN KEY, on both tables.
    ShareRowExclusive,
    AccessExclusive,
}

/// What a file will hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Table,
    Index,
    Sequence,
}

/// Work on stored rows and files. Objects are those of the version with the changes applied.
#[derive(Debug, Clone)]
pub enum Action {
    CreateFile {
        file: FileId,
        owner: ObjectId,
        kind: FileKind,
    },
    /// Goes when no snapshot needs it.
    DropFile(FileId),
    /// Fills an index from its table's rows; 23505 where a unique one finds duplicates.
    BuildIndex { index: ObjectId, concurrently: bool },
    /// Copies all rows that the table has as `old` into its new file. `values`: by position the value
    /// over the old row's columns (`ColumnId` is the position). NOT NULL and checks of the new
    /// definition hold for the result; indexes are built by actions of their own.
    RewriteTable {
        table: ObjectId,
        old: Arc<Table>,
        values: Vec<(u16, Expr)>,
    },
    /// 23502 if the column at that position is null anywhere.
    CheckNotNull { table: ObjectId, position: u16 },
    /// 23514 if a row violates the constraint.
    CheckConstraint {
        table: ObjectId,
        constraint: ObjectId,
    },
    /// 23503 if a row has no partner.
    CheckForeignKey { constraint: ObjectId },
    /// Sets a sequence so that its next value is `value`.
    SetSequence { sequence: ObjectId, value: i64 },
    /// Runs an INSERT (CREATE TABLE AS, REFRESH) and reports its rows in the tag.
    Insert(Box<Query>),
}
