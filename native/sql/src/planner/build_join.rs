//! Joins: the tree of inner joins by search, the others where they stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ir::Collation;
use common::Result;

use super::access_path::ScanContext;
use super::estimate::{CPU_OPERATOR, CPU_ROW};
use super::join_estimate::join_rows;
use super::join_order::Relation;
use super::join_recipe::{Recipe, Step};
use super::physical::*;
use super::{Layout, Planner};
use crate::ir::{
    ColumnId, Comparison, Expr, Join, JoinKind, Plan, columns_of, outer_columns, produced,
};

/// Left key, right key and collation of a condition that a hash join can use.
pub fn hash_sides<'e>(
    expr: &'e Expr,
    on_left: &dyn Fn(ColumnId) -> bool,
    on_right: &dyn Fn(ColumnId) -> bool,
) -> Option<(&'e Expr, &'e Expr, Collation)> {
    let Expr::Compare {
        op: Comparison::Eq,
        left,
        right,
        collation,
    } = expr
    else {
        return None;
    };
    let all = |expr: &Expr, has: &dyn Fn(ColumnId) -> bool, not: &dyn Fn(ColumnId) -> bool| {
        let columns = columns_of(expr);
        columns.iter().any(|id| has(*id)) && !columns.iter().any(|id| not(*id))
    };
    if super::properties::is_volatile(expr) {
        None
    } else if all(left, on_left, on_right) && all(right, on_right, on_left) {
        Some((left, right, *collation))
    } else if all(right, on_left, on_right) && all(left, on_right, on_left) {
        Some((right, left, *collation))
    } else {
        None
    }
}

