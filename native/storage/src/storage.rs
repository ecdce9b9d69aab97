//! The storage of one data directory: what holds its parts together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::rt::{JoinHandle, Mutex};
use common::vfs::{File, Vfs};
use common::{Error, FileId, Lsn, PageId, PageNo, Result, Xid};

use crate::ballast::Ballast;
use crate::files::{FIRST_TEMPORARY, FileKind, FileSet};
use crate::health::Health;
use crate::hooks::{EndKind, Hooks, RecordKind};
use crate::log::{Append, Log, LogCursor};
use crate::mtr::Mtr;
use crate::op_table::OpTable;
use crate::options::{Options, SyncMode, Wait};
use crate::page_ref::{OptimisticPage, PageRef};
use crate::pool::BufferPool;
use crate::read_ahead::ReadAhead;
use crate::statistics::{Counters, Statistics};
use crate::writer::{PageWriter, WriterSignal};

/// How a commit is made durable and visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The flusher is woken at once; for [`Storage::on_durable`].
    Full,
    /// The caller calls [`Storage::wait`] next and may flush by itself: no thread is woken.
    FullWaiting,
    /// Published at once with all before it; durable soon.
    Asynchronous,
}

/// The end of a transaction.
#[derive(Clone, Copy, Debug)]
pub struct CommitRequest<'a> {
    pub xid: Xid,
    pub kind: EndKind,
    /// The transaction layer's: given back to [`Hooks`].
    pub body: &'a [u8],
    /// Files that go if this is a commit: the caller calls [`Storage::remove_file`] once no
    /// snapshot needs them; after a crash recovery does. Files made by the transaction stay on
    /// commit and are removed by the storage on abort.
    pub dropped_files: &'a [FileId],
    pub durability: Durability,
}

/// Stands for a commit that is on its way: its position in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub Lsn);

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

/// What [`Storage::verify_file`] found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// Pages up to the high-water mark.
    pub pages: u64,
    pub allocated: u64,
    /// What is wrong, one line each, at most 100.
    pub problems: Vec<String>,
}

/// Rounds of writing and retiring frames before a shrink gives up.
const SHRINK_ROUNDS_MAX: u32 = 1000;

/// What a background thread runs.
type Body = fn(&Storage);

