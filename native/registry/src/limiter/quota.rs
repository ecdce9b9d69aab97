//! Quotas: how much whom in a calendar day or month.
//!
//! Owns what was used. Invariants: after the process was killed no count is lower than what was let in,
//! nor higher by more than a hundredth of its limit: the file says more than was used, and it is
//! written before the count comes to what it says. A write goes to the system's cache at once and to
//! the disk by [`Ledger::sync`]; a machine that loses power loses what was used since. There are at
//! most [`ENTRIES_MAX`] counts; for whom there is no room share one a quota.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::Result;
use common::rt::Mutex;
use common::vfs::Vfs;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::algorithm::{COST_MAX, LIMIT_MAX, Taken};
use super::key_hash::Secret;
use super::period::Period;
use super::quota_file::{Kept, QuotaFile};
use super::rule::{Scope, check_id, check_range};
use super::units::Cost;

pub const ENTRIES_MAX: usize = 100_000;
/// Of a limit, so much is promised to the file at a time.
const BLOCKS: u64 = 100;

/// `{id, key, period, limit, cost?, match?}`, as in rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuotaDefinition {
    pub id: String,
    pub key: String,
    /// `day` or `month`, of UTC.
    pub period: String,
    pub limit: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Value>,
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub conditions: Option<serde_json::Map<String, Value>>,
}

/// A quota in use.
#[derive(Debug)]
pub struct Quota {
    pub definition: QuotaDefinition,
    pub scope: Scope,
    pub period: Period,
    pub cost: Cost,
    pub denied: AtomicU64,
}

impl Quota {
    /// 22023 names the field and what is allowed.
    pub fn compile(definition: QuotaDefinition) -> Result<Self> {
        check_id(&definition.id)?;
        check_range("limit", definition.limit, LIMIT_MAX)?;
        let QuotaDefinition {
            id, key, period, ..
        } = &definition;
        let fingerprint = format!("quota {id} {period} {key}");
        Ok(Self {
            period: Period::parse(period)?,
            scope: Scope::parse(fingerprint, key, definition.conditions.as_ref())?,
            cost: Cost::parse(definition.cost.as_ref())?,
            denied: AtomicU64::new(0),
            definition,
        })
    }
}

/// What one client used in one period.
#[derive(Clone, Copy, Debug)]
struct Used {
    period: u32,
    count: u64,
    /// What the file says, at least `count`.
    promised: u64,
    /// Where in the file.
    slot: u32,
}

#[derive(Debug, Default)]
struct Counts {
    used: BTreeMap<u128, Used>,
    free: Vec<u32>,
    slots: u32,
    /// When the last look for counts of past periods was.
    cleared_secs: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Ledger {
    counts: Mutex<Counts>,
    file: QuotaFile,
    is_dirty: AtomicBool,
    failures: AtomicU64,
}

impl Ledger {
    /// Opens the file, with the counts of the periods that `unix_secs` lies in.
    pub fn open(vfs: &Arc<dyn Vfs>, unix_secs: u64) -> Result<Self> {
        let (file, slots) = QuotaFile::open(vfs)?;
        let mut counts = Counts::default();
        let mut past = Vec::new();
        for kept in slots {
            let slot = counts.new_slot();
            match kept {
                Some(kept) if Period::is_current(kept.period, unix_secs) => {
                    let used = Used {
                        period: kept.period,
                        count: kept.promised,
                        promised: kept.promised,
                        slot,
                    };
                    counts.used.insert(kept.key, used);
                }
                _ => past.push(slot),
            }
        }
        counts.free = past;
        Ok(Self {
            counts: Mutex::new(counts),
            file,
            is_dirty: AtomicBool::new(false),
            failures: AtomicU64::new(0),
        })
    }

    /// What names are hashed with: kept in the file, for it has the hashes.
    pub fn secret(&self) -> Secret {
        self.file.secret()
    }

    /// Counts that are kept.
    pub fn len(&self) -> usize {
        self.counts.lock().used.len()
    }

