//! The undo log: what rows were, by the transactions that changed them.
//!
//! Undo lies in logged pages of one file, in the buffer pool, and nowhere else. A *chain* is an
//! endless sequence of such pages that one writing transaction owns until it ends, then the next;
//! its front is freed by purge.

mod chain_table;
mod undo_addr;
mod undo_chain;
mod undo_log;
mod undo_page;
mod undo_record;
mod undo_tail;
mod undo_target;

pub use undo_addr::UndoAddr;
pub(crate) use undo_chain::{ChainRange, PageMap, UndoChain};
pub use undo_log::UndoLog;
pub use undo_page::{MAX_BODY_SIZE, PAGE_KIND, UNDO_OPS};
pub(crate) use undo_page::{UNDO_INIT, parse_init};
pub use undo_record::{FLAG_DONE, RECORD_HEADER_SIZE, UndoRecord, UndoRecordRef};
pub use undo_tail::UndoTail;
pub use undo_target::{RowWriter, UndoTarget};
