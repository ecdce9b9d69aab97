//! Order, upgrades, time-outs, interrupts, requests without a thread.

use common::rt::Mutex;

use super::*;

#[test]
fn waiters_are_served_in_order() {
    let world = World::new();
    let mut first = world.session();
    first.advisory(1, LockWait::Block).unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let session = world.session();
        let pid = session.pid();
        let order = order.clone();
        waiting.push(std::thread::spawn(move || {
            let mut session = session;
            session.advisory(1, LockWait::Block).unwrap();
            order.lock().push(pid);
            session.end();
        }));
        world.until_blocked(pid);
    }
    first.end();
    for thread in waiting {
        thread.join().unwrap();
    }
    assert_eq!(*order.lock(), [102, 103, 104, 105]);
}

#[test]
fn a_weak_request_does_not_overtake_a_strong_one() {
    let world = World::new();
    let (mut reader, strong, mut late) = (world.session(), world.session(), world.session());
    reader
        .table(LockMode::AccessShare, LockWait::Block)
        .unwrap();
    let pid = strong.pid();
    let strong = aside(strong, |session| {
        session.table(LockMode::AccessExclusive, LockWait::Block)
    });
    world.until_blocked(pid);
    let outcome = late.table(LockMode::AccessShare, LockWait::Try).unwrap();
    assert_eq!(outcome, LockOutcome::NotAvailable);
    reader.end();
    let (strong, outcome) = strong.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    strong.end();
    let outcome = late.table(LockMode::AccessShare, LockWait::Try).unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    late.end();
}

#[test]
fn an_upgrade_goes_before_those_it_stops() {
    let world = World::new();
    let (mut holder, waiter) = (world.session(), world.session());
    holder.table(LockMode::Share, LockWait::Block).unwrap();
    let pid = waiter.pid();
    let waiter = aside(waiter, |session| {
        session.table(LockMode::RowExclusive, LockWait::Block)
    });
    world.until_blocked(pid);
    // Behind the waiter the two would block each other.
    let outcome = holder
        .table(LockMode::AccessExclusive, LockWait::Try)
        .unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    holder.end();
    let (waiter, outcome) = waiter.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    waiter.end();
}

#[test]
fn lock_timeout_answers_55p03_and_leaves_the_queue() {
    let world = World::new();
    let (mut holder, mut waiter) = (world.session(), world.session());
    holder.advisory(1, LockWait::Block).unwrap();
    waiter.backend.set_lock_timeout_ms(1);
    let error = waiter.advisory(1, LockWait::Block).unwrap_err().into_sql();
    assert_eq!(error.state.0, *b"55P03");
    assert_eq!(error.message, "canceling statement due to lock timeout");
    holder.end();
    waiter.end();
    let statistics = world.manager.locks().statistics();
    assert_eq!((statistics.used, statistics.timeouts), (0, 1));
}

#[test]
fn an_interrupt_ends_a_wait() {
    for (reason, state) in [
        (Interrupt::Cancel, b"57014"),
        (Interrupt::StatementTimeout, b"57014"),
        (Interrupt::Terminate, b"57P01"),
    ] {
        let world = World::new();
        let (mut holder, waiter) = (world.session(), world.session());
        holder.advisory(1, LockWait::Block).unwrap();
        let backend = waiter.backend.clone();
        let waiting = aside(waiter, |session| session.advisory(1, LockWait::Block));
        world.until_blocked(backend.pid());
        backend.interrupt(reason);
        let (waiter, result) = waiting.join().unwrap();
        assert_eq!(result.unwrap_err().state().0, *state);
        backend.clear_interrupt();
        assert_eq!(
            backend.interrupted().is_some(),
            reason == Interrupt::Terminate
        );
        waiter.end();
        holder.end();
        assert_eq!(world.manager.locks().statistics().used, 0);
    }
}

