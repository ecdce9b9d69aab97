//! What holds at every moment, under real tables and indexes: snapshots, rollback, purge, and what a
//! statement leaves that gave up.
//!
//! `CONTRIBUTING.md` says which test pins which invariant of the engine.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use engine::{Engine, EngineOptions};
use sim::{DiskImage, Fault, FaultyVfs, Rng};
use support::Client;

const SECOND_VALUES: i64 = 6;
const KEYS: i64 = 60;

fn ok(client: &mut Client, sql: &str) {
    client
        .run(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn state(client: &mut Client, sql: &str) -> String {
    match client.run(sql) {
        Ok(_) => "00000".to_owned(),
        Err(error) => error.into_sql().state.to_string(),
    }
}

/// The rows of the last statement, which has numbers only.
fn numbers(client: &mut Client, sql: &str) -> Vec<Vec<i64>> {
    let answers = client
        .run(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = answers.last().unwrap().rows.iter();
    rows.map(|row| {
        let values = row.iter();
        values
            .map(|value| value.as_ref().unwrap().parse().unwrap())
            .collect()
    })
    .collect()
}

/// Whether some session waits for a lock.
fn somebody_waits(client: &mut Client) -> bool {
    thread::yield_now();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    numbers(client, waiting) != [[0]]
}

fn open(vfs: &FaultyVfs) -> common::Result<Arc<Engine>> {
    Engine::open(EngineOptions {
        vfs: Some(Arc::new(vfs.clone())),
        ..EngineOptions::default()
    })
}

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, k int UNIQUE, s int, body text); \
    CREATE INDEX t_s ON t (s, k)";

/// Key, second key, length of the text.
type Row = (i64, i64, i64);
type Rows = BTreeMap<i64, Row>;

/// A transaction that keeps its snapshot, and what it must see.
struct Reader {
    client: Client,
    rows: Rows,
}

impl Reader {
    fn new(engine: &Arc<Engine>, rows: &Rows) -> Self {
        let mut client = Client::connect(engine);
        ok(&mut client, "SET enable_seqscan = off");
        ok(&mut client, "BEGIN ISOLATION LEVEL REPEATABLE READ");
        // Takes the snapshot.
        numbers(&mut client, "SELECT count(*) FROM t");
        let rows = rows.clone();
        Self { client, rows }
    }

    /// Every way to the rows gives each of them once, under its own keys.
    fn check(&mut self) {
        let shown = |(id, row): (&i64, &Row)| vec![*id, row.0, row.1, row.2];
        let all: BTreeSet<Vec<i64>> = self.rows.iter().map(shown).collect();
        let mut expect = |what: &str, wanted: &dyn Fn(&Vec<i64>) -> bool| {
            let sql = format!("SELECT id, k, s, length(body) FROM t {what}");
            let mut found = numbers(&mut self.client, &sql);
            found.sort();
            let wanted: Vec<Vec<i64>> = all.iter().filter(|row| wanted(row)).cloned().collect();
            assert_eq!(found, wanted, "{what}");
        };
        expect("", &|_| true);
        expect("WHERE id > 0 ORDER BY id", &|row| row[0] > 0);
        expect("WHERE k >= 0 ORDER BY k", &|_| true);
        for second in 0..SECOND_VALUES {
            expect(&format!("WHERE s = {second}"), &|row| row[2] == second);
        }
        for key in (0..KEYS).step_by(3) {
            expect(&format!("WHERE k = {key}"), &|row| row[1] == key);
            let range = format!("WHERE k BETWEEN {key} AND {}", key + 5);
            expect(&range, &|row| (key..=key + 5).contains(&row[1]));
        }
        // From the index alone.
        let keys = numbers(&mut self.client, "SELECT k FROM t WHERE k >= 0 ORDER BY k");
        let mut wanted: Vec<Vec<i64>> = all.iter().map(|row| vec![row[1]]).collect();
        wanted.sort();
        assert_eq!(keys, wanted);
        let pairs = numbers(&mut self.client, "SELECT s, k FROM t WHERE s >= 0");
        let mut wanted: Vec<Vec<i64>> = all.iter().map(|row| vec![row[2], row[1]]).collect();
        wanted.sort();
        assert_eq!(pairs, wanted);
    }
}

/// A random change of one row as SQL, done in `rows` as well; None where there is nothing to do.
fn change(rng: &mut Rng, rows: &mut Rows) -> Option<String> {
    let id = rng.below(40) as i64 + 1;
    let taken: BTreeSet<i64> = rows.values().map(|row| row.0).collect();
    let key = rng.below(KEYS as u64) as i64;
    let second = rng.below(SECOND_VALUES as u64) as i64;
    let length = match rng.below(10) {
        0 => 3000 + rng.below(20_000),
        1..4 => rng.below(1500),
        _ => rng.below(30),
    } as i64;
    let is_free = !taken.contains(&key);
    match rows.get(&id).copied() {
        None if is_free => {
            rows.insert(id, (key, second, length));
            Some(format!(
                "INSERT INTO t VALUES ({id}, {key}, {second}, repeat('x', {length}))"
            ))
        }
        None => None,
        Some(_) if rng.chance(5) => {
            rows.remove(&id);
            Some(format!("DELETE FROM t WHERE id = {id}"))
        }
        Some(old) if rng.chance(3) && is_free => {
            rows.insert(id, (key, old.1, old.2));
            Some(format!("UPDATE t SET k = {key} WHERE id = {id}"))
        }
        Some(old) if rng.chance(2) => {
            rows.insert(id, (old.0, second, old.2));
            Some(format!("UPDATE t SET s = {second} WHERE id = {id}"))
        }
        Some(old) => {
            rows.insert(id, (old.0, old.1, length));
            Some(format!(
                "UPDATE t SET body = repeat('x', {length}) WHERE k = {}",
                old.0
            ))
        }
    }
}

#[test]
fn an_old_snapshot_sees_each_row_once_under_its_own_keys() {
    for seed in 0..6 {
        let engine = support::open();
        let mut rng = Rng::new(seed);
        let mut writer = Client::connect(&engine);
        ok(&mut writer, TABLE);
        let mut rows = Rows::new();
        let mut readers: Vec<Reader> = Vec::new();
        for step in 0..150 {
            let before = rows.clone();
            ok(&mut writer, "BEGIN");
            for _ in 0..1 + rng.below(6) {
                if let Some(sql) = change(&mut rng, &mut rows) {
                    ok(&mut writer, &sql);
                }
            }
            if rng.chance(4) {
                rows = before;
                ok(&mut writer, "ROLLBACK");
            } else {
                ok(&mut writer, "COMMIT");
            }
            if readers.len() < 4 && rng.chance(6) {
                readers.push(Reader::new(&engine, &rows));
            }
            // What nobody needs goes, while the others look on.
            engine.txns().purge(u64::MAX).unwrap();
            if step % 10 == 0 {
                readers.iter_mut().for_each(Reader::check);
            }
            if !readers.is_empty() && rng.chance(12) {
                readers.remove(0).check();
            }
        }
        readers.iter_mut().for_each(Reader::check);
        Reader::new(&engine, &rows).check();
        readers.clear();
        while engine.txns().purge(u64::MAX).unwrap().has_more {}
        assert_eq!(engine::verify(&engine).unwrap().1, Vec::<String>::new());
    }
}

/// The queries above do go by the indexes.
#[test]
fn the_readers_use_the_indexes() {
    let engine = support::open();
    let mut client = Client::connect(&engine);
    ok(&mut client, TABLE);
    ok(&mut client, "SET enable_seqscan = off");
    for (what, index) in [
        ("id FROM t WHERE k = 3", "t_k_key"),
        ("id FROM t WHERE s = 3", "t_s"),
        ("k FROM t WHERE k >= 0 ORDER BY k", "t_k_key"),
        ("id FROM t WHERE id > 0 ORDER BY id", "t_pkey"),
    ] {
        let answers = client.run(&format!("EXPLAIN SELECT {what}")).unwrap();
        let plan: Vec<String> = answers[0]
            .rows
            .iter()
            .flatten()
            .flatten()
            .cloned()
            .collect();
        assert!(plan.join("\n").contains(index), "{what}: {plan:?}");
    }
}

/// Keys change places under threads; whoever keeps a snapshot finds the same rows by every way, as
/// often as it looks.
#[test]
fn snapshots_beside_threads_that_swap_keys_stay_as_they_are() {
    let engine = support::open();
    let mut setup = Client::connect(&engine);
    ok(&mut setup, TABLE);
    ok(
        &mut setup,
        "INSERT INTO t SELECT i, i, i % 6, 'x' FROM generate_series(1, 40) i",
    );
    let writers: Vec<_> = (0..3u64)
        .map(|me| {
            let mut client = Client::connect(&engine);
            thread::spawn(move || {
                let mut rng = Rng::new(me);
                for _ in 0..60 {
                    // Each of its own rows, so that none waits for another.
                    let own = |rng: &mut Rng| rng.below(13) * 3 + me + 1;
                    let (a, b) = (own(&mut rng), own(&mut rng));
                    if a == b {
                        continue;
                    }
                    ok(&mut client, "BEGIN");
                    let keys = format!("SELECT k FROM t WHERE id IN ({a}, {b}) ORDER BY id = {b}");
                    let keys = numbers(&mut client, &keys);
                    let (of_a, of_b) = (keys[0][0], keys[1][0]);
                    ok(
                        &mut client,
                        &format!("UPDATE t SET k = -{a} WHERE id = {a}"),
                    );
                    ok(
                        &mut client,
                        &format!("UPDATE t SET k = {of_a} WHERE id = {b}"),
                    );
                    ok(
                        &mut client,
                        &format!("UPDATE t SET k = {of_b}, s = (s + 1) % 6 WHERE id = {a}"),
                    );
                    let end = if rng.chance(4) { "ROLLBACK" } else { "COMMIT" };
                    ok(&mut client, end);
                }
            })
        })
        .collect();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let mut client = Client::connect(&engine);
            thread::spawn(move || {
                for _ in 0..25 {
                    ok(&mut client, "BEGIN ISOLATION LEVEL REPEATABLE READ");
                    let scanned = numbers(&mut client, "SELECT k, id, s FROM t ORDER BY k");
                    assert_eq!(scanned.len(), 40);
                    let keys: Vec<i64> = scanned.iter().map(|row| row[0]).collect();
                    assert_eq!(keys, (1..=40).collect::<Vec<i64>>());
                    ok(&mut client, "SET LOCAL enable_seqscan = off");
                    for _ in 0..3 {
                        let by_key = "SELECT k, id, s FROM t WHERE k > -100 ORDER BY k";
                        assert_eq!(numbers(&mut client, by_key), scanned);
                        let by_second = "SELECT k, id, s FROM t WHERE s >= 0";
                        let mut found = numbers(&mut client, by_second);
                        found.sort();
                        assert_eq!(found, scanned);
                    }
                    ok(&mut client, "COMMIT");
                }
            })
        })
        .collect();
    for worker in writers.into_iter().chain(readers) {
        worker.join().unwrap();
    }
    assert_eq!(engine::verify(&engine).unwrap().1, Vec::<String>::new());
}

