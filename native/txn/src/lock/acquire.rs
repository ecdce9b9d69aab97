//! Asking for a lock.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::rt::{Deadline, unix_micros};
use common::{Result, err, sqlstate};
use smallvec::SmallVec;

use super::lock_head::{Check, Level, LockHead, Waiter};
use super::lock_key::LockKey;
use super::lock_manager::{LockManager, Ready};
use super::lock_mode::LockMode;
use super::wait_slot::{LockOutcome, LockWait, Request, SessionLock, WaitSlot, WaitState};
use super::{HeldLock, HeldLocks};
use crate::backend::Backend;
use crate::undo::RowWriter;

impl LockManager {
    fn check_space(&self) -> Result<()> {
        if self.used.load(Ordering::Relaxed) < self.options.max_locks {
            return Ok(());
        }
        let error = err!(sqlstate::OUT_OF_MEMORY, "out of shared memory");
        Err(error.with_hint("You might need to increase max_locks_per_transaction."))
    }

    /// Asks for a lock. `writer`, for rows: the active transaction met in the row, and its session.
    /// What is granted is noted in `held` (or the session's list).
    pub(crate) fn acquire(
        &self,
        backend: &Arc<Backend>,
        held: &mut HeldLocks,
        request: Request,
        writer: Option<(&Arc<Backend>, RowWriter)>,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        if backend.has_request.load(Ordering::Relaxed) != 0
            && let Some(outcome) = self.take_up(backend, held, request, wait)?
        {
            return Ok(outcome);
        }
        self.check_space()?;
        let mut ready = Ready::new();
        let outcome = self.with_head(request.key, |head| {
            let waiter = request.waiter(backend);
            let stepped_back = writer.is_some_and(|(owner, writer)| {
                self.enter(head, &request, owner, writer)
                    && self.step_back(head, &waiter, writer, &mut ready)
            });
            let place = match head.check(&waiter) {
                Check::Held => return Some(LockOutcome::Held),
                Check::Free => {
                    head.grant(waiter);
                    return Some(LockOutcome::Granted);
                }
                Check::Blocked(_) if wait == LockWait::Try => {
                    return Some(LockOutcome::NotAvailable);
                }
                // It was there first, so it goes first.
                Check::Blocked(_) if stepped_back => 0,
                Check::Blocked(place) => place,
            };
            self.start_wait(backend, request, wait);
            head.waiters.insert(place, waiter);
            None
        });
        self.tell_ready(ready);
        match outcome {
            Some(outcome) => {
                if outcome == LockOutcome::Granted {
                    note_granted(backend, held, request);
                }
                Ok(outcome)
            }
            None => {
                if let Some((owner, writer)) = writer {
                    self.look_again(request, owner, writer);
                }
                self.wait_for_grant(backend, held, request, wait)
            }
        }
    }

    /// The writer may have left the row, by a rollback to a savepoint, after the caller read it and
    /// before it was noted here. Whoever rolls back restores rows first and looks at the notes
    /// then, so one of the two sees the other. A row that cannot be read stays locked.
    fn look_again(&self, request: Request, owner: &Arc<Backend>, writer: RowWriter) {
        let (Some(target), Some((table, row))) = (self.target(), request.key.row_of(request.bits))
        else {
            return;
        };
        if let Ok(now) = target.row_writer(table, row)
            && now.is_none_or(|now| now.xid != writer.xid)
        {
            let mode = writer.mode.as_lock_mode();
            self.forget_entered(owner, request.key, mode, request.bits);
        }
    }

    /// Notes the writer of a row, or a transaction that is waited for, as holder. False when it has
    /// ended meanwhile.
    fn enter(
        &self,
        head: &mut LockHead,
        request: &Request,
        owner: &Arc<Backend>,
        writer: RowWriter,
    ) -> bool {
        let mode = match request.key {
            LockKey::Transaction(_) => LockMode::Exclusive,
            _ => writer.mode.as_lock_mode(),
        };
        let mut entered = owner.entered.lock();
        if entered.xid != writer.xid {
            return false;
        }
        let holder = Waiter {
            backend: owner.clone(),
            mode,
            level: Level::Entered,
            bits: request.bits,
        };
        if head.check(&holder) != Check::Held {
            entered.list.push((request.key, mode, request.bits));
            head.grant(holder);
        }
        true
    }

    /// A lock that was granted although the row had a writer already was not a lock: gives it back,
    /// and lets the writer go on if it waits for it. Says whether there was one.
    fn step_back(
        &self,
        head: &mut LockHead,
        waiter: &Waiter,
        writer: RowWriter,
        ready: &mut Ready,
    ) -> bool {
        let mut wrong: SmallVec<[LockMode; 4]> = SmallVec::new();
        for grant in &head.grants {
            if Arc::ptr_eq(&grant.backend, &waiter.backend)
                && grant.level == Level::Transaction
                && grant.bits & waiter.bits != 0
                && grant.mode.conflicts_with(writer.mode.as_lock_mode())
                && waiter.backend.xid() != writer.xid
            {
                wrong.push(grant.mode);
            }
        }
        for &mode in &wrong {
            head.revoke(&waiter.backend, mode, Level::Transaction, waiter.bits);
        }
        if !wrong.is_empty() {
            head.grant_waiters(|waiter| Self::set_granted(waiter, ready));
        }
        !wrong.is_empty()
    }

    fn start_wait(&self, backend: &Arc<Backend>, request: Request, wait: LockWait) {
        let search = Deadline::after(backend.deadlock_timeout());
        *backend.wait.lock() = WaitSlot {
            state: WaitState::Waiting,
            request: Some(request),
            is_queued: wait == LockWait::Queue,
            since_micros: unix_micros(),
            deadline: backend.lock_deadline(),
            next_search: Some(search),
        };
        self.counters.waits.fetch_add(1, Ordering::Relaxed);
    }

    /// Under the shard.
    pub(super) fn set_granted(waiter: &Waiter, ready: &mut Ready) {
        Self::set_state(&waiter.backend, WaitState::Granted, ready);
    }

    pub(super) fn set_state(backend: &Arc<Backend>, state: WaitState, ready: &mut Ready) {
        let mut slot = backend.wait.lock();
        slot.state = state;
        if slot.is_queued {
            ready.push(backend.clone());
        } else {
            backend.wake.notify_all();
        }
    }

    /// Tells the observer of sessions to run again. Under no lock.
    pub(super) fn tell_ready(&self, ready: Ready) {
        if let Some(observer) = self.observer() {
            for backend in ready {
                observer.ready(&backend);
            }
        }
    }
}

impl Request {
    pub(super) fn waiter(&self, backend: &Arc<Backend>) -> Waiter {
        Waiter {
            backend: backend.clone(),
            mode: self.mode,
            level: self.level,
            bits: self.bits,
        }
    }
}

/// Lists what was granted where its end will look.
pub(super) fn note_granted(backend: &Backend, held: &mut HeldLocks, request: Request) {
    match request.level {
        Level::Transaction => held.push(HeldLock {
            key: request.key,
            mode: request.mode,
            bits: request.bits,
        }),
        Level::Session => backend.session_locks.lock().push(SessionLock {
            key: request.key,
            mode: request.mode,
            count: 1,
        }),
        Level::Entered => {}
    }
}
