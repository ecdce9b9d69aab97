//! Bulk builds.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use common::{RowId, Xid};
use index::{Direction, FILLFACTOR_DEFAULT, Hits, KeyRange, NewEntry};
use storage::Wait;
use storage::vfs_mem::MemVfs;
use support::*;

fn keys(kind: u64, count: u64) -> Vec<(Vec<u8>, u64)> {
    let mut rng = Rng(kind);
    let mut keys: Vec<_> = (1..=count)
        .map(|row| match kind {
            0 => (int_key(row), row),
            1 => (int_key(rng.below(3)), row),
            2 => {
                let mut text = vec![b'x'; 700];
                text.extend((0..4).map(|_| b'a' + rng.below(20) as u8));
                (text_key(&text), row)
            }
            _ => {
                let len = 3 + rng.below(2600) as usize;
                let text: Vec<u8> = (0..len).map(|_| b'a' + rng.below(4) as u8).collect();
                (text_key(&text), row)
            }
        })
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_built_index_has_what_it_was_built_from() {
    for (kind, count) in [
        (0, 30_000),
        (1, 30_000),
        (2, 5000),
        (3, 3000),
        (0, 0),
        (0, 1),
    ] {
        for fillfactor in [FILLFACTOR_DEFAULT, 100, 30] {
            let opened = open(&MemVfs::new(), small_options()).unwrap();
            let index = opened.create();
            let keys = keys(kind, count);
            let value = [5; 3];
            let entries = keys.iter().map(|(key, row)| {
                Ok(NewEntry {
                    value: (row % 3 == 0).then_some(&value[..]),
                    ..entry(key, *row)
                })
            });
            let built = index
                .build_from_sorted(Xid(50), fillfactor, entries)
                .unwrap();
            assert_eq!(built, count);
            check(&index);
            let seen = collect(&index, KeyRange::all(), Direction::Forward, &view(51), 999);
            let wanted = keys.iter().map(|(key, row)| Seen {
                key: key.clone(),
                row: *row,
                value: (row % 3 == 0).then(|| value.to_vec()),
            });
            assert!(seen.into_iter().eq(wanted), "{kind} {fillfactor}");
            // It lives on.
            for (key, row) in keys.iter().step_by(3) {
                assert!(index.remove(key, RowId(*row)).unwrap());
                index
                    .insert(Xid(60), &entry(key, row + 1_000_000), CHANGE)
                    .unwrap();
            }
            check(&index);
            assert_eq!(all(&index).len() as u64, count);
        }
    }
}

#[test]
fn leaves_are_as_full_as_asked_for_and_carry_the_builder() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let mut leaf_pages = Vec::new();
    for fillfactor in [100, 50] {
        let index = opened.create();
        let mut builder = index.bulk(Xid(50), fillfactor).unwrap();
        for row in 1..=40_000 {
            builder.push(&entry(&int_key(row), row)).unwrap();
        }
        builder.finish().unwrap();
        leaf_pages.push(index.statistics(Wait::Block).unwrap().leaf_pages);
        let mut hits = Hits::new();
        for (xmin, needs_row_check) in [(50, true), (51, false)] {
            index
                .lookup(&int_key(777), &view(xmin), &mut hits, Wait::Block)
                .unwrap();
            assert_eq!((hits.len(), hits[0].row), (1, RowId(777)));
            assert_eq!(hits[0].needs_row_check, needs_row_check);
        }
        assert!(index.bulk(Xid(51), 90).is_err(), "it is not empty any more");
    }
    assert!(leaf_pages[0] <= 40 && leaf_pages[1].abs_diff(2 * leaf_pages[0]) <= 3);
}

#[test]
fn entries_out_of_order_are_refused() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    let mut builder = index.bulk(Xid(50), 90).unwrap();
    builder.push(&entry(b"b", 2)).unwrap();
    assert!(builder.push(&entry(b"b", 2)).is_err());
    assert!(builder.push(&entry(b"a", 3)).is_err());
    builder.push(&entry(b"b", 3)).unwrap();
}
