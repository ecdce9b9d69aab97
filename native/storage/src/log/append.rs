//! The log's state, and appending: reserve and copy into the ring under one short mutex.
//!
//! Positions: `tail` is behind the last record appended, `written` behind what was given to the
//! files, `durable` behind what was synced, `published` behind the ends that readers may see. In
//! full sync mode tail >= written >= durable >= published, but for asynchronous commits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::rt::{Condvar, Mutex};
use common::vfs::File;
use common::{Error, FileId, Lsn, Result, Xid, sqlstate};
use smallvec::SmallVec;

use super::record::{RECORD_BYTES_MAX, RECORD_HEADER_SIZE, next_lsn, write_header};
use super::segments::Segments;
use crate::ballast::Ballast;
use crate::health::Health;
use crate::hooks::{CommitInfo, RecordKind};
use crate::options::{SyncMode, Wait};
use crate::pool::Arena;

/// Unit of writing: a multiple of what direct I/O and disks ask for.
pub const BLOCK_BYTES: u64 = 4096;
/// Bytes written to a file at once.
pub const WRITE_BYTES_MAX: usize = 1 << 20;

/// A transaction's end on its way from the log to the readers.
#[derive(Debug)]
pub struct Ended {
    pub info: CommitInfo,
    pub dropped_files: Vec<FileId>,
}

/// What happens at publish, in log order, one call at a time.
pub type Publisher = Box<dyn Fn(Vec<Ended>) + Send + Sync>;
pub type Callback = Box<dyn FnOnce(Result<()>) + Send>;

pub struct AppendState {
    pub tail: u64,
    /// Ends that are not published, in log order. Bounded by the number of sessions.
    pub ended: VecDeque<Ended>,
}

pub struct FlushState {
    /// The segment being written.
    pub current: Option<(u64, Arc<dyn File>)>,
    /// Files written since the last sync.
    pub unsynced: SmallVec<[Arc<dyn File>; 2]>,
    pub crossed_segment: bool,
    pub buffer: Arena,
}

#[derive(Debug, Default)]
pub struct LogCounters {
    pub records: AtomicU64,
    pub writes: AtomicU64,
    pub syncs: AtomicU64,
    pub published: AtomicU64,
    pub group_max: AtomicU64,
}

pub struct Log {
    pub(super) segments: Arc<Segments>,
    pub(super) identity: u32,
    pub(super) sync: SyncMode,
    pub(super) health: Arc<Health>,
    pub(super) publisher: Publisher,
    ring: Arena,
    ring_bytes: u64,
    pub(super) state: Mutex<AppendState>,
    pub(super) tail: AtomicU64,
    pub(super) written: AtomicU64,
    pub(super) durable: AtomicU64,
    pub(super) published: AtomicU64,
    pub(super) flush: Mutex<FlushState>,
    /// Held while ends are given to the publisher.
    pub(super) publishing: Mutex<()>,
    /// Rung after each round of flushing.
    pub(super) rounds: Mutex<u64>,
    pub(super) round_rung: Condvar,
    /// Position that somebody wants flushed.
    pub(super) demand: AtomicU64,
    pub(super) is_idle: AtomicBool,
    pub(super) idle: Mutex<bool>,
    pub(super) idle_rung: Condvar,
    pub(super) callbacks: Mutex<BTreeMap<(u64, u64), Callback>>,
    /// Segment that the preparing thread should make next; its end is u64::MAX.
    pub(super) prepare: Mutex<u64>,
    pub(super) prepare_rung: Condvar,
    /// The disk has no room for another segment: only the privileged may append.
    pub(super) is_out_of_space: AtomicBool,
    /// No threads: segments are made ahead by who enters one.
    pub(super) prepares_inline: bool,
    pub(super) ballast: Arc<Ballast>,
    pub counters: LogCounters,
}

/// What a log is made from.
pub struct LogConfig {
    pub segments: Arc<Segments>,
    pub identity: u32,
    pub sync: SyncMode,
    pub ring_bytes: u64,
    /// Position of the first record to be appended.
    pub tail: u64,
    /// Segments are made ahead by who enters one, not by a thread.
    pub prepares_inline: bool,
    pub ballast: Arc<Ballast>,
}

