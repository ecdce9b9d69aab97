//! One connection's state machine: bytes in, bytes out.
//!
//! The owner of the socket gives input with [`Connection::receive`] and calls [`Connection::step`]
//! until it says what it waits for. Nothing here waits: a statement that may wait makes `step`
//! answer [`Step::Aside`], and the owner runs the next `step` on a worker. Invariants: a message is
//! consumed when it has been dealt with, so a step that is run again starts with the same message;
//! answers keep the order of their messages; output is held back while a commit is on its way; between
//! its first message and its end a transaction is inside the gate.

use common::{Error, Result, SqlError, bail, err, sqlstate};
use engine::{Format, Mode, Progress, Session, TransactionStatus, Work};

use super::backend::{self, Severity};
use super::encoder::{self, Encoder};
use super::frontend::{self, Frontend, Target};
use super::startup::{self, NEWEST_MINOR, Startup, StartupRequest};
use crate::gate::{Gate, OpenGate};
use crate::step::{Machine, Step};

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Startup,
    /// The owner decides on the start-up packet.
    Deciding,
    Ready,
    Closed,
}

/// What runs, and what its end needs.
struct Running {
    work: Work,
    formats: Vec<Format>,
    /// A simple query, or a Sync: ReadyForQuery follows.
    ends_with_ready: bool,
    describes: bool,
}

/// See the module.
pub struct Connection {
    phase: Phase,
    input: Vec<u8>,
    /// Bytes of `input` that are dealt with.
    consumed: usize,
    pub(super) output: Vec<u8>,
    startup: Startup,
    pub(super) session: Option<Box<Session>>,
    /// Dropped with the connection, not before: a rollback works too.
    pub(super) gate: Box<dyn Gate>,
    /// The message at hand has passed the gate's limits.
    pub(super) is_charged: bool,
    /// It waits for the gate.
    pub(super) waits: bool,
    running: Option<Running>,
    /// After an error of the extended protocol messages are dropped up to the next Sync.
    pub(super) skips_to_sync: bool,
    pub(super) copies_in: bool,
    max_message_bytes: usize,
}

impl Connection {
    /// `max_message_bytes`: the longest message that is accepted (`network.max_message_bytes`).
    pub fn new(max_message_bytes: usize) -> Self {
        Self {
            phase: Phase::Startup,
            input: Vec::new(),
            consumed: 0,
            output: Vec::new(),
            startup: Startup::default(),
            session: None,
            gate: Box::new(OpenGate),
            is_charged: false,
            waits: false,
            running: None,
            skips_to_sync: false,
            copies_in: false,
            max_message_bytes,
        }
    }

    /// The packet that [`Step::Startup`] is about.
    pub fn startup(&self) -> &Startup {
        &self.startup
    }

    pub fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// Lets the client in with this session, which works inside the gate.
    pub fn accept(&mut self, session: Box<Session>, gate: Box<dyn Gate>) {
        self.gate = gate;
        if self.startup.needs_negotiation() {
            backend::negotiate_protocol_version(
                &mut self.output,
                NEWEST_MINOR,
                &self.startup.unknown_options,
            );
        }
        backend::authentication_ok(&mut self.output);
        for (name, value) in session.reported_settings() {
            backend::parameter_status(&mut self.output, name, &value);
        }
        let (process_id, secret) = session.cancel_key();
        backend::backend_key_data(&mut self.output, process_id, &secret);
        self.session = Some(session);
        self.phase = Phase::Ready;
        self.ready();
    }

    /// One message or one piece of work. Errors end the connection.
    fn advance(&mut self, mode: Mode) -> Result<Option<Step>> {
        match self.phase {
            Phase::Closed => return Ok(Some(Step::Close)),
            Phase::Deciding => return Ok(Some(Step::Startup)),
            Phase::Startup => return self.advance_startup(),
            Phase::Ready => {}
        }
        if let Some(running) = self.running.take() {
            if !self.copies_in {
                return self.advance_work(running, mode);
            }
            self.running = Some(running);
        }
        let input = &self.input[self.consumed..];
        let Some(frame) = frontend::next_frame(input, self.max_message_bytes)? else {
            return self.idle().map(Some);
        };
        if self.output.len() >= encoder::OUTPUT_PAUSE_BYTES {
            return Ok(Some(Step::OutputFull));
        }
        let tag = frame.tag;
        if self.begins_work(tag) {
            match self.may_work(tag) {
                Ok(true) => {}
                Ok(false) => return Ok(Some(Step::Admission)),
                Err(error) => {
                    self.consumed += frame.body_end;
                    self.report(tag, error);
                    return Ok(None);
                }
            }
        }
        // The message is borrowed from the input while the rest of `self` changes.
        let input = std::mem::take(&mut self.input);
        let body = &input[self.consumed + frame.body_start..self.consumed + frame.body_end];
        let result = self.message(frame.tag, body, mode);
        if self.phase == Phase::Closed {
            return result.map(|_| None);
        }
        self.input = input;
        match result {
            Ok(Handled::Done) => self.consumed += frame.body_end,
            Ok(Handled::Aside) => return Ok(Some(Step::Aside)),
            Err(error) => {
                self.consumed += frame.body_end;
                self.report(frame.tag, error);
            }
        }
        self.is_charged = false;
        Ok(None)
    }

