//! All chains by number, and which of them no transaction owns.

use std::sync::{Arc, OnceLock};

use common::rt::Mutex;
use common::{Result, err, sqlstate};

use super::undo_chain::{PageMap, UndoChain};

const CHAINS_PER_GROUP: usize = 256;
type ChainGroup = Box<[OnceLock<Arc<UndoChain>>; CHAINS_PER_GROUP]>;

/// Chains are made when they are needed and stay; looking one up takes no lock.
#[derive(Debug)]
pub struct ChainTable {
    groups: Box<[OnceLock<ChainGroup>; CHAINS_PER_GROUP]>,
    free: Mutex<FreeChains>,
}

#[derive(Debug, Default)]
struct FreeChains {
    /// Last in, first out: few chains stay warm.
    list: Vec<u16>,
    /// How many chains there are.
    count: u32,
}

impl ChainTable {
    pub fn new() -> Self {
        Self {
            groups: Box::new([const { OnceLock::new() }; CHAINS_PER_GROUP]),
            free: Mutex::new(FreeChains::default()),
        }
    }

    pub fn get(&self, number: u16) -> Option<&Arc<UndoChain>> {
        let (group, index) = (number >> 8, number & 0xff);
        self.groups[usize::from(group)].get()?[usize::from(index)].get()
    }

    /// Numbers below this have a chain (after [`ChainTable::fill`]).
    pub fn count(&self) -> u32 {
        self.free.lock().count
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<UndoChain>> {
        (0..self.count()).filter_map(|number| self.get(number as u16))
    }

    fn make(&self, number: u16, map: PageMap) -> &Arc<UndoChain> {
        let (group, index) = (usize::from(number >> 8), usize::from(number & 0xff));
        let group = self.groups[group]
            .get_or_init(|| Box::new([const { OnceLock::new() }; CHAINS_PER_GROUP]));
        group[index].get_or_init(|| Arc::new(UndoChain::new(number, map)))
    }

    /// Makes chain `number`, owned, as recovery found it.
    pub fn restore(&self, number: u16, map: PageMap) -> &Arc<UndoChain> {
        let mut free = self.free.lock();
        free.count = free.count.max(u32::from(number) + 1);
        self.make(number, map)
    }

    /// After recovery: chains below the highest that nothing was found of are free ones.
    pub fn fill(&self) {
        let mut free = self.free.lock();
        for number in (0..free.count).map(|number| number as u16) {
            if self.get(number).is_none() {
                self.make(number, PageMap::default());
                free.list.push(number);
            }
        }
    }

    /// A chain for a transaction that starts to write; 53400 when all 65,536 are taken.
    pub fn take(&self) -> Result<Arc<UndoChain>> {
        let mut free = self.free.lock();
        let number = match free.list.pop() {
            Some(number) => number,
            None => {
                let number = u16::try_from(free.count).map_err(|_| {
                    err!(
                        sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                        "too many transactions write at the same time"
                    )
                })?;
                free.count += 1;
                number
            }
        };
        Ok(self.make(number, PageMap::default()).clone())
    }

    /// The chain has no owner any more.
    pub fn release(&self, number: u16) {
        self.free.lock().list.push(number);
    }
}
