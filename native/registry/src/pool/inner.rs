//! The pool's state, under its one lock.
//!
//! Invariant, between calls: nobody waits who could be served (`serve` sees to it after each change),
//! so a claim that finds its line empty overtakes nobody.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use common::rt;

use super::claim::{Admission, Claim, Ticket};
use super::histogram::Histogram;
use super::leak::Leak;
use super::options::PoolOptions;
use super::partition::{Partition, PartitionOptions};
use super::refusal::Refusal;
use super::slot::{Slot, SlotState};
use super::wait_list::{Order, Outcome, Rank, WaitList, Waiter};
use super::wakes::Wakes;

const MS: u64 = 1_000_000;
/// Turns that must have been seen in a row before the length of a wait is foretold.
const TURNS_SEEN_MIN: u32 = 32;
/// Weight of the newest turn in the mean.
const TURN_WEIGHT: f64 = 1.0 / 32.0;

/// Counts since the pool was made.
#[derive(Debug, Default)]
pub struct Totals {
    pub acquired: u64,
    pub refused: u64,
    pub timed_out: u64,
    pub abandoned: u64,
    pub created: u64,
    pub closed: u64,
    pub leaks: u64,
    pub waiting_max: u32,
}

/// How fast slots come back while somebody waits.
#[derive(Debug, Default)]
pub struct Turns {
    last_ns: u64,
    mean_ns: f64,
    seen: u32,
}

impl Turns {
    fn add(&mut self, now_ns: u64) {
        if self.last_ns != 0 {
            let turn = now_ns.saturating_sub(self.last_ns) as f64;
            self.seen = self.seen.saturating_add(1);
            let weight = TURN_WEIGHT.max(1.0 / f64::from(self.seen));
            self.mean_ns += (turn - self.mean_ns) * weight;
        }
        self.last_ns = now_ns;
    }

    /// How long somebody waits before whom so many are served.
    pub fn expected_ns(&self, position: u32) -> Option<u64> {
        let is_known = self.seen >= TURNS_SEEN_MIN;
        is_known.then(|| (self.mean_ns * f64::from(position)) as u64)
    }
}

pub struct Inner {
    pub options: PoolOptions,
    pub slots: Vec<Slot>,
    /// Slots without use; the last one was used last.
    pub idle: VecDeque<u32>,
    /// Places of slots that are closed.
    pub closed: Vec<u32>,
    pub active: u32,
    pub waiters: WaitList,
    pub partitions: Vec<Partition>,
    /// When it was paused.
    pub paused_ns: Option<u64>,
    pub is_closed: bool,
    /// When waits end, earliest first; tickets that are settled stand there until their time.
    pub deadlines: BinaryHeap<Reverse<(u64, u64)>>,
    pub totals: Totals,
    pub waits: Histogram,
    pub holds: Histogram,
    pub lifetimes: Histogram,
    pub turns: Turns,
    pub leaks: VecDeque<Leak>,
    /// Somebody has waited so long that the reserve is opened.
    pub is_reserve_open: bool,
    /// When the monitor wakes by itself.
    pub monitor_ns: u64,
}

impl Inner {
    pub fn new(options: PoolOptions) -> Self {
        Self {
            options,
            slots: Vec::new(),
            idle: VecDeque::new(),
            closed: Vec::new(),
            active: 0,
            waiters: WaitList::new(),
            partitions: vec![Partition::new(PartitionOptions::rest())],
            paused_ns: None,
            is_closed: false,
            deadlines: BinaryHeap::new(),
            totals: Totals::default(),
            waits: Histogram::default(),
            holds: Histogram::default(),
            lifetimes: Histogram::default(),
            turns: Turns::default(),
            leaks: VecDeque::new(),
            is_reserve_open: false,
            monitor_ns: u64::MAX,
        }
    }

    /// Slots that are not closed.
    pub fn total(&self) -> u32 {
        (self.slots.len() - self.closed.len()) as u32
    }

    fn capacity(&self) -> u32 {
        let reserve = match self.is_reserve_open {
            true => self.options.reserve_size,
            false => 0,
        };
        self.options.max_size.saturating_add(reserve)
    }

