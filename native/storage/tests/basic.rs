//! The plain paths: mini-transactions, eviction, reopening, files.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use common::{PageId, PageNo, Xid};
use storage::vfs_mem::MemVfs;
use storage::{CommitRequest, Durability, EndKind, FileKind, Options, Wait, page_header};
use support::*;

#[test]
fn values_survive_a_clean_close() {
    let vfs = MemVfs::new();
    let (storage, info) = open(&vfs, small_options()).unwrap();
    assert!(info.is_new);
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let pages: Vec<PageId> = (0..200)
        .map(|n| new_page(&storage, file, 100, n).unwrap())
        .collect();
    commit(&storage, 5).unwrap();
    storage.close().unwrap();
    let (storage, info) = open(&vfs, small_options()).unwrap();
    assert!(!info.is_new && info.was_clean, "{info:?}");
    for (n, id) in pages.iter().enumerate() {
        assert_eq!(value(&storage, *id, 100).unwrap(), n as u64);
    }
    assert_eq!(storage.file_pages(file).unwrap(), 201);
    let report = storage.verify_file(file).unwrap();
    assert_eq!((report.allocated, report.problems.len()), (201, 0));
}

#[test]
fn values_survive_a_kill() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Undo).unwrap();
    let pages: Vec<PageId> = (0..150)
        .map(|n| new_page(&storage, file, 100, n).unwrap())
        .collect();
    for (n, id) in pages.iter().enumerate() {
        set_value(&storage, *id, 200, n as u64 * 3).unwrap();
    }
    commit(&storage, 9).unwrap();
    storage.abandon();
    let (storage, info) = open(&vfs, small_options()).unwrap();
    assert!(!info.was_clean && info.records == 300, "{info:?}");
    assert_eq!(info.greatest_xid, Xid(9));
    assert!(info.unfinished.is_empty());
    for (n, id) in pages.iter().enumerate() {
        assert_eq!(value(&storage, *id, 100).unwrap(), n as u64);
        assert_eq!(value(&storage, *id, 200).unwrap(), n as u64 * 3);
    }
}

#[test]
fn a_dropped_mini_transaction_changes_nothing() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    let end = storage.log_end();
    {
        let mut mtr = storage.begin();
        let slot = mtr.latch(id, Wait::Block).unwrap();
        let new = mtr.allocate(file, 0x30, 7).unwrap();
        mtr.op(slot, SET, &set_body(100, 2));
        mtr.op(new, SET, &set_body(100, 3));
        assert_eq!(mtr.id(new).no, PageNo(2));
        assert!(mtr.page(new).iter().all(|b| *b == 0));
    }
    assert_eq!(storage.log_end(), end);
    assert_eq!(value(&storage, id, 100).unwrap(), 1);
    // The reserved page is free again.
    assert_eq!(new_page(&storage, file, 100, 4).unwrap().no, PageNo(2));
}

#[test]
fn freed_pages_are_used_again_and_read_as_new() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let first = new_page(&storage, file, 100, 1).unwrap();
    let second = new_page(&storage, file, 100, 2).unwrap();
    let mut mtr = storage.begin();
    let slot = mtr.latch(first, Wait::Block).unwrap();
    mtr.free_page(slot).unwrap();
    mtr.commit(Xid(3)).unwrap();
    let again = new_page(&storage, file, 300, 5).unwrap();
    assert_eq!(again, first);
    assert_eq!(value(&storage, again, 100).unwrap(), 0);
    assert_eq!(value(&storage, second, 100).unwrap(), 2);
    commit(&storage, 4).unwrap();
    storage.abandon();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    assert_eq!(value(&storage, again, 100).unwrap(), 0);
    assert_eq!(value(&storage, again, 300).unwrap(), 5);
    assert_eq!(new_page(&storage, file, 100, 1).unwrap().no, PageNo(3));
}

#[test]
fn the_header_says_who_and_when() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    let mut mtr = storage.begin();
    let slot = mtr.latch(id, Wait::Block).unwrap();
    mtr.op(slot, SET, &set_body(100, 2));
    let lsn = mtr.commit(Xid(77)).unwrap();
    let page = storage.read(id, Wait::Block).unwrap();
    assert_eq!(page_header::id(&page), id);
    assert_eq!(page_header::lsn(&page), lsn);
    assert_eq!(page_header::max_xid(&page), Xid(77));
    assert_eq!(page_header::owner(&page), 7);
    assert_eq!(page_header::kind_of(&page), 0x30);
}

#[test]
fn nowait_refuses_misses_and_held_latches() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let pages: Vec<PageId> = (0..150)
        .map(|n| new_page(&storage, file, 100, n).unwrap())
        .collect();
    let gone = pages.iter().find(|id| !storage.is_resident(**id)).unwrap();
    let error = storage.page(*gone, Wait::NoWait).err().unwrap();
    assert!(error.is_would_block());
    let here = *pages.last().unwrap();
    let mut mtr = storage.begin();
    let slot = mtr.latch(here, Wait::Block).unwrap();
    assert!(storage.read(here, Wait::NoWait).is_err());
    assert!(
        storage
            .read_optimistic(here, |page| page.u64(100))
            .is_none()
    );
    mtr.release(slot);
    assert_eq!(
        storage.read_optimistic(here, |page| page.u64(100)),
        Some(149)
    );
    let version = storage.read(here, Wait::NoWait).unwrap().version();
    assert!(
        mtr.latch_version(here, version, Wait::NoWait)
            .unwrap()
            .is_some()
    );
    drop(mtr);
    set_value(&storage, here, 100, 1).unwrap();
    let mut mtr = storage.begin();
    assert!(
        mtr.latch_version(here, version, Wait::NoWait)
            .unwrap()
            .is_none()
    );
}

