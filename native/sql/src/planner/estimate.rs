//! Row estimates and costs: PostgreSQL's constants, the clauses it knows best.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::Planner;
use super::known_column::KnownColumn;
use super::rewrite::each_plan;
use super::same::same;
use crate::access::TableEstimate;
use crate::ir::{ColumnId, Comparison, Expr, Plan, Quantifier, Scan};

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
/// What bounds that leave nothing between them are taken for.
const SMALLEST: f64 = 1e-6;

/// What is known of the base columns of a query.
#[derive(Default, Clone)]
pub struct Facts {
    columns: HashMap<ColumnId, ColumnFacts>,
}

#[derive(Clone)]
struct ColumnFacts {
    distinct: f64,
    null_fraction: f64,
    known: Option<KnownColumn>,
}

impl Facts {
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

    /// The fraction of rows for which all conditions hold. Two bounds of one column are taken
    /// together: what lies between them, not the product.
    pub fn selectivity_all<'a>(&self, conditions: impl IntoIterator<Item = &'a Expr>) -> f64 {
        let mut product = 1.0;
        let mut ranges: Vec<Range<'a>> = Vec::new();
        for condition in conditions {
            let Some((column, is_lower)) = bound_of(condition) else {
                product *= self.selectivity(condition);
                continue;
            };
            let fraction = self.selectivity(condition);
            let known = ranges.iter().position(|range| same(range.column, column));
            let at = known.unwrap_or_else(|| {
                ranges.push(Range::new(column));
                ranges.len() - 1
            });
            let side = if is_lower {
                &mut ranges[at].lower
            } else {
                &mut ranges[at].upper
            };
            *side = Some(side.map_or(fraction, |other: f64| other.min(fraction)));
        }
        let fraction = |range: &Range<'_>| match (range.lower, range.upper) {
            (Some(DEFAULT_RANGE), Some(DEFAULT_RANGE)) => DEFAULT_EQUAL,
            (Some(lower), Some(upper)) => {
                let nulls = self
                    .known(range.column)
                    .map_or(0.0, |facts| facts.null_fraction);
                (lower + upper - 1.0 + nulls).max(SMALLEST)
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => 1.0,
        };
        product * ranges.iter().map(fraction).product::<f64>()
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
                let ty = arg.ty();
                let hits = list.iter().map(|value| self.equal_value(arg, value, ty));
                let hits = clamp(hits.sum());
                if *negated { 1.0 - hits } else { hits }
            }
            Expr::CompareArray {
                op: Comparison::Eq,
                quantifier: Quantifier::Any,
                arg,
                ..
            } => clamp(10.0 * self.equal(arg, None)),
            Expr::Call { function, args, .. } => self.call(function.name, args),
            _ => DEFAULT_BOOLEAN,
        }
    }

    fn call(&self, name: &str, args: &[Expr]) -> f64 {
        let negated = matches!(name, "textnlike" | "bpcharnlike" | "namenlike" | "notlike");
        let plain = matches!(name, "textlike" | "bpcharlike" | "namelike" | "like");
        let matching = match args {
            [text, Expr::Const { value, .. }] if plain || negated => self
                .known(text)
                .and_then(|facts| facts.known.as_ref())
                .and_then(|known| known.like(value.as_ref().as_bytes()?)),
            _ => None,
        };
        match matching {
            Some(matching) if negated => 1.0 - matching,
            Some(matching) => matching,
            None if negated => 1.0 - DEFAULT_LIKE,
            None if name.contains("like") => DEFAULT_LIKE,
            None => DEFAULT_BOOLEAN,
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
            _ => self
                .range(op, left, right)
                .or_else(|| self.range(op.commuted(), right, left))
                .unwrap_or(DEFAULT_RANGE),
        }
    }

    /// `column op constant`, by the histogram.
    fn range(&self, op: Comparison, column: &Expr, value: &Expr) -> Option<f64> {
        let Expr::Const { value, ty } = value else {
            return None;
        };
        if column.ty().oid != ty.oid {
            return None;
        }
        self.known(column)?.known.as_ref()?.range(op, value, *ty)
    }

    fn equal(&self, column: &Expr, value: Option<&Expr>) -> f64 {
        match value {
            Some(Expr::Const { value, ty }) => self.equal_value(column, value, *ty),
            _ => match self.known(column) {
                Some(facts) => (1.0 - facts.null_fraction) / facts.distinct.max(1.0),
                None => DEFAULT_EQUAL,
            },
        }
    }

    fn equal_value(&self, column: &Expr, value: &types::Datum, ty: types::SqlType) -> f64 {
        let Some(facts) = self.known(column) else {
            return DEFAULT_EQUAL;
        };
        let known = facts.known.as_ref();
        known
            .and_then(|known| known.equal(value, ty, facts.distinct))
            .unwrap_or_else(|| (1.0 - facts.null_fraction) / facts.distinct.max(1.0))
    }

    /// Rows of a grouping by these keys.
    pub fn groups(&self, keys: &[&Expr], rows: f64) -> f64 {
        let product: f64 = keys.iter().map(|key| self.distinct(key)).product();
        product.min(rows).max(1.0)
    }
}

