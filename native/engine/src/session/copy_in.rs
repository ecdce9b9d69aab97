//! COPY FROM STDIN: bytes from the client, parsed into rows, written as one statement.
//!
//! Memory is bounded by what the client sends between two runs: rows are parsed and inserted a batch
//! at a time as they come, in the transaction of the COPY.

use std::sync::Arc;

use common::rt::Mutex;
use common::{Error, Result, bail, sqlstate};
use sql::executor::{Environment, Execution, RowStream};
use types::{BATCH_ROWS, Batch, SqlType, TextContext, Vector};

use super::result_sink::{CopyShape, ResultSink};
use super::session::Session;
use super::session_facts::SessionFacts;
use crate::copy::{CopyFormat, Fields, RowReader};
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
    fields: Fields,
    error: Option<Error>,
    rows: u64,
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

impl CopyIn {
    /// `execution` starts the INSERT anew for each piece of input.
    pub fn new(
        reader: RowReader,
        target: CopyTarget,
        text: Arc<TextContext>,
        execution: Box<dyn FnMut() -> Result<Execution> + Send>,
        store: Arc<StatementStore>,
        facts: Arc<SessionFacts>,
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
            fields: Fields::default(),
            error: None,
            rows: 0,
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
        let mut execution = (self.execution)()?;
        execution.set_rows(sql::ir::ExternalId(0), Box::new(Stream(self.input.clone())));
        let environment = Environment {
            store: self.store.as_ref(),
            session: self.facts.as_ref(),
            text: self.facts.text(),
        };
        execution.run(&environment)?;
        self.pending_bytes = 0;
        let input = self.input.lock();
        Ok(input.ended.then(|| format!("COPY {}", input.rows)))
    }
}

impl Input {
    fn next_rows(&mut self, out: &mut Batch) -> Result<bool> {
        let mut columns: Vec<Vector> = self
            .target
            .types
            .iter()
            .map(|ty| Vector::for_type(ty.oid))
            .collect();
        let mut len = 0;
        while len < BATCH_ROWS && self.next_row()? {
            self.check_width()?;
            for (at, column) in columns.iter_mut().enumerate() {
                let value = self.value(at).map_err(|error| self.at_column(at, error))?;
                column.push(value.as_ref());
            }
            len += 1;
        }
        self.rows += len as u64;
        *out = Batch::new(columns, len);
        Ok(len > 0)
    }

    fn next_row(&mut self) -> Result<bool> {
        let read = self.reader.next_row(&self.target.columns, &mut self.fields);
        let line = self.reader.line();
        read.map_err(|error| error.with_context(format!("COPY {}, line {line}", self.target.table)))
    }

    fn check_width(&self) -> Result<()> {
        let (got, expected) = (self.fields.len(), self.target.columns.len());
        let place = || format!("COPY {}, line {}", self.target.table, self.reader.line());
        if got < expected {
            return Err(common::err!(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "missing data for column \"{}\"",
                self.target.columns[got]
            )
            .with_context(place()));
        }
        if got > expected {
            return Err(Error::new(
                sqlstate::BAD_COPY_FILE_FORMAT,
                "extra data after last expected column",
            )
            .with_context(place()));
        }
        Ok(())
    }

    fn value(&self, at: usize) -> Result<types::Datum> {
        let Some(bytes) = self.fields.get(at) else {
            return Ok(types::Datum::Null);
        };
        let ty = self.target.types[at];
        if self.reader.options().format == CopyFormat::Binary {
            return types::recv_binary(ty, bytes);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => types::parse_text(ty, text, &self.text),
            _ => bail!(
                sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
                "invalid byte sequence for encoding \"UTF8\""
            ),
        }
    }

    fn at_column(&self, at: usize, error: Error) -> Error {
        let shown = self.fields.get(at).map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let cut: String = text.chars().take(100).collect();
            if cut.len() < text.len() {
                format!("{cut}...")
            } else {
                cut
            }
        });
        let column = &self.target.columns[at];
        let (table, line) = (&self.target.table, self.reader.line());
        error.with_context(match shown {
            Some(text) => format!("COPY {table}, line {line}, column {column}: \"{text}\""),
            None => format!("COPY {table}, line {line}, column {column}: null input"),
        })
    }
}
