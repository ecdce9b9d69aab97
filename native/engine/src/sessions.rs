//! The sessions of an engine, by process number.
//!
//! Invariants: at most `sessions_max`; a process number is given to one session at a time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use common::rt::RwLock;
use common::{Result, bail, sqlstate};

use crate::session::SessionHandle;

pub struct Sessions {
    by_pid: RwLock<BTreeMap<u32, SessionHandle>>,
    next_pid: AtomicU32,
    sessions_max: usize,
}

impl Sessions {
    pub fn new(sessions_max: usize) -> Self {
        Self {
            by_pid: RwLock::new(BTreeMap::new()),
            next_pid: AtomicU32::new(1),
            sessions_max,
        }
    }

    /// A process number that no session has. Positive as a signed 32-bit number.
    pub fn next_pid(&self) -> u32 {
        loop {
            let pid = self.next_pid.fetch_add(1, Ordering::Relaxed) & 0x7FFF_FFFF;
            if pid != 0 && !self.by_pid.read().contains_key(&pid) {
                return pid;
            }
        }
    }

    /// 53300 when there are too many.
    pub fn insert(&self, handle: SessionHandle) -> Result<()> {
        let mut sessions = self.by_pid.write();
        if sessions.len() >= self.sessions_max {
            bail!(
                sqlstate::TOO_MANY_CONNECTIONS,
                "sorry, too many clients already"
            );
        }
        sessions.insert(handle.pid(), handle);
        Ok(())
    }

    pub fn remove(&self, pid: u32) {
        self.by_pid.write().remove(&pid);
    }

    pub fn get(&self, pid: u32) -> Option<SessionHandle> {
        self.by_pid.read().get(&pid).cloned()
    }

    pub fn list(&self) -> Vec<SessionHandle> {
        self.by_pid.read().values().cloned().collect()
    }

    pub fn len(&self) -> usize {
        self.by_pid.read().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
