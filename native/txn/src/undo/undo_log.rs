//! Appending, reading and freeing undo.
//!
//! Who appends names the operation in the mini-transaction that changes the row, so row and undo
//! change in one log record. Nothing is known to have happened before that commits: what an append
//! did to [`UndoTail`] is *pending* until [`UndoTail::confirm`]; when a mini-transaction was
//! dropped instead, the page itself tells (its end did not move), and the next append steps back.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use common::limits::PAGE_SIZE;
use common::{CommandId, Error, FileId, ObjectId, PageId, PageNo, Result, Xid};
use storage::{Mtr, ReadGuard, Slot, Storage, Wait};

use super::chain_table::ChainTable;
use super::undo_chain::{ChainRange, UndoChain};
use super::undo_page::{self, FIRST_RECORD, MAX_BODY_SIZE, PAGE_KIND};
use super::undo_page::{UNDO_APPEND, UNDO_DONE, UNDO_INIT};
use super::undo_record::{RECORD_HEADER_SIZE, UndoRecord, UndoRecordRef};
use super::undo_tail::{Pending, UndoTail};
use crate::transaction::Transaction;
use crate::undo::UndoAddr;

/// All chains. Which page holds what is in memory, is part of every checkpoint's payload, and is
/// brought up to date by the log at recovery.
pub struct UndoLog {
    storage: OnceLock<Weak<Storage>>,
    /// 0 until there is one.
    file: AtomicU32,
    chains: ChainTable,
}

/// A record and where it is.
type AddressedRecord = (UndoAddr, UndoRecord);

struct Place {
    slot: Slot,
    addr: UndoAddr,
}

impl UndoLog {
    pub(crate) fn new() -> Self {
        Self {
            storage: OnceLock::new(),
            file: AtomicU32::new(0),
            chains: ChainTable::new(),
        }
    }

    pub(crate) fn attach(&self, storage: &Arc<Storage>) {
        // A second storage would be a mistake of the program; the first one stays.
        let _ = self.storage.set(Arc::downgrade(storage));
    }

    pub(crate) fn storage(&self) -> Result<Arc<Storage>> {
        let storage = self.storage.get().and_then(Weak::upgrade);
        storage.ok_or_else(|| Error::internal("the storage is closed"))
    }

    pub(crate) fn file(&self) -> FileId {
        FileId(self.file.load(Ordering::Acquire))
    }

    pub(crate) fn set_file(&self, file: FileId) {
        self.file.store(file.0, Ordering::Release);
    }

    pub(crate) fn chains(&self) -> &ChainTable {
        &self.chains
    }

    fn page_id(&self, page: PageNo) -> PageId {
        PageId {
            file: self.file(),
            no: page,
        }
    }

    /// Adds a record of `txn`'s current command to the caller's mini-transaction: latches the undo
    /// page (last in the order of latches) and names the operation. `body` has at most
    /// [`MAX_BODY_SIZE`] bytes. Then commit with [`crate::TxnManager::apply`].
    pub fn append(
        &self,
        mtr: &mut Mtr<'_>,
        txn: &mut Transaction,
        kind: u8,
        table: ObjectId,
        body: &[u8],
    ) -> Result<UndoAddr> {
        if body.len() > MAX_BODY_SIZE || !txn.has_xid() {
            return Err(Error::internal(
                "undo record too long or without transaction",
            ));
        }
        let (xid, command) = (txn.xid(), txn.command());
        txn.has_command_changes = true;
        self.append_as(mtr, &mut txn.undo, xid, command, (kind, table, body))
    }

    fn append_as(
        &self,
        mtr: &mut Mtr<'_>,
        tail: &mut UndoTail,
        xid: Xid,
        command: CommandId,
        (kind, table, body): (u8, ObjectId, &[u8]),
    ) -> Result<UndoAddr> {
        let chain = match &tail.chain {
            Some(chain) => chain.clone(),
            None => {
                let chain = self.chains.take()?;
                tail.last = chain.last();
                tail.chain.insert(chain).clone()
            }
        };
        let size = RECORD_HEADER_SIZE + body.len();
        let place = self.place(mtr, tail, &chain, size)?;
        let record = UndoRecordRef {
            kind,
            is_done: false,
            command,
            xid,
            table,
            prev: tail.tail,
            body,
        };
        let offset = place.addr.offset().to_le_bytes();
        mtr.op_parts(place.slot, UNDO_APPEND, &[&offset, &record.header(), body]);
        tail.tail = place.addr;
        tail.end = UndoAddr(place.addr.0 + size as u64);
        if tail.start.is_none() {
            tail.start = place.addr;
        }
        Ok(place.addr)
    }

