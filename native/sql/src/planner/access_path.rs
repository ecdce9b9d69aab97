//! How to read one table: as a whole, or by which index.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::IndexMethod;
use common::Result;
use types::TypeOid;

use super::estimate::{CPU_INDEX_ROW, CPU_OPERATOR, CPU_ROW, PAGE, RANDOM_PAGE, descent_cost};
use super::index_match::{IndexMatch, KeyMatch, key_exprs, match_index, predicate_holds};
use super::physical::{
    BoundSource, Estimate, IndexScanNode, KeyRange, KeySource, Node, NodeKind, TableScanNode,
};
use super::same::same;
use super::{Layout, Planner};
use crate::access::{Direction, TableEstimate};
use crate::ir::{ColumnId, Comparison, Expr, Scan, SortKey, SystemColumn, TableRules, columns_of};

/// A way to read a table under some conditions.
#[derive(Clone, Debug)]
pub struct ScanPath {
    /// Index number in the rules, and what it answers; `None`: the whole table.
    pub index: Option<(usize, IndexMatch)>,
    pub direction: Direction,
    pub index_only: bool,
    pub estimate: Estimate,
    /// Gives the rows in the wanted order.
    pub ordered: bool,
}

/// A table with its conditions, as the join search sees it.
pub struct ScanContext {
    pub rules: Arc<TableRules>,
    pub size: TableEstimate,
    pub rows: f64,
}

