//! Who waits, in line.
//!
//! A line is a list a priority; the records of all lines lie in one slab, linked by their places, so
//! that joining, leaving from the middle and being served first take no search and no memory of their
//! own. A record stays after its wait is over until its owner has collected the outcome.

use std::sync::Arc;

use super::claim::{Priority, Ticket, Wake};
use super::refusal::Refusal;

/// No place.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    Waiting,
    Granted(u32),
    Refused(Refusal),
}

pub struct Waiter {
    pub owner: u32,
    pub partition: u32,
    pub priority: Priority,
    /// Orders those who came at the same time.
    pub sequence: u64,
    pub since_ns: u64,
    /// `u64::MAX` for none.
    pub deadline_ns: u64,
    pub wake: Arc<dyn Wake>,
    pub token: u32,
    pub outcome: Outcome,
    previous: u32,
    next: u32,
}

impl Waiter {
    pub fn new(claim: &super::Claim<'_>, now_ns: u64, deadline_ns: u64) -> Self {
        Self {
            owner: claim.owner,
            partition: claim.partition,
            priority: claim.priority,
            sequence: 0,
            since_ns: now_ns,
            deadline_ns,
            wake: claim.wake.clone(),
            token: claim.token,
            outcome: Outcome::Waiting,
            previous: NONE,
            next: NONE,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
}

/// Who waits for the same partition.
#[derive(Clone, Debug)]
pub struct Line {
    lists: [List; Priority::ALL.len()],
    len: u32,
}

impl Default for Line {
    fn default() -> Self {
        let empty = List {
            first: NONE,
            last: NONE,
        };
        Self {
            lists: [empty; Priority::ALL.len()],
            len: 0,
        }
    }
}

impl Line {
    pub fn len(&self) -> u32 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Who goes before whom.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    Arrival,
    /// With what a class costs, in nanoseconds of waiting.
    Priority {
        ageing_ns: u64,
    },
}

/// Lesser goes first.
pub type Rank = (u64, u64);

impl Order {
    pub fn rank(self, waiter: &Waiter) -> Rank {
        match self {
            Self::Arrival => (0, waiter.sequence),
            Self::Priority { ageing_ns } => {
                let handicap = ageing_ns.saturating_mul(waiter.priority as u64);
                (waiter.since_ns.saturating_add(handicap), waiter.sequence)
            }
        }
    }
}

enum Place {
    Taken(Waiter),
    Free { next: u32 },
}

/// The slab.
pub struct WaitList {
    places: Vec<Place>,
    /// Counted up whenever a place is freed, so that an old ticket finds nothing.
    generations: Vec<u32>,
    free: u32,
    waiting: u32,
    sequence: u64,
}

impl WaitList {
    pub fn new() -> Self {
        Self {
            places: Vec::new(),
            generations: Vec::new(),
            free: NONE,
            waiting: 0,
            sequence: 0,
        }
    }

    /// Those whose wait is not over.
    pub fn waiting(&self) -> u32 {
        self.waiting
    }

    fn ticket(&self, at: u32) -> Ticket {
        Ticket((u64::from(self.generations[at as usize]) << 32) | u64::from(at + 1))
    }

    fn place(&self, ticket: Ticket) -> Option<u32> {
        let at = (ticket.0 as u32).checked_sub(1)?;
        let is_current = self.generations.get(at as usize) == Some(&((ticket.0 >> 32) as u32));
        is_current.then_some(at)
    }

    fn at(&self, at: u32) -> &Waiter {
        match &self.places[at as usize] {
            Place::Taken(waiter) => waiter,
            Place::Free { .. } => unreachable!("lists link taken places only"),
        }
    }

    fn at_mut(&mut self, at: u32) -> &mut Waiter {
        match &mut self.places[at as usize] {
            Place::Taken(waiter) => waiter,
            Place::Free { .. } => unreachable!("lists link taken places only"),
        }
    }

    pub fn get(&self, ticket: Ticket) -> Option<&Waiter> {
        let place = self.places.get(self.place(ticket)? as usize)?;
        match place {
            Place::Taken(waiter) => Some(waiter),
            Place::Free { .. } => None,
        }
    }

    /// Puts a waiter at the end of its line.
    pub fn join(&mut self, line: &mut Line, mut waiter: Waiter) -> Ticket {
        self.sequence += 1;
        waiter.sequence = self.sequence;
        let list = &mut line.lists[waiter.priority as usize];
        waiter.previous = list.last;
        let at = self.keep(waiter);
        match list.last {
            NONE => list.first = at,
            last => self.at_mut(last).next = at,
        }
        list.last = at;
        line.len += 1;
        self.waiting += 1;
        self.ticket(at)
    }

    fn keep(&mut self, waiter: Waiter) -> u32 {
        if self.free == NONE {
            self.places.push(Place::Taken(waiter));
            self.generations.push(0);
            return (self.places.len() - 1) as u32;
        }
        let at = self.free;
        let place = std::mem::replace(&mut self.places[at as usize], Place::Taken(waiter));
        let Place::Free { next } = place else {
            unreachable!("the free list links free places only");
        };
        self.free = next;
        at
    }

    /// Ends a wait; says who is to be woken.
    pub fn settle(&mut self, line: &mut Line, ticket: Ticket, outcome: Outcome) -> Option<&Waiter> {
        let at = self.place(ticket)?;
        self.unlink(line, at);
        let waiter = self.at_mut(at);
        waiter.outcome = outcome;
        Some(waiter)
    }

    fn unlink(&mut self, line: &mut Line, at: u32) {
        let waiter = self.at(at);
        debug_assert!(matches!(waiter.outcome, Outcome::Waiting));
        let (previous, next) = (waiter.previous, waiter.next);
        let list = &mut line.lists[waiter.priority as usize];
        match previous {
            NONE => list.first = next,
            previous => self.at_mut(previous).next = next,
        }
        match next {
            NONE => list.last = previous,
            next => self.at_mut(next).previous = previous,
        }
        line.len -= 1;
        self.waiting -= 1;
    }

    /// Gives a waiter more time.
    pub fn put_off(&mut self, ticket: Ticket, by_ns: u64) {
        let Some(at) = self.place(ticket) else {
            return;
        };
        if let Place::Taken(waiter) = &mut self.places[at as usize] {
            waiter.deadline_ns = waiter.deadline_ns.saturating_add(by_ns);
        }
    }

    /// Forgets a waiter whose wait is over.
    pub fn forget(&mut self, ticket: Ticket) {
        let Some(at) = self.place(ticket) else {
            return;
        };
        self.generations[at as usize] = self.generations[at as usize].wrapping_add(1);
        self.places[at as usize] = Place::Free { next: self.free };
        self.free = at;
    }

    /// Who is served first, and its rank.
    pub fn first(&self, line: &Line, order: Order) -> Option<(Rank, Ticket)> {
        let heads = line.lists.iter().filter(|list| list.first != NONE);
        heads
            .map(|list| (order.rank(self.at(list.first)), list.first))
            .min()
            .map(|(rank, at)| (rank, self.ticket(at)))
    }

    /// How many of a line are served before one, and that one.
    pub fn position(&self, line: &Line, ticket: Ticket, order: Order) -> u32 {
        let Some(waiter) = self.get(ticket) else {
            return 0;
        };
        let rank = order.rank(waiter);
        let before = |list: &List| {
            self.list(*list)
                .take_while(|(_, other)| order.rank(other) < rank)
                .count()
        };
        line.lists.iter().map(before).sum::<usize>() as u32 + 1
    }

    /// All of a line, by priority and then arrival.
    pub fn line<'l>(&'l self, line: &'l Line) -> impl Iterator<Item = (Ticket, &'l Waiter)> {
        line.lists.iter().flat_map(|list| self.list(*list))
    }

    fn list(&self, list: List) -> impl Iterator<Item = (Ticket, &Waiter)> {
        let mut at = list.first;
        std::iter::from_fn(move || {
            if at == NONE {
                return None;
            }
            let waiter = self.at(at);
            let ticket = self.ticket(at);
            at = waiter.next;
            Some((ticket, waiter))
        })
    }
}