/// Rollback of a big transaction is cut off by one crash after the other; each start goes on, and
/// what was there before is there in the end.
#[test]
fn a_rollback_that_crashes_again_and_again_ends_well() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed);
        let vfs = FaultyVfs::new(DiskImage::default(), Vec::new());
        let engine = open(&vfs).unwrap();
        let mut client = Client::connect(&engine);
        ok(&mut client, TABLE);
        ok(
            &mut client,
            "INSERT INTO t SELECT i, i, i % 6, repeat('x', i) FROM generate_series(1, 800) i",
        );
        let all = "SELECT count(*), sum(k), sum(s), sum(length(body)) FROM t";
        let wanted = numbers(&mut client, all);
        let mut other = Client::connect(&engine);
        ok(&mut other, "CREATE TABLE o (n int)");
        ok(
            &mut client,
            "BEGIN; UPDATE t SET k = -k, s = s + 6, body = 'y' WHERE id % 2 = 0; \
             DELETE FROM t WHERE id % 3 = 0; \
             UPDATE t SET s = 0, body = repeat('z', 900) WHERE id % 5 = 0; \
             INSERT INTO t SELECT i, i, 3, 'new' FROM generate_series(2000, 2600) i",
        );
        // Takes the log of both to the disk.
        ok(&mut other, "INSERT INTO o VALUES (1)");
        let mut disk = vfs.crash(&mut rng);
        drop((client, other));
        let _ = engine.close();
        for _ in 0..4 {
            let at_call = 1 + rng.below(60);
            let vfs = FaultyVfs::new(disk, vec![Fault::PowerCut { at_call }]);
            if let Ok(engine) = open(&vfs) {
                // The background takes back; a commit in between takes the log along.
                let mut client = Client::connect(&engine);
                while client.run("INSERT INTO o VALUES (2)").is_ok() {}
                disk = vfs.crash(&mut rng);
                drop(client);
                let _ = engine.close();
            } else {
                disk = vfs.crash(&mut rng);
            }
        }
        let vfs = FaultyVfs::new(disk, Vec::new());
        let engine = open(&vfs).unwrap();
        let mut client = Client::connect(&engine);
        assert_eq!(numbers(&mut client, all), wanted, "seed {seed}");
        while engine.txns().loser_count() > 0 {
            thread::yield_now();
        }
        assert_eq!(numbers(&mut client, all), wanted, "seed {seed}");
        ok(&mut client, "SET enable_seqscan = off");
        let by_index = numbers(
            &mut client,
            "SELECT count(*), sum(k), sum(s) FROM t WHERE k > 0",
        );
        assert_eq!(by_index[0], wanted[0][..3], "seed {seed}");
        assert_eq!(engine::verify(&engine).unwrap().1, Vec::<String>::new());
    }
}

