//! One client's state machine: a request in, an answer out, then the next.
//!
//! A request is one statement, run by [`Session::begin_once`]: its implicit transaction ends with it
//! as at the end of a pipeline of the extended protocol. Invariants: an
//! answer is complete, and its commit published, when [`Step::Done`] is said; after an error nothing
//! of the statement has an effect, and what was answered before ends with a whole row.

use std::sync::Arc;

use common::{Error, Result, SqlError, bail, sqlstate};
use engine::{ColumnFacts, Mode, NoticeLevel, Progress, Session, TransactionStatus, Work};

use super::parameters::Parameters;
use super::result_encoder::{Layout, ResultEncoder, ResultState, Values};
use crate::step::{Machine, Step};

/// Notices that one answer keeps; the rest are counted.
const NOTICES_MAX: usize = 10_000;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// One statement.
    pub sql: Arc<str>,
    pub parameters: Parameters,
    pub layout: Layout,
    pub values: Values,
    /// Rows beyond this are left out, and the answer says so.
    pub max_rows: Option<u64>,
    /// Of packed rows: the number of the shape whose names the reader has; 0 for none.
    pub known_shape: u64,
    /// The statement may not write.
    pub is_read_only: bool,
}

/// How a request ended.
#[derive(Debug, Default)]
pub struct Outcome {
    pub error: Option<SqlError>,
    pub notices: Vec<(NoticeLevel, SqlError)>,
    pub notices_dropped: u64,
}

impl Outcome {
    /// Whether there is nothing to tell: the statement went well and had no notices.
    pub fn is_quiet(&self) -> bool {
        self.error.is_none() && self.notices.is_empty() && self.notices_dropped == 0
    }

    fn clear(&mut self) {
        if !self.is_quiet() {
            *self = Self::default();
        }
    }
}

enum State {
    Idle,
    /// Not parsed yet.
    Begun,
    Running(Work),
    /// Running, and waits for COPY data.
    CopiesIn(Work),
    /// The statement failed; what ends its transaction.
    Ending(Work),
    Closed,
}

/// See the module.
pub struct Connection {
    session: Option<Box<Session>>,
    facts: ColumnFacts,
    state: State,
    request: Request,
    result: ResultState,
    outcome: Outcome,
    output: Vec<u8>,
    /// Bytes of this answer so far, those that were taken among them.
    answered_bytes: usize,
    /// COPY data that came before its statement asked for it.
    early: Vec<u8>,
    /// How the COPY data ends, once that is known.
    copy_end: Option<Result<(), String>>,
}

impl Connection {
    pub fn new(session: Box<Session>) -> Self {
        Self {
            facts: session.column_facts(),
            session: Some(session),
            state: State::Idle,
            request: Request::default(),
            result: ResultState::default(),
            outcome: Outcome::default(),
            output: Vec::new(),
            answered_bytes: 0,
            early: Vec::new(),
            copy_end: None,
        }
    }

