//! Waiting for a lock: parked, or queued without a thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::rt::{Deadline, monotonic_ns};
use common::{Error, Result, err, sqlstate};

use super::acquire::note_granted;
use super::deadlock::Search;
use super::lock_head::Level;
use super::lock_key::LockKey;
use super::lock_manager::{LockManager, Ready};
use super::wait_slot::{LockOutcome, LockWait, Request, WaitSlot, WaitState};
use super::{HeldLock, HeldLocks};
use crate::backend::Backend;

/// A cycle can also close without anybody starting to wait (a wait outside of the lock manager): so
/// the search is repeated while a wait lasts.
const SEARCH_AGAIN: Duration = Duration::from_secs(1);
/// How often requests without a thread are looked after.
const MONITOR_PERIOD: Duration = Duration::from_millis(5);

/// What a look at a waiting session's slot found.
enum Step {
    Done(Result<LockOutcome>),
    Withdraw(Error),
    Search,
}

impl LockManager {
    /// Goes on after the request was put in its queue.
    pub(super) fn wait_for_grant(
        &self,
        backend: &Arc<Backend>,
        held: &mut HeldLocks,
        request: Request,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        if wait == LockWait::Queue {
            backend.has_request.store(1, Ordering::Relaxed);
            let mut queued = self.queued.lock();
            if !queued.iter().any(|other| Arc::ptr_eq(other, backend)) {
                queued.push(backend.clone());
            }
            drop(queued);
            self.queued_wake.notify_one();
            return Err(Error::WouldBlock);
        }
        if let Some(observer) = self.observer() {
            observer.wait_begin(backend);
        }
        let result = self.park(backend, request);
        if let Some(observer) = self.observer() {
            observer.wait_end(backend);
        }
        *backend.wait.lock() = WaitSlot::default();
        if let Ok(LockOutcome::Granted) = result {
            note_granted(backend, held, request);
        }
        result
    }

    fn park(&self, backend: &Arc<Backend>, request: Request) -> Result<LockOutcome> {
        loop {
            match self.sleep(backend) {
                Step::Done(result) => return result,
                Step::Withdraw(error) => {
                    if self.withdraw(backend, request.key) {
                        return Err(error);
                    }
                    // Granted or failed in the same moment: the slot says which.
                }
                Step::Search => {
                    self.search_deadlock(backend);
                }
            }
        }
    }

    /// Sleeps until the slot says something new or a time has come.
    fn sleep(&self, backend: &Arc<Backend>) -> Step {
        let mut slot = backend.wait.lock();
        loop {
            match &slot.state {
                WaitState::Granted => return Step::Done(Ok(LockOutcome::Granted)),
                WaitState::Failed(error) => return Step::Done(Err(error.clone())),
                WaitState::Idle => {
                    return Step::Done(Err(Error::internal("a wait for a lock was forgotten")));
                }
                WaitState::Waiting => {}
            }
            if let Some(error) = self.reason_to_stop(backend, &slot) {
                return Step::Withdraw(error);
            }
            let search = slot.next_search.unwrap_or(Deadline(u64::MAX));
            if search.has_passed() {
                slot.next_search = Some(Deadline::after(SEARCH_AGAIN));
                return Step::Search;
            }
            let until = [slot.deadline, backend.statement_deadline()];
            let until = until.into_iter().flatten().min().unwrap_or(search);
            backend.wake.wait_until(&mut slot, until.min(search));
        }
    }

    fn reason_to_stop(&self, backend: &Backend, slot: &WaitSlot) -> Option<Error> {
        if let Some(reason) = backend.interrupted() {
            return Some(reason.error());
        }
        if slot.deadline.is_some_and(Deadline::has_passed) {
            self.counters.timeouts.fetch_add(1, Ordering::Relaxed);
            return Some(err!(
                sqlstate::LOCK_NOT_AVAILABLE,
                "canceling statement due to lock timeout"
            ));
        }
        None
    }

    /// Leaves the queue. False when the request was not there any more: granted or failed.
    fn withdraw(&self, backend: &Arc<Backend>, key: LockKey) -> bool {
        let mut ready = Ready::new();
        let was_there = self.with_head(key, |head| {
            let was_there = head.remove_waiter(backend);
            head.grant_waiters(|waiter| Self::set_granted(waiter, &mut ready));
            was_there
        });
        self.tell_ready(ready);
        was_there
    }

