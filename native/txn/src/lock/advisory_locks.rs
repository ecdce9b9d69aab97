//! Advisory locks, of the session and of the transaction.

use std::sync::Arc;

use common::Result;

use super::lock_head::Level;
use super::lock_key::{AdvisoryKey, LockKey};
use super::lock_manager::LockManager;
use super::lock_mode::LockMode;
use super::wait_slot::{LockOutcome, LockWait, Request};
use super::{HeldLock, HeldLocks};
use crate::backend::Backend;
use crate::transaction::Transaction;

fn mode_of(is_shared: bool) -> LockMode {
    if is_shared {
        LockMode::Share
    } else {
        LockMode::Exclusive
    }
}

impl LockManager {
    /// `pg_advisory_xact_lock` and its shared and try forms: until the transaction ends.
    pub fn lock_advisory(
        &self,
        txn: &mut Transaction,
        key: AdvisoryKey,
        is_shared: bool,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        let (backend, held) = txn.lock_parts();
        let request = Request {
            key: LockKey::Advisory(key),
            mode: mode_of(is_shared),
            level: Level::Transaction,
            bits: 1,
        };
        self.acquire(backend, held, request, None, wait)
    }

    /// `pg_advisory_lock` and its shared and try forms: until given back as often as taken, or the
    /// session ends. No rollback gives it back.
    pub fn lock_advisory_session(
        &self,
        backend: &Arc<Backend>,
        key: AdvisoryKey,
        is_shared: bool,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        let request = Request {
            key: LockKey::Advisory(key),
            mode: mode_of(is_shared),
            level: Level::Session,
            bits: 1,
        };
        let mut none = HeldLocks::default();
        let outcome = self.acquire(backend, &mut none, request, None, wait)?;
        if outcome == LockOutcome::Held {
            let mut list = backend.session_locks.lock();
            let lock = list
                .iter_mut()
                .find(|lock| lock.key == request.key && lock.mode == request.mode);
            if let Some(lock) = lock {
                lock.count = lock.count.saturating_add(1);
            }
        }
        Ok(outcome)
    }

    /// `pg_advisory_unlock`: false when the session does not hold it (the caller warns).
    pub fn unlock_advisory_session(
        &self,
        backend: &Arc<Backend>,
        key: AdvisoryKey,
        is_shared: bool,
    ) -> bool {
        let (key, mode) = (LockKey::Advisory(key), mode_of(is_shared));
        {
            let mut list = backend.session_locks.lock();
            let place = list
                .iter()
                .position(|lock| lock.key == key && lock.mode == mode);
            let Some(place) = place else { return false };
            list[place].count -= 1;
            if list[place].count != 0 {
                return true;
            }
            list.swap_remove(place);
        }
        let lock = HeldLock { key, mode, bits: 1 };
        self.release_main(backend, &lock, Level::Session);
        true
    }

    /// The advisory locks of the session: key, whether it is shared, how often it was taken.
    pub fn session_advisory(&self, backend: &Backend) -> Vec<(AdvisoryKey, bool, u32)> {
        let list = backend.session_locks.lock();
        let advisory = list.iter().filter_map(|lock| match lock.key {
            LockKey::Advisory(key) => Some((key, lock.mode == LockMode::Share, lock.count)),
            _ => None,
        });
        advisory.collect()
    }

    /// `pg_advisory_unlock_all`, and the end of a session.
    pub fn unlock_advisory_all(&self, backend: &Arc<Backend>) {
        let list = std::mem::take(&mut *backend.session_locks.lock());
        for lock in list {
            let lock = HeldLock {
                key: lock.key,
                mode: lock.mode,
                bits: 1,
            };
            self.release_main(backend, &lock, Level::Session);
        }
    }
}
