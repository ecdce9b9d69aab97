//! Undo, commit, rollback and purge over a real storage.

#![allow(clippy::unwrap_used, reason = "tests")]

mod toy;

use common::{CommandId, Xid};
use storage::Wait;
use toy::*;
use txn::*;

#[test]
fn records_are_read_back_and_linked() {
    let db = Db::new();
    let mut txn = db.begin();
    let mut addrs = Vec::new();
    for i in 0..200 {
        // Some need a page of their own.
        let padding = if i % 50 == 0 { 16_000 } else { 100 };
        addrs.push(db.table.write(&mut txn, i, i as i64 + 1, padding));
        txn.next_command().unwrap();
    }
    let mut prev = UndoAddr::NONE;
    for (i, addr) in addrs.iter().enumerate() {
        let record = db.manager().undo().read(*addr, Wait::Block).unwrap();
        assert_eq!(record.prev, prev);
        assert_eq!((record.xid, record.table), (txn.xid(), TABLE));
        assert_eq!(record.command, CommandId(i as u32));
        assert_eq!(record.body[0] as usize, i % 256);
        assert!(!record.is_done);
        prev = *addr;
    }
    assert!(addrs.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(db.manager().undo().pages() > 4);
    db.commit(&mut txn);
}

#[test]
fn a_commit_is_seen_when_it_is_published() {
    let db = Db::new();
    let before = db.manager().snapshot();
    let mut txn = db.begin();
    db.table.write(&mut txn, 7, 70, 0);
    let xid = txn.xid();
    assert_eq!(db.read(7), 0);
    db.commit(&mut txn);
    assert_eq!(db.read(7), 70);
    assert!(!db.manager().is_active(xid));
    let view = View {
        snapshot: before.clone(),
        own: Xid(0),
        command: CommandId(0),
    };
    assert_eq!(db.table.read(&view, 7), 0);
    let after = db.manager().snapshot();
    assert!(after.publish_no > before.publish_no && after.lsn > before.lsn);
    assert!(after.sees(xid) && !before.sees(xid));
}

#[test]
fn a_statement_does_not_see_its_own_changes() {
    let db = Db::new();
    let mut txn = db.begin();
    let manager = db.manager();
    manager.statement_snapshot(&mut txn);
    db.table.write(&mut txn, 1, 10, 0);
    txn.next_command().unwrap();
    let view = txn.view().unwrap();
    assert_eq!(db.table.read(&view, 1), 10);
    db.table.write(&mut txn, 1, 11, 0);
    assert_eq!(db.table.read(&view, 1), 10);
    txn.next_command().unwrap();
    // A cursor sees what was there when it was opened.
    assert_eq!(db.table.read(&view, 1), 10);
    assert_eq!(db.table.read(&txn.view().unwrap(), 1), 11);
    db.commit(&mut txn);
}

#[test]
fn isolation_decides_when_a_snapshot_is_taken() {
    let db = Db::new();
    let manager = db.manager();
    let begin = |isolation| {
        let options = BeginOptions {
            isolation,
            ..BeginOptions::default()
        };
        manager.begin(&db.connect(), options)
    };
    let mut committed = begin(Isolation::ReadCommitted).unwrap();
    let mut repeatable = begin(Isolation::RepeatableRead).unwrap();
    let error = begin(Isolation::Serializable).unwrap_err();
    assert_eq!(error.state().0, *b"0A000");
    let first = manager.statement_snapshot(&mut repeatable).publish_no;
    manager.statement_snapshot(&mut committed);
    let mut writer = db.begin();
    db.table.write(&mut writer, 1, 5, 0);
    db.commit(&mut writer);
    assert_eq!(
        manager.statement_snapshot(&mut repeatable).publish_no,
        first
    );
    let second = manager.statement_snapshot(&mut committed);
    assert!(second.publish_no > first);
    let error = repeatable.set_options(BeginOptions::default()).unwrap_err();
    assert_eq!(error.state().0, *b"25001");
    manager.rollback(&mut committed).unwrap();
    manager.rollback(&mut repeatable).unwrap();
}

#[test]
fn a_rollback_restores_all_and_may_be_run_twice() {
    let db = Db::new();
    let mut first = db.begin();
    for row in 0..10 {
        db.table.write(&mut first, row, 1, 0);
    }
    db.commit(&mut first);
    let before: Vec<Row> = (0..20).map(|row| db.table.row(row)).collect();
    let mut txn = db.begin();
    let mut addrs = Vec::new();
    for i in 0..300u64 {
        addrs.push(db.table.write(&mut txn, i % 20, i as i64, 200));
    }
    let xid = txn.xid();
    db.manager().rollback(&mut txn).unwrap();
    assert!(!txn.is_running() && !db.manager().is_active(xid));
    let after: Vec<Row> = (0..20).map(|row| db.table.row(row)).collect();
    assert_eq!(before, after);
    // Each record was taken back once, is flagged, and changes nothing when it is taken back again.
    let undone = || db.table.undone.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(undone(), 300);
    for addr in addrs.iter().rev() {
        let record = db.manager().undo().read(*addr, Wait::Block).unwrap();
        assert!(record.is_done);
        db.table.undo(&record, *addr).unwrap();
    }
    assert_eq!(undone(), 300);
}

#[test]
fn a_rollback_that_failed_goes_on_in_the_background() {
    let db = Db::new();
    let mut txn = db.begin();
    for i in 0..300u64 {
        db.table.write(&mut txn, i, 9, 100);
    }
    let xid = txn.xid();
    let budget = |n| {
        db.table
            .undo_budget
            .store(n, std::sync::atomic::Ordering::Relaxed)
    };
    budget(100);
    assert!(db.manager().rollback(&mut txn).is_err());
    assert!(db.manager().is_active(xid));
    assert_eq!(db.read(299), 0);
    budget(50);
    assert!(db.manager().roll_back_next_loser().is_err());
    budget(u64::MAX);
    assert_eq!(db.manager().loser_count(), 1);
    assert!(db.manager().roll_back_next_loser().unwrap());
    assert!(!db.manager().is_active(xid));
    assert!((0..300).all(|row| db.table.row(row).value == 0));
    assert!(!db.manager().roll_back_next_loser().unwrap());
}

#[test]
fn savepoints_nest_and_may_be_rolled_back_to_again() {
    let db = Db::new();
    let manager = db.manager();
    let mut txn = db.begin();
    db.table.write(&mut txn, 1, 1, 0);
    manager.savepoint(&mut txn, "a").unwrap();
    db.table.write(&mut txn, 1, 2, 0);
    db.table.write(&mut txn, 2, 2, 0);
    manager.savepoint(&mut txn, "b").unwrap();
    db.table.write(&mut txn, 1, 3, 0);
    manager.rollback_to_savepoint(&mut txn, "b").unwrap();
    assert_eq!(db.table.row(1).value, 2);
    db.table.write(&mut txn, 1, 4, 0);
    manager.rollback_to_savepoint(&mut txn, "a").unwrap();
    assert_eq!((db.table.row(1).value, db.table.row(2).value), (1, 0));
    let error = manager.rollback_to_savepoint(&mut txn, "b").unwrap_err();
    assert_eq!(error.to_string(), "3B001: savepoint \"b\" does not exist");
    db.table.write(&mut txn, 3, 5, 0);
    manager.rollback_to_savepoint(&mut txn, "a").unwrap();
    db.table.write(&mut txn, 4, 6, 0);
    manager.release_savepoint(&mut txn, "a").unwrap();
    assert!(manager.release_savepoint(&mut txn, "a").is_err());
    assert_eq!(txn.savepoints().count(), 0);
    db.commit(&mut txn);
    let values: Vec<i64> = (1..5).map(|row| db.read(row)).collect();
    assert_eq!(values, [1, 0, 0, 6]);
    // Purge is not told of what the savepoints undid.
    while manager.purge(100).unwrap().has_more {}
    let purged = db.table.purged.lock().unwrap();
    let rows: Vec<u8> = purged.values().map(|(record, _)| record.body[0]).collect();
    assert_eq!(rows, [1, 4]);
}

#[test]
fn what_a_dropped_mini_transaction_appended_is_forgotten() {
    let db = Db::new();
    let mut txn = db.begin();
    // Before the first page, in the middle of a page, and where a new page is needed.
    for padding in [0, 10, 16_200, 16_200, 10] {
        let dropped = {
            let mut mtr = db.table.storage.begin();
            db.table.write_in(&mut mtr, &mut txn, 1, 99, padding);
            db.table.write_in(&mut mtr, &mut txn, 2, 99, padding)
        };
        let mark = db.manager().mark(&mut txn).unwrap();
        let mut mtr = db.table.storage.begin();
        let first = db.table.write_in(&mut mtr, &mut txn, 1, 5, padding);
        let second = db.table.write_in(&mut mtr, &mut txn, 2, 5, padding);
        db.manager().apply(mtr, &mut txn).unwrap();
        assert_eq!(second, dropped);
        let record = db.manager().undo().read(second, Wait::Block).unwrap();
        assert_eq!(record.prev, first);
        assert_eq!(db.table.row(1).value, 5);
        db.manager().rollback_to_mark(&mut txn, mark).unwrap();
        assert_eq!((db.table.row(1).value, db.table.row(2).value), (0, 0));
    }
    // One that is dropped last leaves nothing to undo or to purge.
    let mut mtr = db.table.storage.begin();
    db.table.write_in(&mut mtr, &mut txn, 1, 99, 0);
    drop(mtr);
    db.commit(&mut txn);
    assert_eq!(db.read(1), 0);
    while db.manager().purge(100).unwrap().has_more {}
    assert!(db.table.purged.lock().unwrap().is_empty());
}

#[test]
fn appends_that_nobody_confirmed_are_found_on_the_page() {
    let db = Db::new();
    let mut txn = db.begin();
    for value in 1..100 {
        let mut mtr = db.table.storage.begin();
        db.table.write_in(&mut mtr, &mut txn, 1, value, 500);
        mtr.commit(txn.xid()).unwrap();
        assert_eq!(db.table.row(1).value, value);
    }
    db.manager().rollback(&mut txn).unwrap();
    assert_eq!(db.table.row(1).value, 0);
}

#[test]
fn purge_waits_for_the_oldest_snapshot() {
    let db = Db::new();
    let manager = db.manager();
    let write = |row, value| {
        let mut txn = db.begin();
        db.table.write(&mut txn, row, value, 6_000);
        db.commit(&mut txn);
    };
    let purge = || {
        while manager.purge(1).unwrap().has_more {}
        db.table.purged.lock().unwrap().len()
    };
    write(1, 1);
    assert_eq!(purge(), 1);
    let held = manager.snapshot();
    for value in 2..30 {
        write(1, value);
    }
    assert_eq!(purge(), 1);
    assert_eq!(manager.oldest_snapshot().publish_no, held.publish_no);
    assert_eq!(manager.purge_statistics().lag, 28);
    assert_eq!(manager.purge_statistics().waiting, 28);
    let view = View {
        snapshot: held,
        own: Xid(0),
        command: CommandId(0),
    };
    assert_eq!(db.table.read(&view, 1), 1);
    let pages = manager.undo().pages();
    // A younger one in between is passed once the older is gone.
    let middle = manager.snapshot();
    write(2, 1);
    drop(view);
    assert_eq!(purge(), 29);
    assert!(manager.undo().pages() < pages);
    drop(middle);
    assert_eq!(purge(), 30);
    assert_eq!(manager.purge_statistics().waiting, 0);
}

#[test]
fn freed_undo_pages_are_used_again() {
    let db = Db::new();
    let manager = db.manager();
    for value in 0..400 {
        let mut txn = db.begin();
        db.table.write(&mut txn, 1, value, 8_000);
        db.commit(&mut txn);
        while manager.purge(100).unwrap().has_more {}
    }
    assert!(manager.undo().pages() <= 2);
    let files = db.table.storage.file_ids();
    let pages = files
        .iter()
        .map(|f| db.table.storage.file_pages(*f).unwrap());
    assert!(pages.max().unwrap() < 50);
}

#[test]
fn a_version_that_no_snapshot_sees_is_not_needed() {
    let db = Db::new();
    let manager = db.manager();
    let mut xids = vec![Xid(0)];
    let mut held = Vec::new();
    for value in 0..4 {
        let mut txn = db.begin();
        db.table.write(&mut txn, 1, value, 0);
        xids.push(txn.xid());
        db.commit(&mut txn);
        if value == 1 {
            held.push(manager.snapshot());
        }
    }
    // The held snapshot sees the second writer's version, and the newest the fourth's.
    assert!(!manager.needs_version(xids[1], xids[2]));
    assert!(manager.needs_version(xids[2], xids[3]));
    assert!(!manager.needs_version(xids[3], xids[4]));
    let mut txn = db.begin();
    manager.assign_xid(&mut txn).unwrap();
    assert!(manager.needs_version(xids[4], txn.xid()));
    held.clear();
    assert!(!manager.needs_version(xids[2], xids[3]));
    manager.rollback(&mut txn).unwrap();
    assert!(manager.oldest_xmin() > xids[4]);
}

#[test]
fn locks_are_held_until_publish() {
    let db = Db::new();
    let manager = db.manager();
    let (mut a, mut b) = (db.begin(), db.begin());
    let locks = manager.locks();
    let key = AdvisoryKey::Big(1);
    locks
        .lock_advisory(&mut a, key, false, LockWait::Try)
        .unwrap();
    db.table.write(&mut a, 1, 1, 0);
    let durability = storage::Durability::FullWaiting;
    let ticket = manager
        .commit(&mut a, durability, &[], &[])
        .unwrap()
        .unwrap();
    assert!(!a.is_running());
    if !db.table.storage.is_published(ticket) {
        let outcome = locks
            .lock_advisory(&mut b, key, false, LockWait::Try)
            .unwrap();
        assert_eq!(outcome, LockOutcome::NotAvailable);
    }
    db.table.storage.wait(ticket).unwrap();
    let outcome = locks
        .lock_advisory(&mut b, key, false, LockWait::Try)
        .unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    manager.rollback(&mut b).unwrap();
}
