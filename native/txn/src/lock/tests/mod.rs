//! Tests of the lock manager, without a storage.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deadlocks;
mod matrix;
mod queues;
mod rows;
mod stress;
mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

use common::{Lsn, ObjectId, Result, RowId, Xid};

use crate::active_set::Ending;
use crate::*;

pub(super) const TABLE: ObjectId = ObjectId(16384);

/// A manager whose transactions end without a log.
#[derive(Clone)]
pub(super) struct World {
    pub manager: Arc<TxnManager>,
    next_pid: Arc<AtomicU32>,
}

/// A session in a transaction.
pub(super) struct Session {
    pub manager: Arc<TxnManager>,
    pub backend: Arc<Backend>,
    pub txn: Transaction,
}

impl World {
    pub fn new() -> Self {
        Self::with(LockOptions::default())
    }

    pub fn with(locks: LockOptions) -> Self {
        Self {
            manager: TxnManager::new(TxnOptions { locks }),
            next_pid: Arc::new(AtomicU32::new(101)),
        }
    }

    /// Process numbers count from 101.
    pub fn session(&self) -> Session {
        let pid = self.next_pid.fetch_add(1, Ordering::Relaxed);
        let backend = self.manager.connect(pid).unwrap();
        // Searched for when a test asks, or at once.
        backend.set_deadlock_timeout_ms(1);
        let txn = self.manager.begin(&backend, BeginOptions::default());
        Session {
            manager: self.manager.clone(),
            backend,
            txn: txn.unwrap(),
        }
    }

    /// A session that has written.
    pub fn writer(&self) -> Session {
        let mut session = self.session();
        self.manager.assign_xid(&mut session.txn).unwrap();
        session
    }

    /// Returns once the session waits for a lock.
    pub fn until_blocked(&self, pid: u32) {
        while self.manager.locks().blocking_pids(pid).is_empty() {
            std::thread::yield_now();
        }
    }
}

impl Session {
    pub fn pid(&self) -> u32 {
        self.backend.pid()
    }

    pub fn table(&mut self, mode: LockMode, wait: LockWait) -> Result<LockOutcome> {
        let manager = self.manager.clone();
        manager.locks().lock_table(&mut self.txn, TABLE, mode, wait)
    }

    pub fn row(&mut self, row: u64, mode: RowLockMode, wait: LockWait) -> Result<LockOutcome> {
        self.row_written(row, mode, None, wait)
    }

    pub fn row_written(
        &mut self,
        row: u64,
        mode: RowLockMode,
        writer: Option<RowWriter>,
        wait: LockWait,
    ) -> Result<LockOutcome> {
        let manager = self.manager.clone();
        let request = RowRequest {
            table: TABLE,
            row: RowId(row),
            mode,
            writer,
        };
        manager.locks().lock_row(&mut self.txn, request, wait)
    }

    pub fn advisory(&mut self, key: i64, wait: LockWait) -> Result<LockOutcome> {
        let manager = self.manager.clone();
        let key = AdvisoryKey::Big(key);
        manager
            .locks()
            .lock_advisory(&mut self.txn, key, false, wait)
    }

    /// Ends the transaction as a publish, or a rollback that has undone all, would.
    pub fn end(mut self) {
        if self.txn.has_xid() {
            let ending = Ending {
                held: std::mem::take(&mut self.txn.held),
                ..Ending::default()
            };
            self.manager.active.prepare_end(self.txn.xid, ending);
            let end = std::iter::once((self.txn.xid, Lsn(1)));
            self.manager.publish_ended(end);
        } else {
            self.manager.end_reader(&mut self.txn);
        }
    }
}

/// Runs `body` on a thread that may block; the session comes back with the result.
pub(super) fn aside<R: Send + 'static>(
    mut session: Session,
    body: impl FnOnce(&mut Session) -> R + Send + 'static,
) -> JoinHandle<(Session, R)> {
    std::thread::spawn(move || {
        let result = body(&mut session);
        (session, result)
    })
}

pub(super) fn writer_of(session: &Session, mode: RowLockMode) -> Option<RowWriter> {
    Some(RowWriter {
        xid: session.txn.xid(),
        mode,
    })
}

#[test]
fn a_full_table_answers_53200() {
    let world = World::with(LockOptions {
        max_locks: 2,
        ..LockOptions::default()
    });
    let mut a = world.session();
    a.advisory(1, LockWait::Block).unwrap();
    a.advisory(2, LockWait::Block).unwrap();
    let error = a.advisory(3, LockWait::Block).unwrap_err().into_sql();
    assert_eq!(error.state.0, *b"53200");
    assert_eq!(error.message, "out of shared memory");
    let locks = a.manager.clone();
    a.end();
    assert_eq!(locks.locks().statistics().used, 0);
}

#[test]
fn too_many_sessions_answer_53300() {
    let world = World::with(LockOptions {
        max_backends: 1,
        ..LockOptions::default()
    });
    let first = world.session();
    let error = world.manager.connect(7).unwrap_err();
    assert_eq!(error.state().0, *b"53300");
    let backend = first.backend.clone();
    first.end();
    world.manager.disconnect(&backend);
    world.manager.connect(7).unwrap();
}

#[test]
fn waiting_for_an_ended_transaction_returns_at_once() {
    let world = World::new();
    let mut a = world.session();
    let locks = world.manager.locks();
    let outcome = locks.wait_for_xid(&mut a.txn, Xid(3), LockWait::Block);
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
}

#[test]
fn waiting_for_a_transaction_ends_with_it() {
    let world = World::new();
    let writer = world.writer();
    let xid = writer.txn.xid();
    let waiter = world.session();
    let pid = waiter.pid();
    let waiting = aside(waiter, move |session| {
        let manager = session.manager.clone();
        let locks = manager.locks();
        locks.wait_for_xid(&mut session.txn, xid, LockWait::Block)
    });
    world.until_blocked(pid);
    let lines = world.manager.locks().list();
    let waits = lines.iter().find(|line| !line.is_granted).unwrap();
    assert_eq!(
        (waits.key, waits.mode),
        (LockKey::Transaction(xid), LockMode::Share)
    );
    writer.end();
    let (waiter, outcome) = waiting.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    assert!(waiter.txn.held_locks().next().is_none());
    waiter.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}
