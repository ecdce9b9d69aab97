//! Checks that wait for the end of the transaction.

use std::sync::Arc;

use catalog::{Catalog, ConstraintKind};
use common::rt::Mutex;
use common::{ObjectId, Result, bail, sqlstate};
use hashbrown::HashMap;
use sql::access::DeferredCheck;

/// The most checks that one transaction may leave for later; the next is 53400.
const CHECKS_MAX: usize = 10_000_000;

#[derive(Default)]
struct State {
    checks: Vec<DeferredCheck>,
    /// SET CONSTRAINTS ALL.
    all: Option<bool>,
    /// SET CONSTRAINTS name.
    named: HashMap<ObjectId, bool>,
}

/// Shared by a session and its statements.
#[derive(Default)]
pub struct DeferredChecks(Mutex<State>);

impl DeferredChecks {
    pub fn is_deferred(&self, catalog: &Catalog, constraint: ObjectId) -> bool {
        let Some(info) = catalog.constraint(constraint) else {
            return false;
        };
        if !info.deferrable || info.kind == ConstraintKind::Check {
            return false;
        }
        let state = self.0.lock();
        let set = state.named.get(&constraint).copied().or(state.all);
        set.unwrap_or(info.initially_deferred)
    }

    pub fn push(&self, check: DeferredCheck) -> Result<()> {
        let mut state = self.0.lock();
        if state.checks.len() >= CHECKS_MAX {
            bail!(
                sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                "too many deferred constraint checks in one transaction"
            );
        }
        state.checks.push(check);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().checks.is_empty()
    }

    pub fn take(&self) -> Vec<DeferredCheck> {
        std::mem::take(&mut self.0.lock().checks)
    }

    /// SET CONSTRAINTS; no names for ALL.
    pub fn set(&self, constraints: Option<Vec<ObjectId>>, deferred: bool) {
        let mut state = self.0.lock();
        match constraints {
            Some(list) => state
                .named
                .extend(list.into_iter().map(|oid| (oid, deferred))),
            None => {
                state.all = Some(deferred);
                state.named.clear();
            }
        }
    }

    /// The transaction has ended.
    pub fn clear(&self) {
        *self.0.lock() = State::default();
    }
}

/// As sessions and stores hold it.
pub type SharedDeferred = Arc<DeferredChecks>;
