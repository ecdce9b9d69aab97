//! Disk space, pool size, the log as a feed.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::atomic::Ordering;

use common::vfs::{OpenMode, Vfs};
use common::{Lsn, PageId, Xid};
use storage::vfs_mem::MemVfs;
use storage::{FileKind, Options, RecordKind, Wait};
use support::fault_vfs::FaultVfs;
use support::*;

#[test]
fn on_a_full_disk_only_the_privileged_allocate() {
    let vfs = FaultVfs::new();
    let options = Options {
        ballast_bytes: 1 << 20,
        ..small_options()
    };
    let (storage, _) = open(&vfs, options).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let size = || vfs.content("ballast").len();
    assert_eq!(size(), 1 << 20);
    vfs.faults.is_full.store(true, Ordering::SeqCst);
    let error = loop {
        if let Err(error) = new_page(&storage, file, 100, 1) {
            break error;
        }
    };
    assert_eq!(error.state(), common::sqlstate::DISK_FULL);
    assert_eq!(size(), 1 << 20);
    let mut mtr = storage.begin_privileged();
    // The test's disk stays full even so: what counts is that the ballast went.
    assert!(mtr.allocate(file, 0x30, 1).is_err());
    assert_eq!(size(), 0);
    drop(mtr);
    vfs.faults.is_full.store(false, Ordering::SeqCst);
    storage.checkpoint().unwrap();
    assert_eq!(size(), 1 << 20);
}

#[test]
fn without_room_for_the_log_only_the_privileged_append() {
    let vfs = FaultVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    vfs.faults.is_full.store(true, Ordering::SeqCst);
    let mut set = 0;
    let error = loop {
        if let Err(error) = set_value(&storage, id, 100, set + 1) {
            break error;
        }
        set += 1;
    };
    assert_eq!(error.state(), common::sqlstate::DISK_FULL, "{error}");
    // A rollback still goes on, and transactions end.
    let mut mtr = storage.begin_privileged();
    let slot = mtr.latch(id, Wait::Block).unwrap();
    mtr.op(slot, SET, &set_body(200, 9));
    mtr.commit(Xid(0)).unwrap();
    commit(&storage, 1).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), set);
    vfs.faults.is_full.store(false, Ordering::SeqCst);
    storage.checkpoint().unwrap();
    set_value(&storage, id, 100, 5).unwrap();
    commit(&storage, 2).unwrap();
}

#[test]
fn nothing_is_appended_that_may_find_no_file() {
    let vfs = FaultVfs::new();
    let options = Options {
        wal_ring_bytes: 1 << 20,
        ..small_options()
    };
    let (storage, _) = open(&vfs, options).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    commit(&storage, 1).unwrap();
    // The ring would take many segments before the flusher asks for the first file.
    vfs.faults.is_full.store(true, Ordering::SeqCst);
    let mut set = 0;
    let error = loop {
        if let Err(error) = set_value(&storage, id, 100, set + 1) {
            break error;
        }
        set += 1;
    };
    assert_eq!(error.state(), common::sqlstate::DISK_FULL, "{error}");
    commit(&storage, 2).unwrap();
    storage.health().unwrap();
    vfs.faults.is_full.store(false, Ordering::SeqCst);
    storage.checkpoint().unwrap();
    set_value(&storage, id, 100, 5).unwrap();
    commit(&storage, 3).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), 5);
}

#[test]
fn the_pool_shrinks_and_grows() {
    let vfs = MemVfs::new();
    let options = Options {
        buffer_pool_bytes: 256 * 16384,
        buffer_pool_max_bytes: 512 * 16384,
        ..small_options()
    };
    let (storage, _) = open(&vfs, options).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let pages: Vec<PageId> = (0..400)
        .map(|n| new_page(&storage, file, 100, n).unwrap())
        .collect();
    let check = || {
        for (n, id) in pages.iter().enumerate() {
            assert_eq!(value(&storage, *id, 100).unwrap(), n as u64);
        }
    };
    for frames in [100, 512, 64, 300, 70] {
        storage.resize_pool(frames * 16384).unwrap();
        assert_eq!(storage.statistics().pool_frames, frames);
        check();
    }
    storage.resize_pool(200 * 16384).unwrap();
    check();
    let pins: Vec<_> = pages
        .iter()
        .filter_map(|id| storage.page(*id, Wait::NoWait).ok())
        .collect();
    let error = storage.resize_pool(64 * 16384).unwrap_err();
    assert_eq!(error.state(), common::sqlstate::OBJECT_IN_USE);
    drop(pins);
    check();
    assert!(storage.resize_pool(513 * 16384).is_err());
    storage.resize_pool(64 * 16384).unwrap();
    check();
}

#[test]
fn a_cursor_follows_the_log() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let start = storage.log_end();
    storage.keep_log("feed", Some(start)).unwrap();
    let mut cursor = storage.read_log(start);
    assert!(cursor.next_record().unwrap().is_none());
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    assert!(cursor.next_record().unwrap().is_none(), "not durable yet");
    commit(&storage, 3).unwrap();
    let mut seen = Vec::new();
    let mut ops = 0;
    while let Some(record) = cursor.next_record().unwrap() {
        seen.push(record.kind);
        for op in record.ops().unwrap() {
            let op = op.unwrap();
            ops += u32::from(op.page == id && op.op == SET && op.body == set_body(100, 1));
        }
    }
    let kinds = [
        RecordKind::FileCreate,
        RecordKind::Pages,
        RecordKind::Commit,
    ];
    assert_eq!((&seen[..], ops), (&kinds[..], 1));
    for n in 0..4000 {
        set_value(&storage, id, 100, n).unwrap();
    }
    storage.checkpoint().unwrap();
    storage.checkpoint().unwrap();
    let mut count = 0;
    while let Some(record) = cursor.next_record().unwrap() {
        count += u32::from(record.kind == RecordKind::Pages);
    }
    assert_eq!(count, 4000);
    // Nobody holds it any more: it goes, and the cursor says so.
    storage.keep_log("feed", None).unwrap();
    storage.checkpoint().unwrap();
    let error = storage.read_log(start).next_record().err().unwrap();
    assert!(
        error.to_string().contains("already been removed"),
        "{error}"
    );
}

#[test]
fn damage_in_the_middle_of_the_log_is_not_taken_for_its_end() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    storage.checkpoint().unwrap();
    let redo = storage.statistics().redo;
    set_value(&storage, id, 100, 2).unwrap();
    commit(&storage, 1).unwrap();
    storage.abandon();
    let segment = vfs
        .open("wal/0000000000000001", OpenMode::Existing, false)
        .unwrap();
    segment.write_at(&[0xff; 8], redo.0 % (64 << 10)).unwrap();
    let error = open(&vfs, small_options()).err().unwrap();
    assert_eq!(error.state(), common::sqlstate::DATA_CORRUPTED, "{error}");
    assert!(redo > Lsn(0));
}
