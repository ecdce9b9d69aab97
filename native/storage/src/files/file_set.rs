//! All files of the directory, who made them and which must go.
//!
//! A file's number is given once. Numbers from [`FIRST_TEMPORARY`] on are temporary files: unlogged,
//! gone after a restart, and so told from the number alone. A file that a transaction makes is
//! *pending* until the end of the transaction is published; one that a commit drops, or an abort
//! leaves behind, stands in `drops` until its removal is in the log. Both lists are in each
//! checkpoint, so no crash leaves an orphan.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use common::rt::{Mutex, RwLock};
use common::vfs::{OpenMode, Vfs};
use common::{Error, FileId, Result, Xid, sqlstate};
use hashbrown::HashMap;

use super::data_file::DataFile;
use super::open_files::OpenFiles;
use crate::hooks::EndKind;
use crate::log::Ended;
use crate::log::record::{u32_at, u64_at};

/// What a file holds; decides its folder and whether it is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A table or an index: `data/`.
    Data,
    /// Undo: `undo/`.
    Undo,
    /// Changes are not logged and the file is gone after a restart: `tmp/`.
    Temporary,
}

/// Numbers from here on are temporary files.
pub const FIRST_TEMPORARY: u32 = 1 << 31;

impl FileKind {
    pub fn of(id: FileId, byte: u8) -> Option<Self> {
        match byte {
            _ if id.0 >= FIRST_TEMPORARY => Some(Self::Temporary),
            0 => Some(Self::Data),
            1 => Some(Self::Undo),
            _ => None,
        }
    }

    pub fn to_byte(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Undo => 1,
            Self::Temporary => 2,
        }
    }

    pub fn folder(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Undo => "undo",
            Self::Temporary => "tmp",
        }
    }
}

/// Files whose fate is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingFiles {
    /// Made by transactions that have not ended.
    pub creates: BTreeMap<Xid, Vec<FileId>>,
    /// To be removed: dropped by a commit or left by an abort.
    pub drops: BTreeSet<FileId>,
}

impl PendingFiles {
    /// What the end of a transaction means for them; repeatable.
    pub fn end(&mut self, xid: Xid, kind: EndKind, dropped: &[FileId]) -> Vec<FileId> {
        let created = self.creates.remove(&xid).unwrap_or_default();
        self.drops.extend(dropped);
        if kind == EndKind::Commit {
            return Vec::new();
        }
        self.drops.extend(&created);
        created
    }

    pub fn create(&mut self, xid: Xid, file: FileId) {
        if xid.0 != 0 {
            let files = self.creates.entry(xid).or_default();
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }

    pub fn dropped(&mut self, file: FileId) {
        self.drops.remove(&file);
        self.creates.retain(|_, files| {
            files.retain(|f| *f != file);
            !files.is_empty()
        });
    }

    /// For the checkpoint's begin record.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let creates = self.creates.values().map(Vec::len).sum::<usize>() as u32;
        out.extend_from_slice(&creates.to_le_bytes());
        for (xid, files) in &self.creates {
            for file in files {
                out.extend_from_slice(&xid.0.to_le_bytes());
                out.extend_from_slice(&file.0.to_le_bytes());
            }
        }
        out.extend_from_slice(&(self.drops.len() as u32).to_le_bytes());
        for file in &self.drops {
            out.extend_from_slice(&file.0.to_le_bytes());
        }
    }

    /// Reads what [`PendingFiles::encode`] wrote and answers the rest.
    pub fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut pending = Self::default();
        let (count, rest) = bytes.split_at_checked(4)?;
        let (creates, rest) = rest.split_at_checked(u32_at(count, 0) as usize * 12)?;
        for create in creates.chunks_exact(12) {
            pending.create(Xid(u64_at(create, 0)), FileId(u32_at(create, 8)));
        }
        let (count, rest) = rest.split_at_checked(4)?;
        let (drops, rest) = rest.split_at_checked(u32_at(count, 0) as usize * 4)?;
        pending
            .drops
            .extend(drops.chunks_exact(4).map(|file| FileId(u32_at(file, 0))));
        Some((pending, rest))
    }
}

enum Entry {
    Closed(FileKind),
    Open(Arc<DataFile>),
}

pub struct FileSet {
    vfs: Arc<dyn Vfs>,
    open_files: Arc<OpenFiles>,
    files: RwLock<HashMap<FileId, Entry>>,
    next: AtomicU32,
    next_temporary: AtomicU32,
    pub pending: Mutex<PendingFiles>,
    /// Left by aborts: the background writer removes them.
    pub removals: Mutex<Vec<FileId>>,
    /// A file was made or removed since the folders were synced.
    is_changed: AtomicBool,
}

