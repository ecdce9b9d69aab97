//! A data directory in memory: for `:memory:` and tests. Nothing survives the process.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use common::rt::{Mutex, RwLock};
use common::vfs::{File, OpenMode, Vfs};

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Arc<MemFile>>,
    locks: BTreeSet<String>,
}

/// Cloning gives another handle of the same directory.
#[derive(Clone, Debug, Default)]
pub struct MemVfs(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct MemFile(RwLock<Vec<u8>>);

struct MemLock(MemVfs, String);

impl Drop for MemLock {
    fn drop(&mut self) {
        self.0.0.lock().locks.remove(&self.1);
    }
}

impl MemVfs {
    pub fn new() -> Self {
        Self::default()
    }
}

impl Vfs for MemVfs {
    fn open(&self, name: &str, mode: OpenMode, _direct: bool) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock();
        if let Some(file) = state.files.get(name) {
            return match mode {
                OpenMode::CreateNew => Err(io::ErrorKind::AlreadyExists.into()),
                _ => Ok(Arc::clone(file) as Arc<dyn File>),
            };
        }
        if mode == OpenMode::Existing {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = Arc::new(MemFile::default());
        state.files.insert(name.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match self.0.lock().files.remove(name) {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        let file = state.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.files.insert(to.to_owned(), file);
        Ok(())
    }

    fn list(&self, name: &str) -> io::Result<Vec<String>> {
        let prefix = match name {
            "" => String::new(),
            name => format!("{name}/"),
        };
        let state = self.0.lock();
        let below = state.files.keys().filter_map(|k| k.strip_prefix(&prefix));
        Ok(below
            .filter(|rest| !rest.contains('/'))
            .map(str::to_owned)
            .collect())
    }

    fn create_dir(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn sync_dir(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn Send + Sync>> {
        if !self.0.lock().locks.insert(name.to_owned()) {
            let text = format!("\"{name}\" is held by this process");
            return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
        }
        Ok(Box::new(MemLock(self.clone(), name.to_owned())))
    }

    fn has_atomic_pages(&self) -> bool {
        true
    }
}

/// `offset..offset + length` as indexes.
fn range(offset: u64, length: usize) -> io::Result<std::ops::Range<usize>> {
    let start = usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
    let end = start
        .checked_add(length)
        .ok_or(io::ErrorKind::InvalidInput)?;
    Ok(start..end)
}

impl File for MemFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = self.0.read();
        let part = bytes
            .get(range(offset, buf.len())?)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(part);
        Ok(())
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let range = range(offset, buf.len())?;
        let mut bytes = self.0.write();
        if bytes.len() < range.end {
            bytes.resize(range.end, 0);
        }
        bytes[range].copy_from_slice(buf);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.0.read().len() as u64)
    }

    fn set_size_bytes(&self, size_bytes: u64) -> io::Result<()> {
        self.0.write().resize(range(size_bytes, 0)?.start, 0);
        Ok(())
    }

    fn allocate(&self, size_bytes: u64) -> io::Result<()> {
        let mut bytes = self.0.write();
        let size = range(size_bytes, 0)?.start;
        if bytes.len() < size {
            bytes.resize(size, 0);
        }
        Ok(())
    }
}
