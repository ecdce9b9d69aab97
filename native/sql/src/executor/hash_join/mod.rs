//! Hash join: keeps the right side's rows in a table, streams the left side.
//!
//! Where the right side does not fit into `work_mem`, both sides are dealt out to temporary files by
//! the hash of their keys, and each part is joined by itself (GRACE; Kitsuregawa, Tanaka and
//! Moto-oka 1983).

mod operator;
mod spilled;
mod table;

pub use operator::HashJoin;
