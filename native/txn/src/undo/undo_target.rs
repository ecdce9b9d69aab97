//! Who changes rows and indexes on behalf of rollback and purge.

use common::{ObjectId, Result, RowId, Xid};

use crate::lock::RowLockMode;
use crate::snapshot::Snapshot;
use crate::undo::{UndoAddr, UndoRecord};

/// The newest version's writer, as the row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowWriter {
    pub xid: Xid,
    /// `NoKeyUpdate`, or `Update` when a key changed or the row was deleted.
    pub mode: RowLockMode,
}

/// Implemented by the tables, registered with [`crate::TxnManager::set_target`]. Everything here
/// must be repeatable: after a crash it happens again.
pub trait UndoTarget: Send + Sync {
    /// Takes the change back if the row's undo address is `addr`; if not, it has been: nothing.
    /// Index entries first, then row, word and address. Latches pages, so the caller holds none.
    /// An error leaves the transaction active; it is tried again.
    fn undo(&self, record: &UndoRecord, addr: UndoAddr) -> Result<()>;

    /// Removes what only snapshots older than `horizon` could see: marked index entries whose key
    /// no reachable version has, a deleted row, old overflow chains. Whoever frees something in a
    /// mini-transaction names [`crate::UndoLog::mark_done`] in it, so that it happens once. Called
    /// for records of committed transactions that were not undone, each transaction's in order of
    /// writing, never for one that some live snapshot does not see.
    fn purge(&self, record: &UndoRecord, addr: UndoAddr, horizon: &Snapshot) -> Result<()>;

    /// The writer of the row's newest version; None when the row does not exist. Ended or not: the
    /// caller judges. Used for rows that somebody waits for, after a rollback to a savepoint.
    fn row_writer(&self, table: ObjectId, row: RowId) -> Result<Option<RowWriter>>;
}
