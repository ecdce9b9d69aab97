//! What an engine finds when it is opened anew: after a close in order, and after a crash that
//! leaves transactions open.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::Arc;

use common::vfs::Vfs;
use engine::{Engine, EngineOptions};
use sim::{DiskImage, FaultyVfs, Rng};
use support::Client;

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

    fn new(setup: &str) -> Self {
        let rig = Self::on(DiskImage::default());
        ok(&mut rig.client(), setup);
        rig
    }

    fn client(&self) -> Client {
        Client::connect(&self.engine)
    }

    fn close_and_open(self) -> Self {
        self.engine.close().unwrap();
        Self::on(self.vfs.crash(&mut Rng::new(1)))
    }

    /// Whatever is open is lost, but for what `clients` committed.
    fn crash_and_open(self, clients: Vec<Client>) -> Self {
        let disk = self.vfs.crash(&mut Rng::new(1));
        drop(clients);
        let _ = self.engine.close();
        Self::on(disk)
    }
}

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
    let rows = &answers.last().unwrap().rows;
    let lines = rows.iter().map(|row| {
        let values = row.iter().map(|value| value.as_deref().unwrap_or("NULL"));
        values.collect::<Vec<_>>().join("|")
    });
    lines.collect::<Vec<_>>().join("\n")
}

const ROWS: &str = "CREATE TABLE t (id int PRIMARY KEY, name text); \
    CREATE TABLE other (n int); \
    INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, 300) i";

/// Leaves that a rolled back ADD COLUMN has converted still have its columns after a restart; the
/// next layout has another number and other columns.
#[test]
fn a_layout_that_was_rolled_back_is_not_taken_for_another_after_a_restart() {
    let rig = Rig::new(ROWS);
    let mut client = rig.client();
    ok(
        &mut client,
        "BEGIN; ALTER TABLE t ADD COLUMN x int DEFAULT 7; \
         UPDATE t SET x = id WHERE id % 2 = 0; INSERT INTO t VALUES (1000, 'new', 1); ROLLBACK",
    );
    drop(client);
    let rig = rig.close_and_open();
    let mut client = rig.client();
    ok(&mut client, "INSERT INTO t VALUES (1000, 'after')");
    ok(
        &mut client,
        "ALTER TABLE t ADD COLUMN x text DEFAULT 'default'",
    );
    ok(&mut client, "UPDATE t SET x = 'changed' WHERE id = 4");
    let all = "SELECT count(*), count(DISTINCT x), sum(length(x)) FROM t";
    assert_eq!(rows(&mut client, all), "301|2|2107");
    drop(client);
    let rig = rig.close_and_open();
    let mut client = rig.client();
    assert_eq!(rows(&mut client, all), "301|2|2107");
    let some = "SELECT * FROM t WHERE id IN (3, 4, 1000) ORDER BY id";
    assert_eq!(
        rows(&mut client, some),
        "3|row 3|default\n4|row 4|changed\n1000|after|default"
    );
    assert_eq!(engine::verify(&rig.engine).unwrap().1, Vec::<String>::new());
}

