//! Named threads.

use super::scheduler;

/// Joins a thread that [`spawn`] started.
pub struct JoinHandle(std::thread::JoinHandle<()>);

impl JoinHandle {
    /// Waits for the end; says whether the thread ended without a panic.
    pub fn join(self) -> bool {
        if scheduler::is_simulated() {
            while !self.0.is_finished() {
                scheduler::switch();
            }
        }
        self.0.join().is_ok()
    }

    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

/// Starts a thread; fails when the system has none left.
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle> {
    if let Some(scheduler) = scheduler::current() {
        return Ok(JoinHandle(scheduler.spawn(name, Box::new(body))));
    }
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map(JoinHandle)
}

pub fn yield_now() {
    if scheduler::is_simulated() {
        scheduler::switch();
    } else {
        std::thread::yield_now();
    }
}
