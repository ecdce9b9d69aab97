//! Numbers that other threads put into the queue of a JavaScript thread.
//!
//! Invariants: the thread is rung only when the queue turns non-empty; the callback is weak and does
//! not keep the process alive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::rt::Mutex;
use napi::Status;
use napi::bindgen_prelude::{Function, Uint32Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use crate::guard::Code;

type Ring = ThreadsafeFunction<(), (), (), Status, false, true>;

/// What is bounded by the owner: it has only so many numbers that can be pushed.
pub struct Completions {
    queue: Mutex<Vec<u32>>,
    ringing: AtomicBool,
    ring: Ring,
}

impl Completions {
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

    pub fn push(&self, number: u32) {
        self.queue.lock().push(number);
        if !self.ringing.swap(true, Ordering::AcqRel) {
            self.ring.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Moves numbers to `out`; says how many. Call until it gives less than there is room for.
    pub fn drain(&self, out: &mut Uint32Array) -> u32 {
        // SAFETY: the array is JavaScript's and nobody else touches it during this call.
        let out = unsafe { out.as_mut() };
        // Cleared first: what is pushed from now on rings again.
        self.ringing.store(false, Ordering::Release);
        let mut queue = self.queue.lock();
        let count = queue.len().min(out.len());
        for (to, from) in out.iter_mut().zip(queue.drain(..count)) {
            *to = from;
        }
        count as u32
    }
}

impl registry::pool::Wake for Completions {
    fn wake(&self, token: u32) {
        self.push(token);
    }
}