    /// Writes that failed: what they should have kept is lost with the process.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Takes `cost` of a client's quota where it may be had. `overflow` is the key of all those
    /// together for whom there is no room.
    pub fn take(&self, quota: &Quota, keys: [u128; 2], cost: u64, unix_secs: u64) -> Taken {
        let cost = cost.min(COST_MAX);
        let limit = quota.definition.limit;
        let left_ns = (quota.period.end_secs(unix_secs) - unix_secs) * 1_000_000_000;
        let mut counts = self.counts.lock();
        let (key, used) = self.entry(&mut counts, quota, keys, unix_secs);
        let allowed = used.count.saturating_add(cost.clamp(1, limit)) <= limit;
        let remaining = limit.saturating_sub(used.count + if allowed { cost } else { 0 });
        if allowed {
            self.count(&mut counts, key, used, cost, limit);
        } else {
            quota.denied.fetch_add(1, Ordering::Relaxed);
        }
        Taken {
            allowed,
            remaining,
            reset_ns: left_ns,
            retry_ns: if allowed { 0 } else { left_ns },
        }
    }

    /// Takes `cost` whether it may be had or not.
    pub fn charge(&self, quota: &Quota, keys: [u128; 2], cost: u64, unix_secs: u64) {
        let mut counts = self.counts.lock();
        let (key, used) = self.entry(&mut counts, quota, keys, unix_secs);
        let limit = quota.definition.limit;
        self.count(&mut counts, key, used, cost.min(COST_MAX), limit);
    }

    /// Gives back what was taken and not used. The file goes on saying more.
    pub fn refund(&self, keys: [u128; 2], cost: u64) {
        let mut counts = self.counts.lock();
        for key in keys {
            if let Some(used) = counts.used.get_mut(&key) {
                used.count = used.count.saturating_sub(cost);
                return;
            }
        }
    }

    /// Brings what was written to the disk. Waits for it.
    pub fn sync(&self) -> Result<()> {
        if self.is_dirty.swap(false, Ordering::AcqRel) {
            self.file.sync()?;
        }
        Ok(())
    }

    /// Writes the counts as they are, not as they were promised.
    pub fn close(&self) -> Result<()> {
        let mut counts = self.counts.lock();
        for (key, used) in &mut counts.used {
            if used.promised != used.count {
                used.promised = used.count;
                self.file.write(used.slot, kept(*key, used))?;
            }
        }
        drop(counts);
        self.file.sync()
    }

    /// The count of the client, or of those that share one, as it is or new.
    fn entry(
        &self,
        counts: &mut Counts,
        quota: &Quota,
        [own, overflow]: [u128; 2],
        unix_secs: u64,
    ) -> (u128, Used) {
        let period = quota.period.number(unix_secs);
        let new = |slot| Used {
            period,
            count: 0,
            promised: 0,
            slot,
        };
        let known = |counts: &Counts, key: u128| {
            let used = counts.used.get(&key)?;
            let is_same = used.period == period;
            Some(if is_same { *used } else { new(used.slot) })
        };
        if let Some(used) = known(counts, own) {
            return (own, used);
        }
        if counts.used.len() >= ENTRIES_MAX {
            counts.clear_past(unix_secs);
        }
        if counts.used.len() < ENTRIES_MAX {
            return (own, new(counts.new_slot()));
        }
        match known(counts, overflow) {
            Some(used) => (overflow, used),
            None => (overflow, new(counts.new_slot())),
        }
    }

    fn count(&self, counts: &mut Counts, key: u128, mut used: Used, cost: u64, limit: u64) {
        used.count = used.count.saturating_add(cost);
        if used.count > used.promised {
            used.promised = used.count.saturating_add(limit / BLOCKS);
            match self.file.write(used.slot, kept(key, &used)) {
                Ok(()) => self.is_dirty.store(true, Ordering::Release),
                // A full disk must not stop those who write nothing.
                Err(_) => {
                    self.failures.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        counts.used.insert(key, used);
    }
}

fn kept(key: u128, used: &Used) -> Kept {
    Kept {
        key,
        period: used.period,
        promised: used.promised,
    }
}

impl Counts {
    fn new_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        })
    }

    /// Forgets past periods, at most once a second.
    fn clear_past(&mut self, unix_secs: u64) {
        if self.cleared_secs == unix_secs {
            return;
        }
        self.cleared_secs = unix_secs;
        let free = &mut self.free;
        self.used.retain(|_, used| {
            let is_current = Period::is_current(used.period, unix_secs);
            if !is_current {
                free.push(used.slot);
            }
            is_current
        });
    }
}

#[cfg(test)]
#[path = "quota_tests.rs"]
mod tests;
