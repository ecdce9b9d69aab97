//! Who is to be woken once the lock is free.

use std::sync::Arc;

use super::claim::{Ticket, Wake};

/// Mostly one, which then takes no memory.
#[derive(Default)]
pub struct Wakes {
    first: Option<(Arc<dyn Wake>, u32, Ticket)>,
    more: Vec<(Arc<dyn Wake>, u32, Ticket)>,
}

impl Wakes {
    pub fn add(&mut self, wake: &Arc<dyn Wake>, token: u32, ticket: Ticket) {
        let entry = (wake.clone(), token, ticket);
        match self.first {
            None => self.first = Some(entry),
            Some(_) => self.more.push(entry),
        }
    }

    pub fn wake(self) {
        for (wake, token, ticket) in self.first.into_iter().chain(self.more) {
            wake.wake(token, ticket);
        }
    }
}
