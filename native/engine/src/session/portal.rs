//! Portals: bound statements, and what of them runs.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use common::{Error, Result};
use sql::access::Store;
use sql::executor::{Environment, Execution};
use sql::ir::OutputColumn;
use types::{Batch, Datum};

use super::copy_in::CopyIn;
use super::copy_out::CopyOut;
use super::cursor::FetchRun;
use super::cursor_rows::Cursor;
use super::prepared::{KeptDirect, Prepared};
use super::result_sink::ResultSink;
use super::session_facts::SessionFacts;
use crate::store::StatementStore;

/// Form of one value on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Text,
    Binary,
}

/// Rows that are sent between two looks at the sink.
pub(super) const SLICE_ROWS: usize = 128;

/// A statement with its parameters.
pub struct Portal {
    pub prepared: Arc<Prepared>,
    pub params: Vec<Datum>,
    pub formats: Vec<Format>,
    /// What has begun; kept between two Execute messages.
    pub running: Option<Running>,
    /// It has run to its end.
    pub done: bool,
    /// Its rows and where it stands, once it is used as a cursor.
    pub cursor: Option<Box<Cursor>>,
    /// It was made by DECLARE.
    pub is_declared: bool,
    /// Savepoints of its transaction when it was made.
    pub level: usize,
    /// Microseconds since 1970.
    pub created_micros: i64,
    /// It has survived its transaction.
    pub is_held: bool,
}

impl Portal {
    pub fn new(prepared: Arc<Prepared>, params: Vec<Datum>, formats: Vec<Format>) -> Self {
        Self {
            prepared,
            params,
            formats,
            running: None,
            done: false,
            cursor: None,
            is_declared: false,
            level: 0,
            created_micros: 0,
            is_held: false,
        }
    }
}

/// A statement that has begun and needs more than one call.
pub enum Running {
    Query(Box<QueryRun>),
    CopyIn(Box<CopyIn>),
    CopyOut(Box<CopyOut>),
    Fetch(Box<FetchRun>),
}

/// Rows on their way to the client.
pub struct QueryRun {
    rows: Rows,
    output: Arc<[OutputColumn]>,
    batch: Batch,
    /// Rows of `batch` that were sent.
    at: usize,
    /// Rows sent since the Execute that runs began.
    sent: u64,
    announced: bool,
    /// What comes after `batch`, once it is complete.
    rest: VecDeque<Batch>,
    /// Nothing comes after `rest`.
    complete: bool,
    tag: &'static str,
}

/// Where rows come from.
enum Rows {
    Plan {
        execution: Box<Execution>,
        store: Arc<StatementStore>,
        facts: Arc<SessionFacts>,
    },
    /// All of them are in the batch: SHOW, EXPLAIN. Rows written.
    Given(u64),
    /// All of them are in the batch, which goes back with the short way it came from.
    Direct {
        affected: u64,
        kept: Option<(Arc<Prepared>, KeptDirect)>,
    },
}

/// Why sending rows came to a halt.
pub enum Halt {
    /// The end: what the command tag counts.
    End,
    Full,
    /// As many as were asked for.
    Enough,
}

impl QueryRun {
    pub fn of_plan(
        execution: Box<Execution>,
        store: Arc<StatementStore>,
        facts: Arc<SessionFacts>,
        output: Arc<[OutputColumn]>,
        tag: &'static str,
    ) -> Self {
        let rows = Rows::Plan {
            execution,
            store,
            facts,
        };
        Self {
            rows,
            output,
            batch: Batch::default(),
            at: 0,
            sent: 0,
            announced: false,
            rest: VecDeque::new(),
            complete: false,
            tag,
        }
    }

    pub fn of_rows(output: Arc<[OutputColumn]>, batch: Batch, tag: &'static str) -> Self {
        Self::complete_with(Rows::Given(0), output, batch, tag)
    }

    /// The answer of a statement's short way, which is complete; `affected` rows were written. The
    /// way goes back to the statement when the rows are sent.
    pub fn of_direct(
        prepared: Arc<Prepared>,
        kept: KeptDirect,
        output: Arc<[OutputColumn]>,
        (batch, affected): (Batch, u64),
        tag: &'static str,
    ) -> Self {
        let kept = Some((prepared, kept));
        Self::complete_with(Rows::Direct { affected, kept }, output, batch, tag)
    }

    fn complete_with(
        rows: Rows,
        output: Arc<[OutputColumn]>,
        batch: Batch,
        tag: &'static str,
    ) -> Self {
        Self {
            rows,
            output,
            batch,
            at: 0,
            sent: 0,
            announced: false,
            rest: VecDeque::new(),
            complete: false,
            tag,
        }
    }

    /// Whether sending needs no more computing.
    pub fn is_ready(&self) -> bool {
        self.complete || !matches!(self.rows, Rows::Plan { .. })
    }

    /// Computes the whole answer while it is small; [`Error::WouldBlock`] when it is not, or when
    /// something must be waited for. Nothing was sent then.
    pub fn run_inline(&mut self) -> Result<()> {
        const ROWS_MAX: usize = 64;
        let Rows::Plan {
            execution,
            store,
            facts,
        } = &mut self.rows
        else {
            return Ok(());
        };
        let environment = Environment {
            store: store.as_ref(),
            session: facts.as_ref(),
            text: facts.text(),
        };
        if execution.next(&environment, &mut self.batch)? {
            let mut rest = Batch::default();
            if self.batch.len > ROWS_MAX || execution.next(&environment, &mut rest)? {
                return Err(Error::WouldBlock);
            }
        }
        self.complete = true;
        Ok(())
    }

