//! Fuzzy checkpoints.
//!
//! Log the begin record {where the active set's reconstruction starts, files whose fate is open, the
//! transaction layer's payload}; write the pages that were dirty before it; log the end record; let
//! `control` name both. Nobody waits for any of it.
//!
//! The payload is taken while transactions end. It may name one whose commit record is already in
//! the log but not published; so reconstruction starts at a position before which every end was
//! published when the payload was taken, and the records from there on correct it.

use std::sync::atomic::Ordering;

use common::{Error, Lsn, Result, Xid};

use super::double_write::BATCH_PAGES;
use super::page_writer::{Candidate, PageWriter};
use crate::control::Control;
use crate::files::PendingFiles;
use crate::hooks::RecordKind;
use crate::log::Append;
use crate::log::record::{u32_at, u64_at};
use crate::pool::{NO_PAGE, UNLOGGED};
use crate::storage::Storage;

/// Passes over pages that were latched or became dirty again; then the redo point stays with them.
const PASSES_MAX: u32 = 4;

/// A checkpoint between its two records.
#[derive(Debug)]
pub struct ActiveCheckpoint {
    pub started_ns: u64,
    /// The begin record.
    begin: Lsn,
    /// Pages with a bound before this are to be written.
    limit: u64,
    active_from: Lsn,
    pages: Vec<Candidate>,
    next: usize,
    pass: u32,
}

impl ActiveCheckpoint {
    /// Logs the begin of a checkpoint. Called without the writer's mutex: the transaction layer may
    /// hold a lock of its own around calls that take it.
    pub fn begin(storage: &Storage) -> Result<Self> {
        // The order matters: first the position, then what is known at or after it.
        let active_from = Lsn(storage.log.published_floor());
        let limit = storage.log.tail_exact();
        let body = BeginBody {
            active_from,
            next_file: storage.files.next(),
            pending: storage.files.pending.lock().clone(),
            payload: storage.hooks.checkpoint_payload(),
        };
        let begin = storage.log.append(
            Xid(0),
            RecordKind::CheckpointBegin,
            &[&body.encode()],
            Append::BLOCK,
            |_, _| {},
        )?;
        Ok(Self {
            started_ns: common::rt::monotonic_ns(),
            begin,
            limit,
            active_from,
            pages: dirty_before(storage, limit),
            next: 0,
            pass: 0,
        })
    }

    /// Where the log ended when it began.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The share of the pages that is written, 0 to 1.
    pub fn progress(&self) -> f64 {
        match self.pages.len() {
            0 => 1.0,
            total => self.next as f64 / total as f64,
        }
    }
}

/// The body of a begin record.
#[derive(Debug, Default)]
pub struct BeginBody {
    pub active_from: Lsn,
    pub next_file: u32,
    pub pending: PendingFiles,
    pub payload: Vec<u8>,
}

impl BeginBody {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.payload.len());
        out.extend_from_slice(&self.active_from.0.to_le_bytes());
        out.extend_from_slice(&self.next_file.to_le_bytes());
        self.pending.encode(&mut out);
        out.extend_from_slice(&self.payload);
        out
    }

    pub fn decode(body: &[u8]) -> Result<Self> {
        let parse = || {
            let (fixed, rest) = body.split_at_checked(12)?;
            let (pending, payload) = PendingFiles::decode(rest)?;
            Some(Self {
                active_from: Lsn(u64_at(fixed, 0)),
                next_file: u32_at(fixed, 8),
                pending,
                payload: payload.to_vec(),
            })
        };
        parse().ok_or_else(|| Error::corrupted("malformed checkpoint record in the log"))
    }
}

impl PageWriter {
    /// Writes the next batch of the running checkpoint, or ends it. True when none runs any more.
    pub fn step_checkpoint(&mut self, storage: &Storage) -> Result<bool> {
        let Some(mut active) = self.active.take() else {
            return Ok(true);
        };
        if active.next < active.pages.len() {
            let end = (active.next + BATCH_PAGES).min(active.pages.len());
            let result = self.write_batch(storage, &mut active.pages[active.next..end]);
            active.next = end;
            self.active = Some(active);
            return result.map(|_| false);
        }
        let left = dirty_before(storage, active.limit);
        if !left.is_empty() && active.pass < PASSES_MAX {
            active.pages = left;
            active.next = 0;
            active.pass += 1;
            self.active = Some(active);
            return Ok(false);
        }
        self.end_checkpoint(storage, &active)?;
        Ok(true)
    }

    fn end_checkpoint(&mut self, storage: &Storage, active: &ActiveCheckpoint) -> Result<()> {
        storage
            .files
            .sync_folders()
            .map_err(|error| Error::io("could not sync the data directory", &error))
            .map_err(|error| storage.health.fail_writes(error))?;
        let least = Self::least_bound(storage);
        let redo = Lsn(least.min(active.limit).min(active.active_from.0));
        let end = storage.log.append(
            Xid(0),
            RecordKind::CheckpointEnd,
            &[&redo.0.to_le_bytes(), &active.begin.0.to_le_bytes()],
            Append::BLOCK,
            |_, _| {},
        )?;
        storage.log.flush_to(end)?;
        let control = Control {
            sequence: self.control.sequence + 1,
            checkpoint: active.begin,
            redo,
            active_from: active.active_from,
            log_end: end,
            ..self.control
        };
        self.control_file
            .write(&control)
            .map_err(|error| storage.health.fail_writes(error))?;
        self.control = control;
        storage.counters.checkpoints.fetch_add(1, Ordering::Relaxed);
        storage.counters.redo.store(redo.0, Ordering::Relaxed);
        storage.retire_log(redo)
    }
}

/// The pages with a bound before `limit`, by page.
fn dirty_before(storage: &Storage, limit: u64) -> Vec<Candidate> {
    let mut pages = Vec::new();
    for (index, frame) in storage.pool.frames().iter().enumerate() {
        let bound = frame.rec_lsn.load(Ordering::SeqCst);
        let page = frame.page.load(Ordering::Relaxed);
        if bound != 0 && bound != UNLOGGED && bound < limit && page != NO_PAGE {
            let frame = index as u32;
            pages.push(Candidate { page, frame });
        }
    }
    pages.sort_unstable();
    pages
}