    pub fn order(&self) -> Order {
        match self.options.fair_queue {
            true => Order::Arrival,
            false => Order::Priority {
                ageing_ns: u64::from(self.options.priority_ageing_ms) * MS,
            },
        }
    }

    /// Makes idle slots until there are `size`, within `max_size`.
    pub fn fill(&mut self, size: u32, now_ns: u64) {
        while self.total() < size.min(self.options.max_size) {
            let slot = self.create(now_ns);
            self.idle.push_front(slot);
        }
    }

    fn create(&mut self, now_ns: u64) -> u32 {
        let at = self.closed.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        let expires_ns = match self.options.max_lifetime_ms {
            0 => 0,
            // All that were made at once would else end at once.
            life => now_ns + life * MS - rt::random_u64() % (life * MS / 10 + 1),
        };
        let slot = &mut self.slots[at as usize];
        *slot = Slot::new(now_ns, expires_ns);
        slot.become_state(SlotState::Creating);
        slot.become_state(SlotState::Idle);
        self.totals.created += 1;
        at
    }

    pub fn close_slot(&mut self, at: u32, now_ns: u64) {
        let slot = &mut self.slots[at as usize];
        slot.become_state(SlotState::Closed);
        let lived = now_ns.saturating_sub(slot.created_ns);
        self.lifetimes.add(lived);
        self.totals.closed += 1;
        self.closed.push(at);
    }

    /// Whether a client of the partition may have a slot now.
    fn may_take(&self, partition: u32) -> bool {
        if self.paused_ns.is_some() {
            return false;
        }
        let free = self.capacity().saturating_sub(self.active);
        if self.partitions.len() == 1 {
            return free > 0;
        }
        let of = &self.partitions[partition as usize];
        let others = || self.partitions.iter().enumerate();
        let others = || others().filter(|(at, _)| *at != partition as usize);
        if of.active >= of.options.max_size {
            let is_wanted = others().any(|(_, other)| !other.line.is_empty());
            if !of.options.may_borrow || is_wanted {
                return false;
            }
        }
        let kept: u32 = others().map(|(_, other)| other.kept()).sum();
        free > kept
    }

    /// Gives out a slot; the caller has made sure that there may be one.
    fn take(&mut self, owner: u32, partition: u32, now_ns: u64) -> u32 {
        let at = loop {
            let Some(at) = self.idle.pop_back() else {
                break self.create(now_ns);
            };
            let expires_ns = self.slots[at as usize].expires_ns;
            if expires_ns == 0 || now_ns < expires_ns {
                break at;
            }
            self.close_slot(at, now_ns);
        };
        let slot = &mut self.slots[at as usize];
        slot.become_state(SlotState::Active);
        slot.owner = owner;
        slot.partition = partition;
        slot.since_ns = now_ns;
        slot.uses += 1;
        slot.is_reported = false;
        slot.is_reclaimed = false;
        self.active += 1;
        self.totals.acquired += 1;
        let of = &mut self.partitions[partition as usize];
        of.active += 1;
        of.counts.granted += 1;
        of.counts.active_max = of.counts.active_max.max(of.active);
        if of.active > of.options.max_size {
            of.counts.borrowed += 1;
        }
        at
    }

    /// A slot, unless somebody waits for one or there is none.
    pub fn take_free(&mut self, owner: u32, partition: u32, now_ns: u64) -> Option<u32> {
        let line = &self.partitions[partition as usize].line;
        let is_free = !self.is_closed && line.is_empty() && self.may_take(partition);
        is_free.then(|| self.take(owner, partition, now_ns))
    }

    pub fn acquire(&mut self, claim: &Claim<'_>, now_ns: u64) -> Result<Admission, Refusal> {
        if self.is_closed {
            return Err(Refusal::Closed);
        }
        let partition = self.partition_at(claim.partition);
        if let Some(slot) = self.take_free(claim.owner, partition, now_ns) {
            return Ok(Admission::Granted(slot));
        }
        let claim = Claim {
            partition,
            ..claim.clone()
        };
        self.queue(&claim, now_ns).inspect_err(|_| {
            self.totals.refused += 1;
            self.partitions[partition as usize].counts.refused += 1;
        })
    }

