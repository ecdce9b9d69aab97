//! The order of inner joins: dynamic programming over sets up to [`DP_RELATIONS`] relations
//! (Selinger), beyond that the cheapest pair first (greedy operator ordering).

use std::cell::RefCell;
use std::collections::BTreeSet;

use common::Result;
use hashbrown::HashMap;

use super::Planner;
use super::access_path::{ScanContext, ScanPath};
use super::estimate::{CPU_INDEX_ROW, CPU_OPERATOR, CPU_ROW, RANDOM_PAGE};
use super::physical::Node;
use crate::ir::{ColumnId, Expr, Plan, Scan};

/// The most relations for the exhaustive search: 3^n pairs of sets.
pub const DP_RELATIONS: usize = 10;
/// The most relations of one join tree: a set of them is a word.
pub const MAX_RELATIONS: usize = 64;

/// Set of relations.
pub type Mask = u64;

/// A leaf of the join tree.
pub struct Relation<'p> {
    pub plan: &'p Plan,
    /// If the leaf is a table, perhaps under a filter.
    pub scan: Option<(&'p Scan, ScanContext)>,
    /// Built ahead, if it is anything else.
    pub node: Option<Node>,
    /// Conditions of its own.
    pub conditions: Vec<Expr>,
    pub columns: BTreeSet<ColumnId>,
    /// Lateral: other relations whose columns it reads.
    pub requires: Mask,
    pub rows: f64,
    pub cost: f64,
}

/// A condition over several relations.
pub struct JoinCondition {
    pub expr: Expr,
    pub mask: Mask,
    pub selectivity: f64,
    /// The class of equal columns that it is of; see `equivalence`.
    pub class: Option<usize>,
}

/// How two sets are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Hash the right side.
    Hash,
    /// The right side is one table, read by an index for each left row.
    Index,
    /// The right side is kept in memory, or run anew for each left row if lateral.
    Loop,
}

/// The best way to a set.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub cost: f64,
    pub rows: f64,
    /// The two sides and the method; a single relation has none.
    pub split: Option<(Mask, Mask, Method)>,
}

/// Cost and rows of one read by an index.
type Probe = (f64, f64);

/// The search over one tree of inner joins.
pub struct JoinSearch<'s, 'p> {
    pub planner: &'s Planner<'s>,
    pub relations: Vec<Relation<'p>>,
    pub conditions: Vec<JoinCondition>,
    pub best: HashMap<Mask, Entry>,
    paths: RefCell<HashMap<(usize, Mask), Option<Probe>>>,
}

impl<'s, 'p> JoinSearch<'s, 'p> {
    pub fn new(
        planner: &'s Planner<'s>,
        relations: Vec<Relation<'p>>,
        conditions: Vec<JoinCondition>,
    ) -> Self {
        Self {
            planner,
            relations,
            conditions,
            best: HashMap::new(),
            paths: RefCell::default(),
        }
    }

    /// Fills `best` with a way to the set of all relations.
    pub fn run(&mut self) -> Result<()> {
        for (at, relation) in self.relations.iter().enumerate() {
            let entry = Entry {
                cost: relation.cost,
                rows: relation.rows,
                split: None,
            };
            self.best.insert(1 << at, entry);
        }
        let count = self.relations.len();
        if count > MAX_RELATIONS {
            return Err(common::Error::not_implemented(
                "a join of more than 64 relations",
            ));
        }
        if count <= DP_RELATIONS {
            self.dynamic(count)
        } else {
            self.greedy(count)
        }
        let all = if count == 64 {
            Mask::MAX
        } else {
            (1 << count) - 1
        };
        if !self.best.contains_key(&all) {
            return Err(common::Error::internal(
                "no order satisfies the lateral references",
            ));
        }
        Ok(())
    }

    fn dynamic(&mut self, count: usize) {
        // Ascending masks: every subset comes before its supersets.
        for mask in 1..(1 as Mask) << count {
            if mask.count_ones() < 2 {
                continue;
            }
            // Products of unconnected sets only if nothing else reaches the set.
            for connected_only in [true, false] {
                let mut best = self.best.get(&mask).copied();
                let mut left = (mask - 1) & mask;
                while left != 0 {
                    self.try_pair(left, mask ^ left, connected_only, &mut best);
                    left = (left - 1) & mask;
                }
                if let Some(entry) = best {
                    self.best.insert(mask, entry);
                    break;
                }
            }
        }
    }

    fn greedy(&mut self, count: usize) {
        let mut sets: Vec<Mask> = (0..count).map(|at| 1 << at).collect();
        while sets.len() > 1 {
            let mut found: Option<(Entry, Mask, Mask)> = None;
            for connected_only in [true, false] {
                for left in &sets {
                    for right in sets.iter().filter(|right| *right != left) {
                        let mut entry = None;
                        self.try_pair(*left, *right, connected_only, &mut entry);
                        let Some(entry) = entry else { continue };
                        if found
                            .as_ref()
                            .is_none_or(|(best, ..)| entry.cost < best.cost)
                        {
                            found = Some((entry, *left, *right));
                        }
                    }
                }
                if found.is_some() {
                    break;
                }
            }
            let Some((entry, left, right)) = found else {
                return;
            };
            sets.retain(|set| *set != left && *set != right);
            sets.push(left | right);
            self.best.insert(left | right, entry);
        }
    }

