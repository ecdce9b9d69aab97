//! Transactions: xids and snapshots, undo, rollback, purge, locks.
//!
//! [`TxnManager`] is the door. A session is a [`Backend`]; it owns one [`Transaction`] at a time.
//! A writer gets an xid at its first write; every row change appends an undo record to the same
//! mini-transaction ([`UndoLog::append`]); a commit becomes visible when the storage's flusher
//! publishes it, in log order, by one new [`Snapshot`]. Rollback restores the rows before its
//! transaction leaves the active set, so whatever is not active has committed.
//!
//! Serializable isolation and two-phase commit answer 0A000.

mod active_set;
mod backend;
mod background;
mod live_snapshots;
pub mod lock;
mod purge;
mod recovery;
mod rollback;
mod snapshot;
mod transaction;
mod txn_manager;
pub mod undo;
mod view;

pub use active_set::FIRST_XID;
pub use backend::{Backend, DEADLOCK_TIMEOUT_MS, Interrupt};
pub use lock::{
    AdvisoryKey, LockInfo, LockKey, LockManager, LockMode, LockOptions, LockOutcome, LockWait,
    RowLockMode, RowRequest, WaitObserver,
};
pub use purge::{PurgeProgress, PurgeStatistics};
pub use recovery::MESSAGE_UNDO_FILE;
pub use snapshot::{Snapshot, SnapshotRef};
pub use transaction::{BeginOptions, Isolation, Mark, Transaction};
pub use txn_manager::{TxnManager, TxnOptions, TxnStatistics};
pub use undo::{RowWriter, UNDO_OPS, UndoAddr, UndoLog, UndoRecord, UndoRecordRef, UndoTarget};
pub use view::{View, Visibility};
