//! The newest published version of the catalog, and how commits change it.
//!
//! Invariant: the version changes only when a transaction with DDL is published, before its locks
//! go, so whoever waited for such a lock finds the new version.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalog::Catalog;
use common::rt::{Mutex, RwLock};
use common::{FileId, Lsn, Result, Xid, bail, sqlstate};
use storage::{CommitInfo, EndKind, Hooks, RecordKind, RecoveredRecord};
use txn::TxnManager;

use crate::session::PendingCatalogs;
use crate::stream::StreamHub;

/// Kind of the log's message that names the catalog's file. Body: its number, u32.
pub const MESSAGE_CATALOG_FILE: u8 = 0x40;

pub struct CatalogCell {
    current: RwLock<Arc<Catalog>>,
    /// The version of `current`, to look at without its lock; changes under it.
    version: AtomicU64,
    pending: Arc<PendingCatalogs>,
    /// Files that no transaction to come needs, and the publish number from which on.
    garbage: Mutex<Vec<(Lsn, FileId)>>,
    file: Mutex<Option<FileId>>,
}

impl CatalogCell {
    pub fn new() -> Self {
        Self {
            current: RwLock::new(Arc::new(Catalog::default())),
            version: AtomicU64::new(Catalog::default().version()),
            pending: Arc::new(PendingCatalogs::default()),
            garbage: Mutex::new(Vec::new()),
            file: Mutex::new(None),
        }
    }

    pub fn current(&self) -> Arc<Catalog> {
        self.current.read().clone()
    }

    /// Looks something up in the newest version.
    pub fn with_current<R>(&self, look: impl FnOnce(&Catalog) -> R) -> R {
        look(&self.current.read())
    }

    #[inline]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub fn set(&self, catalog: Catalog) {
        let mut current = self.current.write();
        self.version.store(catalog.version(), Ordering::Release);
        *current = Arc::new(catalog);
    }

    pub fn pending(&self) -> &Arc<PendingCatalogs> {
        &self.pending
    }

    /// The file of the catalog's table, once it is known.
    pub fn file(&self) -> Option<FileId> {
        *self.file.lock()
    }

    pub fn set_file(&self, file: FileId) {
        *self.file.lock() = Some(file);
    }

    /// Files dropped by commits that every snapshot from `oldest` on sees.
    pub fn take_garbage(&self, oldest: Lsn) -> Vec<FileId> {
        let mut garbage = self.garbage.lock();
        let (now, later) = std::mem::take(&mut *garbage)
            .into_iter()
            .partition(|g| g.0 <= oldest);
        *garbage = later;
        now.into_iter().map(|(_, file)| file).collect()
    }

    /// How many dropped files wait to be removed.
    pub fn garbage_len(&self) -> usize {
        self.garbage.lock().len()
    }

    fn publish(&self, xid: Xid, lsn: Lsn) {
        let Some(pending) = self.pending.take(xid) else {
            return;
        };
        if !pending.changes.is_empty() {
            let mut current = self.current.write();
            Arc::make_mut(&mut current).apply(&pending.changes);
            self.version.store(current.version(), Ordering::Release);
        }
        let dropped = pending.dropped_files.into_iter().map(|file| (lsn, file));
        self.garbage.lock().extend(dropped);
    }
}

/// The storage's hooks: the transaction layer's, the catalog's in front of them, the streams' behind.
pub struct EngineHooks {
    pub txns: Arc<TxnManager>,
    pub catalog: Arc<CatalogCell>,
    pub streams: Arc<StreamHub>,
}

impl Hooks for EngineHooks {
    fn publish(&self, ended: &[CommitInfo]) {
        for info in ended {
            if info.kind == EndKind::Commit {
                self.catalog.publish(info.xid, info.lsn);
            }
        }
        self.txns.publish(ended);
        for info in ended {
            if info.kind == EndKind::Commit {
                self.streams.publish(info.xid, info.lsn);
            }
        }
    }

    fn checkpoint_payload(&self) -> Vec<u8> {
        let file = self.catalog.file().unwrap_or_default();
        let mut payload = file.0.to_le_bytes().to_vec();
        payload.extend(self.txns.checkpoint_payload());
        payload
    }

    fn recovery_begin(&self, payload: &[u8]) -> Result<()> {
        if payload.is_empty() {
            return self.txns.recovery_begin(payload);
        }
        let Some((file, rest)) = payload.split_first_chunk::<4>() else {
            bail!(
                sqlstate::DATA_CORRUPTED,
                "a checkpoint's payload is cut short"
            );
        };
        let file = u32::from_le_bytes(*file);
        if file != 0 {
            self.catalog.set_file(FileId(file));
        }
        self.txns.recovery_begin(rest)
    }

    fn recovered(&self, record: &RecoveredRecord<'_>) -> Result<()> {
        if record.kind == RecordKind::Message(MESSAGE_CATALOG_FILE) {
            let Some(file) = record.body.first_chunk::<4>() else {
                bail!(sqlstate::DATA_CORRUPTED, "a record of the log is cut short");
            };
            self.catalog.set_file(FileId(u32::from_le_bytes(*file)));
            return Ok(());
        }
        self.txns.recovered(record)
    }
}
