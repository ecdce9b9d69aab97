//! 2Q: newcomers pass through a FIFO of a quarter of the pool; a page that comes back after it left
//! that FIFO enters the long-lived queue, which is served as LRU.

use std::sync::atomic::Ordering;

use super::super::frame::Frame;
use super::ghost::Ghost;
use super::lists::{Links, List};
use super::policy::{EvictionPolicy, LOOKS_MAX};

const NEW: u8 = 1;
const OLD: u8 = 2;

#[derive(Debug)]
pub struct TwoQ {
    links: Links,
    new: List,
    old: List,
    ghost: Ghost,
}

impl TwoQ {
    pub fn new(frames: usize) -> Self {
        Self {
            links: Links::new(frames),
            new: List::new(NEW),
            old: List::new(OLD),
            ghost: Ghost::new(frames / 2),
        }
    }
}

impl EvictionPolicy for TwoQ {
    fn admit(&mut self, frame: u32, page: u64) {
        if self.ghost.take(page) {
            self.old.push_back(&mut self.links, frame);
        } else {
            self.new.push_back(&mut self.links, frame);
        }
    }

    fn forget(&mut self, frame: u32) {
        match self.links.list_of(frame) {
            NEW => self.new.remove(&mut self.links, frame),
            OLD => self.old.remove(&mut self.links, frame),
            _ => {}
        }
    }

    fn victim(&mut self, frames: &[Frame], take: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        let total = self.new.len() + self.old.len();
        for round in 0..(total * 6).min(LOOKS_MAX) {
            // When one queue is all dirty or pinned the other must have its turn.
            let is_turned = round >= total && round % 2 == 1;
            let has_both = self.new.len() > 0 && self.old.len() > 0;
            let prefers_new = self.new.len() * 4 > total || self.old.len() == 0;
            if prefers_new != (is_turned && has_both) {
                let frame = self.new.pop_front(&mut self.links)?;
                let page = frames[frame as usize].page.load(Ordering::Relaxed);
                if take(frame) {
                    self.ghost.insert(page);
                    return Some(frame);
                }
                self.new.push_back(&mut self.links, frame);
            } else {
                let frame = self.old.pop_front(&mut self.links)?;
                let usage = &frames[frame as usize].usage;
                if usage.swap(0, Ordering::Relaxed) == 0 && take(frame) {
                    return Some(frame);
                }
                self.old.push_back(&mut self.links, frame);
            }
        }
        None
    }

    fn name(&self) -> &'static str {
        "2q"
    }
}
