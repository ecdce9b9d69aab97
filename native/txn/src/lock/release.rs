//! Giving locks back.

use std::sync::Arc;

use common::Xid;

use super::lock_head::Level;
use super::lock_key::LockKey;
use super::lock_manager::{LockManager, Ready};
use super::lock_mode::LockMode;
use super::{HeldLock, HeldLocks};
use crate::backend::Backend;

impl LockManager {
    /// Gives back one lock.
    pub(super) fn release_main(&self, backend: &Arc<Backend>, lock: &HeldLock, level: Level) {
        let mut ready = Ready::new();
        self.with_head(lock.key, |head| {
            head.revoke(backend, lock.mode, level, lock.bits);
            head.grant_waiters(|waiter| Self::set_granted(waiter, &mut ready));
        });
        self.tell_ready(ready);
    }

    /// Gives back a lock of the transaction.
    pub(crate) fn release(&self, backend: &Arc<Backend>, lock: &HeldLock) {
        if let LockKey::Table(table) = lock.key {
            if lock.mode.is_weak() && backend.fast.lock().remove(table, lock.mode) {
                return;
            }
            self.release_main(backend, lock, Level::Transaction);
            if lock.mode.is_strong() {
                self.strong.count_down(table);
            }
        } else {
            self.release_main(backend, lock, Level::Transaction);
        }
    }

    /// Gives back what was taken since `mark`, newest first.
    pub(crate) fn release_to(&self, backend: &Arc<Backend>, held: &mut HeldLocks, mark: usize) {
        while let Some(lock) = held.pop_to(mark) {
            self.release(backend, &lock);
        }
    }

    /// The transaction has left the active set: all its locks go, those that others noted too.
    pub(crate) fn release_all(&self, backend: &Arc<Backend>, held: &mut HeldLocks) {
        self.abandon_request(backend);
        let entered = {
            let mut entered = backend.entered.lock();
            entered.xid = Xid(0);
            std::mem::take(&mut entered.list)
        };
        for (key, mode, bits) in entered {
            self.release_main(backend, &HeldLock { key, mode, bits }, Level::Entered);
        }
        self.release_held(backend, held);
    }

    /// All that a transaction has in its list.
    pub(crate) fn release_held(&self, backend: &Arc<Backend>, held: &mut HeldLocks) {
        self.release_to(backend, held, 0);
        backend.fast.lock().uses_shared = false;
    }

    /// After a rollback to a savepoint: rows that the transaction is no longer in are no longer its
    /// own, so who waits for them goes on. A row that cannot be read stays locked.
    pub(crate) fn release_undone_rows(&self, backend: &Arc<Backend>) {
        let Some(target) = self.target() else { return };
        let (xid, list) = {
            let entered = backend.entered.lock();
            (entered.xid, entered.list.clone())
        };
        for (key, mode, bits) in list {
            let Some((table, row)) = key.row_of(bits) else {
                continue;
            };
            let is_writer = match target.row_writer(table, row) {
                Ok(writer) => writer.is_some_and(|writer| writer.xid == xid),
                Err(_) => true,
            };
            if !is_writer {
                self.forget_entered(backend, key, mode, bits);
            }
        }
    }

    pub(super) fn forget_entered(
        &self,
        backend: &Arc<Backend>,
        key: LockKey,
        mode: LockMode,
        bits: u64,
    ) {
        let lock = HeldLock { key, mode, bits };
        let mut list = backend.entered.lock();
        list.list.retain(|&entry| entry != (key, mode, bits));
        drop(list);
        self.release_main(backend, &lock, Level::Entered);
    }
}
