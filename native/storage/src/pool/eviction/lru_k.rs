//! LRU-K with K = 2.
//!
//! Time is counted in misses. A use is seen when the sweep comes past the frame, so uses within one
//! sweep count once, which is the correlated reference period of the paper. Each miss compares a
//! few frames from the sweep's head on; the one whose last use but one is oldest gives way (a page
//! that was used once: never, that is first).

use std::sync::atomic::Ordering;

use super::super::frame::Frame;
use super::lists::{Links, List};
use super::policy::{EvictionPolicy, LOOKS_MAX};

/// Frames that one miss compares.
const COMPARED: usize = 16;

#[derive(Clone, Copy, Debug, Default)]
struct History {
    last: u64,
    /// 0: used once.
    before: u64,
    /// Not seen by the sweep yet: one of its uses is the miss itself.
    is_new: bool,
}

#[derive(Debug)]
pub struct LruK {
    links: Links,
    queue: List,
    histories: Vec<History>,
    now: u64,
}

impl LruK {
    pub fn new(frames: usize) -> Self {
        Self {
            links: Links::new(frames),
            queue: List::new(1),
            histories: vec![History::default(); frames],
            now: 0,
        }
    }

    /// Takes up to [`COMPARED`] frames from the head into `out`, by age, and puts them at the end.
    fn sample(&mut self, frames: &[Frame], out: &mut Vec<(u64, u64, u32)>) {
        out.clear();
        for _ in 0..COMPARED.min(self.queue.len()) {
            let Some(frame) = self.queue.pop_front(&mut self.links) else {
                break;
            };
            self.queue.push_back(&mut self.links, frame);
            let history = &mut self.histories[frame as usize];
            let uses = frames[frame as usize].usage.swap(0, Ordering::Relaxed);
            if uses > u8::from(history.is_new) {
                history.before = history.last;
                history.last = self.now;
            }
            history.is_new = false;
            out.push((history.before, history.last, frame));
        }
        out.sort_unstable();
    }
}

impl EvictionPolicy for LruK {
    fn admit(&mut self, frame: u32, _page: u64) {
        self.now += 1;
        self.histories[frame as usize] = History {
            last: self.now,
            before: 0,
            is_new: true,
        };
        self.queue.push_back(&mut self.links, frame);
    }

    fn forget(&mut self, frame: u32) {
        if self.links.list_of(frame) != 0 {
            self.queue.remove(&mut self.links, frame);
        }
    }

    fn victim(&mut self, frames: &[Frame], take: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        let mut sample = Vec::with_capacity(COMPARED);
        for _ in 0..self.queue.len().min(LOOKS_MAX).div_ceil(COMPARED) + 1 {
            self.sample(frames, &mut sample);
            for (_, _, frame) in &sample {
                if take(*frame) {
                    self.queue.remove(&mut self.links, *frame);
                    return Some(*frame);
                }
            }
        }
        None
    }

    fn name(&self) -> &'static str {
        "lru-k"
    }
}