/// The same where a crash takes the transaction back, which goes on behind new work.
#[test]
fn a_crash_takes_an_added_column_back() {
    let mut rig = Rig::new(ROWS);
    for kind in ["int DEFAULT 7", "text DEFAULT 'long'", "bigint", "boolean"] {
        let (mut loser, mut other) = (rig.client(), rig.client());
        ok(
            &mut loser,
            &format!(
                "BEGIN; ALTER TABLE t ADD COLUMN x {kind}; \
                 UPDATE t SET x = NULL WHERE id % 2 = 0; UPDATE t SET name = name WHERE id % 3 = 0; \
                 DELETE FROM t WHERE id % 5 = 0; INSERT INTO t VALUES (1000, 'new', NULL)"
            ),
        );
        // Its commit takes the log of both to the disk.
        ok(&mut other, "INSERT INTO other VALUES (1)");
        rig = rig.crash_and_open(vec![loser, other]);
        let mut client = rig.client();
        ok(&mut client, "ALTER TABLE t ADD COLUMN y real DEFAULT 0.5");
        ok(&mut client, "INSERT INTO t VALUES (1000, 'after', 1.5)");
        ok(&mut client, "UPDATE t SET y = 2 WHERE id IN (30, 31)");
        assert_eq!(
            rows(&mut client, "SELECT count(*), sum(y) FROM t"),
            "301|154.5"
        );
        ok(&mut client, "DELETE FROM t WHERE id = 1000");
        ok(&mut client, "ALTER TABLE t DROP COLUMN y");
        assert_eq!(
            rows(
                &mut client,
                "SELECT * FROM t WHERE id IN (29, 30, 1000) ORDER BY id"
            ),
            "29|row 29\n30|row 30"
        );
    }
    rig = rig.close_and_open();
    assert_eq!(engine::verify(&rig.engine).unwrap().1, Vec::<String>::new());
}

/// nextval is logged ahead: what a client was given is not given again, what a crash skips is lost.
#[test]
fn numbers_of_a_sequence_are_not_given_again() {
    let mut rig = Rig::new("CREATE SEQUENCE s; CREATE TABLE t (n serial, o int)");
    let mut last = 0;
    for round in 0..5 {
        let mut client = rig.client();
        for _ in 0..round * 20 {
            let next: i64 = rows(&mut client, "SELECT nextval('s')").parse().unwrap();
            assert!(next > last, "{next} after {last}");
            last = next;
        }
        ok(
            &mut client,
            "INSERT INTO t (o) SELECT 1 FROM generate_series(1, 40)",
        );
        rig = match round % 2 {
            0 => rig.crash_and_open(vec![client]),
            _ => {
                drop(client);
                rig.close_and_open()
            }
        };
    }
    let counts = "SELECT count(*), count(DISTINCT n) FROM t";
    assert_eq!(rows(&mut rig.client(), counts), "200|200");
}

/// Files stay with the relations that there are: those of losers go, those that losers dropped stay.
#[test]
fn a_crash_leaves_no_file_behind_and_takes_none_away() {
    let rig = Rig::new(
        "CREATE TABLE a (n int PRIMARY KEY); CREATE TABLE b (n int PRIMARY KEY); \
         CREATE TABLE other (n int); INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)",
    );
    let rig = rig.close_and_open();
    let files = |rig: &Rig| {
        let mut names = rig.vfs.list("data").unwrap();
        names.sort();
        names
    };
    let before = files(&rig);
    let (mut loser, mut other) = (rig.client(), rig.client());
    ok(
        &mut loser,
        "BEGIN; CREATE TABLE c (n serial PRIMARY KEY); INSERT INTO c VALUES (3); DROP TABLE a; \
         ALTER TABLE b ADD COLUMN x int DEFAULT random()::int; CREATE INDEX b_x ON b (x)",
    );
    assert!(files(&rig).len() > before.len());
    ok(&mut other, "INSERT INTO other VALUES (1)");
    let rig = rig.crash_and_open(vec![loser, other]);
    while rig.engine.txns().loser_count() > 0 {
        std::thread::yield_now();
    }
    let rig = rig.close_and_open();
    assert_eq!(files(&rig), before);
    let mut client = rig.client();
    assert_eq!(rows(&mut client, "SELECT * FROM a, b"), "1|2");
    ok(&mut client, "DROP TABLE b; CREATE TABLE d (n int)");
    ok(&mut client, "DROP TABLE d");
    let rig = rig.crash_and_open(vec![client]);
    let rig = rig.close_and_open();
    assert_eq!(files(&rig).len(), before.len() - 2);
    assert_eq!(engine::verify(&rig.engine).unwrap().1, Vec::<String>::new());
}
