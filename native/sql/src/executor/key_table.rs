//! A hash table from key bytes to dense numbers.

use std::hash::Hasher;

use common::{Result, sqlstate};
use hashbrown::HashTable;

use super::context::Context;

/// Keys that are moved between two polls.
const POLL_KEYS: usize = 16 * 1024;

/// Each distinct key has a number, counted from 0 in order of first sight.
#[derive(Default)]
pub struct KeyTable {
    table: HashTable<u32>,
    bytes: Vec<u8>,
    /// End of each key's bytes, and its hash.
    ends: Vec<(usize, u64)>,
    held_bytes: usize,
}

/// What a lookup that inserts found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    Old(u32),
    New(u32),
}

impl Slot {
    pub fn number(self) -> u32 {
        match self {
            Self::Old(number) | Self::New(number) => number,
        }
    }
}

#[inline]
pub fn hash(key: &[u8]) -> u64 {
    let mut hasher = rapidhash::fast::RapidHasher::default();
    hasher.write(key);
    hasher.finish()
}

impl KeyTable {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn find(&self, key: &[u8]) -> Option<u32> {
        let (bytes, ends) = (&self.bytes, &self.ends);
        self.table
            .find(hash(key), |number| key_of(bytes, ends, *number) == key)
            .copied()
    }

    /// Makes room for `more` keys. Without it [`KeyTable::insert`] makes room where it must, in one
    /// go. An error of `poll` leaves the table as it was.
    pub fn reserve(&mut self, more: usize, poll: &dyn Fn() -> Result<()>) -> Result<()> {
        let wanted = self.ends.len() + more;
        if wanted <= self.table.capacity() {
            return Ok(());
        }
        let mut table = HashTable::with_capacity(wanted.max(self.table.capacity() * 2));
        for (number, (_, code)) in self.ends.iter().enumerate() {
            if number.is_multiple_of(POLL_KEYS) {
                poll()?;
            }
            table.insert_unique(*code, number as u32, |other| self.ends[*other as usize].1);
        }
        self.table = table;
        Ok(())
    }

    /// The number of `key`, a new one if it was not there.
    pub fn insert(&mut self, key: &[u8]) -> Result<Slot> {
        let code = hash(key);
        let (bytes, ends) = (&self.bytes, &self.ends);
        if let Some(number) = self
            .table
            .find(code, |number| key_of(bytes, ends, *number) == key)
        {
            return Ok(Slot::Old(*number));
        }
        let Ok(number) = u32::try_from(self.ends.len()) else {
            return Err(common::err!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "too many groups"
            ));
        };
        self.bytes.extend_from_slice(key);
        self.ends.push((self.bytes.len(), code));
        let ends = &self.ends;
        self.table
            .insert_unique(code, number, |number| ends[*number as usize].1);
        Ok(Slot::New(number))
    }

    pub fn memory_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 16 + self.table.capacity() * 5
    }

    /// Bytes that taking `more` keys in may need at once: whatever is full is doubled.
    pub fn growth_bytes(&self, more: usize) -> usize {
        let (len, spare) = (self.ends.len(), self.bytes.capacity() - self.bytes.len());
        let a_key = self.bytes.len().checked_div(len).unwrap_or(16) + 1;
        let mut bytes = 0;
        if len + more > self.ends.capacity() {
            bytes += self.ends.capacity().max(more) * 2 * 16;
        }
        if len + more > self.table.capacity() {
            bytes += self.table.capacity().max(more) * 2 * 5;
        }
        if more * a_key > spare {
            bytes += self.bytes.capacity().max(more * a_key) * 2;
        }
        bytes
    }

    /// Charges what the table grew by since the last call.
    pub fn account(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let now = self.memory_bytes();
        if now > self.held_bytes {
            cx.charge(now - self.held_bytes)?;
            self.held_bytes = now;
        }
        Ok(())
    }

    pub fn clear(&mut self, cx: &mut Context<'_>) {
        let held = self.held_bytes;
        *self = Self::default();
        cx.release(held);
    }
}

#[inline]
fn key_of<'b>(bytes: &'b [u8], ends: &[(usize, u64)], number: u32) -> &'b [u8] {
    let at = number as usize;
    let start = if at == 0 { 0 } else { ends[at - 1].0 };
    &bytes[start..ends[at].0]
}
