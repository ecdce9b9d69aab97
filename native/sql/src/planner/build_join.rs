//! Joins: the tree of inner joins by search, the others where they stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ir::Collation;
use common::Result;

use super::access_path::ScanContext;
use super::estimate::{CPU_OPERATOR, CPU_ROW, Facts};
use super::join_order::{JoinCondition, JoinSearch, Mask, Method, Relation};
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
        if join.kind != JoinKind::Inner {
            let node = self.build_outer(join)?;
            return self.filter_node(node, above);
        }
        let mut leaves = Vec::new();
        let mut conditions = above.to_vec();
        flatten(plan, &mut leaves, &mut conditions);
        let order = self.search(&leaves, conditions)?;
        self.build_order(order)
    }

    /// Decides the order; what remains is a recipe without borrows of the planner.
    fn search<'p>(&mut self, leaves: &[&'p Plan], conditions: Vec<Expr>) -> Result<Recipe<'p>> {
        let mut facts = Facts::default();
        let mut relations = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            relations.push(self.relation(leaf, &mut facts)?);
        }
        let masks: Vec<BTreeSet<ColumnId>> = relations.iter().map(|r| r.columns.clone()).collect();
        let mask_of = |columns: &BTreeSet<ColumnId>| -> Mask {
            let reads = masks
                .iter()
                .enumerate()
                .filter(|(_, own)| !own.is_disjoint(columns));
            reads.map(|(at, _)| 1 << at).sum()
        };
        for relation in &mut relations {
            relation.requires = mask_of(&outer_columns(relation.plan));
        }
        let mut once = Vec::new();
        let mut late = Vec::new();
        let mut joining = Vec::new();
        for expr in conditions {
            let mask = mask_of(&columns_of(&expr));
            if super::properties::is_volatile(&expr) {
                late.push(expr);
            } else if mask == 0 {
                once.push(expr);
            } else if mask.count_ones() == 1 {
                let relation = &mut relations[mask.trailing_zeros() as usize];
                relation.rows = (relation.rows * facts.selectivity(&expr)).max(1.0);
                relation.conditions.push(expr);
            } else {
                let selectivity = facts.selectivity(&expr);
                joining.push(JoinCondition {
                    expr,
                    mask,
                    selectivity,
                });
            }
        }
        once.retain(|c| {
            !matches!(
                c,
                Expr::Const {
                    value: types::Datum::Bool(true),
                    ..
                }
            )
        });
        once.extend(late);
        let mut search = JoinSearch::new(self, relations, joining);
        search.run()?;
        let JoinSearch {
            relations, best, ..
        } = &search;
        let mut recipe = Recipe {
            relations: Vec::new(),
            steps: Vec::new(),
            above: once,
        };
        let all = relations
            .iter()
            .enumerate()
            .fold(0, |mask, (at, _)| mask | 1 << at);
        steps(&search, best, all, &mut recipe.steps);
        recipe.relations = search.relations;
        Ok(recipe)
    }

    fn relation<'p>(&mut self, plan: &'p Plan, facts: &mut Facts) -> Result<Relation<'p>> {
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
            facts.extend(&context.facts);
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
        let mut facts = Facts::default();
        let mut relation = self.relation(&join.right, &mut facts)?;
        let rows = outer_rows(
            join.kind,
            left.estimate.rows,
            relation.rows,
            &facts,
            &conditions,
        );
        let left_columns: BTreeSet<ColumnId> = left.columns.iter().copied().collect();
        let outer = outer_columns(&join.right);
        let right_columns = relation.columns.clone();
        let right_has = |id: ColumnId| right_columns.contains(&id);
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
        let right = self.build_scan(scan, conditions, &path, context)?;
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
        let (kind, left, right) = if swap {
            (JoinKind::Right, right, left)
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
        let columns = joined_columns(kind, &left, &right);
        let kind = NodeKind::HashJoin(Arc::new(HashJoinNode {
            kind,
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

/// The order found, in postfix: what a stack machine builds.
struct Recipe<'p> {
    relations: Vec<Relation<'p>>,
    steps: Vec<Step>,
    /// Conditions over the whole: volatile ones, and those without columns.
    above: Vec<Expr>,
}

enum Step {
    Leaf(usize),
    Hash(Vec<Expr>, f64),
    Loop(Vec<Expr>, f64),
    Lateral(usize, Vec<Expr>, f64),
    Index(usize, Vec<Expr>, f64),
}

fn steps(
    search: &JoinSearch<'_, '_>,
    best: &hashbrown::HashMap<Mask, super::join_order::Entry>,
    mask: Mask,
    out: &mut Vec<Step>,
) {
    let Some(entry) = best.get(&mask) else { return };
    let Some((left, right, method)) = entry.split else {
        out.push(Step::Leaf(mask.trailing_zeros() as usize));
        return;
    };
    steps(search, best, left, out);
    let at = right.trailing_zeros() as usize;
    let between = || {
        search
            .between(left, right)
            .map(|c| c.expr.clone())
            .collect::<Vec<_>>()
    };
    match method {
        Method::Index => {
            out.push(Step::Index(
                at,
                search.probe_conditions(at, left),
                entry.rows,
            ));
        }
        Method::Loop if right.count_ones() == 1 && search.relations[at].requires != 0 => {
            out.push(Step::Lateral(at, between(), entry.rows));
        }
        method => {
            steps(search, best, right, out);
            out.push(match method {
                Method::Hash => Step::Hash(between(), entry.rows),
                _ => Step::Loop(between(), entry.rows),
            });
        }
    }
}

fn pop(stack: &mut Vec<Node>) -> Result<Node> {
    stack
        .pop()
        .ok_or_else(|| common::Error::internal("a join step without its inputs"))
}

/// Leaves of a tree of inner joins, and their conditions.
fn flatten<'p>(plan: &'p Plan, leaves: &mut Vec<&'p Plan>, conditions: &mut Vec<Expr>) {
    match plan {
        Plan::Join(join) if join.kind == JoinKind::Inner => {
            conditions.extend(join.condition.clone().conjuncts());
            flatten(&join.left, leaves, conditions);
            flatten(&join.right, leaves, conditions);
        }
        Plan::Filter(filter) if matches!(filter.input, Plan::Join(ref j) if j.kind == JoinKind::Inner) =>
        {
            conditions.extend(filter.condition.clone().conjuncts());
            flatten(&filter.input, leaves, conditions);
        }
        leaf => leaves.push(leaf),
    }
}

fn joined_columns(kind: JoinKind, left: &Node, right: &Node) -> Vec<ColumnId> {
    let mut columns = left.columns.clone();
    if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
        columns.extend(&right.columns);
    }
    columns
}

fn outer_rows(kind: JoinKind, left: f64, right: f64, facts: &Facts, conditions: &[Expr]) -> f64 {
    let inner = (left * right * facts.selectivity_all(conditions)).max(1.0);
    match kind {
        JoinKind::Inner => inner,
        JoinKind::Left => inner.max(left),
        JoinKind::Right => inner.max(right),
        JoinKind::Full => inner.max(left).max(right),
        JoinKind::Semi | JoinKind::Anti => (left / 2.0).max(1.0),
    }
}
