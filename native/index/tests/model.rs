//! An index against a sorted map.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use common::{PageNo, RowId, Xid};
use index::{Direction, Hits, Index, KeyRange};
use storage::Wait;
use storage::vfs_mem::MemVfs;
use support::*;

type Model = BTreeMap<(Vec<u8>, u64), (bool, Option<Vec<u8>>)>;

/// Kinds of keys that leaves are laid out differently for.
#[derive(Clone, Copy, Debug)]
enum Keys {
    Ints,
    Few,
    Short,
    Shared,
    Long,
}

impl Keys {
    const ALL: [Self; 5] = [Self::Ints, Self::Few, Self::Short, Self::Shared, Self::Long];

    fn make(self, rng: &mut Rng) -> Vec<u8> {
        let mut text = |len: u64, letters: u64| {
            let bytes = (0..len).map(|_| b'a' + rng.below(letters) as u8);
            bytes.collect::<Vec<_>>()
        };
        match self {
            Self::Ints => int_key(rng.below(20_000)),
            Self::Few => int_key(rng.below(3)),
            Self::Short => {
                let len = text(1, 12)[0] - b'a';
                text_key(&text(len.into(), 3))
            }
            Self::Shared => {
                let mut key = vec![b'x'; 500];
                key.extend(text(6, 8));
                text_key(&key)
            }
            Self::Long => {
                let len = 2690 - 200 * u64::from(text(1, 14)[0] - b'a');
                let mut key = text(3, 4);
                key.extend(vec![b'k'; len as usize - 6]);
                key.extend(text(3, 4));
                text_key(&key)
            }
        }
    }
}

struct Run {
    index: Arc<Index>,
    model: Model,
    rng: Rng,
    keys: Keys,
    rows: std::ops::Range<u64>,
}

impl Run {
    fn pick(&mut self) -> (Vec<u8>, u64) {
        let key = self.keys.make(&mut self.rng);
        let row = self.rows.start + self.rng.below(self.rows.end - self.rows.start);
        // Often one that is there.
        if self.rng.below(3) > 0
            && let Some(((key, row), _)) = self.model.range((key.clone(), row)..).next()
        {
            return (key.clone(), *row);
        }
        (key, row)
    }

    fn change(&mut self, removals: u64) {
        let (key, row) = self.pick();
        let place = (key.clone(), row);
        let xid = Xid(10 + self.rng.below(5));
        let there = self.model.get(&place).cloned();
        match self.rng.below(10) {
            0 => {
                let found = self.index.mark(xid, &key, RowId(row), CHANGE).unwrap();
                assert_eq!(found, there.is_some());
                self.model.entry(place).and_modify(|state| state.0 = true);
            }
            1 => {
                let found = self.index.unmark(xid, &key, RowId(row), CHANGE).unwrap();
                assert_eq!(found, there.is_some());
                self.model.entry(place).and_modify(|state| state.0 = false);
            }
            2 => {
                let guess = PageNo(self.rng.below(99) as u32 + 1);
                let set = self.index.set_guess(&key, RowId(row), guess, Wait::Block);
                assert_eq!(set.unwrap(), there.is_some());
            }
            n if n < 3 + removals => {
                let found = self.index.remove(&key, RowId(row)).unwrap();
                assert_eq!(found, there.is_some());
                self.model.remove(&place);
            }
            _ => {
                let value = (self.rng.below(4) == 0 && key.len() < 2000)
                    .then(|| vec![7; self.rng.below(40) as usize]);
                let mut new = entry(&key, row);
                new.value = value.as_deref();
                let changed = self.index.insert(xid, &new, CHANGE).unwrap();
                let state = (false, value);
                assert_eq!(changed, there.as_ref() != Some(&state));
                self.model.insert(place, state);
            }
        }
    }

