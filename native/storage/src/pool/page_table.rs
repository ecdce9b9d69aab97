//! Which frame holds a page: look-ups take no lock.
//!
//! Shards of open addressing with linear probing. A slot packs 32 bits of the hash and the frame; a
//! hit is proven by the frame's own page id, so a look-up that runs beside a change can only miss,
//! never mislead. Who misses and cares looks again under the shard's mutex. Changes (page misses)
//! take that mutex.

use std::sync::atomic::{AtomicU64, Ordering};

use common::rt::Mutex;
use common::{Error, PageId, Result};

use super::frame::Frame;

#[derive(Debug)]
struct Shard {
    slots: Box<[AtomicU64]>,
    mask: usize,
    writer: Mutex<()>,
}

#[derive(Debug)]
pub struct PageTable {
    shards: Box<[Shard]>,
}

/// Mixes both halves of the id into all bits.
#[inline]
pub fn hash(id: PageId) -> u64 {
    let x = id.to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 29)
}

#[inline]
fn pack(hash: u64, frame: u32) -> u64 {
    (hash & !0xffff_ffff) | u64::from(frame + 1)
}

impl PageTable {
    /// For up to `frames` pages, a quarter full at most on average.
    pub fn new(frames: usize) -> Self {
        let shards = if frames >= 16384 { 16 } else { 1 };
        let capacity = (frames / shards * 4).next_power_of_two().max(256);
        Self {
            shards: (0..shards)
                .map(|_| Shard {
                    slots: (0..capacity).map(|_| AtomicU64::new(0)).collect(),
                    mask: capacity - 1,
                    writer: Mutex::new(()),
                })
                .collect(),
        }
    }

    #[inline]
    fn shard(&self, hash: u64) -> &Shard {
        &self.shards[(hash as usize >> 24) & (self.shards.len() - 1)]
    }

    /// The frame that holds `id`. None may be wrong while the table changes.
    #[inline]
    pub fn find(&self, id: PageId, frames: &[Frame]) -> Option<u32> {
        let hash = hash(id);
        self.shard(hash).find(hash, id, frames)
    }

    /// As [`PageTable::find`], exact.
    pub fn find_locked(&self, id: PageId, frames: &[Frame]) -> Option<u32> {
        let hash = hash(id);
        let shard = self.shard(hash);
        let _writer = shard.writer.lock();
        shard.find(hash, id, frames)
    }

    /// Enters `frame` for `id` and sets the frame's page, or answers who holds it already.
    pub fn insert(&self, id: PageId, frame: u32, frames: &[Frame]) -> Result<Option<u32>> {
        let hash = hash(id);
        let shard = self.shard(hash);
        let _writer = shard.writer.lock();
        if let Some(holder) = shard.find(hash, id, frames) {
            return Ok(Some(holder));
        }
        let mut at = hash as usize & shard.mask;
        for _ in 0..=shard.mask {
            if shard.slots[at].load(Ordering::Relaxed) == 0 {
                frames[frame as usize]
                    .page
                    .store(id.to_u64(), Ordering::Release);
                shard.slots[at].store(pack(hash, frame), Ordering::Release);
                return Ok(None);
            }
            at = (at + 1) & shard.mask;
        }
        Err(Error::internal("a shard of the page table is full"))
    }

    /// Takes `id` out; the frame's page is the caller's to clear, after.
    pub fn remove(&self, id: PageId, frame: u32, frames: &[Frame]) {
        let hash = hash(id);
        let shard = self.shard(hash);
        let _writer = shard.writer.lock();
        let slots = &shard.slots;
        let mut hole = hash as usize & shard.mask;
        for _ in 0..=shard.mask {
            match slots[hole].load(Ordering::Relaxed) {
                0 => return,
                slot if slot == pack(hash, frame) => break,
                _ => hole = (hole + 1) & shard.mask,
            }
        }
        // Closes the gap: an entry moves back if its home lies at or before the hole.
        let mut at = hole;
        loop {
            at = (at + 1) & shard.mask;
            let slot = slots[at].load(Ordering::Relaxed);
            if slot == 0 {
                break;
            }
            let owner = frames[(slot as u32 - 1) as usize]
                .page
                .load(Ordering::Relaxed);
            let home = self::hash(PageId::from_u64(owner)) as usize & shard.mask;
            let from_home = at.wrapping_sub(home) & shard.mask;
            let from_hole = at.wrapping_sub(hole) & shard.mask;
            if from_home >= from_hole {
                slots[hole].store(slot, Ordering::Release);
                hole = at;
            }
        }
        slots[hole].store(0, Ordering::Release);
    }
}

impl Shard {
    #[inline]
    fn find(&self, hash: u64, id: PageId, frames: &[Frame]) -> Option<u32> {
        let mut at = hash as usize & self.mask;
        for _ in 0..=self.mask {
            let slot = self.slots[at].load(Ordering::Acquire);
            if slot == 0 {
                return None;
            }
            if (slot ^ hash) >> 32 == 0 {
                let frame = slot as u32 - 1;
                if frames[frame as usize].holds(id) {
                    return Some(frame);
                }
            }
            at = (at + 1) & self.mask;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use hashbrown::HashMap;

    use super::super::frame::NO_PAGE;
    use super::*;

    fn frames(count: usize) -> Box<[Frame]> {
        // SAFETY: all fields are atomics of integers.
        unsafe { Box::<[Frame]>::new_zeroed_slice(count).assume_init() }
    }

    #[test]
    fn behaves_as_a_map() {
        let frames = frames(64);
        frames
            .iter()
            .for_each(|f| f.page.store(NO_PAGE, Ordering::Relaxed));
        let table = PageTable::new(64);
        let mut model: HashMap<PageId, u32> = HashMap::new();
        let mut free: Vec<u32> = (0..64).collect();
        let mut x = 1_u64;
        for _ in 0..200_000 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let id = PageId::new((x >> 40) as u32 % 3, (x >> 50) as u32 % 60);
            match model.get(&id) {
                Some(frame) if x >> 63 == 0 => {
                    let frame = *frame;
                    table.remove(id, frame, &frames);
                    frames[frame as usize]
                        .page
                        .store(NO_PAGE, Ordering::Relaxed);
                    model.remove(&id);
                    free.push(frame);
                }
                Some(frame) => {
                    let holder = table.insert(id, 0, &frames).expect("room");
                    assert_eq!(holder, Some(*frame));
                }
                None => {
                    let Some(frame) = free.pop() else { continue };
                    assert_eq!(table.insert(id, frame, &frames).expect("room"), None);
                    model.insert(id, frame);
                }
            }
            assert_eq!(table.find(id, &frames), model.get(&id).copied());
        }
        for (id, frame) in &model {
            assert_eq!(table.find_locked(*id, &frames), Some(*frame));
        }
    }
}
