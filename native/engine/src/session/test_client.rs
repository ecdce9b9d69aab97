//! A client for unit tests: runs texts, counts rows.

use std::ops::Range;
use std::sync::Arc;

use common::Result;
use sql::ir::OutputColumn;
use types::Batch;

use super::{ConnectOptions, CopyShape, Mode, Progress, ResultSink, Session};
use crate::engine::Engine;

pub struct TestClient {
    engine: Arc<Engine>,
    pub session: Box<Session>,
}

#[derive(Default)]
struct RowCount(usize);

impl ResultSink for RowCount {
    fn columns(&mut self, _columns: &[OutputColumn]) {}

    fn rows(
        &mut self,
        _columns: &[OutputColumn],
        _batch: &Batch,
        rows: Range<usize>,
    ) -> Result<()> {
        self.0 += rows.len();
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
        let mut work = self.session.begin_simple(sql);
        let mut rows = RowCount::default();
        loop {
            match self.session.run(&mut work, &mut rows, Mode::Aside)? {
                Progress::Done => return Ok(rows.0),
                Progress::Commit(ticket) => self.engine.wait(ticket)?,
                Progress::CopyIn => work.copy_fail("no data here"),
                Progress::Full | Progress::More | Progress::Aside => {}
            }
        }
    }
}
