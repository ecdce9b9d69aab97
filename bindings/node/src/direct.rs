//! Requests without a wire protocol: what runs in the process itself, and what comes by HTTP.

use std::sync::atomic::Ordering;

use codec::direct::{Connection, Integers, Layout, Parameters, Request, Values};
use common::{Error, Result, SqlError, bail, sqlstate};
use engine::{ConnectOptions, NoticeLevel};
use napi::bindgen_prelude::{Either, Uint8ArraySlice};
use napi_derive::napi;

use crate::connection::{lock, run};
use crate::front::{self, Peer};
use crate::guard::{Code, guard};
use crate::texts;

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

/// Rows as objects, in an envelope that describes the columns. One `LAYOUT_*` is part of a request's
/// options.
#[napi]
pub const LAYOUT_OBJECTS: u32 = 0;
/// A bare array of objects.
#[napi]
pub const LAYOUT_ROWS: u32 = 1;
/// As `LAYOUT_OBJECTS` with arrays for objects.
#[napi]
pub const LAYOUT_ARRAYS: u32 = 2;
/// An array a column, in the envelope.
#[napi]
pub const LAYOUT_COLUMNS: u32 = 3;
/// An object a line.
#[napi]
pub const LAYOUT_NDJSON: u32 = 4;
/// The columns in a line, then an array a line.
#[napi]
pub const LAYOUT_LINES: u32 = 5;
/// A header line, then a line a row.
#[napi]
pub const LAYOUT_CSV: u32 = 6;
/// No rows: how many were given or written.
#[napi]
pub const LAYOUT_COUNT: u32 = 7;
/// Rows that are read without parsing; see `codec`'s `packed_rows`.
#[napi]
pub const LAYOUT_PACKED: u32 = 8;
const LAYOUT_MASK: u32 = 15;
/// Whole numbers that a request may have in place of parameters in JSON.
#[napi]
pub const INTEGERS_MAX: u32 = 4;
const _: () = assert!(
    INTEGERS_MAX as usize == Integers::MAX,
    "JavaScript sends no more"
);
/// An option: numbers that JavaScript cannot hold are strings.
#[napi]
pub const REQUEST_EXACT: u32 = 1 << 4;
/// An option: the statement may not write.
#[napi]
pub const REQUEST_READ_ONLY: u32 = 1 << 5;

/// Begins a request and runs what needs no waiting. `sql` is a text or what `direct_text` gave for it.
/// `parameters` is the text of a JSON array, empty for none, or a number: so many whole numbers, at
/// most `INTEGERS_MAX`, as doubles at the beginning of `slab`. Rows beyond `max_rows` are left out, a negative number is no bound; `known_shape` is
/// that of packed rows, 0 for none. Answers as `connection_receive`, with `STEP_DONE` when the
/// request has ended.
#[napi]
pub fn direct_begin(
    handle: u32,
    sql: Either<u32, String>,
    parameters: Either<u32, String>,
    options: u32,
    max_rows: f64,
    known_shape: f64,
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
            sql: match sql {
                Either::A(number) => texts::text(number)?,
                Either::B(sql) => sql.into(),
            },
            parameters: match parameters {
                Either::A(count) => Parameters::Integers(integers(count, &slab)?),
                Either::B(json) => Parameters::Json(json),
            },
            layout: layout(options),
            values: match options & REQUEST_EXACT {
                0 => Values::ToJson,
                _ => Values::Exact,
            },
            max_rows: (max_rows >= 0.0).then_some(max_rows as u64),
            known_shape: known_shape as u64,
            is_read_only: options & REQUEST_READ_ONLY != 0,
        };
        let mut peer = lock(&cell);
        peer.direct()?.begin(request)?;
        // No commit of an earlier request is on its way: its answer waited for it.
        run(handle, &cell, peer, slab)
    })
}

/// The first `count` numbers in `slab`.
fn integers(count: u32, slab: &[u8]) -> Result<Integers> {
    let (doubles, _) = slab.as_chunks::<8>();
    let doubles = doubles.get(..count as usize);
    let doubles = doubles.ok_or_else(|| Error::internal("more numbers than are in the slab"))?;
    Integers::new(
        doubles
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes) as i64),
    )
}

fn layout(options: u32) -> Layout {
    match options & LAYOUT_MASK {
        LAYOUT_OBJECTS => Layout::Objects,
        LAYOUT_ROWS => Layout::Rows,
        LAYOUT_ARRAYS => Layout::Arrays,
        LAYOUT_COLUMNS => Layout::Columns,
        LAYOUT_NDJSON => Layout::Ndjson,
        LAYOUT_LINES => Layout::Lines,
        LAYOUT_CSV => Layout::Csv,
        LAYOUT_PACKED => Layout::Packed,
        _ => Layout::Count,
    }
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
}

/// An error or a notice with PostgreSQL's fields.
#[napi(object)]
pub struct BindingSqlError {
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

/// How the request that ended came out, where it was not without an error and notices. Once a
/// request.
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
        Ok(BindingOutcome {
            error: outcome.error.map(|error| binding_error("ERROR", error)),
            notices: outcome.notices.into_iter().map(notice).collect(),
            notices_dropped: outcome.notices_dropped as f64,
        })
    })
}
