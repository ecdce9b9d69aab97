//! COPY FROM STDIN: bytes from the client, parsed into rows, written as one statement.
//!
//! Memory is bounded by what the client sends between two runs: rows are parsed and inserted a batch
//! at a time as they come, in the transaction of the COPY. Where faulty lines are left out, what was
//! inserted since the batches were read is taken back when one of their rows breaks a constraint, and
//! the rows are inserted one by one.

use std::sync::Arc;

use common::rt::Mutex;
use common::{Error, Result, bail, sqlstate};
use sql::executor::{Environment, Execution, RowStream};
use types::{BATCH_ROWS, Batch, SqlType, TextContext, Vector, physical_of};

use super::copy_rejects::Rejects;
use super::result_sink::{CopyShape, ResultSink};
use super::session::Session;
use super::session_facts::SessionFacts;
use crate::copy::{CopyFormat, RowReader};
use crate::store::StatementStore;

/// Unread input beyond this is worked off before more is taken.
const INPUT_BYTES: usize = 256 * 1024;

/// What a COPY writes to, by column.
pub struct CopyTarget {
    pub table: String,
    pub columns: Vec<String>,
    pub types: Vec<SqlType>,
}

/// Reader and rows, shared with the plan that pulls them.
struct Input {
    reader: RowReader,
    target: CopyTarget,
    text: Arc<TextContext>,
    error: Option<Error>,
    rows: u64,
    rejects: Rejects,
    /// Rows handed on since the last run ended well, with their lines; only where faulty lines are
    /// left out.
    kept: Vec<(Batch, Vec<u64>)>,
    /// Lines of the batch that is being read.
    lines: Vec<u64>,
    announced: bool,
    ended: bool,
}

/// See the module.
pub struct CopyIn {
    input: Arc<Mutex<Input>>,
    execution: Box<dyn FnMut() -> Result<Execution> + Send>,
    store: Arc<StatementStore>,
    facts: Arc<SessionFacts>,
    shape: CopyShape,
    pending_bytes: usize,
}

/// The rows that can be read now, as the plan's source.
struct Stream(Arc<Mutex<Input>>);

impl RowStream for Stream {
    fn next_rows(&mut self, out: &mut Batch) -> Result<bool> {
        self.0.lock().next_rows(out)
    }
}

/// Rows that were read before.
struct Again {
    batch: Option<Batch>,
}

impl RowStream for Again {
    fn next_rows(&mut self, out: &mut Batch) -> Result<bool> {
        *out = self.batch.take().unwrap_or_default();
        Ok(out.len > 0)
    }
}

impl CopyIn {
    /// `execution` starts the INSERT anew for each piece of input.
    pub fn new(
        reader: RowReader,
        target: CopyTarget,
        text: Arc<TextContext>,
        execution: Box<dyn FnMut() -> Result<Execution> + Send>,
        store: Arc<StatementStore>,
        facts: Arc<SessionFacts>,
        rejects: Rejects,
    ) -> Self {
        let is_binary = reader.options().format == CopyFormat::Binary;
        let shape = CopyShape {
            columns: target.columns.len(),
            is_binary,
        };
        let input = Input {
            reader,
            target,
            text,
            error: None,
            rows: 0,
            rejects,
            kept: Vec::new(),
            lines: Vec::new(),
            announced: false,
            ended: false,
        };
        let input = Arc::new(Mutex::new(input));
        Self {
            input,
            execution,
            store,
            facts,
            shape,
            pending_bytes: 0,
        }
    }

    /// Tells the client to begin, once; says whether it did.
    pub fn announce(&mut self, sink: &mut dyn ResultSink) -> bool {
        let mut input = self.input.lock();
        if input.announced {
            return false;
        }
        input.announced = true;
        sink.copy_in(self.shape);
        true
    }

    /// Whether more input is better than working off what there is.
    pub fn wants_data(&self) -> bool {
        let input = self.input.lock();
        !input.ended && input.error.is_none() && self.pending_bytes < INPUT_BYTES
    }

