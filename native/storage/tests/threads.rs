//! Many threads: no change is lost, no reader sees half of one, nothing hangs.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{PageId, Xid};
use storage::vfs_mem::MemVfs;
use storage::{
    CommitInfo, CommitRequest, Durability, EndKind, FileKind, Hooks, Options, RecoveredRecord,
    Storage, SyncMode, Wait,
};
use support::fault_vfs::{FaultVfs, Rng};
use support::*;

const LEFT: usize = 512;
const RIGHT: usize = 12_000;

fn threaded() -> Options {
    Options {
        no_threads: false,
        wal_segment_bytes: 256 << 10,
        wal_ring_bytes: 128 << 10,
        ..small_options()
    }
}

/// Adds one to both cells of a page, one record.
fn increment(storage: &Storage, id: PageId, other: PageId) {
    let mut mtr = storage.begin();
    let (first, second) = if id < other { (id, other) } else { (other, id) };
    let mut slots = vec![mtr.latch(first, Wait::Block).unwrap()];
    if second != first {
        slots.push(mtr.latch(second, Wait::Block).unwrap());
    }
    for slot in slots {
        let value = get(mtr.page(slot), LEFT) + 1;
        mtr.op(slot, SET, &set_body(LEFT, value));
        mtr.op(slot, SET, &set_body(RIGHT, value));
    }
    mtr.commit(Xid(1)).unwrap();
}