#[test]
fn a_statement_deadline_ends_a_wait() {
    let world = World::new();
    let (mut holder, mut waiter) = (world.session(), world.session());
    holder.advisory(1, LockWait::Block).unwrap();
    let deadline = common::rt::Deadline(common::rt::monotonic_ns());
    waiter.backend.set_statement_deadline(Some(deadline));
    let error = waiter.advisory(1, LockWait::Block).unwrap_err().into_sql();
    assert_eq!(
        error.message,
        "canceling statement due to statement timeout"
    );
    holder.end();
    waiter.end();
}

#[derive(Default)]
struct Ready(Mutex<Vec<u32>>);

impl WaitObserver for Ready {
    fn ready(&self, backend: &Backend) {
        self.0.lock().push(backend.pid());
    }
}

#[test]
fn a_queued_request_is_granted_without_a_thread() {
    let world = World::new();
    let ready = Arc::new(Ready::default());
    world.manager.locks().set_observer(ready.clone());
    let (mut holder, mut waiter) = (world.session(), world.session());
    holder.advisory(1, LockWait::Block).unwrap();
    assert!(
        waiter
            .advisory(1, LockWait::Queue)
            .unwrap_err()
            .is_would_block()
    );
    // Run again too early: it keeps its place.
    assert!(
        waiter
            .advisory(1, LockWait::Queue)
            .unwrap_err()
            .is_would_block()
    );
    assert!(ready.0.lock().is_empty());
    holder.end();
    assert_eq!(*ready.0.lock(), [waiter.pid()]);
    let outcome = waiter.advisory(1, LockWait::Queue).unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    assert_eq!(waiter.txn.held_locks().count(), 1);
    waiter.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn a_queued_request_that_is_not_taken_up_is_dropped() {
    let world = World::new();
    let (mut holder, mut waiter) = (world.session(), world.session());
    holder
        .table(LockMode::AccessExclusive, LockWait::Block)
        .unwrap();
    let result = waiter.table(LockMode::AccessExclusive, LockWait::Queue);
    assert!(result.unwrap_err().is_would_block());
    // The statement takes another way.
    waiter.advisory(5, LockWait::Queue).unwrap();
    holder.end();
    let mut other = world.session();
    let outcome = other.table(LockMode::AccessShare, LockWait::Try).unwrap();
    assert_eq!(outcome, LockOutcome::Granted);
    // The strong counter is down again: the lock is in the session's slots.
    assert!(
        world
            .manager
            .locks()
            .list()
            .iter()
            .any(|line| line.is_fast_path)
    );
    other.end();
    waiter.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}

#[test]
fn a_queued_request_goes_on_aside_in_its_place() {
    let world = World::new();
    let (mut holder, mut waiter) = (world.session(), world.session());
    holder.advisory(1, LockWait::Block).unwrap();
    assert!(
        waiter
            .advisory(1, LockWait::Queue)
            .unwrap_err()
            .is_would_block()
    );
    let late = world.session();
    let late_pid = late.pid();
    let late = aside(late, |session| session.advisory(1, LockWait::Block));
    world.until_blocked(late_pid);
    let waiter = aside(waiter, |session| session.advisory(1, LockWait::Block));
    holder.end();
    let (waiter, outcome) = waiter.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    waiter.end();
    let (late, outcome) = late.join().unwrap();
    assert_eq!(outcome.unwrap(), LockOutcome::Granted);
    late.end();
}

#[test]
fn a_queued_request_times_out_by_the_monitor() {
    let world = World::new();
    let ready = Arc::new(Ready::default());
    world.manager.locks().set_observer(ready.clone());
    let (mut holder, mut waiter) = (world.session(), world.session());
    holder.advisory(1, LockWait::Block).unwrap();
    waiter.backend.set_lock_timeout_ms(1);
    assert!(
        waiter
            .advisory(1, LockWait::Queue)
            .unwrap_err()
            .is_would_block()
    );
    while ready.0.lock().is_empty() {
        world.manager.locks().check_queued();
    }
    let error = waiter.advisory(1, LockWait::Queue).unwrap_err();
    assert_eq!(error.state().0, *b"55P03");
    holder.end();
    waiter.end();
    assert_eq!(world.manager.locks().statistics().used, 0);
}
