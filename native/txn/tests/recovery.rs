//! Crashes: losers, their rollback, what was committed; a random history against a model.

#![allow(clippy::unwrap_used, reason = "tests")]

mod toy;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use proptest::prelude::*;
use toy::*;
use txn::*;

fn commit_rows(db: &Db, rows: std::ops::Range<u64>, value: i64) {
    let mut txn = db.begin();
    for row in rows {
        db.table.write(&mut txn, row, value, 50);
    }
    db.commit(&mut txn);
}

#[test]
fn a_loser_is_looked_through_until_it_is_rolled_back() {
    for has_checkpoint in [false, true] {
        let db = Db::new();
        commit_rows(&db, 0..100, 1);
        let mut txn = db.begin();
        for row in 50..150 {
            db.table.write(&mut txn, row, 2, 300);
        }
        if has_checkpoint {
            db.table.storage.checkpoint().unwrap();
        }
        for row in 0..50 {
            db.table.write(&mut txn, row, 2, 0);
        }
        let xid = txn.xid();
        // The next commit takes the loser's records to the disk.
        commit_rows(&db, 200..201, 1);
        let db = db.crash();
        assert!(db.manager().is_active(xid));
        assert_eq!(db.manager().loser_count(), 1);
        assert_eq!(db.table.row(60).value, 2);
        assert_eq!(db.read(60), 1);
        assert_eq!(db.read(120), 0);
        db.roll_back_losers();
        assert!(!db.manager().is_active(xid));
        for row in 0..150 {
            assert_eq!(db.table.row(row).value, i64::from(row < 100), "row {row}");
        }
        // New transactions have new numbers, and undo goes on where it was.
        commit_rows(&db, 0..10, 3);
        assert!(db.table.row(0).xid > xid);
        let db = db.crash();
        assert_eq!(db.manager().loser_count(), 0);
        assert_eq!((db.read(0), db.read(10)), (3, 1));
    }
}

#[test]
fn waiters_wait_for_a_loser() {
    let db = Db::new();
    let mut txn = db.begin();
    db.table.write(&mut txn, 1, 2, 0);
    let writer = RowWriter {
        xid: txn.xid(),
        mode: RowLockMode::NoKeyUpdate,
    };
    commit_rows(&db, 200..201, 1);
    let db = db.crash();
    let mut waiter = db.begin();
    let pid = waiter.backend().pid();
    let manager = db.manager().clone();
    let thread = std::thread::spawn(move || {
        let request = RowRequest {
            table: TABLE,
            row: common::RowId(1),
            mode: RowLockMode::Update,
            writer: Some(writer),
        };
        let outcome = manager
            .locks()
            .lock_row(&mut waiter, request, LockWait::Block);
        manager.rollback(&mut waiter).unwrap();
        outcome
    });
    while db.manager().locks().blocking_pids(pid).is_empty() {
        std::thread::yield_now();
    }
    db.roll_back_losers();
    assert_eq!(thread.join().unwrap().unwrap(), LockOutcome::Granted);
}

#[test]
fn a_crash_in_the_middle_of_a_rollback() {
    for budget in [0, 1, 17, 149] {
        let db = Db::new();
        commit_rows(&db, 0..100, 1);
        let mut txn = db.begin();
        for row in 0..150 {
            db.table.write(&mut txn, row, 2, 300);
        }
        commit_rows(&db, 200..201, 1);
        let db = db.crash();
        db.table.undo_budget.store(budget, Ordering::Relaxed);
        assert!(db.manager().roll_back_next_loser().is_err());
        // What was taken back so far is on the disk, and rows are changed again meanwhile.
        commit_rows(&db, 201..202, 1);
        let db = db.crash();
        assert_eq!(db.manager().loser_count(), 1);
        db.roll_back_losers();
        // Flagged records were passed over.
        let again = db.table.undone.load(Ordering::Relaxed);
        assert_eq!(again, 150 - budget);
        for row in 0..150 {
            assert_eq!(db.table.row(row).value, i64::from(row < 100), "row {row}");
        }
    }
}

#[test]
fn purge_goes_on_after_a_crash() {
    let db = Db::new();
    let held = db.manager().snapshot();
    for value in 0..50 {
        commit_rows(&db, 0..3, value);
    }
    let mut aborted = db.begin();
    db.table.write(&mut aborted, 5, 9, 0);
    db.manager().rollback(&mut aborted).unwrap();
    commit_rows(&db, 7..8, 1);
    drop(held);
    let db = db.crash();
    while db.manager().purge(10).unwrap().has_more {}
    // All but what was rolled back.
    assert_eq!(db.table.purged.lock().unwrap().len(), 151);
    assert!(db.manager().undo().pages() < 3);
    db.table.storage.checkpoint().unwrap();
    let db = db.crash();
    while db.manager().purge(10).unwrap().has_more {}
    assert_eq!(db.table.purged.lock().unwrap().len(), 0);
    assert_eq!(db.read(0), 49);
}

#[test]
fn a_clean_close_leaves_nothing_to_do() {
    let db = Db::new();
    commit_rows(&db, 0..10, 4);
    db.manager().start_background().unwrap();
    db.manager().stop_background();
    db.table.storage.close().unwrap();
    let db = Db::open(db.vfs.clone());
    assert_eq!(db.manager().loser_count(), 0);
    assert_eq!(db.read(9), 4);
}

