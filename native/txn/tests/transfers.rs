//! Threads that move amounts between rows, in random order, with the full protocol of row locks:
//! the sum that any snapshot sees never changes, whatever deadlocks, rolls back or is purged.

#![allow(clippy::unwrap_used, reason = "tests")]

mod toy;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{Error, Result, RowId};
use storage::Durability;
use toy::*;
use txn::*;

const ACCOUNTS: u64 = 6;
const START: i64 = 1000;
const TRANSFERS: u64 = 300;

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Adds to a row as a writer does: locks only when somebody is in the way.
fn add(db: &Db, txn: &mut Transaction, row: u64, amount: i64) -> Result<()> {
    let (table, manager) = (&db.table, db.manager());
    manager.assign_xid(txn)?;
    loop {
        let mut mtr = table.storage.begin();
        let now = table.row_in(&mut mtr, row);
        let other = now.xid != txn.xid() && manager.is_active(now.xid);
        let locks = manager.locks();
        let mode = RowLockMode::NoKeyUpdate;
        let is_blocked = locks.has_row_locks(TABLE, RowId(row))
            && locks.is_row_blocked(txn, TABLE, RowId(row), mode);
        if !other && !is_blocked {
            table.write_in(&mut mtr, txn, row, now.value + amount, 200);
            manager.apply(mtr, txn)?;
            return Ok(());
        }
        drop(mtr);
        let request = RowRequest {
            table: TABLE,
            row: RowId(row),
            mode,
            writer: Some(RowWriter { xid: now.xid, mode }),
        };
        locks.lock_row(txn, request, LockWait::Block)?;
    }
}

fn transfer(db: &Db, backend: &Arc<Backend>, seed: &mut u64) -> Result<()> {
    let manager = db.manager();
    let mut txn = manager.begin(backend, BeginOptions::default())?;
    let (from, to) = (random(seed) % ACCOUNTS, random(seed) % ACCOUNTS);
    let amount = (random(seed) % 10) as i64;
    let mut result = add(db, &mut txn, from, -amount);
    if result.is_ok() && random(seed).is_multiple_of(4) {
        // A side step that is taken back.
        manager.savepoint(&mut txn, "s")?;
        result = add(db, &mut txn, random(seed) % ACCOUNTS, 77);
        manager.rollback_to_savepoint(&mut txn, "s")?;
    }
    if result.is_ok() {
        result = add(db, &mut txn, to, amount);
    }
    if result.is_err() || random(seed).is_multiple_of(10) {
        manager.rollback(&mut txn)?;
        return result;
    }
    let ticket = manager.commit(&mut txn, Durability::FullWaiting, &[], &[])?;
    db.table
        .storage
        .wait(ticket.ok_or_else(|| Error::internal("no ticket"))?)
}

#[test]
fn the_sum_stays() {
    let db = Arc::new(Db::new());
    let mut txn = db.begin();
    for row in 0..ACCOUNTS {
        db.table.write(&mut txn, row, START, 0);
    }
    db.commit(&mut txn);
    db.manager().start_background().unwrap();
    let is_done = Arc::new(AtomicBool::new(false));
    let deadlocks = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (1..5)
        .map(|seed| {
            let (db, deadlocks) = (db.clone(), deadlocks.clone());
            std::thread::spawn(move || {
                let mut seed = 0x9e37_79b9_7f4a_7c15 ^ seed;
                let backend = db.connect();
                for _ in 0..TRANSFERS {
                    if let Err(error) = transfer(&db, &backend, &mut seed) {
                        assert_eq!(error.state().0, *b"40P01", "{error}");
                        deadlocks.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let reader = {
        let (db, is_done) = (db.clone(), is_done.clone());
        std::thread::spawn(move || {
            let mut looks = 0u64;
            while !is_done.load(Ordering::Relaxed) || looks < 10 {
                let mut txn = db.begin();
                db.manager().statement_snapshot(&mut txn);
                let view = txn.view().unwrap();
                let sum: i64 = (0..ACCOUNTS).map(|row| db.table.read(&view, row)).sum();
                assert_eq!(sum, ACCOUNTS as i64 * START);
                db.manager().rollback(&mut txn).unwrap();
                db.manager().disconnect(txn.backend());
                looks += 1;
            }
        })
    };
    for writer in writers {
        writer.join().unwrap();
    }
    is_done.store(true, Ordering::Relaxed);
    reader.join().unwrap();
    db.manager().stop_background();
    let statistics = db.manager().locks().statistics();
    assert_eq!(statistics.used, 0);
    assert!(statistics.deadlocks >= deadlocks.load(Ordering::Relaxed));
    let sum: i64 = (0..ACCOUNTS).map(|row| db.table.row(row).value).sum();
    assert_eq!(sum, ACCOUNTS as i64 * START);
}