/// A front thread that must wait in the middle of a statement takes back what the statement did; it
/// runs again from its beginning, once.
#[test]
fn what_gave_up_in_the_middle_has_done_nothing() {
    for (other, sql, tag, sum) in [
        (
            "UPDATE a SET n = n + 1 WHERE id = 3",
            "UPDATE a SET n = n + 1 WHERE id IN (1, 2, 3)",
            "UPDATE 3",
            154,
        ),
        (
            "DELETE FROM a WHERE id = 3",
            "INSERT INTO a VALUES (6, 60), (3, 1), (7, 70)",
            "INSERT 0 3",
            251,
        ),
        (
            "UPDATE a SET n = n + 1 WHERE id = 3",
            "DELETE FROM a WHERE id IN (1, 2, 3)",
            "DELETE 3",
            90,
        ),
    ] {
        let engine = support::open();
        let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
        ok(
            &mut first,
            "CREATE TABLE a (id int PRIMARY KEY, n int UNIQUE); \
             INSERT INTO a SELECT i, i * 10 FROM generate_series(1, 5) i",
        );
        ok(&mut first, "BEGIN");
        ok(&mut first, other);
        let waiter = thread::spawn(move || {
            let answers = second.run_as_front(sql).unwrap();
            answers[0].tag.clone()
        });
        while !waiter.is_finished() && !somebody_waits(&mut first) {}
        ok(&mut first, "COMMIT");
        assert_eq!(waiter.join().unwrap(), tag, "{sql}");
        let found = numbers(&mut first, "SELECT sum(n) FROM a");
        assert_eq!(found, [[sum]], "{sql}");
        assert_eq!(engine::verify(&engine).unwrap().1, Vec::<String>::new());
    }
}