#[test]
fn the_background_rolls_losers_back_and_purges() {
    let db = Db::new();
    let mut txn = db.begin();
    db.table.write(&mut txn, 1, 2, 0);
    let xid = txn.xid();
    commit_rows(&db, 5..6, 1);
    let db = db.crash();
    db.manager().start_background().unwrap();
    while db.manager().is_active(xid) || db.manager().purge_statistics().waiting > 0 {
        std::thread::yield_now();
    }
    db.manager().stop_background();
    assert_eq!(db.table.row(1).value, 0);
    assert_eq!(db.table.purged.lock().unwrap().len(), 1);
}

/// A step of a random history. Sessions are 0 to 2 and write rows of their own remainder.
#[derive(Clone, Debug)]
enum Step {
    Write(usize, u64, i64, usize),
    Drop(usize, u64),
    Savepoint(usize),
    RollbackTo(usize),
    Commit(usize),
    Rollback(usize),
    Purge,
    Checkpoint,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0..3usize;
    let padding = prop_oneof![4 => 0..200usize, 1 => 15_000..16_200usize];
    prop_oneof![
        12 => (session.clone(), 0..40u64, any::<i64>(), padding)
            .prop_map(|(s, r, v, p)| Step::Write(s, r, v, p)),
        1 => (session.clone(), 0..40u64).prop_map(|(s, r)| Step::Drop(s, r)),
        2 => session.clone().prop_map(Step::Savepoint),
        2 => session.clone().prop_map(Step::RollbackTo),
        2 => session.clone().prop_map(Step::Commit),
        1 => session.prop_map(Step::Rollback),
        1 => Just(Step::Purge),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Crash),
    ]
}

type Values = BTreeMap<u64, i64>;

/// One session's transaction and what it should see.
struct Running {
    txn: Transaction,
    own: Values,
    saved: Vec<Values>,
}

fn check(db: &Db, committed: &Values) {
    for row in 0..120 {
        let expected = committed.get(&row).copied().unwrap_or(0);
        assert_eq!(db.read(row), expected, "row {row}");
    }
}

fn run(steps: Vec<Step>) {
    let mut db = Db::new();
    let mut committed = Values::new();
    let mut running: [Option<Running>; 3] = [None, None, None];
    for step in steps {
        let place = |s: usize, row: u64| row * 3 + s as u64;
        match step {
            Step::Write(s, row, value, padding) => {
                let r = running[s].get_or_insert_with(|| Running {
                    txn: db.begin(),
                    own: Values::new(),
                    saved: Vec::new(),
                });
                db.table.write(&mut r.txn, place(s, row), value, padding);
                r.txn.next_command().unwrap();
                r.own.insert(place(s, row), value);
            }
            Step::Drop(s, row) => {
                if let Some(r) = &mut running[s] {
                    let mut mtr = db.table.storage.begin();
                    db.table
                        .write_in(&mut mtr, &mut r.txn, place(s, row), -1, 100);
                }
            }
            Step::Savepoint(s) => {
                if let Some(r) = &mut running[s] {
                    db.manager().savepoint(&mut r.txn, "s").unwrap();
                    r.saved.push(r.own.clone());
                }
            }
            Step::RollbackTo(s) => {
                if let Some(r) = &mut running[s]
                    && let Some(saved) = r.saved.last()
                {
                    r.own = saved.clone();
                    db.manager().rollback_to_savepoint(&mut r.txn, "s").unwrap();
                }
            }
            Step::Commit(s) => {
                if let Some(mut r) = running[s].take() {
                    db.commit(&mut r.txn);
                    committed.extend(r.own);
                }
            }
            Step::Rollback(s) => {
                if let Some(mut r) = running[s].take() {
                    db.manager().rollback(&mut r.txn).unwrap();
                }
            }
            Step::Purge => {
                db.manager().purge(5).unwrap();
            }
            Step::Checkpoint => db.table.storage.checkpoint().unwrap(),
            Step::Crash => {
                running = [None, None, None];
                db = db.crash();
                check(&db, &committed);
                db.roll_back_losers();
            }
        }
        for r in running.iter_mut().flatten() {
            db.manager().statement_snapshot(&mut r.txn);
            let view = r.txn.view().unwrap();
            for (row, value) in &r.own {
                assert_eq!(db.table.read(&view, *row), *value);
            }
            db.manager().end_statement(&mut r.txn);
        }
    }
    check(&db, &committed);
    let db = db.crash();
    db.roll_back_losers();
    check(&db, &committed);
    for row in 0..120 {
        let expected = committed.get(&row).copied().unwrap_or(0);
        assert_eq!(db.table.row(row).value, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn random_histories_keep_what_was_committed(
        steps in proptest::collection::vec(step(), 1..80)
    ) {
        run(steps);
    }
}

#[test]
fn a_checkpoint_before_the_start_forgets_no_loser() {
    let db = Db::new();
    commit_rows(&db, 0..10, 1);
    let mut txn = db.begin();
    db.table.write(&mut txn, 1, 2, 0);
    let xid = txn.xid();
    commit_rows(&db, 20..21, 1);
    let vfs = db.vfs.clone();
    db.table.storage.abandon();
    // The storage is open, and makes a checkpoint, before the transactions are taken over.
    let (_, storage, _) = Db::open_storage(&vfs);
    storage.checkpoint().unwrap();
    storage.abandon();
    let db = Db::open(vfs);
    assert!(db.manager().is_active(xid));
    assert_eq!(db.manager().statistics().losers, 1);
    assert_eq!(db.read(1), 1);
    db.roll_back_losers();
    assert_eq!(db.table.row(1).value, 1);
}
