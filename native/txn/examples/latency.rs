//! Nanoseconds of the short paths: `cargo run --release -p rustydb-txn --example latency`.

use std::hint::black_box;
use std::sync::Arc;

use common::rt::monotonic_ns;
use common::{ObjectId, RowId};
use storage::vfs_mem::MemVfs;
use storage::{Durability, OpTable, Options, Storage, Wait};
use txn::{BeginOptions, LockMode, LockWait, TxnManager, TxnOptions, UNDO_OPS};

fn measure(name: &str, mut body: impl FnMut(u64)) {
    const ROUNDS: u64 = 200_000;
    let mut best = u64::MAX;
    for _ in 0..5 {
        let start = monotonic_ns();
        for i in 0..ROUNDS {
            body(i);
        }
        best = best.min(monotonic_ns() - start);
    }
    println!("{name}: {:.1} ns", best as f64 / ROUNDS as f64);
}

fn main() {
    let manager: Arc<TxnManager> = TxnManager::new(TxnOptions::default());
    let backend = manager.connect(1).expect("the first session");
    let begin = || {
        let txn = manager.begin(&backend, BeginOptions::default());
        txn.expect("nothing runs")
    };
    measure("begin, snapshot, end", |_| {
        let mut txn = begin();
        black_box(manager.statement_snapshot(&mut txn));
        manager.rollback(&mut txn).expect("a reader ends");
    });
    measure("begin, table lock, snapshot, end", |_| {
        let mut txn = begin();
        let locks = manager.locks();
        let mode = LockMode::AccessShare;
        let outcome = locks.lock_table(&mut txn, ObjectId(5), mode, LockWait::Block);
        outcome.expect("nobody else is here");
        black_box(manager.statement_snapshot(&mut txn));
        manager.rollback(&mut txn).expect("a reader ends");
    });
    let locks = manager.locks();
    measure("look for row locks", |i| {
        black_box(locks.has_row_locks(ObjectId(5), RowId(i)));
    });
    writers();
}

/// The same with a log in memory, and publishing at once.
fn writers() {
    let manager = TxnManager::new(TxnOptions::default());
    let ops = OpTable::new().register(UNDO_OPS);
    let vfs = Arc::new(MemVfs::new());
    let opened = Storage::open(vfs, Options::default(), ops, manager.clone());
    let (storage, info) = opened.expect("a new directory");
    manager.start(&storage, &info).expect("nothing to recover");
    let backend = manager.connect(1).expect("the first session");
    let begin = || {
        let txn = manager.begin(&backend, BeginOptions::default());
        txn.expect("nothing runs")
    };
    measure("begin, xid, commit, publish", |_| {
        let mut txn = begin();
        manager.assign_xid(&mut txn).expect("it runs");
        let ticket = manager.commit(&mut txn, Durability::Asynchronous, &[], &[]);
        black_box(ticket.expect("the log is good"));
    });
    let mut txn = begin();
    manager.assign_xid(&mut txn).expect("it runs");
    let mut last = txn::UndoAddr::NONE;
    measure("append 64 bytes of undo", |_| {
        let mut mtr = storage.begin();
        let undo = manager.undo();
        let addr = undo.append(&mut mtr, &mut txn, 1, ObjectId(5), &[7; 64]);
        last = addr.expect("there is space");
        manager.apply(mtr, &mut txn).expect("the log is good");
    });
    measure("read a record", |_| {
        let record = manager
            .undo()
            .with(last, Wait::Block, |record| Ok(record.command));
        black_box(record.expect("it is there"));
    });
}
