//! Execute with a row limit: how many rows each one gives, also where the sink is full in between.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::ops::Range;
use std::sync::Arc;

use common::Result;
use engine::{
    ConnectOptions, CopyShape, Engine, Mode, OutputColumn, Progress, ResultSink, Session,
};
use types::Batch;

/// Counts rows; full whenever it has taken `room` since it was emptied.
struct Sink {
    room: usize,
    taken: usize,
    rows: usize,
    end: String,
}

impl ResultSink for Sink {
    fn columns(&mut self, _columns: &[OutputColumn]) {}

    fn rows(
        &mut self,
        _columns: &[OutputColumn],
        _batch: &Batch,
        rows: Range<usize>,
    ) -> Result<()> {
        self.taken += rows.len();
        self.rows += rows.len();
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.taken >= self.room
    }

    fn complete(&mut self, tag: &str) {
        tag.clone_into(&mut self.end);
    }

    fn empty(&mut self) {}

    fn suspended(&mut self) {
        "suspended".clone_into(&mut self.end);
    }

    fn copy_in(&mut self, _shape: CopyShape) {}

    fn copy_out(&mut self, _shape: CopyShape) {}

    fn copy_data(&mut self, _row: &[u8]) {}

    fn copy_done(&mut self) {}
}

/// Runs an Execute to its end; the rows that it gave, and how it ended.
fn execute(
    engine: &Arc<Engine>,
    session: &mut Session,
    rows_max: i32,
    room: usize,
) -> (usize, String) {
    let mut work = session.begin_execute("", rows_max).unwrap();
    let mut sink = Sink {
        room,
        taken: 0,
        rows: 0,
        end: String::new(),
    };
    loop {
        match session.run(&mut work, &mut sink, Mode::Aside).unwrap() {
            Progress::Done => return (sink.rows, sink.end),
            Progress::Full => sink.taken = 0,
            Progress::Commit(ticket) => engine.wait(ticket).unwrap(),
            Progress::More | Progress::Aside | Progress::CopyIn => {}
        }
    }
}

fn bind(session: &mut Session, sql: &str) {
    session.close_statement("");
    session.close_portal("");
    session.parse("", sql, &[], Mode::Aside).unwrap();
    session.bind("", "", Vec::new(), &[], Mode::Aside).unwrap();
}

fn text(engine: &Arc<Engine>, session: &mut Session, sql: &str) -> (usize, String) {
    bind(session, sql);
    execute(engine, session, 0, usize::MAX)
}

fn open() -> (Arc<Engine>, Box<Session>) {
    let engine = support::open();
    let session = engine.connect(ConnectOptions {
        user: "rustydb".to_owned(),
        database: "rustydb".to_owned(),
        ..ConnectOptions::default()
    });
    let mut session = session.unwrap();
    text(&engine, &mut session, "BEGIN");
    (engine, session)
}

#[test]
fn a_full_sink_does_not_restart_the_count_of_rows() {
    let (engine, mut session) = open();
    bind(&mut session, "SELECT * FROM generate_series(1, 1000)");
    let expected = [(300, "suspended"), (300, "suspended"), (400, "SELECT 400")];
    for (rows_max, (rows, end)) in [300, 300, 0].into_iter().zip(expected) {
        let given = execute(&engine, &mut session, rows_max, 100);
        assert_eq!(given, (rows, end.to_owned()));
    }
    // Nothing is left of it.
    let given = execute(&engine, &mut session, 300, 100);
    assert_eq!(given, (0, "SELECT 0".to_owned()));
}

#[test]
fn as_many_rows_as_were_asked_for_are_not_known_to_be_all() {
    let (engine, mut session) = open();
    bind(&mut session, "SELECT * FROM generate_series(1, 10)");
    let given = execute(&engine, &mut session, 10, usize::MAX);
    assert_eq!(given, (10, "suspended".to_owned()));
    let given = execute(&engine, &mut session, 10, usize::MAX);
    assert_eq!(given, (0, "SELECT 0".to_owned()));
}

#[test]
fn a_write_is_done_to_its_end_although_few_of_its_rows_are_fetched() {
    let (engine, mut session) = open();
    text(&engine, &mut session, "CREATE TABLE t (n int)");
    bind(
        &mut session,
        "INSERT INTO t SELECT * FROM generate_series(1, 5000) RETURNING n",
    );
    let given = execute(&engine, &mut session, 3, usize::MAX);
    assert_eq!(given, (3, "suspended".to_owned()));
    text(&engine, &mut session, "COMMIT");
    let given = text(&engine, &mut session, "SELECT * FROM t");
    assert_eq!(given, (5000, "SELECT 5000".to_owned()));
}
