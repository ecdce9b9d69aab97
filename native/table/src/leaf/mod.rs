//! Row leaves: pages that keep their rows by column (PAX), their operations, and when they fit.
//!
//! Pure functions over the bytes of a page. A leaf changes only by the operations in [`ops`] and by
//! images ([`rebuild`]).

pub mod geometry;
pub mod insert_body;
pub mod leaf_ref;
pub mod ops;
pub mod rebuild;
pub mod room;
pub mod row_format;
#[cfg(test)]
mod tests;
pub mod update_body;
pub mod word;
