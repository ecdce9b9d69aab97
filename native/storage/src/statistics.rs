//! What the storage counts.

use std::sync::atomic::{AtomicU64, Ordering};

use common::Lsn;

use crate::log::Log;
use crate::pool::BufferPool;

/// Counters that no part keeps by itself.
#[derive(Debug, Default)]
pub struct Counters {
    pub pages_read: AtomicU64,
    pub pages_written: AtomicU64,
    pub double_writes: AtomicU64,
    pub checkpoints: AtomicU64,
    /// Position from which recovery would redo.
    pub redo: AtomicU64,
}

/// Counters since open, and gauges.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statistics {
    pub pool_frames: u64,
    pub pool_free: u64,
    pub pool_dirty: u64,
    /// Pages brought into the pool, read or new. Hits are not counted: they are too cheap.
    pub pool_misses: u64,
    pub pool_evictions: u64,
    /// Name of the eviction policy.
    pub pool_policy: &'static str,
    pub pages_read: u64,
    pub pages_written: u64,
    pub double_writes: u64,
    pub log_records: u64,
    pub log_writes: u64,
    pub log_syncs: u64,
    pub commits_published: u64,
    /// Commits of the largest group published at once.
    pub commit_group_max: u64,
    pub checkpoints: u64,
    pub log_end: Lsn,
    pub log_durable: Lsn,
    pub redo: Lsn,
}

impl Counters {
    pub fn read(&self, pool: &BufferPool, log: &Log) -> Statistics {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            pool_frames: pool.frames().len() as u64,
            pool_free: pool.free_frames() as u64,
            pool_dirty: pool.dirty.load(Ordering::Relaxed).max(0) as u64,
            pool_misses: get(&pool.misses),
            pool_evictions: get(&pool.evictions),
            pool_policy: pool.policy_name(),
            pages_read: get(&self.pages_read),
            pages_written: get(&self.pages_written),
            double_writes: get(&self.double_writes),
            log_records: get(&log.counters.records),
            log_writes: get(&log.counters.writes),
            log_syncs: get(&log.counters.syncs),
            commits_published: get(&log.counters.published),
            commit_group_max: get(&log.counters.group_max),
            checkpoints: get(&self.checkpoints),
            log_end: Lsn(log.tail()),
            log_durable: Lsn(log.durable()),
            redo: Lsn(get(&self.redo)),
        }
    }
}