impl Planner<'_> {
    pub fn scan_context(&self, scan: &Scan) -> Result<ScanContext> {
        let rules = self.context.rules(scan.table.oid)?;
        let size = self.context.estimate(scan.table.oid);
        let rows = size.likely_rows().max(1.0);
        Ok(ScanContext { rules, size, rows })
    }

    /// All sensible ways; the first is the whole table. `order`: the wanted one, if any.
    pub fn scan_paths(
        &self,
        scan: &Scan,
        conditions: &[Expr],
        context: &ScanContext,
        order: Option<&[SortKey]>,
    ) -> Vec<ScanPath> {
        let rows = context.rows;
        let pages = context.size.pages.max(1.0);
        let width = self.width(&scan.columns);
        let out = (rows * self.facts.selectivity_all(conditions)).max(1.0);
        let quals = conditions.len() as f64;
        let off = |setting: &str| {
            if self.context.is_enabled(setting) {
                0.0
            } else {
                1e10
            }
        };
        let mut paths = vec![ScanPath {
            index: None,
            direction: Direction::Forward,
            index_only: false,
            estimate: Estimate {
                startup: off("enable_seqscan"),
                total: off("enable_seqscan")
                    + pages * PAGE
                    + rows * (CPU_ROW + CPU_OPERATOR * quals),
                rows: out,
                width,
            },
            ordered: false,
        }];
        let mine: BTreeSet<ColumnId> = scan.columns.iter().map(|(id, _)| *id).collect();
        for (number, rule) in context.rules.indexes.iter().enumerate() {
            if !rule.index.valid || !predicate_holds(rule, scan, conditions) {
                continue;
            }
            let matched = match_index(rule, scan, &mine, conditions);
            let direction = order.and_then(|keys| order_of(rule, scan, &matched, keys));
            let index_only =
                self.covers(rule, scan) && self.context.is_enabled("enable_indexonlyscan");
            if matched.is_empty() && direction.is_none() && !index_only {
                continue;
            }
            let used = matched.used.iter().map(|at| &conditions[*at]);
            let selectivity = match matched.is_unique(rule) {
                true => 1.0 / rows,
                false => self.facts.selectivity_all(used),
            };
            let hits = (rows * selectivity).max(1.0);
            // The store reads the rows of an index-only scan too.
            let fetched = pages * (1.0 - (-hits / pages).exp());
            let startup = descent_cost(rows) * probes(&matched) + off("enable_indexscan");
            let residual = quals - matched.used.len() as f64;
            let per_row = CPU_INDEX_ROW + CPU_ROW + CPU_OPERATOR * (1.0 + residual.max(0.0));
            paths.push(ScanPath {
                estimate: Estimate {
                    startup,
                    total: startup + fetched * RANDOM_PAGE + hits * per_row,
                    rows: out.min(hits),
                    width,
                },
                ordered: direction.is_some(),
                direction: direction.unwrap_or_default(),
                index_only,
                index: Some((number, matched)),
            });
        }
        paths
    }

    /// True if the index stores all columns that the scan gives.
    fn covers(&self, rule: &crate::ir::IndexRule, scan: &Scan) -> bool {
        if rule.index.method != IndexMethod::Btree || scan.columns.is_empty() {
            return false;
        }
        let system = scan
            .system
            .iter()
            .all(|(_, column)| matches!(column, SystemColumn::RowId | SystemColumn::TableOid));
        system
            && scan.columns.iter().all(|(_, position)| {
                rule.index
                    .attnums()
                    .any(|attnum| attnum == *position as i16 + 1)
            })
    }

    /// The cheapest path without a wanted order.
    pub fn cheapest_path(
        &self,
        scan: &Scan,
        conditions: &[Expr],
        context: &ScanContext,
    ) -> ScanPath {
        let paths = self.scan_paths(scan, conditions, context, None);
        let mut best = 0;
        for (at, path) in paths.iter().enumerate().skip(1) {
            let unique = path.index.as_ref().is_some_and(|(number, matched)| {
                matched.is_unique(&context.rules.indexes[*number])
            });
            // Reading a unique key touches one row: under locks and predicate locks that counts.
            if unique || path.estimate.total < paths[best].estimate.total {
                best = at;
                if unique {
                    break;
                }
            }
        }
        paths[best].clone()
    }

    pub fn width(&self, columns: &[(ColumnId, u16)]) -> u32 {
        let size = |(id, _): &(ColumnId, u16)| {
            let oid = self.columns.get(*id).ty.oid;
            types::physical_of(oid).fixed_size().unwrap_or(32) as u32
        };
        columns.iter().map(size).sum()
    }

    /// Makes the node of a path.
    pub fn build_scan(
        &mut self,
        scan: &Scan,
        conditions: &[Expr],
        path: &ScanPath,
        context: &ScanContext,
    ) -> Result<Node> {
        let plain = scan.columns.iter().map(|(id, _)| *id);
        let columns: Vec<ColumnId> = plain.chain(scan.system.iter().map(|(id, _)| *id)).collect();
        let layout = Layout::new(&columns);
        let positions: Vec<u16> = scan.columns.iter().map(|(_, position)| *position).collect();
        let system: Vec<SystemColumn> = scan.system.iter().map(|(_, column)| *column).collect();
        let scan_id = self.scan_number(scan);
        let kind = match &path.index {
            None => {
                let predicates = self.predicates(scan, conditions)?;
                NodeKind::TableScan(Arc::new(TableScanNode {
                    scan: scan_id,
                    table: scan.table.oid,
                    name: scan.table.name.clone(),
                    alias: scan.alias.clone(),
                    positions,
                    system,
                    predicates,
                    filter: self.compile_condition(conditions, &layout)?,
                }))
            }
            Some((number, matched)) => {
                let rule = &context.rules.indexes[*number];
                let (used, rest): (Vec<_>, Vec<_>) = conditions
                    .iter()
                    .enumerate()
                    .partition(|(at, _)| matched.used.contains(at));
                let list = |part: Vec<(usize, &Expr)>| -> Vec<Expr> {
                    part.into_iter().map(|(_, c)| c.clone()).collect()
                };
                let (used, rest) = (list(used), list(rest));
                NodeKind::IndexScan(Arc::new(IndexScanNode {
                    scan: scan_id,
                    table: scan.table.oid,
                    name: scan.table.name.clone(),
                    alias: scan.alias.clone(),
                    index: rule.index.oid,
                    index_name: rule.index.name.clone(),
                    positions,
                    system,
                    range: self.compile_range(matched)?,
                    direction: path.direction,
                    index_only: path.index_only,
                    index_condition: self.compile_condition(&used, &layout)?,
                    filter: self.compile_condition(&rest, &layout)?,
                    unique: matched.is_unique(rule),
                    is_counted: false,
                }))
            }
        };
        Ok(self.node(kind, columns, path.estimate))
    }

    fn compile_range(&mut self, matched: &IndexMatch) -> Result<KeyRange> {
        let none = Layout::default();
        let mut prefix = Vec::with_capacity(matched.prefix.len());
        for key in &matched.prefix {
            prefix.push(match key {
                KeyMatch::Equal(expr) => KeySource::Equal(self.compile(expr, &none)?),
                KeyMatch::IsNull => KeySource::IsNull,
                KeyMatch::AnyOf(list, ty) => KeySource::AnyOf(list.clone(), *ty),
                KeyMatch::AnyArray(expr) => KeySource::AnyArray(self.compile(expr, &none)?),
            });
        }
        let mut bound = |end: &Option<(Vec<Expr>, bool)>| match end {
            Some((values, inclusive)) => Ok::<_, common::Error>(Some(BoundSource {
                values: self.compile_all(values, &none)?,
                inclusive: *inclusive,
            })),
            None => Ok(None),
        };
        Ok(KeyRange {
            prefix,
            lower: bound(&matched.lower)?,
            upper: bound(&matched.upper)?,
            not_null: matched.not_null,
        })
    }

    fn predicates(
        &mut self,
        scan: &Scan,
        conditions: &[Expr],
    ) -> Result<Vec<(u16, Comparison, super::physical::Scalar)>> {
        let none = Layout::default();
        let mut found = Vec::new();
        for condition in conditions {
            let Expr::Compare {
                op, left, right, ..
            } = condition
            else {
                continue;
            };
            for (op, column, value) in [(*op, left, right), (op.commuted(), right, left)] {
                let Some(id) = column.as_column() else {
                    continue;
                };
                let own = scan.columns.iter().find(|(own, _)| *own == id);
                let simple = matches!(
                    value.as_ref(),
                    Expr::Const { .. } | Expr::Param { .. } | Expr::Column { .. }
                ) && columns_of(value)
                    .iter()
                    .all(|id| !scan.columns.iter().any(|(own, _)| own == id));
                if let (Some((_, position)), true) = (own, simple && can_hint(column, value, op)) {
                    found.push((*position, op, self.compile(value, &none)?));
                }
            }
        }
        Ok(found)
    }
}

