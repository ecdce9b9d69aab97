//! Row locks of a statement.

use common::{Error, ObjectId, Result, RowId, err, sqlstate};
use sql::access::{LockOutcome, LockStrength, WaitPolicy};
use table::RowLock;
use txn::{LockWait, RowLockMode};

use super::StatementStore;

pub(super) fn row_mode(strength: LockStrength) -> RowLockMode {
    match strength {
        LockStrength::KeyShare => RowLockMode::KeyShare,
        LockStrength::Share => RowLockMode::Share,
        LockStrength::NoKeyUpdate => RowLockMode::NoKeyUpdate,
        LockStrength::Update => RowLockMode::Update,
    }
}

impl StatementStore {
    pub(super) fn lock_one(
        &self,
        table: ObjectId,
        row: RowId,
        strength: LockStrength,
        policy: WaitPolicy,
    ) -> Result<LockOutcome> {
        let relation = self.relation(table)?;
        let lock_wait = match policy {
            WaitPolicy::Wait => self.lock_wait(),
            WaitPolicy::NoWait | WaitPolicy::SkipLocked => LockWait::Try,
        };
        let mode = row_mode(strength);
        let outcome = relation.table.lock_row(
            &mut self.txn(),
            &self.writer_view(),
            row,
            mode,
            lock_wait,
            self.wait(),
        )?;
        match outcome {
            RowLock::Current => Ok(LockOutcome::Locked),
            RowLock::SelfModified => Ok(LockOutcome::SelfModified),
            RowLock::Changed => {
                self.check_unchanged("update")?;
                Ok(LockOutcome::Changed)
            }
            RowLock::Gone => {
                self.check_unchanged("delete")?;
                Ok(LockOutcome::Gone)
            }
            RowLock::NotAvailable => match policy {
                WaitPolicy::Wait => Err(Error::WouldBlock),
                WaitPolicy::SkipLocked => Ok(LockOutcome::Skipped),
                WaitPolicy::NoWait => Err(err!(
                    sqlstate::LOCK_NOT_AVAILABLE,
                    "could not obtain lock on row in relation \"{}\"",
                    relation.info.name
                )),
            },
        }
    }

    /// Waits for a transaction to end.
    pub(super) fn wait_for(&self, xid: common::Xid) -> Result<()> {
        let locks = self.parts.engine.txns().locks();
        match locks.wait_for_xid(&mut self.txn(), xid, self.lock_wait())? {
            txn::LockOutcome::NotAvailable => Err(Error::WouldBlock),
            txn::LockOutcome::Granted | txn::LockOutcome::Held => Ok(()),
        }
    }
}
