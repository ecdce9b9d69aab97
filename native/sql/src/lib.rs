//! SQL: from the syntax tree to rows.
//!
//! `binder` turns a syntax tree into the bound plan of [`ir`]; `planner` turns that into a physical
//! plan, immutable and reusable; `executor` runs it over vectors of up to 1024 rows, on what
//! [`access`] abstracts of storage and session.

pub mod access;
pub mod binder;
pub mod ddl;
pub mod executor;
pub mod explain;
pub mod ir;
pub mod planner;
mod sample_sort;

pub use sample_sort::sample_sort;
