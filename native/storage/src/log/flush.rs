//! From the ring to the disk.
//!
//! One round: all that is appended -> write -> sync -> publish -> callbacks. The flusher thread runs
//! rounds while somebody demands them; a thread that waits anyway runs a round by itself when none
//! is running, which saves two switches of thread on the way of a commit; so does a commit that is
//! safe as soon as it is written.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::rt::Deadline;
use common::{Error, Lsn, Result};

use super::append::{BLOCK_BYTES, FlushState, Log, WRITE_BYTES_MAX};
use crate::options::SyncMode;

/// Between two attempts to make a segment while the disk is full.
const RETRY: Duration = Duration::from_secs(1);
/// A commit that only has to be written is written by its own thread up to this much; what is more
/// goes to the flusher, for that thread may have clients that wait.
const OWN_WRITE_BYTES_MAX: u64 = 64 * 1024;

impl Log {
    /// Runs or awaits rounds until `is_done`.
    pub(crate) fn drive(&self, want_sync: bool, is_done: impl Fn() -> bool) -> Result<()> {
        loop {
            if is_done() {
                return Ok(());
            }
            self.health.check_writes()?;
            if let Some(mut flush) = self.flush.try_lock() {
                let result = self.round(&mut flush, self.tail(), want_sync);
                drop(flush);
                self.after_round(result)?;
                continue;
            }
            // Who runs the round lets go of the flush mutex before it takes this one, so a round
            // that is seen running under it will ring.
            let mut rounds = self.rounds.lock();
            if !is_done() && self.health.is_good() && self.flush.try_lock().is_none() {
                self.round_rung.wait(&mut rounds);
            }
        }
    }

    /// Waits until the record at `lsn` is durable (in sync mode off: written).
    pub fn flush_to(&self, lsn: Lsn) -> Result<()> {
        if self.durable() > lsn.0 {
            return Ok(());
        }
        self.drive(true, || self.durable() > lsn.0)
    }

    /// Gives to the system what was appended, if that takes one short write and nothing is to be
    /// synced: true when all up to the tail of before this call is written. Neither full sync mode,
    /// nor what another thread writes just now, nor the way into the next segment is for here.
    pub(super) fn write_by_itself(&self) -> bool {
        if self.sync == SyncMode::Full || !self.health.is_good() {
            return false;
        }
        let Some(mut flush) = self.flush.try_lock() else {
            return false;
        };
        let (written, target) = (self.written.load(Ordering::Relaxed), self.tail());
        if target > written {
            let size = self.segments.size_bytes();
            let current = flush.current.as_ref().map(|(number, _)| *number);
            let stays = current == Some(written / size) && current == Some((target - 1) / size);
            if !stays || flush.crossed_segment || target - written > OWN_WRITE_BYTES_MAX {
                return false;
            }
        }
        let result = self.round(&mut flush, target, false);
        drop(flush);
        self.after_round(result).is_ok()
    }

