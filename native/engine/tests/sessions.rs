//! A session as a value: its state's hash, resetting it, what other sessions see of it and how they
//! end it.

mod support;

use engine::{Engine, PRISTINE_HASH};
use support::Client;

fn ok(client: &mut Client, sql: &str) {
    if let Err(error) = client.run(sql) {
        panic!("{sql}: {error}");
    }
}

fn state(client: &mut Client, sql: &str) -> String {
    match client.run(sql) {
        Ok(_) => "00000".to_owned(),
        Err(error) => error.into_sql().state.to_string(),
    }
}

fn value(client: &mut Client, sql: &str) -> String {
    let answers = client.run(sql).expect("the query runs");
    let rows = &answers.last().expect("it answers").rows;
    let first = rows.first().and_then(|row| row[0].clone());
    first.unwrap_or_else(|| "NULL".to_owned())
}

fn engine() -> std::sync::Arc<Engine> {
    let engine = support::open();
    let mut client = Client::connect(&engine);
    ok(&mut client, "CREATE SEQUENCE s; CREATE TABLE t (a int)");
    engine
}

/// Each makes a session differ from a new one, and the second of a pair takes that back.
const CHANGES: &[(&str, &str)] = &[
    ("SET work_mem = '7MB'", "RESET work_mem"),
    ("SET my.own = 'x'", "RESET ALL"),
    ("PREPARE p AS SELECT 1", "DEALLOCATE p"),
    ("CREATE TEMP TABLE m (a int)", "DROP TABLE m"),
    ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CLOSE c"),
    ("LISTEN news", "UNLISTEN news"),
    ("SELECT pg_advisory_lock(1)", "SELECT pg_advisory_unlock(1)"),
    (
        "SELECT pg_advisory_lock_shared(1, 2)",
        "SELECT pg_advisory_unlock_all()",
    ),
    ("SELECT nextval('s')", "DISCARD SEQUENCES"),
];

#[test]
fn each_part_of_the_state_is_in_the_hash_and_can_be_taken_back() {
    let engine = engine();
    let mut client = Client::connect(&engine);
    assert_eq!(client.session().state_hash(), PRISTINE_HASH);
    assert!(client.session().is_pristine());
    let mut seen = vec![PRISTINE_HASH];
    for (change, back) in CHANGES {
        ok(&mut client, change);
        let hash = client.session().state_hash();
        assert!(!seen.contains(&hash), "{change}");
        seen.push(hash);
        assert!(!client.session().is_pristine(), "{change}");
        let shown = value(&mut client, "SELECT rustydb_session_state_hash()");
        assert_eq!(shown, format!("{hash:016x}"));
        ok(&mut client, back);
        assert_eq!(client.session().state_hash(), PRISTINE_HASH, "{back}");
    }
    let default = value(&mut client, "SHOW work_mem");
    ok(&mut client, &format!("SET work_mem = '{default}'"));
    assert!(client.session().is_pristine(), "it is the default");
}

#[test]
fn the_hash_does_not_depend_on_the_order_or_the_session() {
    let engine = engine();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    let shared = CHANGES
        .iter()
        .filter(|(change, _)| !change.contains("pg_advisory_lock(") && !change.contains("nextval"));
    for (change, _) in shared.clone() {
        ok(&mut first, change);
    }
    for (change, _) in shared.rev() {
        ok(&mut second, change);
    }
    let hash = first.session().state_hash();
    assert_eq!(second.session().state_hash(), hash);
    ok(&mut second, "SET work_mem = '8MB'");
    assert_ne!(second.session().state_hash(), hash);
}

#[test]
fn a_reset_leaves_nothing_behind_whatever_was_open() {
    let engine = engine();
    let mut client = Client::connect(&engine);
    for (change, _) in CHANGES {
        ok(&mut client, change);
    }
    ok(
        &mut client,
        "BEGIN; INSERT INTO t VALUES (1); SET LOCAL work_mem = '9MB'",
    );
    assert!(!client.session().is_pristine());
    client.session().reset_state().expect("it is reset");
    assert!(client.session().is_pristine());
    assert_eq!(value(&mut client, "SELECT count(*) FROM t"), "0");
    assert_eq!(
        value(
            &mut client,
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        ),
        "0"
    );
    assert_eq!(state(&mut client, "SELECT currval('s')"), "55000");
    assert_eq!(state(&mut client, "SELECT * FROM m"), "42P01");
    ok(&mut client, "BEGIN");
    assert_eq!(state(&mut client, "SELECT 1 / 0"), "22012");
    client.session().reset_state().expect("it is reset");
    assert!(client.session().is_pristine());
    ok(&mut client, "BEGIN");
    assert_eq!(state(&mut client, "DISCARD ALL"), "25001");
    ok(&mut client, "ROLLBACK");
}

#[test]
fn an_error_takes_back_settings_of_the_same_text() {
    let engine = engine();
    let mut client = Client::connect(&engine);
    let default = value(&mut client, "SHOW work_mem");
    assert_eq!(
        state(&mut client, "SET work_mem = '7MB'; SELECT 1 / 0"),
        "22012"
    );
    assert_eq!(value(&mut client, "SHOW work_mem"), default);
}

#[test]
fn advisory_locks_outlive_transactions_and_end_with_the_session() {
    let engine = engine();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    ok(&mut first, "BEGIN; SELECT pg_advisory_lock(7); ROLLBACK");
    ok(
        &mut first,
        "SELECT pg_advisory_lock_shared(1, 2); SELECT pg_advisory_xact_lock(8)",
    );
    let listed = "SELECT string_agg(concat_ws(' ', classid, objid, objsubid, mode, granted), ', '
                  ORDER BY objid) FROM pg_locks WHERE locktype = 'advisory'";
    assert_eq!(
        value(&mut second, listed),
        "1 2 2 ShareLock t, 0 7 1 ExclusiveLock t"
    );
    assert_eq!(value(&mut second, "SELECT pg_try_advisory_lock(7)"), "f");
    assert_eq!(
        value(&mut second, "SELECT pg_try_advisory_lock_shared(1, 2)"),
        "t"
    );
    assert_eq!(
        value(&mut second, "SELECT pg_try_advisory_xact_lock(8)"),
        "t"
    );
    drop(first);
    assert_eq!(value(&mut second, "SELECT pg_try_advisory_lock(7)"), "t");
}

#[test]
fn advisory_locks_are_in_the_search_for_deadlocks() {
    let engine = engine();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    ok(&mut first, "SELECT pg_advisory_lock(1)");
    ok(&mut second, "BEGIN; LOCK TABLE t; SELECT pg_backend_pid()");
    let waiter = std::thread::spawn(move || {
        let state = state(&mut first, "BEGIN; SELECT count(*) FROM t");
        drop(first);
        state
    });
    let own = state(&mut second, "SELECT pg_advisory_lock(1)");
    if own == "40P01" {
        ok(&mut second, "ROLLBACK");
    }
    drop(second);
    let other = waiter.join().expect("the waiter ends");
    let states = [own.as_str(), other.as_str()];
    assert!(
        states.contains(&"40P01") && states.contains(&"00000"),
        "{states:?}"
    );
}
