//! One source's events, from publishing to the last subscriber that wants them.
//!
//! Invariants: events stand in the order of publishing, with numbers that grow; an event is kept only
//! while a subscriber of its topic has not read it; a subscriber's topics and cursor change
//! under the log's lock, so an event is either before a subscription or delivered to it. The log is
//! bounded in bytes: a source reserves room before its commit and is refused when there is none, so
//! what was committed always has a place. A subscriber that does not read (an open transaction, a
//! client that reads nothing) therefore holds the others up in the end; [`FullWarning`] names it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use common::rt::Mutex;
use common::{Lsn, Result, bail, sqlstate};
use hashbrown::HashMap;

use super::notification::Notification;
use super::position::Position;

/// Topics that one subscriber may have.
const TOPICS_MAX: usize = 100_000;

/// Tells the owner of a subscriber that there is something to read. Called at most once between two
/// reads, on the thread that publishes: it must be short and wait for nothing.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The log fills up, and who has not read the longest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullWarning {
    pub percent: f64,
    pub pid: u32,
}

/// See the module. Subscribers are known by their process number.
pub struct EventLog {
    max_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: VecDeque<Entry>,
    /// The number of the next event.
    next: u64,
    used_bytes: usize,
    /// Of commits that were not published yet.
    reserved_bytes: usize,
    subscribers: HashMap<u32, Subscriber>,
    /// Who subscribes to a topic.
    topics: HashMap<Arc<str>, BTreeSet<u32>>,
    /// First unread event and subscriber, of those that have not read all.
    unread: BTreeSet<(u64, u32)>,
}

struct Entry {
    position: Position,
    event: Arc<Notification>,
}

struct Subscriber {
    topics: BTreeSet<Arc<str>>,
    wake: Option<Wake>,
    /// The first event that it has not read.
    unread: Option<u64>,
}

