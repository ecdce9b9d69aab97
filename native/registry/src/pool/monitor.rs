//! What goes by time: waits that end, slots that are old, idle or held too long.
//!
//! One thread a pool. It sleeps until the next wait ends or the next maintenance is due
//! (`maintenance_interval_ms`; a tenth of the leak threshold where that is shorter), and is woken
//! when a wait is to end earlier. The state's lock is held for one pass over the slots at most.

use std::cmp::Reverse;

use common::rt::{self, Deadline};

use super::claim::Ticket;
use super::inner::{Inner, is_waiting};
use super::leak::Leak;
use super::pool::Shared;
use super::refusal::Refusal;
use super::slot::SlotState;
use super::wakes::Wakes;

const MS: u64 = 1_000_000;
/// Waits that end at a time: the lock is given up in between.
const EXPIRIES_MAX: usize = 256;
/// Reports that are kept; the oldest goes.
const LEAKS_MAX: usize = 1000;

pub fn run(shared: &Shared) {
    loop {
        let next_ns = tend(shared, rt::monotonic_ns());
        let mut inner = shared.inner.lock();
        if inner.is_closed {
            return;
        }
        let first_ns = inner.deadlines.peek().map_or(u64::MAX, |entry| entry.0.0);
        inner.monitor_ns = next_ns.min(first_ns);
        if inner.monitor_ns > rt::monotonic_ns() {
            let until = Deadline(inner.monitor_ns);
            shared.changed.wait_until(&mut inner, until);
        }
        inner.monitor_ns = 0;
    }
}

/// Does what is due; gives the moment when something will be.
pub fn tend(shared: &Shared, now_ns: u64) -> u64 {
    while expire(shared, now_ns) {}
    let mut wakes = Wakes::default();
    let (next_ns, leaked) = shared.inner.lock().maintain(now_ns, &mut wakes);
    wakes.wake();
    if !leaked.is_empty() {
        report(shared, leaked);
    }
    next_ns
}

/// Ends waits whose time is over; says whether there may be more.
fn expire(shared: &Shared, now_ns: u64) -> bool {
    let mut wakes = Wakes::default();
    let mut inner = shared.inner.lock();
    let mut ended = 0;
    while ended < EXPIRIES_MAX && inner.expire_first(now_ns, &mut wakes) {
        ended += 1;
    }
    drop(inner);
    wakes.wake();
    ended == EXPIRIES_MAX
}

/// Asks about those who hold slots too long, without the lock, and keeps the reports.
fn report(shared: &Shared, leaked: Vec<Leak>) {
    let host = shared.host.lock().clone();
    for mut leak in leaked {
        if let Some(host) = &host {
            leak.evidence = host.evidence(leak.owner).unwrap_or_default();
            if leak.was_reclaimed {
                host.reclaim(leak.owner);
            }
        }
        let mut inner = shared.inner.lock();
        if inner.leaks.len() == LEAKS_MAX {
            inner.leaks.pop_front();
        }
        inner.leaks.push_back(leak);
    }
}

impl Inner {
    /// Looks at the wait that ends first; says whether its time was over.
    fn expire_first(&mut self, now_ns: u64, wakes: &mut Wakes) -> bool {
        let first = self.deadlines.peek().copied();
        let due = first.filter(|Reverse((at_ns, _))| self.paused_ns.is_none() && *at_ns <= now_ns);
        let Some(Reverse((_, number))) = due else {
            return false;
        };
        self.deadlines.pop();
        self.expire(Ticket::from_number(number), now_ns, wakes);
        true
    }

    #[cfg(test)]
    pub fn expire_all(&mut self, now_ns: u64, wakes: &mut Wakes) {
        while self.expire_first(now_ns, wakes) {}
    }

    /// Ends a wait, if it lasts.
    fn expire(&mut self, ticket: Ticket, now_ns: u64, wakes: &mut Wakes) {
        if !is_waiting(&self.waiters, ticket) {
            return;
        }
        let waiter = self.waiters.get(ticket).expect("it waits");
        let line = &self.partitions[waiter.partition as usize].line;
        let refusal = Refusal::TimedOut {
            waited_ms: (now_ns.saturating_sub(waiter.since_ns) / MS) as u32,
            position: self.waiters.position(line, ticket, self.order()),
            max_size: self.options.max_size,
        };
        self.refuse(ticket, refusal, wakes);
    }

