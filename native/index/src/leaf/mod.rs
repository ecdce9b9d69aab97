//! Leaves of an index: their layout, the operations that change them, and how the tree sees them.

pub(crate) mod draft;
pub(crate) mod edit;
mod hints;
mod key_format;
pub(crate) mod key_leaf;
pub(crate) mod ops;
pub(crate) mod run_room;
#[cfg(test)]
mod tests;

pub(crate) use key_format::KeyFormat;
pub use key_format::LEAF_KIND;
pub use ops::INDEX_OPS;
