//! The database as one statement sees it: the executor's `Store` over tables, indexes and locks.
//!
//! `statement_store` joins snapshot, transaction and catalog version; `read`, `write` and `locks`
//! hold the trait's parts, `insert_run` the way of many rows; `sources` the open scans; `unique` the
//! search for equal keys; `temp_files` what does not fit into memory.

mod bounds;
mod insert_run;
mod locks;
mod read;
mod sources;
mod statement_store;
mod store_impl;
mod temp_files;
mod unique;
mod write;

pub use read::KeyReader;
pub use statement_store::{StatementStore, StoreParts};
pub use temp_files::TempFiles;
