//! How fast rows go in and out, in memory: `cargo run --release -p rustydb-table --example
//! row_speed`. One thread, medians of rounds; absolute figures belong to the machine.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use common::{RowId, Xid};
use storage::vfs_mem::MemVfs;
use storage::{Durability, FileKind, OpTable, Options, Storage, SyncMode, Wait};
use table::{ColumnLayout, Expect, Layout, Table, Tables, Which};
use txn::{BeginOptions, TxnManager, TxnOptions, UndoTarget};
use types::{Batch, DatumRef, Physical, Vector};

const ROWS: usize = 2_000_000;
const ROUNDS: usize = 7;

/// Prints the median time of a round by `count`.
fn measure(what: &str, count: usize, mut round: impl FnMut()) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let each_ns = times[ROUNDS / 2] * 1e9 / count as f64;
    println!("{what:<40} {each_ns:9.2} ns  {:9.2} M/s", 1e3 / each_ns);
}

fn main() {
    let txns = TxnManager::new(TxnOptions::default());
    let options = Options {
        buffer_pool_bytes: 512 << 20,
        sync: SyncMode::Off,
        ..Options::default()
    };
    let ops = OpTable::new()
        .register(storage::tree::OPS)
        .register(txn::UNDO_OPS);
    let hooks = Arc::clone(&txns) as Arc<dyn storage::Hooks>;
    let vfs = Arc::new(MemVfs::new());
    let (storage, info) = Storage::open(vfs, options, table::register_ops(ops), hooks)
        .expect("an empty directory opens");
    txns.start(&storage, &info).expect("starts");
    let tables = Tables::new(Box::new(|_| Ok(None)));
    let target = Arc::clone(&tables) as Arc<dyn UndoTarget>;
    txns.set_target(&target);
    let classes = [Physical::I32, Physical::I32, Physical::I64];
    let layout = Layout::new(1, classes.map(ColumnLayout::new).to_vec());
    let table = Table::create(&storage, &txns, Xid(0), FileKind::Data, layout.clone());
    let table = Arc::new(table.expect("a table"));
    tables.add(&table);
    let backend = txns.connect(1).expect("room");
    let begin = || {
        txns.begin(&backend, BeginOptions::default())
            .expect("begins")
    };
    let commit = |txn: &mut txn::Transaction| {
        let ticket = txns
            .commit(txn, Durability::FullWaiting, &[], &[])
            .expect("commits");
        if let Some(ticket) = ticket {
            storage.wait(ticket).expect("published")
        }
    };

    let mut columns = classes.map(Vector::new);
    for row in 0..1024i32 {
        columns[0].push(DatumRef::I32(row));
        columns[1].push(DatumRef::I32(row * 7));
        columns[2].push(DatumRef::I64(i64::from(row) * 11));
    }
    let start = Instant::now();
    let mut txn = begin();
    for _ in 0..ROWS / 1024 {
        table
            .insert_many(&mut txn, &columns, 0..1024, &mut Vec::new(), Wait::Block)
            .expect("inserts");
    }
    commit(&mut txn);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:<40} {:9.2} ns",
        "insert_many of 1024",
        seconds * 1e9 / ROWS as f64
    );

    // A later commit, so that the snapshot's xmin lies above the rows.
    let mut txn = begin();
    let row = [DatumRef::I32(1), DatumRef::I32(2), DatumRef::I64(3)];
    table.insert(&mut txn, &row, Wait::Block).expect("inserts");
    commit(&mut txn);
    let mut reader = begin();
    txns.statement_snapshot(&mut reader);
    let view = reader.view().expect("a snapshot");
    let end = RowId(u64::MAX);
    let scan = |columns: &[u16]| {
        let mut scan = table.scan(view.clone(), columns, RowId(0), end, Wait::Block);
        let (mut batch, mut sum) = (Batch::default(), 0u64);
        while scan.next_batch(&mut batch, None).expect("readable") {
            sum += batch.len as u64;
            black_box(&batch);
        }
        black_box(sum);
    };
    measure("scan of two int4 columns", ROWS, || scan(&[0, 1]));
    measure("scan of three columns", ROWS, || scan(&[0, 1, 2]));
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        RowId(1 + (state >> 33) % (ROWS as u64 - 1))
    };
    let mut out = [Vector::new(Physical::I32), Vector::new(Physical::I64)];
    measure("fetch of a row by id, cold guess", 200_000, || {
        for _ in 0..200_000 {
            out.iter_mut().for_each(Vector::clear);
            let which = Which::Seen(&view);
            let found = table.fetch(which, random(), &mut None, &[0, 2], &mut out, Wait::Block);
            black_box(found.expect("readable"));
        }
    });
    let mut hint = None;
    measure("fetch of a row by id, right guess", 200_000, || {
        for _ in 0..200_000 {
            out.iter_mut().for_each(Vector::clear);
            let (which, row) = (Which::Seen(&view), RowId(1000));
            let found = table.fetch(which, row, &mut hint, &[0, 2], &mut out, Wait::Block);
            black_box(found.expect("readable"));
        }
    });
    drop(reader);
    measure("insert, 100 a transaction", 100_000, || {
        for _ in 0..1000 {
            let mut txn = begin();
            for _ in 0..100 {
                table.insert(&mut txn, &row, Wait::Block).expect("inserts");
            }
            commit(&mut txn);
        }
    });
    measure("update, 100 a transaction", 100_000, || {
        for _ in 0..1000 {
            let mut txn = begin();
            for _ in 0..100 {
                let (expect, row) = (Expect::Newest, random());
                let value = [DatumRef::I32(5)];
                let wait = Wait::Block;
                let done = table.update(&mut txn, expect, row, None, &[0], &value, false, wait);
                black_box(done.expect("updates"));
            }
            commit(&mut txn);
        }
    });
    let mut reader = begin();
    txns.statement_snapshot(&mut reader);
    let dirty_view = reader.view().expect("a snapshot");
    let mut txn = begin();
    let mut written = 0;
    for row in (1..ROWS as u64 / 10).step_by(10) {
        let (expect, value) = (Expect::Newest, [DatumRef::I32(5)]);
        let (wait, row) = (Wait::Block, RowId(row));
        let done = table.update(&mut txn, expect, row, None, &[0], &value, false, wait);
        written += usize::from(matches!(
            done.expect("updates"),
            table::WriteOutcome::Done(_)
        ));
    }
    measure("scan, one of ten rows changed meanwhile", ROWS / 10, || {
        let to = RowId(ROWS as u64 / 10);
        let mut scan = table.scan(dirty_view.clone(), &[0, 1], RowId(0), to, Wait::Block);
        let mut batch = Batch::default();
        while scan.next_batch(&mut batch, None).expect("readable") {
            black_box(&batch);
        }
    });
    println!("{written} rows written");
    txns.rollback(&mut txn).expect("rolls back");
    storage.close().expect("closes");
}
