//! Mini-transactions: the only way to change a page.
//!
//! Latch all pages, name the operations, commit: one log record that names pages and operations is
//! appended, then each operation runs through the function that recovery runs, LSN and `max_xid`
//! are set, the latches released. Dropping an [`Mtr`] that was not committed changes nothing. A
//! panic or an error of an operation between append and release breaks the engine.
//!
//! Allocation: a page is reserved in the file's map in memory; the map page itself is latched at
//! commit only, after all others and in order of pages, so it takes part in no deadlock.

use std::cell::RefCell;
use std::sync::atomic::Ordering;

use common::limits::PAGE_SIZE;
use common::{Error, PageId, Result, sqlstate};
use smallvec::SmallVec;

use crate::files::FIRST_TEMPORARY;
use crate::options::Wait;
use crate::pool::CLAIMED;
use crate::storage::Storage;
use crate::storage_ops::{self};

/// A page latched exclusively by an [`Mtr`]; valid for that one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub(crate) u8);

/// At most this many pages can be latched by one mini-transaction.
pub const MAX_SLOTS: usize = 200;

static ZEROS: [u8; PAGE_SIZE] = [0; PAGE_SIZE];

thread_local! {
    /// Buffers for operations, so that a mini-transaction allocates nothing.
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Allocated by this mini-transaction: reads as zeros.
pub(super) const NEW: u8 = 1;
/// New in the pool: nobody else may find it before commit.
pub(super) const CLAIM: u8 = 2;
/// A map page that is pinned and not latched yet.
pub(super) const MAP: u8 = 4;
/// An operation names it.
pub(super) const CHANGED: u8 = 8;
/// Not latched any more.
pub(super) const RELEASED: u8 = 16;
/// Of a temporary file: not logged.
pub(super) const TEMPORARY: u8 = 32;
/// Was clean before this record; clean again if it is not appended.
pub(super) const WAS_CLEAN: u8 = 64;
/// An operation makes it afresh.
pub(super) const REMADE: u8 = 128;

#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) id: PageId,
    pub(super) frame: u32,
    pub(super) flags: u8,
    /// Index among the pages of the record.
    pub(super) named: u8,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct MapChange {
    pub(super) page: PageId,
    pub(super) map: u8,
    pub(super) takes: bool,
}

/// A mini-transaction. Order of latches among callers: index, row, undo pages, in a tree from the
/// root down and from left to right; with [`Wait::NoWait`] any.
pub struct Mtr<'s> {
    pub(super) storage: &'s Storage,
    pub(super) wait: Wait,
    pub(super) is_privileged: bool,
    /// The record is in the log, the pages do not all show it.
    pub(super) is_applying: bool,
    pub(super) held: SmallVec<[Held; 8]>,
    /// Slots by their index in the record.
    pub(super) named: SmallVec<[u8; 8]>,
    /// The record's operations, encoded.
    pub(super) ops: Vec<u8>,
    pub(super) op_count: u16,
    /// Operations on temporary pages: slots in place of indexes.
    pub(super) unlogged: Vec<u8>,
    pub(super) maps: SmallVec<[MapChange; 2]>,
}

impl<'s> Mtr<'s> {
    pub(crate) fn new(storage: &'s Storage, wait: Wait, is_privileged: bool) -> Self {
        let ops = BUFFERS.with(|buffers| buffers.borrow_mut().pop());
        Self {
            storage,
            wait,
            is_privileged,
            is_applying: false,
            held: SmallVec::new(),
            named: SmallVec::new(),
            ops: ops.unwrap_or_default(),
            op_count: 0,
            unlogged: Vec::new(),
            maps: SmallVec::new(),
        }
    }

