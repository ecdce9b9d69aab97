//! Mini-transactions: the only way to change a page.

mod allocate;
mod commit;
#[expect(
    clippy::module_inception,
    reason = "files are named after their main export"
)]
mod mtr;

pub use mtr::{Mtr, Slot};
