//! Changing the number of frames while the pool is in use.

use std::sync::atomic::Ordering;

use common::limits::PAGE_SIZE;
use common::{Error, Result};

use super::buffer_pool::BufferPool;
use super::frame::{CLAIMED, NO_PAGE};

impl BufferPool {
    /// Adds frames until there are `size`.
    pub fn grow(&self, size: usize) -> Result<()> {
        let mut free = self.free.lock();
        let old = self.size.load(Ordering::Acquire);
        if size > self.frames.len() {
            return Err(Error::new(
                common::sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                "the buffer pool cannot grow beyond the range reserved at the start",
            ));
        }
        if size <= old {
            return Ok(());
        }
        self.arena
            .commit(old * PAGE_SIZE, (size - old) * PAGE_SIZE)
            .map_err(|error| Error::io("could not allocate the buffer pool", &error))?;
        for frame in (old..size).rev() {
            let state = &self.frames[frame];
            state.page.store(NO_PAGE, Ordering::Relaxed);
            // A frame that an earlier shrink retired is claimed already.
            if !state.is_claimed() {
                state.pins.store(CLAIMED, Ordering::Relaxed);
                assert!(state.latch.try_exclusive(), "nobody knows this frame yet");
            }
            free.push(frame as u32);
        }
        self.size.store(size, Ordering::Release);
        self.limit.store(size, Ordering::Release);
        drop(free);
        self.ring_clean();
        Ok(())
    }

    /// Lets no frame from `size` on be used afresh.
    pub fn start_shrink(&self, size: usize) {
        let mut free = self.free.lock();
        self.limit.store(size, Ordering::Release);
        let (leaving, stay) = free.iter().partition(|frame| **frame as usize >= size);
        *free = stay;
        let leaving: Vec<u32> = leaving;
        self.retired.lock().extend(leaving);
    }

    /// Empties the clean ones of the frames that are to leave; true when all have left, and then
    /// their memory is given back.
    pub fn retire_clean(&self) -> bool {
        let (limit, size) = (
            self.limit.load(Ordering::Acquire),
            self.size.load(Ordering::Acquire),
        );
        for frame in limit..size {
            let frame = frame as u32;
            let mut policy = self.policy.lock();
            if self.try_claim_clean(frame) {
                policy.forget(frame);
                drop(policy);
                self.empty_claimed(frame);
                self.retired.lock().push(frame);
                self.stripe(frame).notify();
            }
        }
        let mut retired = self.retired.lock();
        if retired.len() < size - limit {
            return false;
        }
        // They stay claimed: `grow` takes them up again.
        retired.clear();
        self.size.store(limit, Ordering::Release);
        self.arena
            .release(limit * PAGE_SIZE, (size - limit) * PAGE_SIZE);
        true
    }

    /// Takes [`BufferPool::start_shrink`] back.
    pub fn cancel_shrink(&self) {
        let mut free = self.free.lock();
        self.limit
            .store(self.size.load(Ordering::Acquire), Ordering::Release);
        free.append(&mut self.retired.lock());
        drop(free);
        self.ring_clean();
    }
}
