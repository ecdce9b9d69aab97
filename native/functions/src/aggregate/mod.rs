//! Aggregates: a state of each kind per file, and their table.
//!
//! States are [`fold::Fold`]s; [`fold::Folds`] holds those of all groups.

mod average;
mod bits;
mod collect;
mod count;
mod extreme;
mod fold;
mod json;
mod moments;
mod ordered_set;
mod regression;
mod sum;
mod table;

pub(crate) use table::AGGREGATES;