    /// One round of writing and syncing, up to `target`.
    fn round(&self, flush: &mut FlushState, target: u64, want_sync: bool) -> Result<()> {
        let written = self.written.load(Ordering::Relaxed);
        if target > written {
            self.write(flush, written, target)
                .map_err(|error| Error::io("could not write the log", &error))?;
            self.written.store(target, Ordering::SeqCst);
        }
        let syncs = match self.sync {
            SyncMode::Full => true,
            SyncMode::Normal => want_sync || flush.crossed_segment,
            SyncMode::Off => false,
        };
        if syncs && target > self.durable() {
            for file in flush.unsynced.drain(..) {
                file.sync()
                    .map_err(|error| Error::io("could not sync the log", &error))?;
                self.counters.syncs.fetch_add(1, Ordering::Relaxed);
            }
            flush.crossed_segment = false;
        }
        if syncs || self.sync == SyncMode::Off {
            flush.unsynced.clear();
            self.durable.fetch_max(target, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Publishes what the round made durable and tells everybody; a failure ends all writing.
    fn after_round(&self, result: Result<()>) -> Result<()> {
        let result = result.map_err(|error| self.health.fail_writes(error));
        if result.is_ok() && self.sync == SyncMode::Full {
            self.publish_to(self.durable());
        }
        *self.rounds.lock() += 1;
        self.round_rung.notify_all();
        self.run_callbacks();
        result
    }

    /// Writes whole blocks from the one that holds `from` to the one that holds the byte before `to`,
    /// zeros behind `to`.
    fn write(&self, flush: &mut FlushState, from: u64, to: u64) -> std::io::Result<()> {
        let size = self.segments.size_bytes();
        let mut at = from - from % BLOCK_BYTES;
        let end = to.next_multiple_of(BLOCK_BYTES);
        while at < end {
            let number = at / size;
            let room = (number + 1) * size - at;
            let length = (end - at).min(room).min(WRITE_BYTES_MAX as u64) as usize;
            self.enter_segment(flush, number)?;
            // SAFETY: the flush state's own memory, under its mutex.
            let bytes = unsafe { flush.buffer.slice_mut(0, length) };
            let filled = length.min((to - at) as usize);
            self.copy_out(at, &mut bytes[..filled]);
            bytes[filled..].fill(0);
            let (_, file) = flush.current.as_ref().expect("a segment was entered");
            file.write_at(bytes, at % size)?;
            self.counters.writes.fetch_add(1, Ordering::Relaxed);
            at += length as u64;
        }
        Ok(())
    }

    fn enter_segment(&self, flush: &mut FlushState, number: u64) -> std::io::Result<()> {
        let is_current = flush.current.as_ref().is_some_and(|c| c.0 == number);
        if !is_current {
            let file = match self.segments.open(number) {
                Err(error)
                    if error.raw_os_error() == Some(libc::ENOSPC) && self.ballast.give_up() =>
                {
                    self.segments.open(number)?
                }
                other => other?,
            };
            // A flush may span two segments, not more, so that recovery knows how much of the tail
            // the disk may lack: sync the older ones now.
            if self.sync != SyncMode::Off && flush.unsynced.len() > 1 {
                for file in flush.unsynced.drain(..) {
                    file.sync()?;
                }
            }
            flush.crossed_segment = flush.current.is_some();
            flush.current = Some((number, file));
            if self.prepares_inline {
                self.prepare_segment(number + 1);
            } else {
                *self.prepare.lock() = number + 1;
                self.prepare_rung.notify_one();
            }
        }
        let (_, file) = flush.current.as_ref().expect("set above");
        if !flush.unsynced.iter().any(|known| Arc::ptr_eq(known, file)) {
            flush.unsynced.push(Arc::clone(file));
        }
        Ok(())
    }

    /// Asks the flusher for the log up to `position`; wakes it if it is idle.
    pub fn demand(&self, position: u64) {
        self.demand.fetch_max(position, Ordering::SeqCst);
        if self.is_idle.swap(false, Ordering::SeqCst) {
            drop(self.idle.lock());
            self.idle_rung.notify_one();
        }
    }

    fn has_demand(&self) -> bool {
        self.demand.load(Ordering::SeqCst) > self.safe()
    }

    /// The flusher thread's life.
    pub fn run_flusher(&self) {
        loop {
            while self.has_demand() && self.health.is_good() {
                let mut flush = self.flush.lock();
                let result = self.round(&mut flush, self.tail(), false);
                drop(flush);
                // The error is kept by `health` and given to everybody who asks.
                let _ = self.after_round(result);
            }
            let mut is_closing = self.idle.lock();
            if *is_closing {
                return;
            }
            // Said again before each wait: who rang took the flag down, and may have rung for what
            // another thread's round has flushed meanwhile.
            loop {
                self.is_idle.store(true, Ordering::SeqCst);
                if *is_closing || self.has_demand() && self.health.is_good() {
                    break;
                }
                self.idle_rung.wait(&mut is_closing);
            }
            self.is_idle.store(false, Ordering::SeqCst);
        }
    }

    /// The life of the thread that makes segments ahead of use. When the disk is full it says so by
    /// `is_out_of_space` and tries again each second.
    pub fn run_preparer(&self) {
        let mut done = 0;
        loop {
            let mut wanted = self.prepare.lock();
            while *wanted == done {
                if self.is_out_of_space.load(Ordering::Relaxed) {
                    self.prepare_rung
                        .wait_until(&mut wanted, Deadline::after(RETRY));
                    break;
                }
                self.prepare_rung.wait(&mut wanted);
            }
            done = *wanted;
            drop(wanted);
            if done == u64::MAX {
                return;
            }
            self.prepare_segment(done);
        }
    }

    /// Makes the segment after the current one.
    pub fn prepare_segment(&self, number: u64) {
        let result = self.segments.prepare(number);
        let is_full = matches!(&result, Err(error) if error.raw_os_error() == Some(libc::ENOSPC));
        // Other errors come up again when the flusher itself needs the file.
        self.is_out_of_space.store(is_full, Ordering::Relaxed);
    }

    /// Lets the preparing thread make the segment after the current one.
    pub fn prepare_next(&self) {
        let number = self.tail() / self.segments.size_bytes() + 1;
        if self.prepares_inline {
            return self.prepare_segment(number);
        }
        *self.prepare.lock() = number;
        self.prepare_rung.notify_one();
    }

    /// Wakes all who wait and gives them the error that `health` holds.
    pub fn fail_waiters(&self) {
        *self.rounds.lock() += 1;
        self.round_rung.notify_all();
        self.run_callbacks();
    }

    /// Ends both threads; what is demanded is flushed first.
    pub fn stop_threads(&self) {
        *self.idle.lock() = true;
        self.idle_rung.notify_all();
        *self.prepare.lock() = u64::MAX;
        self.prepare_rung.notify_all();
    }
}
