//! Bringing pages into the pool.

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::limits::PAGE_SIZE;
use common::rt::Deadline;
use common::{Error, PageId, Result, sqlstate};

use crate::options::Wait;
use crate::page_header;
use crate::page_ref::ReadGuard;
use crate::pool::TORN;
use crate::storage::Storage;
use crate::writer::double_write::has_valid_checksum;

/// Rounds of waiting for a clean frame, a tenth of a second each, before giving up.
const FRAME_ROUNDS_MAX: u32 = 300;

/// Whether bytes from the disk are that page: it, or one that was never written.
pub(crate) fn is_page_of(page: &[u8], id: PageId) -> bool {
    has_valid_checksum(page) && page_header::id(page) == id || page.iter().all(|b| *b == 0)
}

impl Storage {
    /// Pins the page, reading it if it is not in the pool.
    #[inline]
    pub(crate) fn fetch(&self, id: PageId, wait: Wait) -> Result<u32> {
        match self.pool.find_pinned(id) {
            Some(frame) => Ok(frame),
            None => self.fetch_slow(id, wait),
        }
    }

    #[cold]
    fn fetch_slow(&self, id: PageId, wait: Wait) -> Result<u32> {
        loop {
            self.health.check_reads()?;
            if let Some(frame) = self.pool.find_exact(id) {
                if let Some(frame) = self.pool.find_pinned(id) {
                    return Ok(frame);
                }
                if wait == Wait::NoWait {
                    return Err(Error::WouldBlock);
                }
                self.pool.wait_in_motion(id, frame);
                continue;
            }
            if wait == Wait::NoWait {
                return Err(Error::WouldBlock);
            }
            let frame = self.free_frame(wait)?;
            if !self.install(id, frame)? {
                continue;
            }
            if let Err(error) = self.read_into(id, frame) {
                self.pool.discard_claimed(frame);
                return Err(error);
            }
            self.pool.publish_claimed(frame, true);
            let latch = &self.pool.frame(frame).latch;
            latch.unlock_exclusive(self.pool.stripe(frame));
            return Ok(frame);
        }
    }

    /// Enters a free frame for the page; false, and the frame is free again, if another came first.
    pub(crate) fn install(&self, id: PageId, frame: u32) -> Result<bool> {
        match self.pool.install(id, frame) {
            Ok(None) => Ok(true),
            Ok(Some(_)) => {
                self.pool.give_back(frame);
                Ok(false)
            }
            Err(error) => {
                self.pool.give_back(frame);
                Err(error)
            }
        }
    }

    /// A frame that holds nothing, claimed and latched.
    pub(crate) fn free_frame(&self, wait: Wait) -> Result<u32> {
        for _ in 0..FRAME_ROUNDS_MAX {
            let epoch = self.pool.clean_epoch();
            if let Some(frame) = self.pool.take_frame() {
                return Ok(frame);
            }
            self.health.check_writes()?;
            if !self.has_threads.load(Ordering::Acquire) {
                if wait == Wait::NoWait {
                    return Err(Error::WouldBlock);
                }
                if self.writer.lock().write_oldest(self)? == 0 {
                    break;
                }
                continue;
            }
            self.writer_signal.need_clean();
            if wait == Wait::NoWait {
                return Err(Error::WouldBlock);
            }
            self.pool
                .wait_clean(epoch, Deadline::after(Duration::from_millis(100)));
        }
        Err(Error::new(
            sqlstate::INSUFFICIENT_RESOURCES,
            "no unpinned buffers available",
        ))
    }

    /// Reads the page into a claimed frame and checks it.
    fn read_into(&self, id: PageId, frame: u32) -> Result<()> {
        let file = self.files.get(id.file)?;
        // SAFETY: the frame is claimed, its exclusive latch held.
        let page = unsafe { self.pool.page_mut(frame) };
        let offset = u64::from(id.no.0) * PAGE_SIZE as u64;
        let could_not = || format!("could not read page {} in file \"{}\"", id.no, file.path);
        self.counters.pages_read.fetch_add(1, Ordering::Relaxed);
        let read = file.handle().and_then(|file| file.read_at(page, offset));
        match read {
            Ok(()) => {}
            Err(error)
                if error.kind() == std::io::ErrorKind::UnexpectedEof && self.is_recovering() =>
            {
                // Grown before the crash, by what redo does again.
                page.fill(0);
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(Error::corrupted(format!("{}: beyond its end", could_not())));
            }
            Err(error) => return Err(Error::io(could_not(), &error)),
        }
        if is_page_of(page, id) {
            return Ok(());
        }
        if self.is_recovering() {
            // Right if the log makes the page afresh; redo finds out.
            page.fill(0);
            self.pool.frame(frame).flags.store(TORN, Ordering::Relaxed);
            return Ok(());
        }
        Err(Error::corrupted(format!(
            "invalid page in block {} of file \"{}\"",
            id.no, file.path
        )))
    }

    /// Latches the page shared, reading it if need be. No pin is taken: the latch keeps it.
    #[inline]
    pub fn read(&self, id: PageId, wait: Wait) -> Result<ReadGuard<'_>> {
        if let Some(frame) = self.pool.find(id) {
            let state = self.pool.frame(frame);
            if state.latch.try_shared() {
                let guard = ReadGuard::new(&self.pool, frame);
                if state.holds(id) {
                    state.touch();
                    return Ok(guard);
                }
            }
        }
        self.read_slow(id, wait)
    }

    #[cold]
    fn read_slow(&self, id: PageId, wait: Wait) -> Result<ReadGuard<'_>> {
        let frame = self.fetch(id, wait)?;
        let state = self.pool.frame(frame);
        let taken = state.latch.lock_shared(wait, self.pool.stripe(frame));
        state.unpin();
        if !taken {
            return Err(Error::WouldBlock);
        }
        Ok(ReadGuard::new(&self.pool, frame))
    }

    /// Latches the page exclusively.
    #[inline]
    pub(crate) fn latch_exclusive(&self, id: PageId, wait: Wait) -> Result<u32> {
        if let Some(frame) = self.pool.find(id) {
            let state = self.pool.frame(frame);
            if state.latch.try_exclusive() {
                if state.holds(id) {
                    state.touch();
                    return Ok(frame);
                }
                state
                    .latch
                    .unlock_exclusive_unchanged(self.pool.stripe(frame));
            }
        }
        self.latch_exclusive_slow(id, wait)
    }

    #[cold]
    fn latch_exclusive_slow(&self, id: PageId, wait: Wait) -> Result<u32> {
        let frame = self.fetch(id, wait)?;
        let state = self.pool.frame(frame);
        let taken = state.latch.lock_exclusive(wait, self.pool.stripe(frame));
        state.unpin();
        if !taken {
            return Err(Error::WouldBlock);
        }
        Ok(frame)
    }
}
