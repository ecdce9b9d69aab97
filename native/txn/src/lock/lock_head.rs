//! Holders and queue of one lock: the rules of granting, free of threads.

use std::collections::VecDeque;
use std::sync::Arc;

use smallvec::SmallVec;

use super::lock_mode::LockMode;
use crate::backend::Backend;

/// How long a grant lasts and who gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// The transaction's own list.
    Transaction,
    /// Advisory locks of the session.
    Session,
    /// Noted by a waiter for a transaction whose xid is in a row, or which it waits for.
    Entered,
}

/// A lock that is held: by mode, for the rows in `bits` (1 where there are no rows).
#[derive(Clone, Debug)]
pub struct Grant {
    pub backend: Arc<Backend>,
    pub mode: LockMode,
    pub level: Level,
    pub bits: u64,
}

/// A request in the queue.
#[derive(Clone, Debug)]
pub struct Waiter {
    pub backend: Arc<Backend>,
    pub mode: LockMode,
    pub level: Level,
    pub bits: u64,
}

/// One lock. Invariant: between calls no waiter could be granted.
#[derive(Debug, Default)]
pub struct LockHead {
    pub grants: SmallVec<[Grant; 2]>,
    pub waiters: VecDeque<Waiter>,
}

/// What [`LockHead::check`] says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Held already at this level.
    Held,
    Free,
    /// Must wait, at this place of the queue.
    Blocked(usize),
}

fn same(a: &Arc<Backend>, b: &Arc<Backend>) -> bool {
    Arc::ptr_eq(a, b)
}

impl Grant {
    #[inline]
    pub fn blocks(&self, request: &Waiter) -> bool {
        self.bits & request.bits != 0
            && self.mode.conflicts_with(request.mode)
            && !same(&self.backend, &request.backend)
    }
}

impl Waiter {
    /// Whether `later`, behind this in the queue, must let it go first.
    #[inline]
    pub fn blocks(&self, later: &Waiter) -> bool {
        self.bits & later.bits != 0
            && self.mode.conflicts_with(later.mode)
            && !same(&self.backend, &later.backend)
    }
}

impl LockHead {
    pub fn is_empty(&self) -> bool {
        self.grants.is_empty() && self.waiters.is_empty()
    }

    pub fn is_blocked_by_grant(&self, request: &Waiter) -> bool {
        self.grants.iter().any(|grant| grant.blocks(request))
    }

    /// Judges a new request: first come, first served, but a backend that holds a lock which stops
    /// a waiter goes before that waiter (PostgreSQL's `ProcSleep`): behind it they would block each
    /// other.
    pub fn check(&self, request: &Waiter) -> Check {
        let own = |grant: &&Grant| same(&grant.backend, &request.backend);
        let is_held = self.grants.iter().filter(own).any(|grant| {
            grant.mode == request.mode
                && grant.level == request.level
                && grant.bits & request.bits == request.bits
        });
        if is_held {
            return Check::Held;
        }
        let mut place = self.waiters.len();
        if self.grants.iter().any(|grant| own(&grant)) {
            let stopped = |waiter: &Waiter| {
                self.grants
                    .iter()
                    .any(|grant| own(&grant) && grant.blocks(waiter))
            };
            place = self.waiters.iter().position(stopped).unwrap_or(place);
        }
        let ahead = self.waiters.iter().take(place);
        if self.is_blocked_by_grant(request) || ahead.into_iter().any(|w| w.blocks(request)) {
            Check::Blocked(place)
        } else {
            Check::Free
        }
    }

    /// Grants and waiters: what the lock costs of the table's space.
    pub fn size(&self) -> usize {
        self.grants.len() + self.waiters.len()
    }

    /// Adds to what the backend holds.
    pub fn grant(&mut self, request: Waiter) {
        let known = self.grants.iter_mut().find(|grant| {
            same(&grant.backend, &request.backend)
                && grant.mode == request.mode
                && grant.level == request.level
        });
        match known {
            Some(grant) => grant.bits |= request.bits,
            None => self.grants.push(Grant {
                backend: request.backend,
                mode: request.mode,
                level: request.level,
                bits: request.bits,
            }),
        }
    }

    /// Takes `bits` away from what the backend holds; nothing when it does not.
    pub fn revoke(&mut self, backend: &Arc<Backend>, mode: LockMode, level: Level, bits: u64) {
        let place = self.grants.iter().position(|grant| {
            same(&grant.backend, backend) && grant.mode == mode && grant.level == level
        });
        let Some(place) = place else { return };
        self.grants[place].bits &= !bits;
        if self.grants[place].bits == 0 {
            self.grants.swap_remove(place);
        }
    }

    /// Takes the backend's request out of the queue. Says whether it was there.
    pub fn remove_waiter(&mut self, backend: &Arc<Backend>) -> bool {
        let place = self
            .waiters
            .iter()
            .position(|waiter| same(&waiter.backend, backend));
        place.is_some_and(|place| self.waiters.remove(place).is_some())
    }

    /// Grants, from the head of the queue on, what nothing stops any more. `granted` is told of
    /// each.
    pub fn grant_waiters(&mut self, mut granted: impl FnMut(&Waiter)) {
        // By mode, the rows that somebody further ahead still waits for.
        let mut ahead = [0u64; 9];
        let mut place = 0;
        while place < self.waiters.len() {
            let request = &self.waiters[place];
            let waits_behind = LockMode::ALL.iter().any(|&mode| {
                ahead[mode as usize] & request.bits != 0 && mode.conflicts_with(request.mode)
            });
            if waits_behind || self.is_blocked_by_grant(request) {
                ahead[request.mode as usize] |= request.bits;
                place += 1;
                continue;
            }
            let request = self
                .waiters
                .remove(place)
                .expect("the place is in the queue");
            granted(&request);
            self.grant(request);
        }
    }

    /// Whom the backend's request at `place` waits for: holders, then those ahead of it.
    pub fn blockers(&self, place: usize) -> impl Iterator<Item = (&Arc<Backend>, bool)> {
        let request = &self.waiters[place];
        let hard = self.grants.iter().filter(|grant| grant.blocks(request));
        let soft = self
            .waiters
            .iter()
            .take(place)
            .filter(|waiter| waiter.blocks(request));
        hard.map(|grant| (&grant.backend, true))
            .chain(soft.map(|waiter| (&waiter.backend, false)))
    }

    pub fn place_of(&self, backend: &Arc<Backend>) -> Option<usize> {
        self.waiters
            .iter()
            .position(|waiter| same(&waiter.backend, backend))
    }
}
