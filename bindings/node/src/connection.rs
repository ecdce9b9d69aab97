//! Moving one connection's bytes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use codec::Step;
use common::error::SqlError;
use common::rt::MutexGuard;
use common::{Result, SqlState, sqlstate};
use engine::{ConnectOptions, Mode, TransactionStatus};
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use registry::limiter::Attributes;

use crate::front::{self, Cell, Peer};
use crate::guard::{Code, caught, guard};
use crate::pool::PoolGate;

/// The request that ended has an error or notices: `direct_outcome` gives them.
#[napi]
pub const STEP_OUTCOME: u32 = 1 << 20;
/// The request that ended has left its session in a transaction block.
#[napi]
pub const STEP_TRANSACTION: u32 = 1 << 21;
/// With `STEP_DONE`: the session has temporary relations.
#[napi]
pub const STEP_TEMPORARY: u32 = 1 << 22;
/// More output waits: send what the slab holds, then call `connection_step` again.
#[napi]
pub const STEP_OUTPUT: u32 = 1 << 24;
/// The connection comes back through `front_drain`.
#[napi]
pub const STEP_BUSY: u32 = 1 << 25;
/// Call `connection_step` in the next tick.
#[napi]
pub const STEP_MORE: u32 = 1 << 26;
/// A start-up packet waits for `connection_accept` or `connection_refuse`.
#[napi]
pub const STEP_STARTUP: u32 = 1 << 27;
/// Send what the slab holds and close.
#[napi]
pub const STEP_CLOSE: u32 = 1 << 28;
/// Stop reading from the socket until the connection comes back.
#[napi]
pub const STEP_PAUSE: u32 = 1 << 29;
/// The request of a direct connection has ended.
#[napi]
pub const STEP_DONE: u32 = 1 << 30;
/// The low bits of a step's answer: how many bytes of the slab are to be sent.
#[napi]
pub const STEP_LENGTH_MASK: u32 = (1 << 20) - 1;

/// Input beyond this pauses the socket while the connection is busy: as much as a COPY works off at a
/// time, so that a worker finds the next piece there.
const INBOX_PAUSE_BYTES: usize = 256 * 1024;

pub fn lock(cell: &Cell) -> MutexGuard<'_, Peer> {
    cell.peer.lock()
}

/// Gives bytes from the socket and runs what needs no waiting. The answer is a sum of `STEP_*` and
/// the number of bytes written to `slab`, at most 2^20 - 1.
#[napi]
pub fn connection_receive(
    handle: u32,
    chunk: &[u8],
    slab: Uint8ArraySlice<'_>,
) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        if cell.busy.load(Ordering::Acquire) {
            let mut inbox = cell.inbox.lock();
            inbox.extend_from_slice(chunk);
            let pause = if inbox.len() >= INBOX_PAUSE_BYTES {
                STEP_PAUSE
            } else {
                0
            };
            // The worker may have come back meanwhile; its completion will find the inbox.
            return Ok(STEP_BUSY | pause);
        }
        let mut peer = lock(&cell);
        take_inbox(&cell, &mut peer);
        peer.machine().receive(chunk);
        drop(peer);
        advance(handle, &cell, slab)
    })
}

/// Goes on after a completion, after output was sent, or in the next tick. Answers as
/// `connection_receive`.
#[napi]
pub fn connection_step(handle: u32, slab: Uint8ArraySlice<'_>) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        if cell.busy.load(Ordering::Acquire) {
            return Ok(STEP_BUSY);
        }
        take_inbox(&cell, &mut lock(&cell));
        advance(handle, &cell, slab)
    })
}

/// What came while the connection was busy goes before what comes now: a chunk may arrive between
/// the end of the work and the call that its completion causes. Answers how many bytes came.
pub fn take_inbox(cell: &Cell, peer: &mut Peer) -> usize {
    let inbox = std::mem::take(&mut *cell.inbox.lock());
    if !inbox.is_empty() {
        peer.machine().receive(&inbox);
    }
    inbox.len()
}

fn advance(handle: u32, cell: &Arc<Cell>, slab: Uint8ArraySlice<'_>) -> Result<u32> {
    let mut peer = lock(cell);
    if let Some(result) = cell.published.lock().take() {
        peer.machine().published(result);
    }
    run(handle, cell, peer, slab)
}