/// Types whose stored form compares as the type does.
fn can_hint(column: &Expr, value: &Expr, op: Comparison) -> bool {
    let oid = column.ty().oid;
    let text = matches!(oid, TypeOid::TEXT | TypeOid::VARCHAR);
    let plain = matches!(
        oid,
        TypeOid::BOOL
            | TypeOid::INT2
            | TypeOid::INT4
            | TypeOid::INT8
            | TypeOid::DATE
            | TypeOid::TIME
            | TypeOid::TIMESTAMP
            | TypeOid::TIMESTAMPTZ
    );
    value.ty().oid == oid && (plain || (text && op == Comparison::Eq))
}

fn probes(matched: &IndexMatch) -> f64 {
    let count = |key: &KeyMatch| match key {
        KeyMatch::AnyOf(list, _) => list.len() as f64,
        KeyMatch::AnyArray(_) => 10.0,
        _ => 1.0,
    };
    matched.prefix.iter().map(count).product()
}

/// The direction in which the index gives the rows in the order of `keys`, if it does.
pub fn order_of(
    rule: &crate::ir::IndexRule,
    scan: &Scan,
    matched: &IndexMatch,
    keys: &[SortKey],
) -> Option<Direction> {
    if rule.index.method != IndexMethod::Btree
        || matched
            .prefix
            .iter()
            .any(|k| matches!(k, KeyMatch::AnyOf(..) | KeyMatch::AnyArray(_)))
    {
        return None;
    }
    let index_keys = key_exprs(rule, scan);
    let bound = matched.prefix.len();
    let mut at = bound;
    let mut direction = None;
    for key in keys {
        // A key column that is bound to one value orders nothing.
        let fixed = index_keys[..bound]
            .iter()
            .flatten()
            .any(|k| same(k, &key.expr));
        if fixed {
            continue;
        }
        let index_key = index_keys.get(at)?.as_ref()?;
        let column = &rule.index.keys[at];
        let collation = matches!(key.collation, crate::ir::Collation::C);
        if !same(index_key, &key.expr) || column.opclass.is_some() || !collation {
            return None;
        }
        let way = if column.descending == key.descending && column.nulls_first == key.nulls_first {
            Direction::Forward
        } else if column.descending != key.descending && column.nulls_first != key.nulls_first {
            Direction::Backward
        } else {
            return None;
        };
        if direction.is_some_and(|known| known != way) {
            return None;
        }
        direction = Some(way);
        at += 1;
    }
    Some(direction.unwrap_or_default())
}
