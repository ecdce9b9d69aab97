//! Pages that left the pool lately, oldest forgotten first, in bounded memory.

use std::collections::VecDeque;

use hashbrown::HashMap;

#[derive(Debug)]
pub struct Ghost {
    order: VecDeque<(u64, u32)>,
    /// Page to the stamp of its latest entry in `order`.
    members: HashMap<u64, u32>,
    stamp: u32,
    cap: usize,
}

impl Ghost {
    pub fn new(cap: usize) -> Self {
        Self {
            order: VecDeque::new(),
            members: HashMap::new(),
            stamp: 0,
            cap: cap.max(1),
        }
    }

    pub fn insert(&mut self, page: u64) {
        self.stamp = self.stamp.wrapping_add(1);
        self.members.insert(page, self.stamp);
        self.order.push_back((page, self.stamp));
        while self.order.len() > self.cap {
            if let Some((page, stamp)) = self.order.pop_front()
                && self.members.get(&page) == Some(&stamp)
            {
                self.members.remove(&page);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether `page` was in; it is not afterwards.
    pub fn take(&mut self, page: u64) -> bool {
        self.members.remove(&page).is_some()
    }
}
