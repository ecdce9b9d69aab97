//! Temporary files of statements, in the data directory's `tmp/`.
//!
//! Nothing in them outlives the process: what a crash left is removed when the engine opens. They
//! are never synced.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::vfs::{File, OpenMode, Vfs};
use common::{Error, Result};
use sql::access::TempFile;

const FOLDER: &str = "tmp";

/// Makes temporary files.
pub struct TempFiles {
    vfs: Arc<dyn Vfs>,
    /// The number of the next file.
    next: AtomicU64,
}

impl TempFiles {
    /// Makes the folder, and removes what an earlier process left in it.
    pub fn open(vfs: Arc<dyn Vfs>) -> Result<Self> {
        let cleaned = vfs.create_dir(FOLDER).and_then(|()| {
            for name in vfs.list(FOLDER)? {
                vfs.remove(&format!("{FOLDER}/{name}"))?;
            }
            Ok(())
        });
        cleaned.map_err(|error| Error::io("could not clean the folder \"tmp\"", &error))?;
        Ok(Self {
            vfs,
            next: AtomicU64::new(1),
        })
    }

    pub fn create(&self) -> Result<Box<dyn TempFile>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{FOLDER}/{number}");
        let opened = self.vfs.open(&name, OpenMode::CreateNew, false);
        let file = opened.map_err(|error| failed("create", &name, &error))?;
        Ok(Box::new(OpenTempFile {
            vfs: self.vfs.clone(),
            file,
            name,
            size_bytes: 0,
        }))
    }
}

fn failed(what: &str, name: &str, error: &std::io::Error) -> Error {
    Error::io(
        format_args!("could not {what} temporary file \"{name}\""),
        error,
    )
}

struct OpenTempFile {
    vfs: Arc<dyn Vfs>,
    file: Arc<dyn File>,
    name: String,
    size_bytes: u64,
}

impl TempFile for OpenTempFile {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.write_at(bytes, self.size_bytes);
        written.map_err(|error| failed("write", &self.name, &error))?;
        self.size_bytes += bytes.len() as u64;
        Ok(())
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let read = self.file.read_at(buf, offset);
        read.map_err(|error| failed("read", &self.name, &error))
    }
}

impl Drop for OpenTempFile {
    fn drop(&mut self) {
        // What stays behind is removed when the engine opens again.
        let _ = self.vfs.remove(&self.name);
    }
}
