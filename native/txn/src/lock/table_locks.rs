//! Locks of tables and other objects.

use std::sync::Arc;

use common::{Error, ObjectId, Result};

use super::lock_head::{Grant, Level};
use super::lock_key::LockKey;
use super::lock_manager::LockManager;
use super::lock_mode::LockMode;
use super::wait_slot::{LockOutcome, LockWait, Request};
use super::{HeldLock, HeldLocks};
use crate::backend::Backend;
use crate::transaction::Transaction;

impl LockManager {
    /// Locks a table until the transaction ends, or its savepoint is rolled back to. A weak mode
    /// that nobody contends for costs a slot of the session.
    pub fn lock_table(
        &self,
        txn: &mut Transaction,
        table: ObjectId,
        mode: LockMode,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        let (backend, held) = txn.lock_parts();
        if mode.is_weak() {
            let mut fast = backend.fast.lock();
            if fast.holds(table, mode) {
                return Ok(LockOutcome::Held);
            }
            if !fast.uses_shared && !self.strong.any(table) && fast.add(table, mode) {
                drop(fast);
                held.push(HeldLock {
                    key: LockKey::Table(table),
                    mode,
                    bits: 1,
                });
                return Ok(LockOutcome::Granted);
            }
        }
        let request = Request {
            key: LockKey::Table(table),
            mode,
            level: Level::Transaction,
            bits: 1,
        };
        if mode.is_strong() {
            return self.lock_strong(backend, held, request, table, wait);
        }
        let outcome = self.acquire(backend, held, request, None, wait)?;
        if outcome == LockOutcome::Granted {
            backend.fast.lock().uses_shared = true;
        }
        Ok(outcome)
    }

    /// Runs `body` with a weak lock on the table that is over before this returns; None, and nothing
    /// was run, where somebody holds or wants a strong one.
    ///
    /// The mutex of the session's slots is the lock: who wants a strong one counts up, then takes
    /// that of every session before the lock is its own. So `body` waits for nothing but latches,
    /// and asks for no lock.
    #[inline]
    pub fn with_table<R>(
        &self,
        backend: &Backend,
        table: ObjectId,
        body: impl FnOnce() -> R,
    ) -> Option<R> {
        let slots = backend.fast.lock();
        if slots.uses_shared || self.strong.any(table) {
            return None;
        }
        Some(body())
    }

    /// The counter is up exactly as long as a strong lock is held or waited for.
    fn lock_strong(
        &self,
        backend: &Arc<Backend>,
        held: &mut HeldLocks,
        request: Request,
        table: ObjectId,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        if wait == LockWait::Try {
            self.abandon_request(backend);
        }
        let is_counted = backend.wait.lock().request == Some(request);
        if !is_counted {
            self.strong.count_up(table);
            self.move_slots(table);
        }
        let result = self.acquire(backend, held, request, None, wait);
        match &result {
            Ok(LockOutcome::Granted) | Err(Error::WouldBlock) => {}
            _ => self.strong.count_down(table),
        }
        result
    }

    /// Moves the weak locks that sessions hold on the table in their slots to the shared table.
    fn move_slots(&self, table: ObjectId) {
        let backends: Vec<_> = self.backends.read().values().cloned().collect();
        for backend in backends {
            let mut fast = backend.fast.lock();
            for mode in fast.take(table) {
                self.with_head(LockKey::Table(table), |head| {
                    head.grants.push(Grant {
                        backend: backend.clone(),
                        mode,
                        level: Level::Transaction,
                        bits: 1,
                    });
                });
            }
        }
    }

    /// Locks an object that is not a table: a schema that is dropped, say.
    pub fn lock_object(
        &self,
        txn: &mut Transaction,
        class: ObjectId,
        object: ObjectId,
        mode: LockMode,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        let (backend, held) = txn.lock_parts();
        let request = Request {
            key: LockKey::Object { class, object },
            mode,
            level: Level::Transaction,
            bits: 1,
        };
        self.acquire(backend, held, request, None, wait)
    }

    /// Whether the transaction holds the table in this mode or a stronger one.
    pub fn holds_table(&self, txn: &Transaction, table: ObjectId, mode: LockMode) -> bool {
        let key = LockKey::Table(table);
        txn.held_locks()
            .any(|lock| lock.key == key && lock.mode >= mode)
    }
}
