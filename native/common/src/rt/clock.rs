//! Monotonic and wall-clock time.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::scheduler;

/// A moment of [`monotonic_ns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub u64);

impl Deadline {
    pub fn after(duration: Duration) -> Self {
        let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(monotonic_ns().saturating_add(ns))
    }

    pub fn has_passed(self) -> bool {
        monotonic_ns() >= self.0
    }
}

/// Nanoseconds since some moment of this process's life.
#[inline]
pub fn monotonic_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    match scheduler::current() {
        Some(scheduler) => scheduler.monotonic_ns(),
        None => START.get_or_init(Instant::now).elapsed().as_nanos() as u64,
    }
}

/// Microseconds since 1970-01-01 00:00 UTC.
pub fn unix_micros() -> i64 {
    /// What simulated clocks start from: 2026-01-01 00:00 UTC.
    const SIMULATED_EPOCH_MICROS: i64 = 1_767_225_600_000_000;
    match scheduler::current() {
        Some(scheduler) => SIMULATED_EPOCH_MICROS + (scheduler.monotonic_ns() / 1000) as i64,
        None => match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_micros() as i64,
            Err(before) => -(before.duration().as_micros() as i64),
        },
    }
}

pub fn sleep(duration: Duration) {
    match scheduler::current() {
        Some(scheduler) => scheduler.sleep_until(Deadline::after(duration).0),
        None => std::thread::sleep(duration),
    }
}
