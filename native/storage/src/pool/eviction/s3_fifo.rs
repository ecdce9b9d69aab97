//! S3-FIFO: three queues, no order kept on hits.
//!
//! Newcomers enter the small queue (a tenth of the pool). Those used again before they reach its
//! head move to the main queue, the others leave and are remembered as ghosts; a ghost that comes
//! back enters the main queue at once. A scan therefore passes through a tenth of the pool only.

use std::sync::atomic::Ordering;

use super::super::frame::Frame;
use super::ghost::Ghost;
use super::lists::{Links, List};
use super::policy::{EvictionPolicy, LOOKS_MAX};

const SMALL: u8 = 1;
const MAIN: u8 = 2;

#[derive(Debug)]
pub struct S3Fifo {
    links: Links,
    small: List,
    main: List,
    ghost: Ghost,
}

impl S3Fifo {
    pub fn new(frames: usize) -> Self {
        Self {
            links: Links::new(frames),
            small: List::new(SMALL),
            main: List::new(MAIN),
            ghost: Ghost::new(frames),
        }
    }

    fn victim_of_small(
        &mut self,
        frames: &[Frame],
        take: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let frame = self.small.pop_front(&mut self.links)?;
        let state = &frames[frame as usize];
        let page = state.page.load(Ordering::Relaxed);
        // One use is the miss itself.
        if state.usage.load(Ordering::Relaxed) > 1 {
            state.usage.store(0, Ordering::Relaxed);
            self.main.push_back(&mut self.links, frame);
        } else if take(frame) {
            self.ghost.insert(page);
            return Some(frame);
        } else {
            self.small.push_back(&mut self.links, frame);
        }
        None
    }

    fn victim_of_main(
        &mut self,
        frames: &[Frame],
        take: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let frame = self.main.pop_front(&mut self.links)?;
        let usage = frames[frame as usize].usage.load(Ordering::Relaxed);
        if usage > 0 {
            frames[frame as usize]
                .usage
                .store(usage - 1, Ordering::Relaxed);
        } else if take(frame) {
            return Some(frame);
        }
        self.main.push_back(&mut self.links, frame);
        None
    }
}

impl EvictionPolicy for S3Fifo {
    fn admit(&mut self, frame: u32, page: u64) {
        if self.ghost.take(page) {
            self.main.push_back(&mut self.links, frame);
        } else {
            self.small.push_back(&mut self.links, frame);
        }
    }

    fn forget(&mut self, frame: u32) {
        match self.links.list_of(frame) {
            SMALL => self.small.remove(&mut self.links, frame),
            MAIN => self.main.remove(&mut self.links, frame),
            _ => {}
        }
    }

    fn victim(&mut self, frames: &[Frame], take: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        let total = self.small.len() + self.main.len();
        // Each frame may come up once a queue, and in the main one once a use.
        for round in 0..(total * 8).min(LOOKS_MAX) {
            let prefers_small = self.small.len() * 10 > total || self.main.len() == 0;
            // When one queue is all dirty or pinned the other must have its turn.
            let is_turned = round >= total && round % 2 == 1;
            let has_both = self.small.len() > 0 && self.main.len() > 0;
            let found = if prefers_small != (is_turned && has_both) {
                self.victim_of_small(frames, take)
            } else {
                self.victim_of_main(frames, take)
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn name(&self) -> &'static str {
        "s3-fifo"
    }
}
