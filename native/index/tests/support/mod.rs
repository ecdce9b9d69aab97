//! What the tests share.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::Arc;
use std::time::Duration;

use common::vfs::Vfs;
use common::{CommandId, Lsn, PageNo, Result, RowId, Xid};
use index::{Direction, Entries, INDEX_OPS, Index, KeyRange, NewEntry};
use storage::tree::{OPS, Purpose};
use storage::{FileKind, OpTable, Options, RecoveryInfo, Storage, Wait};
use txn::{Snapshot, TxnManager, TxnOptions, UNDO_OPS, View};

pub const CHANGE: Purpose = Purpose::Change(Wait::Block);

/// A seeded generator (splitmix64).
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// Each record is replayed on a copy and compared; no threads.
pub fn small_options() -> Options {
    Options {
        buffer_pool_bytes: 512 * 16384,
        wal_segment_bytes: 256 << 10,
        wal_ring_bytes: 256 << 10,
        checkpoint_interval: Duration::from_secs(3600),
        ballast_bytes: 0,
        check_apply: true,
        no_threads: true,
        ..Options::default()
    }
}

pub struct Opened {
    pub storage: Arc<Storage>,
    pub txns: Arc<TxnManager>,
    pub info: RecoveryInfo,
}

pub fn open(vfs: &(impl Vfs + Clone + 'static), options: Options) -> Result<Opened> {
    let txns = TxnManager::new(TxnOptions::default());
    let ops = OpTable::new()
        .register(OPS)
        .register(UNDO_OPS)
        .register(INDEX_OPS);
    let hooks = txns.clone();
    let (storage, info) = Storage::open(Arc::new(vfs.clone()), options, ops, hooks)?;
    txns.start(&storage, &info)?;
    Ok(Opened {
        storage,
        txns,
        info,
    })
}

impl Opened {
    pub fn create(&self) -> Index {
        let (storage, txns) = (&self.storage, &self.txns);
        Index::create(storage, txns, Xid(0), FileKind::Data, "t_a_idx").expect("room for a file")
    }
}

/// Sees every transaction below `xmin`, none other.
pub fn view(xmin: u64) -> View {
    View {
        snapshot: Arc::new(Snapshot {
            xmin: Xid(xmin),
            xmax: Xid(xmin),
            active: Box::new([]),
            publish_no: 0,
            lsn: Lsn(0),
        }),
        own: Xid(0),
        command: CommandId(0),
    }
}

/// Sees everything: marks are the truth.
pub fn all_seeing() -> View {
    view(u64::MAX)
}

pub fn entry(key: &[u8], row: u64) -> NewEntry<'_> {
    NewEntry::new(key, RowId(row), Some(PageNo(row as u32 % 1000 + 1)))
}

/// Bytes without zeros, then one: prefix-free.
pub fn text_key(text: &[u8]) -> Vec<u8> {
    let mut key = text.to_vec();
    key.push(0);
    key
}

pub fn int_key(value: u64) -> Vec<u8> {
    let mut key = vec![1];
    key.extend_from_slice(&value.to_be_bytes());
    key
}

/// An entry as a scan gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub key: Vec<u8>,
    pub row: u64,
    pub value: Option<Vec<u8>>,
}

/// Everything of a range, in batches of `max`.
pub fn collect(
    index: &Index,
    range: KeyRange,
    direction: Direction,
    view: &View,
    max: usize,
) -> Vec<Seen> {
    let mut cursor = index.scan(range, direction, true);
    let (mut seen, mut batch) = (Vec::new(), Entries::default());
    loop {
        batch.clear();
        let goes_on = cursor
            .next_entries(index, view, &mut batch, max, Wait::Block)
            .expect("a good index");
        assert!(batch.len() <= max);
        for entry in batch.as_slice() {
            seen.push(Seen {
                key: batch.key(entry).to_vec(),
                row: entry.row.0,
                value: batch.value(entry).map(<[u8]>::to_vec),
            });
        }
        if !goes_on {
            return seen;
        }
    }
}

pub fn all(index: &Index) -> Vec<Seen> {
    collect(index, KeyRange::all(), Direction::Forward, &view(0), 100)
}

pub fn check(index: &Index) {
    assert_eq!(index.verify().expect("readable"), Vec::<String>::new());
}