    pub fn storage(&self) -> &'s Storage {
        self.storage
    }

    /// What `allocate` and `commit` do where they would wait.
    pub fn wait(&self) -> Wait {
        self.wait
    }

    /// Latches a page exclusively; one that this mini-transaction has already gives its slot again.
    pub fn latch(&mut self, id: PageId, wait: Wait) -> Result<Slot> {
        if let Some(slot) = self.slot_of(id) {
            return Ok(slot);
        }
        self.check_room()?;
        let frame = self.storage.latch_exclusive(id, wait)?;
        Ok(self.hold(id, frame, 0))
    }

    /// As [`Mtr::latch`], but None (and no latch) if the page changed since it had `version`
    /// ([`crate::OptimisticPage::version`]).
    pub fn latch_version(&mut self, id: PageId, version: u64, wait: Wait) -> Result<Option<Slot>> {
        if let Some(slot) = self.slot_of(id) {
            return Ok(Some(slot));
        }
        let slot = self.latch(id, wait)?;
        let frame = self.held(slot).frame;
        if self.storage.pool.frame(frame).latch.version_held() != version {
            self.release(slot);
            return Ok(None);
        }
        Ok(Some(slot))
    }

    pub(super) fn check_room(&self) -> Result<()> {
        if self.held.len() >= MAX_SLOTS {
            return Err(Error::internal("a mini-transaction latches too many pages"));
        }
        Ok(())
    }

    pub(super) fn hold(&mut self, id: PageId, frame: u32, flags: u8) -> Slot {
        let temporary = if id.file.0 >= FIRST_TEMPORARY {
            TEMPORARY
        } else {
            0
        };
        self.held.push(Held {
            id,
            frame,
            flags: flags | temporary,
            named: u8::MAX,
        });
        Slot((self.held.len() - 1) as u8)
    }

    #[inline]
    pub(super) fn held(&self, slot: Slot) -> &Held {
        &self.held[usize::from(slot.0)]
    }

    /// The slot of a page that this mini-transaction has latched.
    pub fn slot_of(&self, id: PageId) -> Option<Slot> {
        let at = self
            .held
            .iter()
            .position(|held| held.id == id && held.flags & (RELEASED | MAP) == 0);
        at.map(|at| Slot(at as u8))
    }

    pub fn id(&self, slot: Slot) -> PageId {
        self.held(slot).id
    }

    /// The page's bytes as they are: operations named so far show after commit only. A page from
    /// [`Mtr::allocate`] reads as zeros.
    #[inline]
    pub fn page(&self, slot: Slot) -> &[u8] {
        let held = self.held(slot);
        debug_assert!(held.flags & RELEASED == 0, "a slot that was released");
        if held.flags & NEW != 0 {
            return &ZEROS;
        }
        // SAFETY: the exclusive latch is held, and changes need `&mut self`.
        unsafe { self.storage.pool.page(held.frame) }
    }

    /// Names an operation on the page, `body` at most 65,535 bytes. They run at commit in the order
    /// of the calls.
    #[inline]
    pub fn op(&mut self, slot: Slot, code: u8, body: &[u8]) {
        self.op_parts(slot, code, &[body]);
    }

    /// As [`Mtr::op`] with a body in pieces.
    #[inline]
    pub fn op_parts(&mut self, slot: Slot, code: u8, body: &[&[u8]]) {
        let length: usize = body.iter().map(|part| part.len()).sum();
        assert!(
            length <= usize::from(u16::MAX),
            "the body of an operation is too long"
        );
        let held = &mut self.held[usize::from(slot.0)];
        assert!(
            held.flags & RELEASED == 0,
            "an operation on a released page"
        );
        held.flags |= CHANGED;
        if storage_ops::is_init(code) {
            held.flags |= REMADE;
        }
        let (out, index) = if held.flags & TEMPORARY != 0 {
            (&mut self.unlogged, slot.0)
        } else {
            if held.named == u8::MAX {
                held.named = self.named.len() as u8;
                self.named.push(slot.0);
            }
            self.op_count += 1;
            (&mut self.ops, held.named)
        };
        let length = (length as u16).to_le_bytes();
        out.extend_from_slice(&[index, code, length[0], length[1]]);
        for part in body {
            out.extend_from_slice(part);
        }
    }

    /// Lets go of a page that no operation was named for.
    pub fn release(&mut self, slot: Slot) {
        let held = &mut self.held[usize::from(slot.0)];
        if held.flags & (CHANGED | RELEASED | MAP | NEW) == 0 {
            held.flags |= RELEASED;
            let pool = &self.storage.pool;
            let latch = &pool.frame(held.frame).latch;
            latch.unlock_exclusive_unchanged(pool.stripe(held.frame));
        }
    }
}

impl Drop for Mtr<'_> {
    fn drop(&mut self) {
        if self.is_applying {
            // Before any latch opens: nobody may see the half-changed pages.
            let cause = Error::new(
                sqlstate::INTERNAL_ERROR,
                "a record was interrupted while it was applied",
            );
            self.storage.health.break_engine(cause);
        }
        let pool = &self.storage.pool;
        for held in self.held.drain(..) {
            let frame = pool.frame(held.frame);
            if held.flags & RELEASED != 0 {
                continue;
            }
            if held.flags & MAP != 0 {
                frame.unpin();
            } else if held.flags & CLAIM != 0 {
                debug_assert!(frame.pins.load(Ordering::Relaxed) & CLAIMED != 0, "claimed");
                pool.discard_claimed(held.frame);
            } else if self.is_applying {
                frame.latch.unlock_exclusive(pool.stripe(held.frame));
            } else {
                frame
                    .latch
                    .unlock_exclusive_unchanged(pool.stripe(held.frame));
            }
        }
        for change in self.maps.drain(..) {
            if change.takes
                && let Ok(file) = self.storage.files.get(change.page.file)
            {
                file.release(change.page.no.0);
            }
        }
        let mut ops = std::mem::take(&mut self.ops);
        ops.clear();
        // A buffer that grew large is not kept.
        if ops.capacity() <= 1 << 16 {
            BUFFERS.with(|buffers| {
                let mut buffers = buffers.borrow_mut();
                if buffers.len() < 8 {
                    buffers.push(ops);
                }
            });
        }
    }
}
