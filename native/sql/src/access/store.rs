//! Rows, row locks and what else a statement does to the database.

use std::sync::Arc;

use common::{ObjectId, Result, RowId};
use types::{Batch, Datum};

use super::{ColumnPredicate, Direction, IndexBounds, TempFile};
use crate::ir::TableRules;

/// Row ids from `first` up to, not including, `end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowRange {
    pub first: RowId,
    pub end: RowId,
}

impl RowRange {
    pub const ALL: Self = Self {
        first: RowId(0),
        end: RowId(u64::MAX),
    };
}

/// An open scan. Owns what it needs (no borrow of the store): a cursor keeps it between calls.
pub trait RowSource: Send {
    /// Replaces `out`'s rows by the next ones, 1 to 1024 of them, and `row_ids` by theirs. False at
    /// the end, with `out` empty. `out` has the requested columns in the requested order.
    fn next_batch(&mut self, out: &mut Batch, row_ids: &mut Vec<RowId>) -> Result<bool>;

    /// Starts an index scan anew with other bounds; allocations are kept. An error on a table scan.
    fn restart(&mut self, bounds: &IndexBounds) -> Result<()>;

    /// True if every row given satisfies the predicates of [`Store::scan`]: no second look needed.
    fn applies_predicates(&self) -> bool {
        false
    }
}

/// Isolation of the running transaction; read uncommitted is read committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// Row locks, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LockStrength {
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

impl LockStrength {
    /// The clause that asks for it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::KeyShare => "FOR KEY SHARE",
            Self::Share => "FOR SHARE",
            Self::NoKeyUpdate => "FOR NO KEY UPDATE",
            Self::Update => "FOR UPDATE",
        }
    }
}

/// What to do if a row is locked by another transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitPolicy {
    Wait,
    /// 55P03.
    NoWait,
    SkipLocked,
}

/// Which version of the row the caller computed a write from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judged {
    /// The one that the statement's snapshot sees.
    Snapshot,
    /// The newest committed one, after the row was locked.
    Newest,
}

/// What became of an update or delete.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteOutcome {
    Done,
    /// Written by this command before: skip it.
    SelfModified,
    /// The newest version is committed, not visible to the snapshot, and now locked for this
    /// transaction: judge [`Store::fetch_newest`] and write with [`Judged::Newest`], or skip it.
    /// Only
    /// under read committed; above it the store raises 40001.
    Changed,
    /// Deleted by a committed transaction: skip it (read committed only, as above).
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockOutcome {
    Locked,
    /// Locked, but the newest version is not the snapshot's: judge it anew.
    Changed,
    /// Deleted.
    Gone,
    /// Written by this command.
    SelfModified,
    /// Locked by another and [`WaitPolicy::SkipLocked`].
    Skipped,
}

/// What became of one row of `INSERT ... ON CONFLICT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InsertOutcome {
    Inserted(RowId),
    /// A live row, committed or of this transaction, has the key; nothing was inserted. All waiting
    /// is done.
    Conflict(RowId),
}

/// What [`Store::fetch`] and its kin found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fetched {
    Found,
    /// No version: deleted, or (snapshot) not visible.
    Missing,
}

/// What a [`DeferredCheck`] looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckKind {
    /// A foreign key of the table: what the row refers to must exist.
    Child,
    /// A foreign key that refers to the table: nothing may refer to a key that is gone.
    Parent,
    /// A unique constraint of the table: no other row may have the row's key.
    Unique,
}

/// A check that waits for the end of the transaction, for SET CONSTRAINTS, or (of a unique
/// constraint) for the end of the statement.
#[derive(Clone, Debug)]
pub struct DeferredCheck {
    pub constraint: ObjectId,
    pub table: ObjectId,
    pub kind: CheckKind,
    /// The row whose change is to be checked.
    pub row: RowId,
    /// The key columns' values, in the constraint's order: of a child's row, the new ones; of a
    /// parent's, the old ones. Empty for a unique constraint, which reads the row.
    pub key: Vec<Datum>,
}

/// The database as one statement sees it: its snapshot, its transaction, its command id.
///
/// `columns` and `positions` are positions among the table's columns (from 0, dropped ones
/// counted). Rows of a batch that is written have the table's full width in that order.
pub trait Store {
    // Reading.

