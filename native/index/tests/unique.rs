//! Unique checks, alone and in races.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use common::{PageNo, Result, RowId, Xid};
use index::{Index, Judgement, Probe, UniqueOutcome};
use storage::vfs_mem::MemVfs;
use storage::{Options, Wait};
use support::*;
use txn::BeginOptions;

/// What the newest versions of rows say, in place of a table.
#[derive(Clone, Default)]
struct Rows(Arc<Mutex<HashMap<u64, Judgement>>>);

impl Rows {
    fn set(&self, row: u64, judgement: Judgement) {
        self.0.lock().unwrap().insert(row, judgement);
    }

    fn judge(&self) -> impl FnMut(RowId, Option<PageNo>) -> Result<Judgement> + use<> {
        let rows = self.clone();
        move |row, _| Ok(rows.0.lock().unwrap()[&row.0])
    }

    fn insert(&self, index: &Index, key: &[u8], row: u64) -> UniqueOutcome {
        let entry = entry(key, row);
        index
            .insert_unique(Xid(row), &entry, &mut self.judge(), CHANGE)
            .unwrap()
    }
}

#[test]
fn every_judgement_has_its_outcome() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let (index, rows) = (opened.create(), Rows::default());
    rows.set(1, Judgement::Live);
    assert_eq!(rows.insert(&index, b"k", 1), UniqueOutcome::Inserted);
    // The row itself is no rival, nor is another key.
    assert_eq!(rows.insert(&index, b"k", 1), UniqueOutcome::Inserted);
    assert_eq!(rows.insert(&index, b"l", 2), UniqueOutcome::Inserted);
    let guess = entry(b"k", 1).guess;
    for (judgement, outcome) in [
        (Judgement::Live, UniqueOutcome::Conflict(RowId(1))),
        (Judgement::Wait(Xid(7)), UniqueOutcome::MustWait(Xid(7))),
        (
            Judgement::Retry,
            UniqueOutcome::MustFetch {
                row: RowId(1),
                guess,
            },
        ),
    ] {
        rows.set(1, judgement);
        assert_eq!(rows.insert(&index, b"k", 3), outcome);
        assert_eq!(all(&index).len(), 2);
    }
    rows.set(1, Judgement::Live);
    let probe = |own| {
        index
            .probe_unique(b"k", own, &mut rows.judge(), Wait::Block)
            .unwrap()
    };
    assert_eq!(probe(None), Probe::Conflict(RowId(1)));
    assert_eq!(probe(Some(RowId(1))), Probe::Free);
    rows.set(1, Judgement::Gone);
    assert_eq!(rows.insert(&index, b"k", 3), UniqueOutcome::Inserted);
    assert_eq!(all(&index).len(), 3);
}

#[test]
fn entries_of_the_dead_are_not_judged_once_all_know() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let (index, rows) = (opened.create(), Rows::default());
    let backend = opened.txns.connect(1).unwrap();
    let mut txn = opened
        .txns
        .begin(&backend, BeginOptions::default())
        .unwrap();
    let xid = opened.txns.assign_xid(&mut txn).unwrap();
    index.insert(xid, &entry(b"k", 1), CHANGE).unwrap();
    index.mark(xid, b"k", RowId(1), CHANGE).unwrap();
    rows.set(1, Judgement::Wait(xid));
    assert_eq!(rows.insert(&index, b"k", 2), UniqueOutcome::MustWait(xid));
    let ticket = opened
        .txns
        .commit(&mut txn, storage::Durability::FullWaiting, b"", &[]);
    opened.storage.wait(ticket.unwrap().unwrap()).unwrap();
    let mut never = |_: RowId, _: Option<PageNo>| -> Result<Judgement> { panic!("judged") };
    let probed = index
        .probe_unique(b"k", None, &mut never, Wait::Block)
        .unwrap();
    assert_eq!(probed, Probe::Free);
    let outcome = index
        .insert_unique(Xid(9), &entry(b"k", 2), &mut never, CHANGE)
        .unwrap();
    assert_eq!(outcome, UniqueOutcome::Inserted);
    opened.txns.disconnect(&backend);
}

/// Eight threads want each key; some that get it give it back. At most one keeps it, and one does
/// unless all gave it back.
#[test]
fn one_wins_each_key() {
    // Dead entries of the key before: none, or several leaves full.
    for (keys, dead) in [(300u64, 0u64), (4, 3500)] {
        let options = Options {
            no_threads: false,
            ..small_options()
        };
        let opened = open(&MemVfs::new(), options).unwrap();
        let (index, rows) = (Arc::new(opened.create()), Rows::default());
        let mut next_row = 1000;
        for key in 0..keys {
            for _ in 0..dead {
                rows.set(next_row, Judgement::Gone);
                index
                    .insert(Xid(3), &entry(&int_key(key), next_row), CHANGE)
                    .unwrap();
                next_row += 1;
            }
        }
        let threads: Vec<_> = (0..8u64)
            .map(|number| {
                let (index, rows) = (Arc::clone(&index), rows.clone());
                std::thread::spawn(move || {
                    let mut rng = Rng(number);
                    let mut kept = Vec::new();
                    for key in 0..keys {
                        // Some before all dead entries, some behind.
                        let row = if rng.below(2) == 0 { 1 } else { 1 << 40 } + key * 8 + number;
                        let bytes = int_key(key);
                        rows.set(row, Judgement::Wait(Xid(row)));
                        let outcome = loop {
                            match rows.insert(&index, &bytes, row) {
                                UniqueOutcome::MustWait(_) => std::thread::yield_now(),
                                outcome => break outcome,
                            }
                        };
                        if outcome == UniqueOutcome::Inserted && rng.below(2) == 0 {
                            rows.set(row, Judgement::Live);
                            kept.push(key);
                        } else {
                            rows.set(row, Judgement::Gone);
                            index.remove(&bytes, RowId(row)).unwrap();
                        }
                    }
                    kept
                })
            })
            .collect();
        let mut kept: Vec<u64> = Vec::new();
        for thread in threads {
            kept.extend(thread.join().unwrap());
        }
        kept.sort_unstable();
        let mut distinct = kept.clone();
        distinct.dedup();
        assert_eq!(kept, distinct, "a key has two owners");
        // All eight give a key back with probability 1/256.
        assert!(
            kept.len() as u64 * 10 >= keys * 9,
            "{} of {keys}",
            kept.len()
        );
        let live = all(&index).len() as u64;
        assert_eq!(live, keys * dead + kept.len() as u64);
        check(&index);
        opened.storage.close().unwrap();
    }
}
