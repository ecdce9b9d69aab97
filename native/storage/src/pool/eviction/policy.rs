//! What an eviction policy must do.

use super::super::frame::Frame;

/// Frames that one call of [`EvictionPolicy::victim`] looks at, so that a miss in a large pool where
/// all is dirty does not hold the mutex for long; the next call goes on from there.
pub const LOOKS_MAX: usize = 1 << 16;

/// Chooses which clean frame gives way. Called on misses only, under one mutex; how often a frame
/// was used meanwhile stands in [`Frame::usage`].
pub trait EvictionPolicy: Send + std::fmt::Debug {
    /// `frame` now holds page `page` (as [`common::PageId::to_u64`]).
    fn admit(&mut self, frame: u32, page: u64);

    /// `frame` holds nothing any more, and not by [`EvictionPolicy::victim`].
    fn forget(&mut self, frame: u32);

    /// Proposes frames to `take` until it accepts one; that one is forgotten. None after a full
    /// round, or many frames.
    fn victim(&mut self, frames: &[Frame], take: &mut dyn FnMut(u32) -> bool) -> Option<u32>;

    fn name(&self) -> &'static str;
}

/// The policies one can choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PolicyKind {
    /// S3-FIFO (Yang et al., SOSP 2023): a small queue filters pages that are used once.
    #[default]
    S3Fifo,
    /// Second chance.
    Clock,
    /// Least recently used, by the order in which misses see the uses.
    Lru,
    /// LRU-K with K = 2 (O'Neil et al. 1993): the frame whose last use but one is oldest.
    LruK,
    /// ARC in the form that keeps no order on hits, CAR (Bansal and Modha 2004).
    Arc,
    /// 2Q (Johnson and Shasha 1994): a FIFO of newcomers, an LRU of those that came back.
    TwoQ,
}