    /// What became of an earlier request without a thread. None: it is settled, and the new request
    /// is another one.
    pub(super) fn take_up(
        &self,
        backend: &Arc<Backend>,
        held: &mut HeldLocks,
        request: Request,
        wait: LockWait,
    ) -> Result<Option<LockOutcome>> {
        let (state, asked) = {
            let slot = backend.wait.lock();
            (slot.state.clone(), slot.request)
        };
        if asked != Some(request) {
            self.abandon_request(backend);
            return Ok(None);
        }
        match (state, wait) {
            (WaitState::Waiting, LockWait::Queue) => {
                let slot = backend.wait.lock();
                let stop = self.reason_to_stop(backend, &slot);
                drop(slot);
                let Some(error) = stop else {
                    return Err(Error::WouldBlock);
                };
                if self.withdraw(backend, request.key) {
                    self.forget_request(backend);
                    return Err(error);
                }
                self.take_up(backend, held, request, wait)
            }
            (WaitState::Waiting, LockWait::Block) => {
                // The statement runs aside now: the same place in the queue, with a thread.
                backend.wait.lock().is_queued = false;
                self.unlist(backend);
                let outcome = self.wait_for_grant(backend, held, request, wait);
                outcome.map(Some)
            }
            (WaitState::Waiting, LockWait::Try) => {
                self.abandon_request(backend);
                Ok(None)
            }
            (WaitState::Granted, _) => {
                self.forget_request(backend);
                note_granted(backend, held, request);
                Ok(Some(LockOutcome::Granted))
            }
            (WaitState::Failed(error), _) => {
                self.forget_request(backend);
                Err(error)
            }
            (WaitState::Idle, _) => {
                self.forget_request(backend);
                Ok(None)
            }
        }
    }

    /// Ends a request of wait mode `Queue` that nobody will come back to.
    pub(crate) fn abandon_request(&self, backend: &Arc<Backend>) {
        if backend.has_request.load(Ordering::Relaxed) == 0 {
            return;
        }
        let request = backend.wait.lock().request;
        if let Some(request) = request {
            if !self.withdraw(backend, request.key) {
                let was_granted = matches!(backend.wait.lock().state, WaitState::Granted);
                if was_granted {
                    let lock = HeldLock {
                        key: request.key,
                        mode: request.mode,
                        bits: request.bits,
                    };
                    self.release_main(backend, &lock, request.level);
                }
            }
            if let LockKey::Table(table) = request.key
                && request.mode.is_strong()
                && request.level == Level::Transaction
            {
                self.strong.count_down(table);
            }
        }
        self.forget_request(backend);
    }

    fn unlist(&self, backend: &Arc<Backend>) {
        backend.has_request.store(0, Ordering::Relaxed);
        let mut queued = self.queued.lock();
        queued.retain(|other| !Arc::ptr_eq(other, backend));
    }

    fn forget_request(&self, backend: &Arc<Backend>) {
        *backend.wait.lock() = WaitSlot::default();
        self.unlist(backend);
    }

    /// Looks for a cycle through `backend` and breaks it.
    fn search_deadlock(&self, backend: &Arc<Backend>) {
        let ready = Search::new(self).run(backend);
        self.tell_ready(ready);
    }

    /// Looks after requests without a thread: time-outs, interrupts, deadlocks. Called about every
    /// [`MONITOR_PERIOD`] by the monitor thread, or by the simulator.
    pub fn check_queued(&self) {
        let list = self.queued.lock().clone();
        for backend in list {
            let (key, stop, search) = {
                let mut slot = backend.wait.lock();
                let (true, true, Some(request)) = (slot.is_queued, slot.is_waiting(), slot.request)
                else {
                    continue;
                };
                let search = slot.next_search.is_some_and(Deadline::has_passed);
                if search {
                    slot.next_search = Some(Deadline::after(SEARCH_AGAIN));
                }
                (request.key, self.reason_to_stop(&backend, &slot), search)
            };
            if let Some(error) = stop {
                self.fail(&backend, key, error);
            } else if search {
                self.search_deadlock(&backend);
            }
        }
    }

    /// Takes the request out of its queue with an error.
    fn fail(&self, backend: &Arc<Backend>, key: LockKey, error: Error) {
        let mut ready = Ready::new();
        self.with_head(key, |head| {
            if head.remove_waiter(backend) {
                Self::set_state(backend, WaitState::Failed(error), &mut ready);
                head.grant_waiters(|waiter| Self::set_granted(waiter, &mut ready));
            }
        });
        self.tell_ready(ready);
    }

    pub(crate) fn wake_monitor(&self) {
        let _queued = self.queued.lock();
        self.queued_wake.notify_all();
    }

    /// Body of the monitor's thread: sleeps while there is no request without a thread.
    pub(crate) fn monitor(&self, is_stopping: impl Fn() -> bool) {
        while !is_stopping() {
            {
                let mut queued = self.queued.lock();
                let period = if queued.is_empty() { 200 } else { 1 } * MONITOR_PERIOD;
                let until = Deadline(monotonic_ns() + period.as_nanos() as u64);
                self.queued_wake.wait_until(&mut queued, until);
            }
            self.check_queued();
        }
    }
}