    pub fn push(&mut self, data: &[u8]) {
        self.pending_bytes += data.len();
        self.input.lock().reader.push(data);
    }

    pub fn end(&mut self) {
        let mut input = self.input.lock();
        input.reader.end();
        input.ended = true;
    }

    pub fn fail(&mut self, error: Error) {
        self.input.lock().error = Some(error);
    }

    /// Inserts what was read; the command tag at the end.
    pub fn advance(&mut self, _session: &mut Session) -> Result<Option<String>> {
        if let Some(error) = self.input.lock().error.take() {
            return Err(error);
        }
        if self.input.lock().rejects.ignores() {
            while !self.insert_what_can_be()? {}
        } else {
            self.insert(Box::new(Stream(self.input.clone())))?;
        }
        self.pending_bytes = 0;
        let input = self.input.lock();
        if !input.ended {
            return Ok(None);
        }
        input.rejects.finish();
        Ok(Some(format!("COPY {}", input.rows)))
    }

    fn insert(&mut self, rows: Box<dyn RowStream>) -> Result<()> {
        let mut execution = (self.execution)()?;
        execution.set_rows(sql::ir::ExternalId(0), rows);
        let environment = Environment {
            store: self.store.as_ref(),
            session: self.facts.as_ref(),
            text: self.facts.text(),
        };
        execution.run(&environment).map(drop)
    }

    /// [`CopyIn::insert`], of which nothing stays where it fails.
    fn try_insert(&mut self, rows: Box<dyn RowStream>) -> Result<()> {
        let parts = self.store.parts().clone();
        let mark = parts.engine.txns().mark(&mut parts.txn.lock())?;
        let result = self.insert(rows);
        if result.is_err() {
            let mut txn = parts.txn.lock();
            parts.engine.txns().rollback_to_mark(&mut txn, mark)?;
        }
        result
    }

    /// Inserts what can be read now but for rows that break a constraint; says whether that was all:
    /// a fault stops the reading too.
    fn insert_what_can_be(&mut self) -> Result<bool> {
        let all = self.try_insert(Box::new(Stream(self.input.clone())));
        let kept = std::mem::take(&mut self.input.lock().kept);
        match all {
            Ok(()) => return Ok(true),
            Err(error) if !self.input.lock().rejects.covers(&error) => return Err(error),
            Err(_) => {}
        }
        for (batch, lines) in kept {
            for (at, line) in lines.into_iter().enumerate() {
                self.insert_one(&batch, at, line)?;
            }
        }
        Ok(false)
    }

    fn insert_one(&mut self, batch: &Batch, at: usize, line: u64) -> Result<()> {
        let row = Again {
            batch: Some(batch.slice(at, 1)),
        };
        let Err(error) = self.try_insert(Box::new(row)) else {
            return Ok(());
        };
        let mut input = self.input.lock();
        if !input.rejects.covers(&error) {
            return Err(error);
        }
        input.rows -= 1;
        let place = format!("COPY {}, line {line}", input.target.table);
        input.rejects.reject(error.with_context(place))
    }
}

impl Input {
    fn next_rows(&mut self, out: &mut Batch) -> Result<bool> {
        let mut columns: Vec<Vector> = self
            .target
            .types
            .iter()
            .map(|ty| Vector::with_capacity(physical_of(ty.oid), BATCH_ROWS))
            .collect();
        let len = if self.rejects.ignores() {
            self.read_good(&mut columns)?
        } else {
            self.read_all(&mut columns)?
        };
        self.rows += len as u64;
        *out = Batch::new(columns, len);
        if self.rejects.ignores() && len > 0 {
            let lines = std::mem::take(&mut self.lines);
            self.kept.push((out.clone(), lines));
        }
        Ok(len > 0)
    }

    fn read_all(&mut self, columns: &mut [Vector]) -> Result<usize> {
        let mut len = 0;
        while len < BATCH_ROWS && self.next_row()? {
            self.check_width()?;
            self.push_row(columns)?;
            len += 1;
        }
        Ok(len)
    }

