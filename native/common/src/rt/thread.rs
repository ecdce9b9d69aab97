//! Named threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::scheduler;

/// Joins a thread that [`spawn`] started.
pub struct JoinHandle {
    thread: std::thread::JoinHandle<()>,
    /// Set by the thread as its last act, in its own turn: a simulated joiner that asked the system
    /// instead would depend on when the system notices.
    ended: Arc<AtomicBool>,
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl JoinHandle {
    /// Waits for the end; says whether the thread ended without a panic.
    pub fn join(self) -> bool {
        if scheduler::is_simulated() {
            while !self.is_finished() {
                scheduler::switch();
            }
        }
        self.thread.join().is_ok()
    }

    pub fn is_finished(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

/// Starts a thread; fails when the system has none left.
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle> {
    let ended = Arc::new(AtomicBool::new(false));
    let set = SetOnDrop(ended.clone());
    let body = move || {
        let _set = set;
        body();
    };
    let thread = match scheduler::current() {
        Some(scheduler) => scheduler.spawn(name, Box::new(body)),
        None => std::thread::Builder::new()
            .name(name.to_owned())
            .stack_size(crate::limits::STACK_BYTES)
            .spawn(body)?,
    };
    Ok(JoinHandle { thread, ended })
}

pub fn yield_now() {
    if scheduler::is_simulated() {
        scheduler::switch();
    } else {
        std::thread::yield_now();
    }
}

/// How many threads the machine runs at once; 2 where it does not say.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
