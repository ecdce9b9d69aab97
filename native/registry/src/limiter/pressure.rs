//! How slow the server is, for adaptive rules.
//!
//! The signal is the time that requests take, as the doors report it. While its moving average is over
//! twice what it is at quiet times, the rates of adaptive rules go down by a tenth every 100 ms, to a
//! tenth of what the rule says at least; else they come back by a hundredth of it (additive increase,
//! multiplicative decrease: Chiu and Jain, 1989; the gradient against the quiet time is that of TCP
//! Vegas). Invariant: without reports nothing changes.

use std::sync::atomic::{AtomicU32, Ordering};

use common::rt::Mutex;

use super::algorithm::SLOWNESS_ONE;

const STEP_NS: u64 = 100_000_000;
const DECREASE: f64 = 0.9;
const INCREASE: f64 = 0.01;
const FACTOR_MIN: f64 = 0.1;
/// The weight of a report in the moving average.
const SHORT_WEIGHT: f64 = 1.0 / 32.0;
/// The weight of a step in the quiet time, where that rises; it falls at once.
const QUIET_WEIGHT: f64 = 1.0 / 512.0;
const SLOW_RATIO: f64 = 2.0;
/// Below this all is quick.
const QUIET_MIN_NS: f64 = 1_000_000.0;

#[derive(Debug)]
struct Average {
    short_ns: f64,
    quiet_ns: f64,
    factor: f64,
    step_at: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Pressure {
    average: Mutex<Average>,
    slowness: AtomicU32,
}

impl Pressure {
    pub fn new() -> Self {
        Self {
            average: Mutex::new(Average {
                short_ns: 0.0,
                quiet_ns: 0.0,
                factor: 1.0,
                step_at: 0,
            }),
            slowness: AtomicU32::new(SLOWNESS_ONE),
        }
    }

    /// By how much adaptive buckets fill more slowly than their rules say, in parts of
    /// [`SLOWNESS_ONE`].
    #[inline]
    pub fn slowness(&self) -> u32 {
        self.slowness.load(Ordering::Relaxed)
    }

    /// A request has taken `elapsed_ns`.
    pub fn observe(&self, elapsed_ns: u64, now_ns: u64) {
        let mut average = self.average.lock();
        let elapsed = elapsed_ns as f64;
        if average.short_ns == 0.0 {
            average.short_ns = elapsed;
            average.quiet_ns = elapsed;
            average.step_at = now_ns + STEP_NS;
            return;
        }
        average.short_ns += (elapsed - average.short_ns) * SHORT_WEIGHT;
        if now_ns < average.step_at {
            return;
        }
        average.step_at = now_ns + STEP_NS;
        let above = average.short_ns - average.quiet_ns;
        average.quiet_ns += if above < 0.0 {
            above
        } else {
            above * QUIET_WEIGHT
        };
        let quiet = average.quiet_ns.max(QUIET_MIN_NS);
        average.factor = if average.short_ns > quiet * SLOW_RATIO {
            (average.factor * DECREASE).max(FACTOR_MIN)
        } else {
            (average.factor + INCREASE).min(1.0)
        };
        let slowness = f64::from(SLOWNESS_ONE) / average.factor;
        self.slowness.store(slowness as u32, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_requests_take() {
        let pressure = Pressure::new();
        let mut now = 0;
        let mut steps = |count: u64, elapsed_ns: u64| {
            for _ in 0..count {
                for _ in 0..200 {
                    now += STEP_NS / 200;
                    pressure.observe(elapsed_ns, now);
                }
            }
            f64::from(SLOWNESS_ONE) / f64::from(pressure.slowness())
        };
        assert!(steps(20, 2_000_000) > 0.999);
        let slow = steps(10, 20_000_000);
        assert!((0.3..0.5).contains(&slow), "{slow}");
        assert!(steps(40, 20_000_000) >= 0.0999);
        assert!(steps(150, 2_000_000) > 0.999);
    }
}
