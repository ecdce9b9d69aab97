//! What one JavaScript thread owns: its fronts, their connections, and the completions that ring
//! them. A front belongs to one engine; a thread that uses two engines has two.
//!
//! Invariant: a completion is queued at most four times a connection (it has one open ticket, its
//! paused socket may be wanted again meanwhile, it waits once for the pool, and what its session
//! hears wakes it once until it has looked), so the queue is bounded by the connections.

use std::cell::RefCell;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use codec::{Machine, direct, postgres};
use common::rt::Mutex;
use common::{Result, bail, sqlstate};
use engine::Engine;
use napi::bindgen_prelude::{Function, Uint32Array};
use napi_derive::napi;

use crate::completions::Completions;
use crate::guard::{Code, guard};
use crate::slots::Slots;

/// What a connection speaks.
pub enum Peer {
    Postgres(Box<postgres::Connection>),
    Direct(Box<direct::Connection>),
}

impl Peer {
    pub fn machine(&mut self) -> &mut dyn Machine {
        match self {
            Self::Postgres(connection) => connection.as_mut(),
            Self::Direct(connection) => connection.as_mut(),
        }
    }

    pub fn postgres(&mut self) -> Result<&mut postgres::Connection> {
        match self {
            Self::Postgres(connection) => Ok(connection),
            Self::Direct(_) => bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the connection does not speak the PostgreSQL protocol"
            ),
        }
    }

    pub fn direct(&mut self) -> Result<&mut direct::Connection> {
        match self {
            Self::Direct(connection) => Ok(connection),
            Self::Postgres(_) => bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the connection speaks the PostgreSQL protocol"
            ),
        }
    }
}

/// One connection, shared with the worker that runs it.
pub struct Cell {
    pub peer: Mutex<Peer>,
    /// Input that came while a worker or a commit had the connection.
    pub inbox: Mutex<Vec<u8>>,
    /// A worker or a commit has the connection: it comes back as a completion.
    pub busy: AtomicBool,
    pub published: Mutex<Option<Result<()>>>,
    /// Interrupts the session from any thread; set when the client is let in.
    pub backend: OnceLock<engine::SessionHandle>,
    pub engine: Arc<Engine>,
    pub completions: Arc<Completions<u32>>,
    /// What the client is called in `pg_stat_activity`.
    pub client_address: String,
}

struct Front {
    engine: Arc<Engine>,
    completions: Arc<Completions<u32>>,
    max_message_bytes: usize,
}

/// The fronts of one JavaScript thread, and the connections of all of them.
struct Thread {
    fronts: Slots<Front>,
    connections: Slots<(u32, Arc<Cell>)>,
}

thread_local! {
    /// Worker threads of Node have their own.
    static THREAD: RefCell<Thread> = const {
        RefCell::new(Thread {
            fronts: Slots::new(),
            connections: Slots::new(),
        })
    };
}

fn with_thread<R>(body: impl FnOnce(&mut Thread) -> Result<R>) -> Result<R> {
    THREAD.with(|thread| body(&mut thread.borrow_mut()))
}

impl Thread {
    fn front(&self, front: u32) -> Result<&Front> {
        match self.fronts.get(front) {
            Some(front) => Ok(front),
            None => bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the front is not open"
            ),
        }
    }
}

pub fn connection(handle: u32) -> Result<Arc<Cell>> {
    with_thread(|thread| match thread.connections.get(handle) {
        Some((_, cell)) => Ok(cell.clone()),
        None => bail!(
            sqlstate::CONNECTION_DOES_NOT_EXIST,
            "the connection is closed"
        ),
    })
}

pub fn remove(handle: u32) -> Result<Option<Arc<Cell>>> {
    with_thread(|thread| Ok(thread.connections.remove(handle).map(|(_, cell)| cell)))
}

pub fn engine_of(front: u32) -> Result<Arc<Engine>> {
    with_thread(|thread| Ok(thread.front(front)?.engine.clone()))
}

/// Makes a connection; gives its handle. 53300 when this thread has too many.
pub fn open(front: u32, client_address: String, peer: Peer) -> Result<u32> {
    with_thread(|thread| {
        let of = thread.front(front)?;
        let cell = Arc::new(Cell {
            peer: Mutex::new(peer),
            inbox: Mutex::new(Vec::new()),
            busy: AtomicBool::new(false),
            published: Mutex::new(None),
            backend: OnceLock::new(),
            engine: of.engine.clone(),
            completions: of.completions.clone(),
            client_address,
        });
        match thread.connections.insert((front, cell)) {
            Some(handle) => Ok(handle),
            None => bail!(
                sqlstate::TOO_MANY_CONNECTIONS,
                "sorry, too many clients already"
            ),
        }
    })
}

/// Makes a front of an engine on this thread; gives its handle. `on_completions` is called without
/// arguments, on this thread, when `front_drain` has something to give.
#[napi]
pub fn front_open(
    engine: u32,
    max_message_bytes: f64,
    on_completions: Function<'_, (), ()>,
) -> Result<u32, napi::Error<Code>> {
    let completions = Completions::new(&on_completions)?;
    guard(|| {
        let front = Front {
            engine: crate::engine::engine(engine)?,
            completions,
            max_message_bytes: max_message_bytes as usize,
        };
        with_thread(|thread| match thread.fronts.insert(front) {
            Some(handle) => Ok(handle),
            None => bail!(sqlstate::CONFIGURATION_LIMIT_EXCEEDED, "too many fronts"),
        })
    })
}

/// Lets go of the engine; the front's connections are dropped, their transactions rolled back.
#[napi]
pub fn front_close(front: u32) -> Result<(), napi::Error<Code>> {
    guard(|| {
        with_thread(|thread| {
            let dropped = thread.connections.remove_where(|(of, _)| *of == front);
            Ok((dropped, thread.fronts.remove(front)))
        })
        .map(drop)
    })
}

/// Moves handles of connections that can go on to `out`; says how many. Call until it gives 0.
#[napi]
pub fn front_drain(front: u32, mut out: Uint32Array) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        with_thread(|thread| {
            let Some(front) = thread.fronts.get(front) else {
                return Ok(0);
            };
            // SAFETY: the array is JavaScript's and nobody else touches it during this call.
            let out = unsafe { out.as_mut() };
            Ok(front
                .completions
                .drain(out.len(), |at, handle| out[at] = handle))
        })
    })
}

/// Makes a connection for a client of the PostgreSQL protocol; gives its handle. 53300 when this
/// thread has too many.
#[napi]
pub fn connection_open(front: u32, client_address: String) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        let max_message_bytes = with_thread(|thread| Ok(thread.front(front)?.max_message_bytes))?;
        let connection = Box::new(postgres::Connection::new(max_message_bytes));
        open(front, client_address, Peer::Postgres(connection))
    })
}
