//! The storage of one data directory: what holds its parts together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::rt::{JoinHandle, Mutex};
use common::vfs::{File, Vfs};
use common::{Error, FileId, Lsn, PageId, Result, Xid};

use crate::ballast::Ballast;
use crate::files::FileSet;
use crate::health::Health;
use crate::hooks::Hooks;
use crate::log::Log;
use crate::mtr::Mtr;
use crate::op_table::OpTable;
use crate::options::{Options, SyncMode, Wait};
use crate::page_ref::{OptimisticPage, PageRef};
use crate::pool::BufferPool;
use crate::read_ahead::{READERS, ReadAhead};
use crate::statistics::{Counters, Statistics};
use crate::writer::{PageWriter, WriterSignal};

/// What recovery found.
#[derive(Clone, Debug, Default)]
pub struct RecoveryInfo {
    /// The directory was made by this open.
    pub is_new: bool,
    /// The last shutdown was clean: nothing was redone.
    pub was_clean: bool,
    /// Position from which pages were redone.
    pub redo: Lsn,
    /// End of the log.
    pub end: Lsn,
    /// Records redone.
    pub records: u64,
    /// Pages that got their copy back from the double-write area.
    pub restored_pages: u32,
    /// Transactions with records since the checkpoint and no end record, ascending. Those that
    /// were quiet since then stand only in the checkpoint payload.
    pub unfinished: Vec<Xid>,
    /// The greatest xid seen in the log since the checkpoint; 0 for none.
    pub greatest_xid: Xid,
    /// Files made by transactions that have not ended. Commit or abort them all.
    pub pending_files: Vec<(Xid, FileId)>,
}

/// What a background thread runs.
type Body = fn(&Storage);

/// One open data directory. All methods may be called from several threads. Who opened it calls
/// [`Storage::close`].
pub struct Storage {
    pub(crate) options: Options,
    pub(crate) ops: OpTable,
    pub(crate) hooks: Arc<dyn Hooks>,
    pub(crate) health: Arc<Health>,
    pub(crate) pool: BufferPool,
    pub(crate) log: Log,
    pub(crate) files: Arc<FileSet>,
    pub(crate) writer: Mutex<PageWriter>,
    pub(crate) writer_signal: WriterSignal,
    pub(crate) read_ahead: ReadAhead,
    pub(crate) counters: Counters,
    pub(crate) ballast: Arc<Ballast>,
    pub(crate) uses_double_write: bool,
    pub(crate) recovering: AtomicBool,
    /// The background threads run; else whoever needs their work does it.
    pub(crate) has_threads: AtomicBool,
    pub(crate) threads: Mutex<Vec<JoinHandle>>,
    /// Positions from which somebody needs the log, by name.
    pub(crate) log_keepers: Mutex<BTreeMap<String, Lsn>>,
    /// The hold on the directory, until closed.
    pub(crate) lock: Mutex<Option<Box<dyn Send + Sync>>>,
}

impl Storage {
    /// Opens the directory, makes it when it is empty, recovers it when it was not closed. A newer
    /// format, another process's lock and damage that recovery cannot mend are errors.
    pub fn open(
        vfs: Arc<dyn Vfs>,
        options: Options,
        ops: OpTable,
        hooks: Arc<dyn Hooks>,
    ) -> Result<(Arc<Storage>, RecoveryInfo)> {
        let has_threads = !options.no_threads;
        let (storage, info) = crate::recovery::open(vfs, options, ops, hooks)?;
        let storage = Arc::new(storage);
        if has_threads {
            storage.start_threads()?;
        } else {
            storage.log.prepare_next();
        }
        Ok((storage, info))
    }

