//! A disk that loses what was not synced: writes live in sectors of 512 bytes, and at a crash any
//! subset of the unsynced ones survives; of the changes to folders a prefix does.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use common::vfs::{File, OpenMode, Vfs};

const SECTOR: usize = 512;

/// A seeded generator (splitmix64).
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

#[derive(Clone, Default)]
struct Content {
    durable: Vec<u8>,
    current: Vec<u8>,
    unsynced: BTreeSet<usize>,
}

impl Content {
    fn after_crash(&self, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for sector in &self.unsynced {
            if rng.below(2) == 0 {
                continue;
            }
            let start = sector * SECTOR;
            let end = (start + SECTOR).min(self.current.len());
            if end > start {
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[start..end].copy_from_slice(&self.current[start..end]);
            }
        }
        if bytes.len() < self.current.len() && rng.below(2) == 0 {
            bytes.resize(self.current.len(), 0);
        }
        bytes
    }
}

type Inode = Arc<Mutex<Content>>;

#[derive(Clone)]
enum FolderOp {
    Set(String, Inode),
    Remove(String),
}

impl FolderOp {
    fn name(&self) -> &str {
        match self {
            Self::Set(name, _) | Self::Remove(name) => name,
        }
    }

    fn apply(&self, names: &mut BTreeMap<String, Inode>) {
        match self {
            Self::Set(name, inode) => drop(names.insert(name.clone(), Arc::clone(inode))),
            Self::Remove(name) => drop(names.remove(name)),
        }
    }
}

#[derive(Default)]
struct Disk {
    current: BTreeMap<String, Inode>,
    durable: BTreeMap<String, Inode>,
    pending: Vec<FolderOp>,
}

#[derive(Default)]
pub struct Faults {
    /// Writes, syncs and folder changes until the power goes; below 0: never.
    pub until_crash: AtomicI64,
    pub crashed: AtomicBool,
    /// The next sync of a file whose name starts with this fails and forgets what it had to sync.
    pub fail_sync_of: Mutex<Option<String>>,
    /// Growing a file fails with ENOSPC.
    pub is_full: AtomicBool,
    pub changes: AtomicU64,
    /// Runs once, within the next sync, before it has an effect.
    pub on_sync: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[derive(Clone)]
pub struct FaultVfs {
    disk: Arc<Mutex<Disk>>,
    pub faults: Arc<Faults>,
}

struct FaultFile {
    name: String,
    inode: Inode,
    faults: Arc<Faults>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test thread panics with it")
}

impl Faults {
    fn change(&self) -> io::Result<()> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        if self.crashed.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        if self.until_crash.load(Ordering::SeqCst) >= 0
            && self.until_crash.fetch_sub(1, Ordering::SeqCst) == 0
        {
            self.crashed.store(true, Ordering::SeqCst);
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        Ok(())
    }
}

impl Default for FaultVfs {
    fn default() -> Self {
        Self::new()
    }
}

impl FaultVfs {
    pub fn new() -> Self {
        let faults = Faults::default();
        faults.until_crash.store(-1, Ordering::SeqCst);
        Self {
            disk: Arc::default(),
            faults: Arc::new(faults),
        }
    }

    /// What a machine finds that starts after the power went.
    pub fn after_crash(&self, seed: u64) -> Self {
        let mut rng = Rng(seed);
        let disk = lock(&self.disk);
        let mut names = disk.durable.clone();
        let kept = rng.below(disk.pending.len() as u64 + 1) as usize;
        for op in &disk.pending[..kept] {
            op.apply(&mut names);
        }
        let fresh = Self::new();
        let mut out = lock(&fresh.disk);
        for (name, inode) in names {
            let bytes = lock(&inode).after_crash(&mut rng);
            let content = Content {
                durable: bytes.clone(),
                current: bytes,
                unsynced: BTreeSet::new(),
            };
            out.current.insert(name, Arc::new(Mutex::new(content)));
        }
        out.durable = out.current.clone();
        drop(out);
        fresh
    }

    /// As if the process had died and the kernel lived: everything written is there.
    pub fn after_kill(&self) -> Self {
        Self {
            disk: Arc::clone(&self.disk),
            faults: Self::new().faults,
        }
    }

    /// Damages bytes on the disk.
    pub fn damage(&self, name: &str, offset: usize, bytes: &[u8]) {
        let disk = lock(&self.disk);
        let mut content = lock(&disk.current[name]);
        content.current[offset..offset + bytes.len()].copy_from_slice(bytes);
        content.durable = content.current.clone();
    }

    pub fn content(&self, name: &str) -> Vec<u8> {
        lock(&lock(&self.disk).current[name]).current.clone()
    }

    pub fn names(&self) -> Vec<String> {
        lock(&self.disk).current.keys().cloned().collect()
    }