    /// All visible rows in order of their ids. `predicates` are a hint; see
    /// [`RowSource::applies_predicates`].
    fn scan(
        &self,
        table: ObjectId,
        columns: &[u16],
        predicates: &[ColumnPredicate],
        range: RowRange,
    ) -> Result<Box<dyn RowSource>>;

    /// Visible rows in index order. With `index_only`, rows need not be read where the index can
    /// tell their values and visibility.
    fn index_scan(
        &self,
        table: ObjectId,
        index: ObjectId,
        columns: &[u16],
        bounds: &IndexBounds,
        direction: Direction,
        index_only: bool,
    ) -> Result<Box<dyn RowSource>>;

    /// Appends the visible row with this complete key of a unique index to `out`, if there is one.
    /// No key value is null. The short way of a point read.
    fn lookup(
        &self,
        table: ObjectId,
        index: ObjectId,
        key: &[Datum],
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Option<RowId>>;

    /// Appends the row as the snapshot sees it.
    fn fetch(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Fetched>;

    /// Appends the newest version that is committed or this transaction's own.
    fn fetch_newest(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Fetched>;

    // Writing. Index maintenance and unique checks (23505) are inside.

    /// Inserts all rows; appends their ids to `row_ids`.
    fn insert(&self, table: ObjectId, rows: &Batch, row_ids: &mut Vec<RowId>) -> Result<()>;

    /// Inserts row `at` of `rows` unless one of `arbiters` (empty: any unique index) has its key.
    fn insert_unless_conflict(
        &self,
        table: ObjectId,
        rows: &Batch,
        at: usize,
        arbiters: &[ObjectId],
    ) -> Result<InsertOutcome>;

    /// Sets `positions` of a row to row `at` of `values`, which has one column for each.
    fn update(
        &self,
        table: ObjectId,
        row: RowId,
        positions: &[u16],
        values: &Batch,
        at: usize,
        judged: Judged,
    ) -> Result<WriteOutcome>;

    fn delete(&self, table: ObjectId, row: RowId, judged: Judged) -> Result<WriteOutcome>;

    /// Takes a row lock until the end of the transaction. Raises 40001 above read committed if the
    /// row was changed since the snapshot.
    fn lock_row(
        &self,
        table: ObjectId,
        row: RowId,
        strength: LockStrength,
        wait: WaitPolicy,
    ) -> Result<LockOutcome>;

    // Foreign keys.

    /// The rules of a table reached through a foreign key.
    fn rules(&self, table: ObjectId) -> Result<Arc<TableRules>>;

    /// Locks the newest version of the row with this key of a unique index (KEY SHARE), waiting for
    /// writers; false if there is none.
    fn lock_key(&self, table: ObjectId, index: ObjectId, key: &[Datum]) -> Result<bool>;

    /// The database as a trigger sees it: the newest snapshot (above read committed the
    /// transaction's), and everything this transaction did so far.
    fn newest(&self) -> Result<Arc<dyn Store>>;

    /// True if the constraint is deferred now (its own default, or SET CONSTRAINTS).
    fn is_deferred(&self, constraint: ObjectId) -> bool;

    /// Queues a check for the end of the transaction; a full queue is 53400.
    fn defer(&self, check: DeferredCheck) -> Result<()>;

    /// Takes the unique checks that writes left for the end of the statement.
    fn due_checks(&self) -> Vec<DeferredCheck> {
        Vec::new()
    }

    /// 23505 if another row has the key that the row has now, after all waiting.
    fn check_unique(&self, _check: &DeferredCheck) -> Result<()> {
        Ok(())
    }

    // The statement.

    fn isolation(&self) -> Isolation;

    /// Counts `bytes` towards the statement's memory, in chunks of 64 KiB; 53200 if refused.
    fn charge(&self, bytes: usize) -> Result<()>;

    fn release(&self, bytes: usize);

    /// True if [`Store::charge`] would not refuse as much now.
    fn has_room(&self, _bytes: usize) -> bool {
        true
    }

    /// What one sort or hash table may hold before it goes to temporary files (`work_mem`).
    fn work_mem_bytes(&self) -> usize {
        usize::MAX
    }

    /// A new temporary file. 53100 when the disk is full.
    fn temp_file(&self) -> Result<Box<dyn TempFile>> {
        Err(common::Error::not_implemented("a temporary file here"))
    }

    /// 57014 if the statement was cancelled or timed out. Cheap; called at least once a batch.
    fn poll(&self) -> Result<()>;
}
