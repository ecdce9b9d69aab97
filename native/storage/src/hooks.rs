//! What the storage asks of the transaction layer.

use common::{Lsn, PageId, Xid};

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    Commit,
    /// All its changes have been undone.
    Abort,
}

/// A transaction that ended, as its record in the log says.
#[derive(Clone, Debug)]
pub struct CommitInfo {
    pub xid: Xid,
    /// Of the commit or abort record.
    pub lsn: Lsn,
    pub kind: EndKind,
    /// What was given to [`crate::Storage::commit`].
    pub body: Vec<u8>,
}

/// What a log record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// Changes of pages: see [`RecoveredRecord::ops`].
    Pages,
    Commit,
    Abort,
    /// Begin of a checkpoint; the body is the storage's.
    CheckpointBegin,
    CheckpointEnd,
    /// A file was made; the body is the storage's.
    FileCreate,
    /// A file was removed; the body is the storage's.
    FileDrop,
    /// A record of another crate, 0 to 127: [`crate::Storage::log_message`].
    Message(u8),
}

/// One operation of a record of kind [`RecordKind::Pages`].
#[derive(Clone, Copy, Debug)]
pub struct LoggedOp<'a> {
    pub page: PageId,
    pub op: u8,
    pub body: &'a [u8],
}

/// A record read back from the log.
#[derive(Clone, Copy, Debug)]
pub struct RecoveredRecord<'a> {
    pub lsn: Lsn,
    /// Position just behind the record.
    pub end: Lsn,
    /// 0 when no transaction stands behind it.
    pub xid: Xid,
    pub kind: RecordKind,
    /// The raw body; for commit, abort and messages what the caller gave.
    pub body: &'a [u8],
}

/// Implemented by the transaction layer, called by the storage. No method may wait for a commit.
pub trait Hooks: Send + Sync {
    /// Makes ended transactions visible, in log order, in one step: they leave the active set. In
    /// full sync mode their records are durable. Called by one thread at a time.
    fn publish(&self, ended: &[CommitInfo]);

    /// The active and prepared transactions with the ends of their undo, and the next xid: what
    /// recovery needs besides the records that follow. Taken at the begin of a checkpoint while
    /// everything goes on: a transaction that ends meanwhile may be in it or not, for its commit
    /// or abort record is given to [`Hooks::recovered`] in any case.
    fn checkpoint_payload(&self) -> Vec<u8>;

    /// Recovery starts: the payload of the last complete checkpoint; empty for a new directory.
    fn recovery_begin(&self, checkpoint_payload: &[u8]) -> common::Result<()>;

    /// A record that follows the payload, in log order (some may already be reflected in it, so this
    /// must be repeatable). Pages are not redone yet.
    fn recovered(&self, record: &RecoveredRecord<'_>) -> common::Result<()>;
}

/// For tools and tests without transactions.
#[derive(Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {
    fn publish(&self, _ended: &[CommitInfo]) {}

    fn checkpoint_payload(&self) -> Vec<u8> {
        Vec::new()
    }

    fn recovery_begin(&self, _checkpoint_payload: &[u8]) -> common::Result<()> {
        Ok(())
    }

    fn recovered(&self, _record: &RecoveredRecord<'_>) -> common::Result<()> {
        Ok(())
    }
}
