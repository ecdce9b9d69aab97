//! One run of a plan.

use std::sync::Arc;

use common::{Error, Result};
use types::{Batch, Datum, Vector};

use super::context::{Context, Environment, RowStream, State};
use super::instrument::NodeCounters;
use super::operator::{Operator, drain, open};
use crate::ir::ExternalId;
use crate::planner::physical::{NodeKind, PhysicalPlan};

/// A plan that runs: a portal. Between calls it holds no borrow of the store.
pub struct Execution {
    plan: Arc<PhysicalPlan>,
    params: Vec<Datum>,
    root: Box<dyn Operator>,
    state: State,
    phase: Phase,
    /// Output columns are the root's, in its order.
    identity: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// All rows given; CTEs that write and foreign keys still to do.
    Drained,
    Finished,
}

impl Execution {
    /// `params` have the types of the plan's parameters.
    pub fn start(plan: Arc<PhysicalPlan>, params: Vec<Datum>) -> Result<Self> {
        if params.len() < plan.params.len() {
            return Err(Error::internal("fewer parameter values than parameters"));
        }
        let root = open(&plan.root);
        let state = State::new(&plan);
        let identity = plan.output.len() == plan.root.columns.len()
            && plan
                .output
                .iter()
                .enumerate()
                .all(|(at, (_, position))| at == *position);
        Ok(Self {
            plan,
            params,
            root,
            state,
            phase: Phase::Running,
            identity,
        })
    }

    /// Counts rows and time a node, for EXPLAIN ANALYZE.
    pub fn with_counters(mut self) -> Self {
        self.state.counters = Some(vec![NodeCounters::default(); self.plan.node_count]);
        self
    }

    /// Gives a [`crate::ir::Plan::External`] its rows.
    pub fn set_rows(&mut self, id: ExternalId, rows: Box<dyn RowStream>) {
        let at = id.0 as usize;
        if self.state.external.len() <= at {
            self.state.external.resize_with(at + 1, || None);
        }
        self.state.external[at] = Some(rows);
    }

    pub fn plan(&self) -> &Arc<PhysicalPlan> {
        &self.plan
    }

    pub fn counters(&self) -> Option<&[NodeCounters]> {
        self.state.counters.as_deref()
    }

    /// Rows inserted, updated or deleted; of a query, rows given so far.
    pub fn affected(&self) -> u64 {
        self.state.affected
    }

    /// Replaces `out` by the next rows for the client; false at the end, when everything the
    /// statement does is done, its checks too. After an error the statement must be rolled back.
    pub fn next(&mut self, environment: &Environment<'_>, out: &mut Batch) -> Result<bool> {
        if self.phase == Phase::Running {
            let returned = self.next_of_root(environment, out)?;
            if returned {
                return Ok(true);
            }
            self.phase = Phase::Drained;
        }
        out.clear();
        if self.phase == Phase::Drained {
            self.finish(environment)?;
            self.phase = Phase::Finished;
        }
        Ok(false)
    }

    fn next_of_root(&mut self, environment: &Environment<'_>, out: &mut Batch) -> Result<bool> {
        let silent = self.plan.output.is_empty() && is_write(&self.plan.root.kind);
        let counts = !is_write(&self.plan.root.kind);
        let mut cx = context(&self.plan, &self.params, &mut self.state, environment);
        cx.poll()?;
        while self.root.next(&mut cx, out)? {
            if silent {
                continue;
            }
            if counts {
                cx.state.affected += out.len as u64;
            }
            if !self.identity {
                project(&self.plan, out);
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Runs what has to run even if nobody reads it.
    fn finish(&mut self, environment: &Environment<'_>) -> Result<()> {
        let mut cx = context(&self.plan, &self.params, &mut self.state, environment);
        super::cte::finish_writers(&mut cx)?;
        super::dml::run_pending(&mut cx)?;
        let bytes = cx.state.charged_bytes + cx.state.loose_bytes;
        cx.release(bytes);
        Ok(())
    }

    /// Runs to the end without giving rows to anyone.
    pub fn run(&mut self, environment: &Environment<'_>) -> Result<u64> {
        let mut cx = context(&self.plan, &self.params, &mut self.state, environment);
        drain(self.root.as_mut(), &mut cx)?;
        self.phase = Phase::Drained;
        let mut none = Batch::default();
        self.next(environment, &mut none)?;
        Ok(self.affected())
    }
}

fn context<'a>(
    plan: &'a Arc<PhysicalPlan>,
    params: &'a [Datum],
    state: &'a mut State,
    environment: &Environment<'a>,
) -> Context<'a> {
    Context {
        store: environment.store,
        session: environment.session,
        text: environment.text,
        plan,
        params,
        state,
    }
}

fn is_write(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Insert(_) | NodeKind::Update(_) | NodeKind::Delete(_) => true,
        NodeKind::With(with) => is_write(&with.body.kind),
        _ => false,
    }
}

/// Puts the columns in the client's order; one that is asked for twice is copied.
fn project(plan: &PhysicalPlan, out: &mut Batch) {
    let mut taken: Vec<Option<Vector>> = std::mem::take(&mut out.columns)
        .into_iter()
        .map(Some)
        .collect();
    let positions: Vec<usize> = plan.output.iter().map(|(_, position)| *position).collect();
    for (at, position) in positions.iter().enumerate() {
        let again = positions[at + 1..].contains(position);
        let column = match again {
            true => taken[*position].clone(),
            false => taken[*position].take(),
        };
        out.columns.extend(column);
    }
}
