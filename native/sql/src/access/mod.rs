//! What the planner and the executor need of storage and session.
//!
//! The engine implements these traits over tables, indexes and transactions; virtual relations of
//! `pg_catalog` come through [`Store`] too. Everything takes `&self`: one statement holds open
//! sources while it writes. Any method may answer [`common::Error::WouldBlock`] where the statement
//! runs inline; then the whole statement is rolled back to its mark and run again elsewhere.

mod bounds;
mod planning;
mod session;
mod store;
mod temp_file;

pub use bounds::{Bound, ColumnPredicate, Direction, IndexBounds};
pub use planning::{PlanContext, TableEstimate};
pub use session::{Session, SessionFunction};
pub use store::{
    CheckKind, DeferredCheck, Fetched, InsertOutcome, Isolation, Judged, LockOutcome, LockStrength,
    RowRange, RowSource, Store, WaitPolicy, WriteOutcome,
};
pub use temp_file::TempFile;
