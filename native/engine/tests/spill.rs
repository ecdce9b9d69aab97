//! Sorts, groupings and joins that do not fit into `work_mem`: the same answers by way of files.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::sync::Arc;

use common::sqlstate;
use common::vfs::{OpenMode, Vfs};
use engine::{Engine, EngineOptions};
use sim::{DiskImage, Fault, FaultyVfs};
use support::Client;

const TABLES: &str = "
    CREATE TABLE a (id int, half int, word text, big bigint);
    INSERT INTO a SELECT g, g / 2, 'word ' || g % 7919, CASE WHEN g % 10 > 0 THEN g END
      FROM generate_series(1, 20000) g;
    CREATE TABLE b (id int, word text, number numeric(12, 2));
    INSERT INTO b SELECT g * 3, 'word ' || g % 4001, g / 7.0 FROM generate_series(1, 9000) g;
    ANALYZE;";

const QUERIES: &[&str] = &[
    "SELECT word, id, big FROM a ORDER BY word DESC, id",
    "SELECT word, count(*), sum(id), min(big) FROM a GROUP BY word ORDER BY word",
    "SELECT half, count(*), max(word) FROM a GROUP BY half ORDER BY half",
    "SELECT big, count(*) FROM a GROUP BY big ORDER BY big",
    "SELECT a.id, b.number FROM a JOIN b ON a.id = b.id ORDER BY a.id",
    "SELECT a.id, b.id FROM a JOIN b USING (word) WHERE a.half < b.id ORDER BY 1, 2",
    "SELECT a.id, b.number FROM a LEFT JOIN b ON a.big = b.id ORDER BY a.id",
    "SELECT a.id, b.id FROM a FULL JOIN b ON a.id = b.id AND a.word = b.word ORDER BY 1, 2",
    "SELECT id FROM a WHERE EXISTS (SELECT FROM b WHERE b.word = a.word) ORDER BY id",
    "SELECT id FROM b WHERE EXISTS (SELECT FROM a WHERE b.id = a.half AND a.id > b.number)
       ORDER BY id",
    "SELECT id FROM b WHERE NOT EXISTS (SELECT FROM a WHERE b.id = a.big) ORDER BY id",
    "SELECT count(*) FROM a x JOIN a y ON x.id % 3 = y.id % 3 WHERE x.id < 300",
];

fn open(vfs: &FaultyVfs) -> Arc<Engine> {
    let options = EngineOptions {
        vfs: Some(Arc::new(vfs.clone())),
        ..EngineOptions::default()
    };
    Engine::open(options).unwrap()
}

fn healthy() -> FaultyVfs {
    FaultyVfs::new(DiskImage::default(), Vec::new())
}

fn files(vfs: &FaultyVfs) -> Vec<String> {
    vfs.list("tmp").unwrap()
}

#[test]
fn answers_are_the_same_by_way_of_files() {
    let vfs = healthy();
    let engine = open(&vfs);
    let mut client = Client::connect(&engine);
    client.run(TABLES).unwrap();
    for query in QUERIES {
        client.run("SET work_mem = '64MB'").unwrap();
        let wanted = client.run(query).unwrap();
        client.run("SET work_mem = '64kB'").unwrap();
        let found = client.run(query).unwrap();
        assert!(!wanted[0].rows.is_empty() && wanted == found, "{query}");
        assert_eq!(files(&vfs), Vec::<String>::new(), "{query}");
        let explain = format!("EXPLAIN (ANALYZE, TIMING OFF) {query}");
        let lines = client.run(&explain).unwrap().swap_remove(0).rows;
        let has_spilled = lines
            .iter()
            .flatten()
            .flatten()
            .any(|line| line.contains("Disk"));
        assert!(has_spilled || query.contains("< 300"), "{query}: {lines:?}");
    }
}

#[test]
fn indexes_are_built_by_way_of_files() {
    let vfs = healthy();
    let engine = open(&vfs);
    let mut client = Client::connect(&engine);
    client.run(TABLES).unwrap();
    // More runs than are merged at a time.
    let more = "INSERT INTO a SELECT g, g, 'more ' || g % 977, NULL
                  FROM generate_series(20001, 220000) g";
    client.run(more).unwrap();
    client.run("SET work_mem = '64kB'").unwrap();
    client.run("CREATE INDEX ON a (word DESC, id)").unwrap();
    client.run("CREATE UNIQUE INDEX ON a (id)").unwrap();
    client.run("CREATE UNIQUE INDEX ON a (big)").unwrap();
    let error = client.run("CREATE UNIQUE INDEX ON a (word)").unwrap_err();
    assert_eq!(error.state(), sqlstate::UNIQUE_VIOLATION, "{error}");
    assert_eq!(files(&vfs), Vec::<String>::new());
    let (_, faults) = engine::verify(&engine).unwrap();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_full_disk_is_said_and_leaves_no_file() {
    let vfs = healthy();
    let engine = open(&vfs);
    let mut client = Client::connect(&engine);
    client.run(TABLES).unwrap();
    client.run("SET work_mem = '64kB'").unwrap();
    for query in &QUERIES[..9] {
        let capacity_bytes = vfs.size_bytes() + 60_000;
        vfs.set_faults(vec![Fault::Full { capacity_bytes }]);
        let error = client.run(query).unwrap_err();
        assert_eq!(error.state(), sqlstate::DISK_FULL, "{query}: {error}");
        assert_eq!(files(&vfs), Vec::<String>::new(), "{query}");
        vfs.set_faults(Vec::new());
        client.run(query).unwrap();
    }
}

#[test]
fn what_a_crash_left_is_removed() {
    let vfs = healthy();
    vfs.create_dir("tmp").unwrap();
    vfs.open("tmp/77", OpenMode::CreateNew, false).unwrap();
    let _engine = open(&vfs);
    assert_eq!(files(&vfs), Vec::<String>::new());
}
