//! Ordered indexes: a page tree of order-preserving key bytes, each with the id of its row.
//!
//! An entry is (key, row id): unique, with a *mark* ("the row's newest version does not have this
//! key"), a guess at the row's page, and, where the key bytes do not give the value back, the value
//! beside them. The invariant is InnoDB's: each version of a row that somebody can reach has an
//! entry with its key, and an entry is unmarked exactly when the row's newest version has its key.
//!
//! Who changes a row writes row and undo first, then calls [`Index::insert`],
//! [`Index::insert_unique`] or [`Index::mark`], each a mini-transaction of its own. Rollback and
//! purge call [`Index::unmark`], [`Index::mark`] and [`Index::remove`] again by key. All of them are
//! idempotent. Changes of the tree's shape are redo-only.
//!
//! A leaf that nobody changed whom a reader does not see (`max_xid` < `xmin`) tells the truth by its
//! marks; else the reader looks at the row: see [`Entry::needs_row_check`].
//!
//! Keys of one index are prefix-free: none is the beginning of another, as `types::encode_key`
//! makes them. Latch order: index, row, undo; within a tree from left to right.

mod bulk;
mod change;
mod cursor;
mod entry;
mod entry_run;
mod index;
mod insert_run;
mod key_range;
mod leaf;
mod lookup;
mod statistics;
mod unique;

pub use bulk::{BulkBuilder, FILLFACTOR_DEFAULT};
pub use cursor::{Cursor, Direction, Entries, Entry};
pub use entry::{ENTRY_BYTES_MAX, NewEntry, row_too_long};
pub use entry_run::EntryRun;
pub use index::Index;
pub use key_range::KeyRange;
pub use leaf::{INDEX_OPS, LEAF_KIND};
pub use lookup::{Hit, Hits};
pub use statistics::IndexStatistics;
pub use unique::{Judge, Judgement, Probe, UniqueOutcome};
