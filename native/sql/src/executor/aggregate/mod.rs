//! Grouping and aggregation by hash tables, one a grouping set.

mod call;
mod operator;

pub use operator::Aggregate;
