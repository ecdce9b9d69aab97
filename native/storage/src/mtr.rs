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
use common::{Error, FileId, Lsn, PageId, PageNo, Result, Xid, sqlstate};
use smallvec::SmallVec;

use crate::files::FIRST_TEMPORARY;
use crate::hooks::RecordKind;
use crate::log::Append;
use crate::log::record::{OP_HEADER_SIZE, PAGES_PREFIX_SIZE};
use crate::options::Wait;
use crate::page_header::{self, kind};
use crate::pool::{CLAIMED, UNLOGGED};
use crate::storage::Storage;
use crate::storage_ops::{self, GROUP_PAGES};

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
const NEW: u8 = 1;
/// New in the pool: nobody else may find it before commit.
const CLAIM: u8 = 2;
/// A map page that is pinned and not latched yet.
const MAP: u8 = 4;
/// An operation names it.
const CHANGED: u8 = 8;
/// Not latched any more.
const RELEASED: u8 = 16;
/// Of a temporary file: not logged.
const TEMPORARY: u8 = 32;
/// Was clean before this record; clean again if it is not appended.
const WAS_CLEAN: u8 = 64;
/// An operation makes it afresh.
const REMADE: u8 = 128;

#[derive(Clone, Copy, Debug)]
struct Held {
    id: PageId,
    frame: u32,
    flags: u8,
    /// Index among the pages of the record.
    named: u8,
}

#[derive(Clone, Copy, Debug)]
struct MapChange {
    page: PageId,
    map: u8,
    takes: bool,
}