    fn queue(&mut self, claim: &Claim<'_>, now_ns: u64) -> Result<Admission, Refusal> {
        let max_size = self.options.max_size;
        let waiting = self.waiters.waiting();
        if waiting >= self.options.max_wait_queue_size {
            return Err(Refusal::QueueFull { waiting, max_size });
        }
        let of = &self.partitions[claim.partition as usize];
        if of.line.len() >= of.options.max_wait_queue_size {
            return Err(Refusal::PartitionFull {
                waiting: of.line.len(),
            });
        }
        let timeout_ms = match (claim.timeout_ms, self.options.acquire_timeout_ms) {
            (None, pools) => pools,
            (Some(own), 0) => own,
            (Some(own), pools) => own.min(pools),
        };
        if claim.timeout_ms == Some(0) {
            return Err(Refusal::TimedOut {
                waited_ms: 0,
                position: of.line.len() + 1,
                max_size,
            });
        }
        if timeout_ms > 0 && self.paused_ns.is_none() {
            let expected = self.turns.expected_ns(of.line.len() + 1);
            let expected_ms = (expected.unwrap_or(0) / MS) as u32;
            if expected_ms > timeout_ms {
                return Err(Refusal::TooLate {
                    expected_ms,
                    timeout_ms,
                });
            }
        }
        if self.would_deadlock(claim.owner) {
            return Err(Refusal::Deadlock { max_size });
        }
        let deadline_ns = match timeout_ms {
            0 => u64::MAX,
            ms => now_ns + u64::from(ms) * MS,
        };
        if waiting == 0 {
            self.turns = Turns::default();
        }
        let waiter = Waiter::new(claim, now_ns, deadline_ns);
        let of = &mut self.partitions[claim.partition as usize];
        let ticket = self.waiters.join(&mut of.line, waiter);
        of.counts.waited += 1;
        of.counts.waiting_max = of.counts.waiting_max.max(of.line.len());
        self.totals.waiting_max = self.totals.waiting_max.max(waiting + 1);
        if deadline_ns != u64::MAX {
            self.deadlines.push(Reverse((deadline_ns, ticket.number())));
            self.forget_old_deadlines();
        }
        Ok(Admission::Waits(ticket))
    }

    /// Keeps the heap in proportion to those who wait.
    fn forget_old_deadlines(&mut self) {
        const SLACK: usize = 64;
        if self.deadlines.len() > 4 * self.waiters.waiting() as usize + SLACK {
            let waiters = &self.waiters;
            self.deadlines
                .retain(|Reverse((_, ticket))| is_waiting(waiters, Ticket::from_number(*ticket)));
        }
    }

    /// Whether everybody who has a slot would wait for one, once `owner` does.
    fn would_deadlock(&self, owner: u32) -> bool {
        let holds = |slot: &&Slot| slot.state() == SlotState::Active;
        let mut held = self.slots.iter().filter(holds);
        if owner == 0 || !held.clone().any(|slot| slot.owner == owner) {
            return false;
        }
        let mut waiting: Vec<u32> = self.partitions.iter().fold(Vec::new(), |mut all, of| {
            all.extend(self.waiters.line(&of.line).map(|(_, waiter)| waiter.owner));
            all
        });
        waiting.push(owner);
        waiting.sort_unstable();
        held.all(|slot| slot.owner != 0 && waiting.binary_search(&slot.owner).is_ok())
    }

