//! The state by a clock of the test's own.

use std::sync::Arc;

use common::rt::Mutex;
use proptest::prelude::*;

use super::claim::{Admission, Claim, Priority, Ticket, Wake};
use super::inner::Inner;
use super::options::PoolOptions;
use super::partition::PartitionOptions;
use super::refusal::Refusal;
use super::slot::SlotState;
use super::wakes::Wakes;

const MS: u64 = 1_000_000;

/// Keeps the tokens of those who were woken.
#[derive(Default)]
struct Woken(Mutex<Vec<u32>>);

impl Wake for Woken {
    fn wake(&self, token: u32, _ticket: Ticket) {
        self.0.lock().push(token);
    }
}

struct Rig {
    inner: Inner,
    now_ns: u64,
    woken: Arc<Woken>,
    wake: Arc<dyn Wake>,
}

impl Rig {
    fn new(change: impl FnOnce(&mut PoolOptions)) -> Self {
        let mut options = PoolOptions {
            min_size: 0,
            initial_size: 0,
            max_size: 2,
            max_lifetime_ms: 0,
            ..PoolOptions::default()
        };
        change(&mut options);
        let woken = Arc::new(Woken::default());
        Self {
            inner: Inner::new(options),
            now_ns: MS,
            wake: woken.clone(),
            woken,
        }
    }

