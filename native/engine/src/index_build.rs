//! Filling a new index: its entries sorted by key, by way of temporary files where they do not fit
//! into `work_mem`.

use common::{Error, Result, RowId};
use sql::access::Store;
use sql::sample_sort;

use crate::index_runs::{Merge, Run, RunWriter, poll_some};
use crate::store::StatementStore;

/// Keys in memory at most: their places are 32 bits.
const KEY_BYTES_MAX: usize = 1 << 30;
/// More memory than this is not given back by the statement itself, which somebody waits for.
const DISCARD_BYTES: usize = 1024 * 1024;
/// Runs that are merged at a time.
const WAYS: usize = 128;
/// The keys of the entries in memory, in blocks: none is copied when there are more.
#[derive(Default)]
struct KeyBlocks(Vec<Vec<u8>>);

/// A block has room for the longest key.
const BLOCK_BITS: u32 = 18;
const BLOCK_BYTES: usize = 1 << BLOCK_BITS;

impl KeyBlocks {
    /// Where the key will be; a new block if the last one has no room for it.
    fn push(&mut self, key: &[u8]) -> u32 {
        if self.needs_block(key.len()) {
            self.0.push(Vec::with_capacity(BLOCK_BYTES));
        }
        let number = self.0.len() - 1;
        let block = &mut self.0[number];
        let start = (number << BLOCK_BITS) + block.len();
        block.extend_from_slice(key);
        start as u32
    }

    fn needs_block(&self, key_bytes: usize) -> bool {
        let last = self.0.last();
        last.is_none_or(|block| block.len() + key_bytes > BLOCK_BYTES)
    }

    fn get(&self, entry: &Entry) -> &[u8] {
        let block = &self.0[(entry.start >> BLOCK_BITS) as usize];
        &block[entry.start as usize & (BLOCK_BYTES - 1)..][..usize::from(entry.len)]
    }

    fn held_bytes(&self) -> usize {
        self.0.len() * BLOCK_BYTES
    }
}

/// An entry whose key lies in [`IndexEntries::keys`].
#[derive(Clone, Copy)]
struct Entry {
    /// The key's first bytes: they decide most comparisons.
    prefix: u64,
    row: RowId,
    start: u32,
    len: u16,
    has_null: bool,
}

/// What an entry takes, its place while it is sorted included.
const ENTRY_BYTES: usize = 2 * size_of::<Entry>() + 1;

/// The entries of an index to be.
pub struct IndexEntries<'s> {
    store: &'s StatementStore,
    keys: KeyBlocks,
    entries: Vec<Entry>,
    runs: Vec<Run>,
    charged_bytes: usize,
    seen: u64,
}

impl<'s> IndexEntries<'s> {
    pub fn new(store: &'s StatementStore) -> Self {
        Self {
            store,
            keys: KeyBlocks::default(),
            entries: Vec::new(),
            runs: Vec::new(),
            charged_bytes: 0,
            seen: 0,
        }
    }

    /// Adds an entry. 53100 when there is no room for it on the disk.
    pub fn push(&mut self, key: &[u8], row: RowId, has_null: bool) -> Result<()> {
        let len = u16::try_from(key.len());
        let len = len.map_err(|_| Error::internal("a key of an index is too long"))?;
        if self.is_full_for(key.len()) {
            self.write_run()?;
        }
        self.entries.push(Entry {
            prefix: prefix(key),
            row,
            start: self.keys.push(key),
            len,
            has_null,
        });
        let held = self.keys.held_bytes() + self.entries.capacity() * ENTRY_BYTES;
        if held > self.charged_bytes {
            self.store.charge(held - self.charged_bytes)?;
            self.charged_bytes = held;
        }
        Ok(())
    }

    /// Keys get another block, entries double.
    fn is_full_for(&self, key_bytes: usize) -> bool {
        let (mut held, mut more) = (self.keys.held_bytes(), 0);
        if self.keys.needs_block(key_bytes) {
            more += BLOCK_BYTES;
        }
        held += self.entries.capacity() * ENTRY_BYTES;
        if self.entries.len() == self.entries.capacity() {
            more += self.entries.capacity() * ENTRY_BYTES;
        }
        let is_over =
            more > 0 && (held + more > self.store.work_mem_bytes() || !self.store.has_room(more));
        let is_far = self.keys.held_bytes() + BLOCK_BYTES > KEY_BYTES_MAX;
        !self.entries.is_empty() && (is_over || (is_far && self.keys.needs_block(key_bytes)))
    }

    fn sort(&mut self) -> Result<()> {
        let (keys, store) = (&self.keys, self.store);
        let key = |entry: &Entry| keys.get(entry);
        let order = |a: &Entry, b: &Entry| {
            a.prefix
                .cmp(&b.prefix)
                .then_with(|| key(a).cmp(key(b)))
                .then_with(|| a.row.cmp(&b.row))
        };
        sample_sort(&mut self.entries, &order, &mut || store.poll())
    }

    /// Sorts what is in memory and writes it out.
    fn write_run(&mut self) -> Result<()> {
        self.sort()?;
        let mut writer = RunWriter::new(self.store)?;
        for entry in &self.entries {
            let key = self.keys.get(entry);
            writer.push(key, entry.row, entry.has_null)?;
        }
        self.entries.clear();
        self.keys = KeyBlocks::default();
        self.runs.push(writer.finish()?);
        if self.runs.len() == WAYS {
            let mut merge = Merge::new(self.store, std::mem::take(&mut self.runs))?;
            let mut writer = RunWriter::new(self.store)?;
            while let Some(entry) = merge.head() {
                writer.push(&entry.key, entry.row, entry.has_null)?;
                merge.advance()?;
            }
            self.runs.push(writer.finish()?);
        }
        Ok(())
    }

    /// Gives the entries in order of key and row.
    pub fn for_each(
        mut self,
        mut take: impl FnMut(&[u8], RowId, bool) -> Result<()>,
    ) -> Result<()> {
        if self.runs.is_empty() {
            self.sort()?;
            for entry in &self.entries {
                poll_some(self.store, &mut self.seen)?;
                let key = self.keys.get(entry);
                take(key, entry.row, entry.has_null)?;
            }
            return Ok(());
        }
        if !self.entries.is_empty() {
            self.write_run()?;
        }
        self.free();
        let mut merge = Merge::new(self.store, std::mem::take(&mut self.runs))?;
        while let Some(entry) = merge.head() {
            take(&entry.key, entry.row, entry.has_null)?;
            merge.advance()?;
        }
        Ok(())
    }

    fn free(&mut self) {
        let held = (
            std::mem::take(&mut self.keys),
            std::mem::take(&mut self.entries),
        );
        if self.charged_bytes > DISCARD_BYTES {
            self.store.parts().engine.discard(held);
        }
        self.store.release(std::mem::take(&mut self.charged_bytes));
    }
}

impl Drop for IndexEntries<'_> {
    fn drop(&mut self) {
        self.free();
        if !self.runs.is_empty() {
            self.store
                .parts()
                .engine
                .discard(std::mem::take(&mut self.runs));
        }
    }
}

fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = key.len().min(8);
    bytes[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(bytes)
}