    /// Another Execute goes on with the portal.
    pub fn resume(&mut self) {
        self.sent = 0;
    }

    /// More rows of a cursor, whose columns are announced by others.
    pub fn continue_cursor(&mut self) {
        self.sent = 0;
        self.announced = true;
    }

    /// The next rows, which are sent by others; false at the end.
    pub fn next_batch(&mut self, out: &mut Batch) -> Result<bool> {
        if self.at >= self.batch.len && self.refill()?.is_break() {
            return Ok(false);
        }
        let batch = std::mem::take(&mut self.batch);
        *out = match std::mem::take(&mut self.at) {
            0 => batch,
            sent => batch.slice(sent, batch.len - sent),
        };
        Ok(true)
    }

    /// The same plan from its start, with the snapshot that it had.
    pub fn again(self, params: Vec<Datum>) -> Result<Self> {
        let Rows::Plan {
            execution,
            store,
            facts,
        } = self.rows
        else {
            return Err(Error::internal("only a plan runs again"));
        };
        let plan = execution.plan().clone();
        drop(execution);
        let execution = Box::new(Execution::start(plan, params)?);
        Ok(Self::of_plan(
            execution,
            store,
            facts,
            self.output,
            self.tag,
        ))
    }

    /// Rows sent since then.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// A write is done to its end before its rows go out by portions: the client may not come back
    /// for the rest.
    fn finish_write(&mut self) -> Result<()> {
        let Rows::Plan {
            execution,
            store,
            facts,
        } = &mut self.rows
        else {
            return Ok(());
        };
        if self.complete || !execution.plan().writes {
            return Ok(());
        }
        let environment = Environment {
            store: store.as_ref(),
            session: facts.as_ref(),
            text: facts.text(),
        };
        let mut batch = Batch::default();
        while execution.next(&environment, &mut batch)? {
            store.charge(batch.memory_bytes())?;
            self.rest.push_back(std::mem::take(&mut batch));
        }
        self.complete = true;
        Ok(())
    }

    /// Sends rows until there are none, as many are sent as are asked for, or the sink is full.
    /// `rows_left` counts down over all calls of one Execute.
    pub fn send(&mut self, sink: &mut dyn ResultSink, rows_left: &mut Option<u64>) -> Result<Halt> {
        if rows_left.is_some() {
            self.finish_write()?;
        }
        // A SELECT without columns has rows all the same.
        if !self.announced && (!self.output.is_empty() || self.tag == "SELECT") {
            sink.columns(&self.output);
        }
        self.announced = true;
        loop {
            while self.at < self.batch.len {
                let left = rows_left.unwrap_or(u64::MAX);
                if sink.is_full() {
                    return Ok(Halt::Full);
                }
                let room = usize::try_from(left).unwrap_or(usize::MAX).min(SLICE_ROWS);
                let end = (self.at + room).min(self.batch.len);
                sink.rows(&self.output, &self.batch, self.at..end)?;
                let sent = (end - self.at) as u64;
                self.sent += sent;
                self.at = end;
                if let Some(left) = rows_left {
                    *left -= sent;
                    // Also where these were the last: that is known only to the next Execute.
                    if *left == 0 {
                        return Ok(Halt::Enough);
                    }
                }
            }
            if self.refill()?.is_break() {
                return Ok(Halt::End);
            }
        }
    }

    fn refill(&mut self) -> Result<ControlFlow<()>> {
        if let Rows::Direct { kept, .. } = &mut self.rows
            && let Some((prepared, mut kept)) = kept.take()
        {
            if !self.batch.columns.is_empty() {
                kept.direct.restore(std::mem::take(&mut self.batch));
            }
            *prepared.direct.lock() = Some(kept);
        }
        self.at = 0;
        self.batch.clear();
        if self.complete {
            let Some(next) = self.rest.pop_front() else {
                return Ok(ControlFlow::Break(()));
            };
            self.batch = next;
            return Ok(ControlFlow::Continue(()));
        }
        let Rows::Plan {
            execution,
            store,
            facts,
        } = &mut self.rows
        else {
            return Ok(ControlFlow::Break(()));
        };
        let environment = Environment {
            store: store.as_ref(),
            session: facts.as_ref(),
            text: facts.text(),
        };
        match execution.next(&environment, &mut self.batch)? {
            true => Ok(ControlFlow::Continue(())),
            false => Ok(ControlFlow::Break(())),
        }
    }

    /// The command tag, as PostgreSQL counts.
    pub fn tag(&self) -> String {
        let affected = match &self.rows {
            // RETURNING: what this Execute gave.
            _ if !self.output.is_empty() => self.sent,
            Rows::Plan { execution, .. } => execution.affected(),
            Rows::Given(affected) | Rows::Direct { affected, .. } => *affected,
        };
        match self.tag {
            // Of every point read: twice as fast as by `format!`.
            "SELECT" => ["SELECT ", &self.sent.to_string()].concat(),
            "INSERT" => format!("INSERT 0 {affected}"),
            "UPDATE" | "DELETE" | "MERGE" => format!("{} {affected}", self.tag),
            other => other.to_owned(),
        }
    }
}
