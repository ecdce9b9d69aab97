//! The current snapshot and those that somebody still holds.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::Xid;
use common::rt::Mutex;

use crate::snapshot::{Snapshot, SnapshotRef};

/// Keeps the current snapshot object and a list, ascending by publish number, of older ones that
/// may have holders. The list's own count is the only one of an object exactly when it is dead: it
/// is not current any more, so nobody can take it anew.
///
/// Invariant: the list is at most twice as long as the number of snapshots that were held when it
/// was last cleaned, plus [`SLACK`].
#[derive(Debug)]
pub struct LiveSnapshots {
    current: Mutex<SnapshotRef>,
    older: Mutex<Older>,
    /// No live or later snapshot has a smaller `xmin`.
    oldest_xmin: AtomicU64,
}

#[derive(Debug, Default)]
struct Older {
    list: VecDeque<SnapshotRef>,
    /// Length at which the list is cleaned through, not only at its front.
    clean_at: usize,
}

const SLACK: usize = 64;

impl LiveSnapshots {
    pub fn new(first: Snapshot) -> Self {
        let oldest_xmin = AtomicU64::new(first.xmin.0);
        Self {
            current: Mutex::new(Arc::new(first)),
            older: Mutex::new(Older::default()),
            oldest_xmin,
        }
    }

    /// The newest snapshot.
    #[inline]
    pub fn take(&self) -> SnapshotRef {
        self.current.lock().clone()
    }

    /// Makes `next` the current snapshot. Callers are ordered by the active set's lock.
    pub fn publish(&self, next: Snapshot) {
        let next = Arc::new(next);
        // Locked over the swap: who finds the new one current also finds the old one in the list.
        let mut older = self.older.lock();
        let before = std::mem::replace(&mut *self.current.lock(), next.clone());
        older.list.push_back(before);
        older.clean();
        let oldest = older.list.front().unwrap_or(&next).xmin.0;
        self.oldest_xmin.fetch_max(oldest, Ordering::Release);
    }

    /// The oldest snapshot that is held, or the current one: nothing may be purged that it sees.
    pub fn oldest(&self) -> SnapshotRef {
        // Current first: were it taken last, one that is replaced in between would be missed.
        let current = self.take();
        let mut older = self.older.lock();
        older.clean();
        match older.list.front() {
            Some(front) if front.publish_no < current.publish_no => front.clone(),
            _ => current,
        }
    }

    /// A lower bound of the `xmin` of every live and every later snapshot: changes of a transaction
    /// below are seen by all. One load; exact as of the last publish.
    #[inline]
    pub fn oldest_xmin(&self) -> Xid {
        Xid(self.oldest_xmin.load(Ordering::Acquire))
    }

    /// Whether some live snapshot sees `older` but not `newer`, so needs the version that `newer`
    /// replaced. A snapshot taken later sees what the current one sees and is covered by it.
    pub fn needs_version(&self, older: Xid, newer: Xid) -> bool {
        if newer < self.oldest_xmin() {
            return false;
        }
        let needs = |s: &Snapshot| s.sees(older) && !s.sees(newer);
        if needs(&self.take()) {
            return true;
        }
        let list = self.older.lock();
        list.list
            .iter()
            .any(|s| Arc::strong_count(s) > 1 && needs(s))
    }
}

#[cfg(test)]
impl LiveSnapshots {
    pub fn list_len(&self) -> usize {
        self.older.lock().list.len()
    }
}

impl Older {
    fn clean(&mut self) {
        while self.list.front().is_some_and(|s| Arc::strong_count(s) == 1) {
            self.list.pop_front();
        }
        if self.list.len() > self.clean_at {
            self.list.retain(|s| Arc::strong_count(s) > 1);
            self.clean_at = 2 * self.list.len() + SLACK;
        }
    }
}
