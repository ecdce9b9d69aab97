//! What is to be seen of a pool.

use super::claim::Priority;
use super::histogram::Histogram;
use super::inner::Inner;
use super::partition::{Counts, PartitionOptions};
use super::slot::SlotState;

/// The state of a pool at a moment, and counts since it was made.
#[derive(Clone, Debug)]
pub struct PoolStatistics {
    pub max_size: u32,
    /// Slots that there are, those in use, those without use.
    pub total: u32,
    pub active: u32,
    pub idle: u32,
    pub waiting: u32,
    pub waiting_max: u32,
    pub is_paused: bool,
    pub acquired: u64,
    pub refused: u64,
    pub timed_out: u64,
    pub abandoned: u64,
    /// Slots made, and closed.
    pub created: u64,
    pub closed: u64,
    pub leaks: u64,
    /// From claim to slot, of those that had to wait; others waited 0.
    pub waits: Histogram,
    /// From slot to its return.
    pub holds: Histogram,
    /// From making to closing of slots.
    pub lifetimes: Histogram,
}

#[derive(Clone, Debug)]
pub struct PartitionStatistics {
    pub options: PartitionOptions,
    pub active: u32,
    pub waiting: u32,
    pub counts: Counts,
}

#[derive(Clone, Debug)]
pub struct SlotInfo {
    pub slot: u32,
    pub state: SlotState,
    /// 0 for nobody.
    pub owner: u32,
    pub partition: String,
    pub age_ms: u64,
    /// Since it changed hands.
    pub since_ms: u64,
    pub uses: u64,
}

#[derive(Clone, Debug)]
pub struct WaiterInfo {
    pub owner: u32,
    pub partition: String,
    pub priority: Priority,
    /// 1 is served next.
    pub position: u32,
    pub waited_ms: u64,
    /// Until its time is over; None: never.
    pub remaining_ms: Option<u64>,
    /// None where the pool has not seen enough to say.
    pub expected_ms: Option<u64>,
}

impl Inner {
    pub fn waiters_info(&self, now_ns: u64, limit: usize) -> Vec<WaiterInfo> {
        const MS: u64 = 1_000_000;
        let order = self.order();
        let mut all = Vec::new();
        for of in &self.partitions {
            let mut line: Vec<_> = self.waiters.line(&of.line).collect();
            line.sort_by_key(|(_, waiter)| order.rank(waiter));
            let shown = line.iter().take(limit).enumerate();
            all.extend(shown.map(|(at, (_, waiter))| {
                let position = at as u32 + 1;
                let deadline = Some(waiter.deadline_ns).filter(|ns| *ns != u64::MAX);
                WaiterInfo {
                    owner: waiter.owner,
                    partition: of.options.name.clone(),
                    priority: waiter.priority,
                    position,
                    waited_ms: now_ns.saturating_sub(waiter.since_ns) / MS,
                    remaining_ms: deadline.map(|ns| ns.saturating_sub(now_ns) / MS),
                    expected_ms: self.turns.expected_ns(position).map(|ns| ns / MS),
                }
            }));
        }
        all
    }
}
