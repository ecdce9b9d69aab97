//! A table of counters on one page, with undo: what the transaction layer needs of a table.
//!
//! A row: value i64, xid of the newest writer u64, undo address u64.

#![allow(dead_code)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use common::{Error, FileId, ObjectId, PageId, PageNo, Result, RowId, Xid};
use storage::vfs_mem::MemVfs;
use storage::{ApplyFn, FileKind, OpTable, Options, RecoveryInfo, Storage, Wait, op_code};
use txn::{
    Backend, BeginOptions, RowLockMode, RowWriter, Snapshot, Transaction, TxnManager, TxnOptions,
    UNDO_OPS, UndoAddr, UndoRecord, UndoTarget, View, Visibility,
};

pub const TABLE: ObjectId = ObjectId(1);
/// Rows of the page.
pub const ROWS: u64 = 500;
const ROW_SIZE: usize = 24;
const FIRST_ROW: usize = 64;
const SET: u8 = op_code::TABLE;
const OPS: &[(u8, &str, ApplyFn)] = &[(SET, "counter set", apply_set)];

fn apply_set(page: &mut [u8], body: &[u8]) -> Result<()> {
    let at = FIRST_ROW + u64_at(body, 0) as usize * ROW_SIZE;
    page[at..at + ROW_SIZE].copy_from_slice(&body[8..]);
    Ok(())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// A row as it lies on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub value: i64,
    pub xid: Xid,
    pub undo: UndoAddr,
}

impl Row {
    fn parse(bytes: &[u8]) -> Self {
        Self {
            value: u64_at(bytes, 0) as i64,
            xid: Xid(u64_at(bytes, 8)),
            undo: UndoAddr(u64_at(bytes, 16)),
        }
    }

    fn bytes(self, row: u64) -> [u8; 32] {
        let mut out = [0; 32];
        out[..8].copy_from_slice(&row.to_le_bytes());
        out[8..16].copy_from_slice(&self.value.to_le_bytes());
        out[16..24].copy_from_slice(&self.xid.0.to_le_bytes());
        out[24..].copy_from_slice(&self.undo.0.to_le_bytes());
        out
    }
}

pub struct Counters {
    pub manager: Arc<TxnManager>,
    pub storage: Arc<Storage>,
    page: PageId,
    /// Calls of `undo` that changed something.
    pub undone: AtomicU64,
    /// How many calls of `undo` succeed before they fail.
    pub undo_budget: AtomicU64,
    /// Purged records by address, with the horizon's publish number.
    pub purged: Mutex<BTreeMap<UndoAddr, (UndoRecord, u64)>>,
}

/// An open directory.
pub struct Db {
    pub vfs: MemVfs,
    pub table: Arc<Counters>,
    next_pid: AtomicU32,
}

impl Db {
    pub fn new() -> Self {
        Self::open(MemVfs::new())
    }

    pub fn open(vfs: MemVfs) -> Self {
        let (manager, storage, info) = Self::open_storage(&vfs);
        manager.start(&storage, &info).unwrap();
        // The table's file is the first after the undo file.
        let page = if info.is_new {
            let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
            let mut mtr = storage.begin();
            let slot = mtr.allocate(file, 0x30, TABLE.0).unwrap();
            let page = mtr.id(slot);
            mtr.commit(Xid(0)).unwrap();
            storage.checkpoint().unwrap();
            page
        } else {
            let file = storage.file_ids().into_iter().max().unwrap();
            PageId {
                file: FileId(file.0),
                no: PageNo(1),
            }
        };
        let table = Arc::new(Counters {
            manager: manager.clone(),
            storage,
            page,
            undone: AtomicU64::new(0),
            undo_budget: AtomicU64::new(u64::MAX),
            purged: Mutex::default(),
        });
        let target: Arc<dyn UndoTarget> = table.clone();
        manager.set_target(&target);
        Self {
            vfs,
            table,
            next_pid: AtomicU32::new(101),
        }
    }

    /// Opens without telling the manager.
    pub fn open_storage(vfs: &MemVfs) -> (Arc<TxnManager>, Arc<Storage>, RecoveryInfo) {
        let manager = TxnManager::new(TxnOptions::default());
        let options = Options {
            buffer_pool_bytes: 4 << 20,
            wal_segment_bytes: 256 << 10,
            wal_ring_bytes: 256 << 10,
            ballast_bytes: 0,
            check_apply: true,
            ..Options::default()
        };
        let ops = OpTable::new().register(UNDO_OPS).register(OPS);
        let (storage, info) =
            Storage::open(Arc::new(vfs.clone()), options, ops, manager.clone()).unwrap();
        (manager, storage, info)
    }

    pub fn manager(&self) -> &Arc<TxnManager> {
        &self.table.manager
    }

    pub fn connect(&self) -> Arc<Backend> {
        let pid = self.next_pid.fetch_add(1, Ordering::Relaxed);
        self.manager().connect(pid).unwrap()
    }

    pub fn begin(&self) -> Transaction {
        let backend = self.connect();
        self.manager()
            .begin(&backend, BeginOptions::default())
            .unwrap()
    }

