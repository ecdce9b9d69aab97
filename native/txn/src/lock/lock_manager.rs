//! The lock table: tables, rows, transactions and advisory locks in one sharded map.
//!
//! Invariants: a waiter is in the queue of exactly one lock and its slot says `Waiting` exactly as
//! long; grants, queues and slots change under the lock's shard. Locks of a transaction that
//! commits are held until its commit is published ([`crate::TxnManager`] releases them).
//!
//! Rows: the xid of an active transaction in the row's word *is* its lock. Explicit locks are here.
//! A writer, under the page's exclusive latch, asks [`LockManager::has_row_locks`] (and
//! [`LockManager::is_row_blocked`] when there may be some), then writes. A locker takes the lock
//! first and reads the row under its latch afterwards; when it meets an active writer it comes back
//! with that as [`RowWriter`], which is then noted as holder and waited for.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use common::rt::{Condvar, Mutex, MutexGuard, RwLock};
use common::{Error, ObjectId, Result, RowId, err, sqlstate};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use smallvec::SmallVec;

use super::fast_path::StrongCounters;
use super::lock_head::{Check, LockHead};
use super::lock_key::LockKey;
use super::wait_slot::{Request, WaitObserver};
use crate::active_set::ActiveSet;
use crate::backend::Backend;
use crate::undo::UndoTarget;

pub(super) const SHARDS: usize = 64;
const ROW_COUNTERS: usize = 1 << 16;

/// Limits of the lock table.
#[derive(Clone, Copy, Debug)]
pub struct LockOptions {
    /// Grants and waiters, all kinds together; a row lock covers up to 64 neighbouring rows. When
    /// they are used up a request answers 53200. Each costs some 150 bytes, when used.
    pub max_locks: usize,
    /// Sessions.
    pub max_backends: usize,
    /// What messages and `pg_locks` name as database.
    pub database: ObjectId,
}

impl Default for LockOptions {
    fn default() -> Self {
        Self {
            max_locks: 1 << 20,
            max_backends: 10_000,
            database: ObjectId(5),
        }
    }
}

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockStatistics {
    pub waits: u64,
    pub deadlocks: u64,
    pub timeouts: u64,
    /// Grants and waiters now.
    pub used: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub waits: AtomicU64,
    pub deadlocks: AtomicU64,
    pub timeouts: AtomicU64,
}

pub(super) type Shard = HashMap<LockKey, LockHead, BuildKeyHasher>;
pub(super) type Ready = SmallVec<[Arc<Backend>; 4]>;

/// See the module's text.
pub struct LockManager {
    pub(super) options: LockOptions,
    shards: Box<[Mutex<Shard>]>,
    /// Row blocks in the table, by hash.
    row_counters: Box<[AtomicU32]>,
    pub(super) strong: StrongCounters,
    pub(super) used: AtomicUsize,
    pub(super) backends: RwLock<HashMap<u32, Arc<Backend>>>,
    pub(super) active: Arc<ActiveSet>,
    observer: OnceLock<Arc<dyn WaitObserver>>,
    target: OnceLock<Weak<dyn UndoTarget>>,
    /// Sessions whose requests are queued without a thread.
    pub(super) queued: Mutex<Vec<Arc<Backend>>>,
    pub(super) queued_wake: Condvar,
    pub(super) counters: Counters,
}

/// Hands [`LockKey::hash`] on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BuildKeyHasher;

pub(super) struct KeyHasher(u64);

impl std::hash::BuildHasher for BuildKeyHasher {
    type Hasher = KeyHasher;
    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(0)
    }
}

impl std::hash::Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

impl std::hash::Hash for LockKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.mixed());
    }
}

impl LockManager {
    pub(crate) fn new(options: LockOptions, active: Arc<ActiveSet>) -> Self {
        Self {
            options,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            row_counters: (0..ROW_COUNTERS).map(|_| AtomicU32::new(0)).collect(),
            strong: StrongCounters::new(),
            used: AtomicUsize::new(0),
            backends: RwLock::new(HashMap::new()),
            active,
            observer: OnceLock::new(),
            target: OnceLock::new(),
            queued: Mutex::new(Vec::new()),
            queued_wake: Condvar::new(),
            counters: Counters::default(),
        }
    }

    /// Who is told of waits; the first call counts.
    pub fn set_observer(&self, observer: Arc<dyn WaitObserver>) {
        let _ = self.observer.set(observer);
    }

    pub(super) fn observer(&self) -> Option<&Arc<dyn WaitObserver>> {
        self.observer.get()
    }

    pub(crate) fn set_target(&self, target: &Arc<dyn UndoTarget>) {
        let _ = self.target.set(Arc::downgrade(target));
    }

    pub(crate) fn target(&self) -> Option<Arc<dyn UndoTarget>> {
        self.target.get().and_then(Weak::upgrade)
    }