    /// [`Input::read_all`] without the faulty lines.
    fn read_good(&mut self, columns: &mut [Vector]) -> Result<usize> {
        self.lines.clear();
        while self.lines.len() < BATCH_ROWS {
            match self.read_row(columns) {
                Ok(false) => break,
                Ok(true) => self.lines.push(self.reader.first_line()),
                Err(error) if self.rejects.covers(&error) => {
                    let len = self.lines.len();
                    columns.iter_mut().for_each(|column| column.truncate(len));
                    self.rejects.reject(error)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.lines.len())
    }

    fn read_row(&mut self, columns: &mut [Vector]) -> Result<bool> {
        if !self.next_row()? {
            return Ok(false);
        }
        if let Err(error) = self.check_width() {
            self.reader.unread_after_first_line();
            return Err(error);
        }
        self.push_row(columns)?;
        Ok(true)
    }

    /// Appends the values of the row read last. After an error some columns have one more than
    /// others.
    fn push_row(&self, columns: &mut [Vector]) -> Result<()> {
        let Some(row) = self.reader.text_row() else {
            return self.push_other_row(columns);
        };
        let types = &self.target.types;
        for (at, (column, ty)) in columns.iter_mut().zip(types).enumerate() {
            match row.get(at) {
                None => column.push_null(),
                Some(text) => types::push_text(*ty, text, &self.text, column)
                    .map_err(|error| self.at_column(at, error))?,
            }
        }
        Ok(())
    }

    fn push_other_row(&self, columns: &mut [Vector]) -> Result<()> {
        for (at, column) in columns.iter_mut().enumerate() {
            let pushed = self.push_value(at, column);
            pushed.map_err(|error| self.at_column(at, error))?;
        }
        Ok(())
    }

    fn next_row(&mut self) -> Result<bool> {
        let read = self.reader.next_row(&self.target.columns);
        read.map_err(|error| error.with_context(self.place()))
    }

    /// Where the row is that was read last. A line that is left out is named by where it begins.
    fn place(&self) -> String {
        let line = match self.rejects.ignores() {
            true => self.reader.first_line(),
            false => self.reader.line(),
        };
        format!("COPY {}, line {line}", self.target.table)
    }

    fn check_width(&self) -> Result<()> {
        let (got, expected) = (self.reader.width(), self.target.columns.len());
        if got < expected {
            return Err(common::err!(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "missing data for column \"{}\"",
                self.target.columns[got]
            )
            .with_context(self.place()));
        }
        if got > expected {
            return Err(Error::new(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "extra data after last expected column",
            )
            .with_context(self.place()));
        }
        Ok(())
    }

    fn push_value(&self, at: usize, column: &mut Vector) -> Result<()> {
        let Some(bytes) = self.reader.field(at) else {
            column.push_null();
            return Ok(());
        };
        let ty = self.target.types[at];
        let format = self.reader.options().format;
        if format == CopyFormat::Binary {
            column.push(types::recv_binary(ty, bytes)?.as_ref());
            return Ok(());
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if format == CopyFormat::Ndjson => {
                let value = functions::json_input(ty, text, &self.text)?;
                column.push(value.as_ref());
                Ok(())
            }
            Ok(text) if !text.contains('\0') => types::push_text(ty, text, &self.text, column),
            _ => bail!(
                sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
                "invalid byte sequence for encoding \"UTF8\""
            ),
        }
    }

    fn at_column(&self, at: usize, error: Error) -> Error {
        let shown = self.reader.field(at).map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let cut: String = text.chars().take(100).collect();
            if cut.len() < text.len() {
                format!("{cut}...")
            } else {
                cut
            }
        });
        let column = &self.target.columns[at];
        let place = self.place();
        error.with_context(match shown {
            Some(text) => format!("{place}, column {column}: \"{text}\""),
            None => format!("{place}, column {column}: null input"),
        })
    }
}
