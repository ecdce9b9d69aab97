//! What statements cost, by their normalized text (pg_stat_statements).
//!
//! An entry is a user's statement; sessions that run it keep it and add to it without a look-up.
//! Invariants: at most [`ENTRIES_MAX`] entries: when they are full, those used least make room, and
//! an entry that was removed takes nothing more. Counters lie in stripes, so that sessions on
//! several cores do not wait for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use common::ObjectId;
use common::rt::{Mutex, RwLock};
use hashbrown::HashMap;

/// PostgreSQL's default of `pg_stat_statements.max`.
const ENTRIES_MAX: usize = 5000;
/// What part of the entries makes room at once: one in so many.
const EVICTED_PART: usize = 20;
/// Longer texts are cut.
const TEXT_BYTES_MAX: usize = 8 * 1024;
const STRIPES: usize = 8;

/// Counters of one statement; times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    pub calls: u64,
    pub rows: u64,
    pub total_ms: f64,
    pub min_ms: f64,
    pub max_ms: f64,
    pub mean_ms: f64,
    /// The sum of squared distances from the mean (Welford).
    distances: f64,
}

impl Counters {
    fn add(&mut self, ms: f64, rows: u64) {
        self.min_ms = if self.calls == 0 {
            ms
        } else {
            self.min_ms.min(ms)
        };
        self.max_ms = self.max_ms.max(ms);
        self.calls += 1;
        self.rows += rows;
        self.total_ms += ms;
        let distance = ms - self.mean_ms;
        self.mean_ms += distance / self.calls as f64;
        self.distances += distance * (ms - self.mean_ms);
    }

    /// Chan's way to put two together.
    fn merge(&mut self, other: &Self) {
        if other.calls == 0 {
            return;
        }
        if self.calls == 0 {
            *self = *other;
            return;
        }
        let (own, others) = (self.calls as f64, other.calls as f64);
        let distance = other.mean_ms - self.mean_ms;
        self.distances += other.distances + distance * distance * own * others / (own + others);
        self.calls += other.calls;
        self.rows += other.rows;
        self.total_ms += other.total_ms;
        self.mean_ms = self.total_ms / self.calls as f64;
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
    }

    /// The standard deviation of the population.
    pub fn deviation_ms(&self) -> f64 {
        match self.calls {
            0 | 1 => 0.0,
            calls => (self.distances / calls as f64).sqrt(),
        }
    }
}

#[repr(align(128))]
#[derive(Debug, Default)]
struct Stripe(Mutex<Counters>);

/// One statement of one user.
#[derive(Debug)]
pub struct StatementEntry {
    pub user: ObjectId,
    pub query_id: i64,
    pub text: Arc<str>,
    stripes: [Stripe; STRIPES],
    is_removed: AtomicBool,
}

impl StatementEntry {
    /// One more run, by the session `pid`.
    #[inline]
    pub fn add(&self, pid: u32, ms: f64, rows: u64) {
        self.stripes[pid as usize % STRIPES].0.lock().add(ms, rows);
    }

    /// Whether it is to be looked up again.
    #[inline]
    pub fn is_removed(&self) -> bool {
        self.is_removed.load(Ordering::Relaxed)
    }

    pub fn counters(&self) -> Counters {
        let mut all = Counters::default();
        for stripe in &self.stripes {
            all.merge(&stripe.0.lock());
        }
        all
    }
}

/// See the module.
pub struct StatementStatistics {
    entries: RwLock<HashMap<(ObjectId, i64), Arc<StatementEntry>>>,
    /// How often entries had to make room.
    evictions: AtomicU64,
    reset_micros: AtomicI64,
}

impl Default for StatementStatistics {
    fn default() -> Self {
        Self {
            entries: RwLock::default(),
            evictions: AtomicU64::new(0),
            reset_micros: AtomicI64::new(common::rt::unix_micros()),
        }
    }
}

