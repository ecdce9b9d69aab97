//! What other sessions can see of one: its process number, what it waits for, how to interrupt it.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use common::rt::{Condvar, Deadline, Mutex};
use common::{Error, Result, Xid, err, sqlstate};

use crate::lock::{Entered, FastSlots, SessionLock, WaitSlot};

/// Why a session is interrupted, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Interrupt {
    /// A cancel request.
    Cancel = 1,
    StatementTimeout = 2,
    /// The session ends: `pg_terminate_backend`, shutdown.
    Terminate = 3,
}

impl Interrupt {
    /// PostgreSQL's error for it.
    pub fn error(self) -> Error {
        match self {
            Self::Cancel => err!(
                sqlstate::QUERY_CANCELED,
                "canceling statement due to user request"
            ),
            Self::StatementTimeout => err!(
                sqlstate::QUERY_CANCELED,
                "canceling statement due to statement timeout"
            ),
            Self::Terminate => err!(
                sqlstate::ADMIN_SHUTDOWN,
                "terminating connection due to administrator command"
            ),
        }
    }
}

/// One session as the lock manager and others know it. Made by [`crate::TxnManager::connect`].
///
/// Order of locks: `fast`, then a lock shard, then `entered` or `wait`, which hold nothing else.
#[derive(Debug)]
pub struct Backend {
    pid: u32,
    interrupt: AtomicU8,
    /// Nanoseconds of the monotonic clock; 0 for none.
    statement_deadline_ns: AtomicU64,
    lock_timeout_ms: AtomicU32,
    deadlock_timeout_ms: AtomicU32,
    /// Orders transactions by age; 0 outside of one.
    pub(crate) start: AtomicU64,
    xid: AtomicU64,
    /// Publish number of the transaction's snapshot; `u64::MAX` for none.
    snapshot_no: AtomicU64,
    xmin: AtomicU64,
    pub(crate) fast: Mutex<FastSlots>,
    /// Locks that others noted on behalf of this one's transaction.
    pub(crate) entered: Mutex<Entered>,
    pub(crate) wait: Mutex<WaitSlot>,
    pub(crate) wake: Condvar,
    /// Advisory locks of session level.
    pub(crate) session_locks: Mutex<Vec<SessionLock>>,
    /// Whom it waits for outside of the lock manager (a pool, say), by process number.
    pub(crate) external_wait: Mutex<Vec<u32>>,
    /// 1 while a request of wait mode `Queue` has not been taken up.
    pub(crate) has_request: AtomicU8,
}

/// How long a wait lasts before a deadlock is looked for.
pub const DEADLOCK_TIMEOUT_MS: u32 = 10;

impl Backend {
    pub(crate) fn new(pid: u32) -> Self {
        Self {
            pid,
            interrupt: AtomicU8::new(0),
            statement_deadline_ns: AtomicU64::new(0),
            lock_timeout_ms: AtomicU32::new(0),
            deadlock_timeout_ms: AtomicU32::new(DEADLOCK_TIMEOUT_MS),
            start: AtomicU64::new(0),
            xid: AtomicU64::new(0),
            snapshot_no: AtomicU64::new(u64::MAX),
            xmin: AtomicU64::new(0),
            fast: Mutex::new(FastSlots::default()),
            entered: Mutex::new(Entered::default()),
            wait: Mutex::new(WaitSlot::default()),
            wake: Condvar::new(),
            session_locks: Mutex::new(Vec::new()),
            external_wait: Mutex::new(Vec::new()),
            has_request: AtomicU8::new(0),
        }
    }

    /// The number that clients see as process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The running transaction's xid; 0 for none.
    pub fn xid(&self) -> Xid {
        Xid(self.xid.load(Ordering::Acquire))
    }

    pub(crate) fn set_xid(&self, xid: Xid) {
        self.xid.store(xid.0, Ordering::Release);
    }

    /// Publish number of the snapshot that the running transaction uses; None for none.
    pub fn snapshot_no(&self) -> Option<u64> {
        let number = self.snapshot_no.load(Ordering::Relaxed);
        (number != u64::MAX).then_some(number)
    }

