//! Pinned pages and the ways to read them.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use common::limits::PAGE_SIZE;
use common::{Error, PageId, Result, Xid};

use crate::options::Wait;
use crate::page_header;
use crate::pool::{BufferPool, Frame};

/// A page that stays in its frame while this lives. A pin is no latch: read through
/// [`PageRef::read`] or [`PageRef::read_optimistic`].
pub struct PageRef<'s> {
    pool: &'s BufferPool,
    frame: u32,
    id: PageId,
}

/// The page's bytes under the shared latch. Hold it for microseconds, latch nothing twice, wait for
/// nothing but other latches (in latch order) while it lives.
pub struct ReadGuard<'s> {
    pool: &'s BufferPool,
    frame: u32,
}

impl Deref for ReadGuard<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the shared latch is held until this is dropped.
        unsafe { self.pool.page(self.frame) }
    }
}

impl Drop for ReadGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        let latch = &self.pool.frame(self.frame).latch;
        latch.unlock_shared(self.pool.stripe(self.frame));
    }
}

impl<'s> ReadGuard<'s> {
    /// Takes over a shared latch that the caller holds.
    pub(crate) fn new(pool: &'s BufferPool, frame: u32) -> Self {
        Self { pool, frame }
    }

    /// The page's version, for `Mtr::latch_version` after this is dropped.
    #[inline]
    pub fn version(&self) -> u64 {
        self.pool.frame(self.frame).latch.version_held()
    }
}

impl<'s> PageRef<'s> {
    /// Takes over a pin that the caller holds.
    pub(crate) fn new(pool: &'s BufferPool, frame: u32, id: PageId) -> Self {
        Self { pool, frame, id }
    }

    pub fn id(&self) -> PageId {
        self.id
    }

    /// Takes the shared latch.
    pub fn read(&self) -> ReadGuard<'_> {
        let latch = &self.pool.frame(self.frame).latch;
        let taken = latch.lock_shared(Wait::Block, self.pool.stripe(self.frame));
        debug_assert!(taken, "a latch that was waited for");
        ReadGuard::new(self.pool, self.frame)
    }

    /// As [`PageRef::read`]; with [`Wait::NoWait`] gives up after a short spin.
    pub fn try_read(&self, wait: Wait) -> Result<ReadGuard<'_>> {
        let latch = &self.pool.frame(self.frame).latch;
        if latch.lock_shared(wait, self.pool.stripe(self.frame)) {
            return Ok(ReadGuard::new(self.pool, self.frame));
        }
        Err(Error::WouldBlock)
    }

    /// Runs `read` without a latch and returns its result if no writer came between; None: start
    /// over (or take the latch). What `read` copied is garbage until then: check every offset, use
    /// nothing before.
    #[inline]
    pub fn read_optimistic<R>(
        &self,
        read: impl FnOnce(&OptimisticPage<'_>) -> Option<R>,
    ) -> Option<R> {
        OptimisticPage::new(self.pool, self.frame, self.id)?.run(read)
    }
}

impl Drop for PageRef<'_> {
    #[inline]
    fn drop(&mut self) {
        self.pool.frame(self.frame).unpin();
    }
}

/// A page that may change under the reader: bytes leave it by relaxed atomic loads only.
pub struct OptimisticPage<'a> {
    words: &'a [AtomicU64],
    frame: &'a Frame,
    version: u64,
}

const WORDS: usize = PAGE_SIZE / 8;

impl<'a> OptimisticPage<'a> {
    /// None while a writer holds the frame or it holds another page.
    #[inline]
    pub(crate) fn new(pool: &'a BufferPool, number: u32, id: PageId) -> Option<Self> {
        let frame = pool.frame(number);
        let version = frame.latch.version()?;
        // Read after the version: if the frame gets another page later, the version shows it.
        if !frame.holds(id) {
            return None;
        }
        // SAFETY: committed memory of the pool, aligned to the page; every access through this is
        // atomic. A writer's plain stores may run beside; what was read then is thrown away.
        let words =
            unsafe { std::slice::from_raw_parts(pool.bytes(number).cast::<AtomicU64>(), WORDS) };
        Some(Self {
            words,
            frame,
            version,
        })
    }

    #[inline]
    pub(crate) fn run<R>(self, read: impl FnOnce(&Self) -> Option<R>) -> Option<R> {
        let result = read(&self)?;
        self.is_valid().then_some(result)
    }

    /// What [`OptimisticPage::is_valid`] compares with; give it to `Mtr::latch_version`.
    #[inline]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether all that was loaded so far was one state of the page.
    #[inline]
    pub fn is_valid(&self) -> bool {
        self.frame.latch.is_unchanged(self.version)
    }

    #[inline]
    fn word(&self, index: usize) -> u64 {
        u64::from_le(self.words[index].load(Ordering::Relaxed))
    }

    /// `size` bytes (1 to 8) from `offset` in the low end.
    #[inline]
    fn load(&self, offset: usize, size: usize) -> Option<u64> {
        if offset > PAGE_SIZE - size {
            return None;
        }
        let (index, shift) = (offset / 8, offset % 8 * 8);
        let mut value = self.word(index) >> shift;
        if shift + size * 8 > 64 {
            value |= self.word(index + 1) << (64 - shift);
        }
        Some(value)
    }

    /// The byte at `offset`; None beyond the page, as in the other loads.
    #[inline]
    pub fn u8(&self, offset: usize) -> Option<u8> {
        self.load(offset, 1).map(|value| value as u8)
    }

    #[inline]
    pub fn u16(&self, offset: usize) -> Option<u16> {
        self.load(offset, 2).map(|value| value as u16)
    }

    #[inline]
    pub fn u32(&self, offset: usize) -> Option<u32> {
        self.load(offset, 4).map(|value| value as u32)
    }

    #[inline]
    pub fn u64(&self, offset: usize) -> Option<u64> {
        self.load(offset, 8)
    }

    /// `size` bytes (1 to 8) from `offset` as a number that orders as they do; None beyond the page.
    #[inline]
    pub fn be_bytes(&self, offset: usize, size: usize) -> Option<u64> {
        debug_assert!((1..=8).contains(&size), "a word's bytes");
        let value = self.load(offset, size)?;
        Some(value.swap_bytes() >> (64 - size * 8))
    }

    /// Copies `out.len()` bytes from `offset`; false, and nothing copied, when they reach beyond the
    /// page.
    #[inline]
    pub fn copy_to(&self, offset: usize, out: &mut [u8]) -> bool {
        if out.len() > PAGE_SIZE || offset > PAGE_SIZE - out.len() {
            return false;
        }
        let head = (offset.next_multiple_of(8) - offset).min(out.len());
        let (first, rest) = out.split_at_mut(head);
        if let Some(value) = self.load_up_to(offset, head) {
            first.copy_from_slice(&value.to_le_bytes()[..head]);
        }
        let mut index = (offset + head) / 8;
        let mut words = rest.chunks_exact_mut(8);
        for word in &mut words {
            word.copy_from_slice(&self.word(index).to_le_bytes());
            index += 1;
        }
        let tail = words.into_remainder();
        if let Some(value) = self.load_up_to(index * 8, tail.len()) {
            tail.copy_from_slice(&value.to_le_bytes()[..tail.len()]);
        }
        true
    }

    #[inline]
    fn load_up_to(&self, offset: usize, size: usize) -> Option<u64> {
        if size == 0 {
            None
        } else {
            self.load(offset, size)
        }
    }

    /// The page's `max_xid`.
    #[inline]
    pub fn max_xid(&self) -> Xid {
        Xid(self.word(page_header::MAX_XID / 8))
    }
}
