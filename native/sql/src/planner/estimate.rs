//! Row estimates and costs: PostgreSQL's constants, the clauses it knows best.

use std::collections::BTreeSet;

use catalog::ColumnStatistics;
use hashbrown::HashMap;

use super::Planner;
use crate::access::TableEstimate;
use crate::ir::{ColumnId, Comparison, Expr, Quantifier, Scan};

/// `cpu_tuple_cost`, `cpu_operator_cost`, `cpu_index_tuple_cost`.
pub const CPU_ROW: f64 = 0.01;
pub const CPU_OPERATOR: f64 = 0.0025;
pub const CPU_INDEX_ROW: f64 = 0.005;
/// `seq_page_cost`; a random page costs little more, since most are in the pool.
pub const PAGE: f64 = 1.0;
pub const RANDOM_PAGE: f64 = 1.1;

const DEFAULT_EQUAL: f64 = 0.005;
const DEFAULT_RANGE: f64 = 1.0 / 3.0;
const DEFAULT_BOOLEAN: f64 = 0.5;
const DEFAULT_LIKE: f64 = 0.02;
const DEFAULT_DISTINCT: f64 = 200.0;

/// What is known of the base columns in sight.
#[derive(Default, Clone)]
pub struct Facts {
    columns: HashMap<ColumnId, ColumnFacts>,
}

#[derive(Clone)]
struct ColumnFacts {
    rows: f64,
    distinct: f64,
    null_fraction: f64,
    statistics: Option<ColumnStatistics>,
}

impl Facts {
    pub fn extend(&mut self, other: &Facts) {
        self.columns
            .extend(other.columns.iter().map(|(id, facts)| (*id, facts.clone())));
    }

    /// The number of distinct values of an expression.
    pub fn distinct(&self, expr: &Expr) -> f64 {
        match expr {
            Expr::Column { id, .. } => self
                .columns
                .get(id)
                .map_or(DEFAULT_DISTINCT, |facts| facts.distinct),
            Expr::Cast(cast) => self.distinct(&cast.arg),
            Expr::Const { .. } | Expr::Param { .. } => 1.0,
            _ => DEFAULT_DISTINCT,
        }
    }

    fn known(&self, expr: &Expr) -> Option<&ColumnFacts> {
        match expr {
            Expr::Column { id, .. } => self.columns.get(id),
            Expr::Cast(cast) => self.known(&cast.arg),
            _ => None,
        }
    }