    /// Begins a request; step next. 55000 while another runs or when the session is closed.
    pub fn begin(&mut self, request: Request) -> Result<()> {
        match self.state {
            State::Idle => {}
            State::Closed => bail!(sqlstate::CONNECTION_DOES_NOT_EXIST, "the session is closed"),
            _ => bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the session runs another statement"
            ),
        }
        self.result
            .begin(request.layout, request.values, request.max_rows);
        self.result.known_shape = request.known_shape;
        self.outcome.clear();
        self.output.clear();
        self.answered_bytes = 0;
        self.early.clear();
        self.copy_end = None;
        self.request = request;
        self.state = State::Begun;
        Ok(())
    }

    /// The COPY data is complete, or the client gives it up for this reason.
    pub fn end_copy(&mut self, reason: Option<String>) {
        self.copy_end = Some(reason.map_or(Ok(()), Err));
        self.feed();
    }

    /// Whether the statement waits for COPY data.
    pub fn copies_in(&self) -> bool {
        matches!(self.state, State::CopiesIn(_))
    }

    /// How the request that ended came out.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// As [`Connection::outcome`]; once a request.
    pub fn take_outcome(&mut self) -> Outcome {
        std::mem::take(&mut self.outcome)
    }

    pub fn transaction_status(&self) -> TransactionStatus {
        self.session
            .as_ref()
            .map_or(TransactionStatus::Idle, |s| s.transaction_status())
    }

    /// Whether the session has temporary relations of its own: nobody else may have it then.
    pub fn has_temporary(&self) -> bool {
        self.session.as_ref().is_some_and(|s| s.has_temporary())
    }

    fn session(&mut self) -> &mut Session {
        self.session
            .as_mut()
            .expect("a connection that is not closed has a session")
    }

    /// Parses and binds; runs to the end what can be run so.
    fn start(&mut self, mode: Mode) -> Result<Option<Step>> {
        let Self {
            session,
            request,
            result,
            output,
            facts,
            ..
        } = self;
        let session = session
            .as_mut()
            .expect("a connection that is not closed has a session");
        session.begin_message();
        session.set_read_only(request.is_read_only);
        session.refresh_facts(facts);
        let text = session.text_context();
        let mut encoder = ResultEncoder {
            out: output,
            state: result,
            text: &text,
            is_nullable: &|column| facts.is_nullable(column),
        };
        // One more than wanted says whether there are more.
        let rows = request.max_rows.map(|rows| rows.saturating_add(1));
        let begun = session.begin_once(&request.sql, rows, mode, &mut encoder, |types, out| {
            request.parameters.decode(types, &text, out)
        });
        drop(text);
        self.answered_bytes = self.output.len();
        match begun {
            Ok(Some(work)) => {
                self.state = State::Running(work);
                Ok(None)
            }
            Ok(None) => {
                self.finish();
                Ok(Some(Step::Done))
            }
            Err(Error::WouldBlock) => Ok(Some(Step::Aside)),
            Err(error) => {
                self.state = State::Idle;
                self.session().fail();
                Err(error)
            }
        }
    }

    /// The statement went well and is over.
    fn finish(&mut self) {
        self.keep_notices();
        self.session().set_read_only(false);
        self.result.finish(&mut self.output);
        self.state = State::Idle;
    }

    fn run(&mut self, mut work: Work, mode: Mode) -> Result<Option<Step>> {
        let Self {
            session,
            result,
            output,
            facts,
            ..
        } = self;
        let session = session
            .as_mut()
            .expect("a connection that is not closed has a session");
        let text = session.text_context();
        session.refresh_facts(facts);
        let mut encoder = ResultEncoder {
            out: output,
            state: result,
            text: &text,
            is_nullable: &|column| facts.is_nullable(column),
        };
        let before = encoder.out.len();
        let progress = session.run(&mut work, &mut encoder, mode);
        self.answered_bytes += self.output.len() - before;
        self.keep_notices();
        let (state, step) = match progress? {
            Progress::Done => {
                self.finish();
                return Ok(Some(Step::Done));
            }
            Progress::CopyIn => (State::CopiesIn(work), None),
            Progress::Aside => (State::Running(work), Some(Step::Aside)),
            Progress::More => (State::Running(work), Some(Step::More)),
            Progress::Full => (State::Running(work), Some(Step::OutputFull)),
            Progress::Commit(ticket) => (State::Running(work), Some(Step::Commit(ticket))),
        };
        self.state = state;
        self.feed();
        Ok(match self.state {
            State::CopiesIn(_) => Some(Step::NeedInput),
            _ => step,
        })
    }

    /// Gives COPY data to the statement that waits for it.
    fn feed(&mut self) {
        if !matches!(self.state, State::CopiesIn(_)) {
            return;
        }
        if self.early.is_empty() && self.copy_end.is_none() {
            return;
        }
        let State::CopiesIn(mut work) = std::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        if !self.early.is_empty() {
            work.copy_data(&self.early);
            self.early.clear();
        }
        match self.copy_end.take() {
            Some(Ok(())) => work.copy_done(),
            Some(Err(reason)) => work.copy_fail(&reason),
            None => {}
        }
        self.state = State::Running(work);
    }

    /// What ends the transaction of a statement that failed.
    fn end(&mut self, mut work: Work, mode: Mode) -> Result<Option<Step>> {
        let Self {
            session, output, ..
        } = self;
        let session = session
            .as_mut()
            .expect("a connection that is not closed has a session");
        let text = session.text_context();
        // What ends a pipeline has no rows.
        let mut nothing = ResultState::default();
        let mut encoder = ResultEncoder {
            out: output,
            state: &mut nothing,
            text: &text,
            is_nullable: &|_| true,
        };
        let progress = session.run(&mut work, &mut encoder, mode)?;
        let step = match progress {
            Progress::Done => {
                session.set_read_only(false);
                self.keep_notices();
                self.state = State::Idle;
                return Ok(Some(Step::Done));
            }
            Progress::Aside => Step::Aside,
            Progress::Commit(ticket) => Step::Commit(ticket),
            Progress::More | Progress::Full | Progress::CopyIn => Step::More,
        };
        self.state = State::Ending(work);
        Ok(Some(step))
    }

    fn advance(&mut self, mode: Mode) -> Result<Option<Step>> {
        if matches!(self.state, State::Begun) {
            return self.start(mode);
        }
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => Ok(Some(Step::Done)),
            State::Closed => {
                self.state = State::Closed;
                Ok(Some(Step::Close))
            }
            State::Begun => Err(Error::internal("a request that was begun is started first")),
            State::Running(work) => self.run(work, mode),
            State::CopiesIn(work) => {
                self.state = State::CopiesIn(work);
                Ok(Some(Step::NeedInput))
            }
            State::Ending(work) => self.end(work, mode),
        }
    }

    fn keep_notices(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        for notice in session.take_notices() {
            if self.outcome.notices.len() < NOTICES_MAX {
                self.outcome.notices.push(notice);
            } else {
                self.outcome.notices_dropped += 1;
            }
        }
        // Reported settings are for clients of the PostgreSQL protocol.
        session.take_reported();
    }

    /// The statement failed: its transaction ends, then the request.
    fn fail(&mut self, error: Error) {
        let error = error.into_sql();
        // Class 57P: the session is taken down with the statement.
        if error.state.as_str().starts_with("57P") {
            self.refuse(&error);
            return;
        }
        self.keep_notices();
        if self.output.len() == self.answered_bytes {
            // Nothing of the answer was taken: the error is all of it.
            self.output.clear();
        }
        if self.outcome.error.is_none() {
            self.outcome.error = Some(*error);
        }
        self.state = State::Ending(self.session().begin_sync());
    }
}

impl Machine for Connection {
    fn receive(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Closed) {
            self.early.extend_from_slice(bytes);
            self.feed();
        }
    }

    fn step(&mut self, mode: Mode) -> Step {
        loop {
            match self.advance(mode) {
                Ok(Some(step)) => return step,
                Ok(None) => {}
                Err(error) => self.fail(error),
            }
        }
    }

    fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    fn published(&mut self, result: Result<()>) {
        if let Err(error) = result {
            // Nobody knows whether the commit will be found.
            self.output.clear();
            self.refuse(&error.into_sql());
        }
    }

    fn refuse(&mut self, error: &SqlError) {
        if !matches!(self.state, State::Closed) {
            self.outcome.error = Some(error.clone());
            self.state = State::Closed;
        }
    }

    fn take_session(&mut self) -> Option<Box<Session>> {
        self.state = State::Closed;
        self.session.take()
    }
}
