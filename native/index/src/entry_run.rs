//! Entries that go into an index together.

use common::{PageNo, Result, RowId};

use crate::entry::{ROW_BYTES, row_bytes};

/// Entries without values beside them, in the order in which they are to be added; in one buffer.
#[derive(Debug, Default)]
pub struct EntryRun {
    /// The full keys, one after the other.
    bytes: Vec<u8>,
    entries: Vec<RunEntry>,
}

#[derive(Clone, Copy, Debug)]
struct RunEntry {
    /// Where its full key ends.
    end: u32,
    guess: Option<PageNo>,
    is_unique: bool,
}

impl EntryRun {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry with the key that `write` appends; `write` says whether no other row may have
    /// it. `guess` is the page where the row was last.
    pub fn push(
        &mut self,
        row: RowId,
        guess: Option<PageNo>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<bool>,
    ) -> Result<()> {
        let start = self.bytes.len();
        let written = write(&mut self.bytes).and_then(|is_unique| {
            self.bytes.extend_from_slice(&row_bytes(row)?);
            let end = u32::try_from(self.bytes.len()).map_err(|_| too_long())?;
            self.entries.push(RunEntry {
                end,
                guess,
                is_unique,
            });
            Ok(())
        });
        if written.is_err() {
            self.bytes.truncate(start);
        }
        written
    }

    /// Key and row id.
    #[inline]
    pub(crate) fn full(&self, at: usize) -> &[u8] {
        let start = match at {
            0 => 0,
            at => self.entries[at - 1].end as usize,
        };
        &self.bytes[start..self.entries[at].end as usize]
    }

    #[inline]
    pub(crate) fn key(&self, at: usize) -> &[u8] {
        let full = self.full(at);
        &full[..full.len() - ROW_BYTES]
    }

    /// The page that was given with an entry.
    #[inline]
    pub fn guess(&self, at: usize) -> Option<PageNo> {
        self.entries[at].guess
    }

    /// Whether no other row may have the key.
    #[inline]
    pub(crate) fn is_unique(&self, at: usize) -> bool {
        self.entries[at].is_unique
    }
}

#[cold]
fn too_long() -> common::Error {
    common::Error::internal("the keys of a run take more than 4 GiB")
}