    /// Finds room for `size` bytes at the chain's end and notes the state before the first append
    /// of this mini-transaction.
    fn place(
        &self,
        mtr: &mut Mtr<'_>,
        tail: &mut UndoTail,
        chain: &UndoChain,
        size: usize,
    ) -> Result<Place> {
        let mut room = None;
        if let Some((number, page)) = tail.last {
            if let Some(slot) = mtr.slot_of(self.page_id(page)) {
                let offset = match tail.pending {
                    Some(_) => (tail.end.0 - UndoAddr::new(chain.number, number, 0).0) as usize,
                    None => undo_page::end(mtr.page(slot)),
                };
                room = Some((slot, number, offset));
            } else {
                self.resolve(tail)?;
            }
        }
        if room.is_none()
            && let Some((number, page)) = tail.last
        {
            let wait = mtr.wait();
            let slot = mtr.latch(self.page_id(page), wait)?;
            if !undo_page::belongs_to(mtr.page(slot), chain.number, number) {
                return Err(not_of_chain(UndoAddr::new(chain.number, number, 0)));
            }
            room = Some((slot, number, undo_page::end(mtr.page(slot))));
        }
        let next_page_before = match tail.last {
            Some((number, _)) => number + 1,
            None => chain.next(),
        };
        let (slot, number, offset) = match room {
            Some(room) if room.2 + size <= PAGE_SIZE => room,
            _ => self.extend(mtr, tail, chain)?,
        };
        let addr = UndoAddr::new(chain.number, number, offset as u16);
        tail.pending.get_or_insert(Pending {
            first: addr,
            tail_before: tail.tail,
            start_before: tail.start,
            end_before: tail.end,
            next_page_before,
        });
        Ok(Place { slot, addr })
    }

    fn extend(
        &self,
        mtr: &mut Mtr<'_>,
        tail: &mut UndoTail,
        chain: &UndoChain,
    ) -> Result<(Slot, u64, usize)> {
        let slot = mtr.allocate(self.file(), PAGE_KIND, u32::from(chain.number))?;
        let number = chain.next();
        mtr.op(slot, UNDO_INIT, &undo_page::init_body(chain.number, number));
        let page = mtr.id(slot).no;
        chain.push(page);
        tail.last = Some((number, page));
        Ok((slot, number, FIRST_RECORD))
    }

    /// Finds out what became of pending appends whose mini-transaction is over.
    pub(crate) fn resolve(&self, tail: &mut UndoTail) -> Result<()> {
        let (Some(pending), Some(chain)) = (tail.pending, &tail.chain) else {
            return Ok(());
        };
        let first = pending.first;
        let page = chain.get(first.page()).ok_or_else(|| not_of_chain(first))?;
        let storage = self.storage()?;
        // The page was latched a moment ago, so it is in the pool, unless it was never made.
        let was_applied = self
            .read_page(&storage, page, chain.number, first.page())?
            .is_some_and(|page| undo_page::end(&page) > usize::from(first.offset()));
        if !was_applied {
            chain.truncate(pending.next_page_before);
            tail.last = chain.last();
            tail.tail = pending.tail_before;
            tail.start = pending.start_before;
            tail.end = pending.end_before;
        }
        tail.pending = None;
        Ok(())
    }

