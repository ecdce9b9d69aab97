//! What the tests share.

#![allow(dead_code, reason = "each test binary uses its part")]

pub mod fault_vfs;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::vfs::Vfs;
use common::{FileId, Lsn, PageId, Result, Xid};
use storage::{
    CommitRequest, Durability, EndKind, Hooks, NoHooks, OpTable, Options, RecoveryInfo, Storage,
    Ticket,
};

/// Sets a u64: offset u16, value u64.
pub const SET: u8 = 0x70;
/// Fails when it is applied.
pub const FAIL: u8 = 0x71;
/// Panics when it is applied.
pub const PANIC: u8 = 0x72;
/// Gives another page each time it is applied.
pub const MOODY: u8 = 0x73;

fn set(page: &mut [u8], body: &[u8]) -> Result<()> {
    let at = usize::from(u16::from_le_bytes([body[0], body[1]]));
    page[at..at + 8].copy_from_slice(&body[2..10]);
    Ok(())
}

/// Depends on more than the page and the record.
fn moody(page: &mut [u8], _body: &[u8]) -> Result<()> {
    static MOOD: AtomicU64 = AtomicU64::new(1);
    let mood = MOOD.fetch_add(1, Ordering::Relaxed);
    page[200..208].copy_from_slice(&mood.to_le_bytes());
    Ok(())
}

fn fail(_page: &mut [u8], _body: &[u8]) -> Result<()> {
    Err(common::Error::internal("an operation that fails"))
}

fn panic(_page: &mut [u8], _body: &[u8]) -> Result<()> {
    panic!("an operation that panics")
}

pub fn ops() -> OpTable {
    OpTable::new().register(&[
        (SET, "set", set),
        (FAIL, "fail", fail),
        (PANIC, "panic", panic),
        (MOODY, "moody", moody),
    ])
}

pub fn set_body(offset: usize, value: u64) -> [u8; 10] {
    let mut body = [0; 10];
    body[..2].copy_from_slice(&(offset as u16).to_le_bytes());
    body[2..].copy_from_slice(&value.to_le_bytes());
    body
}

pub fn get(page: &[u8], offset: usize) -> u64 {
    u64::from_le_bytes(page[offset..offset + 8].try_into().expect("eight bytes"))
}

/// Small, without threads: the caller's own calls do all the work, in one order.
pub fn small_options() -> Options {
    Options {
        buffer_pool_bytes: 64 * 16384,
        wal_segment_bytes: 64 << 10,
        wal_ring_bytes: 64 << 10,
        wal_spare_segments: 2,
        checkpoint_interval: Duration::from_secs(3600),
        ballast_bytes: 0,
        check_apply: true,
        no_threads: true,
        ..Options::default()
    }
}

pub fn open(vfs: &(impl Vfs + Clone + 'static), options: Options) -> Result<Opened> {
    open_with(vfs, options, Arc::new(NoHooks))
}

pub type Opened = (Arc<Storage>, RecoveryInfo);

pub fn open_with(
    vfs: &(impl Vfs + Clone + 'static),
    options: Options,
    hooks: Arc<dyn Hooks>,
) -> Result<Opened> {
    Storage::open(Arc::new(vfs.clone()), options, ops(), hooks)
}

pub fn end(storage: &Storage, xid: u64, kind: EndKind) -> Result<Ticket> {
    storage.commit(CommitRequest {
        xid: Xid(xid),
        kind,
        body: b"",
        dropped_files: &[],
        durability: Durability::FullWaiting,
    })
}

/// Commits and waits.
pub fn commit(storage: &Storage, xid: u64) -> Result<()> {
    let ticket = end(storage, xid, EndKind::Commit)?;
    storage.wait(ticket)
}

/// A page with `value` at `offset`.
pub fn new_page(storage: &Storage, file: FileId, offset: usize, value: u64) -> Result<PageId> {
    let mut mtr = storage.begin();
    let slot = mtr.allocate(file, 0x30, 7)?;
    let id = mtr.id(slot);
    mtr.op(slot, SET, &set_body(offset, value));
    mtr.commit(Xid(0))?;
    Ok(id)
}

pub fn set_value(storage: &Storage, id: PageId, offset: usize, value: u64) -> Result<Lsn> {
    let mut mtr = storage.begin();
    let slot = mtr.latch(id, storage::Wait::Block)?;
    mtr.op(slot, SET, &set_body(offset, value));
    mtr.commit(Xid(0))
}

pub fn value(storage: &Storage, id: PageId, offset: usize) -> Result<u64> {
    let page = storage.read(id, storage::Wait::Block)?;
    Ok(get(&page, offset))
}
