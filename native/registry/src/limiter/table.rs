//! The table of clients: what each has taken of each rule.
//!
//! Owns the states. Invariants: never more than `cap` of them; one is forgotten only when it says the
//! same as that of a new client, so nobody gets an allowance back by making others come; no call
//! looks at more than the slots of one shard, of which there are 256, so that neither growth nor expiry
//! holds anybody up; a state changes under its shard's lock, so all threads see one order.
//!
//! A shard is a table with linear probing, whose slots lie in the order of hashes; it grows by a
//! quarter, which keeps it between two thirds and five sixths full.

use std::sync::atomic::{AtomicU64, Ordering};

use common::rt::Mutex;

use super::algorithm::State;

const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;
const SLOTS_MIN: usize = 8;
/// Slots that each new client looks at for one that may go.
const EXPIRY_STEP: usize = 8;
/// As many where the table is full.
const EXPIRY_STEP_FULL: usize = 256;

#[derive(Clone, Copy)]
struct Slot {
    /// 0 in an empty one.
    key: u128,
    state: State,
    /// From when on it may be forgotten.
    fresh_at: u64,
}

const EMPTY: Slot = Slot {
    key: 0,
    state: State::ZERO,
    fresh_at: 0,
};

impl Slot {
    fn may_go(&self, now_ns: u64) -> bool {
        self.key != 0 && self.fresh_at <= now_ns
    }
}

/// A line of its own, so that threads on two shards do not disturb each other.
#[repr(align(128))]
#[derive(Default)]
struct Shard(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    slots: Vec<Slot>,
    used: usize,
    /// Where expiry goes on.
    hand: usize,
}

/// See the module.
pub struct Table {
    shards: Box<[Shard]>,
    cap: AtomicU64,
    used: AtomicU64,
    /// The most that `used` was.
    peak: AtomicU64,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("used", &self.len()).finish()
    }
}

/// What became of a state that was worked on.
pub struct Worked<R> {
    pub result: R,
    /// See [`super::algorithm::Terms::fresh_at`].
    pub fresh_at: u64,
}

