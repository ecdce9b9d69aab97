//! The aside workers: as many running as there are cores, more threads while some of them wait.
//!
//! A statement that may wait runs here. A worker that is about to wait for a lock says so with
//! [`wait_begin`]; it then leaves the count of running workers and another may start. Without that,
//! the lock's holder could find no worker for its next statement: a deadlock that no wait-for graph
//! shows (MySQL's `thd_wait_begin`). Jobs are bounded by the callers: a session submits at most one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use common::rt::{self, Condvar, Deadline, Mutex};
use common::{Error, Result, sqlstate};

type Job = Box<dyn FnOnce() + Send>;

/// An idle thread ends after this time.
const IDLE: Duration = Duration::from_secs(10);

struct State {
    jobs: VecDeque<Job>,
    /// Threads that run a job and do not wait.
    running: usize,
    /// Threads that wait for a job and were not called yet.
    idle: usize,
    /// Threads that were called and have not come back yet.
    called: usize,
    threads: usize,
    closed: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    running_max: usize,
    threads_max: usize,
    jobs_max: usize,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// The pool of workers. Dropping it does not wait; [`Workers::close`] does.
pub struct Workers(Arc<Shared>);

impl Workers {
    /// `running_max` jobs run at a time, on at most `threads_max` threads; `jobs_max` may queue.
    pub fn new(running_max: usize, threads_max: usize, jobs_max: usize) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            running: 0,
            idle: 0,
            called: 0,
            threads: 0,
            closed: false,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            running_max: running_max.max(1),
            threads_max: threads_max.max(running_max),
            jobs_max,
        }))
    }

    /// Queues a job. 53300 when the queue is full, 57P03 once closed.
    pub fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut state = self.0.state.lock();
        if state.closed {
            return Err(Error::new(
                sqlstate::CANNOT_CONNECT_NOW,
                "the engine is shutting down",
            ));
        }
        if state.jobs.len() >= self.0.jobs_max {
            return Err(Error::new(
                sqlstate::TOO_MANY_CONNECTIONS,
                "too many statements wait for a worker",
            ));
        }
        state.jobs.push_back(Box::new(job));
        self.0.wake(&mut state)
    }

    /// Jobs that wait for a worker.
    pub fn queued(&self) -> usize {
        self.0.state.lock().jobs.len()
    }

    /// Takes no more jobs, waits until those queued have run and the threads have ended.
    pub fn close(&self) {
        let mut state = self.0.state.lock();
        state.closed = true;
        self.0.changed.notify_all();
        while state.threads > 0 {
            self.0.changed.wait(&mut state);
        }
    }
}

impl Shared {
    /// Lets a thread take the next job if one may run.
    fn wake(self: &Arc<Self>, state: &mut State) -> Result<()> {
        if state.jobs.is_empty() || state.running + state.called >= self.running_max {
            return Ok(());
        }
        if state.idle > 0 {
            state.idle -= 1;
            state.called += 1;
            self.changed.notify_one();
            return Ok(());
        }
        if state.threads >= self.threads_max {
            return Ok(());
        }
        state.threads += 1;
        state.called += 1;
        let shared = self.clone();
        match rt::spawn("rustydb-worker", move || shared.run()) {
            Ok(_) => Ok(()),
            Err(error) => {
                state.threads -= 1;
                state.called -= 1;
                // Threads that run will take the job; without any it would wait for ever.
                if state.threads > 0 {
                    return Ok(());
                }
                state.jobs.pop_back();
                Err(Error::io("could not start a worker thread", &error))
            }
        }
    }

    fn run(self: Arc<Self>) {
        CURRENT.with(|current| *current.borrow_mut() = Some(self.clone()));
        let mut state = self.state.lock();
        state.called -= 1;
        loop {
            if state.running < self.running_max
                && let Some(job) = state.jobs.pop_front()
            {
                state.running += 1;
                drop(state);
                // A job catches its own panics; this net keeps the count right whatever happens.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
                state = self.state.lock();
                state.running -= 1;
                continue;
            }
            if state.closed && state.jobs.is_empty() {
                break;
            }
            state.idle += 1;
            let timed_out = self.changed.wait_until(&mut state, Deadline::after(IDLE));
            // Whoever calls counts one idle thread as called; which one wakes is all the same.
            if state.called > 0 {
                state.called -= 1;
            } else {
                state.idle -= 1;
                if timed_out && state.jobs.is_empty() {
                    break;
                }
            }
        }
        state.threads -= 1;
        self.changed.notify_all();
    }
}

/// The calling thread is about to wait for long: if it is a worker, another may run in its place.
pub fn wait_begin() {
    let Some(shared) = CURRENT.with(|current| current.borrow().clone()) else {
        return;
    };
    let mut state = shared.state.lock();
    state.running -= 1;
    // Not starting a spare is no reason to fail: the waiter gives its place back when it wakes.
    let _ = shared.wake(&mut state);
}

/// It waits no longer. May pass the maximum for a moment: who has waited does not wait again.
pub fn wait_end() {
    if let Some(shared) = CURRENT.with(|current| current.borrow().clone()) {
        shared.state.lock().running += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_waiting_worker_makes_room_for_the_one_it_waits_for() {
        let workers = Workers::new(1, 4, 100);
        let door = Arc::new((Mutex::new(false), Condvar::new()));
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 {
            let (door, done) = (door.clone(), done.clone());
            let wait = move || {
                wait_begin();
                let mut open = door.0.lock();
                while !*open {
                    door.1.wait(&mut open);
                }
                drop(open);
                wait_end();
                done.fetch_add(1, Ordering::SeqCst);
            };
            workers.submit(wait).expect("takes the job");
        }
        workers
            .submit(move || {
                *door.0.lock() = true;
                door.1.notify_all();
            })
            .expect("takes the job");
        workers.close();
        assert_eq!(done.load(Ordering::SeqCst), 2);
        assert!(workers.submit(|| {}).is_err());
    }

    #[test]
    fn a_panic_costs_no_worker_and_a_full_queue_refuses() {
        let workers = Workers::new(1, 1, 1);
        let gate = Arc::new(Mutex::new(()));
        let held = gate.lock();
        let wait = gate.clone();
        workers.submit(move || drop(wait.lock())).expect("runs");
        while workers.queued() > 0 {
            rt::yield_now();
        }
        workers
            .submit(|| panic!("a job that panics"))
            .expect("queues");
        let refused = workers.submit(|| {}).expect_err("the queue is full");
        assert_eq!(refused.state(), sqlstate::TOO_MANY_CONNECTIONS);
        drop(held);
        while workers.queued() > 0 {
            rt::yield_now();
        }
        let done = Arc::new(AtomicUsize::new(0));
        let count = done.clone();
        workers
            .submit(move || {
                count.fetch_add(1, Ordering::SeqCst);
            })
            .expect("still works");
        workers.close();
        assert_eq!(done.load(Ordering::SeqCst), 1);
    }
}