    fn advance_startup(&mut self) -> Result<Option<Step>> {
        let input = &self.input[self.consumed..];
        let Some((request, used)) = startup::decode(input)? else {
            return Ok(Some(Step::NeedInput));
        };
        self.consumed += used;
        match request {
            // Neither is offered yet; clients go on in plain or give up, as they were told to.
            StartupRequest::Ssl | StartupRequest::GssEncryption => self.output.push(b'N'),
            StartupRequest::Cancel { process_id, secret } => {
                self.close();
                return Ok(Some(Step::Cancel { process_id, secret }));
            }
            StartupRequest::Startup(startup) => {
                self.startup = startup;
                self.phase = Phase::Deciding;
            }
        }
        Ok(None)
    }

    /// Runs a piece of the work.
    fn advance_work(&mut self, mut running: Running, mode: Mode) -> Result<Option<Step>> {
        let session = self
            .session
            .as_mut()
            .expect("a connection that runs has a session");
        let text = session.text_context();
        let mut encoder = Encoder {
            out: &mut self.output,
            text: &text,
            formats: &running.formats,
            describes: running.describes,
        };
        let progress = session.run(&mut running.work, &mut encoder, mode);
        self.tell();
        let step = match progress {
            Ok(Progress::Done) => {
                if running.ends_with_ready {
                    self.ready();
                }
                return Ok(None);
            }
            Ok(Progress::CopyIn) => {
                self.copies_in = true;
                None
            }
            Ok(Progress::Aside) => Some(Step::Aside),
            Ok(Progress::More) => Some(Step::More),
            Ok(Progress::Full) => Some(Step::OutputFull),
            Ok(Progress::Commit(ticket)) => Some(Step::Commit(ticket)),
            Err(error) => {
                self.copies_in = false;
                self.report_statement(error, running.ends_with_ready);
                return Ok(None);
            }
        };
        self.running = Some(running);
        Ok(step)
    }

    /// Deals with one message. Errors are the statement's.
    fn message(&mut self, tag: u8, body: &[u8], mode: Mode) -> Result<Handled> {
        if self.copies_in {
            return self.copy_message(tag, body);
        }
        if self.skips_to_sync && tag != b'S' && tag != b'X' {
            return Ok(Handled::Done);
        }
        let session = self
            .session
            .as_mut()
            .expect("a connection that is ready has a session");
        match frontend::decode(tag, body)? {
            Frontend::Query(sql) => {
                self.running = Some(Running {
                    work: session.begin_simple(sql),
                    formats: Vec::new(),
                    ends_with_ready: true,
                    describes: true,
                });
            }
            Frontend::Parse {
                statement,
                sql,
                parameter_types,
            } => {
                match session.parse(statement, sql, &parameter_types, mode) {
                    Err(Error::WouldBlock) => return Ok(Handled::Aside),
                    result => result?,
                }
                backend::parse_complete(&mut self.output);
            }
            Frontend::Bind(bind) => {
                match self.bind(&bind, mode) {
                    Err(Error::WouldBlock) => return Ok(Handled::Aside),
                    result => result?,
                }
                backend::bind_complete(&mut self.output);
            }
            Frontend::Describe(target) => match self.describe(target, mode) {
                Err(Error::WouldBlock) => return Ok(Handled::Aside),
                result => result?,
            },
            Frontend::Execute { portal, max_rows } => {
                let formats = session.portal_formats(portal)?;
                self.running = Some(Running {
                    work: session.begin_execute(portal, max_rows)?,
                    formats,
                    ends_with_ready: false,
                    describes: false,
                });
            }
            Frontend::Close(target) => {
                match target {
                    Target::Statement(name) => session.close_statement(name),
                    Target::Portal(name) => session.close_portal(name),
                }
                backend::close_complete(&mut self.output);
            }
            Frontend::Sync => {
                self.skips_to_sync = false;
                self.running = Some(Running {
                    work: session.begin_sync(),
                    formats: Vec::new(),
                    ends_with_ready: true,
                    describes: false,
                });
            }
            // Output is sent whenever a step comes back.
            Frontend::Flush => {}
            Frontend::Terminate => self.close(),
            // What a client sends of a COPY that has failed meanwhile is dropped, as PostgreSQL does.
            Frontend::CopyData(_) | Frontend::CopyDone | Frontend::CopyFail(_) => {}
            Frontend::FunctionCall => {
                return Err(Error::not_implemented("the function call protocol"));
            }
            Frontend::Password(_) => {
                bail!(sqlstate::PROTOCOL_VIOLATION, "unexpected password message");
            }
        }
        Ok(Handled::Done)
    }

