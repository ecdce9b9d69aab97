//! The frames and their way from page to page.
//!
//! Invariant: a frame in the free list, and one that is being filled or emptied, is *claimed*
//! ([`CLAIMED`]) and its exclusive latch is held; only the claimer touches it. A frame that is
//! pinned, latched or dirty is never claimed for eviction. Nobody here does I/O.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use common::limits::PAGE_SIZE;
use common::rt::{Condvar, Deadline, Mutex};
use common::{Error, PageId, Result};

use super::arena::Arena;
use super::eviction::{EvictionPolicy, PolicyKind, new_policy};
use super::frame::{CLAIMED, Frame, NO_PAGE};
use super::latch::Stripe;
use super::page_table::PageTable;

const STRIPES: usize = 64;

#[derive(Debug)]
pub struct BufferPool {
    pub(super) arena: Arena,
    pub(super) frames: Box<[Frame]>,
    pub(super) table: PageTable,
    pub(super) stripes: Box<[Stripe]>,
    pub(super) free: Mutex<Vec<u32>>,
    pub(super) policy: Mutex<Box<dyn EvictionPolicy>>,
    /// Frames from here on are leaving the pool; `size` while none are.
    pub(super) limit: AtomicUsize,
    /// Those of them that have left: claimed and empty.
    pub(super) retired: Mutex<Vec<u32>>,
    /// Frames in use or free: those below this index.
    pub size: AtomicUsize,
    pub dirty: AtomicI64,
    pub misses: AtomicU64,
    pub evictions: AtomicU64,
    /// Rung when frames may have become clean or free.
    pub(super) clean: Mutex<u64>,
    pub(super) clean_rung: Condvar,
}

impl BufferPool {
    /// `size_bytes` now, at most `max_bytes` ever.
    pub fn new(size_bytes: u64, max_bytes: u64, policy: PolicyKind) -> Result<Self> {
        let size = (size_bytes as usize / PAGE_SIZE).max(64);
        let max = (max_bytes as usize / PAGE_SIZE).max(size);
        let arena = Arena::reserve(max * PAGE_SIZE)
            .map_err(|error| Error::io("could not reserve memory for the buffer pool", &error))?;
        // SAFETY: all fields of a frame are atomics of integers, for which zero bytes are valid.
        let frames = unsafe { Box::<[Frame]>::new_zeroed_slice(max).assume_init() };
        let pool = Self {
            arena,
            frames,
            table: PageTable::new(max),
            stripes: (0..STRIPES).map(|_| Stripe::default()).collect(),
            free: Mutex::new(Vec::new()),
            policy: Mutex::new(new_policy(policy, max)),
            limit: AtomicUsize::new(0),
            retired: Mutex::new(Vec::new()),
            size: AtomicUsize::new(0),
            dirty: AtomicI64::new(0),
            misses: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
            clean: Mutex::new(0),
            clean_rung: Condvar::new(),
        };
        pool.grow(size)?;
        Ok(pool)
    }

    #[inline]
    pub fn frame(&self, frame: u32) -> &Frame {
        &self.frames[frame as usize]
    }

    /// All frames in use.
    pub fn frames(&self) -> &[Frame] {
        &self.frames[..self.size.load(Ordering::Acquire)]
    }

    #[inline]
    pub fn stripe(&self, frame: u32) -> &Stripe {
        &self.stripes[frame as usize % STRIPES]
    }

    /// The address of the frame's page.
    #[inline]
    pub fn bytes(&self, frame: u32) -> *mut u8 {
        self.arena.at(frame as usize * PAGE_SIZE)
    }

    /// The page of a frame that the caller has latched (shared or exclusively).
    ///
    /// # Safety
    /// The latch is held for as long as the slice lives, and nobody makes an exclusive one meanwhile.
    #[inline]
    pub unsafe fn page(&self, frame: u32) -> &[u8] {
        // SAFETY: committed memory of this pool; writers are kept out by the latch.
        unsafe { std::slice::from_raw_parts(self.bytes(frame), PAGE_SIZE) }
    }

