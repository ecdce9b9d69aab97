//! The pool as its callers see it.

use std::sync::Arc;

use common::rt::{self, Condvar, JoinHandle, Mutex};
use common::{Result, bail, sqlstate};

use super::claim::{Admission, Claim, Ticket};
use super::inner::Inner;
use super::leak::{Evidence, Leak};
use super::monitor;
use super::options::PoolOptions;
use super::partition::{Partition, PartitionOptions};
use super::refusal::Refusal;
use super::slot::SlotState;
use super::statistics::{PartitionStatistics, PoolStatistics, SlotInfo, WaiterInfo};
use super::wakes::Wakes;

const MS: u64 = 1_000_000;

/// What the pool asks about those who hold its slots.
pub trait PoolHost: Send + Sync {
    /// What is known of an owner; None where it is gone.
    fn evidence(&self, owner: u32) -> Option<Evidence>;
    /// Takes the slot away from an owner by ending its session.
    fn reclaim(&self, owner: u32);
}

pub(super) struct Shared {
    pub inner: Mutex<Inner>,
    /// The monitor is to look again.
    pub changed: Condvar,
    pub host: Mutex<Option<Arc<dyn PoolHost>>>,
}

/// See the module.
pub struct Pool {
    shared: Arc<Shared>,
    monitor: Mutex<Option<JoinHandle>>,
}

impl Pool {
    /// 22023 where the options contradict each other. The monitor does not run yet.
    pub fn new(options: PoolOptions) -> Result<Self> {
        options.check()?;
        let inner = Inner::new(options);
        Ok(Self {
            shared: Arc::new(Shared {
                inner: Mutex::new(inner),
                changed: Condvar::new(),
                host: Mutex::new(None),
            }),
            monitor: Mutex::new(None),
        })
    }

    /// Makes the first slots and starts the monitor, once; before that nobody may wait.
    pub fn start(&self, host: Arc<dyn PoolHost>) -> Result<()> {
        *self.shared.host.lock() = Some(host);
        let mut monitor = self.monitor.lock();
        if monitor.is_none() {
            self.change(|inner, now_ns, _| inner.fill(inner.options.initial_size, now_ns));
            let shared = self.shared.clone();
            let started = rt::spawn("pool-monitor", move || monitor::run(&shared));
            *monitor = Some(started.map_err(|error| {
                common::err!(
                    sqlstate::INSUFFICIENT_RESOURCES,
                    "the pool's monitor could not be started: {error}"
                )
            })?);
        }
        Ok(())
    }

    /// A slot at once, or a place in the line.
    pub fn acquire(&self, claim: &Claim<'_>) -> Result<Admission, Refusal> {
        let now_ns = rt::monotonic_ns();
        let mut inner = self.shared.inner.lock();
        let admission = inner.acquire(claim, now_ns)?;
        if let Admission::Waits(_) = admission {
            let first = inner.deadlines.peek().map(|entry| entry.0.0);
            if first.is_some_and(|first| first < inner.monitor_ns) {
                self.shared.changed.notify_one();
            }
        }
        Ok(admission)
    }

    /// A slot of the rest's partition, where one is free and nobody waits for one; never waits.
    pub fn take(&self, owner: u32) -> Option<u32> {
        let now_ns = rt::monotonic_ns();
        self.shared.inner.lock().take_free(owner, 0, now_ns)
    }

    /// Takes a slot back. False where nobody has it: it was given back before.
    pub fn release(&self, slot: u32) -> bool {
        let now_ns = rt::monotonic_ns();
        let mut wakes = Wakes::default();
        let was_held = self.shared.inner.lock().release(slot, now_ns, &mut wakes);
        wakes.wake();
        was_held
    }

    /// How a wait came out; None while it lasts.
    pub fn collect(&self, ticket: Ticket) -> Option<Result<u32, Refusal>> {
        self.shared.inner.lock().collect(ticket)
    }

    /// The slot of a wait that came out well, and the waiter is forgotten; None, and it is not, otherwise.
    pub fn collect_slot(&self, ticket: Ticket) -> Option<u32> {
        self.shared.inner.lock().collect_slot(ticket)
    }

