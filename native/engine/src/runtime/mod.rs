//! Threads of the engine: the workers that run what may not run on a front thread.

mod workers;

pub use workers::{Workers, wait_begin, wait_end};