impl FileSet {
    /// Looks what there is; temporary files of an earlier life are removed.
    pub fn open(vfs: Arc<dyn Vfs>, open_max: usize) -> io::Result<Self> {
        let mut files = HashMap::new();
        for kind in [FileKind::Data, FileKind::Undo, FileKind::Temporary] {
            let folder = kind.folder();
            vfs.create_dir(folder)?;
            for name in vfs.list(folder)? {
                if kind == FileKind::Temporary {
                    vfs.remove(&format!("{folder}/{name}"))?;
                } else if let Ok(number) = name.parse() {
                    files.insert(FileId(number), Entry::Closed(kind));
                }
            }
        }
        Ok(Self {
            open_files: Arc::new(OpenFiles::new(Arc::clone(&vfs), open_max)),
            vfs,
            files: RwLock::new(files),
            next: AtomicU32::new(1),
            next_temporary: AtomicU32::new(FIRST_TEMPORARY),
            pending: Mutex::new(PendingFiles::default()),
            removals: Mutex::new(Vec::new()),
            is_changed: AtomicBool::new(true),
        })
    }

    /// The file, opened if it is not.
    pub fn get(&self, id: FileId) -> Result<Arc<DataFile>> {
        match self.files.read().get(&id) {
            Some(Entry::Open(file)) => return Ok(Arc::clone(file)),
            Some(Entry::Closed(_)) => {}
            None => return Err(missing(id)),
        }
        let mut files = self.files.write();
        let entry = files.get_mut(&id).ok_or_else(|| missing(id))?;
        let kind = match entry {
            Entry::Open(file) => return Ok(Arc::clone(file)),
            Entry::Closed(kind) => *kind,
        };
        let file = self.open_file(id, kind, OpenMode::Existing)?;
        *entry = Entry::Open(Arc::clone(&file));
        Ok(file)
    }

    pub fn exists(&self, id: FileId) -> bool {
        self.files.read().contains_key(&id)
    }

    /// All numbers there are, ascending.
    pub fn ids(&self) -> Vec<FileId> {
        let mut ids: Vec<FileId> = self.files.read().keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    fn open_file(&self, id: FileId, kind: FileKind, mode: OpenMode) -> Result<Arc<DataFile>> {
        let path = format!("{}/{id}", kind.folder());
        DataFile::open(id, path, mode, &self.open_files)
    }

    /// A number for a new file.
    pub fn next_id(&self, kind: FileKind) -> Result<FileId> {
        let (next, end) = match kind {
            FileKind::Temporary => (&self.next_temporary, u32::MAX),
            _ => (&self.next, FIRST_TEMPORARY),
        };
        next.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| {
            (n < end).then_some(n + 1)
        })
        .map(FileId)
        .map_err(|_| {
            Error::new(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "there are no file numbers left",
            )
        })
    }

    /// The number after the greatest that may be in use.
    pub fn next(&self) -> u32 {
        self.next.load(Ordering::SeqCst)
    }

    pub fn raise_next(&self, next: u32) {
        self.next.fetch_max(next, Ordering::SeqCst);
    }

    /// Makes the file on disk, or finds it there.
    pub fn create(&self, id: FileId, kind: FileKind) -> Result<Arc<DataFile>> {
        let file = self.open_file(id, kind, OpenMode::Create)?;
        self.is_changed.store(true, Ordering::SeqCst);
        self.files
            .write()
            .insert(id, Entry::Open(Arc::clone(&file)));
        Ok(file)
    }

    /// Removes the file from disk; no error when there is none.
    pub fn remove(&self, id: FileId) -> Result<()> {
        self.detach(id)
            .map_or(Ok(()), |path| self.remove_detached(&path))
    }

    /// Takes the file out of the set, so that nobody opens it any more: its path, for
    /// [`FileSet::remove_detached`]. None when there is none.
    pub fn detach(&self, id: FileId) -> Option<String> {
        Some(match self.files.write().remove(&id)? {
            Entry::Open(file) => file.path.clone(),
            Entry::Closed(kind) => format!("{}/{id}", kind.folder()),
        })
    }

    /// Removes a file from disk; no error when there is none.
    pub fn remove_detached(&self, path: &str) -> Result<()> {
        self.is_changed.store(true, Ordering::SeqCst);
        match self.vfs.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(
                format!("could not remove file \"{path}\""),
                &error,
            )),
            _ => Ok(()),
        }
    }

    /// Makes what was made and removed since the last call durable.
    pub fn sync_folders(&self) -> io::Result<()> {
        if self.is_changed.swap(false, Ordering::SeqCst) {
            self.vfs.sync_dir("data")?;
            self.vfs.sync_dir("undo")?;
        }
        Ok(())
    }

    /// What the publishing of `group` means for files.
    pub fn publish(&self, group: &[Ended]) {
        let mut pending = self.pending.lock();
        for ended in group {
            let info = &ended.info;
            let left = pending.end(info.xid, info.kind, &ended.dropped_files);
            if !left.is_empty() {
                self.removals.lock().extend(left);
            }
        }
    }
}

fn missing(id: FileId) -> Error {
    Error::new(
        sqlstate::UNDEFINED_FILE,
        format!("could not open file {id}: No such file or directory"),
    )
}
