//! Threads, locks, clocks and randomness: the only door to them in this project.
//!
//! In a server each call goes straight to the operating system. A thread that the simulator started
//! carries a [`Scheduler`]; then only the thread that holds the scheduler's turn runs, every call
//! here may pass the turn on, and time and randomness come from the seed. Invariant: a simulated
//! thread never blocks in the operating system, it tries, and passes the turn until it succeeds.

mod clock;
mod condvar;
mod mutex;
mod random;
mod rwlock;
mod scheduler;
mod thread;

pub use clock::{Deadline, monotonic_ns, sleep, unix_micros};
pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use random::{random_bytes, random_u64};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use scheduler::{Scheduler, enter, is_simulated, switch};
pub use thread::{JoinHandle, cores, spawn, yield_now};