impl Log {
    pub fn new(config: LogConfig, health: Arc<Health>, publisher: Publisher) -> Result<Self> {
        let LogConfig {
            segments,
            identity,
            sync,
            ring_bytes,
            tail,
            prepares_inline,
            ballast,
        } = config;
        let memory = |error| Error::io("could not reserve memory for the log", &error);
        let log = Self {
            ring: Arena::committed(ring_bytes as usize).map_err(memory)?,
            ring_bytes,
            segments,
            identity,
            sync,
            health,
            publisher,
            state: Mutex::new(AppendState {
                tail,
                ended: VecDeque::new(),
            }),
            tail: AtomicU64::new(tail),
            written: AtomicU64::new(tail),
            durable: AtomicU64::new(tail),
            published: AtomicU64::new(tail),
            flush: Mutex::new(FlushState {
                current: None,
                unsynced: SmallVec::new(),
                crossed_segment: false,
                buffer: Arena::committed(WRITE_BYTES_MAX).map_err(memory)?,
            }),
            publishing: Mutex::new(()),
            rounds: Mutex::new(0),
            round_rung: Condvar::new(),
            demand: AtomicU64::new(0),
            is_idle: AtomicBool::new(false),
            idle: Mutex::new(false),
            idle_rung: Condvar::new(),
            callbacks: Mutex::new(BTreeMap::new()),
            prepare: Mutex::new(0),
            prepare_rung: Condvar::new(),
            is_out_of_space: AtomicBool::new(false),
            prepares_inline,
            ballast,
            counters: LogCounters::default(),
        };
        log.load_first_block()?;
        Ok(log)
    }

    /// The block that holds the tail is written again with the next records: its first bytes must
    /// be in the ring.
    fn load_first_block(&self) -> Result<()> {
        let tail = self.tail.load(Ordering::Relaxed);
        let size = self.segments.size_bytes();
        let start = tail - tail % BLOCK_BYTES;
        if start == tail {
            return Ok(());
        }
        let read = || {
            let file = self.segments.open(tail / size)?;
            let block = self.flush.lock();
            // SAFETY: the flush state's own memory, under its mutex.
            let bytes = unsafe { block.buffer.slice_mut(0, BLOCK_BYTES as usize) };
            file.read_at(bytes, start % size)?;
            self.copy_in(start, &bytes[..(tail - start) as usize]);
            Ok(())
        };
        read().map_err(|error| Error::io("could not read the log", &error))
    }

    /// Appends one record with a body in pieces; `after` runs under the mutex, so what it enters is
    /// in log order. An error means that nothing was appended.
    pub fn append(
        &self,
        xid: Xid,
        kind: RecordKind,
        body: &[&[u8]],
        how: Append,
        after: impl FnOnce(&mut AppendState, Lsn),
    ) -> Result<Lsn> {
        let length = RECORD_HEADER_SIZE + body.iter().map(|part| part.len()).sum::<usize>();
        if length > RECORD_BYTES_MAX.min(self.ring_bytes as usize / 2) {
            return Err(Error::new(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                format!("a log record of {length} bytes is too long"),
            ));
        }
        let mut crc = self.identity;
        for part in body {
            crc = crc32c::crc32c_append(crc, part);
        }
        let mut state = self.state.lock();
        loop {
            self.health.check_writes()?;
            let end = next_lsn(state.tail, length);
            if !how.is_privileged && self.is_out_of_space.load(Ordering::Relaxed) {
                let error = std::io::Error::from_raw_os_error(libc::ENOSPC);
                return Err(Error::io("could not extend the log", &error)
                    .with_hint("Check free disk space."));
            }
            if !how.is_privileged && end + self.reserve_bytes() > self.segments.prepared() {
                drop(state);
                self.extend(end, how.wait)?;
                state = self.state.lock();
                continue;
            }
            if end <= self.ring_limit() {
                break;
            }
            drop(state);
            if how.wait == Wait::NoWait {
                self.demand(end);
                return Err(Error::WouldBlock);
            }
            self.drive(false, || end <= self.ring_limit())?;
            state = self.state.lock();
        }
        let lsn = state.tail;
        let end = next_lsn(lsn, length);
        let mut header = [0; RECORD_HEADER_SIZE];
        write_header(&mut header, length, lsn, xid, kind, crc);
        self.copy_in(lsn, &header);
        let mut at = lsn + RECORD_HEADER_SIZE as u64;
        for part in body {
            self.copy_in(at, part);
            at += part.len() as u64;
        }
        self.copy_in(at, &[0; 8][..(end - at) as usize]);
        state.tail = end;
        self.tail.store(end, Ordering::SeqCst);
        after(&mut state, Lsn(lsn));
        self.counters.records.fetch_add(1, Ordering::Relaxed);
        Ok(Lsn(lsn))
    }

