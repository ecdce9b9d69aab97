//! A condition variable that the simulator can schedule.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::clock::{Deadline, monotonic_ns};
use super::mutex::MutexGuard;
use super::scheduler;

/// As `parking_lot::Condvar`; a wake-up may be spurious, so callers wait in a loop.
#[derive(Debug, Default)]
pub struct Condvar {
    inner: parking_lot::Condvar,
    /// Counts notifications; what a simulated waiter watches.
    epoch: AtomicU64,
}

impl Condvar {
    pub const fn new() -> Self {
        Self {
            inner: parking_lot::Condvar::new(),
            epoch: AtomicU64::new(0),
        }
    }

    pub fn notify_one(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.inner.notify_one();
        scheduler::switch();
    }

    pub fn notify_all(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.inner.notify_all();
        scheduler::switch();
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        if scheduler::is_simulated() {
            self.wait_simulated(guard, None);
        } else {
            self.inner
                .wait(guard.inner.as_mut().expect("a waiter holds its lock"));
        }
    }

    /// Waits until notified or `deadline`; says whether the deadline has passed.
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Deadline) -> bool {
        if scheduler::is_simulated() {
            self.wait_simulated(guard, Some(deadline));
        } else {
            let left = Duration::from_nanos(deadline.0.saturating_sub(monotonic_ns()));
            self.inner
                .wait_for(guard.inner.as_mut().expect("a waiter holds its lock"), left);
        }
        monotonic_ns() >= deadline.0
    }

    fn wait_simulated<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Option<Deadline>) {
        let seen = self.epoch.load(Ordering::SeqCst);
        guard.unlocked(|| {
            while self.epoch.load(Ordering::SeqCst) == seen {
                if deadline.is_some_and(|d| monotonic_ns() >= d.0) {
                    break;
                }
                scheduler::switch();
            }
        });
    }
}
