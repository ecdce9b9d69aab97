//! Locks of rows, and waiting for the end of a transaction.

use common::{ObjectId, Result, RowId, Xid};

use super::RowLockMode;
use super::lock_head::{Check, Level};
use super::lock_key::LockKey;
use super::lock_manager::LockManager;
use super::lock_mode::LockMode;
use super::wait_slot::{LockOutcome, LockWait, Request};
use crate::transaction::Transaction;
use crate::undo::RowWriter;

/// A row to lock.
#[derive(Clone, Copy, Debug)]
pub struct RowRequest {
    pub table: ObjectId,
    pub row: RowId,
    pub mode: RowLockMode,
    /// Writer of the newest version as read under the row's latch, if it is still active; the own
    /// transaction too.
    pub writer: Option<RowWriter>,
}

impl LockManager {
    /// Locks a row explicitly until the transaction ends. The caller holds no latch.
    ///
    /// Answered `Granted`, the caller reads the row again under its latch, since it may have been
    /// changed; when it meets another active writer there, it comes back with that one.
    pub fn lock_row(
        &self,
        txn: &mut Transaction,
        row: RowRequest,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        let own = txn.xid();
        let mut writer = None;
        if let Some(seen) = row.writer {
            if seen.xid == own && seen.mode >= row.mode {
                return Ok(LockOutcome::Held);
            }
            if seen.xid == own || seen.mode.conflicts_with(row.mode) {
                writer = self.active.owner(seen.xid).map(|owner| (owner, seen));
                // Passing over many rows that a mass update holds must not fill the lock table.
                if wait == LockWait::Try && seen.xid != own && writer.is_some() {
                    return Ok(LockOutcome::NotAvailable);
                }
            }
        }
        let (backend, held) = txn.lock_parts();
        let (key, bits) = LockKey::row(row.table, row.row);
        let request = Request {
            key,
            mode: row.mode.as_lock_mode(),
            level: Level::Transaction,
            bits,
        };
        let writer = writer.as_ref().map(|(owner, seen)| (owner, *seen));
        self.acquire(backend, held, request, writer, wait)
    }

    /// Whether a writer that would change the row must first ask for it with
    /// [`LockManager::lock_row`]: somebody else holds it in a conflicting mode, or was there first.
    /// For when [`LockManager::has_row_locks`] says that there may be some; may be called under the
    /// page's latch.
    pub fn is_row_blocked(
        &self,
        txn: &Transaction,
        table: ObjectId,
        row: RowId,
        mode: RowLockMode,
    ) -> bool {
        let (key, bits) = LockKey::row(table, row);
        let request = Request {
            key,
            mode: mode.as_lock_mode(),
            level: Level::Transaction,
            bits,
        };
        matches!(self.check(txn.backend(), &request), Check::Blocked(_))
    }

    /// Waits for the end of a transaction, which a unique check met in a row, say. Returns at once
    /// when it has ended. Never waits for the own one.
    pub fn wait_for_xid(
        &self,
        txn: &mut Transaction,
        xid: Xid,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        if xid == txn.xid() {
            return Ok(LockOutcome::Held);
        }
        let Some(owner) = self.active.owner(xid) else {
            return Ok(LockOutcome::Granted);
        };
        let (backend, held) = txn.lock_parts();
        let request = Request {
            key: LockKey::Transaction(xid),
            mode: LockMode::Share,
            level: Level::Transaction,
            bits: 1,
        };
        let writer = RowWriter {
            xid,
            mode: RowLockMode::Update,
        };
        let before = held.len();
        let outcome = self.acquire(backend, held, request, Some((&owner, writer)), wait)?;
        // Nothing is to be kept: it was only to know when.
        if outcome == LockOutcome::Granted {
            self.release_to(backend, held, before);
        }
        Ok(outcome)
    }
}
