//! What must come before what, one interleaving at a time.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::{Arc, Mutex};

use common::{PageId, Xid};
use storage::{
    CommitInfo, CommitRequest, Durability, EndKind, FileKind, Hooks, RecordKind, RecoveredRecord,
    Storage, SyncMode, Ticket, Wait,
};
use support::fault_vfs::FaultVfs;
use support::*;

/// Says that transaction 5 is active and records what it is told.
#[derive(Default)]
struct Told {
    payload: Mutex<Vec<u8>>,
    ended: Mutex<Vec<u64>>,
    messages: Mutex<Vec<(u8, Vec<u8>)>>,
    published: Mutex<Vec<u64>>,
}

impl Hooks for Told {
    fn publish(&self, ended: &[CommitInfo]) {
        let xids = ended.iter().map(|info| info.xid.0);
        self.published.lock().unwrap().extend(xids);
    }

    fn checkpoint_payload(&self) -> Vec<u8> {
        b"5 is active".to_vec()
    }

    fn recovery_begin(&self, payload: &[u8]) -> common::Result<()> {
        *self.payload.lock().unwrap() = payload.to_vec();
        Ok(())
    }

    fn recovered(&self, record: &RecoveredRecord<'_>) -> common::Result<()> {
        match record.kind {
            RecordKind::Commit => self.ended.lock().unwrap().push(record.xid.0),
            RecordKind::Message(kind) => {
                let message = (kind, record.body.to_vec());
                self.messages.lock().unwrap().push(message);
            }
            _ => {}
        }
        Ok(())
    }
}

fn one_page(vfs: &FaultVfs) -> (Arc<Storage>, PageId) {
    let (storage, _) = open(vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    (storage, id)
}

#[test]
fn a_checkpoint_stays_before_pages_that_it_could_not_write() {
    let vfs = FaultVfs::new();
    let (storage, id) = one_page(&vfs);
    let other = new_page(&storage, id.file, 100, 1).unwrap();
    storage.checkpoint().unwrap();
    set_value(&storage, id, 100, 2).unwrap();
    set_value(&storage, other, 100, 2).unwrap();
    let mut mtr = storage.begin();
    mtr.latch(id, Wait::Block).unwrap();
    storage.checkpoint().unwrap();
    drop(mtr);
    storage.abandon();
    let (storage, _) = open(&vfs.after_crash(1), small_options()).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), 2);
    assert_eq!(value(&storage, other, 100).unwrap(), 2);
}

#[test]
fn a_commit_in_the_log_and_not_published_is_told_again_after_a_checkpoint() {
    let vfs = FaultVfs::new();
    let (storage, id) = one_page(&vfs);
    set_value(&storage, id, 100, 2).unwrap();
    // In the log, not published: to the hooks it is active still.
    end(&storage, 5, EndKind::Commit).unwrap();
    storage.log_message(Xid(6), 17, b"hello").unwrap();
    storage.abandon();
    let told = Arc::new(Told::default());
    let (storage, _) = open_with(&vfs, small_options(), told.clone()).unwrap();
    end(&storage, 5, EndKind::Commit).unwrap();
    storage.log_message(Xid(6), 18, b"hello").unwrap();
    storage.checkpoint().unwrap();
    storage.abandon();
    let told = Arc::new(Told::default());
    let (_storage, info) = open_with(&vfs.after_crash(1), small_options(), told.clone()).unwrap();
    assert_eq!(*told.payload.lock().unwrap(), b"5 is active");
    assert_eq!(*told.ended.lock().unwrap(), [5]);
    assert_eq!(*told.messages.lock().unwrap(), [(18, b"hello".to_vec())]);
    assert_eq!(info.unfinished, [Xid(6)]);
}

#[test]
fn only_what_was_appended_before_the_sync_is_published_by_it() {
    let vfs = FaultVfs::new();
    let told = Arc::new(Told::default());
    let (storage, _) = open_with(&vfs, small_options(), told.clone()).unwrap();
    let first = end(&storage, 1, EndKind::Commit).unwrap();
    let late: Arc<Mutex<Option<Ticket>>> = Arc::default();
    let (slot, inner) = (Arc::clone(&late), Arc::clone(&storage));
    let append = move || *slot.lock().unwrap() = Some(end(&inner, 2, EndKind::Commit).unwrap());
    *vfs.faults.on_sync.lock().unwrap() = Some(Box::new(append));
    storage.wait(first).unwrap();
    let late = late.lock().unwrap().expect("the sync ran it");
    assert!(storage.is_published(first));
    assert!(!storage.is_published(late));
    assert_eq!(*told.published.lock().unwrap(), [1]);
    storage.wait(late).unwrap();
    assert!(storage.is_published(late));
}

