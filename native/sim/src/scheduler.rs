//! Runs real threads one at a time, in an order that the seed decides.
//!
//! Owns the turn. Each simulated thread is a thread of the system that sleeps until the turn is its
//! own; at every [`Scheduler`] call the holder may draw another. Simulated time moves only when it
//! is asked for and by a little with every switch, so that time-outs fire without waiting.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use common::rt::{Scheduler, enter};

use crate::rng::Rng;

/// Simulated nanoseconds that pass at a switch.
const SWITCH_NS: u64 = 1_000;

#[derive(Debug)]
struct Turn {
    rng: Rng,
    now_ns: u64,
    /// Threads that may run; ids grow.
    alive: Vec<u64>,
    holder: u64,
    next_id: u64,
    /// One switch in this many passes the turn on.
    switch_one_in: u64,
}

/// A [`Scheduler`] for one run.
#[derive(Debug)]
pub struct SimScheduler {
    turn: Mutex<Turn>,
    changed: Condvar,
}

thread_local! {
    static ID: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

impl SimScheduler {
    /// Runs `body` as the first simulated thread and returns when every simulated thread has ended.
    pub fn run(seed: u64, body: impl FnOnce() + Send + 'static) {
        let mut rng = Rng::new(seed);
        let switch_one_in = 1 + rng.below(8);
        let turn = Turn {
            rng,
            now_ns: 0,
            alive: vec![],
            holder: 0,
            next_id: 0,
            switch_one_in,
        };
        let scheduler = Arc::new(Self {
            turn: Mutex::new(turn),
            changed: Condvar::new(),
        });
        let first = scheduler.start("first", Box::new(body));
        let panicked = first.join().is_err();
        let mut turn = scheduler.lock();
        while !turn.alive.is_empty() {
            turn = scheduler
                .changed
                .wait(turn)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(turn);
        assert!(!panicked, "the run with seed {seed} panicked");
    }

    fn lock(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(
        self: &Arc<Self>,
        name: &str,
        body: Box<dyn FnOnce() + Send>,
    ) -> std::thread::JoinHandle<()> {
        let id = {
            let mut turn = self.lock();
            let id = turn.next_id;
            turn.next_id += 1;
            turn.alive.push(id);
            id
        };
        let scheduler = self.clone();
        let run = move || {
            ID.set(id);
            drop(scheduler.wait_for_turn(id));
            enter(scheduler.clone());
            let _end = End(scheduler, id);
            body();
        };
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .expect("a test machine has threads to spare")
    }

    fn wait_for_turn(&self, id: u64) -> MutexGuard<'_, Turn> {
        let mut turn = self.lock();
        while turn.holder != id {
            turn = self
                .changed
                .wait(turn)
                .unwrap_or_else(PoisonError::into_inner);
        }
        turn
    }
}

/// Gives the turn away when its thread ends, also by a panic.
struct End(Arc<SimScheduler>, u64);

impl Drop for End {
    fn drop(&mut self) {
        let mut turn = self.0.lock();
        turn.alive.retain(|id| *id != self.1);
        turn.pass();
        self.0.changed.notify_all();
    }
}

impl Turn {
    fn pass(&mut self) {
        if !self.alive.is_empty() {
            let drawn = self.rng.below(self.alive.len() as u64) as usize;
            self.holder = self.alive[drawn];
        }
    }
}

impl Scheduler for SimScheduler {
    fn switch(&self) {
        let id = ID.get();
        let mut turn = self.lock();
        turn.now_ns += SWITCH_NS;
        let one_in = turn.switch_one_in;
        if turn.rng.chance(one_in) {
            turn.pass();
        }
        if turn.holder != id {
            self.changed.notify_all();
            drop(turn);
            drop(self.wait_for_turn(id));
        }
    }

    fn monotonic_ns(&self) -> u64 {
        self.lock().now_ns
    }

    fn sleep_until(&self, until_ns: u64) {
        while self.monotonic_ns() < until_ns {
            let mut turn = self.lock();
            if turn.alive.len() == 1 {
                turn.now_ns = until_ns;
            }
            // A sleeper lets others run first, and time pass faster than by switches alone.
            turn.now_ns += SWITCH_NS * 100;
            drop(turn);
            self.switch();
        }
    }

    fn random_u64(&self) -> u64 {
        self.lock().rng.next_u64()
    }

    fn spawn(
        self: Arc<Self>,
        name: &str,
        body: Box<dyn FnOnce() + Send>,
    ) -> std::thread::JoinHandle<()> {
        self.start(name, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::rt;

    /// Three threads append their number under a lock that they also hold over a wait.
    fn trace(seed: u64) -> Vec<u8> {
        let out = Arc::new(rt::Mutex::new(Vec::new()));
        let result = out.clone();
        SimScheduler::run(seed, move || {
            let ready = Arc::new((rt::Mutex::new(0), rt::Condvar::new()));
            let threads: Vec<_> = (0..3u8)
                .map(|me| {
                    let (out, ready) = (out.clone(), ready.clone());
                    rt::spawn("worker", move || {
                        for _ in 0..5 {
                            out.lock().push(me);
                        }
                        *ready.0.lock() += 1;
                        ready.1.notify_all();
                    })
                    .expect("starts")
                })
                .collect();
            let mut count = ready.0.lock();
            while *count < 3 {
                ready.1.wait(&mut count);
            }
            drop(count);
            assert!(threads.into_iter().all(rt::JoinHandle::join));
        });

        result.lock().clone()
    }

    #[test]
    fn one_seed_is_one_run() {
        let first = trace(42);
        assert_eq!(first.len(), 15);
        assert_eq!(trace(42), first);
        assert!(
            (0..20).any(|seed| trace(seed) != first),
            "seeds must differ"
        );
    }

    #[test]
    fn simulated_time_does_not_wait() {
        SimScheduler::run(1, || {
            let before = rt::monotonic_ns();
            rt::sleep(std::time::Duration::from_secs(3600));
            assert!(rt::monotonic_ns() - before >= 3_600_000_000_000);
        });
    }
}