    /// The waiter is gone. A slot that it has got meanwhile goes to the next one.
    pub fn abandon(&self, ticket: Ticket) {
        self.change(|inner, now_ns, wakes| inner.abandon(ticket, now_ns, wakes));
    }

    /// Says whose slot it is, where the claim could not.
    pub fn set_owner(&self, slot: u32, owner: u32) {
        let mut inner = self.shared.inner.lock();
        if let Some(slot) = inner.slots.get_mut(slot as usize)
            && slot.state() == SlotState::Active
        {
            slot.owner = owner;
        }
    }

    fn change<R>(&self, body: impl FnOnce(&mut Inner, u64, &mut Wakes) -> R) -> R {
        let now_ns = rt::monotonic_ns();
        let mut wakes = Wakes::default();
        let result = body(&mut self.shared.inner.lock(), now_ns, &mut wakes);
        wakes.wake();
        result
    }

    pub fn options(&self) -> PoolOptions {
        self.shared.inner.lock().options.clone()
    }

    /// Takes on new settings: slots beyond a smaller size go as they come back, waiters are served from
    /// a larger one at once. 22023 where the settings contradict each other.
    pub fn set_options(&self, options: PoolOptions) -> Result<()> {
        options.check()?;
        self.change(|inner, now_ns, wakes| {
            inner.options = options;
            while inner.total() > inner.options.max_size {
                let Some(slot) = inner.idle.pop_front() else {
                    break;
                };
                inner.close_slot(slot, now_ns);
            }
            inner.fill(inner.options.min_size, now_ns);
            inner.serve(now_ns, wakes);
        });
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Gives out no more slots; who waits goes on waiting, and its time stands still.
    pub fn pause(&self) {
        self.change(|inner, now_ns, _| {
            inner.paused_ns.get_or_insert(now_ns);
        });
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.change(|inner, now_ns, wakes| {
            if let Some(since_ns) = inner.paused_ns.take() {
                inner.put_off_deadlines(now_ns.saturating_sub(since_ns));
                inner.turns = super::inner::Turns::default();
                inner.serve(now_ns, wakes);
            }
        });
        self.shared.changed.notify_one();
    }

    /// Pauses, and closes the slots that are idle; those in use go as they come back. It is drained when
    /// `statistics().active` is 0.
    pub fn drain(&self) {
        self.pause();
        self.recycle();
    }

    /// Makes all slots anew: idle ones at once, those in use as they come back.
    pub fn recycle(&self) {
        self.change(|inner, now_ns, _| {
            while let Some(slot) = inner.idle.pop_front() {
                inner.close_slot(slot, now_ns);
            }
            for slot in &mut inner.slots {
                slot.expires_ns = now_ns.max(1);
            }
            if inner.paused_ns.is_none() {
                inner.fill(inner.options.min_size, now_ns);
            }
        });
    }

    /// Sends all waiters away; gives their number.
    pub fn clear_waiters(&self) -> u32 {
        self.change(|inner, now_ns, wakes| {
            let mut tickets = Vec::new();
            for of in &inner.partitions {
                let line = inner.waiters.line(&of.line);
                tickets.extend(line.map(|(ticket, waiter)| (ticket, waiter.since_ns)));
            }
            for (ticket, since_ns) in &tickets {
                let waited_ms = (now_ns.saturating_sub(*since_ns) / MS) as u32;
                inner.refuse(*ticket, Refusal::Cleared { waited_ms }, wakes);
            }
            tickets.len() as u32
        })
    }

    /// Refuses all who wait or come, and stops the monitor. Slots may still be released.
    pub fn close(&self) {
        self.change(|inner, _, wakes| {
            inner.is_closed = true;
            let mut tickets = Vec::new();
            for of in &inner.partitions {
                tickets.extend(inner.waiters.line(&of.line).map(|(ticket, _)| ticket));
            }
            for ticket in tickets {
                inner.refuse(ticket, Refusal::Closed, wakes);
            }
        });
        self.shared.changed.notify_one();
        if let Some(monitor) = self.monitor.lock().take() {
            monitor.join();
        }
        *self.shared.host.lock() = None;
    }

    /// The number of a partition, by name; 0, the rest's, where there is none.
    pub fn partition_of(&self, name: &str) -> u32 {
        self.shared.inner.lock().partition_named(name).unwrap_or(0)
    }

    /// Makes a partition, or changes the one of that name. 22023 where it cannot be, 53400 where there
    /// are too many.
    pub fn set_partition(&self, options: PartitionOptions) -> Result<u32> {
        if options.min_size > options.max_size || options.max_size == 0 {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "a partition's max_size ({}) must be at least 1 and its min_size ({})",
                options.max_size,
                options.min_size
            );
        }
        self.change(|inner, now_ns, wakes| {
            let number = inner.set_partition(options)?;
            inner.serve(now_ns, wakes);
            Ok(number)
        })
    }

