//! Rows: tables as page trees over row ids, versions, overflow values, rollback and purge.

pub mod leaf;