/// Holders of old log at most.
const LOG_KEEPERS_MAX: usize = 1024;

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
        let bodies: [(&str, Body); 4] = [
            ("log-flusher", |storage| storage.log.run_flusher()),
            ("log-preparer", |storage| storage.log.run_preparer()),
            ("page-writer", Storage::run_writer),
            ("page-reader", Storage::run_reader),
        ];
        for (name, body) in bodies {
            let storage = Arc::clone(self);
            let thread = common::rt::spawn(name, move || body(&storage))
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
        self.writer_signal.close();
        self.read_ahead.close();
        self.log.stop_threads();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            thread.join();
        }
        self.has_threads.store(false, Ordering::Release);
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

    /// Has the pages read into the pool by a background thread. A hint: when it has much to do, or
    /// there is none, nothing happens.
    pub fn prefetch(&self, ids: &[PageId]) {
        if self.has_threads.load(Ordering::Relaxed) {
            let missing = ids.iter().filter(|id| self.pool.find(**id).is_none());
            self.read_ahead.push(missing.copied());
        }
    }

    /// Makes a file. `xid` 0: it stays whatever happens. Waits for the disk.
    pub fn create_file(&self, xid: Xid, kind: FileKind) -> Result<FileId> {
        self.health.check_writes()?;
        let id = self.files.next_id(kind)?;
        self.files.create(id, kind)?;
        if kind == FileKind::Temporary {
            return Ok(id);
        }
        self.files.pending.lock().create(xid, id);
        let mut body = [0; 5];
        body[..4].copy_from_slice(&id.0.to_le_bytes());
        body[4] = kind.to_byte();
        self.log.append(
            xid,
            RecordKind::FileCreate,
            &[&body],
            Append::BLOCK,
            |_, _| {},
        )?;
        Ok(id)
    }

    /// Removes a file and its pages in the pool at once; nobody may use it any more. Repeatable.
    /// Waits for the disk.
    pub fn remove_file(&self, file: FileId) -> Result<()> {
        if !self.files.exists(file) {
            self.files.pending.lock().dropped(file);
            return Ok(());
        }
        if file.0 < FIRST_TEMPORARY {
            let body = file.0.to_le_bytes();
            let kind = RecordKind::FileDrop;
            let lsn = self
                .log
                .append(Xid(0), kind, &[&body], Append::BLOCK, |_, _| {})?;
            // Before the file goes: else redo could miss it.
            self.log.flush_to(lsn)?;
        }
        let writer = self.writer.lock();
        self.pool.discard(|page| page.file == file);
        self.files.remove(file)?;
        drop(writer);
        self.files.pending.lock().dropped(file);
        Ok(())
    }

    /// Removes the files that aborted transactions left.
    pub(crate) fn remove_left_files(&self) -> Result<()> {
        let left = std::mem::take(&mut *self.files.removals.lock());
        for file in left {
            self.remove_file(file)?;
        }
        Ok(())
    }

    pub fn file_exists(&self, file: FileId) -> bool {
        self.files.exists(file)
    }

    /// All files, ascending.
    pub fn file_ids(&self) -> Vec<FileId> {
        self.files.ids()
    }

    /// Pages of the file up to its high-water mark, its map page included.
    pub fn file_pages(&self, file: FileId) -> Result<u32> {
        self.files
            .get(file)?
            .high_water(&mut |id| Ok(self.read(id, Wait::Block)?.to_vec()))
    }

    /// Bytes of the file on disk.
    pub fn file_size_bytes(&self, file: FileId) -> Result<u64> {
        let pages = self.files.get(file)?.size_pages();
        Ok(u64::from(pages) * common::limits::PAGE_SIZE as u64)
    }

    /// Appends a record of another crate (`kind` 0 to 127): given to [`Hooks::recovered`].
    pub fn log_message(&self, xid: Xid, kind: u8, body: &[u8]) -> Result<Lsn> {
        assert!(kind < 128, "kinds of messages are 0 to 127");
        let kind = RecordKind::Message(kind);
        self.log
            .append(xid, kind, &[body], Append::BLOCK, |_, _| {})
    }

    /// Appends the end of a transaction and queues it for publishing, in log order. After it
    /// nothing may fail or be cancelled: an error means the log took nothing.
    pub fn commit(&self, request: CommitRequest<'_>) -> Result<Ticket> {
        let dropped = match request.kind {
            EndKind::Commit => request.dropped_files,
            EndKind::Abort => &[],
        };
        self.log
            .append_end(
                request.xid,
                request.kind,
                request.body,
                dropped,
                request.durability,
            )
            .map(Ticket)
    }

    /// Waits until the commit is durable and published. Hold no latch, nor a lock that
    /// [`Hooks::publish`] takes: this thread may be the one that publishes.
    pub fn wait(&self, ticket: Ticket) -> Result<()> {
        self.log.wait_published(ticket.0)
    }

    /// Whether the commit is durable and published.
    pub fn is_published(&self, ticket: Ticket) -> bool {
        self.log.is_published(ticket.0)
    }

    /// Runs `callback` once, after publish, on the flusher's thread or at once on this one; with an
    /// error if the log failed. It must be short and wait for nothing.
    pub fn on_durable(&self, ticket: Ticket, callback: Box<dyn FnOnce(Result<()>) + Send>) {
        self.log.on_published(ticket.0, callback);
    }

    /// Waits until the log is durable up to and with the record at `lsn`.
    pub fn flush(&self, lsn: Lsn) -> Result<()> {
        self.log.flush_to(lsn)
    }

    /// Position behind the last record appended.
    pub fn log_end(&self) -> Lsn {
        Lsn(self.log.tail())
    }

    /// Keeps the log from `lsn` on (feed, slots, backup), one position a `name`; None lets go.
    pub fn keep_log(&self, name: &str, lsn: Option<Lsn>) -> Result<()> {
        let mut keepers = self.log_keepers.lock();
        match lsn {
            None => {
                keepers.remove(name);
            }
            Some(_) if keepers.len() >= LOG_KEEPERS_MAX && !keepers.contains_key(name) => {
                return Err(Error::new(
                    common::sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                    "too many holders of old log",
                ));
            }
            Some(lsn) => {
                keepers.insert(name.to_owned(), lsn);
            }
        }
        Ok(())
    }

    /// Gives up log segments that neither redo nor a holder needs.
    pub(crate) fn retire_log(&self, redo: Lsn) -> Result<()> {
        let least = self.log_keepers.lock().values().min().copied();
        let keep = least.map_or(redo, |least| least.min(redo));
        let size = self.log.segments().size_bytes();
        self.log
            .segments()
            .retire(
                keep.0 / size,
                self.log.tail() / size,
                u64::from(self.options.wal_spare_segments),
            )
            .map_err(|error| Error::io("could not recycle log segments", &error))?;
        // Space may be free again; if not, the next checkpoint tries once more.
        if self.ballast.hold().is_ok() {
            self.log.prepare_next();
        }
        Ok(())
    }

    /// Makes a checkpoint now, unpaced, and waits for it.
    pub fn checkpoint(&self) -> Result<()> {
        self.health.check_writes()?;
        if !self.has_threads.load(Ordering::Acquire) {
            return self.checkpoint_now();
        }
        self.writer_signal.await_checkpoint();
        self.health.check_writes()
    }

    pub(crate) fn checkpoint_now(&self) -> Result<()> {
        self.remove_left_files()?;
        {
            let mut writer = self.writer.lock();
            while !writer.step_checkpoint(self)? {}
            writer.begin_checkpoint(self)?;
        }
        // One batch a hold, so that others get at the writer's mutex.
        while !self.writer.lock().step_checkpoint(self)? {}
        Ok(())
    }

    /// Changes the pool's size within the reserved range, in whole pages, at least 64. Pages that
    /// stay pinned in what is to go make it an error, and the size stays.
    pub fn resize_pool(&self, size_bytes: u64) -> Result<()> {
        let frames = (size_bytes / common::limits::PAGE_SIZE as u64).max(64) as usize;
        if frames >= self.pool.frames().len() {
            return self.pool.grow(frames);
        }
        self.pool.start_shrink(frames);
        for _ in 0..SHRINK_ROUNDS_MAX {
            if self.pool.retire_clean() {
                return Ok(());
            }
            self.health.check_writes()?;
            self.writer.lock().write_beyond(self, frames)?;
            common::rt::yield_now();
        }
        self.pool.cancel_shrink();
        Err(Error::new(
            common::sqlstate::OBJECT_IN_USE,
            "the buffer pool cannot shrink: pages in it stay in use",
        ))
    }

    /// Reads the log from the record at `from` on, as far as it is durable: for the change feed. Let
    /// [`Storage::keep_log`] hold it first.
    pub fn read_log(&self, from: Lsn) -> LogCursor<'_> {
        LogCursor::new(&self.log, from)
    }

    /// Reads every allocated page of the file and checks checksum and identity.
    pub fn verify_file(&self, file: FileId) -> Result<VerifyReport> {
        const PROBLEMS_MAX: usize = 100;
        let data = self.files.get(file)?;
        let pages = self.file_pages(file)?;
        let mut report = VerifyReport {
            pages: u64::from(pages),
            ..VerifyReport::default()
        };
        let mut read_map = |id| Ok(self.read(id, Wait::Block)?.to_vec());
        for no in 0..pages {
            if !data.is_taken(no, &mut read_map)? {
                continue;
            }
            report.allocated += 1;
            let id = PageId {
                file,
                no: PageNo(no),
            };
            let problem = match self.read(id, Wait::Block) {
                Err(error) => Some(error.to_string()),
                Ok(page) => {
                    let own = crate::page_header::id(&page);
                    let is_blank = crate::page_header::lsn_u64(&page) == 0;
                    (own != id && !is_blank).then(|| format!("{id} says it is {own}"))
                }
            };
            if report.problems.len() < PROBLEMS_MAX {
                report.problems.extend(problem);
            }
        }
        Ok(report)
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
