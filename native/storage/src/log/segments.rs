//! The files of the log: `wal/<number>`, all of one size, the number being position / size.
//!
//! A segment is filled with zeros before it is used, so that a commit's sync has no file-system
//! metadata to write, or is an old one under a new name, whose stale records name other positions.
//! Names appear complete: files are made under another name and renamed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::rt::Mutex;
use common::vfs::{File, OpenMode, Vfs};

use crate::pool::Arena;

const ZERO_CHUNK_BYTES: usize = 1 << 20;
const UNFINISHED: &str = "wal/unfinished";

#[derive(Debug)]
struct Present {
    /// The oldest segment that exists.
    first: u64,
    /// One behind the newest that exists.
    end: u64,
}

pub struct Segments {
    vfs: Arc<dyn Vfs>,
    size_bytes: u64,
    direct: bool,
    present: Mutex<Present>,
    /// The position behind the last byte of the newest segment that exists; changes under `present`.
    prepared: AtomicU64,
}

fn name(number: u64) -> String {
    format!("wal/{number:016x}")
}

/// The numbers of the segments in the directory, ascending.
pub fn list(vfs: &dyn Vfs) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> = vfs
        .list("wal")?
        .iter()
        .filter(|name| name.len() == 16)
        .filter_map(|name| u64::from_str_radix(name, 16).ok())
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

impl Segments {
    /// `first..end` exist.
    pub fn new(vfs: Arc<dyn Vfs>, size_bytes: u64, direct: bool, first: u64, end: u64) -> Self {
        Self {
            vfs,
            size_bytes,
            direct,
            present: Mutex::new(Present { first, end }),
            prepared: AtomicU64::new(end * size_bytes),
        }
    }

    /// Behind the last position that has a file.
    pub fn prepared(&self) -> u64 {
        self.prepared.load(Ordering::Acquire)
    }

    fn set_end(&self, present: &mut Present, end: u64) {
        present.end = end;
        self.prepared
            .store(end * self.size_bytes, Ordering::Release);
    }

    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Makes what is missing up to and with segment `number`.
    pub fn prepare(&self, number: u64) -> io::Result<()> {
        let mut present = self.present.lock();
        while present.end <= number {
            self.write_whole(present.end, &[])?;
            let end = present.end + 1;
            self.set_end(&mut present, end);
        }
        Ok(())
    }

    /// Opens segment `number` for writing, making it when it is missing.
    pub fn open(&self, number: u64) -> io::Result<Arc<dyn File>> {
        self.prepare(number)?;
        self.vfs
            .open(&name(number), OpenMode::Existing, self.direct)
    }

    /// Reads a whole segment; `UnexpectedEof` or `NotFound` when there is none.
    pub fn read(&self, number: u64, out: &mut [u8]) -> io::Result<()> {
        let file = self.vfs.open(&name(number), OpenMode::Existing, false)?;
        file.read_at(out, 0)
    }

    /// Makes segment `number` afresh, durable, replacing one that exists: `prefix`, then zeros.
    pub fn write_whole(&self, number: u64, prefix: &[u8]) -> io::Result<()> {
        let file = self.vfs.open(UNFINISHED, OpenMode::Create, self.direct)?;
        let chunk_bytes = ZERO_CHUNK_BYTES.min(self.size_bytes as usize);
        let chunk = Arena::committed(chunk_bytes)?;
        file.allocate(self.size_bytes)?;
        for start in (0..self.size_bytes as usize).step_by(chunk_bytes) {
            // SAFETY: this function's own memory.
            let bytes = unsafe { chunk.slice_mut(0, chunk_bytes) };
            let part = prefix.get(start..).unwrap_or(&[]);
            let length = part.len().min(chunk_bytes);
            bytes[..length].copy_from_slice(&part[..length]);
            bytes[length..].fill(0);
            file.write_at(bytes, start as u64)?;
        }
        file.sync()?;
        drop(file);
        self.vfs.rename(UNFINISHED, &name(number))?;
        self.vfs.sync_dir("wal")
    }

    /// Gives up all segments below `keep`: up to `spare` beyond the one after `current` are renamed
    /// for reuse, the rest removed. Answers how many were reused.
    pub fn retire(&self, keep: u64, current: u64, spare: u64) -> io::Result<u64> {
        let mut present = self.present.lock();
        let mut reused = 0;
        let mut changed = false;
        while present.first < keep.min(current) {
            let old = name(present.first);
            if present.end <= current + 1 + spare {
                self.vfs.rename(&old, &name(present.end))?;
                let end = present.end + 1;
                self.set_end(&mut present, end);
                reused += 1;
            } else {
                self.vfs.remove(&old)?;
            }
            present.first += 1;
            changed = true;
        }
        if changed {
            self.vfs.sync_dir("wal")?;
        }
        Ok(reused)
    }

    /// Removes segment `number` and later ones: what stands behind the log's end.
    pub fn remove_from(&self, number: u64) -> io::Result<()> {
        let mut present = self.present.lock();
        for later in list(&*self.vfs)? {
            if later >= number {
                self.vfs.remove(&name(later))?;
            }
        }
        let end = present.end.min(number);
        self.set_end(&mut present, end);
        self.vfs.sync_dir("wal")
    }

    /// The oldest segment that exists.
    pub fn first(&self) -> u64 {
        self.present.lock().first
    }
}
