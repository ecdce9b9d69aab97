//! LISTEN, NOTIFY and UNLISTEN over several sessions, as PostgreSQL has them.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{Engine, Wake};
use support::Client;

/// A client whose wake calls are counted.
fn listener(engine: &Arc<Engine>) -> (Client, Arc<AtomicUsize>) {
    let mut client = Client::connect(engine);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let wake: Wake = Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    client.session().set_wake(wake);
    (client, calls)
}

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

/// What the client is told: `channel:payload`, all of it.
fn told(client: &mut Client) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let events = client.session().take_notifications(1000);
        if events.is_empty() {
            return all;
        }
        all.extend(
            events
                .iter()
                .map(|e| format!("{}:{}", e.channel, e.payload)),
        );
    }
}

fn column(client: &mut Client, sql: &str) -> Vec<String> {
    let answers = client.run(sql).expect("the query runs");
    let rows = &answers.last().expect("it answers").rows;
    rows.iter()
        .map(|row| row[0].clone().unwrap_or_else(|| "NULL".to_owned()))
        .collect()
}

#[test]
fn a_commit_tells_and_a_rollback_does_not() {
    let engine = support::open();
    let (mut first, calls) = listener(&engine);
    let mut second = Client::connect(&engine);
    ok(&mut first, "LISTEN a");
    ok(
        &mut second,
        "BEGIN; NOTIFY a, 'one'; NOTIFY b, 'other'; NOTIFY a",
    );
    assert!(told(&mut first).is_empty());
    ok(&mut second, "COMMIT");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(told(&mut first), ["a:one", "a:"]);
    ok(&mut second, "BEGIN; NOTIFY a, 'never'; ROLLBACK");
    assert_eq!(
        state(&mut second, "NOTIFY a, 'never'; SELECT 1 / 0"),
        "22012"
    );
    ok(&mut second, "BEGIN; NOTIFY a, 'never'");
    assert_eq!(state(&mut second, "SELECT 1 / 0"), "22012");
    ok(&mut second, "COMMIT; NOTIFY a, 'last'");
    assert_eq!(told(&mut first), ["a:last"]);
    assert!(told(&mut second).is_empty());
}

#[test]
fn equal_notifications_are_one_and_savepoints_take_theirs_back() {
    let engine = support::open();
    let (mut first, _) = listener(&engine);
    let mut second = Client::connect(&engine);
    ok(&mut first, "LISTEN a; LISTEN \"B\"");
    ok(
        &mut second,
        "BEGIN; NOTIFY a, 'x'; NOTIFY \"B\", 'x'; NOTIFY a, 'y'; NOTIFY a, 'x';
         SELECT pg_notify('a', 'y'), pg_notify('a', 'z'); COMMIT",
    );
    assert_eq!(told(&mut first), ["a:x", "B:x", "a:y", "a:z"]);
    ok(
        &mut second,
        "BEGIN; NOTIFY a, '1'; SAVEPOINT s; NOTIFY a, '2'; SAVEPOINT t; NOTIFY a, '3';
         RELEASE t; NOTIFY a, '4'; ROLLBACK TO s; NOTIFY a, '5'; NOTIFY a, '3'; COMMIT",
    );
    assert_eq!(told(&mut first), ["a:1", "a:5", "a:3"]);
    ok(
        &mut second,
        "BEGIN; NOTIFY a, '1'; SAVEPOINT s; NOTIFY a, '2'",
    );
    assert_eq!(state(&mut second, "SELECT 1 / 0"), "22012");
    ok(&mut second, "ROLLBACK TO s; NOTIFY a, '3'; COMMIT");
    assert_eq!(told(&mut first), ["a:1", "a:3"]);
}

