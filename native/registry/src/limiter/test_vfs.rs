//! A folder in memory, for the tests of this module.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use common::rt::Mutex;
use common::vfs::{File, OpenMode, Vfs};

#[derive(Clone, Default)]
pub struct TestVfs(Arc<Mutex<BTreeMap<String, Arc<TestFile>>>>);

#[derive(Default)]
pub struct TestFile(Mutex<Vec<u8>>);

impl TestVfs {
    pub fn shared(&self) -> Arc<dyn Vfs> {
        Arc::new(self.clone())
    }

    /// Damages a byte of a file.
    pub fn flip(&self, name: &str, at: usize) {
        self.0.lock()[name].0.lock()[at] ^= 1;
    }
}

impl Vfs for TestVfs {
    fn open(&self, name: &str, mode: OpenMode, _direct: bool) -> io::Result<Arc<dyn File>> {
        let mut files = self.0.lock();
        if mode == OpenMode::Existing && !files.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(files.entry(name.to_owned()).or_default().clone())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.lock().remove(name);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.0.lock();
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn list(&self, _name: &str) -> io::Result<Vec<String>> {
        Ok(self.0.lock().keys().cloned().collect())
    }

    fn create_dir(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn sync_dir(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _name: &str) -> io::Result<Box<dyn Send + Sync>> {
        Ok(Box::new(()))
    }

    fn has_atomic_pages(&self) -> bool {
        true
    }
}

impl File for TestFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = self.0.lock();
        let from = bytes.get(offset as usize..offset as usize + buf.len());
        buf.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut bytes = self.0.lock();
        let end = offset as usize + buf.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[offset as usize..end].copy_from_slice(buf);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.0.lock().len() as u64)
    }

    fn set_size_bytes(&self, size_bytes: u64) -> io::Result<()> {
        self.0.lock().resize(size_bytes as usize, 0);
        Ok(())
    }

    fn allocate(&self, size_bytes: u64) -> io::Result<()> {
        self.set_size_bytes(size_bytes)
    }
}
