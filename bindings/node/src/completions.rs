//! What other threads put into the queue of a JavaScript thread.
//!
//! Invariants: the thread is rung only when the queue turns non-empty; the callback is weak and does
//! not keep the process alive.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::rt::Mutex;
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use registry::pool::{Ticket, Wake};

use crate::guard::Code;

type Ring = ThreadsafeFunction<(), (), (), Status, false, true>;

thread_local! {
    /// The queue that this thread is about to look at anyway.
    static LOOKED_AT: Cell<*const ()> = const { Cell::new(std::ptr::null()) };
}

/// What is bounded by the owner: it has only so many that can be pushed.
pub struct Completions<T> {
    queue: Mutex<Vec<T>>,
    ringing: AtomicBool,
    ring: Ring,
}

impl<T> Completions<T> {
    /// `ring` is called without arguments, on the thread that made this, when there is something.
    pub fn new(ring: &Function<'_, (), ()>) -> Result<Arc<Self>, napi::Error<Code>> {
        let ring = ring
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build();
        let ring = ring.map_err(|error| {
            napi::Error::new(Status::GenericFailure.into(), error.reason.clone())
        })?;
        Ok(Arc::new(Self {
            queue: Mutex::new(Vec::new()),
            ringing: AtomicBool::new(false),
            ring,
        }))
    }

    pub fn push(&self, item: T) {
        self.queue.lock().push(item);
        let is_looked_at = LOOKED_AT.get() == std::ptr::from_ref(self).cast();
        if !is_looked_at && !self.ringing.swap(true, Ordering::AcqRel) {
            self.ring.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Takes items out, at most so many; says how many. Call until it gives less.
    pub fn drain(&self, most: usize, mut take: impl FnMut(usize, T)) -> u32 {
        // Cleared first: what is pushed from now on rings again.
        self.ringing.store(false, Ordering::Release);
        let mut queue = self.queue.lock();
        let count = queue.len().min(most);
        for (at, item) in queue.drain(..count).enumerate() {
            take(at, item);
        }
        count as u32
    }

    /// Runs `body`; the owner need not be rung for what that puts here, but looks when told to: the answer
    /// says whether there is something.
    pub fn look_after(&self, body: impl FnOnce()) -> bool {
        let before = LOOKED_AT.replace(std::ptr::from_ref(self).cast());
        body();
        LOOKED_AT.set(before);
        !self.queue.lock().is_empty()
    }
}

/// Of connections: the token is the connection's handle.
impl Wake for Completions<u32> {
    fn wake(&self, token: u32, _ticket: Ticket) {
        self.push(token);
    }
}

/// Of claims of a JavaScript thread.
impl Wake for Completions<(u32, Ticket)> {
    fn wake(&self, token: u32, ticket: Ticket) {
        self.push((token, ticket));
    }
}