    fn seen_in_model(
        &self,
        range: &(Bound<Vec<u8>>, Bound<Vec<u8>>),
        with_marked: bool,
    ) -> Vec<Seen> {
        let is_inside = |key: &[u8]| {
            let lower = match &range.0 {
                Bound::Unbounded => true,
                Bound::Included(from) => key >= from.as_slice(),
                Bound::Excluded(from) => key > from.as_slice() && !key.starts_with(from),
            };
            let upper = match &range.1 {
                Bound::Unbounded => true,
                Bound::Included(to) => key <= to.as_slice() || key.starts_with(to),
                Bound::Excluded(to) => key < to.as_slice(),
            };
            lower && upper
        };
        let entries = self
            .model
            .iter()
            .filter(|((key, _), (is_marked, _))| is_inside(key) && (with_marked || !is_marked));
        let seen = entries.map(|((key, row), (_, value))| Seen {
            key: key.clone(),
            row: *row,
            value: value.clone(),
        });
        seen.collect()
    }

    fn bound(&mut self) -> Bound<Vec<u8>> {
        let (mut key, _) = self.pick();
        if self.rng.below(4) == 0 {
            key.truncate(1 + self.rng.below(key.len() as u64) as usize);
        }
        match self.rng.below(5) {
            0 => Bound::Unbounded,
            1 | 2 => Bound::Included(key),
            _ => Bound::Excluded(key),
        }
    }

    fn check_ranges(&mut self) {
        for _ in 0..4 {
            let bounds = (self.bound(), self.bound());
            let slice = |bound: &Bound<Vec<u8>>| bound.clone();
            let (lower, upper) = (slice(&bounds.0), slice(&bounds.1));
            let range = KeyRange::new(
                lower.as_ref().map(Vec::as_slice),
                upper.as_ref().map(Vec::as_slice),
            );
            let max = 1 + self.rng.below(50) as usize;
            for (view, with_marked) in [(all_seeing(), false), (view(0), true)] {
                let wanted = self.seen_in_model(&bounds, with_marked);
                for direction in [Direction::Forward, Direction::Backward] {
                    let mut seen = collect(&self.index, range.clone(), direction, &view, max);
                    if direction == Direction::Backward {
                        seen.reverse();
                    }
                    // No unwieldy output when it fails.
                    assert!(seen == wanted, "{bounds:?} {direction:?} {:?}", self.keys);
                }
            }
        }
        let (key, _) = self.pick();
        let mut hits = Hits::new();
        self.index
            .lookup(&key, &all_seeing(), &mut hits, Wait::Block)
            .unwrap();
        let rows: Vec<u64> = hits.iter().map(|hit| hit.row.0).collect();
        let range = self.model.range((key.clone(), 0)..=(key, u64::MAX));
        let wanted: Vec<u64> = range
            .filter(|(_, s)| !s.0)
            .map(|((_, row), _)| *row)
            .collect();
        assert_eq!(rows, wanted);
    }
}

#[test]
fn an_index_is_a_sorted_map() {
    for (seed, keys) in (1u64..).zip(Keys::ALL) {
        let opened = open(&MemVfs::new(), small_options()).unwrap();
        let mut run = Run {
            index: Arc::new(opened.create()),
            model: Model::new(),
            rng: Rng(seed),
            keys,
            rows: 1..100_000,
        };
        for round in 0..12 {
            // Grows, then shrinks.
            let removals = if round < 8 { 1 } else { 6 };
            for _ in 0..400 {
                run.change(removals);
            }
            check(&run.index);
            run.check_ranges();
        }
        for (key, row) in run.model.keys() {
            assert!(run.index.remove(key, RowId(*row)).unwrap());
        }
        check(&run.index);
        assert!(all(&run.index).is_empty());
        assert!(run.index.is_empty(Wait::Block).unwrap(), "{keys:?}");
    }
}