    pub(crate) fn connect(&self, pid: u32) -> Result<Arc<Backend>> {
        let mut backends = self.backends.write();
        if backends.len() >= self.options.max_backends {
            return Err(err!(
                sqlstate::TOO_MANY_CONNECTIONS,
                "sorry, too many clients already"
            ));
        }
        let backend = Arc::new(Backend::new(pid));
        if backends.insert(pid, backend.clone()).is_some() {
            return Err(Error::internal(format!("process number {pid} is in use")));
        }
        Ok(backend)
    }

    pub(crate) fn disconnect(&self, backend: &Arc<Backend>) {
        self.backends.write().remove(&backend.pid());
    }

    /// The session with this process number.
    pub fn backend(&self, pid: u32) -> Option<Arc<Backend>> {
        self.backends.read().get(&pid).cloned()
    }

    /// Who has the oldest snapshot below `newest`.
    pub(crate) fn oldest_snapshot_holder(&self, newest: u64) -> Option<u32> {
        let backends = self.backends.read();
        let numbers = backends
            .values()
            .filter_map(|b| Some((b.snapshot_no()?, b.pid())));
        let oldest = numbers.filter(|(number, _)| *number < newest).min();
        oldest.map(|(_, pid)| pid)
    }

    pub fn statistics(&self) -> LockStatistics {
        LockStatistics {
            waits: self.counters.waits.load(Ordering::Relaxed),
            deadlocks: self.counters.deadlocks.load(Ordering::Relaxed),
            timeouts: self.counters.timeouts.load(Ordering::Relaxed),
            used: self.used.load(Ordering::Relaxed) as u64,
        }
    }

    pub(super) fn shard_index(key: LockKey) -> usize {
        // The map inside uses the low and the highest bits.
        (key.mixed() >> 40) as usize % SHARDS
    }

    pub(super) fn lock_all_shards(&self) -> Vec<MutexGuard<'_, Shard>> {
        self.shards.iter().map(Mutex::lock).collect()
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        self.shards.iter().map(Mutex::lock)
    }

    fn row_counter(&self, key: LockKey) -> &AtomicU32 {
        &self.row_counters[key.mixed() as usize % ROW_COUNTERS]
    }

    /// Whether there may be explicit locks, or waiters, on the row: one load. For a writer that
    /// holds the row's page latched exclusively.
    #[inline]
    pub fn has_row_locks(&self, table: ObjectId, row: RowId) -> bool {
        // Taking the latch was a full barrier there.
        #[cfg(not(target_arch = "x86_64"))]
        std::sync::atomic::fence(Ordering::SeqCst);
        let (key, _) = LockKey::row(table, row);
        self.row_counter(key).load(Ordering::SeqCst) != 0
    }

    /// Runs `change` on the lock, made if need be and dropped when empty.
    pub(super) fn with_head<R>(&self, key: LockKey, change: impl FnOnce(&mut LockHead) -> R) -> R {
        let mut shard = self.shards[Self::shard_index(key)].lock();
        self.change_head(&mut shard, key, change)
    }

    /// As [`Self::with_head`] in a shard that is locked.
    pub(super) fn change_head<R>(
        &self,
        shard: &mut Shard,
        key: LockKey,
        change: impl FnOnce(&mut LockHead) -> R,
    ) -> R {
        let is_row = matches!(key, LockKey::Rows { .. });
        match shard.entry(key) {
            Entry::Occupied(mut entry) => {
                let before = entry.get().size();
                let result = change(entry.get_mut());
                let after = entry.get().size();
                if after > before {
                    self.used.fetch_add(after - before, Ordering::Relaxed);
                } else if after < before {
                    self.used.fetch_sub(before - after, Ordering::Relaxed);
                }
                if after == 0 {
                    entry.remove();
                    if is_row {
                        self.row_counter(key).fetch_sub(1, Ordering::SeqCst);
                    }
                }
                result
            }
            Entry::Vacant(entry) => {
                let mut head = LockHead::default();
                // Before the caller can look at the row.
                if is_row {
                    self.row_counter(key).fetch_add(1, Ordering::SeqCst);
                }
                let result = change(&mut head);
                if head.is_empty() {
                    if is_row {
                        self.row_counter(key).fetch_sub(1, Ordering::SeqCst);
                    }
                } else {
                    self.used.fetch_add(head.size(), Ordering::Relaxed);
                    entry.insert(head);
                }
                result
            }
        }
    }

    /// Judges without asking for anything.
    pub(super) fn check(&self, backend: &Arc<Backend>, request: &Request) -> Check {
        let shard = self.shards[Self::shard_index(request.key)].lock();
        let head = shard.get(&request.key);
        head.map_or(Check::Free, |head| head.check(&request.waiter(backend)))
    }
}
