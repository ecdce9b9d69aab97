//! Grouping and aggregation by hash tables, one a grouping set.

mod call;
mod group_table;
mod operator;

pub use operator::Aggregate;