impl EventLog {
    pub fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            state: Mutex::default(),
        }
    }

    /// Adds a topic; the first makes the subscriber. It is told of events that are published from
    /// now on, if it has a `wake`: for one that nobody wakes nothing is kept. 54000 for too many.
    pub fn subscribe(&self, pid: u32, topic: &Arc<str>, wake: Option<&Wake>) -> Result<()> {
        let mut state = self.state.lock();
        let subscriber = state.subscribers.entry(pid).or_insert_with(|| Subscriber {
            topics: BTreeSet::new(),
            wake: wake.cloned(),
            unread: None,
        });
        if subscriber.topics.len() >= TOPICS_MAX && !subscriber.topics.contains(topic) {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "cannot listen on more than {TOPICS_MAX} channels"
            );
        }
        if subscriber.topics.insert(topic.clone()) {
            let pids = state.topics.entry(topic.clone()).or_default();
            pids.insert(pid);
        }
        Ok(())
    }

    /// Takes a topic from a subscriber.
    pub fn unsubscribe(&self, pid: u32, topic: &str) {
        let mut state = self.state.lock();
        let Some(subscriber) = state.subscribers.get_mut(&pid) else {
            return;
        };
        if subscriber.topics.remove(topic) {
            let is_last = subscriber.topics.is_empty();
            state.forget_topic(pid, topic);
            if is_last {
                state.remove(pid);
            }
        }
    }

    /// Takes all topics from a subscriber, which is gone then.
    pub fn unsubscribe_all(&self, pid: u32) {
        self.state.lock().remove(pid);
    }

    /// The topics of a subscriber, in their order.
    pub fn topics(&self, pid: u32) -> Vec<Arc<str>> {
        let state = self.state.lock();
        let subscriber = state.subscribers.get(&pid);
        subscriber.map_or_else(Vec::new, |s| s.topics.iter().cloned().collect())
    }

    /// Sets room aside for a commit: 54000 where there is not so much. The warning is due from half
    /// full on.
    pub fn reserve(&self, bytes: usize) -> Result<Option<FullWarning>> {
        let mut state = self.state.lock();
        let taken = state.used_bytes + state.reserved_bytes + bytes;
        if taken > self.max_bytes {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "too many notifications in the NOTIFY queue"
            );
        }
        state.reserved_bytes += bytes;
        let oldest = state.unread.first();
        let warning = oldest.filter(|_| taken * 2 > self.max_bytes);
        Ok(warning.map(|(_, pid)| FullWarning {
            percent: taken as f64 * 100.0 / self.max_bytes as f64,
            pid: *pid,
        }))
    }

    /// Gives back what a commit that failed had set aside.
    pub fn release(&self, bytes: usize) {
        self.state.lock().reserved_bytes -= bytes;
    }

    /// Appends the events of a commit at `lsn`, for which `reserved_bytes` were set aside, and wakes
    /// whom they are for.
    pub fn publish(&self, lsn: Lsn, events: Vec<Arc<Notification>>, reserved_bytes: usize) {
        let mut wakes: Vec<Wake> = Vec::new();
        {
            let mut state = self.state.lock();
            state.reserved_bytes -= reserved_bytes;
            for event in events {
                state.append(lsn, event, &mut wakes);
            }
        }
        wakes.iter().for_each(|wake| wake());
    }

    /// The next events of a subscriber's topics, up to about `max_bytes`; empty where it has read
    /// all. What is left is there at the next call.
    pub fn read(&self, pid: u32, max_bytes: usize) -> Vec<(Position, Arc<Notification>)> {
        let mut state = self.state.lock();
        let Some(from) = state.subscribers.get(&pid).and_then(|s| s.unread) else {
            return Vec::new();
        };
        let read = state
            .entries
            .partition_point(|entry| entry.position.number < from);
        let topics = &state.subscribers[&pid].topics;
        let (mut events, mut bytes, mut rest) = (Vec::new(), 0, None);
        for entry in state.entries.iter().skip(read) {
            if bytes >= max_bytes {
                rest = Some(entry.position.number);
                break;
            }
            if topics.contains(&entry.event.channel) {
                bytes += entry.event.bytes();
                events.push((entry.position, entry.event.clone()));
            }
        }
        state.unread.remove(&(from, pid));
        if let Some(rest) = rest {
            state.unread.insert((rest, pid));
        }
        if let Some(subscriber) = state.subscribers.get_mut(&pid) {
            subscriber.unread = rest;
        }
        state.trim();
        events
    }

    /// How full it is, from 0 to 1.
    pub fn usage(&self) -> f64 {
        let state = self.state.lock();
        (state.used_bytes + state.reserved_bytes) as f64 / self.max_bytes as f64
    }
}

impl State {
    fn append(&mut self, lsn: Lsn, event: Arc<Notification>, wakes: &mut Vec<Wake>) {
        let number = self.next;
        self.next += 1;
        let mut is_wanted = false;
        for pid in self.topics.get(&event.channel).into_iter().flatten() {
            let subscriber = self.subscribers.get_mut(pid);
            let subscriber = subscriber.expect("a topic's subscribers are known");
            let Some(wake) = &subscriber.wake else {
                continue;
            };
            is_wanted = true;
            if subscriber.unread.is_none() {
                subscriber.unread = Some(number);
                self.unread.insert((number, *pid));
                wakes.push(wake.clone());
            }
        }
        if is_wanted {
            self.used_bytes += event.bytes();
            let position = Position { lsn, number };
            self.entries.push_back(Entry { position, event });
        }
    }

    /// Drops what everybody has read.
    fn trim(&mut self) {
        let keep_from = self.unread.first().map_or(self.next, |(number, _)| *number);
        while let Some(entry) = self.entries.front()
            && entry.position.number < keep_from
        {
            self.used_bytes -= entry.event.bytes();
            self.entries.pop_front();
        }
    }

    fn forget_topic(&mut self, pid: u32, topic: &str) {
        if let Some(pids) = self.topics.get_mut(topic) {
            pids.remove(&pid);
            if pids.is_empty() {
                self.topics.remove(topic);
            }
        }
    }

    fn remove(&mut self, pid: u32) {
        let Some(subscriber) = self.subscribers.remove(&pid) else {
            return;
        };
        for topic in &subscriber.topics {
            self.forget_topic(pid, topic);
        }
        if let Some(unread) = subscriber.unread {
            self.unread.remove(&(unread, pid));
            self.trim();
        }
    }
}
