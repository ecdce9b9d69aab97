//! Sorted entries of an index to be that did not fit into memory: written to temporary files, and
//! merged.
//!
//! An entry in a file: key length u16, whether a part of the key is null u8, row id u64, key; numbers
//! little-endian.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use common::{Error, Result, RowId};
use sql::access::{Store, TempFile};

use crate::store::StatementStore;

/// Entries handled between two looks at the cancel flag.
const POLL_ENTRIES: u64 = 1024;
/// What is read or written in one go.
const BUFFER_BYTES: usize = 64 * 1024;
const HEADER_BYTES: usize = 11;

/// Sorted entries in a file.
pub struct Run {
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

/// Looks at the cancel flag every so many entries.
pub fn poll_some(store: &StatementStore, seen: &mut u64) -> Result<()> {
    *seen += 1;
    match *seen % POLL_ENTRIES {
        0 => store.poll(),
        _ => Ok(()),
    }
}

/// Writes a run.
pub struct RunWriter<'s> {
    store: &'s StatementStore,
    run: Run,
    buffer: Vec<u8>,
    seen: u64,
}

impl<'s> RunWriter<'s> {
    pub fn new(store: &'s StatementStore) -> Result<Self> {
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

    /// The next entry in order.
    pub fn push(&mut self, key: &[u8], row: RowId, has_null: bool) -> Result<()> {
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

    pub fn finish(mut self) -> Result<Run> {
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
pub struct Merge<'s> {
    store: &'s StatementStore,
    readers: Vec<RunReader>,
    heads: BinaryHeap<Reverse<Head>>,
    seen: u64,
}

impl<'s> Merge<'s> {
    pub fn new(store: &'s StatementStore, runs: Vec<Run>) -> Result<Self> {
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

    /// The next entry; None after the last.
    pub fn head(&self) -> Option<&IndexEntry> {
        self.heads.peek().map(|Reverse(head)| &head.entry)
    }

    pub fn advance(&mut self) -> Result<()> {
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

impl Drop for Merge<'_> {
    fn drop(&mut self) {
        self.store
            .parts()
            .engine
            .discard(std::mem::take(&mut self.readers));
    }
}
