//! Checkpoints, old log, the pool's size.

use std::sync::atomic::Ordering;

use common::{Error, Lsn, Result};

use super::storage::Storage;
use crate::log::LogCursor;
use crate::writer::ActiveCheckpoint;

/// Rounds of writing and retiring frames before a shrink gives up.
const SHRINK_ROUNDS_MAX: u32 = 1000;

/// Holders of old log at most.
const LOG_KEEPERS_MAX: usize = 1024;

impl Storage {
    /// Keeps the log from `lsn` on (feed, slots, backup), one position a `name`; None lets go.
    pub fn keep_log(&self, name: &str, lsn: Option<Lsn>) -> Result<()> {
        let mut keepers = self.log_keepers.lock();
        match lsn {
            None => {
                keepers.remove(name);
            }
            Some(_) if keepers.len() >= LOG_KEEPERS_MAX && !keepers.contains_key(name) => {
                return Err(Error::new(
                    common::sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                    "too many holders of old log",
                ));
            }
            Some(lsn) => {
                keepers.insert(name.to_owned(), lsn);
            }
        }
        Ok(())
    }

    /// Gives up log segments that neither redo nor a holder needs.
    pub(crate) fn retire_log(&self, redo: Lsn) -> Result<()> {
        let least = self.log_keepers.lock().values().min().copied();
        let keep = least.map_or(redo, |least| least.min(redo));
        let size = self.log.segments().size_bytes();
        self.log
            .segments()
            .retire(
                keep.0 / size,
                self.log.tail() / size,
                u64::from(self.options.wal_spare_segments),
            )
            .map_err(|error| Error::io("could not recycle log segments", &error))?;
        // Space may be free again; if not, the next checkpoint tries once more.
        if self.ballast.hold().is_ok() {
            self.log.prepare_next();
        }
        Ok(())
    }

    /// Makes a checkpoint now, unpaced, and waits for it.
    pub fn checkpoint(&self) -> Result<()> {
        self.health.check_writes()?;
        if !self.has_threads.load(Ordering::Acquire) {
            return self.checkpoint_now();
        }
        self.writer_signal.await_checkpoint();
        self.health.check_writes()
    }

    pub(crate) fn checkpoint_now(&self) -> Result<()> {
        self.remove_left_files()?;
        {
            let mut writer = self.writer.lock();
            while !writer.step_checkpoint(self)? {}
        }
        let checkpoint = ActiveCheckpoint::begin(self)?;
        self.writer.lock().active = Some(checkpoint);
        // One batch a hold, so that others get at the writer's mutex.
        while !self.writer.lock().step_checkpoint(self)? {}
        Ok(())
    }

    /// Changes the pool's size within the reserved range, in whole pages, at least 64. Pages that
    /// stay pinned in what is to go make it an error, and the size stays.
    pub fn resize_pool(&self, size_bytes: u64) -> Result<()> {
        let frames = (size_bytes / common::limits::PAGE_SIZE as u64).max(64) as usize;
        if frames >= self.pool.frames().len() {
            return self.pool.grow(frames);
        }
        self.pool.start_shrink(frames);
        for _ in 0..SHRINK_ROUNDS_MAX {
            if self.pool.retire_clean() {
                return Ok(());
            }
            self.health.check_writes()?;
            self.writer.lock().write_beyond(self, frames)?;
            common::rt::yield_now();
        }
        self.pool.cancel_shrink();
        Err(Error::new(
            common::sqlstate::OBJECT_IN_USE,
            "the buffer pool cannot shrink: pages in it stay in use",
        ))
    }

    /// Reads the log from the record at `from` on, as far as it is durable: for the change feed. Let
    /// [`Storage::keep_log`] hold it first.
    pub fn read_log(&self, from: Lsn) -> LogCursor<'_> {
        LogCursor::new(&self.log, from)
    }
}
