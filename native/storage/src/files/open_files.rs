//! How many files are open at once: fewer than the system allows.
//!
//! A file is opened when it is first read or written and stays open until others need its place;
//! then the one that was not used since its turn came last is closed. Who uses a handle at that
//! moment keeps it.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use common::rt::Mutex;
use common::vfs::{File, OpenMode, Vfs};

use super::data_file::DataFile;

pub struct OpenFiles {
    vfs: Arc<dyn Vfs>,
    open_max: usize,
    /// The open ones, the next to be judged first.
    turns: Mutex<VecDeque<Weak<DataFile>>>,
}

impl OpenFiles {
    pub fn new(vfs: Arc<dyn Vfs>, open_max: usize) -> Self {
        Self {
            vfs,
            open_max: open_max.max(1),
            turns: Mutex::new(VecDeque::new()),
        }
    }

    /// Opens `path` for `owner`, closing another's handle when there are too many.
    pub fn open(
        &self,
        path: &str,
        mode: OpenMode,
        owner: Weak<DataFile>,
    ) -> io::Result<Arc<dyn File>> {
        let mut turns = self.turns.lock();
        let mut looks = turns.len() * 2;
        while turns.len() >= self.open_max && looks > 0 {
            looks -= 1;
            let Some(turn) = turns.pop_front() else { break };
            let Some(file) = turn.upgrade() else { continue };
            if file.was_used.swap(false, Ordering::Relaxed) || !file.close() {
                turns.push_back(turn);
            }
        }
        let handle = self.vfs.open(path, mode, true)?;
        turns.push_back(owner);
        Ok(handle)
    }
}
