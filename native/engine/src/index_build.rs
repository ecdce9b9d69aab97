//! Filling a new index: its entries sorted by key, by way of temporary files where they do not fit
//! into `work_mem`.
//!
//! An entry in a file: key length u16, whether a part of the key is null u8, row id u64, key; numbers
//! little-endian.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use common::{Error, Result, RowId};
use sql::access::{Store, TempFile};
use sql::sample_sort;

use crate::store::StatementStore;

/// Entries handled between two looks at the cancel flag.
const POLL_ENTRIES: u64 = 1024;
/// Keys in memory at most: their places are 32 bits.
const KEY_BYTES_MAX: usize = 1 << 30;
/// Runs that are merged at a time.
const WAYS: usize = 128;
/// What is read or written in one go.
const BUFFER_BYTES: usize = 64 * 1024;
const HEADER_BYTES: usize = 11;

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
    keys: Vec<u8>,
    entries: Vec<Entry>,
    runs: Vec<Run>,
    charged_bytes: usize,
    seen: u64,
}

/// Sorted entries in a file.
struct Run {
    file: Box<dyn TempFile>,
    size_bytes: u64,
}

/// An entry as it is given out.
#[derive(Default, PartialEq, Eq)]
pub struct IndexEntry {
    pub key: Vec<u8>,
    pub row: RowId,
    pub has_null: bool,
}

impl<'s> IndexEntries<'s> {
    pub fn new(store: &'s StatementStore) -> Self {
        Self {
            store,
            keys: Vec::new(),
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
            start: self.keys.len() as u32,
            len,
            has_null,
        });
        self.keys.extend_from_slice(key);
        let held = self.keys.capacity() + self.entries.capacity() * ENTRY_BYTES;
        if held > self.charged_bytes {
            self.store.charge(held - self.charged_bytes)?;
            self.charged_bytes = held;
        }
        Ok(())
    }

    /// Whatever is full doubles.
    fn is_full_for(&self, key_bytes: usize) -> bool {
        let (mut held, mut more) = (self.keys.capacity(), 0);
        if self.keys.len() + key_bytes > held {
            more += held.max(key_bytes);
        }
        held += self.entries.capacity() * ENTRY_BYTES;
        if self.entries.len() == self.entries.capacity() {
            more += self.entries.capacity() * ENTRY_BYTES;
        }
        let is_over =
            more > 0 && (held + more > self.store.work_mem_bytes() || !self.store.has_room(more));
        !self.entries.is_empty() && (is_over || self.keys.len() + key_bytes > KEY_BYTES_MAX)
    }

    fn sort(&mut self) -> Result<()> {
        let (keys, store) = (&self.keys, self.store);
        let key = |entry: &Entry| &keys[entry.start as usize..][..usize::from(entry.len)];
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
            let key = &self.keys[entry.start as usize..][..usize::from(entry.len)];
            writer.push(key, entry.row, entry.has_null)?;
        }
        self.entries.clear();
        self.keys.clear();
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
                let key = &self.keys[entry.start as usize..][..usize::from(entry.len)];
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
        self.keys = Vec::new();
        self.entries = Vec::new();
        self.store.release(std::mem::take(&mut self.charged_bytes));
    }
}

impl Drop for IndexEntries<'_> {
    fn drop(&mut self) {
        self.free();
    }
}

fn poll_some(store: &StatementStore, seen: &mut u64) -> Result<()> {
    *seen += 1;
    match *seen % POLL_ENTRIES {
        0 => store.poll(),
        _ => Ok(()),
    }
}

fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = key.len().min(8);
    bytes[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(bytes)
}

struct RunWriter<'s> {
    store: &'s StatementStore,
    run: Run,
    buffer: Vec<u8>,
    seen: u64,
}

impl<'s> RunWriter<'s> {
    fn new(store: &'s StatementStore) -> Result<Self> {
        let run = Run {
            file: store.temp_file()?,
            size_bytes: 0,
        };
        Ok(Self {
            store,
            run,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            seen: 0,
        })
    }