    /// `xmin` of that snapshot (`pg_stat_activity.backend_xmin`); 0 for none.
    pub fn xmin(&self) -> Xid {
        Xid(self.xmin.load(Ordering::Relaxed))
    }

    pub(crate) fn set_snapshot(&self, publish_no: u64, xmin: Xid) {
        self.snapshot_no.store(publish_no, Ordering::Relaxed);
        self.xmin.store(xmin.0, Ordering::Relaxed);
    }

    /// `lock_timeout`; 0 for none.
    pub fn set_lock_timeout_ms(&self, timeout_ms: u32) {
        self.lock_timeout_ms.store(timeout_ms, Ordering::Relaxed);
    }

    pub(crate) fn lock_deadline(&self) -> Option<Deadline> {
        match self.lock_timeout_ms.load(Ordering::Relaxed) {
            0 => None,
            ms => Some(Deadline::after(Duration::from_millis(ms.into()))),
        }
    }

    /// `deadlock_timeout`, at least 1.
    pub fn set_deadlock_timeout_ms(&self, timeout_ms: u32) {
        let timeout_ms = timeout_ms.max(1);
        self.deadlock_timeout_ms
            .store(timeout_ms, Ordering::Relaxed);
    }

    pub(crate) fn deadlock_timeout(&self) -> Duration {
        Duration::from_millis(self.deadlock_timeout_ms.load(Ordering::Relaxed).into())
    }

    /// When the running statement's time is over; None for never. Set at its begin.
    pub fn set_statement_deadline(&self, deadline: Option<Deadline>) {
        let ns = deadline.map_or(0, |deadline| deadline.0);
        self.statement_deadline_ns.store(ns, Ordering::Relaxed);
    }

    pub(crate) fn statement_deadline(&self) -> Option<Deadline> {
        match self.statement_deadline_ns.load(Ordering::Relaxed) {
            0 => None,
            ns => Some(Deadline(ns)),
        }
    }

    /// Interrupts what the session does, also while it waits for a lock. A stronger reason replaces
    /// a weaker one.
    pub fn interrupt(&self, reason: Interrupt) {
        self.interrupt.fetch_max(reason as u8, Ordering::AcqRel);
        // Under the mutex, so that a waiter is either before its check or in its wait.
        let _slot = self.wait.lock();
        self.wake.notify_all();
    }

    /// Forgets a cancel request or time-out that came too late; called when a statement starts. A
    /// session that is to end stays so.
    pub fn clear_interrupt(&self) {
        let terminate = Interrupt::Terminate as u8;
        let clear = |now| (now != 0 && now != terminate).then_some(0);
        let _ = self
            .interrupt
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, clear);
    }

    /// The session is gone but for what it has to clean up: nothing interrupts that.
    pub fn begin_last_work(&self) {
        self.interrupt.store(0, Ordering::Release);
        self.set_statement_deadline(None);
        self.set_lock_timeout_ms(0);
    }

    /// The reason to stop, if any: one load, and the clock when a deadline is set.
    pub fn interrupted(&self) -> Option<Interrupt> {
        match self.interrupt.load(Ordering::Relaxed) {
            0 => {}
            1 => return Some(Interrupt::Cancel),
            2 => return Some(Interrupt::StatementTimeout),
            _ => return Some(Interrupt::Terminate),
        }
        match self.statement_deadline() {
            Some(deadline) if deadline.has_passed() => Some(Interrupt::StatementTimeout),
            _ => None,
        }
    }

    /// To be called by whatever runs long.
    pub fn check_interrupts(&self) -> Result<()> {
        match self.interrupted() {
            Some(reason) => Err(reason.error()),
            None => Ok(()),
        }
    }

    /// Tells the deadlock search whom the session waits for outside of the lock manager, by process
    /// number; empty when it no longer does.
    pub fn set_external_wait(&self, pids: &[u32]) {
        let mut list = self.external_wait.lock();
        list.clear();
        list.extend_from_slice(pids);
    }
}
