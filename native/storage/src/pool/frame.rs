//! What the pool knows of one frame besides the page's bytes.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

use common::PageId;

use super::latch::Latch;

/// The page of a frame that holds none.
pub const NO_PAGE: u64 = u64::MAX;
/// In `pins`: the frame is being filled, emptied or lies in the free list. Who sets it owns the
/// frame and holds its exclusive latch.
pub const CLAIMED: u32 = 1 << 31;
/// In `rec_lsn`: changed, but not logged (temporary files).
pub const UNLOGGED: u64 = u64::MAX;

/// In `flags`: recovery found a bad checksum; the first record must determine the whole page.
pub const TORN: u8 = 1;

#[derive(Debug)]
#[repr(align(64))]
pub struct Frame {
    pub latch: Latch,
    /// [`PageId::to_u64`] or [`NO_PAGE`]. Changes under the exclusive latch only.
    pub page: AtomicU64,
    /// A lower bound of the first record that is in the page and not on disk; 0 when clean.
    pub rec_lsn: AtomicU64,
    /// The bound of the copy that is being written; 0 when none is.
    pub writing: AtomicU64,
    /// The record that made the page afresh while it was in this frame; 0 for none.
    pub init_lsn: AtomicU64,
    pub pins: AtomicU32,
    /// How often it was used since the policy looked last, up to 3.
    pub usage: AtomicU8,
    pub flags: AtomicU8,
}

impl Frame {
    #[inline]
    pub fn holds(&self, id: PageId) -> bool {
        self.page.load(Ordering::Relaxed) == id.to_u64()
    }

    #[inline]
    pub fn is_dirty(&self) -> bool {
        self.rec_lsn.load(Ordering::Relaxed) != 0 || self.writing.load(Ordering::Relaxed) != 0
    }

    #[inline]
    pub fn touch(&self) {
        let usage = self.usage.load(Ordering::Relaxed);
        if usage < 3 {
            self.usage.store(usage + 1, Ordering::Relaxed);
        }
    }

    /// Adds a pin unless the frame is claimed.
    #[inline]
    pub fn try_pin(&self) -> bool {
        if self.pins.fetch_add(1, Ordering::Acquire) & CLAIMED == 0 {
            return true;
        }
        self.pins.fetch_sub(1, Ordering::Release);
        false
    }

    #[inline]
    pub fn unpin(&self) {
        let old = self.pins.fetch_sub(1, Ordering::Release);
        debug_assert!(old & !CLAIMED != 0, "unpinned a frame that was not pinned");
    }

    pub fn is_claimed(&self) -> bool {
        self.pins.load(Ordering::Acquire) & CLAIMED != 0
    }
}