    /// The page of a frame whose exclusive latch the caller holds.
    ///
    /// # Safety
    /// The exclusive latch is held and no other reference lives meanwhile.
    #[inline]
    #[expect(clippy::mut_from_ref, reason = "the latch makes it exclusive")]
    pub unsafe fn page_mut(&self, frame: u32) -> &mut [u8] {
        // SAFETY: committed memory of this pool, exclusive by the latch.
        unsafe { std::slice::from_raw_parts_mut(self.bytes(frame), PAGE_SIZE) }
    }

    /// The frame that holds `id`; None may be wrong while pages come and go.
    #[inline]
    pub fn find(&self, id: PageId) -> Option<u32> {
        self.table.find(id, &self.frames)
    }

    /// Pins the page if it is resident and not in motion.
    #[inline]
    pub fn find_pinned(&self, id: PageId) -> Option<u32> {
        let frame = self.find(id)?;
        let state = self.frame(frame);
        if !state.try_pin() {
            return None;
        }
        if !state.holds(id) {
            state.unpin();
            return None;
        }
        state.touch();
        Some(frame)
    }

    /// The frame that holds `id`, whatever its state; exact.
    pub fn find_exact(&self, id: PageId) -> Option<u32> {
        self.table.find_locked(id, &self.frames)
    }

    /// Waits while `frame` is claimed and holds `id`.
    pub fn wait_in_motion(&self, id: PageId, frame: u32) {
        let state = self.frame(frame);
        self.stripe(frame)
            .wait_while(|| state.is_claimed() && state.holds(id));
    }

    /// Takes a free frame or evicts a clean one: claimed, latched exclusively, holding nothing.
    pub fn take_frame(&self) -> Option<u32> {
        if let Some(frame) = self.free.lock().pop() {
            return Some(frame);
        }
        loop {
            let victim = self
                .policy
                .lock()
                .victim(&self.frames, &mut |frame| self.try_claim_clean(frame))?;
            self.empty_claimed(victim);
            self.evictions.fetch_add(1, Ordering::Relaxed);
            if (victim as usize) < self.limit.load(Ordering::Acquire) {
                return Some(victim);
            }
            self.retired.lock().push(victim);
        }
    }

    /// Enters the page into the table for a claimed frame; answers who holds it when somebody does,
    /// and the frame then still is the caller's.
    pub fn install(&self, id: PageId, frame: u32) -> Result<Option<u32>> {
        let state = self.frame(frame);
        state.rec_lsn.store(0, Ordering::Relaxed);
        state.writing.store(0, Ordering::Relaxed);
        state.init_lsn.store(0, Ordering::Relaxed);
        state.flags.store(0, Ordering::Relaxed);
        state.usage.store(1, Ordering::Relaxed);
        let holder = self.table.insert(id, frame, &self.frames)?;
        if holder.is_none() {
            self.misses.fetch_add(1, Ordering::Relaxed);
        }
        Ok(holder)
    }

    /// Ends the claim on a frame that [`BufferPool::install`] took; the exclusive latch stays. The
    /// caller has a pin if it asks for one.
    pub fn publish_claimed(&self, frame: u32, has_pin: bool) {
        let state = self.frame(frame);
        let page = state.page.load(Ordering::Relaxed);
        self.policy.lock().admit(frame, page);
        state
            .pins
            .fetch_sub(CLAIMED - u32::from(has_pin), Ordering::Release);
        self.stripe(frame).notify();
    }

    /// Takes the page of a claimed frame out of the pool and puts the frame into the free list.
    pub fn discard_claimed(&self, frame: u32) {
        self.empty_claimed(frame);
        self.give_back(frame);
        self.stripe(frame).notify();
    }

    /// Puts an empty claimed frame into the free list.
    pub fn give_back(&self, frame: u32) {
        if (frame as usize) < self.limit.load(Ordering::Acquire) {
            self.free.lock().push(frame);
        } else {
            self.retired.lock().push(frame);
        }
        self.ring_clean();
    }

