//! What checkpoints keep of the transactions, and how they are found again after a crash.
//!
//! The payload has the next xid, the active xids, the undo file and each chain's pages, as they
//! were at some moment near the checkpoint's begin. The log that follows tells who began and ended
//! and which pages chains got. The ends of the chains are then read from the pages, which redo has
//! made right: so nothing of this need be exact.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use common::rt::Mutex;
use common::{Error, FileId, PageNo, Result, Xid};
use storage::{
    CommitInfo, EndKind, FileKind, Hooks, RecordKind, RecoveredRecord, RecoveryInfo, Storage,
};

use crate::active_set::FIRST_XID;
use crate::backend::Backend;
use crate::lock::HeldLocks;
use crate::rollback::Loser;
use crate::txn_manager::TxnManager;
use crate::undo::{ChainRange, PageMap, UNDO_INIT, UndoAddr, UndoChain, UndoTail, parse_init};

/// Kind of the message in the log that names the undo file. Body: its number, u32.
pub const MESSAGE_UNDO_FILE: u8 = 0x20;
const PAYLOAD_VERSION: u8 = 1;

/// What recovery has gathered so far; None once [`TxnManager::start`] has taken it over. Until
/// then it is what a checkpoint gets, for the storage's threads may run before.
#[derive(Debug)]
pub struct Recovery {
    state: Mutex<Option<Found>>,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            state: Mutex::new(Some(Found::default())),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    next_xid: u64,
    undo_file: u32,
    active: BTreeSet<Xid>,
    chains: BTreeMap<u16, FoundChain>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FoundChain {
    purged: UndoAddr,
    map: PageMap,
}

/// Reads little-endian numbers off the front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((head, rest)) = self.0.split_first_chunk() else {
            return Err(Error::corrupted(
                "checkpoint payload of transactions is short",
            ));
        };
        self.0 = rest;
        Ok(*head)
    }

    fn u16(&mut self) -> Result<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

impl Found {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![PAYLOAD_VERSION];
        out.extend_from_slice(&self.next_xid.to_le_bytes());
        out.extend_from_slice(&self.undo_file.to_le_bytes());
        out.extend_from_slice(&(self.active.len() as u32).to_le_bytes());
        for xid in &self.active {
            out.extend_from_slice(&xid.0.to_le_bytes());
        }
        out.extend_from_slice(&(self.chains.len() as u32).to_le_bytes());
        for (number, chain) in &self.chains {
            out.extend_from_slice(&number.to_le_bytes());
            out.extend_from_slice(&chain.purged.0.to_le_bytes());
            out.extend_from_slice(&chain.map.first.to_le_bytes());
            let runs = runs(&chain.map.pages);
            out.extend_from_slice(&(runs.len() as u32).to_le_bytes());
            for (start, len) in runs {
                out.extend_from_slice(&start.to_le_bytes());
                out.extend_from_slice(&len.to_le_bytes());
            }
        }
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        let mut reader = Reader(bytes);
        if reader.take::<1>()? != [PAYLOAD_VERSION] {
            return Err(Error::corrupted(
                "unknown checkpoint payload of transactions",
            ));
        }
        found.next_xid = reader.u64()?;
        found.undo_file = reader.u32()?;
        for _ in 0..reader.u32()? {
            found.active.insert(Xid(reader.u64()?));
        }
        for _ in 0..reader.u32()? {
            let number = reader.u16()?;
            let mut chain = FoundChain {
                purged: UndoAddr(reader.u64()?),
                ..FoundChain::default()
            };
            chain.map.first = reader.u64()?;
            for _ in 0..reader.u32()? {
                let (start, len) = (reader.u32()?, reader.u32()?);
                let pages = (0..len).map(|i| PageNo(start.wrapping_add(i)));
                chain.map.pages.extend(pages);
            }
            found.chains.insert(number, chain);
        }
        Ok(found)
    }
}

impl Found {
    /// Chains get pages: one operation a page, so most records have none.
    fn note_pages(&mut self, record: &RecoveredRecord<'_>) -> Result<()> {
        for op in record.ops()? {
            let op = op?;
            if op.op == UNDO_INIT {
                let (chain, number) = parse_init(op.body)?;
                let chain = self.chains.entry(chain).or_default();
                chain.map.set(number, op.page.no);
            }
        }
        Ok(())
    }
}

/// Pages that follow one another, as (first, how many).
fn runs(pages: &VecDeque<PageNo>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match runs.last_mut() {
            Some((start, len)) if start.wrapping_add(*len) == page.0 => *len += 1,
            _ => runs.push((page.0, 1)),
        }
    }
    runs
}

impl Hooks for TxnManager {
    fn publish(&self, ended: &[CommitInfo]) {
        // Aborted ones have left already.
        let commits = ended.iter().filter(|info| info.kind == EndKind::Commit);
        self.publish_ended(commits.map(|info| (info.xid, info.lsn)));
    }

