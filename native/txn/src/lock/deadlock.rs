//! Finding and breaking deadlocks.
//!
//! A session waits for the holders that its request conflicts with (hard edges) and for those ahead
//! of it in the queue that it conflicts with (soft edges); outside waits are hard. A cycle with a
//! soft edge is broken by letting the later one go first, if that leaves no cycle (PostgreSQL's
//! rearranged queues, one swap at a time); else the youngest transaction in it is the victim.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::rt::MutexGuard;
use common::{Error, err, sqlstate};

use super::lock_key::LockKey;
use super::lock_manager::{LockManager, Ready, Shard};
use super::wait_slot::{Request, WaitState};
use crate::backend::Backend;

/// One edge of a cycle.
#[derive(Clone, Debug)]
struct Edge {
    waiter: Arc<Backend>,
    /// None: a wait outside of the lock manager.
    request: Option<Request>,
    blocker: Arc<Backend>,
    is_hard: bool,
}

/// A search, with the whole lock table locked.
pub(super) struct Search<'m> {
    manager: &'m LockManager,
    shards: Vec<MutexGuard<'m, Shard>>,
}

impl<'m> Search<'m> {
    pub fn new(manager: &'m LockManager) -> Self {
        Self {
            manager,
            shards: manager.lock_all_shards(),
        }
    }

    /// Breaks the cycles that `start` is in; answers whom to tell of a grant or failure.
    pub fn run(mut self, start: &Arc<Backend>) -> Ready {
        let mut ready = Ready::new();
        while let Some(cycle) = self.find_cycle(start) {
            if self.rearrange(start, &cycle, &mut ready) {
                break;
            }
            let Some(victim) = self.choose_victim(&cycle) else {
                break;
            };
            self.manager
                .counters
                .deadlocks
                .fetch_add(1, Ordering::Relaxed);
            let error = self.deadlock_error(&cycle, victim);
            let Edge {
                waiter, request, ..
            } = &cycle[victim];
            let Some(request) = request else { break };
            self.fail(waiter, request.key, error, &mut ready);
            if Arc::ptr_eq(waiter, start) {
                break;
            }
        }
        ready
    }

    fn request_of(backend: &Backend) -> Option<Request> {
        let slot = backend.wait.lock();
        if slot.is_waiting() {
            slot.request
        } else {
            None
        }
    }

    /// Whom `backend` waits for.
    fn edges(&self, backend: &Arc<Backend>) -> Vec<Edge> {
        let mut edges = Vec::new();
        if let Some(request) = Self::request_of(backend) {
            let shard = &self.shards[LockManager::shard_index(request.key)];
            if let Some(head) = shard.get(&request.key)
                && let Some(place) = head.place_of(backend)
            {
                edges.extend(head.blockers(place).map(|(blocker, is_hard)| Edge {
                    waiter: backend.clone(),
                    request: Some(request),
                    blocker: blocker.clone(),
                    is_hard,
                }));
            }
        }
        for pid in backend.external_wait.lock().iter() {
            if let Some(blocker) = self.manager.backend(*pid) {
                edges.push(Edge {
                    waiter: backend.clone(),
                    request: None,
                    blocker,
                    is_hard: true,
                });
            }
        }
        edges
    }

    /// A way from `start` back to itself, depth first.
    fn find_cycle(&self, start: &Arc<Backend>) -> Option<Vec<Edge>> {
        let mut visited: Vec<*const Backend> = Vec::new();
        let mut path: Vec<Edge> = Vec::new();
        let mut open = vec![self.edges(start)];
        while let Some(edges) = open.last_mut() {
            let Some(edge) = edges.pop() else {
                open.pop();
                path.pop();
                continue;
            };
            if Arc::ptr_eq(&edge.blocker, start) {
                path.push(edge);
                return Some(path);
            }
            let blocker = Arc::as_ptr(&edge.blocker);
            if !visited.contains(&blocker) {
                visited.push(blocker);
                open.push(self.edges(&edge.blocker));
                path.push(edge);
            }
        }
        None
    }

