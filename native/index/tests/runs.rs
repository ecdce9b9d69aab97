//! Entries that go in as runs, against the same ones by themselves.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{PageNo, Result, RowId, Xid};
use index::{ENTRY_BYTES_MAX, EntryRun, Index, Judgement, NewEntry, UniqueOutcome};
use storage::Options;
use storage::vfs_mem::MemVfs;
use support::*;

const XID: Xid = Xid(5);

fn run_of(entries: &[(Vec<u8>, u64)], is_unique: bool) -> EntryRun {
    let mut run = EntryRun::default();
    for (key, row) in entries {
        let guess = Some(PageNo(*row as u32 % 7 + 1));
        let written = run.push(RowId(*row), guess, |out| {
            out.extend_from_slice(key);
            Ok(is_unique)
        });
        written.unwrap();
    }
    run
}

/// Every other row is there and has its key.
fn live(_: RowId, _: Option<PageNo>) -> Result<Judgement> {
    Ok(Judgement::Live)
}

/// Adds the entries as COPY does; which of them went in.
fn add(index: &Index, entries: &[(Vec<u8>, u64)], is_unique: bool) -> Vec<bool> {
    let run = run_of(entries, is_unique);
    let mut is_in = vec![true; entries.len()];
    let mut at = 0;
    loop {
        at += index.insert_run(XID, &run, at, CHANGE).unwrap();
        let Some((key, row)) = entries.get(at) else {
            return is_in;
        };
        assert!(is_unique, "nothing is in the way of an entry like others");
        let alone = NewEntry::new(key, RowId(*row), run.guess(at));
        let outcome = index.insert_unique(XID, &alone, &mut live, CHANGE).unwrap();
        is_in[at] = outcome == UniqueOutcome::Inserted;
        at += 1;
    }
}

/// Keys that ascend by little steps, fall back now and then, repeat themselves, or have no order.
fn keys(rng: &mut Rng, kind: u64, count: usize) -> Vec<Vec<u8>> {
    let mut last = rng.below(20_000);
    let mut next = || {
        last = match kind {
            0 => last + 1 + rng.below(3),
            1 if rng.below(20) == 0 => rng.below(20_000),
            1 => last + rng.below(2),
            _ => rng.below(20_000),
        };
        match kind {
            3 => text_key(format!("{}{last:x}", "shared".repeat(40)).as_bytes()),
            4 => text_key(&vec![b'a' + (last % 26) as u8; (last % 500) as usize]),
            _ => int_key(last),
        }
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn a_run_gives_what_its_entries_give() {
    for kind in 0..5 {
        for is_unique in [false, true] {
            let opened = open(&MemVfs::new(), small_options()).unwrap();
            let (index, mut rng) = (opened.create(), Rng(kind));
            let mut model: BTreeMap<Vec<u8>, Vec<u64>> = BTreeMap::new();
            let mut row = 0;
            for _ in 0..12 {
                let count = 1 + rng.below(900) as usize;
                let rows = row + 1..;
                let entries: Vec<_> = keys(&mut rng, kind, count).into_iter().zip(rows).collect();
                row += count as u64;
                let is_in = add(&index, &entries, is_unique);
                for ((key, row), is_in) in entries.into_iter().zip(is_in) {
                    let rows = model.entry(key).or_default();
                    assert_eq!(is_in, !is_unique || rows.is_empty(), "row {row}");
                    if is_in {
                        rows.push(row);
                    }
                }
                check(&index);
            }
            let wanted: Vec<_> = model
                .into_iter()
                .flat_map(|(key, rows)| rows.into_iter().map(move |row| (key.clone(), row)))
                .collect();
            let seen: Vec<_> = all(&index).into_iter().map(|e| (e.key, e.row)).collect();
            assert!(seen == wanted, "keys of kind {kind}, unique {is_unique}");
            opened.storage.close().unwrap();
        }
    }
}

#[test]
fn ascending_keys_take_one_record_a_leaf_or_few_more() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    let entries: Vec<_> = (1..=5000u64).map(|row| (int_key(row), row)).collect();
    let run = run_of(&entries, true);
    let before = opened.storage.statistics().log_records;
    assert_eq!(index.insert_run(XID, &run, 0, CHANGE).unwrap(), 5000);
    let records = opened.storage.statistics().log_records - before;
    assert!(records < 100, "{records} records");
    check(&index);
}

#[test]
fn a_run_stops_before_what_must_be_judged() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    index
        .insert(XID, &entry(&int_key(30), 1000), CHANGE)
        .unwrap();
    let keys = [10, 20, 20, 25, 30, 40].map(int_key);
    let entries: Vec<_> = keys.into_iter().zip(1..).collect();
    let run = run_of(&entries, true);
    let mut counts = Vec::new();
    for at in [0, 2, 3, 4, 5] {
        counts.push(index.insert_run(XID, &run, at, CHANGE).unwrap());
    }
    // The second 20 and the 30 are others' keys.
    assert_eq!(counts, [2, 0, 1, 0, 1]);
    let long = run_of(&[(vec![b'a'; ENTRY_BYTES_MAX], 9)], false);
    assert_eq!(index.insert_run(XID, &long, 0, CHANGE).unwrap(), 0);
    check(&index);
}

/// Four threads add runs with the same keys: each key has one owner.
#[test]
fn one_run_wins_each_key() {
    let options = Options {
        no_threads: false,
        ..small_options()
    };
    let opened = open(&MemVfs::new(), options).unwrap();
    let index = Arc::new(opened.create());
    let threads: Vec<_> = (0..4u64)
        .map(|number| {
            let index = Arc::clone(&index);
            std::thread::spawn(move || {
                let mut rng = Rng(number);
                let mut won = Vec::new();
                for start in (0..6000u64).step_by(300) {
                    let keys = (start..start + 300).filter(|_| rng.below(3) > 0);
                    let row_of = |key| key * 4 + number + 1;
                    let entries: Vec<_> = keys.map(|key| (int_key(key), row_of(key))).collect();
                    let is_in = add(&index, &entries, true);
                    let own = entries.into_iter().zip(is_in).filter(|(_, is_in)| *is_in);
                    won.extend(own.map(|((key, _), _)| key));
                }
                won
            })
        })
        .collect();
    let mut won: Vec<Vec<u8>> = Vec::new();
    for thread in threads {
        won.extend(thread.join().unwrap());
    }
    won.sort_unstable();
    let seen: Vec<_> = all(&index).into_iter().map(|e| e.key).collect();
    assert!(won == seen, "a key has two owners or none");
    check(&index);
    opened.storage.close().unwrap();
}
