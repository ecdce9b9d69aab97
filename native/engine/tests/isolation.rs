//! What two sessions see of each other, as PostgreSQL has it. Verdicts hold for every order in which
//! the threads may run.

mod support;

use std::sync::Arc;
use std::thread;

use engine::Engine;
use support::Client;

fn setup(sql: &str) -> (Arc<Engine>, Client, Client) {
    let engine = support::open();
    let mut first = Client::connect(&engine);
    let second = Client::connect(&engine);
    first.run(sql).expect("the set-up runs");
    (engine, first, second)
}

/// The only value of the last answer.
fn value(client: &mut Client, sql: &str) -> String {
    let answers = client.run(sql).expect("the query runs");
    let answer = answers.last().expect("the query answers");
    answer.rows[0][0]
        .clone()
        .unwrap_or_else(|| "NULL".to_owned())
}

fn state(client: &mut Client, sql: &str) -> String {
    match client.run(sql) {
        Ok(_) => "00000".to_owned(),
        Err(error) => error.into_sql().state.to_string(),
    }
}

fn ok(client: &mut Client, sql: &str) {
    assert_eq!(state(client, sql), "00000", "{sql}");
}

const ACCOUNTS: &str =
    "CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 10), (2, 20)";

#[test]
fn uncommitted_rows_are_invisible_and_read_committed_sees_each_commit() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    ok(&mut first, "BEGIN");
    ok(&mut first, "UPDATE a SET n = 11 WHERE id = 1");
    ok(&mut second, "BEGIN");
    assert_eq!(value(&mut second, "SELECT n FROM a WHERE id = 1"), "10");
    ok(&mut first, "COMMIT");
    assert_eq!(value(&mut second, "SELECT n FROM a WHERE id = 1"), "11");
    ok(&mut second, "COMMIT");
}

#[test]
fn repeatable_read_keeps_its_snapshot_and_refuses_a_lost_update() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    ok(&mut second, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    assert_eq!(value(&mut second, "SELECT sum(n) FROM a"), "30");
    ok(&mut first, "UPDATE a SET n = 15 WHERE id = 1");
    ok(&mut first, "INSERT INTO a VALUES (3, 100)");
    assert_eq!(value(&mut second, "SELECT sum(n) FROM a"), "30");
    assert_eq!(
        state(&mut second, "UPDATE a SET n = n + 1 WHERE id = 1"),
        "40001"
    );
    ok(&mut second, "ROLLBACK");
    assert_eq!(value(&mut second, "SELECT sum(n) FROM a"), "135");
}

#[test]
fn an_update_that_waited_works_on_the_newest_version() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    ok(&mut first, "BEGIN");
    ok(&mut first, "UPDATE a SET n = n + 100 WHERE id = 1");
    let waiter = thread::spawn(move || {
        ok(&mut second, "UPDATE a SET n = n + 1 WHERE n < 1000");
        second
    });
    ok(&mut first, "COMMIT");
    let mut second = waiter.join().expect("the waiter ends");
    assert_eq!(value(&mut second, "SELECT n FROM a WHERE id = 1"), "111");
    assert_eq!(value(&mut second, "SELECT n FROM a WHERE id = 2"), "21");
}

#[test]
fn a_row_that_no_longer_qualifies_is_left_alone() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    ok(&mut first, "BEGIN");
    ok(&mut first, "UPDATE a SET n = 500 WHERE id = 1");
    ok(&mut first, "DELETE FROM a WHERE id = 2");
    let waiter = thread::spawn(move || {
        ok(&mut second, "UPDATE a SET n = 0 WHERE n < 100");
        second
    });
    ok(&mut first, "COMMIT");
    let mut second = waiter.join().expect("the waiter ends");
    assert_eq!(value(&mut second, "SELECT sum(n) FROM a"), "500");
}

#[test]
fn one_of_two_that_wait_for_each_other_is_a_deadlock_victim() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    ok(&mut first, "BEGIN");
    ok(&mut second, "BEGIN");
    ok(&mut first, "UPDATE a SET n = n + 1 WHERE id = 1");
    ok(&mut second, "UPDATE a SET n = n + 1 WHERE id = 2");
    let other = thread::spawn(move || {
        let state = state(&mut second, "UPDATE a SET n = n + 1 WHERE id = 1");
        ok(&mut second, "COMMIT");
        state
    });
    let mut states = vec![state(&mut first, "UPDATE a SET n = n + 1 WHERE id = 2")];
    ok(&mut first, "COMMIT");
    states.push(other.join().expect("the other ends"));
    states.sort();
    assert_eq!(states, ["00000", "40P01"]);
    assert_eq!(value(&mut first, "SELECT sum(n) FROM a"), "32");
}

#[test]
fn a_key_that_another_inserts_is_waited_for() {
    for (end, expected) in [("COMMIT", "23505"), ("ROLLBACK", "00000")] {
        let (_engine, mut first, mut second) = setup(ACCOUNTS);
        ok(&mut first, "BEGIN");
        ok(&mut first, "INSERT INTO a VALUES (7, 1)");
        let waiter = thread::spawn(move || state(&mut second, "INSERT INTO a VALUES (7, 2)"));
        ok(&mut first, end);
        assert_eq!(waiter.join().expect("the waiter ends"), expected, "{end}");
    }
}

