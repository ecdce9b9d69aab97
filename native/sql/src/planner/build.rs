//! Builds the physical tree, node by node.

use std::sync::Arc;

use common::Result;

use super::estimate::{CPU_OPERATOR, CPU_ROW};
use super::physical::*;
use super::{CteState, Layout, Planner, positions_of, properties};
use crate::ir::{
    ColumnId, CteScan, Expr, Filter, FunctionScan, FunctionScanItem, FunctionScanKind, Limit,
    LockRows, Plan, Project, RecursiveUnion, Scan, SetOp, SetOpKind, Values, With,
};

impl Planner<'_> {
    pub(super) fn build(&mut self, plan: &Plan) -> Result<Node> {
        match plan {
            Plan::OneRow => Ok(self.node(NodeKind::OneRow, Vec::new(), rows_estimate(1.0))),
            Plan::Empty(columns) => {
                Ok(self.node(NodeKind::Empty, columns.clone(), rows_estimate(0.0)))
            }
            Plan::Scan(scan) => self.build_table(scan, &[]),
            Plan::FunctionScan(scan) => self.build_function_scan(scan),
            Plan::Values(values) => self.build_values(values),
            Plan::External { id, columns } => Ok(self.node(
                NodeKind::External(*id),
                columns.clone(),
                rows_estimate(1000.0),
            )),
            Plan::Project(project) => self.build_project(project),
            Plan::Filter(filter) => self.build_filter(filter),
            Plan::Join(_) => self.build_join_tree(plan, &[]),
            Plan::Aggregate(aggregate) => self.build_aggregate(aggregate),
            Plan::Window(window) => self.build_window(window),
            Plan::Sort(sort) => self.build_sort(sort, None),
            Plan::Limit(limit) => self.build_limit(limit),
            Plan::Distinct(distinct) => self.build_distinct(distinct),
            Plan::SetOp(op) => self.build_set_op(op),
            Plan::With(with) => self.build_with(with),
            Plan::CteScan(scan) => self.build_cte_scan(scan),
            Plan::RecursiveUnion(union) => self.build_recursive(union),
            Plan::LockRows(lock) => self.build_lock(lock, false),
            Plan::Insert(insert) => self.build_insert(insert),
            Plan::Update(update) => self.build_update(update),
            Plan::Delete(delete) => self.build_delete(delete),
        }
    }

    pub(super) fn build_table(&mut self, scan: &Scan, conditions: &[Expr]) -> Result<Node> {
        let context = self.scan_context(scan)?;
        let path = self.cheapest_path(scan, conditions, &context);
        self.build_scan(scan, conditions, &path, &context)
    }

    fn build_filter(&mut self, filter: &Filter) -> Result<Node> {
        let conditions = filter.condition.clone().conjuncts();
        match &filter.input {
            Plan::Scan(scan) => {
                // What does not read the table decides once whether it is read at all.
                let (own, once): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|c| {
                    !crate::ir::columns_of(c).is_empty()
                        || properties::is_volatile(c)
                        || !matches!(c, Expr::Const { .. })
                });
                let input = self.build_table(scan, &own)?;
                self.filter_node(input, &once)
            }
            Plan::Join(_) => self.build_join_tree(&filter.input, &conditions),
            input => {
                let input = self.build(input)?;
                self.filter_node(input, &conditions)
            }
        }
    }

    /// A filter over a node, or the node if there is no condition.
    pub(super) fn filter_node(&mut self, input: Node, conditions: &[Expr]) -> Result<Node> {
        let layout = Layout::new(&input.columns);
        let Some(condition) = self.compile_condition(conditions, &layout)? else {
            return Ok(input);
        };
        let mut estimate = input.estimate;
        estimate.total += estimate.rows * CPU_OPERATOR * conditions.len() as f64;
        let selectivity = self.facts.selectivity_all(conditions);
        estimate.rows = (estimate.rows * selectivity).max(1.0);
        let columns = input.columns.clone();
        let kind = NodeKind::Filter(Arc::new(FilterNode { input, condition }));
        Ok(self.node(kind, columns, estimate))
    }

    fn build_values(&mut self, values: &Values) -> Result<Node> {
        let layout = Layout::default();
        let mut rows = Vec::with_capacity(values.rows.len());
        for row in &values.rows {
            rows.push(self.compile_all(row, &layout)?);
        }
        let estimate = rows_estimate(rows.len() as f64);
        let kind = NodeKind::Values(Arc::new(ValuesNode { rows }));
        Ok(self.node(kind, values.columns.clone(), estimate))
    }

    fn build_function_scan(&mut self, scan: &FunctionScan) -> Result<Node> {
        let layout = Layout::default();
        let functions = self.compile_sets(&scan.functions, &layout)?;
        let columns: Vec<ColumnId> = scan
            .functions
            .iter()
            .flat_map(|item| item.columns.clone())
            .collect();
        let columns = columns.into_iter().chain(scan.ordinality).collect();
        let kind = NodeKind::FunctionScan(Arc::new(FunctionScanNode {
            functions,
            ordinality: scan.ordinality.is_some(),
            alias: scan.alias.clone(),
        }));
        let rows = match scan.functions.as_slice() {
            [
                FunctionScanItem {
                    function: FunctionScanKind::Scalar(_),
                    ..
                },
            ] => 1.0,
            _ => 1000.0,
        };
        Ok(self.node(kind, columns, rows_estimate(rows)))
    }

    fn compile_sets(
        &mut self,
        items: &[FunctionScanItem],
        layout: &Layout,
    ) -> Result<Vec<SetSource>> {
        let mut sets = Vec::with_capacity(items.len());
        for item in items {
            let types = item
                .columns
                .iter()
                .map(|id| self.columns.get(*id).ty)
                .collect();
            sets.push(match &item.function {
                FunctionScanKind::Set {
                    function,
                    args,
                    collation,
                } => SetSource::Set {
                    function,
                    args: self.compile_all(args, layout)?,
                    types,
                    collation: *collation,
                },
                FunctionScanKind::Scalar(expr) => {
                    SetSource::Scalar(self.compile(expr, layout)?, types)
                }
            });
        }
        Ok(sets)
    }

    pub(super) fn build_project(&mut self, project: &Project) -> Result<Node> {
        let input = self.build(&project.input)?;
        self.project_node(input, project)
    }

    pub(super) fn project_node(&mut self, input: Node, project: &Project) -> Result<Node> {
        let layout = Layout::new(&input.columns);
        let mut columns = Vec::with_capacity(project.columns.len());
        let mut ids = Vec::with_capacity(project.columns.len());
        for (id, expr) in &project.columns {
            columns.push(self.compile(expr, &layout)?);
            ids.push(*id);
        }
        let sets = self.compile_sets(&project.set_returning, &layout)?;
        ids.extend(
            project
                .set_returning
                .iter()
                .flat_map(|item| item.columns.clone()),
        );
        let mut estimate = input.estimate;
        estimate.total += estimate.rows * CPU_OPERATOR * columns.len() as f64;
        if !sets.is_empty() {
            estimate.rows *= 10.0;
        }
        let kind = NodeKind::Project(Arc::new(ProjectNode {
            input,
            columns,
            sets,
        }));
        Ok(self.node(kind, ids, estimate))
    }

    fn build_limit(&mut self, limit: &Limit) -> Result<Node> {
        let none = Layout::default();
        let rows = match &limit.limit {
            Some(Expr::Const {
                value: types::Datum::I64(n),
                ..
            }) => (*n).max(0) as f64,
            Some(_) => 100.0,
            None => f64::INFINITY,
        };
        let offset = match &limit.offset {
            Some(Expr::Const {
                value: types::Datum::I64(n),
                ..
            }) => (*n).max(0) as f64,
            _ => 0.0,
        };
        let count = self.compile_some(limit.limit.as_ref(), &none)?;
        let skip = self.compile_some(limit.offset.as_ref(), &none)?;
        let top = match (&count, limit.with_ties) {
            (Some(count), false) => Some((count.clone(), skip.clone())),
            _ => None,
        };
        let (input, ties) = match (&limit.input, limit.with_ties) {
            (Plan::Sort(sort), true) => {
                let input = self.build_sort(sort, None)?;
                let layout = Layout::new(&input.columns);
                let ties = self.compile_sort(&sort.keys, &layout)?;
                (input, ties)
            }
            (input, _) => {
                let wanted = top.map(|top| (top, rows + offset));
                (self.build_limited(input, wanted)?, Vec::new())
            }
        };
        let mut estimate = input.estimate;
        if rows + offset < estimate.rows {
            let share = (rows + offset) / estimate.rows.max(1.0);
            estimate.total = estimate.startup + (estimate.total - estimate.startup) * share;
        }
        estimate.rows = (estimate.rows - offset).clamp(0.0, rows);
        let columns = input.columns.clone();
        let kind = NodeKind::Limit(Arc::new(LimitNode {
            input,
            limit: count,
            offset: skip,
            ties,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    /// The input of a limit: a sort below, perhaps under projections, need keep only the top rows.
    fn build_limited(
        &mut self,
        plan: &Plan,
        top: Option<((Scalar, Option<Scalar>), f64)>,
    ) -> Result<Node> {
        match plan {
            Plan::Sort(sort) => self.build_sort(sort, top),
            Plan::LockRows(lock) => self.build_lock(lock, true),
            Plan::Project(project) if project.set_returning.is_empty() => {
                let input = self.build_limited(&project.input, top)?;
                self.project_node(input, project)
            }
            other => self.build(other),
        }
    }

    fn build_set_op(&mut self, op: &SetOp) -> Result<Node> {
        if op.kind == SetOpKind::Union {
            return self.build_union(op);
        }
        let left = self.build(&op.left)?;
        let right = self.build(&op.right)?;
        let left_positions = positions_of(&op.left_columns, &Layout::new(&left.columns))?;
        let right_positions = positions_of(&op.right_columns, &Layout::new(&right.columns))?;
        let estimate = Estimate {
            startup: left.estimate.total + right.estimate.total,
            total: left.estimate.total
                + right.estimate.total
                + CPU_ROW * (left.estimate.rows + right.estimate.rows),
            rows: (left.estimate.rows / 2.0).max(1.0),
            width: left.estimate.width,
        };
        let kind = NodeKind::SetOp(Arc::new(SetOpNode {
            kind: op.kind,
            all: op.all,
            left,
            left_positions,
            right,
            right_positions,
        }));
        Ok(self.node(kind, op.columns.clone(), estimate))
    }

    fn build_union(&mut self, op: &SetOp) -> Result<Node> {
        let mut inputs = Vec::new();
        self.flatten_union(op, &op.columns, &mut inputs)?;
        let mut estimate = Estimate::default();
        for (node, _) in &inputs {
            estimate.total += node.estimate.total;
            estimate.rows += node.estimate.rows;
            estimate.width = node.estimate.width;
        }
        let append = NodeKind::Append(Arc::new(AppendNode { inputs }));
        let node = self.node(append, op.columns.clone(), estimate);
        if op.all {
            Ok(node)
        } else {
            self.distinct_node(node, &op.columns)
        }
    }

    /// `a UNION b UNION c` is one append: a nested union of the same kind adds its inputs.
    fn flatten_union(
        &mut self,
        op: &SetOp,
        wanted: &[ColumnId],
        inputs: &mut Vec<(Node, Vec<usize>)>,
    ) -> Result<()> {
        for (side, columns) in [(&op.left, &op.left_columns), (&op.right, &op.right_columns)] {
            let sources: Vec<ColumnId> = wanted
                .iter()
                .filter_map(|id| op.columns.iter().position(|own| own == id))
                .map(|at| columns[at])
                .collect();
            match side {
                Plan::SetOp(inner) if inner.kind == SetOpKind::Union && (inner.all || !op.all) => {
                    self.flatten_union(inner, &sources, inputs)?;
                }
                other => {
                    let node = self.build(other)?;
                    let positions = positions_of(&sources, &Layout::new(&node.columns))?;
                    inputs.push((node, positions));
                }
            }
        }
        Ok(())
    }

    fn build_with(&mut self, with: &With) -> Result<Node> {
        let mut numbers = Vec::with_capacity(with.ctes.len());
        for cte in &with.ctes {
            let index = self.ctes.len();
            self.ctes.push(None);
            let state = CteState {
                index,
                working: false,
                rows: 1000.0,
            };
            self.cte_of.insert(cte.id, state);
            let root = self.build(&cte.plan)?;
            let rows = root.estimate.rows;
            let positions = positions_of(&cte.columns, &Layout::new(&root.columns))?;
            let types = cte
                .columns
                .iter()
                .map(|id| self.columns.get(*id).ty)
                .collect();
            self.ctes[index] = Some(CteNode {
                name: cte.name.clone(),
                writes: properties::writes(&cte.plan),
                root,
                positions,
                types,
            });
            self.cte_of.insert(
                cte.id,
                CteState {
                    index,
                    working: false,
                    rows,
                },
            );
            numbers.push(index);
        }
        let body = self.build(&with.body)?;
        let (columns, estimate) = (body.columns.clone(), body.estimate);
        let kind = NodeKind::With(Arc::new(WithNode {
            ctes: numbers,
            body,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    fn build_cte_scan(&mut self, scan: &CteScan) -> Result<Node> {
        let Some(state) = self.cte_of.get(&scan.cte).copied() else {
            return Err(common::Error::internal(
                "a reference to a CTE that is not in scope",
            ));
        };
        let name = self.ctes[state.index].as_ref().map(|cte| cte.name.clone());
        let kind = NodeKind::CteScan(Arc::new(CteSource {
            cte: state.index,
            name: name.unwrap_or_else(|| scan.alias.clone()),
            alias: scan.alias.clone(),
            positions: scan
                .columns
                .iter()
                .map(|(_, at)| usize::from(*at))
                .collect(),
            working: state.working,
        }));
        let columns = scan.columns.iter().map(|(id, _)| *id).collect();
        let mut estimate = rows_estimate(state.rows);
        estimate.total = state.rows * CPU_ROW;
        Ok(self.node(kind, columns, estimate))
    }

    fn build_recursive(&mut self, union: &RecursiveUnion) -> Result<Node> {
        let Some(state) = self.cte_of.get(&union.cte).copied() else {
            return Err(common::Error::internal("a recursion outside of its CTE"));
        };
        let base = self.build(&union.base)?;
        let rows = base.estimate.rows * 10.0;
        let inside = CteState {
            working: true,
            rows,
            ..state
        };
        self.cte_of.insert(union.cte, inside);
        let step = self.build(&union.step)?;
        self.cte_of.insert(union.cte, state);
        let base_positions = positions_of(&union.base_columns, &Layout::new(&base.columns))?;
        let step_positions = positions_of(&union.step_columns, &Layout::new(&step.columns))?;
        let mut estimate = base.estimate;
        estimate.total += 10.0 * step.estimate.total;
        estimate.rows += 10.0 * step.estimate.rows;
        let kind = NodeKind::Recursive(Arc::new(RecursiveNode {
            cte: state.index,
            all: union.all,
            base,
            base_positions,
            step,
            step_positions,
        }));
        Ok(self.node(kind, union.columns.clone(), estimate))
    }

    fn build_lock(&mut self, lock: &LockRows, one_by_one: bool) -> Result<Node> {
        let input = self.build(&lock.input)?;
        let layout = Layout::new(&input.columns);
        let mut targets = Vec::with_capacity(lock.targets.len());
        for target in &lock.targets {
            targets.push(LockSpec {
                table: target.table,
                row_id: positions_of(&[target.row_id], &layout)?[0],
                strength: target.strength,
                wait: target.wait,
                scan: self.marks.get(&target.row_id).map(|(scan, _)| *scan),
            });
        }
        let marks = self.marks_in(&input.columns);
        let (columns, estimate) = (input.columns.clone(), input.estimate);
        let kind = NodeKind::Lock(Arc::new(LockNode {
            input,
            targets,
            one_by_one,
            marks,
        }));
        Ok(self.node(kind, columns, estimate))
    }
}

pub(super) fn rows_estimate(rows: f64) -> Estimate {
    Estimate {
        startup: 0.0,
        total: rows * CPU_ROW,
        rows,
        width: 0,
    }
}
