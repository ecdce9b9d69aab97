//! The aside workers: as many running as there are cores, more threads while some of them wait.
//!
//! A statement that may wait runs here. A worker that is about to wait for a lock says so with
//! [`wait_begin`]; it then leaves the count of running workers and another may start. Without that,
//! the lock's holder could find no worker for its next statement: a deadlock that no wait-for graph
//! shows (MySQL's `thd_wait_begin`). Jobs are bounded by the callers: a session submits at most one.
//!
//! Long statements must not keep short ones from running either. While jobs queue and none was taken
//! for [`STALL`], all that run are long: they are counted no more, and others start beside them
//! (MariaDB's `thread_pool_stall_limit`). The system's scheduler then shares the cores.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use common::rt::{self, Condvar, Deadline, Mutex};
use common::{Error, Result, sqlstate};

type Job = Box<dyn FnOnce() + Send>;

/// An idle thread ends after this time.
const IDLE: Duration = Duration::from_secs(10);

/// Jobs that run while no other was taken from the queue for as long count no more.
const STALL: Duration = Duration::from_millis(10);

struct State {
    jobs: VecDeque<Job>,
    /// Threads that run a job of this generation and do not wait.
    running: usize,
    /// Goes up at each stall: jobs that began in an older one are long, and not counted.
    generation: u64,
    /// Jobs ever taken from the queue.
    taken: u64,
    watcher: Watcher,
    /// Threads that wait for a job, or were rung and have not come back yet.
    idle: usize,
    /// Threads that were started and have not arrived yet.
    starting: usize,
    /// All threads, those that start too.
    threads: usize,
    closed: bool,
}

/// The thread that sees stalls.
#[derive(PartialEq, Eq)]
enum Watcher {
    /// Not started yet, or ended.
    None,
    /// Until jobs queue.
    Sleeps,
    Watches,
}

struct Shared {
    state: Mutex<State>,
    /// Rung for idle threads.
    changed: Condvar,
    /// Rung for the watcher.
    queued: Condvar,
    /// Rung for [`Workers::close`] when a thread ends.
    ended: Condvar,
    running_max: usize,
    threads_max: usize,
    jobs_max: usize,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
    /// In which the running job of this thread began, or last ended a wait.
    static GENERATION: Cell<u64> = const { Cell::new(0) };
}

/// The pool of workers. Dropping it does not wait; [`Workers::close`] does.
pub struct Workers(Arc<Shared>);

impl Workers {
    /// `running_max` jobs run at a time, on at most `threads_max` threads; `jobs_max` may queue.
    pub fn new(running_max: usize, threads_max: usize, jobs_max: usize) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            running: 0,
            generation: 0,
            taken: 0,
            watcher: Watcher::None,
            idle: 0,
            starting: 0,
            threads: 0,
            closed: false,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            queued: Condvar::new(),
            ended: Condvar::new(),
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
        self.0.queued.notify_all();
        while state.threads > 0 || state.watcher != Watcher::None {
            self.0.ended.wait(&mut state);
        }
    }
}

impl Shared {
    /// Lets a thread take the next job if one may run. A thread that takes a job does the same for
    /// the one behind it, so one ring a job is enough, even when it reaches a thread twice.
    fn wake(self: &Arc<Self>, state: &mut State) -> Result<()> {
        if state.jobs.is_empty() {
            return Ok(());
        }
        if state.running >= self.running_max {
            self.watch_for_stalls(state);
            return Ok(());
        }
        if state.idle > 0 {
            self.changed.notify_one();
            return Ok(());
        }
        if state.starting > 0 || state.threads >= self.threads_max {
            return Ok(());
        }
        let shared = self.clone();
        match rt::spawn("rustydb-worker", move || shared.run()) {
            Ok(_) => {
                state.threads += 1;
                state.starting += 1;
                Ok(())
            }
            // Threads that run will take the job; without any it would wait for ever.
            Err(_) if state.threads > 0 => Ok(()),
            Err(error) => {
                state.jobs.pop_back();
                Err(Error::io("could not start a worker thread", &error))
            }
        }
    }

    fn watch_for_stalls(self: &Arc<Self>, state: &mut State) {
        match state.watcher {
            Watcher::Watches => {}
            Watcher::Sleeps => {
                state.watcher = Watcher::Watches;
                self.queued.notify_one();
            }
            Watcher::None => {
                let shared = self.clone();
                // Without a watcher jobs wait for those that run; the next one tries again.
                if rt::spawn("rustydb-stalls", move || shared.watch()).is_ok() {
                    state.watcher = Watcher::Watches;
                }
            }
        }
    }

