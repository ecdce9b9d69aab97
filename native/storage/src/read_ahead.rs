//! Reading pages before they are asked for.
//!
//! A bounded queue and one thread. What does not fit, or cannot be read without waiting for a clean
//! frame for long, is dropped: who needs the page reads it, and sees the error.

use std::collections::VecDeque;

use common::PageId;
use common::rt::{Condvar, Mutex};

use crate::options::Wait;
use crate::storage::Storage;

/// Pages waiting at most.
const QUEUE_MAX: usize = 256;

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
            self.rung.notify_one();
        }
    }

    pub fn close(&self) {
        self.state.lock().is_closing = true;
        self.rung.notify_all();
    }

    /// The next page, waiting for one; None at the end.
    fn next(&self) -> Option<PageId> {
        let mut state = self.state.lock();
        loop {
            if state.is_closing {
                return None;
            }
            if let Some(page) = state.pages.pop_front() {
                return Some(page);
            }
            self.rung.wait(&mut state);
        }
    }
}

impl Storage {
    /// The reading thread's life.
    pub(crate) fn run_reader(&self) {
        while let Some(page) = self.read_ahead.next() {
            // An error comes up again for who reads the page in earnest.
            let _ = self.page(page, Wait::Block);
        }
    }
}
