//! Running values of sequences.
//!
//! nextval is not transactional: it is never rolled back, and two transactions never wait for each
//! other over it. A sequence's file has one page with the value that a restart goes on from; that
//! runs [`LOGGED_AHEAD`] values ahead, so that most calls write nothing (PostgreSQL's sequence.c). A
//! call that does write makes its transaction a writer: its answer waits for the log.

use std::sync::Arc;

use catalog::Sequence;
use common::rt::{Mutex, RwLock};
use common::{Error, FileId, PageId, Result, SqlState, Xid, bail, sqlstate};
use hashbrown::HashMap;
use storage::{ApplyFn, PAGE_HEADER_SIZE, Storage, Wait};

/// How many values one log record covers (PostgreSQL's `SEQ_LOG_VALS`).
const LOGGED_AHEAD: i128 = 32;
/// 2200H, which has no name of its own in the list.
const LIMIT_EXCEEDED: SqlState = SqlState(*b"2200H");
const PAGE_KIND: u8 = 0xE0;
const OP_SET: u8 = 0xE0;
const BODY_BYTES: usize = 9;

/// The operations on pages of sequences.
pub const OPS: &[(u8, &str, ApplyFn)] = &[(OP_SET, "sequence set", apply_set)];

fn apply_set(page: &mut [u8], body: &[u8]) -> Result<()> {
    match page.get_mut(PAGE_HEADER_SIZE..PAGE_HEADER_SIZE + BODY_BYTES) {
        Some(place) if body.len() == BODY_BYTES => {
            place.copy_from_slice(body);
            Ok(())
        }
        _ => Err(Error::corrupted(
            "a record of a sequence has a wrong length",
        )),
    }
}

/// The value that nextval starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceState {
    pub value: i64,
    /// False: `value` itself is given next.
    pub is_called: bool,
}

#[derive(Debug)]
struct Running {
    state: SequenceState,
    /// What the page says: values up to it may be given without writing.
    logged: SequenceState,
}

/// See the module.
pub struct Sequences {
    storage: Arc<Storage>,
    /// One entry a sequence that was used; sequences that are dropped go.
    open: RwLock<HashMap<FileId, Arc<Mutex<Running>>>>,
}

/// What a call of nextval did.
pub struct Next {
    pub value: i64,
    /// Something was logged: the transaction must be a writer.
    pub logged: bool,
}

impl Sequences {
    pub fn new(storage: Arc<Storage>) -> Self {
        Self {
            storage,
            open: RwLock::default(),
        }
    }

    /// Fills the file of a new sequence, which was just made.
    pub fn create_in(&self, file: FileId, state: SequenceState) -> Result<()> {
        let mut mtr = self.storage.begin();
        let slot = mtr.allocate(file, PAGE_KIND, file.0)?;
        mtr.op(slot, OP_SET, &body(state));
        mtr.commit(Xid(0))?;
        Ok(())
    }

    fn open(&self, file: FileId, wait: Wait) -> Result<Arc<Mutex<Running>>> {
        if let Some(running) = self.open.read().get(&file) {
            return Ok(running.clone());
        }
        let page = self.storage.page(page_of(file), wait)?;
        let guard = page.try_read(wait)?;
        let bytes = &guard[PAGE_HEADER_SIZE..PAGE_HEADER_SIZE + BODY_BYTES];
        let value = bytes
            .first_chunk::<8>()
            .map_or(0, |bytes| i64::from_le_bytes(*bytes));
        let logged = SequenceState {
            value,
            is_called: bytes[8] != 0,
        };
        drop(guard);
        let running = Arc::new(Mutex::new(Running {
            state: logged,
            logged,
        }));
        Ok(self.open.write().entry(file).or_insert(running).clone())
    }

    /// The next value. 2200H at the end of a sequence that does not cycle.
    pub fn next(&self, info: &Sequence, wait: Wait) -> Result<Next> {
        let running = self.open(info.file, wait)?;
        let mut running = running.lock();
        let value = match running.state.is_called {
            false => running.state.value,
            true => step(info, running.state.value)?,
        };
        let given = SequenceState {
            value,
            is_called: true,
        };
        let covered = running.logged.is_called
            && match info.increment > 0 {
                true => value <= running.logged.value && value > running.state.value,
                false => value >= running.logged.value && value < running.state.value,
            };
        if !covered {
            let ahead = i128::from(value) + i128::from(info.increment) * LOGGED_AHEAD;
            let ahead = ahead.clamp(info.min.into(), info.max.into()) as i64;
            let logged = SequenceState {
                value: ahead,
                is_called: true,
            };
            self.write(info.file, logged, wait)?;
            running.logged = logged;
        }
        running.state = given;
        Ok(Next {
            value,
            logged: !covered,
        })
    }

    /// setval.
    pub fn set(&self, info: &Sequence, state: SequenceState, wait: Wait) -> Result<()> {
        if state.value < info.min || state.value > info.max {
            bail!(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                "setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                state.value,
                info.name,
                info.min,
                info.max
            );
        }
        self.restart(info.file, state, wait)
    }

    /// Sets the value without looking at bounds (ALTER SEQUENCE RESTART, TRUNCATE).
    pub fn restart(&self, file: FileId, state: SequenceState, wait: Wait) -> Result<()> {
        let running = self.open(file, wait)?;
        let mut running = running.lock();
        self.write(file, state, wait)?;
        *running = Running {
            state,
            logged: state,
        };
        Ok(())
    }

    pub fn state(&self, file: FileId, wait: Wait) -> Result<SequenceState> {
        let running = self.open(file, wait)?;
        let state = running.lock().state;
        Ok(state)
    }

    pub fn forget(&self, file: FileId) {
        self.open.write().remove(&file);
    }

    /// Writes the values as they are, so that an orderly restart leaves no gap.
    pub fn flush(&self) -> Result<()> {
        let open: Vec<_> = self
            .open
            .read()
            .iter()
            .map(|(f, r)| (*f, r.clone()))
            .collect();
        for (file, running) in open {
            let mut running = running.lock();
            if running.logged != running.state {
                self.write(file, running.state, Wait::Block)?;
                running.logged = running.state;
            }
        }
        Ok(())
    }

    fn write(&self, file: FileId, state: SequenceState, wait: Wait) -> Result<()> {
        let mut mtr = self.storage.begin_with(wait);
        let slot = mtr.latch(page_of(file), wait)?;
        mtr.op(slot, OP_SET, &body(state));
        mtr.commit(Xid(0))?;
        Ok(())
    }
}

/// The first page behind the file's map.
fn page_of(file: FileId) -> PageId {
    PageId::new(file.0, 1)
}

fn body(state: SequenceState) -> [u8; BODY_BYTES] {
    let mut body = [0; BODY_BYTES];
    body[..8].copy_from_slice(&state.value.to_le_bytes());
    body[8] = state.is_called.into();
    body
}

fn step(info: &Sequence, value: i64) -> Result<i64> {
    let next = i128::from(value) + i128::from(info.increment);
    if next > info.max.into() {
        if info.cycle {
            return Ok(info.min);
        }
        bail!(
            LIMIT_EXCEEDED,
            "nextval: reached maximum value of sequence \"{}\" ({})",
            info.name,
            info.max
        );
    }
    if next < info.min.into() {
        if info.cycle {
            return Ok(info.max);
        }
        bail!(
            LIMIT_EXCEEDED,
            "nextval: reached minimum value of sequence \"{}\" ({})",
            info.name,
            info.min
        );
    }
    Ok(next as i64)
}
