//! Window functions over input that is sorted by PARTITION BY and ORDER BY.

mod aggregates;
mod bounds;
mod frame;
mod functions;
mod operator;
mod partition;

pub use operator::Window;