    fn copy_message(&mut self, tag: u8, body: &[u8]) -> Result<Handled> {
        let running = self.running.as_mut().expect("a COPY runs");
        match frontend::decode(tag, body)? {
            Frontend::CopyData(data) => running.work.copy_data(data),
            Frontend::CopyDone => running.work.copy_done(),
            Frontend::CopyFail(reason) => running.work.copy_fail(reason),
            Frontend::Flush | Frontend::Sync => return Ok(Handled::Done),
            _ => {
                let reason = format!("unexpected message type 0x{tag:02X} during COPY from stdin");
                running
                    .work
                    .copy_abort(err!(sqlstate::PROTOCOL_VIOLATION, "{reason}"));
            }
        }
        self.copies_in = false;
        Ok(Handled::Done)
    }

    /// An error of a message that ran no work.
    fn report(&mut self, tag: u8, error: Error) {
        if let Some(session) = &mut self.session {
            session.fail();
        }
        self.report_statement(error, matches!(tag, b'Q' | b'F'));
    }

    fn report_statement(&mut self, error: Error, ends_with_ready: bool) {
        let error = error.into_sql();
        // Class 57P: the server takes the connection down with the statement.
        if error.state.as_str().starts_with("57P") {
            self.refuse(&error);
            return;
        }
        backend::error_response(&mut self.output, Severity::Error, &error);
        self.tell();
        if ends_with_ready {
            self.ready();
        } else {
            self.skips_to_sync = true;
        }
    }

    /// Notices and changed settings that the client has not heard of.
    fn tell(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        for (severity, notice) in session.take_notices() {
            backend::notice_response(&mut self.output, severity.into(), &notice);
        }
        for (name, value) in session.take_reported() {
            backend::parameter_status(&mut self.output, name, &value);
        }
    }

    fn ready(&mut self) {
        self.notify();
        let session = self
            .session
            .as_ref()
            .expect("a connection that is ready has a session");
        let status = match session.transaction_status() {
            TransactionStatus::Idle => backend::TransactionStatus::Idle,
            TransactionStatus::InTransaction => backend::TransactionStatus::InTransaction,
            TransactionStatus::Failed => backend::TransactionStatus::Failed,
        };
        backend::ready_for_query(&mut self.output, status);
        if status == backend::TransactionStatus::Idle {
            self.gate.leave();
        }
    }

    fn close(&mut self) {
        self.phase = Phase::Closed;
        self.running = None;
        self.input = Vec::new();
        self.consumed = 0;
    }

    /// Drops input that is dealt with, and gives back a buffer that one large message made grow.
    fn compact(&mut self) {
        const KEEP_BYTES: usize = 64 * 1024;
        if self.consumed == 0 {
            return;
        }
        self.input.drain(..self.consumed);
        self.consumed = 0;
        if self.input.is_empty() && self.input.capacity() > KEEP_BYTES {
            self.input = Vec::new();
        }
    }
}

impl Machine for Connection {
    fn receive(&mut self, bytes: &[u8]) {
        if self.phase != Phase::Closed {
            self.input.extend_from_slice(bytes);
        }
    }

    fn pending_input_bytes(&self) -> usize {
        self.input.len() - self.consumed
    }

    fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    fn refuse(&mut self, error: &SqlError) {
        if self.phase != Phase::Closed {
            backend::error_response(&mut self.output, Severity::Fatal, error);
            self.close();
        }
    }

    fn published(&mut self, result: Result<()>) {
        if let Err(error) = result {
            // The answer must not be sent: nobody knows whether the commit will be found.
            self.output.clear();
            self.refuse(&error.into_sql());
        }
    }

    fn take_session(&mut self) -> Option<Box<Session>> {
        self.running = None;
        self.phase = Phase::Closed;
        self.session.take()
    }

    fn step(&mut self, mode: Mode) -> Step {
        loop {
            match self.advance(mode) {
                Ok(Some(step)) => {
                    self.compact();
                    return step;
                }
                Ok(None) => {}
                Err(error) => self.refuse(&error.into_sql()),
            }
        }
    }
}

enum Handled {
    Done,
    /// The message stays in the input and is dealt with where waiting is allowed.
    Aside,
}

impl From<engine::NoticeLevel> for Severity {
    fn from(level: engine::NoticeLevel) -> Self {
        match level {
            engine::NoticeLevel::Warning => Self::Warning,
            engine::NoticeLevel::Notice => Self::Notice,
            engine::NoticeLevel::Info => Self::Info,
        }
    }
}
