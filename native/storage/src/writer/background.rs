//! The background writer's loop.
//!
//! Every turn: remove files that aborts left; while fewer than a quarter of the frames are clean, or
//! somebody waits for one, write a batch of the oldest pages; write the next batch of a running
//! checkpoint when its pace says so (all pages within 70 % of the interval); start one when its time
//! or log volume has come. It sleeps for at most a tenth of a second, or until it is rung.

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::Result;
use common::rt::{Condvar, Deadline, Mutex, monotonic_ns};

use super::checkpoint::ActiveCheckpoint;
use crate::storage::Storage;

const TURN: Duration = Duration::from_millis(100);
/// Share of the checkpoint interval over which its writes are spread.
const PACE: f64 = 0.7;

#[derive(Debug, Default)]
struct Wishes {
    is_closing: bool,
    needs_clean: bool,
    /// Checkpoints asked for, and done or failed.
    asked: u64,
    done: u64,
}

/// How others reach the background writer.
#[derive(Debug, Default)]
pub struct WriterSignal {
    wishes: Mutex<Wishes>,
    rung: Condvar,
    finished: Condvar,
}

impl WriterSignal {
    /// Somebody found no clean frame.
    pub fn need_clean(&self) {
        self.wishes.lock().needs_clean = true;
        self.rung.notify_one();
    }

    pub fn close(&self) {
        self.wishes.lock().is_closing = true;
        self.rung.notify_all();
        self.finished.notify_all();
    }

    /// Wakes who waits for a checkpoint that will not come.
    pub fn fail_waiters(&self) {
        let mut wishes = self.wishes.lock();
        wishes.done = wishes.asked;
        self.finished.notify_all();
    }

    /// Asks for an unpaced checkpoint that begins from now on and waits for its end.
    pub fn await_checkpoint(&self) {
        let mut wishes = self.wishes.lock();
        wishes.asked += 1;
        let mine = wishes.asked;
        self.rung.notify_one();
        while wishes.done < mine && !wishes.is_closing {
            self.finished.wait(&mut wishes);
        }
    }
}

impl Storage {
    /// The background writer's life.
    pub(crate) fn run_writer(&self) {
        let signal = &self.writer_signal;
        let mut last_checkpoint_ns = monotonic_ns();
        loop {
            let (is_closing, needs_clean, asked, done) = {
                let mut wishes = signal.wishes.lock();
                let needs_clean = std::mem::take(&mut wishes.needs_clean);
                (wishes.is_closing, needs_clean, wishes.asked, wishes.done)
            };
            if is_closing {
                return;
            }
            if asked > done {
                // The result is in `health`; who asked looks there.
                let _ = self.checkpoint_now();
                last_checkpoint_ns = monotonic_ns();
                signal.wishes.lock().done = asked;
                signal.finished.notify_all();
                continue;
            }
            // After a failure nothing is written; the thread stays to answer and to be closed.
            if let Ok(true) = self.writer_turn(needs_clean, &mut last_checkpoint_ns) {
                continue;
            }
            let mut wishes = signal.wishes.lock();
            if !wishes.is_closing && !wishes.needs_clean && wishes.asked == wishes.done {
                signal.rung.wait_until(&mut wishes, Deadline::after(TURN));
            }
        }
    }

    /// One turn; true when there is more to do at once.
    fn writer_turn(&self, needs_clean: bool, last_checkpoint_ns: &mut u64) -> Result<bool> {
        if !self.health.is_good() {
            return Ok(false);
        }
        self.remove_left_files()?;
        let mut writer = self.writer.lock();
        let frames = self.pool.frames().len() as i64;
        let dirty = self.pool.dirty.load(Ordering::Relaxed);
        if needs_clean || dirty > frames - frames / 4 {
            let written = writer.write_oldest(self)?;
            return Ok(written > 0 && !needs_clean);
        }
        if let Some(active) = &writer.active {
            let interval = self.options.checkpoint_interval.as_nanos() as f64 * PACE;
            let passed = (monotonic_ns() - active.started_ns) as f64 / interval.max(1.0);
            let is_behind = self.log.tail() > active.limit() + self.options.checkpoint_bytes / 2;
            if active.progress() <= passed || is_behind {
                let ended = writer.step_checkpoint(self)?;
                return Ok(!ended);
            }
            return Ok(false);
        }
        let since_ns = monotonic_ns() - *last_checkpoint_ns;
        let is_time = u128::from(since_ns) >= self.options.checkpoint_interval.as_nanos();
        let has_log = self.log.tail() > writer.control.log_end.0 + 4096;
        if has_log && (is_time || self.log.tail() > self.next_checkpoint_at()) {
            *last_checkpoint_ns = monotonic_ns();
            drop(writer);
            let checkpoint = ActiveCheckpoint::begin(self)?;
            self.writer.lock().active = Some(checkpoint);
            return Ok(true);
        }
        Ok(false)
    }

    /// Position at which the next checkpoint is due by volume.
    fn next_checkpoint_at(&self) -> u64 {
        self.counters.redo.load(Ordering::Relaxed) + self.options.checkpoint_bytes
    }
}
