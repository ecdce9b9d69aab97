//! A hash table from one word to a number: the keys of most joins and groupings.
//!
//! Open addressing with linear probing, at most three quarters full. [`NONE`] stands for an empty
//! place, so it is no number that can be kept.

use common::Result;

/// Places that are filled or moved between two polls.
const POLL_SLOTS: usize = 16 * 1024;

/// No number.
pub const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Slot {
    key: u64,
    number: u32,
}

const EMPTY: Slot = Slot {
    key: 0,
    number: NONE,
};

/// See the module.
#[derive(Default)]
pub struct PackedTable {
    slots: Vec<Slot>,
    len: usize,
    /// How far a product is shifted down to a place.
    shift: u32,
}

/// Spreads a key over all bits (the finalizer of MurmurHash3).
#[inline(always)]
pub fn hash_word(key: u64) -> u64 {
    let mut hash = key;
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ (hash >> 33)
}

/// Fibonacci hashing: the top bits of a product.
#[inline(always)]
fn place(key: u64, shift: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

impl PackedTable {
    pub fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }

    /// Bytes that taking `more` keys in may need at once.
    pub fn growth_bytes(&self, more: usize) -> usize {
        if self.fits(more) {
            return 0;
        }
        2 * self.slots.len().max(more * 2) * size_of::<Slot>()
    }

    fn fits(&self, more: usize) -> bool {
        (self.len + more) * 4 <= self.slots.len() * 3
    }

    /// Makes room for `more` keys. An error of `poll`, which is asked while a large table moves,
    /// leaves the table without some of its keys.
    pub fn reserve(&mut self, more: usize, poll: &dyn Fn() -> Result<()>) -> Result<()> {
        if self.fits(more) {
            return Ok(());
        }
        let wanted = ((self.len + more) * 2).next_power_of_two().max(64);
        let mut slots = Vec::with_capacity(wanted);
        while slots.len() < wanted {
            slots.resize((slots.len() + POLL_SLOTS).min(wanted), EMPTY);
            poll()?;
        }
        let old = std::mem::replace(&mut self.slots, slots);
        self.shift = 64 - wanted.trailing_zeros();
        for part in old.chunks(POLL_SLOTS) {
            for slot in part.iter().filter(|slot| slot.number != NONE) {
                let at = self.find_place(slot.key);
                self.slots[at] = *slot;
            }
            poll()?;
        }
        Ok(())
    }

    /// Where the key is, or would be. There is an empty place: the table is never full.
    #[inline(always)]
    fn find_place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = place(key, self.shift);
        loop {
            let slot = &self.slots[at];
            if slot.number == NONE || slot.key == key {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    /// The number of `key`; [`NONE`] if it is not there.
    #[inline(always)]
    pub fn get(&self, key: u64) -> u32 {
        if self.slots.is_empty() {
            return NONE;
        }
        self.slots[self.find_place(key)].number
    }

    /// The place of the key's number, which is [`NONE`] if it is new: then put one there. Room must
    /// have been reserved.
    #[inline(always)]
    pub fn entry(&mut self, key: u64) -> &mut u32 {
        let at = self.find_place(key);
        let slot = &mut self.slots[at];
        if slot.number == NONE {
            slot.key = key;
            self.len += 1;
        }
        &mut slot.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_again() {
        let mut table = PackedTable::default();
        assert_eq!(table.get(0), NONE);
        for number in 0..10_000u32 {
            table.reserve(1, &|| Ok(())).unwrap();
            let entry = table.entry(u64::from(number) << 20);
            assert_eq!(std::mem::replace(entry, number), NONE);
        }
        assert_eq!(table.len, 10_000);
        for number in 0..10_000u32 {
            assert_eq!(table.get(u64::from(number) << 20), number);
        }
        assert_eq!(table.get(1), NONE);
        assert_eq!(*table.entry(7 << 20), 7);
    }
}
