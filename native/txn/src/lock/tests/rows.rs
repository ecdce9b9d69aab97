//! Row locks: implicit holders, upgrades, NOWAIT and SKIP LOCKED, savepoints.

use std::sync::Mutex;

use super::*;

#[test]
fn nothing_is_locked_at_first() {
    let world = World::new();
    let locks = world.manager.locks();
    assert!(!locks.has_row_locks(TABLE, RowId(5)));
    let mut a = world.session();
    a.row(5, RowLockMode::KeyShare, LockWait::Block).unwrap();
    assert!(locks.has_row_locks(TABLE, RowId(5)));
    a.end();
    assert!(!locks.has_row_locks(TABLE, RowId(5)));
}

#[test]
fn many_rows_of_a_block_are_one_entry() {
    let world = World::new();
    let mut a = world.session();
    for row in 64..128 {
        a.row(row, RowLockMode::Update, LockWait::Block).unwrap();
    }
    assert_eq!(world.manager.locks().statistics().used, 1);
    assert_eq!(a.txn.held_locks().count(), 1);
    a.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn a_waiter_gets_the_row_when_its_writer_ends() {
    let world = World::new();
    let writer = world.writer();
    let written = writer_of(&writer, RowLockMode::NoKeyUpdate);
    let mut skipper = world.session();
    let outcome = skipper.row_written(9, RowLockMode::Update, written, LockWait::Try);
    assert_eq!(outcome.unwrap(), LockOutcome::NotAvailable);
    assert_eq!(world.manager.locks().statistics().used, 0);
    let waiter = world.session();
    let pid = waiter.pid();
    let waiter = aside(waiter, move |session| {
        session.row_written(9, RowLockMode::Update, written, LockWait::Block)
    });
    world.until_blocked(pid);
    assert_eq!(world.manager.locks().blocking_pids(pid), [writer.pid()]);
    assert!(world.manager.locks().is_blocked_by(pid, &[writer.pid()]));
    writer.end();
    let (mut waiter, outcome) = waiter.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    // The one that was seen has ended: asking again finds the lock held.
    let outcome = waiter.row_written(9, RowLockMode::Update, written, LockWait::Block);
    assert_eq!(outcome.unwrap(), LockOutcome::Held);
    let outcome = skipper
        .row(9, RowLockMode::KeyShare, LockWait::Try)
        .unwrap();
    assert_eq!(outcome, LockOutcome::NotAvailable);
    waiter.end();
    skipper.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn a_key_share_lock_does_not_wait_for_a_writer_of_other_columns() {
    let world = World::new();
    let writer = world.writer();
    let written = writer_of(&writer, RowLockMode::NoKeyUpdate);
    let mut reader = world.session();
    let outcome = reader.row_written(9, RowLockMode::KeyShare, written, LockWait::Try);
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    // Now the writer would change the key.
    let locks = world.manager.locks();
    let is_blocked = |mode| locks.is_row_blocked(&writer.txn, TABLE, RowId(9), mode);
    assert!(is_blocked(RowLockMode::Update));
    assert!(!is_blocked(RowLockMode::NoKeyUpdate));
    reader.end();
    assert!(!locks.is_row_blocked(&writer.txn, TABLE, RowId(9), RowLockMode::Update));
    writer.end();
}

#[test]
fn the_own_row_is_held() {
    let world = World::new();
    let mut writer = world.writer();
    let written = writer_of(&writer, RowLockMode::Update);
    let outcome = writer.row_written(9, RowLockMode::Update, written, LockWait::Try);
    assert_eq!(outcome.unwrap(), LockOutcome::Held);
    assert_eq!(world.manager.locks().statistics().used, 0);
    writer.end();
}

#[test]
fn a_lock_granted_over_a_writer_steps_back() {
    let world = World::new();
    let (writer, mut late) = (world.writer(), world.session());
    let written = writer_of(&writer, RowLockMode::NoKeyUpdate);
    // Asked for before it had read the row: there was no writer to name.
    late.row(9, RowLockMode::Update, LockWait::Block).unwrap();
    // The writer, in the row already, wants the key too.
    let writer_pid = writer.pid();
    let writer = aside(writer, move |session| {
        session.row_written(9, RowLockMode::Update, written, LockWait::Block)
    });
    world.until_blocked(writer_pid);
    // It reads the row and comes back with the writer, who goes first.
    let late_pid = late.pid();
    let late = aside(late, move |session| {
        session.row_written(9, RowLockMode::Update, written, LockWait::Block)
    });
    let (writer, outcome) = writer.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    world.until_blocked(late_pid);
    writer.end();
    let (late, outcome) = late.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    late.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn a_mark_keeps_what_was_locked_before_it() {
    let world = World::new();
    let (mut a, mut b) = (world.session(), world.session());
    a.row(1, RowLockMode::Update, LockWait::Block).unwrap();
    world.manager.savepoint(&mut a.txn, "s").unwrap();
    a.row(1, RowLockMode::Update, LockWait::Block).unwrap();
    a.row(2, RowLockMode::Update, LockWait::Block).unwrap();
    a.table(LockMode::Share, LockWait::Block).unwrap();
    a.advisory(3, LockWait::Block).unwrap();
    world
        .manager
        .rollback_to_savepoint(&mut a.txn, "s")
        .unwrap();
    for (outcome, expected) in [
        (
            b.row(1, RowLockMode::KeyShare, LockWait::Try),
            LockOutcome::NotAvailable,
        ),
        (
            b.row(2, RowLockMode::Update, LockWait::Try),
            LockOutcome::Granted,
        ),
        (
            b.table(LockMode::RowExclusive, LockWait::Try),
            LockOutcome::Granted,
        ),
        (b.advisory(3, LockWait::Try), LockOutcome::Granted),
    ] {
        assert_eq!(outcome.unwrap(), expected);
    }
    a.end();
    b.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

/// A table of one row.
struct OneRow(Mutex<Option<RowWriter>>);

impl UndoTarget for OneRow {
    fn undo(&self, _record: &UndoRecord, _addr: UndoAddr) -> Result<()> {
        Ok(())
    }

    fn purge(&self, _record: &UndoRecord, _addr: UndoAddr, _horizon: &Snapshot) -> Result<()> {
        Ok(())
    }

    fn row_writer(&self, _table: ObjectId, _row: RowId) -> Result<Option<RowWriter>> {
        Ok(*self.0.lock().unwrap())
    }
}

#[test]
fn a_row_that_was_undone_is_given_to_its_waiter() {
    let world = World::new();
    let writer = world.writer();
    let written = writer_of(&writer, RowLockMode::Update);
    let table = Arc::new(OneRow(Mutex::new(written)));
    let target: Arc<dyn UndoTarget> = table.clone();
    world.manager.set_target(&target);
    let waiter = world.session();
    let pid = waiter.pid();
    let waiter = aside(waiter, move |session| {
        session.row_written(9, RowLockMode::Update, written, LockWait::Block)
    });
    world.until_blocked(pid);
    // A rollback to a savepoint that leaves the row alone.
    world.manager.locks().release_undone_rows(&writer.backend);
    world.until_blocked(pid);
    // One that takes its change back.
    *table.0.lock().unwrap() = None;
    world.manager.locks().release_undone_rows(&writer.backend);
    let (waiter, outcome) = waiter.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    waiter.end();
    // Read before it was taken back, asked for afterwards.
    let mut late = world.session();
    let outcome = late.row_written(9, RowLockMode::Update, written, LockWait::Block);
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    late.end();
    writer.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}
