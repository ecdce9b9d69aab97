//! How long lookups, insertions and scans take when all pages are in the pool. In memory, one
//! thread, CPU time. Argument: millions of entries (default 9: some 10,000 leaves).

use std::hint::black_box;
use std::sync::Arc;

use common::{CommandId, PageNo, Result, RowId, Xid};
use index::{Cursor, Direction, Entries, Hits, INDEX_OPS, Index, KeyRange, NewEntry};
use storage::tree::Purpose;
use storage::vfs_mem::MemVfs;
use storage::{FileKind, OpTable, Options, Storage, SyncMode, Wait};
use txn::{TxnManager, TxnOptions, UNDO_OPS, View};

const CHANGE: Purpose = Purpose::Change(Wait::Block);

fn key(value: u64) -> [u8; 9] {
    let mut key = [1; 9];
    key[1..].copy_from_slice(&value.to_be_bytes());
    key
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Time of this thread on a CPU, so that others on the machine matter less.
struct Instant(u64);

impl Instant {
    fn now() -> Self {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the pointer is to a live timespec.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        Self(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
    }
}

fn report(what: &str, start: Instant, count: u64) {
    let ns = (Instant::now().0 - start.0) as f64 / count as f64;
    println!("{what:<44} {ns:>9.1} ns each");
}

fn main() -> Result<()> {
    let millions: u64 = std::env::args()
        .nth(1)
        .map_or(9, |arg| arg.parse().unwrap_or(9));
    let count = millions * 1_000_000;
    let options = Options {
        buffer_pool_bytes: (count * 60).max(64 << 20),
        sync: SyncMode::Off,
        ballast_bytes: 0,
        ..Options::default()
    };
    let txns = TxnManager::new(TxnOptions::default());
    let ops = OpTable::new()
        .register(storage::tree::OPS)
        .register(UNDO_OPS)
        .register(INDEX_OPS);
    let (storage, info) = Storage::open(Arc::new(MemVfs::new()), options, ops, txns.clone())?;
    txns.start(&storage, &info)?;
    let index = Index::create(&storage, &txns, Xid(0), FileKind::Data, "speed")?;
    let start = Instant::now();
    let mut builder = index.bulk(Xid(3), 90)?;
    for value in 0..count {
        builder.push(&NewEntry::new(
            &key(value * 2),
            RowId(value + 1),
            Some(PageNo(9)),
        ))?;
    }
    builder.finish()?;
    report("bulk build", start, count);
    println!("{:?}", index.statistics(Wait::Block)?);
    let snapshot = (*txns.snapshot()).clone();
    let view = View {
        snapshot: Arc::new(txn::Snapshot {
            xmin: Xid(9),
            ..snapshot
        }),
        own: Xid(0),
        command: CommandId(0),
    };
    lookups(&index, &view, count)?;
    scans(&index, &view, count)?;
    changes(&index, count)?;
    storage.close()
}

fn lookups(index: &Index, view: &View, count: u64) -> Result<()> {
    let mut hits = Hits::new();
    for (what, span) in [("all over", count), ("among 100,000", 100_000)] {
        let (mut rng, tries) = (1, 1_000_000);
        let start = Instant::now();
        for _ in 0..tries {
            let value = next(&mut rng) % span * 2;
            index.lookup(&key(value), view, &mut hits, Wait::NoWait)?;
            black_box(&hits);
        }
        report(&format!("lookup, {what}"), start, tries);
    }
    Ok(())
}

fn scans(index: &Index, view: &View, count: u64) -> Result<()> {
    let mut batch = Entries::default();
    for (what, wants_keys) in [("scan", false), ("scan with keys", true)] {
        for direction in [Direction::Forward, Direction::Backward] {
            let mut cursor = index.scan(KeyRange::all(), direction, wants_keys);
            let start = Instant::now();
            loop {
                batch.clear();
                if !cursor.next_entries(index, view, &mut batch, 1024, Wait::NoWait)? {
                    break;
                }
            }
            report(&format!("{what}, {direction:?}"), start, count);
        }
    }
    let (mut rng, tries) = (1, 300_000);
    let mut range = KeyRange::all();
    let mut cursor: Cursor = index.scan(range.clone(), Direction::Forward, false);
    let start = Instant::now();
    for _ in 0..tries {
        let from = next(&mut rng) % count * 2;
        let (lower, upper) = (key(from), key(from + 100));
        range.set(
            std::ops::Bound::Included(&lower),
            std::ops::Bound::Excluded(&upper),
        );
        cursor.restart(&range);
        batch.clear();
        cursor.next_entries(index, view, &mut batch, 1024, Wait::NoWait)?;
    }
    report("range of 50 entries", start, tries);
    Ok(())
}

fn changes(index: &Index, count: u64) -> Result<()> {
    let (mut rng, tries) = (5, 500_000);
    let start = Instant::now();
    for row in 0..tries {
        let value = next(&mut rng) % count * 2 + 1;
        let bytes = key(value);
        let new = NewEntry::new(&bytes, RowId(count + row), Some(PageNo(9)));
        index.insert(Xid(3), &new, CHANGE)?;
    }
    report("insert, all over", start, tries);
    let start = Instant::now();
    for row in 0..tries {
        let bytes = key(count * 2 + row);
        let new = NewEntry::new(&bytes, RowId(count * 2 + row), Some(PageNo(9)));
        index.insert(Xid(3), &new, CHANGE)?;
    }
    report("insert, ascending", start, tries);
    let start = Instant::now();
    for row in 0..tries {
        let bytes = key(count * 2 + row);
        index.mark(Xid(3), &bytes, RowId(count * 2 + row), CHANGE)?;
    }
    report("mark", start, tries);
    let start = Instant::now();
    for row in 0..tries {
        index.remove(&key(count * 2 + row), RowId(count * 2 + row))?;
    }
    report("remove", start, tries);
    Ok(())
}