    fn change(&self, ops: Vec<FolderOp>) -> io::Result<()> {
        self.faults.change()?;
        let mut disk = lock(&self.disk);
        for op in ops {
            op.apply(&mut disk.current);
            disk.pending.push(op);
        }
        Ok(())
    }
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl Vfs for FaultVfs {
    fn open(&self, name: &str, mode: OpenMode, _direct: bool) -> io::Result<Arc<dyn File>> {
        let found = lock(&self.disk).current.get(name).cloned();
        let inode = match (found, mode) {
            (Some(_), OpenMode::CreateNew) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(inode), _) => inode,
            (None, OpenMode::Existing) => return Err(io::ErrorKind::NotFound.into()),
            (None, _) => {
                let inode = Inode::default();
                self.change(vec![FolderOp::Set(name.to_owned(), Arc::clone(&inode))])?;
                inode
            }
        };
        Ok(Arc::new(FaultFile {
            name: name.to_owned(),
            inode,
            faults: Arc::clone(&self.faults),
        }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        if !lock(&self.disk).current.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change(vec![FolderOp::Remove(name.to_owned())])
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let found = lock(&self.disk).current.get(from).cloned();
        let inode = found.ok_or(io::ErrorKind::NotFound)?;
        self.change(vec![
            FolderOp::Set(to.to_owned(), inode),
            FolderOp::Remove(from.to_owned()),
        ])
    }

    fn list(&self, name: &str) -> io::Result<Vec<String>> {
        let disk = lock(&self.disk);
        let names = disk.current.keys().filter(|path| folder(path) == name);
        Ok(names
            .map(|path| path.rsplit('/').next().unwrap_or(path).to_owned())
            .collect())
    }

    fn create_dir(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn sync_dir(&self, name: &str) -> io::Result<()> {
        self.faults.change()?;
        let mut disk = lock(&self.disk);
        let (synced, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut disk.pending)
            .into_iter()
            .partition(|op| folder(op.name()) == name);
        for op in synced {
            op.apply(&mut disk.durable);
        }
        disk.pending = rest;
        Ok(())
    }

    fn lock(&self, _name: &str) -> io::Result<Box<dyn Send + Sync>> {
        Ok(Box::new(()))
    }

    fn has_atomic_pages(&self) -> bool {
        false
    }
}

impl FaultFile {
    fn grow(&self, size: usize) -> io::Result<()> {
        let mut content = lock(&self.inode);
        if size > content.current.len() {
            if self.faults.is_full.load(Ordering::SeqCst) {
                return Err(io::Error::from_raw_os_error(libc::ENOSPC));
            }
            content.current.resize(size, 0);
        }
        Ok(())
    }
}

impl File for FaultFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let content = lock(&self.inode);
        let start = offset as usize;
        let part = content
            .current
            .get(start..start + buf.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(part);
        Ok(())
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        // The crash may come in the middle: the write is there, unsynced.
        let result = self.faults.change();
        let crashed_before = result.is_err() && self.faults.until_crash.load(Ordering::SeqCst) < -1;
        if crashed_before {
            return result;
        }
        let start = offset as usize;
        self.grow(start + buf.len())?;
        let mut content = lock(&self.inode);
        content.current[start..start + buf.len()].copy_from_slice(buf);
        for sector in start / SECTOR..(start + buf.len()).div_ceil(SECTOR) {
            content.unsynced.insert(sector);
        }
        result
    }

    fn sync(&self) -> io::Result<()> {
        let on_sync = lock(&self.faults.on_sync).take();
        if let Some(on_sync) = on_sync {
            on_sync();
        }
        self.faults.change()?;
        let mut fail = lock(&self.faults.fail_sync_of);
        let mut content = lock(&self.inode);
        if fail
            .as_ref()
            .is_some_and(|name| self.name.starts_with(name))
        {
            *fail = None;
            // The kernel drops the pages' dirty state: they are shown and never written.
            content.unsynced.clear();
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        let Content {
            durable,
            current,
            unsynced,
        } = &mut *content;
        durable.resize(current.len(), 0);
        for sector in std::mem::take(unsynced) {
            let start = sector * SECTOR;
            let end = (start + SECTOR).min(current.len());
            if start < end {
                durable[start..end].copy_from_slice(&current[start..end]);
            }
        }
        Ok(())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(lock(&self.inode).current.len() as u64)
    }

    fn set_size_bytes(&self, size_bytes: u64) -> io::Result<()> {
        self.faults.change()?;
        let mut content = lock(&self.inode);
        content.current.resize(size_bytes as usize, 0);
        let sectors = (size_bytes as usize).div_ceil(SECTOR);
        content.unsynced.retain(|sector| *sector < sectors);
        Ok(())
    }

    fn allocate(&self, size_bytes: u64) -> io::Result<()> {
        self.faults.change()?;
        self.grow(size_bytes as usize)
    }
}
