//! Runs physical plans: pull-based operators over batches of up to 1024 rows.
//!
//! An [`Execution`] is one run; [`Execution::next`] gives the next rows. Expressions are evaluated
//! by
//! `eval` a vector at a time. All writes go through `dml`. Memory that grows with the data is
//! charged
//! to the store before it is used.

mod aggregate;
mod append;
mod constant;
mod context;
mod cte;
pub mod direct;
mod distinct;
mod dml;
mod eval;
mod execution;
mod external;
mod filter;
mod function_scan;
mod hash_join;
mod index_scan;
mod instrument;
mod key_table;
mod keys;
mod limit;
mod lock_rows;
mod nested_loop;
mod one_row;
mod operator;
mod packed_keys;
mod packed_table;
mod project;
mod recursive;
mod row_expressions;
mod rows;
mod set_op;
mod sets;
mod sort;
mod spill;
mod subplan;
mod table_scan;
mod values;
mod window;

pub use constant::evaluate_constant;
pub use context::{Environment, RowStream};
pub use dml::{missing_key, mixed_key, run_deferred};
pub use execution::Execution;
pub use instrument::NodeCounters;
pub use row_expressions::RowExpressions;
pub use spill::{Spilled, read_batch, write_batch};