#[test]
fn an_operation_that_fails_breaks_the_engine() {
    for code in [FAIL, PANIC] {
        let vfs = MemVfs::new();
        let (storage, _) = open(&vfs, small_options()).unwrap();
        let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
        let id = new_page(&storage, file, 100, 1).unwrap();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut mtr = storage.begin();
            let slot = mtr.latch(id, Wait::Block).unwrap();
            mtr.op(slot, code, &[]);
            mtr.commit(Xid(0))
        }));
        assert!(!matches!(result, Ok(Ok(_))));
        assert!(storage.is_broken());
        assert!(commit(&storage, 1).is_err());
        assert!(set_value(&storage, id, 100, 2).is_err());
    }
}

/// The test mode that all suites run under does catch what recovery would do otherwise.
#[test]
fn an_operation_that_replays_to_another_page_is_noticed() {
    for check_apply in [true, false] {
        let options = Options {
            check_apply,
            ..small_options()
        };
        let (storage, _) = open(&MemVfs::new(), options).unwrap();
        let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
        let id = new_page(&storage, file, 100, 1).unwrap();
        let mut mtr = storage.begin();
        let slot = mtr.latch(id, Wait::Block).unwrap();
        mtr.op(slot, MOODY, &[]);
        let committed = mtr.commit(Xid(0));
        assert_eq!(committed.is_err(), check_apply);
        assert_eq!(storage.is_broken(), check_apply);
    }
}

#[test]
fn files_follow_the_fate_of_their_transaction() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let kept = storage.create_file(Xid(10), FileKind::Data).unwrap();
    let aborted = storage.create_file(Xid(11), FileKind::Data).unwrap();
    let open_still = storage.create_file(Xid(12), FileKind::Data).unwrap();
    let dropped = storage.create_file(Xid(0), FileKind::Data).unwrap();
    for file in [kept, aborted, open_still, dropped] {
        new_page(&storage, file, 100, 1).unwrap();
    }
    commit(&storage, 10).unwrap();
    let ticket = end(&storage, 11, EndKind::Abort).unwrap();
    storage.wait(ticket).unwrap();
    let ticket = storage
        .commit(storage::CommitRequest {
            xid: Xid(13),
            kind: EndKind::Commit,
            body: b"x",
            dropped_files: &[dropped],
            durability: storage::Durability::FullWaiting,
        })
        .unwrap();
    storage.wait(ticket).unwrap();
    storage.abandon();
    let (storage, info) = open(&vfs, small_options()).unwrap();
    assert_eq!(storage.file_ids(), vec![kept, open_still]);
    assert_eq!(info.pending_files, vec![(Xid(12), open_still)]);
    let ticket = end(&storage, 12, EndKind::Abort).unwrap();
    storage.wait(ticket).unwrap();
    storage.checkpoint().unwrap();
    assert_eq!(storage.file_ids(), vec![kept]);
    let next = storage.create_file(Xid(0), FileKind::Data).unwrap();
    assert!(next > dropped);
}

#[test]
fn the_log_wraps_and_segments_are_recycled() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    for n in 0..20_000 {
        set_value(&storage, id, 100, n).unwrap();
        if n % 2000 == 0 {
            storage.checkpoint().unwrap();
        }
    }
    use common::vfs::Vfs;
    assert!(storage.log_end().0 > 15 * (64 << 10));
    assert!(vfs.list("wal").unwrap().len() <= 8, "{:?}", vfs.list("wal"));
    commit(&storage, 4).unwrap();
    storage.abandon();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), 19_999);
}

#[test]
fn temporary_files_are_not_logged_and_do_not_survive() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Temporary).unwrap();
    let end = storage.log_end();
    let pages: Vec<PageId> = (0..200)
        .map(|n| new_page(&storage, file, 100, n).unwrap())
        .collect();
    assert_eq!(storage.log_end(), end);
    for (n, id) in pages.iter().enumerate() {
        assert_eq!(value(&storage, *id, 100).unwrap(), n as u64);
    }
    storage.close().unwrap();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    assert!(!storage.file_exists(file));
}

#[test]
fn a_newer_format_and_a_second_owner_are_refused() {
    use common::vfs::{OpenMode, Vfs};
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let error = open(&vfs, small_options()).err().unwrap();
    assert_eq!(error.state(), common::sqlstate::LOCK_FILE_EXISTS);
    storage.close().unwrap();
    let control = vfs.open("control", OpenMode::Existing, false).unwrap();
    for copy in 0..2 {
        control
            .write_at(&99_u32.to_le_bytes(), copy * 16384 + 8)
            .unwrap();
    }
    let error = open(&vfs, small_options()).err().unwrap();
    assert!(error.to_string().contains("incompatible"), "{error}");
}

/// A commit of what a crash takes anyway is seen at once, but makes nothing visible that is not
/// durable.
#[test]
fn a_temporary_commit_waits_only_for_those_before_it() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let end = |xid: u64, durability| {
        let request = CommitRequest {
            xid: Xid(xid),
            kind: EndKind::Commit,
            body: b"",
            dropped_files: &[],
            durability,
        };
        storage.commit(request).unwrap()
    };
    let syncs = || storage.statistics().log_syncs;
    commit(&storage, 1).unwrap();
    let before = syncs();
    let alone = end(2, Durability::Temporary);
    assert!(storage.is_visible(alone) && !storage.is_published(alone));
    let durable = end(3, Durability::FullWaiting);
    let behind = end(4, Durability::Temporary);
    assert!(!storage.is_visible(durable) && !storage.is_visible(behind));
    assert_eq!(syncs(), before);
    storage.wait(durable).unwrap();
    assert!(storage.is_visible(durable) && storage.is_visible(behind));
    assert!(storage.is_visible(end(5, Durability::Temporary)));
}
