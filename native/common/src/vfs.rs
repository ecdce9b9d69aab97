//! The file system behind a trait: the real one for servers, a faulty one for the simulator.
//!
//! Names are relative to the data directory, `/` separated. Invariant: no crate but the
//! implementations of these traits touches the file system.

use std::io;
use std::sync::Arc;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Must exist.
    Existing,
    /// Must not exist.
    CreateNew,
    /// Made when absent.
    Create,
}

/// A data directory.
pub trait Vfs: Send + Sync {
    /// Opens for reading and writing. `direct` asks for I/O past the kernel's cache: then offsets,
    /// lengths and buffers must be multiples of 4096; where the system lacks it, it is ignored.
    fn open(&self, name: &str, mode: OpenMode, direct: bool) -> io::Result<Arc<dyn File>>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Replaces `to` when it exists, atomically.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// File names (not folders) in the folder `name`, in no order.
    fn list(&self, name: &str) -> io::Result<Vec<String>>;
    /// Makes the folder and its parents; no error when it exists.
    fn create_dir(&self, name: &str) -> io::Result<()>;
    /// Makes creations, renames and removals in the folder `name` ("" is the top) durable.
    fn sync_dir(&self, name: &str) -> io::Result<()>;
    /// Takes the directory for this process until the value is dropped. On refusal the error's text
    /// names the process that holds it.
    fn lock(&self, name: &str) -> io::Result<Box<dyn Send + Sync>>;
    /// Whether a write of a whole, aligned page is never torn.
    fn has_atomic_pages(&self) -> bool;
}

/// An open file. All methods may be called from several threads at once.
pub trait File: Send + Sync {
    /// Fills `buf` whole or fails; reading past the end is `UnexpectedEof`.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;
    /// Fills all of `bufs`, one behind the other, or fails.
    fn read_many_at(&self, bufs: &mut [&mut [u8]], offset: u64) -> io::Result<()> {
        let mut at = offset;
        for buf in bufs {
            self.read_at(buf, at)?;
            at += buf.len() as u64;
        }
        Ok(())
    }

    /// Writes `buf` whole or fails, in which case any part may have been written.
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()>;
    /// fdatasync: what was written before is durable when this returns.
    fn sync(&self) -> io::Result<()>;
    fn size_bytes(&self) -> io::Result<u64>;
    /// Cuts or extends; an extended part reads as zeros.
    fn set_size_bytes(&self, size_bytes: u64) -> io::Result<()>;
    /// Reserves space so that writes below `size_bytes` do not run out of it, and sets the size.
    fn allocate(&self, size_bytes: u64) -> io::Result<()>;
}
