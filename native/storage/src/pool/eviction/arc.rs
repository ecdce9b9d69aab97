//! ARC, in its form with two clocks (CAR): newcomers in one, pages used again in the other, and two
//! ghosts of pages that left them. A ghost that comes back says which of the two was too short and
//! moves the target.

use std::sync::atomic::Ordering;

use super::super::frame::Frame;
use super::ghost::Ghost;
use super::lists::{Links, List};
use super::policy::{EvictionPolicy, LOOKS_MAX};

const RECENT: u8 = 1;
const FREQUENT: u8 = 2;

#[derive(Debug)]
pub struct Arc {
    links: Links,
    recent: List,
    frequent: List,
    recent_ghost: Ghost,
    frequent_ghost: Ghost,
    /// Frames that the recent clock should have.
    target: usize,
}

impl Arc {
    pub fn new(frames: usize) -> Self {
        Self {
            links: Links::new(frames),
            recent: List::new(RECENT),
            frequent: List::new(FREQUENT),
            recent_ghost: Ghost::new(frames),
            frequent_ghost: Ghost::new(frames),
            target: 0,
        }
    }
}

impl EvictionPolicy for Arc {
    fn admit(&mut self, frame: u32, page: u64) {
        let total = self.recent.len() + self.frequent.len();
        if self.recent_ghost.take(page) {
            let step = self.frequent_ghost.len() / (self.recent_ghost.len() + 1);
            self.target = (self.target + step.max(1)).min(total);
            self.frequent.push_back(&mut self.links, frame);
        } else if self.frequent_ghost.take(page) {
            let step = self.recent_ghost.len() / (self.frequent_ghost.len() + 1);
            self.target = self.target.saturating_sub(step.max(1));
            self.frequent.push_back(&mut self.links, frame);
        } else {
            self.recent.push_back(&mut self.links, frame);
        }
    }

    fn forget(&mut self, frame: u32) {
        match self.links.list_of(frame) {
            RECENT => self.recent.remove(&mut self.links, frame),
            FREQUENT => self.frequent.remove(&mut self.links, frame),
            _ => {}
        }
    }

    fn victim(&mut self, frames: &[Frame], take: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        let total = self.recent.len() + self.frequent.len();
        for round in 0..(total * 6).min(LOOKS_MAX) {
            // When one clock is all dirty or pinned the other must have its turn.
            let is_turned = round >= total && round % 2 == 1;
            let has_both = self.recent.len() > 0 && self.frequent.len() > 0;
            let prefers_recent = self.recent.len() > self.target.max(1) || self.frequent.len() == 0;
            if prefers_recent != (is_turned && has_both) {
                let frame = self.recent.pop_front(&mut self.links)?;
                let state = &frames[frame as usize];
                let page = state.page.load(Ordering::Relaxed);
                // One use is the miss itself.
                if state.usage.swap(0, Ordering::Relaxed) > 1 {
                    self.frequent.push_back(&mut self.links, frame);
                } else if take(frame) {
                    self.recent_ghost.insert(page);
                    return Some(frame);
                } else {
                    self.recent.push_back(&mut self.links, frame);
                }
            } else {
                let frame = self.frequent.pop_front(&mut self.links)?;
                let state = &frames[frame as usize];
                let page = state.page.load(Ordering::Relaxed);
                if state.usage.swap(0, Ordering::Relaxed) == 0 && take(frame) {
                    self.frequent_ghost.insert(page);
                    return Some(frame);
                }
                self.frequent.push_back(&mut self.links, frame);
            }
        }
        None
    }

    fn name(&self) -> &'static str {
        "arc"
    }
}
