//! Locks: tables (PostgreSQL's eight modes), rows (four), transactions, advisory ones; deadlocks.

mod acquire;
mod advisory_locks;
mod deadlock;
mod fast_path;
mod held_locks;
mod lock_head;
mod lock_key;
mod lock_list;
mod lock_manager;
mod lock_mode;
mod release;
mod row_locks;
mod table_locks;
mod wait_slot;
mod waiting;

#[cfg(test)]
mod tests;

pub(crate) use fast_path::FastSlots;
pub use held_locks::{HeldLock, HeldLocks};
pub use lock_key::{AdvisoryKey, LockKey};
pub use lock_list::LockInfo;
pub use lock_manager::{LockManager, LockOptions, LockStatistics};
pub use lock_mode::{LockMode, RowLockMode};
pub use row_locks::RowRequest;
pub(crate) use wait_slot::{Entered, SessionLock, WaitSlot};
pub use wait_slot::{LockOutcome, LockWait, WaitObserver};
