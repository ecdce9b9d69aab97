//! The two one-queue policies: clock, and LRU as far as misses can see it.
//!
//! The head of the queue gets another round while it was used since it came up last: one round for
//! the clock whatever the count was (`usage` halves), the end of the queue for LRU.

use std::sync::atomic::Ordering;

use super::super::frame::Frame;
use super::lists::{Links, List};
use super::policy::{EvictionPolicy, LOOKS_MAX};

#[derive(Debug)]
pub struct Clock {
    links: Links,
    queue: List,
    /// LRU: one use, however many, is worth one round.
    is_lru: bool,
}

impl Clock {
    pub fn new(frames: usize, is_lru: bool) -> Self {
        Self {
            links: Links::new(frames),
            queue: List::new(1),
            is_lru,
        }
    }
}

impl EvictionPolicy for Clock {
    fn admit(&mut self, frame: u32, _page: u64) {
        self.queue.push_back(&mut self.links, frame);
    }

    fn forget(&mut self, frame: u32) {
        if self.links.list_of(frame) != 0 {
            self.queue.remove(&mut self.links, frame);
        }
    }

    fn victim(&mut self, frames: &[Frame], take: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        for _ in 0..(self.queue.len() * 4).min(LOOKS_MAX) {
            let frame = self.queue.pop_front(&mut self.links)?;
            let usage = &frames[frame as usize].usage;
            let count = usage.load(Ordering::Relaxed);
            if count > 0 {
                let left = if self.is_lru { 0 } else { count / 2 };
                usage.store(left, Ordering::Relaxed);
            } else if take(frame) {
                return Some(frame);
            }
            self.queue.push_back(&mut self.links, frame);
        }
        None
    }

    fn name(&self) -> &'static str {
        if self.is_lru { "lru" } else { "clock" }
    }
}
