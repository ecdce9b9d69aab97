//! Kinds of undo records that tables write.

/// A run of rows was inserted. Body: first row id u64, count u16.
pub const INSERT: u8 = 1;
/// A row was changed. Body: what it was, see [`crate::leaf::update_body`].
pub const UPDATE: u8 = 2;
/// A row was deleted. Body as of an update, without columns.
pub const DELETE: u8 = 3;
/// Pages of an overflow chain were made. Body: see [`crate::overflow`].
pub const CHAIN: u8 = 4;
