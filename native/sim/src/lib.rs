//! The simulator: a seeded scheduler and a disk that fails, for tests only.
//!
//! The code under test is the code of the server; only `common::rt` and `common::vfs` are replaced.
//! Invariant: a run is a function of its seed, so a failing seed is a reproducer.

mod disk;
mod faulty_vfs;
mod rng;
mod scheduler;

pub use disk::DiskImage;
pub use faulty_vfs::{Fault, FaultyVfs};
pub use rng::Rng;
pub use scheduler::SimScheduler;