    fn start_threads(self: &Arc<Self>) -> Result<()> {
        let mut threads = self.threads.lock();
        let reader: (&str, Body) = ("page-reader", Storage::run_reader);
        let bodies: [(&str, Body); 3] = [
            ("log-flusher", |storage| storage.log.run_flusher()),
            ("log-preparer", |storage| storage.log.run_preparer()),
            ("page-writer", Storage::run_writer),
        ];
        for (name, body) in bodies.into_iter().chain([reader; READERS]) {
            let storage = Arc::clone(self);
            let thread = common::rt::spawn(name, move || storage.run_guarded(name, body))
                .map_err(|error| Error::io(format!("could not start thread {name}"), &error));
            match thread {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    drop(threads);
                    self.abandon();
                    return Err(error);
                }
            }
        }
        self.has_threads.store(true, Ordering::Release);
        drop(threads);
        self.log.prepare_next();
        Ok(())
    }

    /// A panic in a background thread breaks the engine: nobody may wait for it for ever.
    fn run_guarded(&self, name: &str, body: Body) {
        let run = std::panic::AssertUnwindSafe(|| body(self));
        if std::panic::catch_unwind(run).is_err() {
            self.health
                .break_engine(Error::internal(format!("the thread {name} panicked")));
            self.log.fail_waiters();
            self.writer_signal.fail_waiters();
            self.pool.ring_clean();
        }
    }

    /// Writes all that is dirty, ends the threads, releases the directory. Idempotent. Nobody may
    /// hold pages or mini-transactions any more.
    pub fn close(&self) -> Result<()> {
        if self.lock.lock().is_none() {
            return Ok(());
        }
        self.stop_threads();
        let result = match self.health.is_good() {
            true => self.checkpoint_now(),
            false => Ok(()),
        };
        self.abandon();
        result
    }

    /// Ends the threads and releases the directory without writing anything more, as if the process
    /// had died. To open the directory again is to recover.
    pub fn abandon(&self) {
        self.health
            .fail_writes(Error::internal("the storage is closed"));
        self.stop_threads();
        self.log.fail_waiters();
        *self.lock.lock() = None;
    }

    fn stop_threads(&self) {
        // From now on who needs a clean frame makes it.
        self.has_threads.store(false, Ordering::Release);
        self.writer_signal.close();
        self.read_ahead.close();
        self.log.stop_threads();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            thread.join();
        }
    }

    /// Starts a mini-transaction that waits where it must.
    #[inline]
    pub fn begin(&self) -> Mtr<'_> {
        Mtr::new(self, Wait::Block, false)
    }

    /// Starts a mini-transaction whose `allocate` and `commit` wait as told.
    #[inline]
    pub fn begin_with(&self, wait: Wait) -> Mtr<'_> {
        Mtr::new(self, wait, false)
    }

    /// Starts one that may use the last reserves of disk space: rollback, purge, checkpoint.
    pub fn begin_privileged(&self) -> Mtr<'_> {
        Mtr::new(self, Wait::Block, true)
    }

    /// Pins a page, reading it when it is not in the pool. [`Storage::read`] is cheaper where the
    /// latch is wanted anyway.
    #[inline]
    pub fn page(&self, id: PageId, wait: Wait) -> Result<PageRef<'_>> {
        let frame = self.fetch(id, wait)?;
        Ok(PageRef::new(&self.pool, frame, id))
    }

    /// Optimistic read without pin: None when the page is not in the pool or a writer came between.
    #[inline]
    pub fn read_optimistic<R>(
        &self,
        id: PageId,
        read: impl FnOnce(&OptimisticPage<'_>) -> Option<R>,
    ) -> Option<R> {
        let frame = self.pool.find(id)?;
        let page = OptimisticPage::new(&self.pool, frame, id)?;
        self.pool.frame(frame).touch();
        page.run(read)
    }

    /// Whether the page is in the pool now.
    pub fn is_resident(&self, id: PageId) -> bool {
        self.pool.find(id).is_some()
    }

    /// Has the pages read into the pool by background threads. A hint: when it has much to do, or
    /// there is none, nothing happens.
    pub fn prefetch(&self, ids: &[PageId]) {
        if self.has_threads.load(Ordering::Relaxed) {
            let missing = ids.iter().filter(|id| self.pool.find(**id).is_none());
            self.read_ahead.push(missing.copied());
        }
    }

    /// Pages that were read from the disk since the storage was opened.
    pub fn pages_read(&self) -> u64 {
        self.counters.pages_read.load(Ordering::Relaxed)
    }

    pub fn statistics(&self) -> Statistics {
        self.counters.read(&self.pool, &self.log)
    }

    /// Whether this process still acknowledges writes; the reason when not.
    pub fn health(&self) -> Result<()> {
        self.health.check_writes()
    }

    /// Memory may be half changed: nothing is read or written any more.
    pub fn is_broken(&self) -> bool {
        self.health.is_broken()
    }

    pub(crate) fn is_recovering(&self) -> bool {
        self.recovering.load(Ordering::Relaxed)
    }

    /// Syncs unless the mode says that nothing is.
    pub(crate) fn sync_file(&self, file: &Arc<dyn File>) -> std::io::Result<()> {
        match self.options.sync {
            SyncMode::Off => Ok(()),
            _ => file.sync(),
        }
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage")
            .field("log_end", &self.log_end())
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
