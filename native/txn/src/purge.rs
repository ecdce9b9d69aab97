//! Removing what no snapshot can see any more.
//!
//! Ended transactions are taken in publish order up to the oldest live snapshot's number. Records
//! that were undone or purged are flagged and passed over, so an aborted transaction only waits for
//! its readers to go.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use common::Result;
use common::rt::Mutex;
use smallvec::{SmallVec, smallvec};

use crate::txn_manager::TxnManager;
use crate::undo::ChainRange;

/// Beyond this many jobs later ones are merged, so that one old snapshot costs bounded memory.
const MAX_JOBS: usize = 1 << 16;

/// Undo that may go once all live snapshots have at least this number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PurgeJob {
    publish_no: u64,
    ranges: SmallVec<[ChainRange; 1]>,
}

/// Jobs by ascending publish number.
#[derive(Debug, Default)]
pub struct PurgeQueue {
    jobs: Mutex<VecDeque<PurgeJob>>,
    /// One purges at a time.
    running: Mutex<()>,
    purged: AtomicU64,
}

/// What [`TxnManager::purge`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurgeProgress {
    /// Records handed to the tables.
    pub records: u64,
    /// Jobs finished.
    pub jobs: u64,
    /// Something could be done at once by calling again.
    pub has_more: bool,
}

/// Gauges of purge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurgeStatistics {
    /// Ended transactions (or groups of them) whose undo is kept.
    pub waiting: u64,
    /// Publishes between the oldest live snapshot and the newest.
    pub lag: u64,
    /// Process number of the session whose transaction has the oldest snapshot, if any has an older
    /// one than the newest.
    pub holder: Option<u32>,
    /// Records handed to the tables since the start.
    pub purged: u64,
    /// Pages of undo.
    pub pages: u64,
}

impl PurgeQueue {
    pub fn push(&self, publish_no: u64, range: ChainRange) {
        let mut jobs = self.jobs.lock();
        if jobs.len() >= MAX_JOBS
            && let Some(last) = jobs.back_mut()
        {
            last.publish_no = publish_no;
            last.add(range);
            return;
        }
        jobs.push_back(PurgeJob {
            publish_no,
            ranges: smallvec![range],
        });
    }

    fn pop(&self, horizon: u64) -> Option<PurgeJob> {
        let mut jobs = self.jobs.lock();
        if jobs.front()?.publish_no > horizon {
            return None;
        }
        jobs.pop_front()
    }

    fn push_front(&self, job: PurgeJob) {
        self.jobs.lock().push_front(job);
    }
}

impl PurgeJob {
    /// A chain's transactions follow one another, so at most one range a chain is kept; what lies
    /// between two has been finished.
    fn add(&mut self, range: ChainRange) {
        let known = self.ranges.iter_mut().find(|r| r.chain == range.chain);
        match known {
            Some(known) => known.to = range.to,
            None => self.ranges.push(range),
        }
    }
}

impl TxnManager {
    /// Purges up to about `max_records` records (a page's worth more at most). The caller holds no
    /// latch. Two callers take turns. After an error the same is tried again by the next call.
    pub fn purge(&self, max_records: u64) -> Result<PurgeProgress> {
        let _running = self.purge.running.lock();
        let mut progress = PurgeProgress::default();
        loop {
            let horizon = self.live.oldest();
            let Some(mut job) = self.purge.pop(horizon.publish_no) else {
                return Ok(progress);
            };
            while let Some(range) = job.ranges.last().copied() {
                if progress.records >= max_records {
                    self.purge.push_front(job);
                    progress.has_more = true;
                    return Ok(progress);
                }
                match self.purge_page(range, &horizon) {
                    Ok((records, rest)) => {
                        progress.records += records;
                        job.ranges.pop();
                        job.ranges.extend(rest);
                    }
                    Err(error) => {
                        self.purge.push_front(job);
                        return Err(error);
                    }
                }
            }
            progress.jobs += 1;
        }
    }

    /// One page of a range: how many records, and what is left of the range.
    fn purge_page(
        &self,
        range: ChainRange,
        horizon: &crate::Snapshot,
    ) -> Result<(u64, Option<ChainRange>)> {
        let (records, rest) = self.undo().next_page(range)?;
        if !records.is_empty() {
            let target = self.target()?;
            for (addr, record) in &records {
                target.purge(record, *addr, horizon)?;
            }
            let count = records.len() as u64;
            self.purge.purged.fetch_add(count, Ordering::Relaxed);
        }
        let until = rest.map_or(range.to, |rest| rest.from);
        if let Some(chain) = self.undo().chains().get(range.chain) {
            chain.set_purged(until);
        }
        self.undo().free_before(until)?;
        Ok((records.len() as u64, rest))
    }

    pub fn purge_statistics(&self) -> PurgeStatistics {
        let (newest, oldest) = (self.live.take(), self.live.oldest());
        PurgeStatistics {
            waiting: self.purge.jobs.lock().len() as u64,
            lag: newest.publish_no - oldest.publish_no.min(newest.publish_no),
            holder: self.locks().oldest_snapshot_holder(newest.publish_no),
            purged: self.purge.purged.load(Ordering::Relaxed),
            pages: self.undo().pages(),
        }
    }
}
