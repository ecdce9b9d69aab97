//! Cursors while the index changes, and after a pause.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{RowId, Xid};
use index::{Direction, Entries, KeyRange};
use storage::vfs_mem::MemVfs;
use storage::{Options, Wait};
use support::*;

/// Rows below this stay; others come and go around them.
const STABLE: u64 = 1 << 20;

fn key(number: u64) -> Vec<u8> {
    // Of different lengths, so that leaves split at many places.
    let mut key = int_key(number);
    key.extend(vec![b'p'; (number * 7 % 60) as usize]);
    key
}

#[test]
fn scans_see_what_stays_while_leaves_split_and_merge() {
    let options = Options {
        no_threads: false,
        ..small_options()
    };
    let opened = open(&MemVfs::new(), options).unwrap();
    let index = Arc::new(opened.create());
    let stable: Vec<u64> = (0..3000).map(|n| n * 10).collect();
    for number in &stable {
        index
            .insert(Xid(3), &entry(&key(*number), number + 1), CHANGE)
            .unwrap();
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2u64)
        .map(|seed| {
            let (index, stop) = (Arc::clone(&index), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut rng = Rng(seed);
                while !stop.load(Ordering::Relaxed) {
                    let start = rng.below(29_000);
                    for number in start..start + 1000 {
                        let row = STABLE * (2 + seed) + number;
                        index
                            .insert(Xid(4), &entry(&key(number), row), CHANGE)
                            .unwrap();
                    }
                    for number in start..start + 1000 {
                        let row = STABLE * (2 + seed) + number;
                        assert!(index.remove(&key(number), RowId(row)).unwrap());
                    }
                }
            })
        })
        .collect();
    for round in 0..60 {
        let direction = [Direction::Forward, Direction::Backward][round % 2];
        let max = [7, 64, 1024][round % 3];
        let mut seen = collect(&index, KeyRange::all(), direction, &view(0), max);
        if direction == Direction::Backward {
            seen.reverse();
        }
        assert!(seen.is_sorted_by(|a, b| (&a.key, a.row) < (&b.key, b.row)));
        let rows = seen
            .iter()
            .map(|entry| entry.row)
            .filter(|row| *row < STABLE);
        assert!(
            rows.eq(stable.iter().map(|number| number + 1)),
            "{direction:?} {max}"
        );
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().unwrap();
    }
    check(&index);
    opened.storage.close().unwrap();
}

#[test]
fn a_cursor_that_paused_goes_on_from_where_it_was() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    let insert = |number: u64| {
        index
            .insert(Xid(3), &entry(&int_key(number), number + 1), CHANGE)
            .unwrap();
    };
    (0..100).for_each(|n| insert(n * 100));
    let mut cursor = index.scan(KeyRange::all(), Direction::Forward, false);
    let mut batch = Entries::default();
    let view = all_seeing();
    assert!(
        cursor
            .next_entries(&index, &view, &mut batch, 10, Wait::Block)
            .unwrap()
    );
    assert_eq!(batch.len(), 10);
    assert!(
        batch
            .as_slice()
            .iter()
            .all(|entry| batch.key(entry).is_empty())
    );
    // The leaf splits several times, what would come next goes, something new comes.
    (1000..4000).filter(|n| n % 100 != 0).for_each(insert);
    assert!(index.remove(&int_key(1000), RowId(1001)).unwrap());
    batch.clear();
    cursor
        .next_entries(&index, &all_seeing(), &mut batch, 5, Wait::Block)
        .unwrap();
    let rows: Vec<u64> = batch.as_slice().iter().map(|entry| entry.row.0).collect();
    assert_eq!(rows, [1002, 1003, 1004, 1005, 1006]);
    // Another range, with the same buffers.
    let key = int_key(9000);
    cursor.restart(&KeyRange::new(Bound::Included(&key), Bound::Unbounded));
    batch.clear();
    assert!(
        !cursor
            .next_entries(&index, &view, &mut batch, 100, Wait::Block)
            .unwrap()
    );
    assert_eq!(batch.len(), 10);
    assert!(
        !cursor
            .next_entries(&index, &view, &mut batch, 100, Wait::Block)
            .unwrap()
    );
    assert_eq!(batch.len(), 10);
}

#[test]
fn nowait_gives_what_it_has() {
    let options = Options {
        buffer_pool_bytes: 64 * 16384,
        ..small_options()
    };
    let opened = open(&MemVfs::new(), options).unwrap();
    let index = opened.create();
    // Several times the pool.
    let long = |number: u64| {
        let mut key = int_key(number);
        key.extend(vec![1; 1500]);
        key
    };
    for number in 0..2000 {
        index
            .insert(Xid(3), &entry(&long(number), number + 1), CHANGE)
            .unwrap();
    }
    let mut cursor = index.scan(KeyRange::all(), Direction::Forward, false);
    let (mut batch, mut rows, mut blocked) = (Entries::default(), Vec::new(), 0);
    let view = all_seeing();
    loop {
        batch.clear();
        let mut goes_on = cursor.next_entries(&index, &view, &mut batch, 300, Wait::NoWait);
        if goes_on.as_ref().is_err_and(|error| error.is_would_block()) {
            blocked += 1;
            assert!(batch.is_empty());
            goes_on = cursor.next_entries(&index, &view, &mut batch, 1, Wait::Block);
        }
        rows.extend(batch.as_slice().iter().map(|entry| entry.row.0));
        if !goes_on.unwrap() {
            break;
        }
    }
    assert!(rows.into_iter().eq(1..=2000));
    assert!(blocked > 10);
}