#[test]
fn locked_rows_are_refused_or_skipped_as_asked() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    ok(&mut first, "BEGIN");
    ok(&mut first, "SELECT * FROM a WHERE id = 1 FOR UPDATE");
    assert_eq!(
        state(&mut second, "SELECT * FROM a FOR UPDATE NOWAIT"),
        "55P03"
    );
    assert_eq!(
        value(&mut second, "SELECT id FROM a FOR UPDATE SKIP LOCKED"),
        "2"
    );
    assert_eq!(value(&mut second, "SELECT count(*) FROM a"), "2");
    ok(&mut first, "COMMIT");
    assert_eq!(
        state(&mut second, "SELECT * FROM a FOR UPDATE NOWAIT"),
        "00000"
    );
}

#[test]
fn a_parent_that_is_referenced_meanwhile_stays() {
    let (_engine, mut first, mut second) = setup(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p); \
         INSERT INTO p VALUES (1)",
    );
    ok(&mut first, "BEGIN");
    ok(&mut first, "INSERT INTO c VALUES (1)");
    let waiter = thread::spawn(move || state(&mut second, "DELETE FROM p WHERE id = 1"));
    ok(&mut first, "COMMIT");
    assert_eq!(waiter.join().expect("the waiter ends"), "23503");
}

#[test]
fn a_deferred_key_that_another_has_inserted_is_waited_for_at_commit() {
    for (end, expected) in [("COMMIT", "23505"), ("ROLLBACK", "00000")] {
        let (_engine, mut first, mut second) =
            setup("CREATE TABLE d (k int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        ok(&mut first, "BEGIN; INSERT INTO d VALUES (7)");
        ok(&mut second, "BEGIN; INSERT INTO d VALUES (7)");
        let waiter = thread::spawn(move || state(&mut second, "COMMIT"));
        ok(&mut first, end);
        assert_eq!(waiter.join().expect("the waiter ends"), expected, "{end}");
        assert_eq!(value(&mut first, "SELECT count(*) FROM d"), "1");
    }
}

/// FOR UPDATE over a view or a subquery locks the rows of the tables inside, and only those that
/// the query gives.
#[test]
fn rows_behind_views_and_subqueries_are_locked() {
    let queries = [
        "SELECT * FROM v WHERE id = 1 FOR UPDATE",
        "SELECT * FROM vv WHERE id = 1 FOR UPDATE OF vv",
        "SELECT * FROM (SELECT id, n * 2 FROM a) s WHERE id = 1 FOR UPDATE",
        "SELECT * FROM (SELECT id FROM a WHERE id < 2 LIMIT 5) s FOR UPDATE",
        "SELECT * FROM (a JOIN b USING (id)) j WHERE id = 1 FOR UPDATE",
        "SELECT * FROM b, LATERAL (SELECT n FROM a WHERE a.id = b.id) s WHERE id = 1 FOR UPDATE",
    ];
    let (_engine, mut first, mut second) = setup(
        "CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 10), (2, 20); \
         CREATE TABLE b (id int); INSERT INTO b VALUES (1), (2); \
         CREATE VIEW v AS SELECT id, n + 1 AS more FROM a; CREATE VIEW vv AS SELECT * FROM v",
    );
    for query in queries {
        ok(&mut first, "BEGIN");
        ok(&mut first, query);
        let taken = "SELECT id FROM a WHERE id = 1 FOR UPDATE NOWAIT";
        assert_eq!(state(&mut second, taken), "55P03", "{query}");
        let free = "SELECT id FROM a WHERE id = 2 FOR UPDATE NOWAIT";
        assert_eq!(state(&mut second, free), "00000", "{query}");
        ok(&mut first, "COMMIT");
    }
}

#[test]
fn a_view_whose_rows_changed_is_judged_by_their_newest_versions() {
    let (_engine, mut first, mut second) = setup(
        "CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 10), (2, 20); \
         CREATE VIEW v AS SELECT id, n + 1 AS more FROM a WHERE n < 100",
    );
    ok(&mut first, "BEGIN");
    ok(
        &mut first,
        "UPDATE a SET n = n + 5 WHERE id = 1; UPDATE a SET n = 100 WHERE id = 2",
    );
    let waiter = thread::spawn(move || {
        let sum = "SELECT sum(more) FROM (SELECT more FROM v FOR UPDATE) s";
        value(&mut second, sum)
    });
    ok(&mut first, "COMMIT");
    assert_eq!(waiter.join().expect("the waiter ends"), "16");
}

/// A front thread that had to give up runs the statement again: what it took is not taken twice.
#[test]
fn an_advisory_lock_is_taken_once_by_a_statement_that_runs_again() {
    let (_engine, mut first, mut second) = setup(ACCOUNTS);
    let both = "SELECT pg_advisory_lock(7), pg_advisory_lock(8)";
    ok(&mut first, "SELECT pg_advisory_lock(8)");
    let waiter = thread::spawn(move || {
        second
            .run_as_front(both)
            .expect("the locks are free in the end");
        let unlocks = "SELECT pg_advisory_unlock(7)::text || pg_advisory_unlock(7)::text";
        value(&mut second, unlocks)
    });
    ok(&mut first, "SELECT pg_advisory_unlock(8)");
    assert_eq!(waiter.join().expect("the waiter ends"), "truefalse");
}

#[test]
fn a_lock_that_is_not_held_is_warned_about() {
    let (_engine, mut first, _second) = setup(ACCOUNTS);
    assert_eq!(value(&mut first, "SELECT pg_advisory_unlock(7)"), "f");
    assert_eq!(
        first.notices(),
        ["01000 you don't own a lock of type ExclusiveLock"]
    );
    ok(&mut first, "SELECT pg_advisory_lock_shared(7)");
    ok(&mut first, "SELECT pg_advisory_unlock_shared(7)");
    assert_eq!(first.notices(), Vec::<String>::new());
}
