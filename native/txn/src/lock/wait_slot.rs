//! What a session waits for, and how it is told.

use common::rt::Deadline;
use common::{Error, Xid};

use super::lock_head::Level;
use super::lock_key::LockKey;
use super::lock_mode::LockMode;
use crate::backend::Backend;

/// What to do when a lock is not free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockWait {
    /// Park the thread until it is granted.
    Block,
    /// Queue and answer [`Error::WouldBlock`]; [`WaitObserver::ready`] tells when the statement
    /// should be run again. It asks for the same lock then, and keeps its place until it does.
    Queue,
    /// Answer [`LockOutcome::NotAvailable`]: NOWAIT, SKIP LOCKED, the try functions.
    Try,
}

/// How a request ended, errors apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockOutcome {
    /// Got it now. Whoever waited for a row looks at it again.
    Granted,
    /// Had it before.
    Held,
    /// Not free, and the request was a [`LockWait::Try`].
    NotAvailable,
}

/// Told of waits, so that a worker that sleeps leaves the count of running ones, and a front thread
/// runs a statement again. Called without locks; must be short and wait for nothing.
pub trait WaitObserver: Send + Sync {
    /// The calling thread is about to wait for a lock.
    fn wait_begin(&self, _backend: &Backend) {}
    /// It waits no longer.
    fn wait_end(&self, _backend: &Backend) {}
    /// The queued request of the session was granted, or failed, or the session was interrupted.
    fn ready(&self, _backend: &Backend) {}
}

/// A request for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub key: LockKey,
    pub mode: LockMode,
    pub level: Level,
    /// For rows; else 1.
    pub bits: u64,
}

#[derive(Clone, Debug, Default)]
pub enum WaitState {
    #[default]
    Idle,
    /// In the queue of its lock.
    Waiting,
    Granted,
    /// Taken out of the queue by another thread.
    Failed(Error),
}

/// The one wait that a session can be in.
#[derive(Debug, Default)]
pub struct WaitSlot {
    pub state: WaitState,
    pub request: Option<Request>,
    /// No thread is parked: tell [`WaitObserver::ready`].
    pub is_queued: bool,
    /// When the wait began, for `pg_locks`.
    pub since_micros: i64,
    /// `lock_timeout`.
    pub deadline: Option<Deadline>,
    /// When to look for a deadlock next.
    pub next_search: Option<Deadline>,
}

/// Locks that others noted for a transaction: of rows that it wrote, and its own end.
#[derive(Debug, Default)]
pub struct Entered {
    /// 0: it has ended, nothing may be noted.
    pub xid: Xid,
    pub list: Vec<(LockKey, LockMode, u64)>,
}

/// An advisory lock of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLock {
    pub key: LockKey,
    pub mode: LockMode,
    /// How often it was taken; that often it must be given back.
    pub count: u32,
}

impl WaitSlot {
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, WaitState::Waiting)
    }
}
