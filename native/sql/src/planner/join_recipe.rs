//! The leaves of a tree of inner joins, and the order in which they are joined.

use std::collections::BTreeSet;

use common::Result;

use super::join_order::{JoinCondition, JoinSearch, Mask, Method, Relation};
use super::{Planner, equivalence};
use crate::ir::{ColumnId, Expr, Join, JoinKind, Plan, columns_of, outer_columns};

impl Planner<'_> {
    /// A semi join whose left rows have at most one match is an inner one: it takes part in the
    /// search. Not where rows may be judged anew, which goes by the shape of the plan.
    pub(super) fn is_inner(&self, join: &Join) -> bool {
        join.kind == JoinKind::Inner
            || (join.kind == JoinKind::Semi && self.marks.is_empty() && self.has_one_match(join))
    }

    /// Leaves of a tree of inner joins, and their conditions.
    pub(super) fn flatten<'p>(
        &self,
        plan: &'p Plan,
        leaves: &mut Vec<&'p Plan>,
        conditions: &mut Vec<Expr>,
    ) {
        let below = match plan {
            Plan::Filter(filter) => &filter.input,
            other => other,
        };
        let Plan::Join(join) = below else {
            return leaves.push(plan);
        };
        if !self.is_inner(join) {
            return leaves.push(plan);
        }
        if let Plan::Filter(filter) = plan {
            conditions.extend(filter.condition.clone().conjuncts());
        }
        conditions.extend(join.condition.clone().conjuncts());
        self.flatten(&join.left, leaves, conditions);
        self.flatten(&join.right, leaves, conditions);
    }

    /// Decides the order; what remains is a recipe without borrows of the planner.
    pub(super) fn search<'p>(
        &mut self,
        leaves: &[&'p Plan],
        conditions: Vec<Expr>,
    ) -> Result<Recipe<'p>> {
        let mut relations = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            relations.push(self.relation(leaf)?);
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
                relation.rows = (relation.rows * self.facts.selectivity(&expr)).max(1.0);
                relation.conditions.push(expr);
            } else {
                let selectivity = self.facts.selectivity(&expr);
                joining.push(JoinCondition {
                    selectivity: selectivity / self.implied_selectivity(&expr, mask, &relations),
                    expr,
                    mask,
                    class: None,
                });
            }
        }
        equivalence::complete(&mut relations, &mut joining, &self.facts);
        equivalence::limit_by_keys(&relations, &mut joining);
        once.retain(|c| !is_true(c));
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

    /// What the relations of an OR already take into account of it: the parts that were pushed down.
    fn implied_selectivity(&self, expr: &Expr, mask: Mask, relations: &[Relation<'_>]) -> f64 {
        let mut product = 1.0;
        for (at, relation) in relations.iter().enumerate() {
            if mask & (1 << at) == 0 {
                continue;
            }
            let own = |c: &Expr| columns_of(c).is_subset(&relation.columns);
            if let Some(part) = super::rewrite::implied(expr, &own) {
                product *= self.facts.selectivity(&part);
            }
        }
        if product > 0.0 { product } else { 1.0 }
    }
}

/// The order found, in postfix: what a stack machine builds.
pub struct Recipe<'p> {
    pub relations: Vec<Relation<'p>>,
    pub steps: Vec<Step>,
    /// Conditions over the whole: volatile ones, and those without columns.
    pub above: Vec<Expr>,
}

/// One step of a stack machine.
pub enum Step {
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

fn is_true(expr: &Expr) -> bool {
    let value = types::Datum::Bool(true);
    matches!(expr, Expr::Const { value: known, .. } if *known == value)
}
