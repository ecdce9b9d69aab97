//! Rows: tables as page trees over row ids, versions, overflow values, rollback and purge.
//!
//! A [`Table`] keeps the newest version of each row in place, by column ([`leaf`]); what a change
//! replaced is in its undo record. A row's word names the writer of its newest version: while that
//! is active it is the row's lock. Readers decide by their view and walk back through undo. Indexes
//! are the caller's: it writes entries after rows; rollback and purge reach them by [`RowIndexes`].

mod cell_codec;
mod column_sink;
mod fetch;
mod insert;
mod insert_many;
mod layout;
pub mod leaf;
mod limits;
mod lock_row;
mod overflow;
mod purge;
mod rollback;
mod row_ids;
mod row_indexes;
mod scan;
mod scan_ahead;
mod table;
mod tables;
mod undo_kind;
mod version;
mod version_skip;
mod write;

use storage::{ApplyFn, OpTable};

pub use fetch::{Newest, Which};
pub use insert::Inserted;
pub use insert_many::FilledLeaf;
pub use layout::{ColumnLayout, Layout};
pub use limits::{OVERFLOW_BYTES, ROW_BYTES_MAX};
pub use lock_row::RowLock;
pub use row_indexes::{IndexedVersion, RowIndexes};
pub use scan::TableScan;
pub use scan_ahead::ScanAhead;
pub use table::Table;
pub use tables::{OpenTable, Tables};
pub use write::{Expect, WriteOutcome};

/// The operations on pages of tables, for [`storage::OpTable::register`]; those of the page tree are
/// apart ([`storage::tree::OPS`]).
pub const OPS: [&[(u8, &str, ApplyFn)]; 2] = [leaf::ops::LEAF_OPS, overflow::OVERFLOW_OPS];

/// Adds the operations of tables to the storage's.
#[must_use]
pub fn register_ops(ops: OpTable) -> OpTable {
    OPS.iter().fold(ops, |ops, more| ops.register(more))
}