    /// The fraction of rows for which all conditions hold.
    pub fn selectivity_all<'a>(&self, conditions: impl IntoIterator<Item = &'a Expr>) -> f64 {
        conditions
            .into_iter()
            .map(|c| self.selectivity(c))
            .product()
    }

    /// The fraction of rows for which the condition is true.
    pub fn selectivity(&self, condition: &Expr) -> f64 {
        let clamp = |s: f64| s.clamp(0.0, 1.0);
        match condition {
            Expr::Const { value, .. } => match value {
                types::Datum::Bool(true) => 1.0,
                _ => 0.0,
            },
            Expr::And(parts) => self.selectivity_all(parts),
            Expr::Or(parts) => {
                1.0 - parts
                    .iter()
                    .map(|part| 1.0 - self.selectivity(part))
                    .product::<f64>()
            }
            Expr::Not(arg) => 1.0 - self.selectivity(arg),
            Expr::Compare {
                op, left, right, ..
            } => clamp(self.comparison(*op, left, right)),
            Expr::RowCompare {
                op: Comparison::Eq,
                left,
                right,
                ..
            } => {
                let pairs = left.iter().zip(right);
                pairs
                    .map(|(l, r)| self.comparison(Comparison::Eq, l, r))
                    .product()
            }
            Expr::RowCompare { .. } => DEFAULT_RANGE,
            Expr::IsNull { arg, negated } => {
                let nulls = self
                    .known(arg)
                    .map_or(DEFAULT_EQUAL, |facts| facts.null_fraction);
                if *negated { 1.0 - nulls } else { nulls }
            }
            Expr::InList {
                arg, list, negated, ..
            } => {
                let hits = clamp(list.len() as f64 * self.equal(arg, None));
                if *negated { 1.0 - hits } else { hits }
            }
            Expr::CompareArray {
                op: Comparison::Eq,
                quantifier: Quantifier::Any,
                arg,
                ..
            } => clamp(10.0 * self.equal(arg, None)),
            Expr::Call { function, .. } if function.name.contains("like") => DEFAULT_LIKE,
            _ => DEFAULT_BOOLEAN,
        }
    }

    fn comparison(&self, op: Comparison, left: &Expr, right: &Expr) -> f64 {
        let both = self.known(left).is_some() && self.known(right).is_some();
        match op {
            Comparison::Eq if both => 1.0 / self.distinct(left).max(self.distinct(right)).max(1.0),
            Comparison::Eq => match self.known(left) {
                Some(_) => self.equal(left, Some(right)),
                None => self.equal(right, Some(left)),
            },
            Comparison::Ne => 1.0 - self.comparison(Comparison::Eq, left, right),
            _ => DEFAULT_RANGE,
        }
    }

    fn equal(&self, column: &Expr, value: Option<&Expr>) -> f64 {
        let Some(facts) = self.known(column) else {
            return DEFAULT_EQUAL;
        };
        if let (Some(statistics), Some(Expr::Const { value, ty })) = (&facts.statistics, value) {
            let text = types::output_text(value, *ty);
            let common = &statistics.most_common;
            if let Some(at) = common.iter().position(|known| Some(known) == text.as_ref()) {
                return statistics
                    .most_common_frequencies
                    .get(at)
                    .copied()
                    .unwrap_or(0.0);
            }
        }
        (1.0 - facts.null_fraction) / facts.distinct.max(1.0)
    }

    /// Rows of a grouping by these keys.
    pub fn groups(&self, keys: &[&Expr], rows: f64) -> f64 {
        let product: f64 = keys.iter().map(|key| self.distinct(key)).product();
        product.min(rows).max(1.0)
    }

    /// Caps distinct counts after rows were dropped.
    pub fn limit_rows(&mut self, rows: f64) {
        for facts in self.columns.values_mut() {
            facts.rows = facts.rows.min(rows);
            facts.distinct = facts.distinct.min(rows.max(1.0));
        }
    }
}

impl Planner<'_> {
    /// Facts about a scan's columns.
    pub fn scan_facts(&self, scan: &Scan, estimate: &TableEstimate) -> Facts {
        let rows = estimate.rows.max(1.0);
        let unique = self.unique_columns(scan);
        let mut facts = Facts::default();
        for (id, position) in &scan.columns {
            let attnum = *position as i16 + 1;
            let statistics = estimate
                .statistics
                .as_ref()
                .and_then(|s| s.column(attnum))
                .cloned();
            let distinct = match &statistics {
                Some(s) if s.distinct > 0.0 => s.distinct,
                Some(s) if s.distinct < 0.0 => -s.distinct * rows,
                _ if unique.contains(position) => rows,
                _ => DEFAULT_DISTINCT.min(rows),
            };
            let null_fraction = statistics.as_ref().map_or(0.0, |s| s.null_fraction);
            let known = ColumnFacts {
                rows,
                distinct,
                null_fraction,
                statistics,
            };
            facts.columns.insert(*id, known);
        }
        facts
    }

    fn unique_columns(&self, scan: &Scan) -> BTreeSet<u16> {
        let Ok(rules) = self.context.rules(scan.table.oid) else {
            return BTreeSet::new();
        };
        let single = rules.indexes.iter().filter(|rule| {
            rule.index.unique && rule.predicate.is_none() && rule.index.keys.len() == 1
        });
        single
            .filter_map(|rule| u16::try_from(rule.index.keys[0].attnum - 1).ok())
            .collect()
    }
}

/// Comparisons of a sort of `rows` rows.
pub fn sort_cost(rows: f64) -> f64 {
    let rows = rows.max(2.0);
    2.0 * CPU_OPERATOR * rows * rows.log2()
}

/// Going down an index of that many rows once.
pub fn descent_cost(rows: f64) -> f64 {
    let rows = rows.max(2.0);
    CPU_OPERATOR * rows.log2() + 2.0 * 50.0 * CPU_OPERATOR
}
