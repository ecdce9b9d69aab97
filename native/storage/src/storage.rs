//! The storage of one data directory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::vfs::Vfs;
use common::{Error, FileId, Lsn, PageId, Result, Xid};

use crate::hooks::{EndKind, Hooks};
use crate::mtr::Mtr;
use crate::op_table::OpTable;
use crate::options::{Options, Wait};
use crate::page_ref::{OptimisticPage, PageRef};

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
    /// Transactions with records since the checkpoint and no end record, ascending. Those that
    /// were quiet since then stand only in the checkpoint payload.
    pub unfinished: Vec<Xid>,
    /// The greatest xid seen in the log since the checkpoint; 0 for none.
    pub greatest_xid: Xid,
    /// Files made by transactions that have not ended.
    pub pending_files: Vec<(Xid, FileId)>,
}

/// Counters since open, and gauges.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statistics {
    pub pool_frames: u64,
    pub pool_free: u64,
    pub pool_dirty: u64,
    pub pool_hits_sampled: u64,
    pub pool_misses: u64,
    pub pool_evictions: u64,
    pub pages_read: u64,
    pub pages_written: u64,
    pub double_writes: u64,
    pub log_bytes: u64,
    pub log_records: u64,
    pub log_writes: u64,
    pub log_syncs: u64,
    pub commits_published: u64,
    /// Commits of the largest group published at once.
    pub commit_group_max: u64,
    pub checkpoints: u64,
    pub log_end: Lsn,
    pub log_durable: Lsn,
    pub redo: Lsn,
}

/// What [`Storage::verify_file`] found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    pub pages: u64,
    pub allocated: u64,
    /// What is wrong, one line each, at most 100.
    pub problems: Vec<String>,
}

/// One open data directory. All methods may be called from several threads.
pub struct Storage {
    broken: AtomicBool,
}

impl Storage {
    /// Opens the directory, makes it when it is empty, recovers it when it was not closed. A newer
    /// format, another process's lock and damage that recovery cannot mend are errors.
    pub fn open(
        _vfs: Arc<dyn Vfs>,
        _options: Options,
        _ops: OpTable,
        _hooks: Arc<dyn Hooks>,
    ) -> Result<(Arc<Storage>, RecoveryInfo)> {
        Err(Error::not_implemented("the storage"))
    }

    /// Writes all that is dirty, ends the threads, releases the directory. Idempotent.
    pub fn close(&self) -> Result<()> {
        Ok(())
    }

    /// Starts a mini-transaction that waits where it must.
    pub fn begin(&self) -> Mtr<'_> {
        Mtr::new(self, Wait::Block)
    }

    /// Starts a mini-transaction whose `allocate` and `commit` wait as told.
    pub fn begin_with(&self, wait: Wait) -> Mtr<'_> {
        Mtr::new(self, wait)
    }

    /// Starts one that may use the last reserves of disk space: rollback, purge, checkpoint.
    pub fn begin_privileged(&self) -> Mtr<'_> {
        Mtr::new(self, Wait::Block)
    }

    /// Pins a page, reading it when it is not in the pool.
    pub fn page(&self, _id: PageId, _wait: Wait) -> Result<PageRef<'_>> {
        Err(Error::not_implemented("the buffer pool"))
    }

    /// Optimistic read without pin: None when the page is not in the pool or a writer came between.
    pub fn read_optimistic<R>(
        &self,
        _id: PageId,
        _read: impl FnOnce(&OptimisticPage<'_>) -> Option<R>,
    ) -> Option<R> {
        None
    }

    /// Asks for pages to be read soon. A hint: may do nothing.
    pub fn prefetch(&self, _ids: &[PageId]) {}

    /// Makes a file with an empty map page. `xid` 0: it stays whatever happens. Waits for the disk.
    pub fn create_file(&self, _xid: Xid, _kind: FileKind) -> Result<FileId> {
        Err(Error::not_implemented("files"))
    }

    /// Removes a file and its pages in the pool at once; nobody may use it any more. Repeatable.
    pub fn remove_file(&self, _file: FileId) -> Result<()> {
        Err(Error::not_implemented("files"))
    }

    /// Pages of the file up to its high-water mark.
    pub fn file_pages(&self, _file: FileId) -> Result<u32> {
        Err(Error::not_implemented("files"))
    }

    /// Appends a record of another crate (`kind` 0 to 127): given to [`Hooks::recovered`].
    pub fn log_message(&self, _xid: Xid, _kind: u8, _body: &[u8]) -> Result<Lsn> {
        Err(Error::not_implemented("the log"))
    }

    /// Appends the end of a transaction and queues it for publishing, in log order. After it
    /// nothing may fail or be cancelled: an error means the log took nothing.
    pub fn commit(&self, _request: CommitRequest<'_>) -> Result<Ticket> {
        Err(Error::not_implemented("the log"))
    }

    /// Waits until the commit is durable and published. Hold no latch.
    pub fn wait(&self, _ticket: Ticket) -> Result<()> {
        Err(Error::not_implemented("the log"))
    }

    /// Whether the commit is durable and published.
    pub fn is_published(&self, _ticket: Ticket) -> bool {
        false
    }

    /// Runs `callback` once, after publish, on the flusher's thread or at once on this one; with an
    /// error if the log failed. It must be short and wait for nothing.
    pub fn on_durable(&self, _ticket: Ticket, callback: Box<dyn FnOnce(Result<()>) + Send>) {
        callback(Err(Error::not_implemented("the log")));
    }

    /// Waits until the log is durable up to and with the record at `lsn`.
    pub fn flush(&self, _lsn: Lsn) -> Result<()> {
        Err(Error::not_implemented("the log"))
    }

    /// Position behind the last record appended.
    pub fn log_end(&self) -> Lsn {
        Lsn(0)
    }

    /// Keeps the log from `lsn` on (feed, slots, backup); `name` one holder each.
    pub fn keep_log(&self, _name: &str, _lsn: Option<Lsn>) {}

    /// Makes a checkpoint now, unpaced, and waits for it.
    pub fn checkpoint(&self) -> Result<()> {
        Err(Error::not_implemented("checkpoints"))
    }

    /// Changes the pool's size within the reserved range.
    pub fn resize_pool(&self, _size_bytes: u64) -> Result<()> {
        Err(Error::not_implemented("resizing the pool"))
    }

    /// Reads every allocated page of the file and checks checksum and identity.
    pub fn verify_file(&self, _file: FileId) -> Result<VerifyReport> {
        Err(Error::not_implemented("verification"))
    }

    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }

    /// Whether this process still acknowledges writes; the reason when not.
    pub fn health(&self) -> Result<()> {
        Ok(())
    }

    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}