    /// Lets a waiter of the cycle go before the one ahead of it that it waits for, if that breaks
    /// the cycle and makes none.
    fn rearrange(&mut self, start: &Arc<Backend>, cycle: &[Edge], ready: &mut Ready) -> bool {
        for edge in cycle.iter().filter(|edge| !edge.is_hard) {
            let Some(request) = edge.request else {
                continue;
            };
            let Some(places) = self.move_ahead(request.key, &edge.waiter, &edge.blocker) else {
                continue;
            };
            let is_free = self.find_cycle(start).is_none()
                && self.find_cycle(&edge.waiter).is_none()
                && self.find_cycle(&edge.blocker).is_none();
            let manager = self.manager;
            let shard = &mut self.shards[LockManager::shard_index(request.key)];
            if is_free {
                manager.change_head(shard, request.key, |head| {
                    head.grant_waiters(|waiter| LockManager::set_granted(waiter, ready));
                });
                return true;
            }
            if let Some(head) = shard.get_mut(&request.key)
                && let Some(waiter) = head.waiters.remove(places.1)
            {
                head.waiters.insert(places.0, waiter);
            }
        }
        false
    }

    /// Moves `waiter` to just before `blocker` in the queue; answers the old and the new place.
    fn move_ahead(
        &mut self,
        key: LockKey,
        waiter: &Arc<Backend>,
        blocker: &Arc<Backend>,
    ) -> Option<(usize, usize)> {
        let shard = &mut self.shards[LockManager::shard_index(key)];
        let head = shard.get_mut(&key)?;
        let from = head.place_of(waiter)?;
        let to = head.place_of(blocker)?;
        if from <= to {
            return None;
        }
        let moved = head.waiters.remove(from)?;
        head.waiters.insert(to, moved);
        Some((from, to))
    }

    /// The youngest of those that wait for a lock; a session that waits elsewhere cannot be woken
    /// from here.
    fn choose_victim(&self, cycle: &[Edge]) -> Option<usize> {
        (0..cycle.len())
            .filter(|&i| cycle[i].request.is_some())
            .max_by_key(|&i| {
                let waiter = &cycle[i].waiter;
                (waiter.start.load(Ordering::Relaxed), waiter.pid())
            })
    }

    fn fail(&mut self, victim: &Arc<Backend>, key: LockKey, error: Error, ready: &mut Ready) {
        let manager = self.manager;
        let shard = &mut self.shards[LockManager::shard_index(key)];
        manager.change_head(shard, key, |head| {
            if head.remove_waiter(victim) {
                LockManager::set_state(victim, WaitState::Failed(error), ready);
                head.grant_waiters(|waiter| LockManager::set_granted(waiter, ready));
            }
        });
    }

    /// PostgreSQL's report, from the victim on.
    fn deadlock_error(&self, cycle: &[Edge], victim: usize) -> Error {
        let lines: Vec<String> = (0..cycle.len())
            .map(|i| self.describe(&cycle[(victim + i) % cycle.len()]))
            .collect();
        err!(sqlstate::DEADLOCK_DETECTED, "deadlock detected")
            .with_detail(lines.join("\n"))
            .with_hint("See server log for query details.")
    }

    fn describe(&self, edge: &Edge) -> String {
        let (pid, blocker) = (edge.waiter.pid(), edge.blocker.pid());
        let Some(request) = edge.request else {
            return format!("Process {pid} waits for a connection; blocked by process {blocker}.");
        };
        let xid = edge.blocker.xid();
        let is_row = matches!(request.key, LockKey::Rows { .. });
        // Who waits for the holder of a row waits, in PostgreSQL, for the end of its transaction.
        let what = if is_row && edge.is_hard && xid.0 != 0 {
            format!("ShareLock on transaction {xid}")
        } else {
            let database = self.manager.options.database;
            let key = request.key.describe(request.bits, database);
            format!("{} on {key}", request.mode.name())
        };
        format!("Process {pid} waits for {what}; blocked by process {blocker}.")
    }
}
