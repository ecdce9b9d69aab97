//! Files, pages, the buffer pool, the log, checkpoints and recovery.
//!
//! A page changes only through a mini-transaction ([`Mtr`]): latch the pages, name the operations,
//! commit. The commit appends one log record and runs the very functions ([`OpTable`]) that
//! recovery runs. What is visible is durable: commits are published in log order by the flusher,
//! after the log that holds them was synced.

mod ballast;
mod control;
mod fetch;
mod files;
mod health;
mod hooks;
mod log;
mod mtr;
mod op_table;
mod options;
pub mod page_header;
mod page_ref;
mod pool;
mod read_ahead;
mod recovery;
mod statistics;
mod storage;
mod storage_ops;
pub mod tree;
pub mod vfs_mem;
pub mod vfs_os;
mod writer;

pub use files::FileKind;
pub use hooks::{CommitInfo, EndKind, Hooks, LoggedOp, NoHooks, RecordKind, RecoveredRecord};
pub use log::{LogCursor, OpIter};
pub use mtr::{Mtr, Slot};
pub use op_table::{ApplyFn, OpTable, op_code};
pub use options::{Options, SyncMode, Wait};
pub use page_header::PAGE_HEADER_SIZE;
pub use page_ref::{OptimisticPage, PageRef, ReadGuard};
pub use pool::eviction::PolicyKind;
pub use statistics::Statistics;
pub use storage::{CommitRequest, Durability, RecoveryInfo, Storage, Ticket, VerifyReport};