    fn checkpoint_payload(&self) -> Vec<u8> {
        if let Some(found) = &*self.recovery.state.lock() {
            return found.encode();
        }
        let (next_xid, active) = self.active.list();
        let mut found = Found {
            next_xid: next_xid.0,
            undo_file: self.undo().file().0,
            active: active.into_iter().collect(),
            chains: BTreeMap::new(),
        };
        for chain in self.undo().chains().iter() {
            // Purged first: it only grows, and the pages before it may go.
            let purged = chain.purged();
            let map = chain.copy_map();
            found
                .chains
                .insert(chain.number, FoundChain { purged, map });
        }
        found.encode()
    }

    fn recovery_begin(&self, checkpoint_payload: &[u8]) -> Result<()> {
        if !checkpoint_payload.is_empty() {
            *self.recovery.state.lock() = Some(Found::decode(checkpoint_payload)?);
        }
        Ok(())
    }

    fn recovered(&self, record: &RecoveredRecord<'_>) -> Result<()> {
        let mut state = self.recovery.state.lock();
        let Some(found) = &mut *state else {
            return Err(Error::internal("recovery after the start"));
        };
        if record.xid.0 != 0 {
            found.next_xid = found.next_xid.max(record.xid.0 + 1);
            match record.kind {
                RecordKind::Commit | RecordKind::Abort => {
                    found.active.remove(&record.xid);
                }
                _ => {
                    found.active.insert(record.xid);
                }
            }
        }
        match record.kind {
            RecordKind::Pages => found.note_pages(record)?,
            RecordKind::Message(MESSAGE_UNDO_FILE) => {
                found.undo_file = Reader(record.body).u32()?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl TxnManager {
    /// Joins the manager and the storage that was opened with it as hooks; called once, before any
    /// transaction. What a crash left unfinished is in the active set afterwards, and is rolled
    /// back by [`TxnManager::start_background`] or [`TxnManager::roll_back_next_loser`].
    pub fn start(&self, storage: &Arc<Storage>, info: &RecoveryInfo) -> Result<()> {
        self.undo().attach(storage);
        let found = self.recovery.state.lock().clone();
        let mut found = found.ok_or_else(|| Error::internal("started twice"))?;
        found.active.extend(info.unfinished.iter().copied());
        let next_xid = found.next_xid.max(info.greatest_xid.0 + 1).max(FIRST_XID.0);
        if found.undo_file == 0 {
            let file = storage.create_file(Xid(0), FileKind::Undo)?;
            storage.log_message(Xid(0), MESSAGE_UNDO_FILE, &file.0.to_le_bytes())?;
            found.undo_file = file.0;
            if let Some(state) = &mut *self.recovery.state.lock() {
                state.undo_file = file.0;
            }
        }
        self.undo().set_file(FileId(found.undo_file));
        let mut losers: BTreeMap<Xid, Loser> = BTreeMap::new();
        for xid in &found.active {
            losers.insert(
                *xid,
                Loser {
                    xid: *xid,
                    backend: Arc::new(Backend::new(0)),
                    undo: UndoTail::default(),
                    held: HeldLocks::default(),
                },
            );
        }
        for (number, chain) in found.chains {
            self.restore_chain(number, chain, &mut losers)?;
        }
        // Chains were made in order, but one that was never written may be unknown.
        self.undo().chains().fill();
        let active = losers.values().map(|l| (l.xid, l.backend.clone()));
        self.active
            .restore(&self.live, Xid(next_xid), info.end, active);
        for loser in losers.into_values() {
            self.losers.push(loser);
        }
        *self.recovery.state.lock() = None;
        Ok(())
    }

    /// Finds the chain's end and whose it is.
    fn restore_chain(
        &self,
        number: u16,
        mut found: FoundChain,
        losers: &mut BTreeMap<Xid, Loser>,
    ) -> Result<()> {
        self.trim(number, &mut found.map)?;
        let first = UndoAddr::new(number, found.map.first, 0);
        let chain: Arc<UndoChain> = self.undo().chains().restore(number, found.map).clone();
        chain.set_purged(found.purged.max(first));
        let mut last = None;
        if let Some((page, _)) = chain.last() {
            last = self.undo().last_record(&chain, page)?;
        }
        let Some((addr, record, end)) = last else {
            self.undo().chains().release(number);
            return Ok(());
        };
        let range = ChainRange {
            chain: number,
            from: chain.purged(),
            to: end,
        };
        match losers.get_mut(&record.xid) {
            // What others wrote before it in the chain is purged with it.
            Some(loser) => loser.undo = UndoTail::recovered(chain, addr, range),
            None => {
                if range.from < range.to {
                    self.purge.push(0, range);
                }
                self.undo().chains().release(number);
            }
        }
        Ok(())
    }

    /// Takes pages off both ends of the map that are not the chain's: freed before the crash, or
    /// never written.
    fn trim(&self, number: u16, map: &mut PageMap) -> Result<()> {
        let is_ours = |page, at| self.undo().is_page_of(page, number, at);
        while let Some(page) = map.pages.front() {
            if is_ours(*page, map.first)? {
                break;
            }
            map.pages.pop_front();
            map.first += 1;
        }
        while let Some(page) = map.pages.back() {
            if is_ours(*page, map.next() - 1)? {
                break;
            }
            map.pages.pop_back();
        }
        Ok(())
    }
}
