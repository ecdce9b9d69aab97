//! Eviction policies behind one trait.

mod clock;
mod ghost;
mod lists;
mod policy;
mod s3_fifo;
mod two_q;

pub use policy::{EvictionPolicy, PolicyKind};

/// Makes a policy for up to `frames` frames.
pub fn new_policy(kind: PolicyKind, frames: usize) -> Box<dyn EvictionPolicy> {
    match kind {
        PolicyKind::S3Fifo => Box::new(s3_fifo::S3Fifo::new(frames)),
        PolicyKind::Clock => Box::new(clock::Clock::new(frames, false)),
        PolicyKind::Lru => Box::new(clock::Clock::new(frames, true)),
        PolicyKind::TwoQ => Box::new(two_q::TwoQ::new(frames)),
    }
}