    /// Forgets a partition; its clients belong to the rest from their next claim on. False where there
    /// is none, or it is the rest.
    pub fn drop_partition(&self, name: &str) -> bool {
        self.change(|inner, now_ns, wakes| {
            let is_dropped = inner.drop_partition(name);
            inner.serve(now_ns, wakes);
            is_dropped
        })
    }

    pub fn statistics(&self) -> PoolStatistics {
        let inner = self.shared.inner.lock();
        PoolStatistics {
            max_size: inner.options.max_size,
            total: inner.total(),
            active: inner.active,
            idle: inner.idle.len() as u32,
            waiting: inner.waiters.waiting(),
            waiting_max: inner.totals.waiting_max,
            is_paused: inner.paused_ns.is_some(),
            acquired: inner.totals.acquired,
            refused: inner.totals.refused,
            timed_out: inner.totals.timed_out,
            abandoned: inner.totals.abandoned,
            created: inner.totals.created,
            closed: inner.totals.closed,
            leaks: inner.totals.leaks,
            waits: inner.waits.clone(),
            holds: inner.holds.clone(),
            lifetimes: inner.lifetimes.clone(),
        }
    }

    pub fn partitions(&self) -> Vec<PartitionStatistics> {
        let inner = self.shared.inner.lock();
        let known = inner.partitions.iter().filter(|of| !of.is_dropped);
        let shown = |of: &Partition| PartitionStatistics {
            options: of.options.clone(),
            active: of.active,
            waiting: of.line.len(),
            counts: of.counts,
        };
        known.map(shown).collect()
    }

    /// The slots that there are.
    pub fn slots(&self) -> Vec<SlotInfo> {
        let now_ns = rt::monotonic_ns();
        let inner = self.shared.inner.lock();
        let slots = inner.slots.iter().enumerate();
        slots
            .filter(|(_, slot)| slot.state() != SlotState::Closed)
            .map(|(at, slot)| SlotInfo {
                slot: at as u32,
                state: slot.state(),
                owner: slot.owner,
                partition: inner.partitions[slot.partition as usize]
                    .options
                    .name
                    .clone(),
                age_ms: now_ns.saturating_sub(slot.created_ns) / MS,
                since_ms: now_ns.saturating_sub(slot.since_ns) / MS,
                uses: slot.uses,
            })
            .collect()
    }

    /// Who waits, who is served next first, at most `limit` a partition.
    pub fn waiters(&self, limit: usize) -> Vec<WaiterInfo> {
        let now_ns = rt::monotonic_ns();
        self.shared.inner.lock().waiters_info(now_ns, limit)
    }

    /// Slots that were held too long, oldest report first.
    pub fn leaks(&self) -> Vec<Leak> {
        self.shared.inner.lock().leaks.iter().cloned().collect()
    }

    /// Forgets reports; gives their number. Who still holds a slot is reported again.
    pub fn clear_leaks(&self) -> usize {
        let mut inner = self.shared.inner.lock();
        for slot in &mut inner.slots {
            slot.is_reported = false;
        }
        std::mem::take(&mut inner.leaks).len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}