    /// The conditions that become checkable when the sides meet, one of each class: within a side
    /// all columns of a class are equal already.
    pub fn between(&self, left: Mask, right: Mask) -> impl Iterator<Item = &JoinCondition> {
        let whole = left | right;
        let mut classes: Mask = 0;
        self.conditions
            .iter()
            .filter(move |c| c.mask & !whole == 0 && c.mask & left != 0 && c.mask & right != 0)
            .filter(move |c| {
                let Some(bit) = c.class.filter(|class| *class < 64).map(|class| 1 << class) else {
                    return true;
                };
                let is_first = classes & bit == 0;
                classes |= bit;
                is_first
            })
    }

    fn try_pair(&self, left: Mask, right: Mask, connected_only: bool, best: &mut Option<Entry>) {
        let (Some(l), Some(r)) = (self.best.get(&left), self.best.get(&right)) else {
            return;
        };
        let single = (right.count_ones() == 1).then(|| right.trailing_zeros() as usize);
        let requires = single.map_or(0, |at| self.relations[at].requires);
        // A set that needs something outside was never entered, except single relations.
        let left_single = (left.count_ones() == 1).then(|| left.trailing_zeros() as usize);
        let left_requires = left_single.map_or(0, |at| self.relations[at].requires);
        if left_requires != 0 || requires & !left != 0 {
            return;
        }
        let mut connected = requires != 0;
        let mut selectivity = 1.0;
        let mut hashable = false;
        for condition in self.between(left, right) {
            connected = true;
            selectivity *= condition.selectivity;
            hashable |= self.is_hashable(&condition.expr, left, right);
        }
        if connected_only && !connected {
            return;
        }
        let rows = (l.rows * r.rows * selectivity).max(1.0);
        let mut offer = |cost: f64, method: Method| {
            if best.is_none_or(|known| cost < known.cost) {
                *best = Some(Entry {
                    cost,
                    rows,
                    split: Some((left, right, method)),
                });
            }
        };
        if requires != 0 {
            offer(l.cost + l.rows * r.cost + rows * CPU_ROW, Method::Loop);
            return;
        }
        offer(
            l.cost + r.cost + l.rows * r.rows * CPU_OPERATOR + rows * CPU_ROW,
            Method::Loop,
        );
        if hashable {
            let build = r.rows * (CPU_ROW + CPU_OPERATOR * 2.0);
            offer(
                l.cost + r.cost + build + l.rows * CPU_OPERATOR * 2.0 + rows * CPU_ROW,
                Method::Hash,
            );
        }
        if let Some(at) = single
            && let Some((probe, found)) = self.probe_cost(at, left)
        {
            // A probe takes its conditions for independent, the join knows keys of several columns.
            let more = (rows - l.rows * found).max(0.0) * (RANDOM_PAGE + CPU_INDEX_ROW + CPU_ROW);
            let cost = l.cost + l.rows * probe + more + rows * CPU_ROW;
            offer(cost, Method::Index);
        }
    }

    fn is_hashable(&self, expr: &Expr, left: Mask, right: Mask) -> bool {
        super::build_join::hash_sides(expr, &|id| self.side_has(left, id), &|id| {
            self.side_has(right, id)
        })
        .is_some()
    }

    pub fn side_has(&self, side: Mask, id: ColumnId) -> bool {
        let mut rest = side;
        while rest != 0 {
            let at = rest.trailing_zeros() as usize;
            if self.relations[at].columns.contains(&id) {
                return true;
            }
            rest &= rest - 1;
        }
        false
    }

    /// All conditions that a read of relation `at` may use when `left` is bound.
    pub fn probe_conditions(&self, at: usize, left: Mask) -> Vec<Expr> {
        let own = self.relations[at].conditions.iter().cloned();
        own.chain(self.between(left, 1 << at).map(|c| c.expr.clone()))
            .collect()
    }

    /// The path of an index read of relation `at` with the columns of `left` bound, if one uses
    /// them.
    pub fn probe_path(&self, at: usize, left: Mask) -> Option<ScanPath> {
        let (scan, context) = self.relations[at].scan.as_ref()?;
        let own = self.relations[at].conditions.len();
        let conditions = self.probe_conditions(at, left);
        let path = self.planner.cheapest_path(scan, &conditions, context);
        let (_, matched) = path.index.as_ref()?;
        matched.used.iter().any(|used| *used >= own).then_some(path)
    }

    /// The cost of one read of relation `at` by an index, and its rows.
    fn probe_cost(&self, at: usize, left: Mask) -> Option<Probe> {
        let mut bits = 0;
        for (number, condition) in self.conditions.iter().enumerate().take(64) {
            if condition.mask & (1 << at) != 0 && condition.mask & !(left | 1 << at) == 0 {
                bits |= 1 << number;
            }
        }
        if bits == 0 {
            return None;
        }
        let known = self.paths.borrow().get(&(at, bits)).copied();
        known.unwrap_or_else(|| {
            let path = self.probe_path(at, left);
            let cost = path.map(|path| (path.estimate.total, path.estimate.rows));
            self.paths.borrow_mut().insert((at, bits), cost);
            cost
        })
    }
}
