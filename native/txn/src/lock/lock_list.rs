//! Who holds and waits for what: `pg_locks`, `pg_blocking_pids`.

use std::sync::Arc;

use common::Xid;

use super::lock_head::Level;
use super::lock_key::LockKey;
use super::lock_manager::LockManager;
use super::lock_mode::LockMode;
use crate::backend::Backend;

/// One line of `pg_locks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockInfo {
    pub key: LockKey,
    /// The rows of a block; else 1.
    pub bits: u64,
    pub mode: LockMode,
    pub is_granted: bool,
    pub is_fast_path: bool,
    /// An advisory lock of the session, not of its transaction.
    pub is_session: bool,
    pub pid: u32,
    /// The holder's transaction; 0 for none.
    pub xid: Xid,
    /// Microseconds since 1970 when the wait began.
    pub wait_start_micros: Option<i64>,
}

impl LockManager {
    /// All locks, a shard at a time: not one moment's state. An active transaction's lock of itself
    /// is in it whether or not somebody waits for it, as in PostgreSQL.
    pub fn list(&self) -> Vec<LockInfo> {
        let mut list = Vec::new();
        let line = |backend: &Arc<Backend>, key, mode, bits| LockInfo {
            key,
            bits,
            mode,
            is_granted: true,
            is_fast_path: false,
            is_session: false,
            pid: backend.pid(),
            xid: backend.xid(),
            wait_start_micros: None,
        };
        let backends: Vec<_> = self.backends.read().values().cloned().collect();
        for backend in &backends {
            for (table, mode) in backend.fast.lock().iter() {
                list.push(LockInfo {
                    is_fast_path: true,
                    ..line(backend, LockKey::Table(table), mode, 1)
                });
            }
            let xid = backend.xid();
            if xid.0 != 0 {
                let key = LockKey::Transaction(xid);
                list.push(line(backend, key, LockMode::Exclusive, 1));
            }
        }
        for shard in self.shards() {
            for (&key, head) in shard.iter() {
                for grant in &head.grants {
                    if matches!(key, LockKey::Transaction(_)) && grant.level == Level::Entered {
                        continue;
                    }
                    list.push(LockInfo {
                        is_session: grant.level == Level::Session,
                        ..line(&grant.backend, key, grant.mode, grant.bits)
                    });
                }
                for waiter in &head.waiters {
                    let since = waiter.backend.wait.lock().since_micros;
                    list.push(LockInfo {
                        is_granted: false,
                        is_session: waiter.level == Level::Session,
                        wait_start_micros: Some(since),
                        ..line(&waiter.backend, key, waiter.mode, waiter.bits)
                    });
                }
            }
        }
        list
    }

    /// `pg_blocking_pids`: whom the session waits for, holders first, each once.
    pub fn blocking_pids(&self, pid: u32) -> Vec<u32> {
        let Some(backend) = self.backend(pid) else {
            return Vec::new();
        };
        let mut pids: Vec<u32> = Vec::new();
        let request = {
            let slot = backend.wait.lock();
            if slot.is_waiting() {
                slot.request
            } else {
                None
            }
        };
        if let Some(request) = request {
            self.with_head(request.key, |head| {
                if let Some(place) = head.place_of(&backend) {
                    pids.extend(head.blockers(place).map(|(blocker, _)| blocker.pid()));
                }
            });
        }
        pids.extend_from_slice(&backend.external_wait.lock());
        let mut seen = Vec::new();
        pids.retain(|pid| {
            !seen.contains(pid) && {
                seen.push(*pid);
                true
            }
        });
        pids
    }

    /// `pg_isolation_test_session_is_blocked`: whether the session waits for one of `pids`.
    pub fn is_blocked_by(&self, pid: u32, pids: &[u32]) -> bool {
        self.blocking_pids(pid).iter().any(|pid| pids.contains(pid))
    }

    /// The wait-for graph: pairs of who waits and for whom.
    pub fn wait_graph(&self) -> Vec<(u32, u32)> {
        let pids: Vec<u32> = self.backends.read().keys().copied().collect();
        let edges = |pid| self.blocking_pids(pid).into_iter().map(move |b| (pid, b));
        pids.into_iter().flat_map(edges).collect()
    }
}
