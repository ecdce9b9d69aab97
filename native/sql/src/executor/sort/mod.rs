//! Sorts by key bytes; under a LIMIT keeps only the top rows.
//!
//! What does not fit into `work_mem` is sorted in runs, which are written to temporary files and
//! merged.

mod entries;
mod merge;
mod operator;

pub use operator::Sort;
