//! The storage of one data directory, as its users see it.

mod ending;
mod file_life;
#[expect(
    clippy::module_inception,
    reason = "files are named after their main export"
)]
mod storage;
mod upkeep;

pub use ending::{CommitRequest, Durability, Ticket};
pub use file_life::VerifyReport;
pub use storage::{RecoveryInfo, Storage};
