//! What operators share while a plan runs.

use std::sync::Arc;

use common::{Result, RowId};
use hashbrown::HashMap;
use types::{Batch, Datum, TextContext};

use super::cte::CteState;
use super::dml::PendingChecks;
use super::instrument::NodeCounters;
use super::subplan::SubplanState;
use crate::access::{Session, Store};
use crate::planner::physical::{PhysicalPlan, ScanId};

/// The outside of one call: given anew at each, since snapshots and sessions outlive no call.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    pub store: &'a dyn Store,
    pub session: &'a dyn Session,
    /// Settings that functions and casts read.
    pub text: &'a TextContext,
}

/// Rows that come from the outside: COPY FROM, bulk inserts.
pub trait RowStream: Send {
    /// Replaces `out` by the next rows; false at the end.
    fn next_rows(&mut self, out: &mut Batch) -> Result<bool>;
}

/// What stays between calls.
pub struct State {
    pub slots: Vec<Datum>,
    pub subplans: Vec<SubplanState>,
    pub ctes: Vec<CteState>,
    pub external: Vec<Option<Box<dyn RowStream>>>,
    /// While a row is judged anew: what each base scan gives instead of its table.
    pub overrides: Option<HashMap<ScanId, Override>>,
    /// Foreign key checks of this statement, made at its end.
    pub pending: PendingChecks,
    /// Per node; only under EXPLAIN ANALYZE.
    pub counters: Option<Vec<NodeCounters>>,
    /// Rows inserted, updated, deleted by the plan's root, or returned.
    pub affected: u64,
    /// Bytes charged and not yet released.
    pub charged_bytes: usize,
    /// Charged by operators, not yet passed on: less than [`CHARGE_CHUNK`].
    pub loose_bytes: usize,
}

/// One row in place of a table.
#[derive(Clone)]
pub enum Override {
    /// Nothing: an outer join had no row here.
    None,
    /// This row: the newest version, if it is the target's; else as the snapshot sees it.
    Row { row: RowId, newest: bool },
}

/// Memory is charged to the store in such pieces.
pub const CHARGE_CHUNK: usize = 64 * 1024;

/// One call into a running plan.
pub struct Context<'a> {
    pub store: &'a dyn Store,
    pub session: &'a dyn Session,
    pub text: &'a TextContext,
    pub plan: &'a Arc<PhysicalPlan>,
    pub params: &'a [Datum],
    pub state: &'a mut State,
}

impl State {
    pub fn new(plan: &PhysicalPlan) -> Self {
        let external = || None;
        let mut streams = Vec::new();
        streams.resize_with(1, external);
        Self {
            slots: vec![Datum::Null; plan.slots.len()],
            subplans: plan
                .subplans
                .iter()
                .map(|_| SubplanState::default())
                .collect(),
            ctes: plan.ctes.iter().map(|_| CteState::default()).collect(),
            external: streams,
            overrides: None,
            pending: PendingChecks::default(),
            counters: None,
            affected: 0,
            charged_bytes: 0,
            loose_bytes: 0,
        }
    }
}

impl Context<'_> {
    /// The same call against another view of the database.
    pub fn with_store<'b>(&'b mut self, store: &'b dyn Store) -> Context<'b> {
        Context {
            store,
            session: self.session,
            text: self.text,
            plan: self.plan,
            params: self.params,
            state: self.state,
        }
    }

    /// Counts memory; 53200 if the statement may have no more. A plan that spills would do it here.
    pub fn charge(&mut self, bytes: usize) -> Result<()> {
        self.state.loose_bytes += bytes;
        if self.state.loose_bytes >= CHARGE_CHUNK {
            let whole = self.state.loose_bytes / CHARGE_CHUNK * CHARGE_CHUNK;
            self.store.charge(whole)?;
            self.state.charged_bytes += whole;
            self.state.loose_bytes -= whole;
        }
        Ok(())
    }

    pub fn release(&mut self, bytes: usize) {
        let loose = bytes.min(self.state.loose_bytes);
        self.state.loose_bytes -= loose;
        let whole = (bytes - loose).min(self.state.charged_bytes);
        self.state.charged_bytes -= whole;
        self.store.release(whole);
    }

    pub fn poll(&self) -> Result<()> {
        self.store.poll()
    }
}