    fn push(&mut self, key: &[u8], row: RowId, has_null: bool) -> Result<()> {
        poll_some(self.store, &mut self.seen)?;
        if self.buffer.len() + HEADER_BYTES + key.len() > BUFFER_BYTES {
            self.write()?;
        }
        let len = u16::try_from(key.len()).expect("checked when the entry came");
        self.buffer.extend_from_slice(&len.to_le_bytes());
        self.buffer.push(u8::from(has_null));
        self.buffer.extend_from_slice(&row.0.to_le_bytes());
        self.buffer.extend_from_slice(key);
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        self.run.file.append(&self.buffer)?;
        self.run.size_bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Run> {
        self.write()?;
        Ok(self.run)
    }
}

struct RunReader {
    run: Run,
    /// Where the next read begins.
    offset: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl RunReader {
    /// Replaces `entry` by the next one; false at the end.
    fn read(&mut self, entry: &mut IndexEntry) -> Result<bool> {
        if self.left().len() < HEADER_BYTES && !self.fill(HEADER_BYTES)? {
            return Ok(false);
        }
        let header = &self.left()[..HEADER_BYTES];
        let len = usize::from(u16::from_le_bytes([header[0], header[1]]));
        entry.has_null = header[2] != 0;
        let row = header[3..].try_into().expect("a header ends with 8 bytes");
        entry.row = RowId(u64::from_le_bytes(row));
        let whole = HEADER_BYTES + len;
        if self.left().len() < whole && !self.fill(whole)? {
            return Err(damaged());
        }
        entry.key.clear();
        entry
            .key
            .extend_from_slice(&self.buffer[self.at..][HEADER_BYTES..whole]);
        self.at += whole;
        Ok(true)
    }

    fn left(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Reads on until there are `wanted` bytes; false if there is nothing left.
    fn fill(&mut self, wanted: usize) -> Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let have = self.buffer.len();
        let more = (self.run.size_bytes - self.offset).min(BUFFER_BYTES as u64) as usize;
        self.buffer.resize(have + more, 0);
        self.run
            .file
            .read_at(&mut self.buffer[have..], self.offset)?;
        self.offset += more as u64;
        match self.buffer.len() {
            0 => Ok(false),
            len if len < wanted => Err(damaged()),
            _ => Ok(true),
        }
    }
}

fn damaged() -> Error {
    Error::corrupted("a temporary file is not as it was written")
}

/// The next entry of a run.
struct Head {
    entry: IndexEntry,
    run: usize,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (&self.entry, &other.entry);
        a.key.cmp(&b.key).then_with(|| a.row.cmp(&b.row))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

/// The entries of several runs in order.
struct Merge<'s> {
    store: &'s StatementStore,
    readers: Vec<RunReader>,
    heads: BinaryHeap<Reverse<Head>>,
    seen: u64,
}

impl<'s> Merge<'s> {
    fn new(store: &'s StatementStore, runs: Vec<Run>) -> Result<Self> {
        let mut merge = Self {
            store,
            readers: Vec::with_capacity(runs.len()),
            heads: BinaryHeap::with_capacity(runs.len()),
            seen: 0,
        };
        for (number, run) in runs.into_iter().enumerate() {
            let mut reader = RunReader {
                run,
                offset: 0,
                buffer: Vec::new(),
                at: 0,
            };
            let mut entry = IndexEntry::default();
            if reader.read(&mut entry)? {
                let run = number;
                merge.heads.push(Reverse(Head { entry, run }));
            }
            merge.readers.push(reader);
        }
        Ok(merge)
    }

    fn head(&self) -> Option<&IndexEntry> {
        self.heads.peek().map(|Reverse(head)| &head.entry)
    }

    fn advance(&mut self) -> Result<()> {
        poll_some(self.store, &mut self.seen)?;
        if let Some(mut top) = self.heads.peek_mut() {
            let run = top.0.run;
            if !self.readers[run].read(&mut top.0.entry)? {
                PeekMut::pop(top);
            }
        }
        Ok(())
    }
}
