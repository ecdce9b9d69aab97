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

#[test]
fn activity_tells_what_is_waited_for_and_by_what_number_a_statement_goes() {
    let engine = engine();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    let pid = value(&mut first, "SELECT pg_backend_pid()");
    let shown = |what: &str| format!("SELECT {what} FROM pg_stat_activity WHERE pid = {pid}");
    let wait = shown("concat_ws(' ', wait_event_type, wait_event, state)");
    assert_eq!(value(&mut second, &wait), "Client ClientRead idle");
    ok(&mut second, "INSERT INTO t VALUES (1)");
    for (held, wanted, expected) in [
        ("LOCK TABLE t", "SELECT * FROM t", "Lock relation active"),
        (
            "UPDATE t SET a = 2",
            "UPDATE t SET a = 3",
            "Lock transactionid active",
        ),
        (
            "SELECT pg_advisory_xact_lock(5)",
            "SELECT pg_advisory_lock(5)",
            "Lock advisory active",
        ),
        ("SELECT 1", "SELECT pg_sleep(600)", "Timeout PgSleep active"),
    ] {
        ok(&mut second, &format!("BEGIN; {held}"));
        let waiter = std::thread::spawn(move || {
            let state = state(&mut first, wanted);
            (first, state)
        });
        while value(&mut second, &wait) != expected {
            std::thread::yield_now();
        }
        let query = shown("query");
        assert_eq!(value(&mut second, &query), wanted);
        let cancel = format!("SELECT pg_cancel_backend({pid})");
        assert_eq!(value(&mut second, &cancel), "t");
        let (back, cancelled) = waiter.join().expect("the waiter ends");
        assert_eq!(cancelled, "57014");
        ok(&mut second, "ROLLBACK");
        first = back;
    }
    ok(&mut first, "SELECT a FROM t WHERE a = 17");
    let number = value(&mut second, &shown("query_id"));
    let query = format!("SELECT query FROM pg_stat_statements WHERE queryid = {number}");
    assert_eq!(value(&mut second, &query), "SELECT a FROM t WHERE a = $1");
}

#[test]
fn a_backend_is_ended_and_waited_for() {
    let engine = engine();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    let pid = value(&mut first, "SELECT pg_backend_pid()");
    let idle = format!("SELECT pg_terminate_backend({pid}, 20)");
    assert_eq!(value(&mut second, &idle), "f");
    let notice = format!("01000 backend with PID {pid} did not terminate within 20 milliseconds");
    assert_eq!(second.notices(), [notice]);
    assert_eq!(state(&mut first, "SELECT pg_sleep(1)"), "57P01");
    drop(first);
    assert_eq!(value(&mut second, &idle), "f");
    let notice = format!("01000 PID {pid} is not a PostgreSQL backend process");
    assert_eq!(second.notices(), [notice]);
    assert_eq!(
        state(&mut second, "SELECT pg_terminate_backend(1, -1)"),
        "22003"
    );
    let mut first = Client::connect(&engine);
    let pid = value(&mut first, "SELECT pg_backend_pid()");
    let leaving = std::thread::spawn(move || state(&mut first, "SELECT pg_sleep(600)"));
    let gone = format!("SELECT pg_terminate_backend({pid}, 60000)");
    assert_eq!(value(&mut second, &gone), "t");
    assert_eq!(leaving.join().expect("it ends"), "57P01");
}

