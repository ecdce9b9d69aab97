//! Opening a directory: making it, or recovering it.

mod analysis;
mod open;
mod redo;

pub use open::open;