impl StatementStatistics {
    /// The entry of a normalized text, made where there is none.
    pub fn entry(&self, user: ObjectId, text: &str) -> Arc<StatementEntry> {
        let query_id = query_id_of(text);
        if let Some(entry) = self.entries.read().get(&(user, query_id)) {
            return entry.clone();
        }
        let mut entries = self.entries.write();
        if let Some(entry) = entries.get(&(user, query_id)) {
            return entry.clone();
        }
        if entries.len() >= ENTRIES_MAX {
            self.make_room(&mut entries);
        }
        let cut = text.floor_char_boundary(TEXT_BYTES_MAX);
        let entry = Arc::new(StatementEntry {
            user,
            query_id,
            text: text[..cut].into(),
            stripes: Default::default(),
            is_removed: AtomicBool::new(false),
        });
        entries.insert((user, query_id), entry.clone());
        entry
    }

    fn make_room(&self, entries: &mut HashMap<(ObjectId, i64), Arc<StatementEntry>>) {
        let mut by_calls: Vec<_> = entries
            .iter()
            .map(|(key, entry)| (entry.counters().calls, *key))
            .collect();
        by_calls.sort_unstable();
        for (_, key) in by_calls.iter().take(ENTRIES_MAX / EVICTED_PART) {
            if let Some(entry) = entries.remove(key) {
                entry.is_removed.store(true, Ordering::Relaxed);
            }
        }
        self.evictions.fetch_add(1, Ordering::Relaxed);
    }

    /// Entries that have run.
    pub fn list(&self) -> Vec<(Arc<StatementEntry>, Counters)> {
        let entries = self.entries.read();
        let counted = entries
            .values()
            .map(|entry| (entry.clone(), entry.counters()));
        counted.filter(|(_, counters)| counters.calls > 0).collect()
    }

    /// Forgets the entries of a user, of a statement, or all: 0 stands for any.
    pub fn reset(&self, user: ObjectId, query_id: i64) {
        self.entries.write().retain(|(of, id), entry| {
            let is_meant = (user.0 == 0 || *of == user) && (query_id == 0 || *id == query_id);
            entry.is_removed.store(is_meant, Ordering::Relaxed);
            !is_meant
        });
        if user.0 == 0 && query_id == 0 {
            self.evictions.store(0, Ordering::Relaxed);
            let now = common::rt::unix_micros();
            self.reset_micros.store(now, Ordering::Relaxed);
        }
    }

    /// How often entries made room, and when all were last forgotten (microseconds since 1970).
    pub fn info(&self) -> (u64, i64) {
        let reset = self.reset_micros.load(Ordering::Relaxed);
        (self.evictions.load(Ordering::Relaxed), reset)
    }
}

/// A number of the text that stays the same (FNV-1a); never 0.
fn query_id_of(text: &str) -> i64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = text.bytes().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    match hash as i64 {
        0 => 1,
        id => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_put_together_are_as_one() {
        let statistics = StatementStatistics::default();
        let entry = statistics.entry(ObjectId(10), "SELECT $1");
        let mut one = Counters::default();
        for (at, ms) in [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
            .into_iter()
            .enumerate()
        {
            entry.add(at as u32, ms, 1);
            one.add(ms, 1);
        }
        let all = entry.counters();
        assert_eq!((all.calls, all.rows), (8, 8));
        assert_eq!((all.min_ms, all.max_ms, all.total_ms), (2.0, 9.0, 40.0));
        assert!((all.deviation_ms() - 2.0).abs() < 1e-9);
        assert!((one.deviation_ms() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn the_least_used_make_room() {
        let statistics = StatementStatistics::default();
        let kept = statistics.entry(ObjectId(10), "often");
        (0..10).for_each(|_| kept.add(1, 1.0, 0));
        let first = statistics.entry(ObjectId(10), "rarely");
        for at in 0..2 * ENTRIES_MAX {
            statistics
                .entry(ObjectId(10), &format!("text {at}"))
                .add(1, 1.0, 0);
        }
        assert!(statistics.list().len() <= ENTRIES_MAX);
        assert!(!kept.is_removed());
        assert!(first.is_removed());
        assert!(statistics.info().0 > 0);
        statistics.reset(ObjectId(0), 0);
        assert!(statistics.list().is_empty() && kept.is_removed());
    }
}