    fn claim(
        &mut self,
        owner: u32,
        change: impl FnOnce(&mut Claim<'_>),
    ) -> Result<Admission, Refusal> {
        let mut claim = Claim {
            owner,
            partition: 0,
            priority: Priority::Normal,
            timeout_ms: None,
            wake: &self.wake,
            token: owner,
        };
        change(&mut claim);
        self.inner.acquire(&claim, self.now_ns)
    }

    fn slot(&mut self, owner: u32) -> u32 {
        match self.claim(owner, |_| {}) {
            Ok(Admission::Granted(slot)) => slot,
            other => panic!("{owner} got {other:?}"),
        }
    }

    fn wait(&mut self, owner: u32, change: impl FnOnce(&mut Claim<'_>)) -> Ticket {
        match self.claim(owner, change) {
            Ok(Admission::Waits(ticket)) => ticket,
            other => panic!("{owner} got {other:?}"),
        }
    }

    /// Gives a slot back after `ms`; the tokens of those who are woken.
    fn release(&mut self, slot: u32, ms: u64) -> Vec<u32> {
        self.now_ns += ms * MS;
        let mut wakes = Wakes::default();
        assert!(self.inner.release(slot, self.now_ns, &mut wakes));
        wakes.wake();
        std::mem::take(&mut *self.woken.0.lock())
    }

    fn pass(&mut self, ms: u64) -> Vec<u32> {
        self.now_ns += ms * MS;
        let mut wakes = Wakes::default();
        self.inner.expire_all(self.now_ns, &mut wakes);
        let (_, leaked) = self.inner.maintain(self.now_ns, &mut wakes);
        self.inner.leaks.extend(leaked);
        wakes.wake();
        std::mem::take(&mut *self.woken.0.lock())
    }
}

#[test]
fn first_come_first_served() {
    let mut rig = Rig::new(|_| {});
    let (a, _b) = (rig.slot(1), rig.slot(2));
    let (c, d) = (rig.wait(3, |_| {}), rig.wait(4, |_| {}));
    assert_eq!(rig.inner.collect(c), None);
    assert_eq!(rig.release(a, 1), [3]);
    assert_eq!(rig.inner.collect(c), Some(Ok(a)));
    assert_eq!(rig.release(a, 1), [4]);
    assert_eq!(rig.inner.collect(d), Some(Ok(a)));
    assert_eq!(rig.inner.totals.created, 2);
}

#[test]
fn a_slot_is_taken_back_once() {
    let mut rig = Rig::new(|_| {});
    let slot = rig.slot(1);
    assert!(rig.release(slot, 1).is_empty());
    let mut wakes = Wakes::default();
    assert!(!rig.inner.release(slot, rig.now_ns, &mut wakes));
    assert!(!rig.inner.release(99, rig.now_ns, &mut wakes));
    assert_eq!(rig.inner.active, 0);
}

#[test]
fn who_comes_last_does_not_overtake() {
    let mut rig = Rig::new(|options| options.max_size = 1);
    let slot = rig.slot(1);
    rig.wait(2, |_| {});
    rig.wait(3, |_| {});
    rig.release(slot, 1);
    // 2 has the slot and has not looked yet; 4 must stand behind 3.
    rig.wait(4, |_| {});
    assert_eq!(rig.release(slot, 1), [3]);
}

#[test]
fn the_line_has_an_end() {
    let mut rig = Rig::new(|options| {
        options.max_size = 1;
        options.max_wait_queue_size = 1;
    });
    rig.slot(1);
    rig.wait(2, |_| {});
    let refusal = rig.claim(3, |_| {}).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::QueueFull {
            waiting: 1,
            max_size: 1
        }
    );
    assert_eq!(refusal.error().into_sql().state.as_str(), "53300");
}

#[test]
fn a_wait_ends_in_time_and_says_where_it_stood() {
    let mut rig = Rig::new(|options| {
        options.max_size = 1;
        options.acquire_timeout_ms = 0;
    });
    rig.slot(1);
    let now = rig.claim(9, |claim| claim.timeout_ms = Some(0));
    assert!(matches!(now, Err(Refusal::TimedOut { waited_ms: 0, .. })));
    let long = rig.wait(2, |_| {});
    let short = rig.wait(3, |claim| claim.timeout_ms = Some(50));
    assert!(rig.pass(49).is_empty());
    assert_eq!(rig.pass(1), [3]);
    assert_eq!(
        rig.inner.collect(short),
        Some(Err(Refusal::TimedOut {
            waited_ms: 50,
            position: 2,
            max_size: 1
        }))
    );
    assert!(rig.pass(10_000_000).is_empty());
    assert_eq!(rig.inner.collect(long), None);
    assert_eq!(rig.inner.totals.timed_out, 1);
}

#[test]
fn who_leaves_makes_room() {
    let mut rig = Rig::new(|options| options.max_size = 1);
    let slot = rig.slot(1);
    let (b, c) = (rig.wait(2, |_| {}), rig.wait(3, |_| {}));
    let mut wakes = Wakes::default();
    rig.inner.abandon(b, rig.now_ns, &mut wakes);
    assert_eq!(rig.release(slot, 1), [3]);
    // It has the slot, and is gone before it looks.
    rig.inner.abandon(c, rig.now_ns, &mut wakes);
    assert_eq!((rig.inner.active, rig.inner.waiters.waiting()), (0, 0));
    assert_eq!(rig.inner.collect(b), Some(Err(Refusal::Closed)));
}

#[test]
fn priority_goes_first_and_age_catches_up() {
    let mut rig = Rig::new(|options| {
        options.max_size = 1;
        options.fair_queue = false;
        options.priority_ageing_ms = 100;
    });
    let slot = rig.slot(1);
    rig.wait(2, |claim| claim.priority = Priority::Low);
    rig.now_ns += 50 * MS;
    rig.wait(3, |_| {});
    rig.wait(4, |claim| claim.priority = Priority::Critical);
    assert_eq!(rig.release(slot, 0), [4]);
    // Low for 150 ms is before a normal one that came 101 ms after it.
    rig.now_ns += 60 * MS;
    rig.wait(5, |_| {});
    assert_eq!(rig.release(slot, 0), [3]);
    assert_eq!(rig.release(slot, 0), [2]);
    assert_eq!(rig.release(slot, 0), [5]);
}

#[test]
fn who_holds_all_and_waits_for_more_is_told() {
    let mut rig = Rig::new(|_| {});
    rig.slot(1);
    rig.slot(2);
    rig.wait(1, |_| {});
    let refusal = rig.claim(2, |_| {}).unwrap_err();
    assert_eq!(refusal, Refusal::Deadlock { max_size: 2 });
    // A third who holds nothing may wait.
    rig.wait(3, |_| {});
}

#[test]
fn a_wait_that_cannot_end_in_time_is_refused_at_once() {
    let mut rig = Rig::new(|options| options.max_size = 1);
    let slot = rig.slot(1);
    for owner in 2..50 {
        rig.wait(owner, |_| {});
    }
    for owner in 2..45 {
        assert_eq!(rig.release(slot, 10), [owner]);
    }
    // 5 wait, each turn takes 10 ms.
    let refusal = rig
        .claim(60, |claim| claim.timeout_ms = Some(40))
        .unwrap_err();
    let expected = Refusal::TooLate {
        expected_ms: 60,
        timeout_ms: 40,
    };
    assert_eq!(refusal, expected);
    rig.wait(61, |claim| claim.timeout_ms = Some(70));
}

#[test]
fn a_pause_stops_the_time_of_those_who_wait() {
    let mut rig = Rig::new(|options| options.max_size = 1);
    let slot = rig.slot(1);
    rig.inner.paused_ns = Some(rig.now_ns);
    let ticket = rig.wait(2, |claim| claim.timeout_ms = Some(100));
    assert!(rig.release(slot, 1).is_empty());
    assert!(rig.pass(1000).is_empty());
    let paused_ns = rig.inner.paused_ns.take().unwrap();
    rig.inner.put_off_deadlines(rig.now_ns - paused_ns);
    let mut wakes = Wakes::default();
    rig.inner.serve(rig.now_ns, &mut wakes);
    assert_eq!(rig.inner.collect(ticket), Some(Ok(slot)));
}

#[test]
fn slots_end_by_age_and_by_idleness() {
    let mut rig = Rig::new(|options| {
        options.max_size = 10;
        options.min_size = 1;
        options.max_lifetime_ms = 1000;
        options.idle_timeout_ms = 100;
    });
    let slots: Vec<u32> = (1..=4).map(|owner| rig.slot(owner)).collect();
    for slot in &slots[1..] {
        rig.release(*slot, 0);
    }
    assert_eq!(rig.inner.total(), 4);
    rig.pass(100);
    // The one in use counts.
    assert_eq!((rig.inner.total(), rig.inner.idle.len()), (1, 0));
    rig.release(slots[0], 1000);
    assert_eq!(
        rig.inner.slots[slots[0] as usize].state(),
        SlotState::Closed
    );
    rig.pass(1);
    assert_eq!((rig.inner.total(), rig.inner.idle.len()), (1, 1));
    assert_eq!(rig.inner.lifetimes.count(), 4);
}

#[test]
fn a_reserve_opens_for_those_who_wait_long() {
    let mut rig = Rig::new(|options| {
        options.max_size = 1;
        options.reserve_size = 1;
        options.reserve_timeout_ms = 100;
    });
    rig.slot(1);
    rig.wait(2, |_| {});
    rig.wait(3, |_| {});
    assert!(rig.pass(99).is_empty());
    assert_eq!(rig.pass(1), [2]);
    assert_eq!(rig.inner.active, 2);
}

#[test]
fn what_is_held_too_long_is_reported_once() {
    let mut rig = Rig::new(|options| options.leak_detection_threshold_ms = 500);
    let slot = rig.slot(7);
    rig.pass(499);
    assert!(rig.inner.leaks.is_empty());
    rig.pass(1);
    rig.pass(1000);
    let leaks: Vec<_> = rig
        .inner
        .leaks
        .iter()
        .map(|leak| (leak.slot, leak.owner, leak.held_ms))
        .collect();
    assert_eq!(leaks, [(slot, 7, 500)]);
}

fn partition(name: &str, min_size: u32, max_size: u32) -> PartitionOptions {
    PartitionOptions {
        name: name.to_owned(),
        min_size,
        max_size,
        ..PartitionOptions::rest()
    }
}

#[test]
fn partitions_keep_lend_and_borrow() {
    let mut rig = Rig::new(|options| options.max_size = 4);
    let kept = PartitionOptions {
        lends: false,
        ..partition("kept", 2, 2)
    };
    let kept = rig.inner.set_partition(kept).unwrap();
    let lender = rig.inner.set_partition(partition("lender", 1, 4)).unwrap();
    let small = PartitionOptions {
        may_borrow: true,
        max_wait_queue_size: 1,
        ..partition("small", 0, 1)
    };
    let small = rig.inner.set_partition(small).unwrap();
    let of = |number: u32| move |claim: &mut Claim<'_>| claim.partition = number;

    // One of its own and one borrowed; two are kept.
    let own = rig.claim(1, of(small)).unwrap();
    assert!(matches!(own, Admission::Granted(_)));
    let Ok(Admission::Granted(borrowed)) = rig.claim(2, of(small)) else {
        panic!("nobody else wants it");
    };
    rig.wait(3, of(small));
    assert_eq!(
        rig.claim(4, of(small)).unwrap_err(),
        Refusal::PartitionFull { waiting: 1 }
    );
    // Nothing is left but what is kept for others.
    rig.wait(5, of(lender));
    assert!(matches!(rig.claim(6, of(kept)), Ok(Admission::Granted(_))));
    // The lender's client has come later than small's, which has all that it may while others want more.
    assert_eq!(rig.release(borrowed, 1), [5]);
    assert!(matches!(rig.claim(7, of(kept)), Ok(Admission::Granted(_))));
    assert!(rig.inner.set_partition(partition("more", 2, 2)).is_err());

    assert!(rig.inner.drop_partition("small"));
    assert_eq!(rig.inner.partition_named("small"), None);
    assert_eq!(rig.inner.partition_at(small), 0);
    assert!(!rig.inner.drop_partition("default"));
}

#[derive(Clone, Debug)]
enum Step {
    Claim { priority: usize, timeout_ms: u32 },
    Release(usize),
    Abandon(usize),
    Collect(usize),
    Pass(u64),
    Resize(u32),
    Pause(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4usize, 0..200u32)
            .prop_map(|(priority, timeout_ms)| Step::Claim { priority, timeout_ms }),
        3 => (0..16usize).prop_map(Step::Release),
        1 => (0..16usize).prop_map(Step::Abandon),
        3 => (0..16usize).prop_map(Step::Collect),
        2 => (0..100u64).prop_map(Step::Pass),
        1 => (1..6u32).prop_map(Step::Resize),
        1 => any::<bool>().prop_map(Step::Pause),
    ];
    proptest::collection::vec(step, 1..200)
}

