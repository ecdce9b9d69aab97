//! Cycles of two and three, of mixed kinds; soft ones.

use super::*;

/// A statement that a session runs.
type Step = Box<dyn FnOnce(&mut Session) -> Result<LockOutcome> + Send>;

fn advisory(key: i64) -> Step {
    Box::new(move |session| session.advisory(key, LockWait::Block))
}

fn row(number: u64) -> Step {
    Box::new(move |session| session.row(number, RowLockMode::Update, LockWait::Block))
}

fn table(mode: LockMode) -> Step {
    Box::new(move |session| session.table(mode, LockWait::Block))
}

/// Each session takes its first lock, then, one after another, its second; the last closes the
/// cycle. Answers the detail of the one error; the others got their locks.
fn cycle(world: &World, steps: Vec<(Step, Step)>, victim: usize) -> String {
    let mut sessions = Vec::new();
    for (first, second) in steps {
        let mut session = world.session();
        // Only the last one looks.
        session.backend.set_deadlock_timeout_ms(u32::MAX);
        first(&mut session).unwrap();
        sessions.push((session, second));
    }
    let last = sessions.last().unwrap().0.backend.clone();
    last.set_deadlock_timeout_ms(1);
    let mut threads = Vec::new();
    for (session, second) in sessions {
        let pid = session.pid();
        let thread = std::thread::spawn(move || {
            let mut session = session;
            let result = second(&mut session);
            session.end();
            result
        });
        if pid != last.pid() {
            world.until_blocked(pid);
        }
        threads.push(thread);
    }
    let mut detail = None;
    for (i, thread) in threads.into_iter().enumerate() {
        match thread.join().unwrap() {
            Ok(outcome) => assert_eq!(outcome, LockOutcome::Granted),
            Err(error) => {
                assert_eq!(i, victim);
                let error = error.into_sql();
                assert_eq!(error.state.0, *b"40P01");
                assert_eq!(error.message, "deadlock detected");
                assert_eq!(error.hint.unwrap(), "See server log for query details.");
                detail = error.detail;
            }
        }
    }
    let statistics = world.manager.locks().statistics();
    assert_eq!((statistics.deadlocks, statistics.used), (1, 0));
    detail.unwrap()
}

#[test]
fn two_sessions_with_advisory_locks() {
    let world = World::new();
    let detail = cycle(
        &world,
        vec![(advisory(1), advisory(2)), (advisory(2), advisory(1))],
        1,
    );
    assert_eq!(
        detail,
        "Process 102 waits for ExclusiveLock on advisory lock [5,0,1,1]; blocked by process 101.\n\
         Process 101 waits for ExclusiveLock on advisory lock [5,0,2,1]; blocked by process 102."
    );
}

#[test]
fn three_sessions_with_rows_a_table_and_an_advisory_lock() {
    let world = World::new();
    let detail = cycle(
        &world,
        vec![
            (row(1000), table(LockMode::Share)),
            (table(LockMode::RowExclusive), advisory(9)),
            (advisory(9), row(1000)),
        ],
        2,
    );
    assert_eq!(
        detail,
        "Process 103 waits for AccessExclusiveLock on tuple (0,1000) of relation 16384 of \
         database 5; blocked by process 101.\n\
         Process 101 waits for ShareLock on relation 16384 of database 5; blocked by process \
         102.\n\
         Process 102 waits for ExclusiveLock on advisory lock [5,0,9,1]; blocked by process 103."
    );
}