impl Table {
    pub fn new(cap: u64) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            cap: AtomicU64::new(cap),
            used: AtomicU64::new(0),
            peak: AtomicU64::new(0),
        }
    }

    /// States in the table.
    pub fn len(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// The most states that were in it at one time.
    pub fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    pub fn cap(&self) -> u64 {
        self.cap.load(Ordering::Relaxed)
    }

    /// A lower one drives nobody out.
    pub fn set_cap(&self, cap: u64) {
        self.cap.store(cap, Ordering::Relaxed);
    }

    /// Bytes of all slots.
    pub fn memory_bytes(&self) -> u64 {
        let slots: usize = (self.shards.iter())
            .map(|shard| shard.0.lock().slots.capacity())
            .sum();
        (slots * size_of::<Slot>()) as u64
    }

    /// Lets `work` change the state of `key`, which is all zeros where there is none yet. None where
    /// there is no room for another; then nothing was done.
    #[inline]
    pub fn with<R>(
        &self,
        key: u128,
        now_ns: u64,
        work: impl FnOnce(&mut State) -> Worked<R>,
    ) -> Option<R> {
        let mut slots = self.shard(key).lock();
        if let Some(at) = slots.find(key) {
            let slot = &mut slots.slots[at];
            let Worked { result, fresh_at } = work(&mut slot.state);
            slot.fresh_at = fresh_at;
            return Some(result);
        }
        self.make_room(&mut slots, now_ns)?;
        let mut state = State::default();
        let Worked { result, fresh_at } = work(&mut state);
        if fresh_at > now_ns {
            slots.insert(Slot {
                key,
                state,
                fresh_at,
            });
        } else {
            self.used.fetch_sub(1, Ordering::Relaxed);
        }
        Some(result)
    }

    /// The state of `key` as it is.
    pub fn peek(&self, key: u128) -> State {
        let slots = self.shard(key).lock();
        slots
            .find(key)
            .map_or(State::ZERO, |at| slots.slots[at].state)
    }

    /// Forgets what may be forgotten in one of the shards, of which `turn` is one.
    pub fn expire(&self, turn: usize, now_ns: u64) {
        let mut slots = self.shards[turn % SHARDS].0.lock();
        let all = slots.slots.len();
        let gone = slots.expire(all, now_ns);
        slots.shrink();
        self.used.fetch_sub(gone, Ordering::Relaxed);
    }

    /// Counts one more, if need be in place of one that may go.
    fn make_room(&self, slots: &mut Slots, now_ns: u64) -> Option<()> {
        let step = if self.len() < self.cap() {
            EXPIRY_STEP
        } else {
            EXPIRY_STEP_FULL
        };
        let gone = slots.expire(step, now_ns);
        self.used.fetch_sub(gone, Ordering::Relaxed);
        let before = self.used.fetch_add(1, Ordering::Relaxed);
        if before >= self.cap() {
            self.used.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        self.peak.fetch_max(before + 1, Ordering::Relaxed);
        Some(())
    }

    #[inline]
    fn shard(&self, key: u128) -> &Mutex<Slots> {
        &self.shards[key as usize & (SHARDS - 1)].0
    }
}

impl Slots {
    /// Where the search for a key begins: its upper half, scaled to the number of slots.
    #[inline]
    fn home(&self, key: u128) -> usize {
        let upper = (key >> 64) as u64;
        ((u128::from(upper) * self.slots.len() as u128) >> 64) as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() {
            0
        } else {
            at + 1
        }
    }

    #[inline]
    fn find(&self, key: u128) -> Option<usize> {
        if self.used == 0 {
            return None;
        }
        let mut at = self.home(key);
        loop {
            match self.slots[at].key {
                0 => return None,
                found if found == key => return Some(at),
                _ => at = self.after(at),
            }
        }
    }

    /// Puts in a key that is not there.
    fn insert(&mut self, slot: Slot) {
        if (self.used + 1) * 6 > self.slots.len() * 5 {
            self.resize((self.slots.len() + self.slots.len() / 4).max(SLOTS_MIN));
        }
        self.place(slot);
        self.used += 1;
    }

    fn place(&mut self, slot: Slot) {
        let mut at = self.home(slot.key);
        while self.slots[at].key != 0 {
            at = self.after(at);
        }
        self.slots[at] = slot;
    }

    fn resize(&mut self, slots: usize) {
        let mut empty = Vec::new();
        empty.reserve_exact(slots);
        empty.resize(slots, EMPTY);
        let old = std::mem::replace(&mut self.slots, empty);
        self.hand = 0;
        for slot in old.into_iter().filter(|slot| slot.key != 0) {
            self.place(slot);
        }
    }

    /// Gives memory back where most slots are empty.
    fn shrink(&mut self) {
        if self.used == 0 {
            *self = Self::default();
        } else if self.slots.len() > SLOTS_MIN && self.used * 3 < self.slots.len() {
            self.resize((self.used * 3 / 2).max(SLOTS_MIN));
        }
    }

    /// Looks at `count` slots; says how many states went.
    fn expire(&mut self, count: usize, now_ns: u64) -> u64 {
        let mut gone = 0;
        for _ in 0..count.min(self.slots.len()) {
            // What follows moves up into a slot that was freed, and is looked at next.
            while self.slots[self.hand].may_go(now_ns) {
                self.remove(self.hand);
                gone += 1;
            }
            self.hand = self.after(self.hand);
        }
        gone
    }

    /// Takes a slot out, so that every key behind it is still found (Knuth, 6.4 R).
    fn remove(&mut self, mut hole: usize) {
        self.used -= 1;
        let len = self.slots.len();
        let mut at = hole;
        loop {
            self.slots[hole].key = 0;
            loop {
                at = self.after(at);
                let key = self.slots[at].key;
                if key == 0 {
                    return;
                }
                let home = self.home(key);
                // As far from its home as from the hole, or further: it may move there.
                if (at + len - home) % len >= (at + len - hole) % len {
                    break;
                }
            }
            self.slots[hole] = self.slots[at];
            hole = at;
        }
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
