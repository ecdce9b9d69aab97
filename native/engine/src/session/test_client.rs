//! A client for unit tests: runs texts as a server does, counts rows.

use std::ops::Range;
use std::sync::Arc;

use common::Result;
use sql::ir::OutputColumn;
use types::{Batch, TextContext};

use super::{ConnectOptions, CopyShape, Mode, Progress, ResultSink, Session, Work};
use crate::engine::Engine;

pub struct TestClient {
    engine: Arc<Engine>,
    pub session: Box<Session>,
}

/// How many rows came, and their first columns as text.
#[derive(Default)]
struct Rows {
    count: usize,
    first: Vec<String>,
}

impl ResultSink for Rows {
    fn columns(&mut self, _columns: &[OutputColumn]) {}

    fn rows(&mut self, columns: &[OutputColumn], batch: &Batch, rows: Range<usize>) -> Result<()> {
        self.count += rows.len();
        let (Some(column), Some(values)) = (columns.first(), batch.columns.first()) else {
            return Ok(());
        };
        for row in rows {
            let (value, mut text) = (values.get(row), Vec::new());
            types::format_text(column.ty, value, &TextContext::default(), &mut text)?;
            self.first.push(String::from_utf8_lossy(&text).into_owned());
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn complete(&mut self, _tag: &str) {}

    fn empty(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_in(&mut self, _shape: CopyShape) {}

    fn copy_out(&mut self, _shape: CopyShape) {}

    fn copy_data(&mut self, _row: &[u8]) {}

    fn copy_done(&mut self) {}
}

impl TestClient {
    pub fn connect(engine: &Arc<Engine>) -> Self {
        let options = ConnectOptions {
            user: "rustydb".to_owned(),
            database: "rustydb".to_owned(),
            ..ConnectOptions::default()
        };
        Self {
            engine: engine.clone(),
            session: engine.connect(options).expect("the superuser may connect"),
        }
    }

    /// Runs a text to its end; how many rows it gave.
    pub fn run(&mut self, sql: &str) -> Result<usize> {
        self.rows(sql).map(|rows| rows.count)
    }

    /// As [`TestClient::run`]; the first column of the rows, as text.
    pub fn column(&mut self, sql: &str) -> Result<Vec<String>> {
        self.rows(sql).map(|rows| rows.first)
    }

    fn rows(&mut self, sql: &str) -> Result<Rows> {
        let work = self.session.begin_simple(sql);
        self.finish(work)
    }

    /// Does the work; the first column of its rows, as text.
    pub fn do_work(&mut self, work: Work) -> Result<Vec<String>> {
        self.finish(work).map(|rows| rows.first)
    }

    fn finish(&mut self, mut work: Work) -> Result<Rows> {
        let mut rows = Rows::default();
        let mut mode = Mode::Inline;
        loop {
            match self.session.run(&mut work, &mut rows, mode)? {
                Progress::Done => return Ok(rows),
                Progress::Commit(ticket) => self.engine.wait(ticket)?,
                Progress::CopyIn => work.copy_fail("no data here"),
                Progress::Aside => mode = Mode::Aside,
                Progress::Full | Progress::More => {}
            }
        }
    }
}
