//! What a power cut leaves behind: files with their durable bytes and the sectors still in flight.

use std::collections::{BTreeMap, BTreeSet};

use crate::rng::Rng;

/// The unit that a crash keeps or loses whole.
pub const SECTOR_BYTES: usize = 512;

/// One file's bytes, as written and as a crash would find them.
#[derive(Debug, Clone, Default)]
pub struct FileImage {
    /// What reads see.
    pub current: Vec<u8>,
    /// What the platter surely holds.
    durable: Vec<u8>,
    /// Sectors written since the last sync.
    dirty: BTreeSet<usize>,
}

impl FileImage {
    pub fn write(&mut self, buf: &[u8], offset: usize) {
        let end = offset + buf.len();
        if self.current.len() < end {
            self.current.resize(end, 0);
        }
        self.current[offset..end].copy_from_slice(buf);
        if !buf.is_empty() {
            self.dirty
                .extend(offset / SECTOR_BYTES..=(end - 1) / SECTOR_BYTES);
        }
    }

    pub fn set_size(&mut self, size: usize) {
        self.current.resize(size, 0);
    }

    pub fn sync(&mut self) {
        self.durable.resize(self.current.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            self.keep(sector);
        }
    }

    /// A sync that failed: the cache goes on showing the new bytes, and no later sync writes them.
    pub fn lose_dirty(&mut self) {
        self.dirty.clear();
    }

    fn keep(&mut self, sector: usize) {
        let start = sector * SECTOR_BYTES;
        let end = (start + SECTOR_BYTES).min(self.current.len());
        if start < end {
            if self.durable.len() < end {
                self.durable.resize(end, 0);
            }
            self.durable[start..end].copy_from_slice(&self.current[start..end]);
        }
    }

    /// The file after a power cut: each dirty sector, and a change of size, survives or not.
    fn crash(mut self, rng: &mut Rng) -> Self {
        let size_survives = self.current.len() <= self.durable.len() || !rng.chance(3);
        for sector in std::mem::take(&mut self.dirty) {
            if rng.chance(2) && (size_survives || sector * SECTOR_BYTES < self.durable.len()) {
                self.keep(sector);
            }
        }
        if size_survives && self.durable.len() < self.current.len() {
            self.durable.resize(self.current.len(), 0);
        }
        self.current.clone_from(&self.durable);
        self
    }
}

/// A change of a folder that is not durable before the folder is synced.
#[derive(Debug, Clone)]
enum DirChange {
    Create(String, u64),
    Remove(String),
    Rename(String, String),
}

/// A whole disk. Files are found by inode, so that a rename keeps what was written.
#[derive(Debug, Clone, Default)]
pub struct DiskImage {
    inodes: BTreeMap<u64, FileImage>,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    pending: Vec<DirChange>,
    next_inode: u64,
}

impl DiskImage {
    pub fn inode(&self, name: &str) -> Option<u64> {
        self.names.get(name).copied()
    }

    pub fn file(&self, inode: u64) -> &FileImage {
        &self.inodes[&inode]
    }

    pub fn file_mut(&mut self, inode: u64) -> &mut FileImage {
        self.inodes
            .get_mut(&inode)
            .expect("an inode lives as long as the disk")
    }

    pub fn create(&mut self, name: &str) -> u64 {
        let inode = self.next_inode;
        self.next_inode += 1;
        self.inodes.insert(inode, FileImage::default());
        self.change(DirChange::Create(name.to_owned(), inode));
        inode
    }

    pub fn remove(&mut self, name: &str) {
        self.change(DirChange::Remove(name.to_owned()));
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        self.change(DirChange::Rename(from.to_owned(), to.to_owned()));
    }

    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let inside = self
            .names
            .keys()
            .filter_map(|name| name.strip_prefix(&prefix));
        inside
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    /// Makes the changes of names in `folder` durable, in order.
    pub fn sync_dir(&mut self, folder: &str) {
        let parent = |name: &str| {
            name.rsplit_once('/')
                .map_or("", |(parent, _)| parent)
                .to_owned()
        };
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|change| match change {
                DirChange::Create(name, _) | DirChange::Remove(name) => parent(name) == folder,
                DirChange::Rename(from, to) => parent(from) == folder || parent(to) == folder,
            });
        self.pending = later;
        now.iter()
            .for_each(|change| apply(&mut self.durable_names, change));
    }

    /// The disk after a power cut. Names follow the order of a journal: a prefix survives.
    pub fn crash(mut self, rng: &mut Rng) -> Self {
        let survivors = rng.below(self.pending.len() as u64 + 1) as usize;
        for change in &self.pending[..survivors] {
            apply(&mut self.durable_names, change);
        }
        self.pending.clear();
        self.names.clone_from(&self.durable_names);
        let named: BTreeSet<u64> = self.names.values().copied().collect();
        let inodes = std::mem::take(&mut self.inodes).into_iter();
        self.inodes = inodes
            .filter(|(inode, _)| named.contains(inode))
            .map(|(inode, file)| (inode, file.crash(rng)))
            .collect();
        self
    }

    pub fn size_bytes(&self) -> u64 {
        self.names
            .values()
            .map(|inode| self.inodes[inode].current.len() as u64)
            .sum()
    }

    fn change(&mut self, change: DirChange) {
        apply(&mut self.names, &change);
        self.pending.push(change);
    }
}

fn apply(names: &mut BTreeMap<String, u64>, change: &DirChange) {
    match change {
        DirChange::Create(name, inode) => {
            names.insert(name.clone(), *inode);
        }
        DirChange::Remove(name) => {
            names.remove(name);
        }
        DirChange::Rename(from, to) => {
            if let Some(inode) = names.remove(from) {
                names.insert(to.clone(), inode);
            }
        }
    }
}
