//! Threads: rollback after a crash, purge, queued lock requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::rt::{Condvar, Deadline, JoinHandle, Mutex, spawn};
use common::{Error, Result};

use crate::txn_manager::TxnManager;

/// Records between two looks at whether to stop.
const PURGE_STEP: u64 = 4096;
/// How long purge rests when there is nothing to do.
const PURGE_PAUSE: Duration = Duration::from_millis(50);
/// After an error of rollback or purge.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// The threads' common state.
#[derive(Default)]
pub struct Background {
    is_stopping: AtomicBool,
    threads: Mutex<Vec<JoinHandle>>,
    sleep: Mutex<()>,
    wake: Condvar,
}

impl Background {
    pub fn wake(&self) {
        self.wake.notify_all();
    }

    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    fn pause(&self, duration: Duration) {
        let mut guard = self.sleep.lock();
        if !self.is_stopping() {
            self.wake.wait_until(&mut guard, Deadline::after(duration));
        }
    }
}

impl TxnManager {
    /// Starts the threads; once, after [`TxnManager::set_target`].
    pub fn start_background(self: &Arc<Self>) -> Result<()> {
        let purger = self.clone();
        let monitor = self.clone();
        let failed = |error: std::io::Error| Error::io("cannot start a thread", &error);
        let mut threads = self.background.threads.lock();
        threads.push(spawn("rdb-purge", move || purger.run_purge()).map_err(failed)?);
        let body = move || monitor.locks().monitor(|| monitor.background.is_stopping());
        threads.push(spawn("rdb-locks", body).map_err(failed)?);
        Ok(())
    }

    /// Ends the threads and waits for them; before the storage is closed. Idempotent.
    pub fn stop_background(&self) {
        {
            let _sleep = self.background.sleep.lock();
            self.background.is_stopping.store(true, Ordering::Release);
        }
        self.background.wake();
        self.locks().wake_monitor();
        let threads = std::mem::take(&mut *self.background.threads.lock());
        for thread in threads {
            thread.join();
        }
    }

    /// Losers first: readers look through their changes, and writers wait for them.
    fn run_purge(&self) {
        while !self.background.is_stopping() {
            let rolled_back = self.roll_back_next_loser();
            if let Ok(true) = rolled_back {
                continue;
            }
            match self.purge(PURGE_STEP) {
                _ if rolled_back.is_err() => self.background.pause(ERROR_PAUSE),
                Ok(progress) if progress.has_more => {}
                Ok(_) => self.background.pause(PURGE_PAUSE),
                Err(_) => self.background.pause(ERROR_PAUSE),
            }
        }
    }
}
