//! `ballast`: disk space held back for rollback, purge and checkpoints when the disk is full.

use std::io;
use std::sync::Arc;

use common::rt::Mutex;
use common::vfs::{OpenMode, Vfs};

const NAME: &str = "ballast";

pub struct Ballast {
    vfs: Arc<dyn Vfs>,
    size_bytes: u64,
    is_held: Mutex<bool>,
}

impl Ballast {
    pub fn new(vfs: Arc<dyn Vfs>, size_bytes: u64) -> Self {
        Self {
            vfs,
            size_bytes,
            is_held: Mutex::new(false),
        }
    }

    /// Takes the space if it is not held; a full disk is no error, the next call tries again.
    pub fn hold(&self) -> io::Result<()> {
        let mut is_held = self.is_held.lock();
        if *is_held || self.size_bytes == 0 {
            return Ok(());
        }
        let file = self.vfs.open(NAME, OpenMode::Create, false)?;
        match file.allocate(self.size_bytes) {
            Ok(()) => *is_held = true,
            Err(error) if error.raw_os_error() == Some(libc::ENOSPC) => file.set_size_bytes(0)?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Gives the space up. False when there was none.
    pub fn give_up(&self) -> bool {
        let mut is_held = self.is_held.lock();
        if !*is_held {
            return false;
        }
        *is_held = false;
        let cut = self
            .vfs
            .open(NAME, OpenMode::Existing, false)
            .and_then(|file| file.set_size_bytes(0));
        cut.is_ok()
    }
}