/// Upserts of the same keys in opposite order: each takes its row back before it waits.
#[test]
fn upserts_do_not_wait_for_each_other_in_a_circle() {
    let engine = support::open();
    let mut setup = Client::connect(&engine);
    ok(&mut setup, "CREATE TABLE u (k int PRIMARY KEY, n int)");
    let workers: Vec<_> = (0..4)
        .map(|me| {
            let mut client = Client::connect(&engine);
            thread::spawn(move || {
                for key in 0..150 {
                    let sql = format!(
                        "INSERT INTO u VALUES ({key}, {me}) \
                         ON CONFLICT (k) DO UPDATE SET n = u.n + 100"
                    );
                    ok(&mut client, &sql);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let sums = numbers(
        &mut setup,
        "SELECT count(*), sum(n / 100), min(n / 100), max(n / 100) FROM u",
    );
    assert_eq!(sums, [[150, 450, 3, 3]]);
}

/// A target that changed is judged anew by the whole condition: joins with the same other rows,
/// subqueries with what they see.
#[test]
fn a_changed_row_is_judged_by_its_newest_version() {
    for (sql, expected) in [
        ("UPDATE a SET n = n + 1 WHERE n = 10", "0|0"),
        ("UPDATE a SET n = n + 1 WHERE n = 50", "0|0"),
        ("UPDATE a SET n = n + 1 WHERE n >= 10 AND id = 1", "1|51"),
        (
            "UPDATE a SET n = a.n + b.m FROM b WHERE b.id = a.id AND a.n > 40",
            "0|0",
        ),
        (
            "UPDATE a SET n = a.n + b.m FROM b WHERE b.id = a.id AND a.n < 60 AND b.m = 7",
            "1|57",
        ),
        (
            "UPDATE a SET n = n * 2 WHERE id IN (SELECT id FROM b WHERE m = 7)",
            "1|100",
        ),
        ("DELETE FROM a WHERE n = 10", "0|0"),
        ("DELETE FROM a WHERE n > 0", "1|0"),
    ] {
        let engine = support::open();
        let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
        ok(
            &mut first,
            "CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 10); \
             CREATE TABLE b (id int, m int); INSERT INTO b VALUES (1, 7)",
        );
        ok(&mut first, "BEGIN; UPDATE a SET n = 50 WHERE id = 1");
        let waiter = thread::spawn(move || {
            let answers = second.run(sql).unwrap();
            answers[0].tag.rsplit(' ').next().unwrap().to_owned()
        });
        while !waiter.is_finished() && !somebody_waits(&mut first) {}
        ok(&mut first, "UPDATE b SET m = 8; COMMIT");
        let count = waiter.join().unwrap();
        let found = numbers(&mut first, "SELECT n FROM a").concat();
        let found = found.first().copied().unwrap_or(0);
        let changed = if count == "0" { 0 } else { found };
        assert_eq!(format!("{count}|{changed}"), expected, "{sql}");
    }
}

/// Above read committed the same is refused.
#[test]
fn a_row_that_changed_since_the_snapshot_is_refused() {
    let engine = support::open();
    let (mut first, mut second) = (Client::connect(&engine), Client::connect(&engine));
    ok(
        &mut first,
        "CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 10), (2, 20)",
    );
    for sql in [
        "UPDATE a SET n = 0 WHERE id = 1",
        "DELETE FROM a WHERE id = 1",
        "SELECT * FROM a WHERE id = 1 FOR UPDATE",
    ] {
        ok(&mut second, "BEGIN ISOLATION LEVEL REPEATABLE READ");
        numbers(&mut second, "SELECT count(*) FROM a");
        ok(&mut first, "UPDATE a SET n = n + 1 WHERE id = 1");
        assert_eq!(state(&mut second, sql), "40001", "{sql}");
        ok(&mut second, "ROLLBACK");
    }
}
