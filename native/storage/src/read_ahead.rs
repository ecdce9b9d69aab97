//! Reading pages before they are asked for.
//!
//! A bounded queue and a few threads. What does not fit, or finds no clean frame, is dropped: who
//! needs the page reads it, and sees the error. Neighbours in the queue that are neighbours in the
//! file are read in one go.

use std::collections::VecDeque;

use std::sync::atomic::Ordering;

use common::limits::PAGE_SIZE;
use common::rt::{Condvar, Mutex};
use common::{PageId, PageNo};

use crate::fetch::is_page_of;
use crate::storage::Storage;

/// Pages waiting at most.
const QUEUE_MAX: usize = 512;
/// Pages read in one go at most.
const RUN_PAGES: usize = 16;
/// Threads that read: so many reads are under way at a time.
pub const READERS: usize = 3;

fn behind(page: PageId) -> PageId {
    PageId {
        no: PageNo(page.no.0.saturating_add(1)),
        ..page
    }
}

#[derive(Debug, Default)]
struct State {
    pages: VecDeque<PageId>,
    is_closing: bool,
}

#[derive(Debug, Default)]
pub struct ReadAhead {
    state: Mutex<State>,
    rung: Condvar,
}

impl ReadAhead {
    pub fn push(&self, pages: impl Iterator<Item = PageId>) {
        let mut state = self.state.lock();
        let before = state.pages.len();
        for page in pages {
            if state.pages.len() >= QUEUE_MAX {
                break;
            }
            state.pages.push_back(page);
        }
        let has_more = state.pages.len() > before;
        drop(state);
        if has_more {
            self.rung.notify_all();
        }
    }

    pub fn close(&self) {
        self.state.lock().is_closing = true;
        self.rung.notify_all();
    }

    /// Replaces `run` by the next pages, neighbours in their file, waiting for one; false at the end.
    fn next_run(&self, run: &mut Vec<PageId>) -> bool {
        run.clear();
        let mut state = self.state.lock();
        loop {
            if state.is_closing {
                return false;
            }
            while run.len() < RUN_PAGES {
                match (state.pages.front(), run.last()) {
                    (Some(next), Some(last)) if *next != behind(*last) => break,
                    (None, _) => break,
                    _ => run.extend(state.pages.pop_front()),
                }
            }
            if !run.is_empty() {
                return true;
            }
            self.rung.wait(&mut state);
        }
    }
}

impl Storage {
    /// A reading thread's life.
    pub(crate) fn run_reader(&self) {
        let mut run = Vec::with_capacity(RUN_PAGES);
        let mut claimed = Vec::with_capacity(RUN_PAGES);
        while self.read_ahead.next_run(&mut run) {
            for page in &run {
                if !self.claim_for(*page, &mut claimed) {
                    // Somebody has it, or there is no frame: what lies before it is a run of its own.
                    self.read_claimed(&mut claimed);
                }
            }
            self.read_claimed(&mut claimed);
        }
    }

    /// Enters a free frame for the page, without waiting for one; false if there is none or the page
    /// is in the pool.
    fn claim_for(&self, page: PageId, claimed: &mut Vec<(PageId, u32)>) -> bool {
        if self.health.check_reads().is_err() || self.pool.find_exact(page).is_some() {
            return false;
        }
        let Some(frame) = self.pool.take_frame() else {
            self.writer_signal.need_clean();
            return false;
        };
        let is_installed = self.install(page, frame).is_ok_and(|is_new| is_new);
        if is_installed {
            claimed.push((page, frame));
        }
        is_installed
    }

    /// Reads neighbouring pages into the frames that are claimed for them.
    fn read_claimed(&self, claimed: &mut Vec<(PageId, u32)>) {
        let Some((first, _)) = claimed.first() else {
            return;
        };
        let mut bufs: Vec<&mut [u8]> = claimed
            .iter()
            // SAFETY: the frames are claimed, their exclusive latches held, and each is another.
            .map(|(_, frame)| unsafe { self.pool.page_mut(*frame) })
            .collect();
        let offset = u64::from(first.no.0) * PAGE_SIZE as u64;
        let file = self.files.get(first.file);
        let file = file.ok().and_then(|file| file.handle().ok());
        let is_read = file.is_some_and(|file| file.read_many_at(&mut bufs, offset).is_ok());
        let pages_read = &self.counters.pages_read;
        pages_read.fetch_add(claimed.len() as u64, Ordering::Relaxed);
        let good: Vec<bool> = bufs
            .iter()
            .zip(&*claimed)
            .map(|(page, (id, _))| is_read && is_page_of(page, *id))
            .collect();
        drop(bufs);
        for ((_, frame), is_good) in claimed.drain(..).zip(good) {
            if !is_good {
                // The error comes up again for who reads the page in earnest.
                self.pool.discard_claimed(frame);
                continue;
            }
            let state = self.pool.frame(frame);
            // Nobody has used it yet: a page that is read once stays a page of a scan.
            state.usage.store(0, Ordering::Relaxed);
            self.pool.publish_claimed(frame, false);
            state.latch.unlock_exclusive(self.pool.stripe(frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use common::FileId;

    use super::*;

    fn page(file: u32, no: u32) -> PageId {
        PageId {
            file: FileId(file),
            no: PageNo(no),
        }
    }

    #[test]
    fn neighbours_are_read_in_one_go() {
        let queue = ReadAhead::default();
        queue.push((0..40).map(|no| page(1, no)));
        queue.push([page(1, 50), page(2, 51)].into_iter());
        let mut run = Vec::new();
        let mut lengths = Vec::new();
        while lengths.iter().sum::<usize>() < 42 && queue.next_run(&mut run) {
            lengths.push(run.len());
        }
        assert_eq!(lengths, [RUN_PAGES, RUN_PAGES, 8, 1, 1]);
        queue.close();
        assert!(!queue.next_run(&mut run));
    }

    #[test]
    fn what_does_not_fit_is_dropped() {
        let queue = ReadAhead::default();
        queue.push((0..QUEUE_MAX as u32 + 10).map(|no| page(1, 2 * no)));
        assert_eq!(queue.state.lock().pages.len(), QUEUE_MAX);
    }
}
