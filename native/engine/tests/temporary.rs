//! Temporary relations: whose they are, and that nothing of them is left behind.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::Arc;

use common::vfs::Vfs;
use engine::{Engine, EngineOptions};
use sim::{DiskImage, FaultyVfs, Rng};
use support::{Client, open};

fn ok(client: &mut Client, sql: &str) {
    client
        .run(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The rows of the last statement, a line each.
fn rows(client: &mut Client, sql: &str) -> String {
    let answers = client
        .run(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let lines = answers.last().unwrap().rows.iter().map(|row| {
        let values = row.iter().map(|value| value.as_deref().unwrap_or("NULL"));
        values.collect::<Vec<_>>().join("|")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn error(client: &mut Client, sql: &str) -> String {
    match client.run(sql) {
        Ok(_) => panic!("{sql} went well"),
        Err(error) => error.into_sql().message,
    }
}

/// All kinds of temporary relations, with rows.
const ALL_KINDS: &str = "CREATE TEMP TABLE t (id serial PRIMARY KEY, v text UNIQUE); \
    INSERT INTO t (v) SELECT 'row ' || i FROM generate_series(1, 500) i; \
    CREATE INDEX ON t (v, id); CREATE TEMP VIEW w AS SELECT * FROM t; CREATE TEMP SEQUENCE s; \
    SELECT nextval('s'); COMMENT ON TABLE t IS 'mine'; ANALYZE t; \
    CREATE TEMP TABLE od (v text) ON COMMIT DELETE ROWS";

/// What is left of temporary relations, seen from outside.
const LEFT: &str = "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
    WHERE nspname LIKE 'pg\\_temp%' ORDER BY 1";

fn files(engine: &Engine) -> usize {
    engine.storage().file_ids().len()
}

#[test]
fn they_are_their_sessions_alone_and_end_with_it() {
    let engine = open();
    let mut other = Client::connect(&engine);
    ok(
        &mut other,
        "CREATE TABLE t (v text); INSERT INTO t VALUES ('permanent')",
    );
    let before = files(&engine);
    let mut owner = Client::connect(&engine);
    ok(&mut owner, ALL_KINDS);
    assert_eq!(rows(&mut owner, "SELECT count(*) FROM t"), "500");
    assert_eq!(rows(&mut other, "SELECT * FROM t"), "permanent");
    let schema = rows(
        &mut other,
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg\\_temp%'",
    );
    for statement in [
        format!("SELECT * FROM {schema}.t"),
        format!("INSERT INTO {schema}.t VALUES (1)"),
        format!("UPDATE {schema}.t SET v = ''"),
        format!("SELECT * FROM {schema}.w"),
        format!("COPY {schema}.t TO STDOUT"),
        format!("COPY {schema}.t FROM STDIN"),
        format!("CREATE INDEX ON {schema}.t (id)"),
    ] {
        assert_eq!(
            error(&mut other, &statement),
            "cannot access temporary tables of other sessions",
            "{statement}"
        );
    }
    let verbs = [
        ("ALTER TABLE {} ADD COLUMN x int", "alter"),
        ("TRUNCATE {}", "truncate"),
    ];
    for (statement, verb) in verbs {
        let statement = statement.replace("{}", &format!("{schema}.t"));
        let expected = format!("cannot {verb} temporary tables of other sessions");
        assert_eq!(error(&mut other, &statement), expected);
    }
    assert_eq!(
        error(&mut other, &format!("CREATE TABLE {schema}.x (v int)")),
        "cannot create relations in temporary schemas of other sessions"
    );
    // The same names at the same time.
    let mut second = Client::connect(&engine);
    ok(&mut second, ALL_KINDS);
    assert_eq!(
        rows(
            &mut other,
            "SELECT count(*) FROM pg_class WHERE relname = 'od'"
        ),
        "2"
    );
    drop(owner);
    assert_eq!(rows(&mut second, "SELECT count(*) FROM t"), "500");
    drop(second);
    assert_eq!(rows(&mut other, LEFT), "");
    assert_eq!(files(&engine), before);
    assert_eq!(rows(&mut other, "SELECT count(*) FROM pg_description"), "0");
    assert_eq!(rows(&mut other, "SELECT count(*) FROM pg_statistic"), "0");
    assert_eq!(rows(&mut other, "SELECT * FROM t"), "permanent");
    assert_eq!(engine::verify(&engine).unwrap().1, Vec::<String>::new());
}

/// However a session ends: in a block, after an error, told to by another.
#[test]
fn nothing_is_left_however_the_session_ends() {
    let engine = open();
    let before = files(&engine);
    let mut other = Client::connect(&engine);
    let ends = [
        "BEGIN; INSERT INTO t (v) VALUES ('open'); CREATE TEMP TABLE more (v int)",
        "BEGIN; DROP TABLE t CASCADE; INSERT INTO od VALUES ('x')",
        "BEGIN; SAVEPOINT a; ALTER TABLE t ADD COLUMN x int; TRUNCATE t",
    ];
    for end in ends {
        let mut owner = Client::connect(&engine);
        ok(&mut owner, ALL_KINDS);
        ok(&mut owner, end);
        drop(owner);
        assert_eq!(rows(&mut other, LEFT), "", "{end}");
        assert_eq!(files(&engine), before, "{end}");
    }
    let mut owner = Client::connect(&engine);
    ok(&mut owner, ALL_KINDS);
    owner.handle().terminate();
    drop(owner);
    assert_eq!(rows(&mut other, LEFT), "");
    assert_eq!(files(&engine), before);
}

#[test]
fn a_schema_is_given_to_the_next_session() {
    let engine = open();
    let mut other = Client::connect(&engine);
    for _ in 0..3 {
        let mut owner = Client::connect(&engine);
        ok(&mut owner, ALL_KINDS);
    }
    let schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg\\_temp%'";
    assert_eq!(rows(&mut other, schemas), "pg_temp_1");
    // Made in a transaction that is rolled back, the schema goes with it and comes again.
    let mut first = Client::connect(&engine);
    ok(&mut first, "CREATE TEMP TABLE t (v int)");
    let mut second = Client::connect(&engine);
    ok(&mut second, "BEGIN; CREATE TEMP TABLE t (v int); ROLLBACK");
    assert_eq!(rows(&mut other, schemas), "pg_temp_1");
    ok(
        &mut second,
        "CREATE TEMP TABLE t (v int); INSERT INTO t VALUES (2)",
    );
    assert_eq!(rows(&mut first, "SELECT * FROM t"), "");
    assert_eq!(rows(&mut second, "SELECT * FROM t"), "2");
}

/// Texts and prepared statements that are kept ready do not keep the relation that they found.
#[test]
fn a_name_that_comes_earlier_on_the_path_is_found_at_once() {
    let engine = open();
    let mut client = Client::connect(&engine);
    ok(
        &mut client,
        "CREATE SCHEMA first; CREATE TABLE t (k int PRIMARY KEY, v text); \
         INSERT INTO t VALUES (1, 'public'); SET search_path = first, public; \
         PREPARE p AS SELECT v FROM t WHERE k = 1",
    );
    let found = |client: &mut Client| {
        let answers = client.run_as_front("SELECT v FROM t WHERE k = 1").unwrap();
        let prepared = rows(client, "EXECUTE p");
        let text = answers[0].rows[0][0].clone().unwrap();
        assert_eq!(text, prepared);
        text
    };
    for _ in 0..3 {
        assert_eq!(found(&mut client), "public");
    }
    let mut other = Client::connect(&engine);
    ok(
        &mut other,
        "CREATE TABLE first.t (k int PRIMARY KEY, v text); INSERT INTO first.t VALUES (1, 'first')",
    );
    assert_eq!(found(&mut client), "first");
    ok(
        &mut client,
        "CREATE TEMP TABLE t (k int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'own')",
    );
    for _ in 0..3 {
        assert_eq!(found(&mut client), "own");
    }
    ok(&mut client, "ALTER TABLE t RENAME TO away");
    assert_eq!(found(&mut client), "first");
    ok(&mut client, "ALTER TABLE away RENAME TO t");
    assert_eq!(found(&mut client), "own");
    ok(&mut client, "DISCARD TEMP; DROP TABLE first.t");
    assert_eq!(found(&mut client), "public");
}

#[test]
fn on_commit_holds_for_statements_of_a_front_thread_too() {
    let engine = open();
    let mut client = Client::connect(&engine);
    ok(
        &mut client,
        "CREATE TEMP TABLE od (k int PRIMARY KEY) ON COMMIT DELETE ROWS",
    );
    let count = |client: &mut Client| rows(client, "SELECT count(*) FROM od");
    for k in 0..5 {
        let insert = format!("INSERT INTO od VALUES ({k})");
        client.run_as_front(&insert).unwrap();
        assert_eq!(count(&mut client), "0");
    }
    let with = "WITH one AS (INSERT INTO od VALUES (7) RETURNING k) SELECT * FROM one";
    assert_eq!(rows(&mut client, with), "7");
    assert_eq!(count(&mut client), "0");
    for statement in [
        "BEGIN",
        "INSERT INTO od VALUES (1)",
        "INSERT INTO od VALUES (2)",
    ] {
        client.run_as_front(statement).unwrap();
    }
    assert_eq!(count(&mut client), "2");
    client.run_as_front("COMMIT").unwrap();
    assert_eq!(count(&mut client), "0");
    let before = files(&engine);
    for k in 0..200 {
        client
            .run_as_front(&format!("INSERT INTO od VALUES ({k})"))
            .unwrap();
    }
    assert!(files(&engine) < before + 100, "old files pile up");
    for statement in ["BEGIN", "CREATE TEMP TABLE gone (k int) ON COMMIT DROP"] {
        client.run_as_front(statement).unwrap();
    }
    client.run_as_front("INSERT INTO gone VALUES (1)").unwrap();
    client.run_as_front("COMMIT").unwrap();
    assert_eq!(
        error(&mut client, "SELECT * FROM gone"),
        "relation \"gone\" does not exist"
    );
}

/// A crash takes all of it anyway.
#[test]
fn their_commits_do_not_wait_for_the_disk() {
    let engine = open();
    let mut client = Client::connect(&engine);
    ok(
        &mut client,
        "CREATE TABLE kept (id serial PRIMARY KEY, v text)",
    );
    let syncs = || engine.storage().statistics().log_syncs;
    let before = syncs();
    ok(&mut client, ALL_KINDS);
    for k in 0..10 {
        let insert = format!("INSERT INTO t (v) VALUES ('{k}')");
        client.run_as_front(&insert).unwrap();
        ok(&mut client, &format!("INSERT INTO od VALUES ('{k}')"));
    }
    ok(
        &mut client,
        "BEGIN; UPDATE t SET v = v || '!'; SAVEPOINT a; DELETE FROM t WHERE id > 300; \
         ROLLBACK TO a; INSERT INTO od SELECT v FROM kept; SELECT nextval('s'); COMMIT",
    );
    assert_eq!(syncs(), before);
    // Whatever else is written has to be waited for.
    for durable in [
        "BEGIN; INSERT INTO t (v) VALUES ('x'); INSERT INTO kept (v) VALUES ('x'); COMMIT",
        "INSERT INTO t (v) SELECT nextval('kept_id_seq')::text || 'n' FROM generate_series(1, 40)",
        "BEGIN; CREATE TABLE more (v int); INSERT INTO t (v) VALUES ('y'); COMMIT",
        "WITH w AS (UPDATE kept SET v = 'z' RETURNING v) INSERT INTO od SELECT v FROM w",
        "COMMENT ON TABLE kept IS 'kept'",
    ] {
        let before = syncs();
        ok(&mut client, durable);
        assert!(syncs() > before, "{durable}");
    }
}

/// A disk, and the engine on it.
struct Rig {
    vfs: FaultyVfs,
    engine: Arc<Engine>,
}

impl Rig {
    fn on(disk: DiskImage) -> Self {
        let vfs = FaultyVfs::new(disk, Vec::new());
        let engine = Engine::open(EngineOptions {
            vfs: Some(Arc::new(vfs.clone())),
            ..EngineOptions::default()
        });
        let engine = engine.unwrap();
        Self { vfs, engine }
    }

    fn data_files(&self) -> Vec<String> {
        let mut names = self.vfs.list("data").unwrap();
        names.sort();
        names
    }
}

fn check_nothing_is_left(rig: &Rig, permanent: &[String]) {
    let mut client = Client::connect(&rig.engine);
    assert_eq!(rows(&mut client, LEFT), "");
    // Files wait for the rollback of what the crash left, then for the end of a session or for a
    // checkpoint.
    while rig.engine.txns().loser_count() > 0 {
        common::rt::yield_now();
    }
    // The background may hold an older snapshot for a moment longer, when it is busy.
    for _ in 0..1000 {
        drop(Client::connect(&rig.engine));
        rig.engine.storage().checkpoint().unwrap();
        if rig.data_files() == permanent {
            break;
        }
        common::rt::yield_now();
    }
    assert_eq!(
        rows(
            &mut client,
            "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^pg_temp'"
        ),
        "0"
    );
    assert_eq!(rows(&mut client, "SELECT v FROM kept"), "1");
    assert_eq!(rig.data_files(), permanent);
    assert_eq!(engine::verify(&rig.engine).unwrap().1, Vec::<String>::new());
    ok(&mut client, ALL_KINDS);
    assert_eq!(rows(&mut client, "SELECT count(*) FROM t"), "500");
}

#[test]
fn a_crash_takes_them_and_gives_their_space_back() {
    for seed in 0..6 {
        let rig = Rig::on(DiskImage::default());
        let mut setup = Client::connect(&rig.engine);
        ok(
            &mut setup,
            "CREATE TABLE kept (v int); INSERT INTO kept VALUES (1)",
        );
        let permanent = rig.data_files();
        let (mut idle, mut loser) = (Client::connect(&rig.engine), Client::connect(&rig.engine));
        ok(&mut idle, ALL_KINDS);
        ok(&mut loser, ALL_KINDS);
        // Half of the time some of it is in the files already.
        if seed % 2 == 0 {
            ok(&mut setup, "CHECKPOINT");
        }
        ok(
            &mut loser,
            "BEGIN; UPDATE t SET v = v || '!'; ALTER TABLE t ADD COLUMN x int DEFAULT 1; \
             CREATE TEMP TABLE more AS SELECT * FROM t; DROP TABLE od",
        );
        let mut last = Client::connect(&rig.engine);
        ok(&mut last, "UPDATE kept SET v = v");
        let disk = rig.vfs.crash(&mut Rng::new(seed));
        drop((setup, idle, loser, last));
        let _ = rig.engine.close();
        let rig = Rig::on(disk);
        check_nothing_is_left(&rig, &permanent);
    }
}

#[test]
fn a_restart_takes_them_too() {
    let rig = Rig::on(DiskImage::default());
    let mut client = Client::connect(&rig.engine);
    ok(
        &mut client,
        "CREATE TABLE kept (v int); INSERT INTO kept VALUES (1)",
    );
    let permanent = rig.data_files();
    ok(&mut client, ALL_KINDS);
    rig.engine.close().unwrap();
    drop(client);
    let rig = Rig::on(rig.vfs.crash(&mut Rng::new(1)));
    check_nothing_is_left(&rig, &permanent);
}
