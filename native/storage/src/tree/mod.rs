//! The page tree: a B+tree over byte strings that row trees and index trees share.
//!
//! [`PageTree`] owns descent, splits, merges and verification; the layout of leaves comes from a
//! [`LeafFormat`]. Changes of the tree's shape are redo-only: nobody undoes a split. A leaf's entries
//! are changed by their owner: latch the leaf in a mini-transaction ([`PageTree::latch_leaf`]), name
//! own operations, commit; when there is no room, drop it, [`PageTree::split_leaf`], start over.

mod ahead;
pub mod bytes;
mod inner;
mod leaf_format;
mod merge;
pub mod ops;
mod optimistic;
pub mod page;
mod page_tree;
mod split;
#[cfg(test)]
mod tests;
mod verify;

pub use ahead::LeavesAhead;
pub use leaf_format::{LeafFormat, Part, SplitPoint};
pub use ops::OPS;
pub use page_tree::{INNER_KIND, PageTree, ROOT, Seek};
pub use split::Purpose;
