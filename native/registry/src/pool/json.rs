//! The pool as JSON, for whoever manages it.

use serde_json::{Value, json};

use super::histogram::Histogram;
use super::pool::Pool;

fn millis(ns: u64) -> f64 {
    ns as f64 / 1e6
}

fn durations(histogram: &Histogram) -> Value {
    json!({
        "count": histogram.count(),
        "averageMs": millis(histogram.mean_ns()),
        "maxMs": millis(histogram.max_ns()),
        "p50Ms": millis(histogram.quantile_ns(0.5)),
        "p99Ms": millis(histogram.quantile_ns(0.99)),
    })
}

impl Pool {
    /// The state and counts. Times are in milliseconds.
    pub fn statistics_json(&self) -> Value {
        let of = self.statistics();
        json!({
            "state": if of.is_paused { "paused" } else { "running" },
            "maxSize": of.max_size,
            "total": of.total,
            "active": of.active,
            "idle": of.idle,
            "waiting": of.waiting,
            "waitingMax": of.waiting_max,
            "acquired": of.acquired,
            "refused": of.refused,
            "timedOut": of.timed_out,
            "abandoned": of.abandoned,
            "created": of.created,
            "closed": of.closed,
            "leaks": of.leaks,
            "waits": durations(&of.waits),
            "holds": durations(&of.holds),
            "lifetimes": durations(&of.lifetimes),
        })
    }
}
