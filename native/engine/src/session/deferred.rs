//! Checks that wait for the end of the transaction.

use std::sync::Arc;

use catalog::{Catalog, ConstraintKind};
use common::rt::Mutex;
use common::{ObjectId, Result, bail, sqlstate};
use hashbrown::HashMap;
use sql::access::DeferredCheck;

/// The most checks that one transaction may leave for later; the next is 53400.
const CHECKS_MAX: usize = 10_000_000;

/// What SET CONSTRAINTS said: goes with the transaction, and back to a savepoint.
#[derive(Clone, Debug, Default)]
pub struct ConstraintModes {
    /// SET CONSTRAINTS ALL.
    all: Option<bool>,
    /// SET CONSTRAINTS name.
    named: HashMap<ObjectId, bool>,
}

#[derive(Default)]
struct State {
    /// Unique checks for the end of the statement that runs. Those of a statement that failed may
    /// still be there: their rows are gone or have the keys of before.
    due: Vec<DeferredCheck>,
    checks: Vec<DeferredCheck>,
    modes: ConstraintModes,
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
        let modes = &self.0.lock().modes;
        let set = modes.named.get(&constraint).copied().or(modes.all);
        set.unwrap_or(info.initially_deferred)
    }

    pub fn push(&self, check: DeferredCheck) -> Result<()> {
        push_bounded(&mut self.0.lock().checks, check)
    }

    /// As [`DeferredChecks::push`], for the end of the statement.
    pub fn push_due(&self, check: DeferredCheck) -> Result<()> {
        push_bounded(&mut self.0.lock().due, check)
    }

    pub fn take_due(&self) -> Vec<DeferredCheck> {
        std::mem::take(&mut self.0.lock().due)
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().checks.is_empty()
    }

    pub fn take(&self) -> Vec<DeferredCheck> {
        std::mem::take(&mut self.0.lock().checks)
    }

    /// The checks of constraints that are not deferred any more.
    pub fn immediate(&self, catalog: &Catalog) -> Vec<DeferredCheck> {
        let mut checks = self.0.lock().checks.clone();
        checks.retain(|check| !self.is_deferred(catalog, check.constraint));
        checks
    }

    /// Those checks were made.
    pub fn forget_immediate(&self, catalog: &Catalog) {
        let mut checks = self.take();
        checks.retain(|check| self.is_deferred(catalog, check.constraint));
        self.0.lock().checks = checks;
    }

    /// SET CONSTRAINTS; no names for ALL.
    pub fn set(&self, constraints: Option<Vec<ObjectId>>, deferred: bool) {
        let modes = &mut self.0.lock().modes;
        match constraints {
            Some(list) => modes
                .named
                .extend(list.into_iter().map(|oid| (oid, deferred))),
            None => {
                modes.all = Some(deferred);
                modes.named.clear();
            }
        }
    }

    pub fn modes(&self) -> ConstraintModes {
        self.0.lock().modes.clone()
    }

    pub fn set_modes(&self, modes: ConstraintModes) {
        self.0.lock().modes = modes;
    }

    /// The transaction has ended.
    pub fn clear(&self) {
        *self.0.lock() = State::default();
    }
}

fn push_bounded(checks: &mut Vec<DeferredCheck>, check: DeferredCheck) -> Result<()> {
    if checks.len() >= CHECKS_MAX {
        bail!(
            sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
            "too many deferred constraint checks in one transaction"
        );
    }
    checks.push(check);
    Ok(())
}

/// As sessions and stores hold it.
pub type SharedDeferred = Arc<DeferredChecks>;
