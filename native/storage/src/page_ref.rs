//! Pinned pages and the ways to read them.

use std::ops::Deref;

use common::{Error, PageId, Result, Xid};

use crate::options::Wait;
use crate::storage::Storage;

/// A page that stays in its frame while this lives. A pin is no latch: read through
/// [`PageRef::read`] or [`PageRef::read_optimistic`].
pub struct PageRef<'s> {
    pub(crate) storage: &'s Storage,
    pub(crate) id: PageId,
}

/// The page's bytes under the shared latch. Hold it for microseconds, latch nothing twice, wait for
/// nothing but other latches (in latch order) while it lives.
pub struct ReadGuard<'a> {
    bytes: &'a [u8],
}

impl Deref for ReadGuard<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.bytes
    }
}

impl<'s> PageRef<'s> {
    pub fn id(&self) -> PageId {
        self.id
    }

    /// Takes the shared latch.
    pub fn read(&self) -> ReadGuard<'_> {
        unreachable!("pages cannot be pinned yet: {}", self.storage.is_broken())
    }

    /// As [`PageRef::read`]; with [`Wait::NoWait`] gives up after a short spin.
    pub fn try_read(&self, _wait: Wait) -> Result<ReadGuard<'_>> {
        Err(Error::not_implemented("page latches"))
    }

    /// Runs `read` without a latch and returns its result if no writer came between; None: start
    /// over (or take the latch). What `read` copied is garbage until then: check every offset, use
    /// nothing before.
    pub fn read_optimistic<R>(
        &self,
        _read: impl FnOnce(&OptimisticPage<'_>) -> Option<R>,
    ) -> Option<R> {
        None
    }
}

/// A page that may change under the reader: bytes leave it by relaxed atomic loads only.
pub struct OptimisticPage<'a> {
    words: &'a [std::sync::atomic::AtomicU64],
    version: u64,
}

impl OptimisticPage<'_> {
    /// What [`OptimisticPage::is_valid`] compares with; give it to `Mtr::latch_version`.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether all that was loaded so far was one state of the page.
    pub fn is_valid(&self) -> bool {
        false
    }

    /// The byte at `offset`; None beyond the page, as in the other loads.
    pub fn u8(&self, _offset: usize) -> Option<u8> {
        None
    }

    pub fn u16(&self, _offset: usize) -> Option<u16> {
        None
    }

    pub fn u32(&self, _offset: usize) -> Option<u32> {
        None
    }

    pub fn u64(&self, _offset: usize) -> Option<u64> {
        None
    }

    /// Copies `out.len()` bytes from `offset`; false, and nothing copied, when they reach beyond the
    /// page.
    pub fn copy_to(&self, _offset: usize, _out: &mut [u8]) -> bool {
        self.words.is_empty()
    }

    /// The page's `max_xid`.
    pub fn max_xid(&self) -> Xid {
        Xid(self.u64(crate::page_header::MAX_XID).unwrap_or(u64::MAX))
    }
}