    pub(super) fn empty_claimed(&self, frame: u32) {
        let state = self.frame(frame);
        let page = state.page.load(Ordering::Relaxed);
        if page != NO_PAGE {
            self.table
                .remove(PageId::from_u64(page), frame, &self.frames);
            state.page.store(NO_PAGE, Ordering::Release);
        }
    }

    pub(super) fn try_claim_clean(&self, frame: u32) -> bool {
        let state = self.frame(frame);
        if state.is_dirty() || !state.latch.is_free() {
            return false;
        }
        let claim = state
            .pins
            .compare_exchange(0, CLAIMED, Ordering::Acquire, Ordering::Relaxed);
        if claim.is_err() {
            return false;
        }
        if state.latch.try_exclusive() {
            // Whoever dirtied it held the latch, so this look is final.
            if !state.is_dirty() {
                return true;
            }
            state.latch.unlock_exclusive_unchanged(self.stripe(frame));
        }
        state.pins.fetch_sub(CLAIMED, Ordering::Release);
        self.stripe(frame).notify();
        false
    }

    /// Takes every page that `is_gone` names out of the pool, dirty or not. Nobody uses them any
    /// more; a pin or latch that is about to go is waited for.
    pub fn discard(&self, is_gone: impl Fn(PageId) -> bool) {
        for (index, state) in self.frames().iter().enumerate() {
            let frame = index as u32;
            loop {
                let page = state.page.load(Ordering::Acquire);
                if page == NO_PAGE || !is_gone(PageId::from_u64(page)) {
                    break;
                }
                let claim =
                    state
                        .pins
                        .compare_exchange(0, CLAIMED, Ordering::Acquire, Ordering::Relaxed);
                if claim.is_err() {
                    common::rt::yield_now();
                    continue;
                }
                if state.page.load(Ordering::Acquire) != page || !state.latch.try_exclusive() {
                    state.pins.fetch_sub(CLAIMED, Ordering::Release);
                    self.stripe(frame).notify();
                    common::rt::yield_now();
                    continue;
                }
                if state.rec_lsn.swap(0, Ordering::Relaxed) != 0 {
                    self.dirty.fetch_sub(1, Ordering::Relaxed);
                }
                self.policy.lock().forget(frame);
                self.discard_claimed(frame);
                break;
            }
        }
    }

    /// Marks the page dirty from `lsn` on, a bound of what its next record will be. Answers whether
    /// it was clean. The caller holds the exclusive latch.
    #[inline]
    pub fn mark_dirty(&self, frame: u32, lsn: u64) -> bool {
        let state = self.frame(frame);
        if state.rec_lsn.load(Ordering::Relaxed) != 0 {
            return false;
        }
        state.rec_lsn.store(lsn, Ordering::SeqCst);
        self.dirty.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Takes [`BufferPool::mark_dirty`] back: the record was not appended.
    pub fn unmark_dirty(&self, frame: u32) {
        self.frame(frame).rec_lsn.store(0, Ordering::SeqCst);
        self.dirty.fetch_sub(1, Ordering::Relaxed);
    }

    /// Tells those who wait for a clean or free frame to look again.
    pub fn ring_clean(&self) {
        *self.clean.lock() += 1;
        self.clean_rung.notify_all();
    }

    /// Changes with each ring.
    pub fn clean_epoch(&self) -> u64 {
        *self.clean.lock()
    }

    /// Waits for a ring after `epoch`, until `deadline`.
    pub fn wait_clean(&self, epoch: u64, deadline: Deadline) {
        let mut now = self.clean.lock();
        while *now == epoch && !self.clean_rung.wait_until(&mut now, deadline) {}
    }

    pub fn free_frames(&self) -> usize {
        self.free.lock().len()
    }

    pub fn policy_name(&self) -> &'static str {
        self.policy.lock().name()
    }
}