impl Planner<'_> {
    /// A join and the conditions above it.
    pub(super) fn build_join_tree(&mut self, plan: &Plan, above: &[Expr]) -> Result<Node> {
        let Plan::Join(join) = plan else {
            let node = self.build(plan)?;
            return self.filter_node(node, above);
        };
        if !self.is_inner(join) {
            let node = self.build_outer(join)?;
            return self.filter_node(node, above);
        }
        let mut leaves = Vec::new();
        let mut conditions = above.to_vec();
        self.flatten(plan, &mut leaves, &mut conditions);
        let order = self.search(&leaves, conditions)?;
        self.build_order(order)
    }

    pub(super) fn relation<'p>(&mut self, plan: &'p Plan) -> Result<Relation<'p>> {
        let (conditions, inner) = match plan {
            Plan::Filter(filter) if matches!(filter.input, Plan::Scan(_)) => {
                (filter.condition.clone().conjuncts(), &filter.input)
            }
            other => (Vec::new(), other),
        };
        let mut relation = Relation {
            plan,
            scan: None,
            node: None,
            conditions,
            columns: produced(plan).into_iter().collect(),
            requires: 0,
            rows: 1000.0,
            cost: 1000.0 * CPU_ROW,
        };
        if let Plan::Scan(scan) = inner {
            let context = self.scan_context(scan)?;
            let path = self.cheapest_path(scan, &relation.conditions, &context);
            relation.rows = path.estimate.rows;
            relation.cost = path.estimate.total;
            relation.scan = Some((scan, context));
        } else {
            // What it reads of others are slots wherever it will stand.
            let node = self.build(plan)?;
            relation.rows = node.estimate.rows.max(1.0);
            relation.cost = node.estimate.total;
            relation.node = Some(node);
        }
        Ok(relation)
    }

    fn build_order(&mut self, mut recipe: Recipe<'_>) -> Result<Node> {
        let mut stack: Vec<Node> = Vec::new();
        for step in std::mem::take(&mut recipe.steps) {
            let node = match step {
                Step::Leaf(at) => self.build_leaf(&mut recipe.relations[at])?,
                Step::Hash(conditions, rows) => {
                    let (right, left) = (pop(&mut stack)?, pop(&mut stack)?);
                    self.hash_join(JoinKind::Inner, left, right, &conditions, rows)?
                }
                Step::Loop(conditions, rows) => {
                    let (right, left) = (pop(&mut stack)?, pop(&mut stack)?);
                    self.nested_loop(JoinKind::Inner, left, right, &conditions, Vec::new(), rows)?
                }
                Step::Lateral(at, conditions, rows) => {
                    let left = pop(&mut stack)?;
                    let right = self.build_leaf(&mut recipe.relations[at])?;
                    let outer = outer_columns(recipe.relations[at].plan);
                    let binds = self.binds(&left, &outer);
                    self.nested_loop(JoinKind::Inner, left, right, &conditions, binds, rows)?
                }
                Step::Index(at, conditions, rows) => {
                    let left = pop(&mut stack)?;
                    let relation = &recipe.relations[at];
                    let Some((scan, context)) = &relation.scan else {
                        return Err(common::Error::internal("an index join without a table"));
                    };
                    self.index_join(JoinKind::Inner, left, scan, context, &conditions, rows)?
                }
            };
            stack.push(node);
        }
        let node = pop(&mut stack)?;
        self.filter_node(node, &recipe.above)
    }

    fn build_leaf(&mut self, relation: &mut Relation<'_>) -> Result<Node> {
        match (&relation.scan, relation.node.take()) {
            (Some((scan, context)), _) => {
                let path = self.cheapest_path(scan, &relation.conditions, context);
                self.build_scan(scan, &relation.conditions, &path, context)
            }
            (None, Some(node)) => self.filter_node(node, &relation.conditions),
            (None, None) => Err(common::Error::internal("a relation that is joined twice")),
        }
    }

    fn build_outer(&mut self, join: &Join) -> Result<Node> {
        let conditions: Vec<Expr> = join
            .condition
            .clone()
            .conjuncts()
            .into_iter()
            .filter(|c| {
                !matches!(
                    c,
                    Expr::Const {
                        value: types::Datum::Bool(true),
                        ..
                    }
                )
            })
            .collect();
        let left = self.build(&join.left)?;
        let mut relation = self.relation(&join.right)?;
        let left_columns: BTreeSet<ColumnId> = left.columns.iter().copied().collect();
        let outer = outer_columns(&join.right);
        let right_columns = relation.columns.clone();
        let right_has = |id: ColumnId| right_columns.contains(&id);
        let rows = join_rows(
            join.kind,
            left.estimate.rows,
            relation.rows,
            &self.facts,
            &conditions,
            &right_has,
        );
        let hashable = conditions
            .iter()
            .any(|c| hash_sides(c, &|id| left_columns.contains(&id), &right_has).is_some());
        if join.lateral || !outer.is_disjoint(&left_columns) {
            let right = self.build_leaf(&mut relation)?;
            let binds = self.binds(&left, &outer);
            return self.nested_loop(join.kind, left, right, &conditions, binds, rows);
        }
        if join.kind != JoinKind::Full
            && let Some((scan, context)) = &relation.scan
        {
            let mut all = relation.conditions.clone();
            all.extend(conditions.iter().cloned());
            let path = self.cheapest_path(scan, &all, context);
            let uses_left = path.index.as_ref().is_some_and(|(_, matched)| {
                matched
                    .used
                    .iter()
                    .any(|at| *at >= relation.conditions.len())
            });
            let hash_cost = relation.cost + (relation.rows + left.estimate.rows) * CPU_ROW;
            let probe_cost = left.estimate.rows * path.estimate.total;
            if uses_left && (!hashable || probe_cost < hash_cost) {
                return self.index_join(join.kind, left, scan, context, &all, rows);
            }
        }
        let right = self.build_leaf(&mut relation)?;
        if hashable {
            return self.hash_join(join.kind, left, right, &conditions, rows);
        }
        if join.kind == JoinKind::Full {
            return if conditions.is_empty() {
                self.hash_join(join.kind, left, right, &conditions, rows)
            } else {
                Err(common::Error::new(
                    common::sqlstate::FEATURE_NOT_SUPPORTED,
                    "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions",
                ))
            };
        }
        self.nested_loop(join.kind, left, right, &conditions, Vec::new(), rows)
    }

    /// Slots for those of `wanted` that the left side gives.
    fn binds(&mut self, left: &Node, wanted: &BTreeSet<ColumnId>) -> Vec<(usize, usize)> {
        let mut binds = Vec::new();
        for (position, id) in left.columns.iter().enumerate() {
            if wanted.contains(id) && !binds.iter().any(|(slot, _)| self.slots[*slot] == *id) {
                binds.push((self.slot(*id), position));
            }
        }
        binds
    }

    fn index_join(
        &mut self,
        kind: JoinKind,
        left: Node,
        scan: &crate::ir::Scan,
        context: &ScanContext,
        conditions: &[Expr],
        rows: f64,
    ) -> Result<Node> {
        let path = self.cheapest_path(scan, conditions, context);
        let mut right = self.build_scan(scan, conditions, &path, context)?;
        if matches!(kind, JoinKind::Semi | JoinKind::Anti) && self.marks.is_empty() {
            only_count(&mut right);
        }
        let wanted = conditions.iter().flat_map(columns_of).collect();
        let binds = self.binds(&left, &wanted);
        self.nested_loop(kind, left, right, &[], binds, rows)
    }

    fn nested_loop(
        &mut self,
        kind: JoinKind,
        left: Node,
        right: Node,
        conditions: &[Expr],
        binds: Vec<(usize, usize)>,
        rows: f64,
    ) -> Result<Node> {
        let layout = Layout::joined(&left.columns, &right.columns);
        let condition = self.compile_condition(conditions, &layout)?;
        let (l, r) = (left.estimate, right.estimate);
        let again = if binds.is_empty() {
            r.rows * CPU_OPERATOR
        } else {
            r.total
        };
        let estimate = Estimate {
            startup: l.startup + r.startup,
            total: l.total + r.total + (l.rows - 1.0).max(0.0) * again + rows * CPU_ROW,
            rows,
            width: l.width + r.width,
        };
        let columns = joined_columns(kind, &left, &right);
        let kind = NodeKind::NestedLoop(Arc::new(NestedLoopNode {
            kind,
            left,
            right,
            condition,
            binds,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    fn hash_join(
        &mut self,
        kind: JoinKind,
        left: Node,
        right: Node,
        conditions: &[Expr],
        rows: f64,
    ) -> Result<Node> {
        // Hash the smaller side of an outer join too: a left join turned round is a right join.
        let swap = kind == JoinKind::Left && right.estimate.rows > 2.0 * left.estimate.rows;
        let existence = matches!(kind, JoinKind::Semi | JoinKind::Anti);
        let flipped = existence && right.estimate.rows > left.estimate.rows;
        let (kind, left, right) = if swap {
            (JoinKind::Right, right, left)
        } else if flipped {
            (kind, right, left)
        } else {
            (kind, left, right)
        };
        let (on_left, on_right) = (Layout::new(&left.columns), Layout::new(&right.columns));
        let (mut left_keys, mut right_keys, mut types, mut collations, mut rest) =
            (vec![], vec![], vec![], vec![], vec![]);
        for condition in conditions {
            let has_left = |id| on_left.position(id).is_some();
            let has_right = |id| on_right.position(id).is_some();
            match hash_sides(condition, &has_left, &has_right) {
                Some((l, r, collation)) => {
                    left_keys.push(self.compile(l, &on_left)?);
                    right_keys.push(self.compile(r, &on_right)?);
                    types.push(l.ty());
                    collations.push(collation);
                }
                None => rest.push(condition.clone()),
            }
        }
        let layout = Layout::joined(&left.columns, &right.columns);
        let condition = self.compile_condition(&rest, &layout)?;
        let (l, r) = (left.estimate, right.estimate);
        let startup = l.startup + r.total + r.rows * (CPU_ROW + CPU_OPERATOR);
        let estimate = Estimate {
            startup,
            total: startup + (l.total - l.startup) + l.rows * CPU_OPERATOR * 2.0 + rows * CPU_ROW,
            rows,
            width: l.width + r.width,
        };
        let columns = match flipped {
            true => right.columns.clone(),
            false => joined_columns(kind, &left, &right),
        };
        let kind = NodeKind::HashJoin(Arc::new(HashJoinNode {
            kind,
            flipped,
            left,
            right,
            left_keys,
            right_keys,
            key_types: types,
            collations,
            condition,
        }));
        Ok(self.node(kind, columns, estimate))
    }
}

fn pop(stack: &mut Vec<Node>) -> Result<Node> {
    stack
        .pop()
        .ok_or_else(|| common::Error::internal("a join step without its inputs"))
}

/// Of the rows of an index scan that nothing else judges only their number counts: then the index can
/// answer alone. Not where rows may be judged anew: that reads their columns.
fn only_count(node: &mut Node) {
    if let NodeKind::IndexScan(scan) = &mut node.kind
        && let Some(scan) = Arc::get_mut(scan)
    {
        scan.is_counted = scan.filter.is_none() && scan.system.is_empty();
    }
}

fn joined_columns(kind: JoinKind, left: &Node, right: &Node) -> Vec<ColumnId> {
    let mut columns = left.columns.clone();
    if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
        columns.extend(&right.columns);
    }
    columns
}
