//! The power fails at any call: what comes back is what some beginning of the work had made, and no
//! less than was durable.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use common::{Result, RowId, Xid};
use index::Index;
use sim::{DiskImage, Fault, FaultyVfs};
use support::*;

type Model = BTreeMap<(Vec<u8>, u64), bool>;

const STEPS: u64 = 700;
/// Of no meaning to whoever recovers: something to wait for.
const UNKNOWN_MESSAGE: u8 = 127;

/// Step `n` of the work with this seed, on a model and, if given, the index.
fn step(seed: u64, n: u64, model: &mut Model, index: Option<&Index>) -> Result<()> {
    let mut rng = Rng(seed << 32 | n);
    let mut key = int_key(rng.below(200));
    key.extend(vec![b'z'; (rng.below(4) * 300) as usize]);
    let row = rng.below(20) + 1;
    let first = model.range((key.clone(), 0)..).next();
    let (old_key, old_row) = first.map_or((key.clone(), row), |((k, r), _)| (k.clone(), *r));
    let removals = if n > STEPS / 2 { 6 } else { 2 };
    match rng.below(10) {
        0 => {
            model
                .entry((old_key.clone(), old_row))
                .and_modify(|m| *m = true);
            index.map(|index| index.mark(Xid(5), &old_key, RowId(old_row), CHANGE))
        }
        what if what <= removals => {
            model.remove(&(old_key.clone(), old_row));
            index.map(|index| index.remove(&old_key, RowId(old_row)))
        }
        _ => {
            model.insert((key.clone(), row), false);
            index.map(|index| index.insert(Xid(5), &entry(&key, row), CHANGE))
        }
    }
    .transpose()?;
    Ok(())
}

fn seen(index: &Index, with_marked: bool) -> Vec<(Vec<u8>, u64)> {
    let view = if with_marked { view(0) } else { all_seeing() };
    let range = index::KeyRange::all();
    let seen = collect(index, range, index::Direction::Forward, &view, 500);
    seen.into_iter()
        .map(|entry| (entry.key, entry.row))
        .collect()
}

fn options() -> storage::Options {
    storage::Options {
        buffer_pool_bytes: 64 * 16384,
        wal_segment_bytes: 64 << 10,
        wal_ring_bytes: 64 << 10,
        ..small_options()
    }
}

fn is_state(model: &Model, everything: &[(Vec<u8>, u64)], unmarked: &[(Vec<u8>, u64)]) -> bool {
    let live = model.iter().filter(|(_, is_marked)| !**is_marked);
    model.keys().eq(everything) && live.map(|(place, _)| place).eq(unmarked)
}

#[test]
fn a_crash_leaves_a_beginning_of_the_work() {
    let mut cut_short = 0;
    for seed in 0..60 {
        let mut rng = Rng(seed);
        let vfs = FaultyVfs::new(DiskImage::default(), Vec::new());
        let opened = open(&vfs, options()).unwrap();
        let index = opened.create();
        let file = index.file();
        opened.storage.checkpoint().unwrap();
        let at_call = vfs.calls() + 1 + rng.below(150);
        vfs.set_faults(vec![Fault::PowerCut { at_call }]);
        let (mut model, mut durable) = (Model::new(), 0);
        let work = AssertUnwindSafe(|| -> Result<()> {
            for n in 0..STEPS {
                step(seed, n, &mut model, Some(&index))?;
                if n % 20 == 0 {
                    let last = opened.storage.log_message(Xid(0), UNKNOWN_MESSAGE, b"")?;
                    opened.storage.flush(last)?;
                    durable = n + 1;
                }
                if n % 150 == 149 {
                    opened.storage.checkpoint()?;
                }
            }
            Ok(())
        });
        // An index page may be half changed when the log fails: the engine is broken then.
        let outcome = std::panic::catch_unwind(work);
        cut_short += u32::from(!matches!(outcome, Ok(Ok(()))));
        opened.storage.abandon();
        let mut rng = sim::Rng::new(seed);
        let disk = vfs.crash(&mut rng);
        let vfs = FaultyVfs::new(disk, Vec::new());
        let opened = open(&vfs, options()).unwrap();
        let index = Index::open(&opened.storage, &opened.txns, file, "t_a_idx");
        check(&index);
        let (everything, unmarked) = (seen(&index, true), seen(&index, false));
        let mut model = Model::new();
        let mut n = 0;
        while n < durable || !is_state(&model, &everything, &unmarked) {
            assert!(
                n < STEPS,
                "seed {seed}: no state from {durable} on is what came back"
            );
            step(seed, n, &mut model, None).unwrap();
            n += 1;
        }
        // And it works.
        for n in n..STEPS {
            step(seed, n, &mut model, Some(&index)).unwrap();
        }
        check(&index);
        assert!(is_state(&model, &seen(&index, true), &seen(&index, false)));
        opened.storage.close().unwrap();
    }
    assert!(cut_short > 20, "{cut_short} of 60 runs met the power cut");
}