#[test]
fn two_writers_that_want_each_others_rows() {
    let world = World::new();
    let (a, mut b) = (world.writer(), world.writer());
    let a_writes = writer_of(&a, RowLockMode::NoKeyUpdate);
    let b_writes = writer_of(&b, RowLockMode::NoKeyUpdate);
    let (xid_a, xid_b) = (a.txn.xid(), b.txn.xid());
    a.backend.set_deadlock_timeout_ms(u32::MAX);
    let pid = a.pid();
    let a = aside(a, move |session| {
        session.row_written(2, RowLockMode::NoKeyUpdate, b_writes, LockWait::Block)
    });
    world.until_blocked(pid);
    let result = b.row_written(1, RowLockMode::NoKeyUpdate, a_writes, LockWait::Block);
    let error = result.unwrap_err().into_sql();
    assert_eq!(
        error.detail.unwrap(),
        format!(
            "Process 102 waits for ShareLock on transaction {xid_a}; blocked by process 101.\n\
             Process 101 waits for ShareLock on transaction {xid_b}; blocked by process 102."
        )
    );
    b.end();
    let (a, result) = a.join().unwrap();
    assert_eq!(result.unwrap(), LockOutcome::Granted);
    a.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn the_youngest_is_the_victim_whoever_looks() {
    let world = World::new();
    let (old, mut young) = (world.session(), world.session());
    let mut old = old;
    old.advisory(1, LockWait::Block).unwrap();
    young.advisory(2, LockWait::Block).unwrap();
    young.backend.set_deadlock_timeout_ms(u32::MAX);
    let pid = young.pid();
    let young = aside(young, |session| session.advisory(1, LockWait::Block));
    world.until_blocked(pid);
    let old = aside(old, |session| session.advisory(2, LockWait::Block));
    let (young, result) = young.join().unwrap();
    assert_eq!(result.unwrap_err().state().0, *b"40P01");
    young.end();
    let (old, result) = old.join().unwrap();
    assert_eq!(result.unwrap(), LockOutcome::Granted);
    old.end();
}

#[test]
fn a_cycle_through_the_queue_is_resolved_without_a_victim() {
    // PostgreSQL's isolation test deadlock-soft.
    let world = World::new();
    let (mut d1, mut d2) = (world.session(), world.session());
    let (e1, e2) = (world.session(), world.session());
    let second = ObjectId(TABLE.0 + 1);
    let lock = move |session: &mut Session, table, mode| {
        let manager = session.manager.clone();
        let locks = manager.locks();
        locks.lock_table(&mut session.txn, table, mode, LockWait::Block)
    };
    lock(&mut d1, TABLE, LockMode::AccessShare).unwrap();
    lock(&mut d2, second, LockMode::AccessShare).unwrap();
    for session in [&d1, &d2, &e1, &e2] {
        session.backend.set_deadlock_timeout_ms(u32::MAX);
    }
    d2.backend.set_deadlock_timeout_ms(1);
    let run = |mut session: Session, table, mode| {
        let pid = session.pid();
        let thread = std::thread::spawn(move || {
            let result = lock(&mut session, table, mode);
            session.end();
            result
        });
        world.until_blocked(pid);
        thread
    };
    let threads = [
        run(e1, TABLE, LockMode::AccessExclusive),
        run(e2, second, LockMode::AccessExclusive),
        run(d1, second, LockMode::AccessShare),
    ];
    lock(&mut d2, TABLE, LockMode::AccessShare).unwrap();
    d2.end();
    for thread in threads {
        assert_eq!(thread.join().unwrap().unwrap(), LockOutcome::Granted);
    }
    assert_eq!(world.manager.locks().statistics().deadlocks, 0);
}

#[test]
fn a_wait_outside_closes_a_cycle() {
    let world = World::new();
    let (mut a, b) = (world.session(), world.session());
    a.advisory(1, LockWait::Block).unwrap();
    // The holder waits, elsewhere, for the session that is about to wait for it.
    a.backend.set_external_wait(&[b.pid()]);
    let mut b = b;
    let error = b.advisory(1, LockWait::Block).unwrap_err();
    assert_eq!(error.state().0, *b"40P01");
    a.backend.set_external_wait(&[]);
    a.end();
    b.end();
}

#[test]
fn requests_without_a_thread_deadlock_too() {
    let world = World::new();
    let (mut a, mut b) = (world.session(), world.session());
    a.advisory(1, LockWait::Block).unwrap();
    b.advisory(2, LockWait::Block).unwrap();
    assert!(a.advisory(2, LockWait::Queue).unwrap_err().is_would_block());
    assert!(b.advisory(1, LockWait::Queue).unwrap_err().is_would_block());
    while world.manager.locks().statistics().deadlocks == 0 {
        world.manager.locks().check_queued();
    }
    let error = b.advisory(1, LockWait::Queue).unwrap_err();
    assert_eq!(error.state().0, *b"40P01");
    b.end();
    let outcome = a.advisory(2, LockWait::Queue).unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    a.end();
}
