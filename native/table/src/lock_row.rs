//! Locking rows (`SELECT ... FOR`, foreign keys, and before a second look at a changed row).

use common::{Result, RowId};
use storage::Wait;
use txn::{
    LockOutcome, LockWait, RowLockMode, RowRequest, Transaction, UndoAddr, View, Visibility,
};

use crate::leaf::word::Word;
use crate::table::Table;
use crate::write::writer_of;

/// What a locked row is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowLock {
    /// Locked; the newest version is the one that the view sees.
    Current,
    /// Locked; the newest version is another than the view sees: look at it.
    Changed,
    /// Changed by the running command itself.
    SelfModified,
    /// There is no such row any more. It may be locked nevertheless.
    Gone,
    /// [`LockWait::Try`] and it is not free.
    NotAvailable,
}

impl Table {
    /// Locks the row for the transaction until it ends, and says how its newest version stands to
    /// what `view` sees. Hold no latch.
    pub fn lock_row(
        &self,
        txn: &mut Transaction,
        view: &View,
        row: RowId,
        mode: RowLockMode,
        lock_wait: LockWait,
        wait: Wait,
    ) -> Result<RowLock> {
        let table = self.id;
        loop {
            let Some((word, _)) = self.newest_word(row, wait)? else {
                return Ok(RowLock::Gone);
            };
            let is_own = txn.has_xid() && word.xid() == txn.xid();
            let is_active = is_own || self.txns.is_active(word.xid());
            let writer = is_active.then(|| writer_of(word));
            let request = RowRequest {
                table,
                row,
                mode,
                writer,
            };
            match self.txns.locks().lock_row(txn, request, lock_wait)? {
                LockOutcome::NotAvailable => return Ok(RowLock::NotAvailable),
                LockOutcome::Granted | LockOutcome::Held => {}
            }
            let Some((word, undo)) = self.newest_word(row, wait)? else {
                return Ok(RowLock::Gone);
            };
            let is_own = txn.has_xid() && word.xid() == txn.xid();
            let is_foreign = !is_own && self.txns.is_active(word.xid());
            if is_foreign && writer_of(word).mode.conflicts_with(mode) {
                continue;
            }
            return self.judge_locked(view, row, word, UndoAddr(undo), wait);
        }
    }

    fn judge_locked(
        &self,
        view: &View,
        row: RowId,
        word: Word,
        undo: UndoAddr,
        wait: Wait,
    ) -> Result<RowLock> {
        let state = match view.judge(word.xid()) {
            Visibility::Seen => RowLock::Current,
            Visibility::NotSeen => RowLock::Changed,
            Visibility::Own => {
                let command = self
                    .txns
                    .undo()
                    .with(undo, wait, |record| Ok(record.command))?;
                match view.sees_own(command) {
                    true => RowLock::Current,
                    false => RowLock::SelfModified,
                }
            }
        };
        if word.is_deleted() {
            return Ok(match state {
                RowLock::SelfModified => RowLock::SelfModified,
                _ => RowLock::Gone,
            });
        }
        if state != RowLock::Changed || !self.txns.is_active(word.xid()) {
            return Ok(state);
        }
        // A writer that leaves the key alone does not stop KEY SHARE: what the view sees of the
        // row's past decides.
        self.judge_below_writer(view, row, wait)
    }

    /// How the newest version that is not of an active transaction stands to the view.
    fn judge_below_writer(&self, view: &View, row: RowId, wait: Wait) -> Result<RowLock> {
        let Some(mut copy) = self.copy_newest(row, &[], wait)? else {
            return Ok(RowLock::Gone);
        };
        while self.txns.is_active(copy.word.xid()) {
            if !copy.go_back(&[], self, wait)? {
                return Ok(RowLock::Gone);
            }
        }
        Ok(match view.judge(copy.word.xid()) {
            _ if copy.word.is_deleted() => RowLock::Gone,
            Visibility::NotSeen => RowLock::Changed,
            Visibility::Seen | Visibility::Own => RowLock::Current,
        })
    }
}
