//! The hook by which a simulator takes over the threads it started.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a simulator provides. All methods are called by a thread that holds the turn.
pub trait Scheduler: Send + Sync {
    /// May let another simulated thread run; returns when this one has the turn again.
    fn switch(&self);
    /// Nanoseconds of simulated time.
    fn monotonic_ns(&self) -> u64;
    /// Lets simulated time pass: returns once `monotonic_ns` has reached `until_ns`.
    fn sleep_until(&self, until_ns: u64);
    /// The next number of the seeded generator.
    fn random_u64(&self) -> u64;
    /// Starts `body` as a simulated thread of this scheduler.
    fn spawn(
        self: Arc<Self>,
        name: &str,
        body: Box<dyn FnOnce() + Send>,
    ) -> std::thread::JoinHandle<()>;
}

/// Whether any thread of this process was ever simulated: spares a server the look at its thread,
/// which every lock would take.
static ANY: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CURRENT: RefCell<Option<Arc<dyn Scheduler>>> = const { RefCell::new(None) };
}

/// Puts the calling thread under `scheduler` for its remaining life. For simulators only.
pub fn enter(scheduler: Arc<dyn Scheduler>) {
    ANY.store(true, Ordering::Relaxed);
    CURRENT.with(|current| *current.borrow_mut() = Some(scheduler));
}

/// The calling thread's scheduler. A thread that is being torn down has none.
#[inline]
pub(super) fn current() -> Option<Arc<dyn Scheduler>> {
    if !is_simulated() {
        return None;
    }
    CURRENT
        .try_with(|current| current.borrow().clone())
        .ok()
        .flatten()
}

#[inline]
pub fn is_simulated() -> bool {
    // A thread that entered sees its own store.
    ANY.load(Ordering::Relaxed) && is_thread_simulated()
}

#[cold]
fn is_thread_simulated() -> bool {
    CURRENT
        .try_with(|current| current.borrow().is_some())
        .unwrap_or(false)
}

/// A point where the simulator may run another thread; nothing in a server.
#[inline]
pub fn switch() {
    if is_simulated()
        && let Some(scheduler) = current()
    {
        scheduler.switch();
    }
}
