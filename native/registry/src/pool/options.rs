//! The pool's settings.

use common::{Result, bail, sqlstate};

/// The most slots that a pool may have.
const SIZE_MAX: u32 = 1_000_000;

/// Settings of a pool; all may change while it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolOptions {
    /// Slots that are kept, made, and at most in use.
    pub min_size: u32,
    pub initial_size: u32,
    pub max_size: u32,
    /// Slots beyond `max_size`, given out while somebody has waited for `reserve_timeout_ms`.
    pub reserve_size: u32,
    pub reserve_timeout_ms: u32,
    /// How long a claim waits; 0 is for ever.
    pub acquire_timeout_ms: u32,
    /// The age at which a slot is made anew, less up to a tenth so that not all are at once; 0 is never.
    pub max_lifetime_ms: u64,
    /// How long a slot beyond `min_size` stays without use; 0 is for ever.
    pub idle_timeout_ms: u64,
    /// How many may wait.
    pub max_wait_queue_size: u32,
    /// First come, first served; else by priority.
    pub fair_queue: bool,
    /// How long a claim waits until it is served like one of the next higher priority.
    pub priority_ageing_ms: u32,
    /// After this a slot in use is reported; 0 is never.
    pub leak_detection_threshold_ms: u64,
    /// Whoever is reported loses the slot: its session is terminated.
    pub leak_reclaim: bool,
    /// How often the monitor looks after slots.
    pub maintenance_interval_ms: u32,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            min_size: 5,
            initial_size: 10,
            max_size: 100,
            reserve_size: 0,
            reserve_timeout_ms: 5_000,
            acquire_timeout_ms: 30_000,
            max_lifetime_ms: 3_600_000,
            idle_timeout_ms: 600_000,
            max_wait_queue_size: 1000,
            fair_queue: true,
            priority_ageing_ms: 1000,
            leak_detection_threshold_ms: 300_000,
            leak_reclaim: false,
            maintenance_interval_ms: 30_000,
        }
    }
}

impl PoolOptions {
    /// 22023 where they contradict each other.
    pub fn check(&self) -> Result<()> {
        if self.max_size == 0 || self.max_size > SIZE_MAX || self.reserve_size > SIZE_MAX {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "pool.max_size must be between 1 and {SIZE_MAX}, not {}",
                self.max_size
            );
        }
        if self.min_size > self.max_size {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "pool.min_size ({}) is more than pool.max_size ({})",
                self.min_size,
                self.max_size
            );
        }
        Ok(())
    }
}
