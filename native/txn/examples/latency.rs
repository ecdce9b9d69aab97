//! Nanoseconds of the short paths: `cargo run --release -p rustydb-txn --example latency`.

use std::hint::black_box;
use std::sync::Arc;

use common::rt::monotonic_ns;
use common::{ObjectId, RowId};
use txn::{BeginOptions, LockMode, LockWait, TxnManager, TxnOptions};

fn measure(name: &str, mut body: impl FnMut(u64)) {
    const ROUNDS: u64 = 2_000_000;
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
}