    /// Room in the files that only the privileged may fill: who appends without a file for it may
    /// find the disk full when nothing can be taken back any more.
    fn reserve_bytes(&self) -> u64 {
        const RESERVE_BYTES: u64 = 1 << 20;
        RESERVE_BYTES.min(self.segments.size_bytes() / 4)
    }

    /// Makes the files for a record that ends at `end`, which the preparing thread has not come to.
    /// A full disk is found out here, where nothing was appended yet.
    fn extend(&self, end: u64, wait: Wait) -> Result<()> {
        let number = (end + self.reserve_bytes()) / self.segments.size_bytes();
        if wait == Wait::NoWait {
            if !self.prepares_inline {
                let mut wanted = self.prepare.lock();
                *wanted = number.max(*wanted);
                self.prepare_rung.notify_one();
            }
            return Err(Error::WouldBlock);
        }
        match self.segments.prepare(number) {
            Ok(()) => Ok(()),
            Err(error) if error.raw_os_error() == Some(libc::ENOSPC) => {
                self.is_out_of_space.store(true, Ordering::Relaxed);
                // The preparing thread looks for room again.
                self.prepare_rung.notify_one();
                Ok(())
            }
            Err(error) => Err(Error::io("could not extend the log", &error)),
        }
    }

    /// Behind the last byte of the ring that may be filled: the block that holds `written` stays.
    #[inline]
    fn ring_limit(&self) -> u64 {
        let written = self.written.load(Ordering::Acquire);
        written - written % BLOCK_BYTES + self.ring_bytes
    }

    /// Copies into the ring at a position that the caller reserved.
    #[inline]
    fn copy_in(&self, position: u64, bytes: &[u8]) {
        let start = (position & (self.ring_bytes - 1)) as usize;
        let first = bytes.len().min(self.ring_bytes as usize - start);
        // SAFETY: both ranges lie in the ring; the positions are reserved by the mutex and neither
        // written out yet nor reserved by another, so nobody else touches them.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.ring.at(start), first);
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr().add(first),
                self.ring.at(0),
                bytes.len() - first,
            );
        }
    }

    /// Copies out of the ring what was appended at `position`.
    pub(super) fn copy_out(&self, position: u64, out: &mut [u8]) {
        let start = (position & (self.ring_bytes - 1)) as usize;
        let first = out.len().min(self.ring_bytes as usize - start);
        // SAFETY: both ranges lie in the ring; below the tail and not yet written out, so nobody
        // changes them.
        unsafe {
            std::ptr::copy_nonoverlapping(self.ring.at(start), out.as_mut_ptr(), first);
            std::ptr::copy_nonoverlapping(
                self.ring.at(0),
                out.as_mut_ptr().add(first),
                out.len() - first,
            );
        }
    }

    /// Behind the last record; no later record has a smaller position.
    #[inline]
    pub fn tail(&self) -> u64 {
        self.tail.load(Ordering::SeqCst)
    }

    /// As [`Log::tail`], after every append that has begun.
    pub fn tail_exact(&self) -> u64 {
        self.state.lock().tail
    }

    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub fn segments(&self) -> &Arc<Segments> {
        &self.segments
    }

    pub fn identity(&self) -> u32 {
        self.identity
    }
}

/// How an append behaves.
#[derive(Clone, Copy, Debug)]
pub struct Append {
    pub wait: Wait,
    /// May use the last reserves of space.
    pub is_privileged: bool,
}

impl Append {
    pub const BLOCK: Self = Self {
        wait: Wait::Block,
        is_privileged: true,
    };
}