#[test]
fn listening_begins_and_ends_with_the_commit() {
    let engine = support::open();
    let (mut first, _) = listener(&engine);
    let (mut second, calls) = listener(&engine);
    ok(&mut second, "BEGIN; LISTEN a; LISTEN b");
    ok(&mut first, "NOTIFY a, 'early'");
    assert!(column(&mut second, "SELECT pg_listening_channels()").is_empty());
    // It hears itself.
    ok(&mut second, "NOTIFY a, 'own'; COMMIT");
    assert_eq!(told(&mut second), ["a:own"]);
    let channels = "SELECT * FROM pg_listening_channels()";
    assert_eq!(column(&mut second, channels), ["a", "b"]);
    ok(&mut second, "BEGIN; UNLISTEN *; ROLLBACK");
    assert_eq!(column(&mut second, channels), ["a", "b"]);
    ok(&mut second, "BEGIN; UNLISTEN *; LISTEN b; NOTIFY b, 'own'");
    ok(&mut first, "NOTIFY a, 'open'");
    // Nothing is told while a transaction is open.
    assert!(told(&mut second).is_empty());
    ok(&mut second, "COMMIT");
    assert_eq!(told(&mut second), ["b:own"]);
    assert_eq!(column(&mut second, channels), ["b"]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    ok(&mut second, "UNLISTEN b");
    ok(&mut first, "NOTIFY b, 'gone'");
    assert!(told(&mut second).is_empty());
    assert!(column(&mut second, channels).is_empty());
    ok(&mut second, "LISTEN c");
    ok(&mut second, "DISCARD ALL");
    assert!(column(&mut second, channels).is_empty());
}

#[test]
fn what_is_told_comes_in_the_order_of_commits_and_after_their_rows() {
    let engine = support::open();
    let (mut listening, _) = listener(&engine);
    ok(&mut listening, "CREATE TABLE t (n int); LISTEN c");
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let mut client = Client::connect(&engine);
            std::thread::spawn(move || {
                for at in 0..50 {
                    let n = writer * 50 + at;
                    ok(
                        &mut client,
                        &format!("BEGIN; INSERT INTO t VALUES ({n}); NOTIFY c, '{n}'; COMMIT"),
                    );
                }
            })
        })
        .collect();
    let mut heard = Vec::new();
    while heard.len() < 200 {
        for event in told(&mut listening) {
            let n = event.strip_prefix("c:").expect("of the channel").to_owned();
            let seen = format!("SELECT count(*) FROM t WHERE n = {n}");
            assert_eq!(column(&mut listening, &seen), ["1"]);
            heard.push(n.parse::<i32>().expect("a number"));
        }
        std::thread::yield_now();
    }
    for writer in writers {
        writer.join().expect("the writer ends");
    }
    for writer in 0..4 {
        let own: Vec<_> = heard.iter().filter(|n| **n / 50 == writer).collect();
        assert!(own.is_sorted(), "each writer's in its order");
    }
}

#[test]
fn limits_are_those_of_postgresql() {
    let engine = support::open();
    let (mut first, _) = listener(&engine);
    let mut message = |sql: &str| {
        let error = first.run(sql).expect_err("is refused").into_sql();
        format!("{} {}", error.state, error.message)
    };
    for (sql, expected) in [
        (
            "SELECT pg_notify('', '')",
            "22023 channel name cannot be empty",
        ),
        (
            "SELECT pg_notify(NULL, 'x')",
            "22023 channel name cannot be empty",
        ),
        (
            "SELECT pg_notify(repeat('x', 64), '')",
            "22023 channel name too long",
        ),
        (
            "SELECT pg_notify('c', repeat('x', 8000))",
            "22023 payload string too long",
        ),
    ] {
        assert_eq!(message(sql), expected);
    }
    ok(
        &mut first,
        "LISTEN c; SELECT pg_notify('c', repeat('x', 7999)), pg_notify('c', NULL)",
    );
    let told = told(&mut first);
    assert_eq!(told.iter().map(String::len).collect::<Vec<_>>(), [8001, 2]);
}

#[test]
fn a_full_queue_refuses_the_commit_and_warns_before() {
    let engine = support::open();
    let (mut slow, _) = listener(&engine);
    let mut sender = Client::connect(&engine);
    ok(&mut slow, "LISTEN c");
    ok(&mut slow, "BEGIN");
    assert_eq!(
        column(&mut sender, "SELECT pg_notification_queue_usage()"),
        ["0"]
    );
    let send = |from: u32| {
        format!(
            "SELECT pg_notify('c', n || repeat('x', 7900)) FROM generate_series({from}, {}) n",
            from + 999
        )
    };
    let mut sent = 0;
    let refused = loop {
        match sender.run(&send(sent)) {
            Ok(_) => sent += 1000,
            Err(error) => break error.into_sql(),
        }
    };
    assert_eq!(refused.state, common::sqlstate::PROGRAM_LIMIT_EXCEEDED);
    assert_eq!(
        refused.message,
        "too many notifications in the NOTIFY queue"
    );
    let warnings = sender.notices();
    assert!(
        warnings.iter().any(|w| w.contains("NOTIFY queue is")),
        "{warnings:?}"
    );
    ok(&mut sender, "BEGIN; SELECT 1; COMMIT");
    ok(&mut slow, "COMMIT");
    assert_eq!(told(&mut slow).len(), sent as usize);
    assert_eq!(
        column(&mut sender, "SELECT pg_notification_queue_usage()"),
        ["0"]
    );
    ok(&mut sender, &send(0));
    // A listener that leaves holds nothing up.
    drop(slow);
    assert_eq!(
        column(&mut sender, "SELECT pg_notification_queue_usage()"),
        ["0"]
    );
}

#[test]
fn a_session_that_nobody_wakes_holds_nothing_up() {
    let engine = support::open();
    let mut deaf = Client::connect(&engine);
    ok(&mut deaf, "LISTEN c; NOTIFY c, 'x'");
    assert_eq!(column(&mut deaf, "SELECT pg_listening_channels()"), ["c"]);
    assert_eq!(
        column(&mut deaf, "SELECT pg_notification_queue_usage()"),
        ["0"]
    );
    assert!(told(&mut deaf).is_empty());
}