/// The bounds that conditions set to one expression, as fractions of the rows.
struct Range<'a> {
    column: &'a Expr,
    lower: Option<f64>,
    upper: Option<f64>,
}

impl<'a> Range<'a> {
    fn new(column: &'a Expr) -> Self {
        Self {
            column,
            lower: None,
            upper: None,
        }
    }
}

/// The expression that a comparison with a constant bounds, and whether from below.
fn bound_of(condition: &Expr) -> Option<(&Expr, bool)> {
    let Expr::Compare {
        op, left, right, ..
    } = condition
    else {
        return None;
    };
    let (op, column) = match (left.as_ref(), right.as_ref()) {
        (Expr::Const { .. }, _) => (op.commuted(), right),
        (_, Expr::Const { .. }) => (*op, left),
        _ => return None,
    };
    match op {
        Comparison::Gt | Comparison::Ge => Some((column, true)),
        Comparison::Lt | Comparison::Le => Some((column, false)),
        _ => None,
    }
}

impl Planner<'_> {
    /// Facts about the columns of all tables that the query reads.
    pub fn all_facts(&self, plan: &Plan) -> Facts {
        let mut facts = Facts::default();
        let mut computed = Vec::new();
        each_plan(plan, &mut |node| match node {
            Plan::Scan(scan) => {
                let estimate = self.context.estimate(scan.table.oid);
                self.scan_facts(scan, &estimate, &mut facts);
            }
            Plan::Project(project) => computed.extend(project.columns.iter().cloned()),
            Plan::Aggregate(aggregate) => computed.extend(aggregate.keys.iter().cloned()),
            _ => {}
        });
        // Nodes were visited from the top: what is computed of others comes before them.
        for (id, expr) in computed.into_iter().rev() {
            if let Some(known) = facts.known(&expr) {
                let known = known.clone();
                facts.columns.insert(id, known);
            }
        }
        facts
    }

    fn scan_facts(&self, scan: &Scan, estimate: &TableEstimate, facts: &mut Facts) {
        let rows = estimate.likely_rows().max(1.0);
        let unique = self.unique_columns(scan);
        for (id, position) in &scan.columns {
            let attnum = *position as i16 + 1;
            let ty = self.columns.get(*id).ty;
            let known = estimate
                .statistics
                .as_ref()
                .and_then(|statistics| KnownColumn::of(statistics, attnum, ty));
            let distinct = match known
                .as_ref()
                .map_or(0.0, |known| known.statistics().distinct)
            {
                count if count > 0.0 => count,
                fraction if fraction < 0.0 => -fraction * rows,
                _ if unique.contains(position) => rows,
                _ => DEFAULT_DISTINCT.min(rows),
            };
            let nulls = known.as_ref().map(|known| known.statistics().null_fraction);
            let found = ColumnFacts {
                distinct,
                null_fraction: nulls.unwrap_or(0.0),
                known,
            };
            facts.columns.insert(*id, found);
        }
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
