//! Sorts, windows and duplicates.

use std::sync::Arc;

use common::Result;

use super::access_path::ScanPath;
use super::estimate::{CPU_OPERATOR, sort_cost};
use super::physical::*;
use super::{Layout, Planner};
use crate::ir::{ColumnId, Distinct, Expr, FrameBound, Plan, Scan, Sort, SortKey, Window};

/// Limit and offset of a top sort, and how many rows that is expected to be.
pub(super) type Top = ((Scalar, Option<Scalar>), f64);

impl Planner<'_> {
    pub(super) fn build_sort(&mut self, sort: &Sort, top: Option<Top>) -> Result<Node> {
        if let Some(node) = self.ordered_input(&sort.input, &sort.keys, top.as_ref())? {
            return Ok(node);
        }
        let input = self.build(&sort.input)?;
        self.sort_node(input, &sort.keys, top)
    }

    pub(super) fn sort_node(
        &mut self,
        input: Node,
        keys: &[SortKey],
        top: Option<Top>,
    ) -> Result<Node> {
        let layout = Layout::new(&input.columns);
        let keys = self.compile_sort(keys, &layout)?;
        if keys.is_empty() {
            return Ok(input);
        }
        let mut estimate = input.estimate;
        estimate.total += sort_cost(estimate.rows);
        estimate.startup = estimate.total;
        estimate.total += estimate.rows * CPU_OPERATOR;
        let columns = input.columns.clone();
        let top = top.map(|(top, _)| top);
        let kind = NodeKind::Sort(Arc::new(SortNode { input, keys, top }));
        Ok(self.node(kind, columns, estimate))
    }

    /// The input read in the wanted order by an index, if that is cheaper than to sort.
    fn ordered_input(
        &mut self,
        plan: &Plan,
        keys: &[SortKey],
        top: Option<&Top>,
    ) -> Result<Option<Node>> {
        match plan {
            Plan::Scan(scan) => self.ordered_scan(scan, &[], keys, top),
            Plan::Filter(filter) => match &filter.input {
                Plan::Scan(scan) => {
                    let conditions = filter.condition.clone().conjuncts();
                    self.ordered_scan(scan, &conditions, keys, top)
                }
                _ => Ok(None),
            },
            // A projection that passes the keys on keeps the order.
            Plan::Project(project) if project.set_returning.is_empty() => {
                let map = project.columns.iter().cloned().collect();
                let keys: Vec<SortKey> = keys
                    .iter()
                    .map(|key| SortKey {
                        expr: super::rewrite::substitute(key.expr.clone(), &map),
                        ..key.clone()
                    })
                    .collect();
                match self.ordered_input(&project.input, &keys, top)? {
                    Some(input) => self.project_node(input, project).map(Some),
                    None => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn ordered_scan(
        &mut self,
        scan: &Scan,
        conditions: &[Expr],
        keys: &[SortKey],
        top: Option<&Top>,
    ) -> Result<Option<Node>> {
        let context = self.scan_context(scan)?;
        let paths = self.scan_paths(scan, conditions, &context, Some(keys));
        let share = |path: &ScanPath| match top {
            Some((_, rows)) => (rows / path.estimate.rows.max(1.0)).min(1.0),
            None => 1.0,
        };
        let cost = |path: &ScanPath| {
            let estimate = &path.estimate;
            match path.ordered {
                true => estimate.startup + (estimate.total - estimate.startup) * share(path),
                false => estimate.total + sort_cost(estimate.rows),
            }
        };
        let best = paths.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
        match best {
            Some(path) if path.ordered => {
                self.build_scan(scan, conditions, path, &context).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn build_window(&mut self, window: &Window) -> Result<Node> {
        let input = self.build(&window.input)?;
        let ascending = |expr: &Expr| SortKey {
            expr: expr.clone(),
            descending: false,
            nulls_first: false,
            collation: crate::ir::Collation::default(),
        };
        let partition: Vec<SortKey> = window.partition_by.iter().map(ascending).collect();
        let mut keys = partition.clone();
        keys.extend(window.order_by.iter().cloned());
        let input = self.sort_node(input, &keys, None)?;
        let layout = Layout::new(&input.columns);
        let none = Layout::default();
        let mut columns = input.columns.clone();
        let mut calls = Vec::with_capacity(window.calls.len());
        for call in &window.calls {
            let mut offset = |bound: &FrameBound| match bound {
                FrameBound::Preceding(offset) | FrameBound::Following(offset) => {
                    self.compile(offset, &none).map(Some)
                }
                _ => Ok(None),
            };
            let start_offset = offset(&call.frame.start)?;
            let end_offset = offset(&call.frame.end)?;
            calls.push(WindowSpec {
                function: call.function,
                args: self.compile_all(&call.args, &layout)?,
                filter: self.compile_some(call.filter.as_ref(), &layout)?,
                frame: call.frame.clone(),
                start_offset,
                end_offset,
                collation: call.collation,
                ty: self.columns.get(call.id).ty,
            });
            columns.push(call.id);
        }
        let partition_by = self.compile_sort(&partition, &layout)?;
        let order_by = self.compile_sort(&window.order_by, &layout)?;
        let mut estimate = input.estimate;
        estimate.total += estimate.rows * CPU_OPERATOR * calls.len() as f64;
        let kind = NodeKind::Window(Arc::new(WindowNode {
            input,
            partition_by,
            order_by,
            calls,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    pub(super) fn build_distinct(&mut self, distinct: &Distinct) -> Result<Node> {
        let input = self.build(&distinct.input)?;
        if distinct.on.is_empty() {
            return self.distinct_node(input, &distinct.columns);
        }
        let layout = Layout::new(&input.columns);
        let keys = self.compile_all(&distinct.on, &layout)?;
        let types = distinct.on.iter().map(Expr::ty).collect();
        self.distinct_on(input, keys, types)
    }

    pub(super) fn distinct_node(&mut self, input: Node, columns: &[ColumnId]) -> Result<Node> {
        let layout = Layout::new(&input.columns);
        let column = |id: &ColumnId| Expr::column(*id, self.columns.get(*id).ty);
        let exprs: Vec<Expr> = columns.iter().map(column).collect();
        let keys = self.compile_all(&exprs, &layout)?;
        let types = exprs.iter().map(Expr::ty).collect();
        self.distinct_on(input, keys, types)
    }

    fn distinct_on(
        &mut self,
        input: Node,
        keys: Vec<Scalar>,
        key_types: Vec<types::SqlType>,
    ) -> Result<Node> {
        let mut estimate = input.estimate;
        estimate.total += estimate.rows * CPU_OPERATOR * (1.0 + keys.len() as f64);
        estimate.rows = (estimate.rows / 2.0).max(1.0);
        let columns = input.columns.clone();
        let kind = NodeKind::Distinct(Arc::new(DistinctNode {
            input,
            keys,
            key_types,
        }));
        Ok(self.node(kind, columns, estimate))
    }
}
