//! Plans made by hand, run by the executor over tables in memory.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod aggregates;
mod build;
mod cancelling;
mod ctes;
mod direct;
mod dml;
mod explain;
mod foreign_keys;
mod joins;
mod memory;
mod numbers;
mod orders;
mod selects;
mod subqueries;
mod windows;
