//! Crashes at every write: what was acknowledged is there, what is there is a prefix.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::atomic::Ordering;

use common::{FileId, PageId, Result, Xid};
use storage::{EndKind, FileKind, Options, PolicyKind, Storage, Wait};
use support::fault_vfs::{FaultVfs, Rng};
use support::*;

const COUNTER: usize = 64;
const CELLS: usize = 128;

/// What the pages must hold after step `n`: a cell of a page to its value.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
struct Model {
    pages: Vec<(PageId, [u64; 4])>,
    step: u64,
}

struct Run {
    rng: Rng,
    file: FileId,
    meta: PageId,
    /// The state after each step, by step.
    states: Vec<Model>,
    acknowledged: u64,
}

/// One mini-transaction: counts the step in the meta page and sets two cells, or allocates, or frees.
fn step(storage: &Storage, run: &mut Run) -> Result<()> {
    let mut next = run.states.last().expect("the first is there").clone();
    next.step += 1;
    let n = next.step;
    let mut mtr = storage.begin();
    let meta = mtr.latch(run.meta, Wait::Block)?;
    mtr.op(meta, SET, &set_body(COUNTER, n));
    let what = run.rng.below(10);
    if what < 3 && next.pages.len() < 120 || next.pages.len() < 3 {
        let slot = mtr.allocate(run.file, 0x30, 1)?;
        mtr.op(slot, SET, &set_body(CELLS, n));
        next.pages.push((mtr.id(slot), [n, 0, 0, 0]));
    } else if what < 4 {
        let at = run.rng.below(next.pages.len() as u64) as usize;
        let (id, _) = next.pages.swap_remove(at);
        let slot = mtr.latch(id, Wait::Block)?;
        mtr.free_page(slot)?;
    } else {
        for _ in 0..2 {
            let at = run.rng.below(next.pages.len() as u64) as usize;
            let cell = run.rng.below(4) as usize;
            let (id, cells) = &mut next.pages[at];
            let slot = mtr.latch(*id, Wait::Block)?;
            mtr.op(slot, SET, &set_body(CELLS + cell * 4000, n));
            cells[cell] = n;
        }
    }
    // Known before the commit: the record may reach the disk though the call fails.
    run.states.push(next);
    mtr.commit(Xid(n))?;
    Ok(())
}

