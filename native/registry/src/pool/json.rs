//! The pool as JSON, for whoever manages it.

use serde_json::{Value, json};

use super::histogram::Histogram;
use super::leak::Leak;
use super::pool::Pool;
use super::statistics::{PartitionStatistics, SlotInfo, WaiterInfo};

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

    /// The partitions, a list. Sizes without a limit are null.
    pub fn partitions_json(&self) -> Value {
        let shown = |of: PartitionStatistics| {
            json!({
                "name": of.options.name,
                "minSize": of.options.min_size,
                "maxSize": limit(of.options.max_size),
                "maxWaitQueueSize": limit(of.options.max_wait_queue_size),
                "mayBorrow": of.options.may_borrow,
                "lends": of.options.lends,
                "active": of.active,
                "waiting": of.waiting,
                "granted": of.counts.granted,
                "waited": of.counts.waited,
                "refused": of.counts.refused,
                "timedOut": of.counts.timed_out,
                "borrowed": of.counts.borrowed,
                "activeMax": of.counts.active_max,
                "waitingMax": of.counts.waiting_max,
            })
        };
        self.partitions().into_iter().map(shown).collect()
    }

    /// The slots, a list.
    pub fn slots_json(&self) -> Value {
        let shown = |of: SlotInfo| {
            json!({
                "id": of.slot,
                "state": of.state.as_str(),
                "partition": of.partition,
                "processId": owner(of.owner),
                "ageMs": of.age_ms,
                "sinceMs": of.since_ms,
                "uses": of.uses,
            })
        };
        self.slots().into_iter().map(shown).collect()
    }

    /// Who waits, at most `limit` a partition, who is served next first.
    pub fn waiters_json(&self, limit: usize) -> Value {
        let shown = |of: WaiterInfo| {
            json!({
                "partition": of.partition,
                "position": of.position,
                "priority": of.priority.as_str(),
                "processId": owner(of.owner),
                "waitedMs": of.waited_ms,
                "remainingMs": of.remaining_ms,
                "expectedMs": of.expected_ms,
            })
        };
        self.waiters(limit).into_iter().map(shown).collect()
    }

    /// Reports of slots that were held too long, oldest first. Times are milliseconds since 1970.
    pub fn leaks_json(&self) -> Value {
        let shown = |leak: Leak| {
            json!({
                "slot": leak.slot,
                "processId": owner(leak.owner),
                "heldMs": leak.held_ms,
                "reportedMs": leak.reported_micros / 1000,
                "wasReclaimed": leak.was_reclaimed,
                "user": leak.evidence.user,
                "application": leak.evidence.application,
                "clientAddress": leak.evidence.client_address,
                "query": leak.evidence.query,
                "state": leak.evidence.state,
                "idleMs": leak.evidence.idle_ms,
            })
        };
        self.leaks().into_iter().map(shown).collect()
    }
}

fn limit(size: u32) -> Option<u32> {
    (size != u32::MAX).then_some(size)
}

fn owner(owner: u32) -> Option<u32> {
    (owner != 0).then_some(owner)
}