/// A mini-transaction. Order of latches among callers: index, row, undo pages, in a tree from the
/// root down and from left to right; with [`Wait::NoWait`] any.
pub struct Mtr<'s> {
    storage: &'s Storage,
    wait: Wait,
    is_privileged: bool,
    /// The record is in the log, the pages do not all show it.
    is_applying: bool,
    held: SmallVec<[Held; 8]>,
    /// Slots by their index in the record.
    named: SmallVec<[u8; 8]>,
    /// The record's operations, encoded.
    ops: Vec<u8>,
    op_count: u16,
    /// Operations on temporary pages: slots in place of indexes.
    unlogged: Vec<u8>,
    maps: SmallVec<[MapChange; 2]>,
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

    fn check_room(&self) -> Result<()> {
        if self.held.len() >= MAX_SLOTS {
            return Err(Error::internal("a mini-transaction latches too many pages"));
        }
        Ok(())
    }

    fn hold(&mut self, id: PageId, frame: u32, flags: u8) -> Slot {
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
    fn held(&self, slot: Slot) -> &Held {
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

    /// Takes a page from the file: latched, zeroed at commit, with `kind`, `owner` and its own
    /// number in the header. 53100 when the disk is full; the page is free again if the
    /// mini-transaction is dropped.
    pub fn allocate(&mut self, file: FileId, kind: u8, owner: u32) -> Result<Slot> {
        self.check_room()?;
        let data = self.storage.files.get(file)?;
        let may_grow = self.wait == Wait::Block;
        let storage = self.storage;
        let wait = self.wait;
        let mut read_map = |id| Ok(storage.read(id, wait)?.to_vec());
        let no = match data.reserve(may_grow, &mut read_map) {
            Err(error)
                if self.is_privileged
                    && error.state() == sqlstate::DISK_FULL
                    && storage.ballast.give_up() =>
            {
                data.reserve(may_grow, &mut read_map)?
            }
            other => other?,
        };
        let id = PageId {
            file,
            no: PageNo(no),
        };
        match self.hold_new(id) {
            Ok(slot) => {
                let body = storage_ops::init_body(file.0, no, owner, kind);
                self.op(slot, storage_ops::INIT, &body);
                Ok(slot)
            }
            Err(error) => {
                // Where the map change was entered already, the drop gives the page back.
                if !self.maps.iter().any(|change| change.page == id) {
                    data.release(no);
                }
                Err(error)
            }
        }
    }

    /// Latches a page that nobody refers to, without reading it.
    fn hold_new(&mut self, id: PageId) -> Result<Slot> {
        let map = self.map_slot(id)?;
        self.maps.push(MapChange {
            page: id,
            map,
            takes: true,
        });
        let pool = &self.storage.pool;
        loop {
            if pool.find_exact(id).is_some() {
                // From its earlier life, or somebody reads it by a stale guess.
                let frame = match self.storage.latch_exclusive(id, self.wait) {
                    Err(error) if !error.is_would_block() => return Err(error),
                    other => other?,
                };
                return Ok(self.hold(id, frame, NEW));
            }
            let frame = self.storage.free_frame(self.wait)?;
            if self.storage.install(id, frame)? {
                // SAFETY: the frame is claimed, its exclusive latch held.
                let page = unsafe { pool.page_mut(frame) };
                page[..page_header::PAGE_HEADER_SIZE].fill(0);
                return Ok(self.hold(id, frame, NEW | CLAIM));
            }
        }
    }

    /// The slot of the map page that `id` falls under: pinned, latched at commit.
    fn map_slot(&mut self, id: PageId) -> Result<u8> {
        let map = PageId {
            file: id.file,
            no: PageNo(id.no.0 - id.no.0 % GROUP_PAGES),
        };
        if let Some(at) = self
            .held
            .iter()
            .position(|h| h.id == map && h.flags & MAP != 0)
        {
            return Ok(at as u8);
        }
        self.check_room()?;
        let frame = self.storage.fetch(map, self.wait)?;
        Ok(self.hold(map, frame, MAP).0)
    }

    /// Gives the page back to its file at commit.
    pub fn free_page(&mut self, slot: Slot) -> Result<()> {
        let id = self.id(slot);
        let map = self.map_slot(id)?;
        self.op(slot, storage_ops::FREE, &[]);
        self.maps.push(MapChange {
            page: id,
            map,
            takes: false,
        });
        Ok(())
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

    /// Appends the record, applies it, releases the latches. `xid` 0 leaves `max_xid` alone. With
    /// no operation named nothing is logged and the log's end is answered. An error means that
    /// nothing has changed.
    pub fn commit(mut self, xid: Xid) -> Result<Lsn> {
        if !self.maps.is_empty() {
            self.change_maps()?;
        }
        if self.ops.is_empty() && self.unlogged.is_empty() {
            return Ok(Lsn(self.storage.log.tail()));
        }
        let lsn = self.append(xid)?;
        self.is_applying = true;
        if let Err(error) = self.apply(lsn, xid) {
            return Err(self.storage.health.break_engine(error));
        }
        self.is_applying = false;
        self.finish();
        Ok(lsn)
    }

    /// Latches the map pages and names the operations on them.
    fn change_maps(&mut self) -> Result<()> {
        let storage = self.storage;
        let mut order: SmallVec<[u8; 2]> = (0..self.held.len() as u8)
            .filter(|at| self.held[usize::from(*at)].flags & MAP != 0)
            .collect();
        order.sort_unstable_by_key(|at| self.held[usize::from(*at)].id);
        for at in order {
            let held = &mut self.held[usize::from(at)];
            let frame = storage.pool.frame(held.frame);
            let stripe = storage.pool.stripe(held.frame);
            if !frame.latch.lock_exclusive(self.wait, stripe) {
                return Err(Error::WouldBlock);
            }
            frame.unpin();
            held.flags &= !MAP;
            let id = held.id;
            if page_header::kind_of(self.page(Slot(at))) != kind::MAP {
                let body = storage_ops::init_body(id.file.0, id.no.0, 0, kind::MAP);
                self.op(Slot(at), storage_ops::INIT, &body);
                self.op(Slot(at), storage_ops::MAP_SET, &[0, 0]);
            }
        }
        for index in 0..self.maps.len() {
            let change = self.maps[index];
            let code = match change.takes {
                true => storage_ops::MAP_SET,
                false => storage_ops::MAP_CLEAR,
            };
            let bit = (change.page.no.0 % GROUP_PAGES) as u16;
            self.op(Slot(change.map), code, &bit.to_le_bytes());
        }
        Ok(())
    }

    /// Marks the pages dirty and appends the record; on an error all is as it was.
    fn append(&mut self, xid: Xid) -> Result<Lsn> {
        let pool = &self.storage.pool;
        let log = &self.storage.log;
        self.storage.health.check_writes()?;
        // Before the append, with a position that cannot be later: a checkpoint that begins behind
        // the record then sees the page as dirty.
        let bound = log.tail();
        for held in &mut self.held {
            if held.flags & CHANGED != 0 {
                let bound = if held.flags & TEMPORARY != 0 {
                    UNLOGGED
                } else {
                    bound
                };
                if pool.mark_dirty(held.frame, bound) {
                    held.flags |= WAS_CLEAN;
                }
            }
        }
        if self.ops.is_empty() {
            return Ok(Lsn(bound));
        }
        let mut head: SmallVec<[u8; 128]> = SmallVec::new();
        head.extend_from_slice(&(self.named.len() as u16).to_le_bytes());
        head.extend_from_slice(&self.op_count.to_le_bytes());
        head.resize(PAGES_PREFIX_SIZE, 0);
        for slot in &self.named {
            let id = self.held[usize::from(*slot)].id;
            head.extend_from_slice(&id.to_u64().to_le_bytes());
        }
        let how = Append {
            wait: self.wait,
            is_privileged: self.is_privileged,
        };
        let parts = [&head[..], &self.ops[..]];
        let appended = log.append(xid, RecordKind::Pages, &parts, how, |_, _| {});
        if appended.is_err() {
            for held in &mut self.held {
                if held.flags & WAS_CLEAN != 0 {
                    pool.unmark_dirty(held.frame);
                }
            }
        }
        appended
    }

    fn apply(&mut self, lsn: Lsn, xid: Xid) -> Result<()> {
        let pool = &self.storage.pool;
        let copies = self.storage.options.check_apply.then(|| self.copy_pages());
        for (ops, is_logged) in [(&self.ops, true), (&self.unlogged, false)] {
            let mut rest = &ops[..];
            while let Some((header, tail)) = rest.split_at_checked(OP_HEADER_SIZE) {
                let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
                let (body, tail) = tail.split_at(length);
                let slot = match is_logged {
                    true => self.named[usize::from(header[0])],
                    false => header[0],
                };
                let frame = self.held[usize::from(slot)].frame;
                // SAFETY: the exclusive latch is held; the reference ends with the call.
                let page = unsafe { pool.page_mut(frame) };
                self.storage.ops.apply(header[1], page, body)?;
                rest = tail;
            }
        }
        if let Some(copies) = copies {
            self.compare(copies)?;
        }
        for held in &self.held {
            if held.flags & CHANGED == 0 {
                continue;
            }
            // SAFETY: as above.
            let page = unsafe { pool.page_mut(held.frame) };
            if held.flags & TEMPORARY == 0 {
                page_header::set_lsn_u64(page, lsn.0);
            }
            page_header::raise_max_xid(page, xid);
            if held.flags & REMADE != 0 {
                let init = &pool.frame(held.frame).init_lsn;
                init.store(lsn.0, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Test mode: the pages before the record.
    fn copy_pages(&self) -> Vec<Vec<u8>> {
        let named = self.named.iter();
        named
            .map(|slot| {
                let frame = self.held[usize::from(*slot)].frame;
                // SAFETY: the exclusive latch is held.
                unsafe { self.storage.pool.page(frame) }.to_vec()
            })
            .collect()
    }

    /// Test mode: replays the record on the copies and compares.
    fn compare(&self, mut copies: Vec<Vec<u8>>) -> Result<()> {
        let mut rest = &self.ops[..];
        while let Some((header, tail)) = rest.split_at_checked(OP_HEADER_SIZE) {
            let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
            let (body, tail) = tail.split_at(length);
            let copy = &mut copies[usize::from(header[0])];
            self.storage.ops.apply(header[1], copy, body)?;
            rest = tail;
        }
        for (slot, copy) in self.named.iter().zip(&copies) {
            let held = &self.held[usize::from(*slot)];
            // SAFETY: the exclusive latch is held.
            let page = unsafe { self.storage.pool.page(held.frame) };
            if let Some(at) = page.iter().zip(copy).position(|(a, b)| a != b) {
                return Err(Error::internal(format!(
                    "replaying a record gives another byte {at} of {}",
                    held.id
                )));
            }
        }
        Ok(())
    }

    /// After apply: releases everything and settles the allocations.
    fn finish(&mut self) {
        let pool = &self.storage.pool;
        for held in self.held.drain(..) {
            if held.flags & RELEASED != 0 {
                continue;
            }
            if held.flags & CLAIM != 0 {
                pool.publish_claimed(held.frame, false);
            }
            let latch = &pool.frame(held.frame).latch;
            if held.flags & CHANGED != 0 {
                latch.unlock_exclusive(pool.stripe(held.frame));
            } else {
                latch.unlock_exclusive_unchanged(pool.stripe(held.frame));
            }
        }
        for change in self.maps.drain(..) {
            if !change.takes
                && let Ok(file) = self.storage.files.get(change.page.file)
            {
                file.release(change.page.no.0);
            }
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