fn work(storage: &Storage, run: &mut Run, steps: u64) -> Result<()> {
    for _ in 0..steps {
        step(storage, run)?;
        let n = run.states.last().expect("pushed").step;
        match run.rng.below(20) {
            0..6 => {
                let ticket = end(storage, n, EndKind::Commit)?;
                storage.wait(ticket)?;
                run.acknowledged = n;
            }
            6 => storage.checkpoint()?,
            7 => {
                let file = storage.create_file(Xid(n), FileKind::Data)?;
                new_page(storage, file, 100, n)?;
                let ticket = end(storage, n, EndKind::Abort)?;
                storage.wait(ticket)?;
                run.acknowledged = n;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The state is one of the model's, and not older than what was acknowledged.
fn check(storage: &Storage, run: &mut Run) {
    let n = value(storage, run.meta, COUNTER).unwrap();
    assert!(n >= run.acknowledged, "lost: {n} < {}", run.acknowledged);
    let at = run.states.iter().position(|s| s.step == n);
    let at = at.unwrap_or_else(|| panic!("step {n} never was"));
    run.states.truncate(at + 1);
    for (id, cells) in &run.states[at].pages {
        let page = storage.read(*id, Wait::Block).unwrap();
        for (cell, expected) in cells.iter().enumerate() {
            assert_eq!(
                get(&page, CELLS + cell * 4000),
                *expected,
                "{id} at step {n}"
            );
        }
    }
    let report = storage.verify_file(run.file).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    // Map page, meta page and those of the model.
    assert_eq!(report.allocated as usize, run.states[at].pages.len() + 2);
}

fn start(vfs: &FaultVfs, seed: u64, options: Options) -> Run {
    let (storage, _) = open(vfs, options).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let meta = new_page(&storage, file, COUNTER, 0).unwrap();
    commit(&storage, 1).unwrap();
    storage.abandon();
    Run {
        rng: Rng(seed),
        file,
        meta,
        states: vec![Model::default()],
        acknowledged: 0,
    }
}

/// Runs, crashes, recovers, crashing in recovery too, and goes on, several times.
fn torment(seed: u64, options: Options) {
    let mut rng = Rng(seed ^ 0xabcd);
    let mut vfs = FaultVfs::new();
    let mut run = start(&vfs, seed, options.clone());
    for _ in 0..4 {
        let until = rng.below(160) as i64;
        vfs.faults.until_crash.store(until, Ordering::SeqCst);
        if let Ok((storage, _)) = open(&vfs, options.clone()) {
            check(&storage, &mut run);
            let _ = work(&storage, &mut run, 400);
            storage.abandon();
        }
        vfs = match rng.below(4) {
            // Only the process died.
            0 => vfs.after_kill(),
            _ => vfs.after_crash(rng.next()),
        };
    }
    let (storage, _) = open(&vfs, options.clone()).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    check(&storage, &mut run);
    work(&storage, &mut run, 50).unwrap();
    storage.close().unwrap();
    let (storage, info) = open(&vfs, options).unwrap();
    assert!(info.was_clean);
    run.acknowledged = run.states.last().unwrap().step;
    check(&storage, &mut run);
}

fn many(seeds: std::ops::Range<u64>, options: &Options) {
    for seed in seeds {
        let result = std::panic::catch_unwind(|| torment(seed, options.clone()));
        assert!(result.is_ok(), "seed {seed}");
    }
}

#[test]
fn crashes_at_any_write_keep_what_was_acknowledged() {
    many(0..120, &small_options());
}

#[test]
fn crashes_with_other_policies() {
    for (policy, first) in [
        (PolicyKind::Clock, 1000),
        (PolicyKind::Lru, 2000),
        (PolicyKind::TwoQ, 3000),
    ] {
        let options = Options {
            eviction_policy: policy,
            ..small_options()
        };
        many(first..first + 15, &options);
    }
}

#[test]
fn recovery_is_idempotent() {
    let mut vfs = FaultVfs::new();
    let options = small_options();
    let mut run = start(&vfs, 7, options.clone());
    let (storage, _) = open(&vfs, options.clone()).unwrap();
    work(&storage, &mut run, 300).unwrap();
    storage.abandon();
    // Each round recovery dies one change later.
    for round in 0.. {
        vfs.faults.until_crash.store(round, Ordering::SeqCst);
        let opened = open(&vfs, options.clone());
        let is_done = opened.is_ok();
        if let Ok((storage, _)) = &opened {
            check(storage, &mut run);
            storage.abandon();
        }
        if is_done {
            assert!(round > 3, "recovery changed nothing");
            return;
        }
        vfs = vfs.after_crash(round as u64);
    }
}

#[test]
fn torn_pages_get_their_copies_back() {
    let vfs = FaultVfs::new();
    let options = small_options();
    let (storage, _) = open(&vfs, options.clone()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let pages: Vec<PageId> = (0..40)
        .map(|n| new_page(&storage, file, 9000, n).unwrap())
        .collect();
    storage.checkpoint().unwrap();
    for (n, id) in pages.iter().enumerate() {
        set_value(&storage, *id, 9000, n as u64 + 1000).unwrap();
    }
    storage.checkpoint().unwrap();
    storage.abandon();
    // The last batch's homes as a crash in the middle of them would leave them.
    for id in &pages {
        let offset = id.no.0 as usize * 16384 + 8192;
        vfs.damage(&format!("data/{file}"), offset, &[0xee; 4096]);
    }
    let (storage, info) = open(&vfs, options.clone()).unwrap();
    assert_eq!(info.restored_pages as usize, pages.len());
    for (n, id) in pages.iter().enumerate() {
        assert_eq!(value(&storage, *id, 9000).unwrap(), n as u64 + 1000);
    }
    storage.abandon();
    // Without a copy it is an error that names the page.
    vfs.damage("dw", 0, &[0; 16]);
    vfs.damage(&format!("data/{file}"), 16384 + 8192, &[0xee; 4096]);
    let (storage, _) = open(&vfs, options).unwrap();
    let error = value(&storage, pages[0], 9000).unwrap_err();
    assert_eq!(error.state(), common::sqlstate::DATA_CORRUPTED, "{error}");
}

#[test]
fn a_failed_log_sync_ends_acknowledgements_but_not_reads() {
    let vfs = FaultVfs::new();
    let options = small_options();
    let (storage, _) = open(&vfs, options.clone()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    commit(&storage, 1).unwrap();
    set_value(&storage, id, 100, 2).unwrap();
    *vfs.faults.fail_sync_of.lock().unwrap() = Some("wal".to_owned());
    assert!(commit(&storage, 2).is_err());
    // The disk is well again; this process is not.
    assert!(commit(&storage, 3).is_err());
    assert!(set_value(&storage, id, 100, 3).is_err());
    assert!(storage.checkpoint().is_err());
    assert_eq!(value(&storage, id, 100).unwrap(), 2);
    storage.abandon();
    // The kernel shows the record that the disk does not have; recovery makes it durable.
    let shown = vfs.after_kill();
    let (storage, _) = open(&shown, options.clone()).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), 2);
    storage.abandon();
    let (storage, _) = open(&shown.after_crash(3), options).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), 2);
}

#[test]
fn a_failed_page_sync_loses_nothing() {
    let vfs = FaultVfs::new();
    let options = small_options();
    let (storage, _) = open(&vfs, options.clone()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    storage.checkpoint().unwrap();
    set_value(&storage, id, 100, 2).unwrap();
    commit(&storage, 1).unwrap();
    *vfs.faults.fail_sync_of.lock().unwrap() = Some("data".to_owned());
    assert!(storage.checkpoint().is_err());
    assert!(commit(&storage, 2).is_err());
    storage.abandon();
    // The kernel shows the new page as clean; it is written again nevertheless.
    let shown = vfs.after_kill();
    let (storage, _) = open(&shown, options.clone()).unwrap();
    storage.close().unwrap();
    let (storage, _) = open(&shown.after_crash(5), options).unwrap();
    assert_eq!(value(&storage, id, 100).unwrap(), 2);
}

#[test]
fn a_full_disk_is_an_ordinary_error() {
    let vfs = FaultVfs::new();
    let (storage, _) = open(&vfs, small_options()).unwrap();
    let file = storage.create_file(Xid(0), FileKind::Data).unwrap();
    let id = new_page(&storage, file, 100, 1).unwrap();
    vfs.faults.is_full.store(true, Ordering::SeqCst);
    let error = loop {
        if let Err(error) = new_page(&storage, file, 100, 1) {
            break error;
        }
    };
    assert_eq!(error.state(), common::sqlstate::DISK_FULL, "{error}");
    set_value(&storage, id, 100, 5).unwrap();
    commit(&storage, 1).unwrap();
    vfs.faults.is_full.store(false, Ordering::SeqCst);
    new_page(&storage, file, 100, 1).unwrap();
}