fn nth<T>(list: &mut Vec<T>, at: usize) -> Option<T> {
    if list.is_empty() {
        return None;
    }
    let at = at % list.len();
    Some(list.remove(at))
}

proptest! {
    /// Whatever comes: no more slots than there may be, none lost, nobody waits who could be served.
    #[test]
    fn slots_are_neither_lost_nor_doubled(steps in steps(), is_fair in any::<bool>()) {
        let mut rig = Rig::new(|options| {
            options.fair_queue = is_fair;
            options.max_wait_queue_size = 8;
        });
        let (mut held, mut tickets) = (Vec::new(), Vec::new());
        for (at, step) in steps.into_iter().enumerate() {
            let mut wakes = Wakes::default();
            match step {
                Step::Claim { priority, timeout_ms } => {
                    let claimed = rig.claim(at as u32 + 1, |claim| {
                        claim.priority = Priority::ALL[priority];
                        claim.timeout_ms = Some(timeout_ms);
                    });
                    match claimed {
                        Ok(Admission::Granted(slot)) => held.push(slot),
                        Ok(Admission::Waits(ticket)) => tickets.push(ticket),
                        Err(_) => {}
                    }
                }
                Step::Release(nth_held) => {
                    if let Some(slot) = nth(&mut held, nth_held) {
                        rig.release(slot, 1);
                    }
                }
                Step::Abandon(nth_ticket) => {
                    if let Some(ticket) = nth(&mut tickets, nth_ticket) {
                        rig.inner.abandon(ticket, rig.now_ns, &mut wakes);
                    }
                }
                Step::Collect(nth_ticket) => {
                    if let Some(ticket) = nth(&mut tickets, nth_ticket) {
                        match rig.inner.collect(ticket) {
                            None => tickets.push(ticket),
                            Some(Ok(slot)) => held.push(slot),
                            Some(Err(_)) => {}
                        }
                    }
                }
                Step::Pass(ms) => drop(rig.pass(ms)),
                Step::Resize(size) => {
                    rig.inner.options.max_size = size;
                    rig.inner.serve(rig.now_ns, &mut wakes);
                }
                Step::Pause(true) => {
                    rig.inner.paused_ns.get_or_insert(rig.now_ns);
                }
                Step::Pause(false) => {
                    rig.inner.paused_ns = None;
                    rig.inner.serve(rig.now_ns, &mut wakes);
                }
            }
            let inner = &rig.inner;
            let granted = tickets.iter().filter(|ticket| {
                !super::inner::is_waiting(&inner.waiters, **ticket)
            });
            let outstanding = inner.active as usize - held.len();
            prop_assert!(outstanding <= granted.count());
            let mut unique = held.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), held.len());
            prop_assert_eq!(inner.total() as usize, inner.active as usize + inner.idle.len());
            if inner.paused_ns.is_none() && inner.waiters.waiting() > 0 {
                prop_assert!(inner.active >= inner.options.max_size);
            }
        }
        // Everything goes back in the end.
        for ticket in tickets {
            let mut wakes = Wakes::default();
            rig.inner.abandon(ticket, rig.now_ns, &mut wakes);
        }
        for slot in held {
            rig.release(slot, 1);
        }
        prop_assert_eq!((rig.inner.active, rig.inner.waiters.waiting()), (0, 0));
        prop_assert_eq!(rig.inner.partitions[0].active, 0);
    }
}