    /// Waits get back the time that they stood still.
    pub fn put_off_deadlines(&mut self, by_ns: u64) {
        let deadlines = std::mem::take(&mut self.deadlines);
        let later = |Reverse((deadline_ns, ticket)): Reverse<(u64, u64)>| {
            Reverse((deadline_ns.saturating_add(by_ns), ticket))
        };
        self.deadlines = deadlines.into_iter().map(later).collect();
        let waiting: Vec<Ticket> = self
            .deadlines
            .iter()
            .map(|d| Ticket::from_number(d.0.1))
            .collect();
        for ticket in waiting {
            self.waiters.put_off(ticket, by_ns);
        }
    }

    /// Closes slots that are old or idle, opens and closes the reserve, finds leaks. Gives the moment of
    /// the next turn.
    pub fn maintain(&mut self, now_ns: u64, wakes: &mut Wakes) -> (u64, Vec<Leak>) {
        self.close_idle(now_ns);
        if self.paused_ns.is_none() {
            self.fill(self.options.min_size, now_ns);
        }
        let reserve_ns = self.tend_reserve(now_ns, wakes);
        let leaked = self.leaked(now_ns);
        let mut interval_ms = u64::from(self.options.maintenance_interval_ms.max(1));
        if self.options.leak_detection_threshold_ms > 0 {
            interval_ms = interval_ms.min(self.options.leak_detection_threshold_ms / 10 + 1);
        }
        ((now_ns + interval_ms * MS).min(reserve_ns), leaked)
    }

    fn close_idle(&mut self, now_ns: u64) {
        let idle_ns = self.options.idle_timeout_ms * MS;
        let mut total = self.total();
        let least = self.options.min_size;
        let slots = &self.slots;
        let mut ended = Vec::new();
        self.idle.retain(|at| {
            let slot = &slots[*at as usize];
            let is_old = slot.expires_ns != 0 && now_ns >= slot.expires_ns;
            let is_unused = idle_ns > 0 && now_ns.saturating_sub(slot.since_ns) >= idle_ns;
            let ends = is_old || (is_unused && total > least);
            if ends {
                total -= 1;
                ended.push(*at);
            }
            !ends
        });
        for at in ended {
            self.close_slot(at, now_ns);
        }
    }

    /// The reserve is open while somebody has waited for long; gives the moment when that may be so.
    fn tend_reserve(&mut self, now_ns: u64, wakes: &mut Wakes) -> u64 {
        if self.options.reserve_size == 0 {
            self.is_reserve_open = false;
            return u64::MAX;
        }
        let patience_ns = u64::from(self.options.reserve_timeout_ms) * MS;
        let lines = self.partitions.iter().filter(|of| !of.line.is_empty());
        let first = lines.filter_map(|of| {
            let mut line = self.waiters.line(&of.line);
            line.next().map(|(_, waiter)| waiter.since_ns)
        });
        let Some(since_ns) = first.min() else {
            self.is_reserve_open = false;
            return now_ns + patience_ns.max(MS);
        };
        self.is_reserve_open = now_ns.saturating_sub(since_ns) >= patience_ns;
        if self.is_reserve_open {
            self.serve(now_ns, wakes);
            return now_ns + patience_ns.max(MS);
        }
        since_ns + patience_ns
    }

    fn leaked(&mut self, now_ns: u64) -> Vec<Leak> {
        let threshold_ns = self.options.leak_detection_threshold_ms * MS;
        if threshold_ns == 0 {
            return Vec::new();
        }
        let reclaims = self.options.leak_reclaim;
        let mut leaked = Vec::new();
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let held_ns = now_ns.saturating_sub(slot.since_ns);
            let is_dealt_with = match reclaims {
                true => slot.is_reclaimed,
                false => slot.is_reported,
            };
            if slot.state() != SlotState::Active || is_dealt_with || held_ns < threshold_ns {
                continue;
            }
            slot.is_reported = true;
            slot.is_reclaimed = reclaims;
            leaked.push(Leak {
                slot: at as u32,
                owner: slot.owner,
                held_ms: held_ns / MS,
                reported_micros: rt::unix_micros(),
                was_reclaimed: reclaims,
                evidence: super::leak::Evidence::default(),
            });
        }
        self.totals.leaks += leaked.len() as u64;
        leaked
    }
}
