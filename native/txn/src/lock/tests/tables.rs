//! The fast path, advisory locks of the session, the lists.

use super::*;

#[test]
fn weak_locks_stay_in_the_session() {
    let world = World::new();
    let mut a = world.session();
    a.table(LockMode::RowExclusive, LockWait::Block).unwrap();
    let outcome = a.table(LockMode::RowExclusive, LockWait::Block).unwrap();
    assert_eq!(outcome, LockOutcome::Held);
    let locks = world.manager.locks();
    assert_eq!(locks.statistics().used, 0);
    let lines = locks.list();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].is_fast_path && lines[0].is_granted);
    assert_eq!(lines[0].key, LockKey::Table(TABLE));
    assert_eq!(lines[0].mode.name(), "RowExclusiveLock");
    a.end();
    assert!(locks.list().is_empty());
}

#[test]
fn a_strong_lock_finds_weak_ones_and_takes_the_fast_path_away() {
    let world = World::new();
    let (mut weak, mut strong) = (world.session(), world.session());
    weak.table(LockMode::AccessShare, LockWait::Block).unwrap();
    let outcome = strong
        .table(LockMode::AccessExclusive, LockWait::Try)
        .unwrap();
    assert_eq!(outcome, LockOutcome::NotAvailable);
    // The refused request left no trace: new weak locks use slots again.
    let mut other = world.session();
    other.table(LockMode::RowShare, LockWait::Block).unwrap();
    let fast = |pid| {
        let lines = world.manager.locks().list();
        lines
            .iter()
            .any(|line| line.pid == pid && line.is_fast_path)
    };
    assert!(fast(other.pid()) && !fast(weak.pid()));
    weak.end();
    other.end();
    strong.table(LockMode::Share, LockWait::Try).unwrap();
    let mut other = world.session();
    let outcome = other.table(LockMode::AccessShare, LockWait::Try).unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    assert!(!fast(other.pid()));
    strong.end();
    other.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn more_weak_locks_than_slots() {
    let world = World::new();
    let mut a = world.session();
    let locks = world.manager.locks();
    for table in 0..40 {
        let outcome = locks
            .lock_table(
                &mut a.txn,
                ObjectId(table),
                LockMode::AccessShare,
                LockWait::Block,
            )
            .unwrap();
        assert_eq!(outcome, LockOutcome::Granted);
    }
    assert_eq!(locks.statistics().used, 40 - 16);
    assert!(locks.holds_table(&a.txn, ObjectId(39), LockMode::AccessShare));
    assert!(!locks.holds_table(&a.txn, ObjectId(39), LockMode::RowShare));
    a.end();
    assert_eq!(locks.statistics().used, 0);
}

#[test]
fn session_locks_outlive_the_transaction_and_are_counted() {
    let world = World::new();
    let (a, mut b) = (world.session(), world.session());
    let locks = world.manager.locks();
    let key = AdvisoryKey::Pair(-1, 2);
    for expected in [LockOutcome::Granted, LockOutcome::Held] {
        let outcome = locks.lock_advisory_session(&a.backend, key, false, LockWait::Block);
        assert_eq!(outcome.unwrap(), expected);
    }
    let backend = a.backend.clone();
    a.end();
    let try_b = |b: &mut Session| locks.lock_advisory(&mut b.txn, key, true, LockWait::Try);
    assert_eq!(try_b(&mut b).unwrap(), LockOutcome::NotAvailable);
    assert!(locks.unlock_advisory_session(&backend, key, false));
    assert!(!locks.unlock_advisory_session(&backend, key, true));
    assert_eq!(try_b(&mut b).unwrap(), LockOutcome::NotAvailable);
    assert!(locks.unlock_advisory_session(&backend, key, false));
    assert!(!locks.unlock_advisory_session(&backend, key, false));
    assert_eq!(try_b(&mut b).unwrap(), LockOutcome::Granted);
    b.end();
    let outcome = locks.lock_advisory_session(&backend, key, true, LockWait::Block);
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    world.manager.disconnect(&backend);
    assert_eq!(locks.statistics().used, 0);
}

#[test]
fn lists_show_waiters_and_the_graph() {
    let world = World::new();
    let (mut a, b) = (world.writer(), world.session());
    a.table(LockMode::AccessExclusive, LockWait::Block).unwrap();
    let (pid_a, pid_b) = (a.pid(), b.pid());
    let xid = a.txn.xid();
    let b = aside(b, |session| {
        session.table(LockMode::AccessShare, LockWait::Block)
    });
    world.until_blocked(pid_b);
    let locks = world.manager.locks();
    assert_eq!(locks.wait_graph(), [(pid_b, pid_a)]);
    let lines = locks.list();
    assert!(lines.iter().any(|line| {
        line.key == LockKey::Transaction(xid) && line.is_granted && line.pid == pid_a
    }));
    let waiting = lines.iter().find(|line| !line.is_granted).unwrap();
    assert_eq!((waiting.pid, waiting.mode), (pid_b, LockMode::AccessShare));
    assert!(waiting.wait_start_micros.is_some());
    a.end();
    let (b, outcome) = b.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    b.end();
}
