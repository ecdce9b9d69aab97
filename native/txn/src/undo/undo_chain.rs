//! One chain of undo pages.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use common::PageNo;
use common::rt::RwLock;

use crate::undo::UndoAddr;

/// A stretch of a chain: records from `from` up to, not with, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainRange {
    pub chain: u16,
    pub from: UndoAddr,
    pub to: UndoAddr,
}

/// Which pages of the undo file the chain has. Appends come from the one owner; reads from anyone.
#[derive(Debug)]
pub struct UndoChain {
    pub number: u16,
    map: RwLock<PageMap>,
    /// All records before were purged, or undone.
    purged: AtomicU64,
}

/// Pages by their number in the chain, from `first` on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageMap {
    pub first: u64,
    pub pages: VecDeque<PageNo>,
}

impl PageMap {
    pub fn get(&self, number: u64) -> Option<PageNo> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.pages.get(index).copied()
    }

    /// Number of the page that would come next.
    pub fn next(&self) -> u64 {
        self.first + self.pages.len() as u64
    }

    /// Notes that page `number` is `page`: at recovery, where a number may come twice.
    pub fn set(&mut self, number: u64, page: PageNo) {
        if self.pages.is_empty() {
            self.first = number;
        }
        let Some(index) = number.checked_sub(self.first) else {
            return;
        };
        match usize::try_from(index) {
            Ok(index) if index < self.pages.len() => self.pages[index] = page,
            Ok(index) if index == self.pages.len() => self.pages.push_back(page),
            // A gap: all before was freed when this page was made.
            _ => {
                self.first = number;
                self.pages = VecDeque::from([page]);
            }
        }
    }
}

impl UndoChain {
    pub fn new(number: u16, map: PageMap) -> Self {
        Self {
            number,
            map: RwLock::new(map),
            purged: AtomicU64::new(0),
        }
    }

    /// Where purge has come to.
    pub fn purged(&self) -> UndoAddr {
        UndoAddr(self.purged.load(Ordering::Acquire))
    }

    pub fn set_purged(&self, until: UndoAddr) {
        self.purged.fetch_max(until.0, Ordering::AcqRel);
    }

    pub fn get(&self, number: u64) -> Option<PageNo> {
        self.map.read().get(number)
    }

    pub fn last(&self) -> Option<(u64, PageNo)> {
        let map = self.map.read();
        let page = map.pages.back()?;
        Some((map.next() - 1, *page))
    }

    pub fn first(&self) -> Option<(u64, PageNo)> {
        let map = self.map.read();
        Some((map.first, *map.pages.front()?))
    }

    pub fn next(&self) -> u64 {
        self.map.read().next()
    }

    pub fn push(&self, page: PageNo) {
        self.map.write().pages.push_back(page);
    }

    /// Forgets page `number` and those behind it: they were never written.
    pub fn truncate(&self, number: u64) {
        let mut map = self.map.write();
        let keep = number.saturating_sub(map.first);
        map.pages
            .truncate(usize::try_from(keep).unwrap_or(usize::MAX));
    }

    /// Forgets the first page: it was freed.
    pub fn pop_front(&self) {
        let mut map = self.map.write();
        if map.pages.pop_front().is_some() {
            map.first += 1;
        }
    }

    pub fn copy_map(&self) -> PageMap {
        self.map.read().clone()
    }

    pub fn len(&self) -> usize {
        self.map.read().pages.len()
    }
}
