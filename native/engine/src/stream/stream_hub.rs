//! The sources of an engine, and how a commit's events come to them.
//!
//! Invariants: events are staged under their transaction's number before the commit is in the log,
//! and appended when it is published, after its rows are visible: whoever is woken by an event finds
//! them. What is staged has its room in the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::rt::Mutex;
use common::{Lsn, Result, Xid};
use hashbrown::HashMap;

use super::event_log::{EventLog, FullWarning};
use super::notification::Notification;

/// What notifications take in memory that somebody has not read, at most.
pub const NOTIFY_QUEUE_BYTES: usize = 64 << 20;

/// See the module.
pub struct StreamHub {
    notifications: EventLog,
    /// Of transactions that are about to be published; at most one entry a session.
    staged: Mutex<HashMap<Xid, Staged>>,
    /// Entries of `staged`, to look at without its lock.
    staged_len: AtomicUsize,
}

struct Staged {
    events: Vec<Arc<Notification>>,
    bytes: usize,
}

impl Default for StreamHub {
    fn default() -> Self {
        Self {
            notifications: EventLog::new(NOTIFY_QUEUE_BYTES),
            staged: Mutex::default(),
            staged_len: AtomicUsize::new(0),
        }
    }
}

impl StreamHub {
    /// The source behind LISTEN.
    pub fn notifications(&self) -> &EventLog {
        &self.notifications
    }

    /// Takes what a transaction that is about to commit sends. 54000 when the log is full.
    pub fn stage(&self, xid: Xid, events: Vec<Arc<Notification>>) -> Result<Option<FullWarning>> {
        let bytes = events.iter().map(|event| event.bytes()).sum();
        let warning = self.notifications.reserve(bytes)?;
        self.staged.lock().insert(xid, Staged { events, bytes });
        self.staged_len.fetch_add(1, Ordering::Release);
        Ok(warning)
    }

    /// The commit failed.
    pub fn cancel(&self, xid: Xid) {
        if let Some(staged) = self.take(xid) {
            self.notifications.release(staged.bytes);
        }
    }

    /// The transaction is published, by a commit at `lsn`: called in the order of the log.
    pub fn publish(&self, xid: Xid, lsn: Lsn) {
        if let Some(staged) = self.take(xid) {
            self.notifications.publish(lsn, staged.events, staged.bytes);
        }
    }

    fn take(&self, xid: Xid) -> Option<Staged> {
        // One load for the commits that send nothing.
        if self.staged_len.load(Ordering::Acquire) == 0 {
            return None;
        }
        let staged = self.staged.lock().remove(&xid)?;
        self.staged_len.fetch_sub(1, Ordering::Release);
        Some(staged)
    }
}
