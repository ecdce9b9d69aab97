//! How many rows a join gives.

use super::build_join::hash_sides;
use super::estimate::Facts;
use crate::ir::{ColumnId, Expr, JoinKind};

/// The rows of a join of that many rows, under conditions.
pub fn join_rows(
    kind: JoinKind,
    left: f64,
    right: f64,
    facts: &Facts,
    conditions: &[Expr],
    on_right: &dyn Fn(ColumnId) -> bool,
) -> f64 {
    let inner = (left * right * facts.selectivity_all(conditions)).max(1.0);
    match kind {
        JoinKind::Inner => inner,
        JoinKind::Left => inner.max(left),
        JoinKind::Right => inner.max(right),
        JoinKind::Full => inner.max(left).max(right),
        JoinKind::Semi => (left * matching(right, facts, conditions, on_right)).max(1.0),
        JoinKind::Anti => {
            (left * (1.0 - matching(right, facts, conditions, on_right)).max(0.1)).max(1.0)
        }
    }
}

/// The fraction of left rows that have a match: the left's values that the right has, as if the
/// smaller set of values were a part of the larger (`eqjoinsel_semi`).
fn matching(
    right: f64,
    facts: &Facts,
    conditions: &[Expr],
    on_right: &dyn Fn(ColumnId) -> bool,
) -> f64 {
    let mut fraction = 1.0;
    for condition in conditions {
        let sides = hash_sides(condition, &|id| !on_right(id), on_right);
        fraction *= match sides {
            Some((l, r, _)) => (facts.distinct(r).min(right) / facts.distinct(l).max(1.0)).min(1.0),
            None => 0.5_f64.max(facts.selectivity(condition)),
        };
    }
    fraction
}