    /// Runs `read` on the record at `addr` under its page's shared latch: it must be short.
    pub fn with<R>(
        &self,
        addr: UndoAddr,
        wait: Wait,
        read: impl FnOnce(UndoRecordRef<'_>) -> Result<R>,
    ) -> Result<R> {
        let page = self
            .chains
            .get(addr.chain())
            .and_then(|c| c.get(addr.page()));
        let page = page.ok_or_else(|| not_of_chain(addr))?;
        let storage = self.storage()?;
        let page = storage.read(self.page_id(page), wait)?;
        if !undo_page::belongs_to(&page, addr.chain(), addr.page()) {
            return Err(not_of_chain(addr));
        }
        read(undo_page::record(&page, usize::from(addr.offset()))?)
    }

    /// A copy of the record at `addr`.
    pub fn read(&self, addr: UndoAddr, wait: Wait) -> Result<UndoRecord> {
        self.with(addr, wait, |record| Ok(record.to_owned()))
    }

    /// Names, in the caller's mini-transaction, that nothing is left to do with the record: purge
    /// will not come back to it, not even after a crash.
    pub fn mark_done(&self, mtr: &mut Mtr<'_>, addr: UndoAddr) -> Result<()> {
        self.mark_page_done(mtr, addr, &[addr.offset()])
    }

    /// As [`UndoLog::mark_done`] for records of the page that `addr` is on.
    pub(crate) fn mark_page_done(
        &self,
        mtr: &mut Mtr<'_>,
        addr: UndoAddr,
        offsets: &[u16],
    ) -> Result<()> {
        let page = self
            .chains
            .get(addr.chain())
            .and_then(|c| c.get(addr.page()));
        let page = page.ok_or_else(|| not_of_chain(addr))?;
        let wait = mtr.wait();
        let slot = mtr.latch(self.page_id(page), wait)?;
        if !undo_page::belongs_to(mtr.page(slot), addr.chain(), addr.page()) {
            return Err(not_of_chain(addr));
        }
        let mut body = smallvec::SmallVec::<[u8; 64]>::new();
        for offset in offsets {
            body.extend_from_slice(&offset.to_le_bytes());
        }
        mtr.op(slot, UNDO_DONE, &body);
        Ok(())
    }

    /// The records of `range` on its first page that are not done, and the range left behind that
    /// page; None when that was all.
    pub(crate) fn next_page(
        &self,
        range: ChainRange,
    ) -> Result<(Vec<AddressedRecord>, Option<ChainRange>)> {
        let number = range.from.page();
        let rest_from = UndoAddr::new(range.chain, number + 1, 0);
        let rest = (rest_from < range.to).then_some(ChainRange {
            from: rest_from,
            ..range
        });
        let page = self.chains.get(range.chain).and_then(|c| c.get(number));
        // Freed before a crash that forgot it.
        let Some(page) = page else {
            return Ok((Vec::new(), rest));
        };
        let storage = self.storage()?;
        let page = self.read_page(&storage, page, range.chain, number)?;
        let Some(page) = page else {
            return Ok((Vec::new(), rest));
        };
        let mut records = Vec::new();
        let mut offset = usize::from(range.from.offset()).max(FIRST_RECORD);
        while offset < undo_page::end(&page) {
            let addr = UndoAddr::new(range.chain, number, offset as u16);
            if addr >= range.to {
                break;
            }
            let record = undo_page::record(&page, offset)?;
            if !record.is_done {
                records.push((addr, record.to_owned()));
            }
            offset += record.size();
        }
        Ok((records, rest))
    }

    /// Gives the chain's pages that lie wholly before `addr` back to the file, but for its last.
    pub(crate) fn free_before(&self, addr: UndoAddr) -> Result<()> {
        let Some(chain) = self.chains.get(addr.chain()) else {
            return Ok(());
        };
        while let Some((number, page)) = chain.first() {
            if number >= addr.page() || chain.len() < 2 {
                break;
            }
            let storage = self.storage()?;
            let mut mtr = storage.begin_privileged();
            let slot = mtr.latch(self.page_id(page), Wait::Block)?;
            mtr.free_page(slot)?;
            mtr.commit(Xid(0))?;
            chain.pop_front();
        }
        Ok(())
    }

    /// Pages that the chains have.
    pub fn pages(&self) -> u64 {
        self.chains.iter().map(|chain| chain.len() as u64).sum()
    }

    /// The page under its shared latch, if it is what the map says: one that was freed, or was to
    /// be made and was not, is another's or nobody's.
    fn read_page<'s>(
        &self,
        storage: &'s Storage,
        page: PageNo,
        chain: u16,
        number: u64,
    ) -> Result<Option<ReadGuard<'s>>> {
        if page.0 >= storage.file_pages(self.file())? {
            return Ok(None);
        }
        let page = storage.read(self.page_id(page), Wait::Block)?;
        Ok(undo_page::belongs_to(&page, chain, number).then_some(page))
    }

    /// Whether `page` is the chain's page `number`: after redo, for the ends of a map.
    pub(crate) fn is_page_of(&self, page: PageNo, chain: u16, number: u64) -> Result<bool> {
        let storage = self.storage()?;
        Ok(self.read_page(&storage, page, chain, number)?.is_some())
    }

    /// The last record on the chain's page `number`, and the position behind it.
    pub(crate) fn last_record(
        &self,
        chain: &UndoChain,
        number: u64,
    ) -> Result<Option<(UndoAddr, UndoRecord, UndoAddr)>> {
        let Some(page) = chain.get(number) else {
            return Ok(None);
        };
        let storage = self.storage()?;
        let page = storage.read(self.page_id(page), Wait::Block)?;
        let last = undo_page::last(&page);
        if last == 0 {
            return Ok(None);
        }
        let addr = UndoAddr::new(chain.number, number, last as u16);
        let record = undo_page::record(&page, last)?.to_owned();
        let end = UndoAddr(addr.0 + record.size() as u64);
        Ok(Some((addr, record, end)))
    }
}

fn not_of_chain(addr: UndoAddr) -> Error {
    Error::corrupted(format!("no undo page for address {addr}"))
}
