//! What every native crate shares: errors, ids, the runtime shim and the file-system trait.
//!
//! Owns no state of the engine. Invariant: threads, locks, clocks, randomness and files are reached
//! only through [`rt`] and [`vfs`], so that the simulator can stand under all of them.

pub mod error;
pub mod error_code;
pub mod ids;
pub mod limits;
mod quote;
pub mod rt;
pub mod sqlstate;
pub mod vfs;

pub use error::{Error, Result, SqlError};
pub use error_code::ErrorCode;
pub use ids::{CommandId, FileId, Lsn, ObjectId, PageId, PageNo, RowId, Xid};
pub use quote::{quote_identifier, quote_literal};
pub use sqlstate::SqlState;
