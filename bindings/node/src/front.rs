//! What one JavaScript thread owns: its connections, and the completions that ring it.
//!
//! Invariants: a completion is queued at most once a connection (a connection has one open ticket),
//! so the queue is bounded by the connections; the thread is rung only when the queue turns
//! non-empty; the callback is weak and does not keep the process alive.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use codec::postgres::Connection;
use common::rt::Mutex;
use common::{Result, bail, sqlstate};
use engine::Engine;
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

use crate::guard::{Code, guard};
use crate::slots::Slots;

type Ring = ThreadsafeFunction<(), (), (), Status, false, true>;

/// The side of a front that other threads see.
pub struct Completions {
    queue: Mutex<Vec<u32>>,
    ringing: AtomicBool,
    ring: Ring,
}

impl Completions {
    /// Tells the thread that the connection can go on.
    pub fn push(&self, connection: u32) {
        self.queue.lock().push(connection);
        if !self.ringing.swap(true, Ordering::AcqRel) {
            self.ring.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// One connection, shared with the worker that runs it.
pub struct Cell {
    pub connection: Mutex<Connection>,
    /// Input that came while a worker or a commit had the connection.
    pub inbox: Mutex<Vec<u8>>,
    /// A worker or a commit has the connection: it comes back as a completion.
    pub busy: AtomicBool,
    pub published: Mutex<Option<Result<()>>>,
    /// Interrupts the session from any thread; set when the client is let in.
    pub backend: OnceLock<engine::SessionHandle>,
    pub engine: Arc<Engine>,
    pub completions: Arc<Completions>,
    /// What the client is called in `pg_stat_activity`.
    pub client_address: String,
}

struct Front {
    engine: Arc<Engine>,
    completions: Arc<Completions>,
    connections: Slots<Arc<Cell>>,
    max_message_bytes: usize,
}

thread_local! {
    /// One front a JavaScript thread; worker threads of Node have their own.
    static FRONT: RefCell<Option<Front>> = const { RefCell::new(None) };
}

fn with_front<R>(body: impl FnOnce(&mut Front) -> Result<R>) -> Result<R> {
    FRONT.with(|front| match front.borrow_mut().as_mut() {
        Some(front) => body(front),
        None => bail!(
            sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the front is not open"
        ),
    })
}

pub fn connection(handle: u32) -> Result<Arc<Cell>> {
    with_front(|front| match front.connections.get(handle) {
        Some(cell) => Ok(cell.clone()),
        None => bail!(
            sqlstate::CONNECTION_DOES_NOT_EXIST,
            "the connection is closed"
        ),
    })
}

pub fn remove(handle: u32) -> Result<Option<Arc<Cell>>> {
    with_front(|front| Ok(front.connections.remove(handle)))
}

/// Makes this thread a front of the engine. `on_completions` is called without arguments, on this
/// thread, when `front_drain` has something to give. Opening again replaces the old front.
#[napi]
pub fn front_open(
    engine: u32,
    max_message_bytes: f64,
    on_completions: Function<'_, (), ()>,
) -> Result<(), napi::Error<Code>> {
    let ring = on_completions
        .build_threadsafe_function::<()>()
        .weak::<true>()
        .build()
        .map_err(|error| napi::Error::new(Status::GenericFailure.into(), error.reason.clone()))?;
    guard(|| {
        let completions = Arc::new(Completions {
            queue: Mutex::new(Vec::new()),
            ringing: AtomicBool::new(false),
            ring,
        });
        let front = Front {
            engine: crate::engine::engine(engine)?,
            completions,
            connections: Slots::new(),
            max_message_bytes: max_message_bytes as usize,
        };
        FRONT.with(|slot| *slot.borrow_mut() = Some(front));
        Ok(())
    })
}

/// Lets go of the engine; open connections are dropped, their transactions rolled back.
#[napi]
pub fn front_close() -> Result<(), napi::Error<Code>> {
    guard(|| {
        FRONT.with(|slot| slot.borrow_mut().take());
        Ok(())
    })
}

/// Moves handles of connections that can go on to `out`; says how many. Call until it gives 0.
#[napi]
pub fn front_drain(mut out: napi::bindgen_prelude::Uint32Array) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        with_front(|front| {
            // SAFETY: the array is JavaScript's and nobody else touches it during this call.
            let out = unsafe { out.as_mut() };
            // Cleared first: what is pushed from now on rings again.
            front.completions.ringing.store(false, Ordering::Release);
            let mut queue = front.completions.queue.lock();
            let count = queue.len().min(out.len());
            for (to, from) in out.iter_mut().zip(queue.drain(..count)) {
                *to = from;
            }
            Ok(count as u32)
        })
    })
}

/// Makes a connection; gives its handle. 53300 when this thread has too many.
#[napi]
pub fn connection_open(client_address: String) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        with_front(|front| {
            let cell = Arc::new(Cell {
                connection: Mutex::new(Connection::new(front.max_message_bytes)),
                inbox: Mutex::new(Vec::new()),
                busy: AtomicBool::new(false),
                published: Mutex::new(None),
                backend: OnceLock::new(),
                engine: front.engine.clone(),
                completions: front.completions.clone(),
                client_address,
            });
            match front.connections.insert(cell) {
                Some(handle) => Ok(handle),
                None => bail!(
                    sqlstate::TOO_MANY_CONNECTIONS,
                    "sorry, too many clients already"
                ),
            }
        })
    })
}
