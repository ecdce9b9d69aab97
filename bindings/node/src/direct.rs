//! Requests without a wire protocol: what runs in the process itself, and what comes by HTTP.

use std::sync::atomic::Ordering;

use codec::direct::{Connection, Layout, Request, Values};
use common::error_code::ErrorCode;
use common::{Result, SqlError, bail, sqlstate};
use engine::{ConnectOptions, NoticeLevel, TransactionStatus};
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;

use crate::connection::{advance, lock};
use crate::front::{self, Peer};
use crate::guard::{Code, guard};

/// Makes a session without a socket; gives its handle, for `connection_step` and `connection_close`
/// too.
#[napi]
pub fn direct_open(
    front: u32,
    user: String,
    database: String,
    client_address: String,
    parameters: Vec<String>,
) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let pairs = parameters.chunks_exact(2);
        let options = ConnectOptions {
            user,
            database,
            parameters: pairs.map(|p| (p[0].clone(), p[1].clone())).collect(),
            client_address: client_address.clone(),
        };
        let session = front::engine_of(front)?.connect(options)?;
        let backend = session.handle();
        let peer = Peer::Direct(Box::new(Connection::new(session)));
        let handle = front::open(front, client_address, peer)?;
        // Set once: the connection is new.
        let _ = front::connection(handle)?.backend.set(backend);
        Ok(handle)
    })
}

/// A request of a direct connection.
#[napi(object)]
pub struct BindingRequest {
    /// One statement.
    pub sql: String,
    /// The text of a JSON array; empty for none.
    pub parameters: String,
    /// `objects`, `rows`, `arrays`, `columns`, `ndjson`, `lines` or `csv`.
    pub layout: String,
    /// Numbers that JavaScript cannot hold are strings.
    pub exact: bool,
    /// Rows beyond this are left out; negative for no bound.
    pub max_rows: f64,
    pub read_only: bool,
}

/// Begins a request and runs what needs no waiting. Answers as `connection_receive`, with
/// `STEP_DONE` when the request has ended.
#[napi]
pub fn direct_begin(
    handle: u32,
    request: BindingRequest,
    slab: Uint8ArraySlice<'_>,
) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        if cell.busy.load(Ordering::Acquire) {
            bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the session runs another statement"
            );
        }
        let request = Request {
            sql: request.sql,
            parameters: request.parameters,
            layout: layout(&request.layout)?,
            values: if request.exact {
                Values::Exact
            } else {
                Values::ToJson
            },
            max_rows: (request.max_rows >= 0.0).then_some(request.max_rows as u64),
            is_read_only: request.read_only,
        };
        lock(&cell).direct()?.begin(request)?;
        advance(handle, &cell, slab)
    })
}

fn layout(name: &str) -> Result<Layout> {
    Ok(match name {
        "objects" => Layout::Objects,
        "rows" => Layout::Rows,
        "arrays" => Layout::Arrays,
        "columns" => Layout::Columns,
        "ndjson" => Layout::Ndjson,
        "lines" => Layout::Lines,
        "csv" => Layout::Csv,
        other => bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "unknown layout \"{other}\""
        ),
    })
}

/// The COPY data is complete, or given up for `reason`. Call `connection_step` next. Not while the
/// connection is busy.
#[napi]
pub fn direct_end_copy(handle: u32, reason: Option<String>) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        let mut peer = lock(&cell);
        crate::connection::take_inbox(&cell, &mut peer);
        peer.direct()?.end_copy(reason);
        Ok(())
    })
}

/// Whether the session has made temporary relations, or may be making some: then nobody else may
/// have it.
#[napi]
pub fn direct_has_temporary(handle: u32) -> Result<bool, napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        // A worker has it: this thread does not wait for the answer.
        if cell.busy.load(Ordering::Acquire) {
            return Ok(true);
        }
        let mut peer = lock(&cell);
        Ok(peer.direct()?.has_temporary())
    })
}

/// Interrupts the statement that runs; nothing if none does. From any state.
#[napi]
pub fn connection_cancel(handle: u32) -> Result<(), napi::Error<Code>> {
    guard(|| {
        if let Some(backend) = front::connection(handle)?.backend.get() {
            backend.cancel();
        }
        Ok(())
    })
}

/// How a request ended.
#[napi(object)]
pub struct BindingOutcome {
    pub error: Option<BindingSqlError>,
    pub notices: Vec<BindingSqlError>,
    /// Notices beyond those that are kept.
    pub notices_dropped: f64,
    /// `I`, `T` or `E`, as ReadyForQuery has it.
    pub transaction_status: String,
}

/// An error or a notice with PostgreSQL's fields.
#[napi(object)]
#[derive(Default)]
pub struct BindingSqlError {
    /// The catalogue's code.
    pub code: String,
    pub severity: String,
    pub sqlstate: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// In characters of the statement, from 1.
    pub position: Option<u32>,
    pub context: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub constraint: Option<String>,
}

fn binding_error(severity: &str, error: SqlError) -> BindingSqlError {
    BindingSqlError {
        code: ErrorCode::of(error.state).name().to_owned(),
        severity: severity.to_owned(),
        sqlstate: error.state.to_string(),
        message: error.message,
        detail: error.detail,
        hint: error.hint,
        position: error.position,
        context: error.context,
        schema: error.schema,
        table: error.table,
        column: error.column,
        constraint: error.constraint,
    }
}

/// How the request that ended came out. Once a request.
#[napi]
pub fn direct_outcome(handle: u32) -> Result<BindingOutcome, napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        let mut peer = lock(&cell);
        let connection = peer.direct()?;
        let outcome = connection.take_outcome();
        let notice = |(level, notice): (NoticeLevel, SqlError)| {
            let severity = match level {
                NoticeLevel::Warning => "WARNING",
                NoticeLevel::Notice => "NOTICE",
                NoticeLevel::Info => "INFO",
            };
            binding_error(severity, notice)
        };
        let status = match connection.transaction_status() {
            TransactionStatus::Idle => "I",
            TransactionStatus::InTransaction => "T",
            TransactionStatus::Failed => "E",
        };
        Ok(BindingOutcome {
            error: outcome.error.map(|error| binding_error("ERROR", error)),
            notices: outcome.notices.into_iter().map(notice).collect(),
            notices_dropped: outcome.notices_dropped as f64,
            transaction_status: status.to_owned(),
        })
    })
}
