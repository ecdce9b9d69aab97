//! Files that live no longer than a statement.

use common::Result;

/// A temporary file, gone when dropped.
pub trait TempFile: Send {
    /// Writes at the end. 53100 when the disk is full.
    fn append(&mut self, bytes: &[u8]) -> Result<()>;

    /// Fills `buf` from `offset`.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()>;
}
