//! From the bound plan to the physical one.
//!
//! Passes, in order: CTEs read once are inlined; constants folded; subqueries turned into joins;
//! conditions pushed down; unread columns dropped; then the tree is built bottom-up, with access
//! paths chosen by cost and inner joins ordered by dynamic programming. Parameters have no values
//! here: a plan serves all of them.

mod access_path;
mod build;
mod build_aggregate;
mod build_join;
mod build_order;
mod build_write;
mod compile;
pub mod direct;
mod equivalence;
mod estimate;
mod index_match;
mod join_estimate;
mod join_order;
mod join_recipe;
mod known_column;
mod min_max;
pub mod physical;
pub mod properties;
mod rewrite;
mod same;
mod unique;

use std::sync::Arc;

use common::Result;
use hashbrown::HashMap;
use physical::{CteNode, Estimate, Node, NodeId, NodeKind, PhysicalPlan, ScanId, SubplanDef};

use crate::access::PlanContext;
use crate::ir::{ColumnId, ColumnTable, CteId, Query, Subquery, outer_columns};

pub use compile::Layout;
pub use rewrite::fold;

/// Plans a bound query. The plan holds as long as the catalog version it was bound under.
pub fn plan(mut query: Query, context: &dyn PlanContext) -> Result<Arc<PhysicalPlan>> {
    rewrite::inline_ctes(&mut query);
    rewrite::fold_plan(&mut query.root);
    rewrite::decorrelate(&mut query.root, &mut query.columns, context);
    query.root = rewrite::push_down(query.root);
    min_max::rewrite(&mut query.root, &mut query.columns, context);
    let mut planner = Planner::new(query.columns.clone(), context);
    if properties::writes(&query.root) || properties::locks(&query.root) {
        build_write::check_locks(&query.root)?;
        planner.add_marks(&mut query.root);
    }
    query.columns = planner.columns.clone();
    rewrite::prune(&mut query, planner.marked());
    planner.facts = planner.all_facts(&query.root);
    let root = planner.build(&query.root)?;
    planner.finish(root, query)
}

/// The state of planning one query.
pub struct Planner<'a> {
    context: &'a dyn PlanContext,
    columns: ColumnTable,
    facts: estimate::Facts,
    slots: Vec<ColumnId>,
    subplans: Vec<Option<SubplanDef>>,
    ctes: Vec<Option<CteNode>>,
    cte_of: HashMap<CteId, CteState>,
    /// Row ids added to base scans, so that a re-evaluation can use the same rows.
    marks: HashMap<ColumnId, (ScanId, common::ObjectId)>,
    next_node: u32,
    next_scan: u32,
}

/// What a reference to a CTE finds.
#[derive(Clone, Copy)]
struct CteState {
    index: usize,
    /// Inside the step of its own recursion.
    working: bool,
    rows: f64,
}

impl<'a> Planner<'a> {
    fn new(columns: ColumnTable, context: &'a dyn PlanContext) -> Self {
        Self {
            context,
            columns,
            facts: estimate::Facts::default(),
            slots: Vec::new(),
            subplans: Vec::new(),
            ctes: Vec::new(),
            cte_of: HashMap::new(),
            marks: HashMap::new(),
            next_node: 0,
            next_scan: 0,
        }
    }

    /// The slot that stands for a column of an enclosing query.
    fn slot(&mut self, id: ColumnId) -> usize {
        match self.slots.iter().position(|slot| *slot == id) {
            Some(slot) => slot,
            None => {
                self.slots.push(id);
                self.slots.len() - 1
            }
        }
    }

    fn node(&mut self, kind: NodeKind, columns: Vec<ColumnId>, estimate: Estimate) -> Node {
        let id = NodeId(self.next_node);
        self.next_node += 1;
        let types = columns.iter().map(|id| self.columns.get(*id).ty).collect();
        Node {
            id,
            kind,
            columns,
            types,
            estimate,
        }
    }

    fn scan_id(&mut self) -> ScanId {
        self.next_scan += 1;
        ScanId(self.next_scan - 1)
    }

    fn add_subplan(&mut self, subquery: &Subquery) -> Result<usize> {
        let index = self.subplans.len();
        self.subplans.push(None);
        let root = self.build(&subquery.plan)?;
        let layout = Layout::new(&root.columns);
        let positions = positions_of(&subquery.columns, &layout)?;
        let types = subquery
            .columns
            .iter()
            .map(|id| self.columns.get(*id).ty)
            .collect();
        let outer = outer_columns(&subquery.plan);
        let slots = outer.into_iter().map(|id| self.slot(id)).collect();
        self.subplans[index] = Some(SubplanDef {
            root,
            positions,
            types,
            slots,
            cacheable: properties::is_pure(&subquery.plan),
        });
        Ok(index)
    }

    fn finish(self, root: Node, query: Query) -> Result<Arc<PhysicalPlan>> {
        let layout = Layout::new(&root.columns);
        let mut output = Vec::with_capacity(query.output.len());
        for column in query.output {
            let position = positions_of(&[column.id], &layout)?[0];
            output.push((column, position));
        }
        let direct = direct::recognise(&root, &output, &self.subplans, &self.ctes);
        Ok(Arc::new(PhysicalPlan {
            writes: properties::writes(&query.root),
            root,
            columns: self.columns,
            output,
            params: query.params,
            slots: self.slots,
            subplans: self.subplans.into_iter().flatten().collect(),
            ctes: self.ctes.into_iter().flatten().collect(),
            node_count: self.next_node as usize,
            scan_count: self.next_scan as usize,
            direct,
        }))
    }
}

/// Where each column is; an error if one is missing, a broken plan.
fn positions_of(columns: &[ColumnId], layout: &Layout) -> Result<Vec<usize>> {
    let find = |id: &ColumnId| {
        layout.position(*id).ok_or_else(|| {
            common::Error::internal(format!("column {} is not produced by its input", id.0))
        })
    };
    columns.iter().map(find).collect()
}

/// Compiles an expression over rows of these columns, without a plan around it.
pub fn compile_alone(expr: &crate::ir::Expr, columns: &[ColumnId]) -> Result<physical::Scalar> {
    let mut planner = Planner::new(ColumnTable::new(), &NoTables);
    let scalar = planner.compile(expr, &Layout::new(columns))?;
    if !planner.subplans.is_empty() || !planner.slots.is_empty() {
        return Err(common::Error::internal(
            "an expression alone that reads something outside",
        ));
    }
    Ok(scalar)
}

/// A catalog without tables, for expressions that may not have subqueries.
struct NoTables;

impl PlanContext for NoTables {
    fn rules(&self, _: common::ObjectId) -> Result<Arc<crate::ir::TableRules>> {
        Err(common::Error::internal(
            "an expression of a table mentions another table",
        ))
    }

    fn estimate(&self, _: common::ObjectId) -> crate::access::TableEstimate {
        crate::access::TableEstimate::default()
    }
}
