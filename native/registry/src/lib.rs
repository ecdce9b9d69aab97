//! What all front threads of a process share beside the engine: the pool of sessions, the limiter.
//!
//! Knows nothing of SQL, sockets or JavaScript. Invariants: each part is one object that every door
//! and every thread calls; nothing in it waits: who has to wait is told so and called back; every
//! table has a cap and a rule for "full".

pub mod limiter;
pub mod pool;
mod registry;

pub use registry::Registry;