    /// Commits and waits until it is published.
    pub fn commit(&self, txn: &mut Transaction) {
        let durability = storage::Durability::FullWaiting;
        let ticket = self.manager().commit(txn, durability, &[], &[]).unwrap();
        if let Some(ticket) = ticket {
            self.table.storage.wait(ticket).unwrap();
        }
    }

    /// Ends as if the process had died, and opens again without rolling anything back.
    pub fn crash(self) -> Self {
        self.table.storage.abandon();
        Self::open(self.vfs.clone())
    }

    pub fn roll_back_losers(&self) {
        while self.manager().roll_back_next_loser().unwrap() {}
    }

    /// What a new reader sees in the row.
    pub fn read(&self, row: u64) -> i64 {
        let mut txn = self.begin();
        self.manager().statement_snapshot(&mut txn);
        let value = self.table.read(&txn.view().unwrap(), row);
        self.manager().rollback(&mut txn).unwrap();
        value
    }
}

impl Counters {
    pub fn row(&self, row: u64) -> Row {
        let page = self.storage.read(self.page, Wait::Block).unwrap();
        let at = FIRST_ROW + row as usize * ROW_SIZE;
        Row::parse(&page[at..at + ROW_SIZE])
    }

    /// Writes a row that no other active transaction has written. `padding` bytes make the undo
    /// record longer.
    pub fn write(&self, txn: &mut Transaction, row: u64, value: i64, padding: usize) -> UndoAddr {
        let mut mtr = self.storage.begin();
        let addr = self.write_in(&mut mtr, txn, row, value, padding);
        self.manager.apply(mtr, txn).unwrap();
        addr
    }

    /// The row under the mini-transaction's latch.
    pub fn row_in(&self, mtr: &mut storage::Mtr<'_>, row: u64) -> Row {
        let slot = mtr.latch(self.page, Wait::Block).unwrap();
        let at = FIRST_ROW + row as usize * ROW_SIZE;
        Row::parse(&mtr.page(slot)[at..at + ROW_SIZE])
    }

    /// Names the change of a row, and its undo, in a mini-transaction.
    pub fn write_in(
        &self,
        mtr: &mut storage::Mtr<'_>,
        txn: &mut Transaction,
        row: u64,
        value: i64,
        padding: usize,
    ) -> UndoAddr {
        self.manager.assign_xid(txn).unwrap();
        let slot = mtr.latch(self.page, Wait::Block).unwrap();
        let at = FIRST_ROW + row as usize * ROW_SIZE;
        let old = Row::parse(&mtr.page(slot)[at..at + ROW_SIZE]);
        assert!(old.xid == txn.xid() || !self.manager.is_active(old.xid));
        let mut body = old.bytes(row).to_vec();
        body.resize(body.len() + padding, 0xee);
        let addr = self
            .manager
            .undo()
            .append(mtr, txn, 1, TABLE, &body)
            .unwrap();
        let new = Row {
            value,
            xid: txn.xid(),
            undo: addr,
        };
        mtr.op(slot, SET, &new.bytes(row));
        addr
    }

    /// The version that the view sees.
    pub fn read(&self, view: &View, number: u64) -> i64 {
        let mut row = self.row(number);
        loop {
            let seen = match view.judge(row.xid) {
                Visibility::Seen => true,
                Visibility::NotSeen => false,
                Visibility::Own => {
                    let record = self.manager.undo().read(row.undo, Wait::Block).unwrap();
                    view.sees_own(record.command)
                }
            };
            if seen {
                return row.value;
            }
            let record = self.manager.undo().read(row.undo, Wait::Block).unwrap();
            assert_eq!(record.xid, row.xid);
            row = Row::parse(&record.body[8..]);
        }
    }
}

impl UndoTarget for Counters {
    fn undo(&self, record: &UndoRecord, addr: UndoAddr) -> Result<()> {
        let left = self.undo_budget.load(Ordering::Relaxed);
        if left == 0 {
            return Err(Error::internal("told to fail"));
        }
        self.undo_budget.store(left - 1, Ordering::Relaxed);
        let number = u64_at(&record.body, 0);
        let mut mtr = self.storage.begin_privileged();
        let slot = mtr.latch(self.page, Wait::Block)?;
        let at = FIRST_ROW + number as usize * ROW_SIZE;
        let now = Row::parse(&mtr.page(slot)[at..at + ROW_SIZE]);
        if now.undo == addr {
            self.undone.fetch_add(1, Ordering::Relaxed);
            mtr.op(slot, SET, &record.body[..32]);
            mtr.commit(record.xid)?;
        }
        Ok(())
    }

    fn purge(&self, record: &UndoRecord, addr: UndoAddr, horizon: &Snapshot) -> Result<()> {
        assert!(horizon.sees(record.xid), "purged what a snapshot needs");
        let mut purged = self.purged.lock().unwrap();
        purged.insert(addr, (record.clone(), horizon.publish_no));
        Ok(())
    }

    fn row_writer(&self, _table: ObjectId, row: RowId) -> Result<Option<RowWriter>> {
        let row = self.row(row.0);
        Ok(Some(RowWriter {
            xid: row.xid,
            mode: RowLockMode::NoKeyUpdate,
        }))
    }
}