    fn watch(self: Arc<Self>) {
        let mut state = self.state.lock();
        while !(state.closed && state.jobs.is_empty()) {
            if state.jobs.is_empty() {
                state.watcher = Watcher::Sleeps;
                self.queued.wait(&mut state);
                state.watcher = Watcher::Watches;
                continue;
            }
            let taken = state.taken;
            let end = Deadline::after(STALL);
            while !self.queued.wait_until(&mut state, end) {}
            if state.taken == taken && !state.jobs.is_empty() {
                state.generation += 1;
                state.running = 0;
                // Where no thread can be started, the jobs wait on.
                let _ = self.wake(&mut state);
            }
        }
        state.watcher = Watcher::None;
        self.ended.notify_all();
    }

    /// Counts the calling thread's job as running no more, unless it is a long one.
    fn leave(&self, state: &mut State) {
        if GENERATION.get() == state.generation {
            state.running -= 1;
        }
    }

    /// Counts the calling thread's job as running.
    fn join(&self, state: &mut State) {
        GENERATION.set(state.generation);
        state.running += 1;
    }

    fn run(self: Arc<Self>) {
        CURRENT.with(|current| *current.borrow_mut() = Some(self.clone()));
        let mut state = self.state.lock();
        state.starting -= 1;
        loop {
            if state.running < self.running_max
                && let Some(job) = state.jobs.pop_front()
            {
                state.taken += 1;
                self.join(&mut state);
                // The next job waits no longer where no thread can be started for it.
                let _ = self.wake(&mut state);
                drop(state);
                // A job catches its own panics; this net keeps the count right whatever happens.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
                state = self.state.lock();
                self.leave(&mut state);
                continue;
            }
            if state.closed && state.jobs.is_empty() {
                break;
            }
            state.idle += 1;
            let timed_out = self.changed.wait_until(&mut state, Deadline::after(IDLE));
            state.idle -= 1;
            if timed_out && state.jobs.is_empty() {
                break;
            }
        }
        state.threads -= 1;
        self.changed.notify_all();
        self.ended.notify_all();
    }
}

/// The calling thread is about to wait for long: if it is a worker, another may run in its place.
pub fn wait_begin() {
    let Some(shared) = CURRENT.with(|current| current.borrow().clone()) else {
        return;
    };
    let mut state = shared.state.lock();
    shared.leave(&mut state);
    // Not starting a spare is no reason to fail: the waiter gives its place back when it wakes.
    let _ = shared.wake(&mut state);
}

/// It waits no longer. May pass the maximum for a moment: who has waited does not wait again.
pub fn wait_end() {
    if let Some(shared) = CURRENT.with(|current| current.borrow().clone()) {
        shared.join(&mut shared.state.lock());
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
    fn jobs_that_run_for_long_do_not_keep_others_waiting() {
        let workers = Workers::new(2, 8, 100);
        let gate = Arc::new(Mutex::new(()));
        let held = gate.lock();
        // Twice as many as may run at a time.
        for _ in 0..4 {
            let gate = gate.clone();
            workers.submit(move || drop(gate.lock())).expect("runs");
        }
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..50 {
            let count = done.clone();
            workers
                .submit(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                })
                .expect("runs beside them");
        }
        while done.load(Ordering::SeqCst) < 50 {
            rt::yield_now();
        }
        drop(held);
        workers.close();
    }

    #[test]
    fn no_job_is_forgotten_whoever_submits_while_threads_wait() {
        let workers = Arc::new(Workers::new(2, 6, 10_000));
        let done = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for turn in 0..2000 {
                        let count = done.clone();
                        let job = move || {
                            if turn % 3 == 0 {
                                wait_begin();
                                rt::yield_now();
                                wait_end();
                            }
                            count.fetch_add(1, Ordering::SeqCst);
                        };
                        workers.submit(job).expect("takes the job");
                        // Lets the queue run empty now and then.
                        while turn % 5 == 0 && workers.queued() > 0 {
                            rt::yield_now();
                        }
                    }
                });
            }
        });
        workers.close();
        assert_eq!(done.load(Ordering::SeqCst), 8000);
        assert_eq!(workers.0.state.lock().running, 0);
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