#[test]
fn increments_from_many_threads_add_up_under_eviction() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, threaded()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let pages: Vec<PageId> = (0..300)
        .map(|_| new_page(&storage, file, 100, 0).unwrap())
        .collect();
    let added = AtomicU64::new(0);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4_u64)
            .map(|seed| {
                let (storage, pages, added) = (&storage, &pages, &added);
                scope.spawn(move || {
                    let mut rng = Rng(seed);
                    for _ in 0..3000 {
                        let first = pages[rng.below(300) as usize];
                        let second = pages[rng.below(300) as usize];
                        increment(storage, first, second);
                        let pages = if first == second { 1 } else { 2 };
                        added.fetch_add(pages, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for seed in 0..2_u64 {
            let (storage, pages, is_done) = (&storage, &pages, &is_done);
            scope.spawn(move || {
                let mut rng = Rng(seed + 100);
                while !is_done.load(Ordering::Relaxed) {
                    let id = pages[rng.below(300) as usize];
                    let seen = storage
                        .read_optimistic(id, |page| Some((page.u64(LEFT)?, page.u64(RIGHT)?)));
                    if let Some((left, right)) = seen {
                        assert_eq!(left, right, "a torn optimistic read");
                    }
                    let page = storage.read(id, Wait::Block).unwrap();
                    assert_eq!(get(&page, LEFT), get(&page, RIGHT));
                }
            });
        }
        let (storage, is_done) = (&storage, &is_done);
        scope.spawn(move || {
            while !is_done.load(Ordering::Relaxed) {
                storage.checkpoint().unwrap();
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
    let total = |storage: &Storage| -> u64 {
        pages
            .iter()
            .map(|id| value(storage, *id, LEFT).unwrap())
            .sum()
    };
    assert_eq!(total(&storage), added.load(Ordering::Relaxed));
    commit(&storage, 2).unwrap();
    storage.abandon();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    assert_eq!(total(&storage), added.load(Ordering::Relaxed));
}

/// Checks that publishing is in log order and counts.
#[derive(Default)]
struct Order {
    last: Mutex<u64>,
    published: AtomicU64,
    recovered: Mutex<Vec<(u64, Vec<u8>)>>,
}

impl Hooks for Order {
    fn publish(&self, ended: &[CommitInfo]) {
        let mut last = self.last.lock().unwrap();
        for info in ended {
            assert!(info.lsn.0 > *last, "published out of order");
            *last = info.lsn.0;
            assert_eq!(info.body, info.xid.0.to_le_bytes());
        }
        self.published
            .fetch_add(ended.len() as u64, Ordering::SeqCst);
    }

    fn checkpoint_payload(&self) -> Vec<u8> {
        b"payload".to_vec()
    }

    fn recovery_begin(&self, _payload: &[u8]) -> common::Result<()> {
        Ok(())
    }

    fn recovered(&self, record: &RecoveredRecord<'_>) -> common::Result<()> {
        if record.kind == storage::RecordKind::Commit {
            let mut recovered = self.recovered.lock().unwrap();
            recovered.push((record.xid.0, record.body.to_vec()));
        }
        Ok(())
    }
}

fn commits_are_published_in_order(sync: SyncMode) {
    let vfs = MemVfs::new();
    let hooks = Arc::new(Order::default());
    let options = Options { sync, ..threaded() };
    let (storage, _) = open_with(&vfs, options.clone(), hooks.clone()).unwrap();
    let next = AtomicU64::new(1);
    let told = Arc::new(AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..6_u64 {
            let (storage, next, told) = (&storage, &next, &told);
            let hooks = &hooks;
            scope.spawn(move || {
                for _ in 0..500 {
                    let xid = next.fetch_add(1, Ordering::SeqCst);
                    let durability = match thread % 3 {
                        0 => Durability::FullWaiting,
                        1 => Durability::Full,
                        _ => Durability::Asynchronous,
                    };
                    let ticket = storage
                        .commit(CommitRequest {
                            xid: Xid(xid),
                            kind: EndKind::Commit,
                            body: &xid.to_le_bytes(),
                            dropped_files: &[],
                            durability,
                        })
                        .unwrap();
                    if durability == Durability::Full {
                        let told = Arc::clone(told);
                        let tell = move |result: common::Result<()>| {
                            result.unwrap();
                            told.fetch_add(1, Ordering::SeqCst);
                        };
                        storage.on_durable(ticket, Box::new(tell));
                    }
                    if durability != Durability::Asynchronous {
                        storage.wait(ticket).unwrap();
                        assert!(storage.is_published(ticket));
                    }
                    assert!(*hooks.last.lock().unwrap() >= ticket.0.0);
                }
            });
        }
    });
    storage.flush(common::Lsn(storage.log_end().0 - 1)).unwrap();
    assert_eq!(hooks.published.load(Ordering::SeqCst), 3000);
    while told.load(Ordering::SeqCst) < 1000 {
        std::thread::yield_now();
    }
    storage.abandon();
    let hooks = Arc::new(Order::default());
    let (_storage, info) = open_with(&vfs, small_options(), hooks.clone()).unwrap();
    assert_eq!(info.greatest_xid, Xid(3000));
    let recovered = hooks.recovered.lock().unwrap();
    assert_eq!(recovered.len(), 3000);
    assert!(
        recovered
            .iter()
            .all(|(xid, body)| body == &xid.to_le_bytes())
    );
}

#[test]
fn commits_are_published_in_log_order() {
    commits_are_published_in_order(SyncMode::Full);
}

#[test]
fn commits_are_published_in_log_order_without_syncs() {
    commits_are_published_in_order(SyncMode::Normal);
    commits_are_published_in_order(SyncMode::Off);
}

/// The flusher is rung for a commit that its own thread flushes first: it finds nothing to do, and
/// must still hear the next ring.
#[test]
fn a_flusher_that_was_rung_in_vain_can_be_rung_again() {
    let vfs = MemVfs::new();
    let (storage, _) = open(&vfs, threaded()).unwrap();
    for xid in 2..1000 {
        let request = |durability| CommitRequest {
            xid: Xid(xid),
            kind: EndKind::Commit,
            body: &[],
            dropped_files: &[],
            durability,
        };
        let rung = storage.commit(request(Durability::Full)).unwrap();
        storage.wait(rung).unwrap();
        std::thread::yield_now();
        let ticket = storage.commit(request(Durability::Full)).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        storage.on_durable(ticket, Box::new(move |result| tell.send(result).unwrap()));
        let hung = Duration::from_secs(30);
        told.recv_timeout(hung).expect("the flusher hears").unwrap();
    }
    storage.close().unwrap();
}

/// Threads count in pages of their own, acknowledge, and lose the power at some write.
fn lose_power(seed: u64) {
    let vfs = FaultVfs::new();
    let options = Options {
        checkpoint_interval: Duration::from_millis(3),
        check_apply: false,
        ..threaded()
    };
    let (storage, _) = open(&vfs, options.clone()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let pages: Vec<PageId> = (0..160)
        .map(|_| new_page(&storage, file, LEFT, 0).unwrap())
        .collect();
    commit(&storage, 1).unwrap();
    let acknowledged: Vec<AtomicU64> = (0..160).map(|_| AtomicU64::new(0)).collect();
    let mut rng = Rng(seed);
    vfs.faults
        .until_crash
        .store(rng.below(1500) as i64, Ordering::SeqCst);
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let (storage, pages, acknowledged) = (&storage, &pages, &acknowledged);
            scope.spawn(move || {
                for n in 1.. {
                    let at = thread * 40 + n as usize % 40;
                    let set = set_value(storage, pages[at], LEFT, n);
                    if set.is_err() || (n % 7 == 0 && commit(storage, n).is_err()) {
                        return;
                    }
                    if n % 7 == 0 {
                        for back in 0..40.min(n) {
                            let m = n - back;
                            acknowledged[thread * 40 + m as usize % 40]
                                .fetch_max(m, Ordering::SeqCst);
                        }
                    }
                }
            });
        }
    });
    storage.abandon();
    let (storage, _) = open(&vfs.after_crash(seed), options).unwrap();
    for (id, acknowledged) in pages.iter().zip(&acknowledged) {
        let found = value(&storage, *id, LEFT).unwrap();
        assert!(
            found >= acknowledged.load(Ordering::SeqCst),
            "{id} lost an update"
        );
    }
    assert!(storage.verify_file(file).unwrap().problems.is_empty());
    storage.close().unwrap();
}

#[test]
fn threads_that_lose_the_power_keep_what_was_acknowledged() {
    for seed in 0..40 {
        lose_power(seed);
    }
}

/// Panics when transaction 3 is published.
struct Panics;

impl Hooks for Panics {
    fn publish(&self, ended: &[CommitInfo]) {
        assert!(
            ended.iter().all(|info| info.xid != Xid(3)),
            "a fault of the test"
        );
    }

    fn checkpoint_payload(&self) -> Vec<u8> {
        Vec::new()
    }

    fn recovery_begin(&self, _payload: &[u8]) -> common::Result<()> {
        Ok(())
    }

    fn recovered(&self, _record: &RecoveredRecord<'_>) -> common::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_in_publishing_breaks_the_engine_and_nobody_waits_for_ever() {
    let vfs = MemVfs::new();
    let (storage, _) = open_with(&vfs, threaded(), Arc::new(Panics)).unwrap();
    commit(&storage, 2).unwrap();
    let ticket = storage
        .commit(CommitRequest {
            xid: Xid(3),
            kind: EndKind::Commit,
            body: &[],
            dropped_files: &[],
            durability: Durability::Full,
        })
        .unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    storage.on_durable(ticket, Box::new(move |result| tell.send(result).unwrap()));
    assert!(told.recv().unwrap().is_err());
    assert!(storage.is_broken());
    assert!(storage.checkpoint().is_err());
    assert!(commit(&storage, 4).is_err());
    storage.close().unwrap();
    // The record was durable: recovery tells.
    let (_storage, info) = open(&vfs, small_options()).unwrap();
    assert_eq!(info.greatest_xid, Xid(3));
}
