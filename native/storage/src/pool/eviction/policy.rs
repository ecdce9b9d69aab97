//! What an eviction policy must do.

use super::super::frame::Frame;

/// Chooses which clean frame gives way. Called on misses only, under one mutex; how often a frame
/// was used meanwhile stands in [`Frame::usage`].
pub trait EvictionPolicy: Send + std::fmt::Debug {
    /// `frame` now holds page `page` (as [`common::PageId::to_u64`]).
    fn admit(&mut self, frame: u32, page: u64);

    /// `frame` holds nothing any more, and not by [`EvictionPolicy::victim`].
    fn forget(&mut self, frame: u32);

    /// Proposes frames to `take` until it accepts one; that one is forgotten. None after a full
    /// round.
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
    /// 2Q (Johnson and Shasha 1994): a FIFO of newcomers, an LRU of those that came back.
    TwoQ,
}