#[test]
fn threads_change_one_index() {
    for (seed, keys) in (1u64..).zip(Keys::ALL) {
        let options = storage::Options {
            no_threads: false,
            ..small_options()
        };
        let opened = open(&MemVfs::new(), options).unwrap();
        let index = Arc::new(opened.create());
        let threads: Vec<_> = (0..4u64)
            .map(|number| {
                let mut run = Run {
                    index: Arc::clone(&index),
                    model: Model::new(),
                    rng: Rng(seed * 100 + number),
                    keys,
                    rows: number * 100_000 + 1..number * 100_000 + 50_000,
                };
                std::thread::spawn(move || {
                    for step in 0..2500 {
                        run.change(if step < 1700 { 1 } else { 6 });
                    }
                    run.model
                })
            })
            .collect();
        let mut model = Model::new();
        for thread in threads {
            model.extend(thread.join().unwrap());
        }
        check(&index);
        let run = Run {
            index,
            model,
            rng: Rng(0),
            keys,
            rows: 0..1,
        };
        let everything = (Bound::Unbounded, Bound::Unbounded);
        let wanted = run.seen_in_model(&everything, true);
        assert!(all(&run.index) == wanted, "{keys:?}");
        opened.storage.close().unwrap();
    }
}

#[test]
fn keys_that_are_too_long_are_refused() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    let longest = vec![b'a'; index::ENTRY_BYTES_MAX - 6];
    assert!(index.insert(Xid(5), &entry(&longest, 1), CHANGE).unwrap());
    let longer = vec![b'b'; index::ENTRY_BYTES_MAX - 5];
    let error = index
        .insert(Xid(5), &entry(&longer, 2), CHANGE)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "54000: index row size 2712 exceeds btree version 4 maximum 2704 for index \"t_a_idx\""
    );
    let mut beside = entry(b"short", 3);
    let value = vec![0; 2704];
    beside.value = Some(&value);
    assert!(index.insert(Xid(5), &beside, CHANGE).is_err());
    assert_eq!(all(&index).len(), 1);
}

#[test]
fn marks_are_the_truth_only_for_whom_sees_all_changes() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    for row in 1..=3 {
        index.insert(Xid(10), &entry(b"k", row), CHANGE).unwrap();
    }
    index.mark(Xid(20), b"k", RowId(2), CHANGE).unwrap();
    let mut hits = Hits::new();
    for (xmin, rows) in [(20, vec![1, 2, 3]), (21, vec![1, 3])] {
        index
            .lookup(b"k", &view(xmin), &mut hits, Wait::Block)
            .unwrap();
        assert_eq!(hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>(), rows);
        assert!(hits.iter().all(|hit| hit.needs_row_check == (xmin == 20)));
    }
    // Removing is nobody's change.
    assert!(index.remove(b"k", RowId(2)).unwrap());
    index
        .lookup(b"k", &view(21), &mut hits, Wait::Block)
        .unwrap();
    assert!(hits.iter().all(|hit| !hit.needs_row_check));
    index.unmark(Xid(30), b"k", RowId(1), CHANGE).unwrap();
    index
        .lookup(b"k", &view(21), &mut hits, Wait::Block)
        .unwrap();
    assert!(
        hits.iter().all(|hit| !hit.needs_row_check),
        "nothing changed"
    );
}

/// What a writer has taken up again meanwhile is not purge's to take out.
#[test]
fn purge_removes_marked_entries_only() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    index.insert(Xid(10), &entry(b"k", 1), CHANGE).unwrap();
    assert!(!index.remove_marked(b"k", RowId(1)).unwrap());
    assert_eq!(all(&index).len(), 1);
    index.mark(Xid(20), b"k", RowId(1), CHANGE).unwrap();
    assert!(index.remove_marked(b"k", RowId(1)).unwrap());
    assert!(!index.remove_marked(b"k", RowId(1)).unwrap());
    assert_eq!(all(&index).len(), 0);
}

#[test]
fn statistics_are_near() {
    let opened = open(&MemVfs::new(), small_options()).unwrap();
    let index = opened.create();
    assert!(index.is_empty(Wait::Block).unwrap());
    for row in 0..20_000 {
        index
            .insert(Xid(3), &entry(&int_key(row), row), CHANGE)
            .unwrap();
    }
    let statistics = index.statistics(Wait::Block).unwrap();
    assert!((19..=22).contains(&statistics.leaf_pages), "{statistics:?}");
    assert!(
        (statistics.entries - 20_000.0).abs() < 2000.0,
        "{statistics:?}"
    );
    assert_eq!((statistics.height, statistics.key_bytes_mean), (1, 9.0));
    check(&index);
}
