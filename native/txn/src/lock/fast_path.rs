//! Weak table locks without the shared table (PostgreSQL's fast path).
//!
//! Weak modes do not exclude each other. As long as nobody holds or wants a strong lock on a table
//! that hashes to the same counter, a weak lock is a slot of the session. Who wants a strong one
//! first counts up, then moves the slots of all sessions into the shared table. The order makes it
//! sound: a session looks at the counter under its slots' mutex, which the mover takes afterwards.

use std::sync::atomic::{AtomicU32, Ordering};

use common::ObjectId;

use super::lock_key::LockKey;
use super::lock_mode::LockMode;

const SLOTS: usize = 16;
const COUNTERS: usize = 1024;

/// The slots of one session.
#[derive(Debug, Default)]
pub struct FastSlots {
    tables: [ObjectId; SLOTS],
    /// Bit `n`: mode `n` is held; 0: the slot is free.
    modes: [u8; SLOTS],
    /// A weak lock of the transaction may be in the shared table: look there before a slot is
    /// filled, so that no lock is in both places.
    pub uses_shared: bool,
}

impl FastSlots {
    pub fn holds(&self, table: ObjectId, mode: LockMode) -> bool {
        let bit = 1 << mode as u8;
        (0..SLOTS).any(|i| self.modes[i] & bit != 0 && self.tables[i] == table)
    }

    /// Notes a lock that is not here; false when all slots are taken.
    pub fn add(&mut self, table: ObjectId, mode: LockMode) -> bool {
        let own = (0..SLOTS).find(|&i| self.modes[i] != 0 && self.tables[i] == table);
        let slot = own.or_else(|| self.modes.iter().position(|&modes| modes == 0));
        let Some(slot) = slot else { return false };
        self.tables[slot] = table;
        self.modes[slot] |= 1 << mode as u8;
        true
    }

    /// Says whether the lock was here.
    pub fn remove(&mut self, table: ObjectId, mode: LockMode) -> bool {
        let bit = 1 << mode as u8;
        for i in 0..SLOTS {
            if self.modes[i] & bit != 0 && self.tables[i] == table {
                self.modes[i] &= !bit;
                return true;
            }
        }
        false
    }

    /// Takes out all modes held on `table`.
    pub fn take(&mut self, table: ObjectId) -> impl Iterator<Item = LockMode> + use<> {
        let mut modes = 0;
        for i in 0..SLOTS {
            if self.modes[i] != 0 && self.tables[i] == table {
                modes |= std::mem::take(&mut self.modes[i]);
                self.uses_shared = true;
            }
        }
        modes_of(modes)
    }

    pub fn iter(&self) -> impl Iterator<Item = (ObjectId, LockMode)> + '_ {
        (0..SLOTS)
            .flat_map(move |i| modes_of(self.modes[i]).map(move |mode| (self.tables[i], mode)))
    }
}

fn modes_of(bits: u8) -> impl Iterator<Item = LockMode> {
    let all = LockMode::ALL.into_iter();
    all.filter(move |&mode| mode.is_weak() && bits >> mode as u8 & 1 != 0)
}

/// How many strong locks are held or wanted, by hash of the table.
#[derive(Debug)]
pub struct StrongCounters(Box<[AtomicU32]>);

impl StrongCounters {
    pub fn new() -> Self {
        Self((0..COUNTERS).map(|_| AtomicU32::new(0)).collect())
    }

    fn counter(&self, table: ObjectId) -> &AtomicU32 {
        &self.0[LockKey::Table(table).mixed() as usize % COUNTERS]
    }

    pub fn any(&self, table: ObjectId) -> bool {
        self.counter(table).load(Ordering::SeqCst) != 0
    }

    pub fn count_up(&self, table: ObjectId) {
        self.counter(table).fetch_add(1, Ordering::SeqCst);
    }

    pub fn count_down(&self, table: ObjectId) {
        self.counter(table).fetch_sub(1, Ordering::SeqCst);
    }
}
