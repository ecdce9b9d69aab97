//! Rows of the system relations that are not views: made from the catalog, from the registries of
//! types and functions, and from the state of the engine, each time they are scanned.
//!
//! `rows` picks who makes them; `row_set` collects the wanted columns only; `fixed_rows` brings those
//! that every database has. What this program has nothing of (triggers, publications, foreign data)
//! has no rows.

mod activity;
mod attributes;
mod cells;
mod classes;
mod constraints;
mod dependencies;
mod fixed_rows;
mod holdings;
mod identity;
mod indexes;
mod limit_rows;
mod pool_rows;
mod privileges;
mod procs;
mod row_set;
mod rows;
mod session_rows;
mod settings_rows;
mod statement_rows;
mod statistics_rows;
mod type_rows;

pub use rows::rows;
