//! What tests of the engine share: an engine in memory and clients that collect answers as text.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::ops::Range;
use std::sync::Arc;

use common::Result;
use engine::{
    ConnectOptions, CopyShape, Engine, EngineOptions, Mode, OutputColumn, Progress, ResultSink,
    Session, SessionHandle,
};
use types::{Batch, DatumRef, TextContext};

/// What one statement answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub columns: Vec<String>,
    /// Values in PostgreSQL's text format.
    pub rows: Vec<Vec<Option<String>>>,
    pub tag: String,
}

/// Collects answers.
struct Collector {
    text: Arc<TextContext>,
    current: Answer,
    answers: Vec<Answer>,
}

impl ResultSink for Collector {
    fn columns(&mut self, columns: &[OutputColumn]) {
        self.current.columns = columns
            .iter()
            .map(|column| column.name.to_string())
            .collect();
    }

    fn rows(&mut self, columns: &[OutputColumn], batch: &Batch, rows: Range<usize>) -> Result<()> {
        for row in rows {
            let mut values = Vec::with_capacity(columns.len());
            for (column, vector) in columns.iter().zip(&batch.columns) {
                let value = vector.get(row);
                if matches!(value, DatumRef::Null) {
                    values.push(None);
                    continue;
                }
                let mut bytes = Vec::new();
                types::format_text(column.ty, value, &self.text, &mut bytes)?;
                values.push(Some(
                    String::from_utf8(bytes).expect("text output is UTF-8"),
                ));
            }
            self.current.rows.push(values);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn complete(&mut self, tag: &str) {
        let mut answer = std::mem::take(&mut self.current);
        tag.clone_into(&mut answer.tag);
        self.answers.push(answer);
    }

    fn empty(&mut self) {
        self.answers.push(Answer::default());
    }

    fn suspended(&mut self) {}

    fn copy_in(&mut self, _shape: CopyShape) {}

    fn copy_out(&mut self, _shape: CopyShape) {}

    fn copy_data(&mut self, _row: &[u8]) {}

    fn copy_done(&mut self) {}
}

/// An engine of its own in memory.
pub fn open() -> Arc<Engine> {
    Engine::open(EngineOptions::default()).expect("an engine in memory opens")
}

/// One session, driven as a worker drives it.
pub struct Client {
    engine: Arc<Engine>,
    session: Box<Session>,
}

impl Client {
    pub fn connect(engine: &Arc<Engine>) -> Self {
        let session = engine
            .connect(ConnectOptions {
                user: "rustydb".to_owned(),
                database: "rustydb".to_owned(),
                ..ConnectOptions::default()
            })
            .expect("the superuser may connect");
        Self {
            engine: engine.clone(),
            session,
        }
    }

    #[allow(dead_code, reason = "not every test binary needs it")]
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    pub fn handle(&self) -> SessionHandle {
        self.session.handle()
    }

    /// Runs a text to its end; the answers of its statements, or the first error.
    pub fn run(&mut self, sql: &str) -> Result<Vec<Answer>> {
        self.run_in(sql, Mode::Aside)
    }

    /// As [`Client::run`], the way of a front thread: inline as far as it goes.
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub fn run_as_front(&mut self, sql: &str) -> Result<Vec<Answer>> {
        self.run_in(sql, Mode::Inline)
    }

    /// What the statements so far had to say, state and message each.
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub fn notices(&mut self) -> Vec<String> {
        let notices = self.session.take_notices();
        let texts = notices
            .into_iter()
            .map(|(_, n)| format!("{} {}", n.state, n.message));
        texts.collect()
    }

    fn run_in(&mut self, sql: &str, first: Mode) -> Result<Vec<Answer>> {
        let mut mode = first;
        let mut work = self.session.begin_simple(sql);
        let mut sink = Collector {
            text: self.session.text_context(),
            current: Answer::default(),
            answers: Vec::new(),
        };
        loop {
            match self.session.run(&mut work, &mut sink, mode)? {
                Progress::Done => return Ok(sink.answers),
                Progress::Commit(ticket) => self.engine.wait(ticket)?,
                Progress::CopyIn => work.copy_fail("no data here"),
                Progress::Aside => {
                    mode = Mode::Aside;
                    continue;
                }
                Progress::Full | Progress::More => {}
            }
            mode = first;
        }
    }
}