    /// Takes a slot back. False where nobody has it.
    pub fn release(&mut self, at: u32, now_ns: u64, wakes: &mut Wakes) -> bool {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return false;
        };
        if slot.state() != SlotState::Active {
            return false;
        }
        self.holds.add(now_ns.saturating_sub(slot.since_ns));
        self.partitions[slot.partition as usize].active -= 1;
        slot.owner = 0;
        slot.since_ns = now_ns;
        slot.become_state(SlotState::Idle);
        let is_expired = slot.expires_ns != 0 && now_ns >= slot.expires_ns;
        self.active -= 1;
        if is_expired || self.total() > self.options.max_size {
            self.close_slot(at, now_ns);
        } else {
            self.idle.push_back(at);
        }
        if self.waiters.waiting() > 0 {
            self.turns.add(now_ns);
            self.serve(now_ns, wakes);
        }
        true
    }

    /// Gives slots to those who wait, as long as there are some.
    pub fn serve(&mut self, now_ns: u64, wakes: &mut Wakes) {
        while self.waiters.waiting() > 0 {
            let Some((_, ticket, partition)) = self.next() else {
                return;
            };
            let waiter = self.waiters.get(ticket).expect("it stands in a line");
            let (owner, since_ns) = (waiter.owner, waiter.since_ns);
            let slot = self.take(owner, partition, now_ns);
            self.waits.add(now_ns.saturating_sub(since_ns));
            let line = &mut self.partitions[partition as usize].line;
            let outcome = Outcome::Granted(slot);
            if let Some(waiter) = self.waiters.settle(line, ticket, outcome) {
                wakes.add(&waiter.wake, waiter.token, ticket);
            }
        }
    }

    /// Who is served next.
    fn next(&self) -> Option<(Rank, Ticket, u32)> {
        let order = self.order();
        let lines = self.partitions.iter().enumerate();
        let lines = lines.filter(|(at, of)| !of.line.is_empty() && self.may_take(*at as u32));
        lines
            .filter_map(|(at, of)| {
                let (rank, ticket) = self.waiters.first(&of.line, order)?;
                Some((rank, ticket, at as u32))
            })
            .min_by_key(|(rank, ..)| *rank)
    }

    /// Sends a waiter away.
    pub fn refuse(&mut self, ticket: Ticket, refusal: Refusal, wakes: &mut Wakes) {
        let Some(partition) = self.waiters.get(ticket).map(|waiter| waiter.partition) else {
            return;
        };
        self.totals.refused += 1;
        let of = &mut self.partitions[partition as usize];
        of.counts.refused += 1;
        if matches!(refusal, Refusal::TimedOut { .. }) {
            self.totals.timed_out += 1;
            of.counts.timed_out += 1;
        }
        let outcome = Outcome::Refused(refusal);
        if let Some(waiter) = self.waiters.settle(&mut of.line, ticket, outcome) {
            wakes.add(&waiter.wake, waiter.token, ticket);
        }
    }

    /// The outcome of a wait that is over, which is forgotten with this; None while it lasts.
    pub fn collect(&mut self, ticket: Ticket) -> Option<Result<u32, Refusal>> {
        let outcome = match self.waiters.get(ticket).map(|waiter| waiter.outcome) {
            Some(Outcome::Waiting) => return None,
            Some(Outcome::Granted(slot)) => Ok(slot),
            Some(Outcome::Refused(refusal)) => Err(refusal),
            // Nobody's ticket: as if the pool had been closed meanwhile.
            None => Err(Refusal::Closed),
        };
        self.waiters.forget(ticket);
        Some(outcome)
    }

    /// As `collect` for a wait that came out well; any other is left as it is.
    pub fn collect_slot(&mut self, ticket: Ticket) -> Option<u32> {
        match self.waiters.get(ticket)?.outcome {
            Outcome::Granted(slot) => {
                self.waiters.forget(ticket);
                Some(slot)
            }
            Outcome::Waiting | Outcome::Refused(_) => None,
        }
    }

    /// The waiter is gone; a slot that it has got by now goes back.
    pub fn abandon(&mut self, ticket: Ticket, now_ns: u64, wakes: &mut Wakes) {
        let Some(waiter) = self.waiters.get(ticket) else {
            return;
        };
        let (partition, outcome) = (waiter.partition, waiter.outcome);
        self.totals.abandoned += 1;
        match outcome {
            Outcome::Waiting => {
                let line = &mut self.partitions[partition as usize].line;
                self.waiters
                    .settle(line, ticket, Outcome::Refused(Refusal::Closed));
            }
            Outcome::Granted(slot) => {
                self.release(slot, now_ns, wakes);
            }
            Outcome::Refused(_) => {}
        }
        self.waiters.forget(ticket);
    }
}

/// Whether the ticket's wait lasts.
pub fn is_waiting(waiters: &WaitList, ticket: Ticket) -> bool {
    let waiter = waiters.get(ticket);
    waiter.is_some_and(|waiter| matches!(waiter.outcome, Outcome::Waiting))
}
