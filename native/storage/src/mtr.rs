//! Mini-transactions: the only way to change a page.
//!
//! Latch all pages, name the operations, commit: one log record that names pages and operations is
//! appended, then each operation runs through the function that recovery runs, LSN and `max_xid`
//! are set, the latches released. Dropping an [`Mtr`] that was not committed changes nothing. A
//! panic or an error of an operation between append and release breaks the engine.

use common::{Error, FileId, Lsn, PageId, Result, Xid};

use crate::options::Wait;
use crate::storage::Storage;

/// A page latched exclusively by an [`Mtr`]; valid for that one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub(crate) u8);

/// At most this many pages can be latched by one mini-transaction.
pub const MAX_SLOTS: usize = 64;

/// A mini-transaction. Order of latches among callers: index, row, undo pages, in a tree from the
/// root down and from left to right; with [`Wait::NoWait`] any.
pub struct Mtr<'s> {
    storage: &'s Storage,
    wait: Wait,
}

impl<'s> Mtr<'s> {
    pub(crate) fn new(storage: &'s Storage, wait: Wait) -> Self {
        Self { storage, wait }
    }

    pub fn storage(&self) -> &'s Storage {
        self.storage
    }

    /// What `allocate` and `commit` do where they would wait.
    pub fn wait(&self) -> Wait {
        self.wait
    }

    /// Latches a page exclusively; one that this mini-transaction has already gives its slot again.
    pub fn latch(&mut self, _id: PageId, _wait: Wait) -> Result<Slot> {
        Err(Error::not_implemented("mini-transactions"))
    }

    /// As [`Mtr::latch`], but None (and no latch) if the page changed since it had `version`
    /// ([`crate::OptimisticPage::version`]).
    pub fn latch_version(
        &mut self,
        _id: PageId,
        _version: u64,
        _wait: Wait,
    ) -> Result<Option<Slot>> {
        Err(Error::not_implemented("mini-transactions"))
    }

    /// The slot of a page that this mini-transaction has latched.
    pub fn slot_of(&self, _id: PageId) -> Option<Slot> {
        None
    }

    pub fn id(&self, _slot: Slot) -> PageId {
        PageId::default()
    }

    /// The page's bytes as they are: operations named so far show after commit only. A page from
    /// [`Mtr::allocate`] reads as zeros.
    pub fn page(&self, _slot: Slot) -> &[u8] {
        &[]
    }

    /// Takes a page from the file: latched, zeroed at commit, with `kind`, `owner` and its own
    /// number in the header. 53100 when the disk is full; the page is free again if the
    /// mini-transaction is dropped.
    pub fn allocate(&mut self, _file: FileId, _kind: u8, _owner: u32) -> Result<Slot> {
        Err(Error::not_implemented("mini-transactions"))
    }

    /// Gives the page back to its file at commit.
    pub fn free_page(&mut self, _slot: Slot) -> Result<()> {
        Err(Error::not_implemented("mini-transactions"))
    }

    /// Names an operation on the page, `body` at most 65,535 bytes. They run at commit in the order
    /// of the calls.
    pub fn op(&mut self, _slot: Slot, _code: u8, _body: &[u8]) {}

    /// As [`Mtr::op`] with a body in pieces.
    pub fn op_parts(&mut self, _slot: Slot, _code: u8, _body: &[&[u8]]) {}

    /// Lets go of a page that no operation was named for.
    pub fn release(&mut self, _slot: Slot) {}

    /// Appends the record, applies it, releases the latches. `xid` 0 leaves `max_xid` alone. With
    /// no operation named nothing is logged and the log's end is answered. An error means that
    /// nothing has changed.
    pub fn commit(self, _xid: Xid) -> Result<Lsn> {
        Err(Error::not_implemented("mini-transactions"))
    }
}
