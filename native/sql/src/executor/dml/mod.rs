//! The one write path: INSERT, UPDATE, DELETE, COPY, ON CONFLICT and referential actions all go
//! through [`write`], which computes generated columns, checks NOT NULL and CHECK, writes, and
//! queues
//! foreign key checks for the end of the statement.

mod delete;
mod foreign_key_errors;
mod foreign_keys;
mod insert;
mod on_conflict;
mod pending;
mod reevaluate;
mod referring;
mod update;
mod write;

pub use delete::Delete;
pub use foreign_key_errors::{missing_key, mixed_key};
pub use foreign_keys::{run_deferred, run_pending};
pub use insert::Insert;
pub use pending::PendingChecks;
pub use reevaluate::{Source, reevaluate};
pub use update::Update;