#[test]
fn statements_are_counted_by_their_text_without_constants() {
    let engine = engine();
    let mut client = Client::connect(&engine);
    ok(
        &mut client,
        "CREATE TABLE k (id int PRIMARY KEY, v text); SELECT pg_stat_statements_reset()",
    );
    for id in 1..=5 {
        ok(
            &mut client,
            &format!("INSERT INTO k VALUES ({id}, 'v{id}')"),
        );
        ok(&mut client, &format!("SELECT v FROM k WHERE id = {id}"));
        client
            .run_as_front(&format!("SELECT v FROM k WHERE id = {id}"))
            .expect("it runs");
    }
    ok(&mut client, "SELECT * FROM k WHERE v > 'v2' LIMIT 2");
    ok(
        &mut client,
        "PREPARE p (int) AS SELECT v FROM k WHERE id < $1 + 0",
    );
    ok(&mut client, "EXECUTE p (4); EXECUTE p (1)");
    assert_eq!(state(&mut client, "SELECT 1 / 0"), "22012");
    ok(&mut client, "BEGIN; COMMIT");
    let mut counted = |text: &str| {
        let query = format!(
            "SELECT concat_ws(' ', calls, rows, total_exec_time > 0 AND min_exec_time <=
             mean_exec_time AND mean_exec_time <= max_exec_time AND stddev_exec_time >= 0)
             FROM pg_stat_statements WHERE query = '{text}'"
        );
        value(&mut client, &query)
    };
    assert_eq!(counted("INSERT INTO k VALUES ($1, $2)"), "5 5 t");
    assert_eq!(counted("SELECT v FROM k WHERE id = $1"), "10 10 t");
    assert_eq!(counted("SELECT * FROM k WHERE v > $1 LIMIT $2"), "1 2 t");
    let prepared = "PREPARE p (int) AS SELECT v FROM k WHERE id < $1 + $2";
    assert_eq!(counted(prepared), "2 3 t");
    assert_eq!(counted("SELECT $1 / $2"), "NULL");
    assert_eq!(counted("BEGIN"), "1 0 t");
    assert_eq!(counted("COMMIT"), "1 0 t");
    ok(&mut client, "SELECT pg_stat_statements_reset()");
    let left = "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%k%id%'";
    assert_eq!(value(&mut client, left), "0");
}

#[test]
fn every_session_is_listed_with_what_it_holds() {
    let engine = engine();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    for (change, _) in CHANGES {
        ok(&mut first, change);
    }
    ok(&mut first, "SET application_name = 'app'");
    let pid = value(&mut first, "SELECT pg_backend_pid()");
    let listed = format!(
        "SELECT concat_ws(' ', usename, datname, application_name, state, temp_relations, cursors,
         prepared_statements, channels, advisory_locks, cursor_memory_bytes > 0)
         FROM rustydb_sessions WHERE pid = {pid}"
    );
    let expected = "rustydb rustydb app idle 1 1 1 1 2 t";
    assert_eq!(value(&mut second, &listed), expected);
    ok(&mut first, "DISCARD ALL");
    let expected = "rustydb rustydb idle 0 0 0 0 0 f";
    assert_eq!(value(&mut second, &listed).replace("  ", " "), expected);
}

#[test]
fn a_held_cursor_keeps_most_of_its_rows_in_a_file() {
    let engine = engine();
    let mut client = Client::connect(&engine);
    ok(&mut client, "SET work_mem = '64kB'");
    ok(
        &mut client,
        "DECLARE c SCROLL CURSOR WITH HOLD FOR
         SELECT n, repeat('x', 200) FROM generate_series(1, 20000) n",
    );
    for (fetch, expected) in [
        ("FETCH ABSOLUTE 15000 c", "15000"),
        ("FETCH PRIOR c", "14999"),
        ("FETCH LAST c", "20000"),
        ("FETCH FIRST c", "1"),
        ("FETCH RELATIVE 7777 c", "7778"),
    ] {
        assert_eq!(value(&mut client, fetch), expected, "{fetch}");
    }
    let all = client.run("FETCH ALL c").expect("it runs");
    let rows = &all.last().expect("it answers").rows;
    assert_eq!(rows.len(), 20000 - 7778);
    assert_eq!(rows.last().and_then(|row| row[0].as_deref()), Some("20000"));
    let bytes = "SELECT cursor_memory_bytes < 1000000 FROM rustydb_sessions";
    assert_eq!(value(&mut client, bytes), "t");
}
