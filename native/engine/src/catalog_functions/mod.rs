//! Session functions that speak of the catalog and of the engine.
//!
//! `call` finds a function by name in one of the subjects: names and visibility, definitions as SQL,
//! comments, privileges, sizes, advisory locks.

mod advisory;
mod arguments;
mod backends;
mod call;
mod definitions;
mod functions_as_sql;
mod names;
mod notify;
pub mod object_names;
mod privileges;
mod sizes;

pub use call::call;