/// Runs what needs no waiting.
pub fn run(
    handle: u32,
    cell: &Arc<Cell>,
    mut peer: MutexGuard<'_, Peer>,
    mut slab: Uint8ArraySlice<'_>,
) -> Result<u32> {
    // SAFETY: the array is JavaScript's and nobody else touches it during this call.
    let slab = unsafe { slab.as_mut() };
    // Output of before goes first: it may be what makes room. Work may wait behind it even where
    // the slab takes all of it.
    if peer.machine().output().len() >= slab.len() {
        return Ok(take_output(&mut peer, slab) | STEP_OUTPUT);
    }
    let flags = match step(&mut peer, Mode::Inline) {
        Step::NeedInput => 0,
        Step::Done => STEP_DONE | ending(&mut peer),
        Step::OutputFull => STEP_OUTPUT,
        Step::More => STEP_MORE,
        // The socket is read on, so that a client that leaves is noticed, but not without end.
        Step::Admission if peer.machine().pending_input_bytes() < INBOX_PAUSE_BYTES => STEP_BUSY,
        Step::Admission => STEP_BUSY | STEP_PAUSE,
        Step::Startup => STEP_STARTUP,
        Step::Close => STEP_CLOSE,
        Step::Cancel { process_id, secret } => {
            cell.engine.cancel(process_id, &secret);
            STEP_CLOSE
        }
        Step::Aside => {
            cell.busy.store(true, Ordering::Release);
            let (engine, cell) = (cell.engine.clone(), cell.clone());
            drop(peer);
            let job = cell.clone();
            if let Err(error) = engine.workers().submit(move || run_aside(handle, &job)) {
                cell.busy.store(false, Ordering::Release);
                let mut peer = lock(&cell);
                peer.machine().refuse(&error.into_sql());
                return Ok(take_output(&mut peer, slab) | STEP_CLOSE);
            }
            return Ok(STEP_BUSY);
        }
        Step::Commit(ticket) => {
            cell.busy.store(true, Ordering::Release);
            drop(peer);
            await_commit(handle, cell, ticket);
            return Ok(STEP_BUSY);
        }
    };
    let sent = take_output(&mut peer, slab);
    Ok(flags | sent)
}

/// What there is to know of a request that has ended.
fn ending(peer: &mut Peer) -> u32 {
    let Ok(connection) = peer.direct() else {
        return 0;
    };
    let mut flags = 0;
    if !connection.outcome().is_quiet() {
        flags |= STEP_OUTCOME;
    }
    if connection.transaction_status() != TransactionStatus::Idle {
        flags |= STEP_TRANSACTION;
    }
    if connection.has_temporary() {
        flags |= STEP_TEMPORARY;
    }
    flags
}

/// A step whose panic ends the connection, not the process.
fn step(peer: &mut Peer, mode: Mode) -> Step {
    let machine = peer.machine();
    let stepped = caught(|| Ok(machine.step(mode)));
    stepped.unwrap_or_else(|error| {
        machine.refuse(&error.into_sql());
        Step::Close
    })
}

/// Moves output to the slab; says how much, and whether more is left.
fn take_output(peer: &mut Peer, slab: &mut [u8]) -> u32 {
    let output = peer.machine().output();
    let len = output.len().min(slab.len()).min(STEP_LENGTH_MASK as usize);
    slab[..len].copy_from_slice(&output[..len]);
    if len == output.len() {
        output.clear();
        return len as u32;
    }
    output.drain(..len);
    len as u32 | STEP_OUTPUT
}

/// A worker's turn: runs until the connection needs the front again. While there is nothing to send
/// it takes what comes in itself: the data of a COPY would else wait for the front at each piece.
fn run_aside(handle: u32, cell: &Arc<Cell>) {
    loop {
        let mut peer = lock(cell);
        match step(&mut peer, Mode::Aside) {
            Step::Commit(ticket) => {
                drop(peer);
                return await_commit(handle, cell, ticket);
            }
            Step::NeedInput if peer.machine().output().is_empty() => {
                let came = take_inbox(cell, &mut peer);
                if came == 0 {
                    break;
                }
                if came >= INBOX_PAUSE_BYTES {
                    // The socket was paused and is to be read on.
                    cell.completions.push(handle);
                }
            }
            _ => break,
        }
    }
    complete(handle, cell);
}