#[test]
fn in_every_sync_mode_what_was_waited_for_survives_the_process() {
    for sync in [SyncMode::Full, SyncMode::Normal, SyncMode::Off] {
        let vfs = FaultVfs::new();
        let options = storage::Options {
            sync,
            ..small_options()
        };
        let (storage, _) = open(&vfs, options).unwrap();
        let ticket = end(&storage, 7, EndKind::Commit).unwrap();
        assert!(
            !storage.is_published(ticket),
            "{sync:?}: it is in memory only"
        );
        storage.wait(ticket).unwrap();
        // What need not be synced is written by the commit itself, once the segment is open.
        let request = CommitRequest {
            xid: Xid(8),
            kind: EndKind::Commit,
            body: b"",
            dropped_files: &[],
            durability: Durability::Full,
        };
        let next = storage.commit(request).unwrap();
        assert_eq!(
            storage.is_published(next),
            sync != SyncMode::Full,
            "{sync:?}"
        );
        // The process ends; the system and its disk go on.
        storage.abandon();
        let (_storage, info) = open(&vfs, small_options()).unwrap();
        let kept = if sync == SyncMode::Full { 7 } else { 8 };
        assert_eq!(info.greatest_xid, Xid(kept), "{sync:?}");
    }
}

#[test]
fn an_optimistic_read_beside_a_writer_gives_nothing() {
    // A policy under which every page leaves in the end.
    let options = storage::Options {
        eviction_policy: storage::PolicyKind::Clock,
        ..small_options()
    };
    let (storage, _) = open(&FaultVfs::new(), options).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    let read = |change: bool| {
        storage.read_optimistic(id, |page| {
            let before = page.u64(100)?;
            if change {
                set_value(&storage, id, 100, before + 1).ok()?;
            }
            Some((before, page.u64(100)?))
        })
    };
    assert_eq!(read(true), None);
    assert_eq!(read(false), Some((2, 2)));
    // Another page in the same frame is not mistaken for it either.
    let pinned = storage.page(id, Wait::Block).unwrap();
    assert_eq!(pinned.read_optimistic(|page| page.u64(100)), Some(2));
    drop(pinned);
    let seen = storage.read_optimistic(id, |page| {
        for _ in 0..300 {
            new_page(&storage, id.file, 100, 77).ok()?;
        }
        page.u64(100)
    });
    assert_eq!(seen, None);
}

#[test]
fn optimistic_loads_agree_with_the_bytes() {
    let vfs = FaultVfs::new();
    let (storage, id) = one_page(&vfs);
    for offset in (48..16376).step_by(8) {
        let value = (offset as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        set_value(&storage, id, offset, value).unwrap();
    }
    let bytes = storage.read(id, Wait::Block).unwrap().to_vec();
    let check = |page: &storage::OptimisticPage<'_>| {
        for offset in (0..16384).step_by(3).chain(16370..16384) {
            assert_eq!(page.u8(offset), bytes.get(offset).copied());
            let u16 = bytes.get(offset..offset + 2);
            assert_eq!(
                page.u16(offset)
                    .map(u16::to_le_bytes)
                    .as_ref()
                    .map(|b| &b[..]),
                u16
            );
            let u32 = bytes.get(offset..offset + 4);
            assert_eq!(
                page.u32(offset)
                    .map(u32::to_le_bytes)
                    .as_ref()
                    .map(|b| &b[..]),
                u32
            );
            let u64 = bytes.get(offset..offset + 8);
            assert_eq!(
                page.u64(offset)
                    .map(u64::to_le_bytes)
                    .as_ref()
                    .map(|b| &b[..]),
                u64
            );
            for size in 1..=8 {
                let expected = bytes.get(offset..offset + size);
                let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
                assert_eq!(page.be_bytes(offset, size), expected.map(number));
            }
        }
        assert_eq!(page.u64(usize::MAX), None);
        Some(())
    };
    assert!(storage.read_optimistic(id, check).is_some());
}