fn await_commit(handle: u32, cell: &Arc<Cell>, ticket: engine::Ticket) {
    let waiter = cell.clone();
    cell.engine.on_durable(
        ticket,
        Box::new(move |result| {
            *waiter.published.lock() = Some(result);
            complete(handle, &waiter);
        }),
    );
}

fn complete(handle: u32, cell: &Arc<Cell>) {
    cell.busy.store(false, Ordering::Release);
    cell.completions.push(handle);
}

/// A start-up packet.
#[napi(object)]
pub struct BindingStartup {
    pub user: String,
    pub database: String,
    /// Names and values in turn.
    pub parameters: Vec<String>,
}

/// The process number of the connection's session; 0 before it has one.
#[napi]
pub fn connection_process_id(handle: u32) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let backend = &front::connection(handle)?.backend;
        Ok(backend.get().map_or(0, engine::SessionHandle::pid))
    })
}

/// The packet that `STEP_STARTUP` is about.
#[napi]
pub fn connection_startup(handle: u32) -> Result<BindingStartup, napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        let mut peer = lock(&cell);
        let startup = peer.postgres()?.startup();
        let parameters = startup.parameters.iter();
        Ok(BindingStartup {
            user: startup.user.clone(),
            database: startup.database.clone(),
            parameters: parameters
                .flat_map(|(n, v)| [n.clone(), v.clone()])
                .collect(),
        })
    })
}

/// Lets the client in as `user`. Call `connection_step` next: it answers the client, with an error
/// where the session cannot be made.
#[napi]
pub fn connection_accept(handle: u32, user: String) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        let mut peer = lock(&cell);
        let connection = peer.postgres()?;
        let startup = connection.startup();
        let named = |name: &str| {
            let mut given = startup.parameters.iter();
            given
                .rfind(|(given, _)| given == name)
                .map(|(_, value)| value.clone())
        };
        let attributes = Attributes::of_connection(
            &cell.client_address,
            [
                &user,
                &startup.database,
                &named("application_name").unwrap_or_default(),
            ],
        );
        let options = ConnectOptions {
            user,
            database: startup.database.clone(),
            parameters: startup.parameters.clone(),
            client_address: cell.client_address.clone(),
        };
        match cell.engine.connect(options) {
            Ok(mut session) => {
                // Set once: a connection is accepted once.
                let _ = cell.backend.set(session.handle());
                let completions = cell.completions.clone();
                session.set_wake(Arc::new(move || completions.push(handle)));
                let numbers = (handle, session.handle().pid());
                let (engine, wake) = (cell.engine.clone(), cell.completions.clone());
                let gate = PoolGate::new(engine, wake, numbers, attributes);
                connection.accept(session, Box::new(gate));
            }
            Err(error) => peer.machine().refuse(&error.into_sql()),
        }
        Ok(())
    })
}

/// Ends the connection with a FATAL error. Call `connection_step` next for the bytes.
#[napi]
pub fn connection_refuse(
    handle: u32,
    sqlstate: String,
    message: String,
) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let cell = front::connection(handle)?;
        if cell.busy.load(Ordering::Acquire) {
            // The statement is interrupted; its error, a FATAL one, ends the connection.
            if let Some(backend) = cell.backend.get() {
                backend.terminate();
            }
            return Ok(());
        }
        let state = sqlstate
            .as_bytes()
            .try_into()
            .map_or(sqlstate::INTERNAL_ERROR, SqlState);
        lock(&cell).machine().refuse(&SqlError {
            state,
            message,
            ..SqlError::default()
        });
        Ok(())
    })
}

/// The socket is gone: stops the statement, rolls back, forgets the handle. Idempotent.
#[napi]
pub fn connection_close(handle: u32) -> Result<(), napi::Error<Code>> {
    guard(|| {
        let Some(cell) = front::remove(handle)? else {
            return Ok(());
        };
        if let Some(backend) = cell.backend.get() {
            backend.terminate();
        }
        // Rolling back may wait for pages and locks, and a worker may still have the connection.
        let job = cell.clone();
        cell.engine
            .workers()
            .submit(move || drop(lock(&job).machine().take_session()))
    })
}
