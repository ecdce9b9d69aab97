//! Begin, snapshot, commit, publish, roll back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::{Error, FileId, Lsn, Result, Xid, err, sqlstate};
use storage::{CommitRequest, Durability, EndKind, Mtr, Storage, Ticket};

use crate::active_set::{ActiveSet, Ended, Ending};
use crate::backend::Backend;
use crate::background::Background;
use crate::live_snapshots::LiveSnapshots;
use crate::lock::{LockManager, LockOptions};
use crate::purge::PurgeQueue;
use crate::recovery::Recovery;
use crate::rollback::Losers;
use crate::snapshot::SnapshotRef;
use crate::transaction::{
    BeginOptions, Isolation, MAX_SAVEPOINTS, Mark, Savepoint, State, Transaction, check_isolation,
};
use crate::undo::{UndoLog, UndoTarget};

/// Settings of a [`TxnManager`].
#[derive(Clone, Copy, Debug, Default)]
pub struct TxnOptions {
    pub locks: LockOptions,
}

/// The transactions of one data directory. Made before the storage is opened, which gets it as its
/// hooks; [`TxnManager::start`] joins the two.
pub struct TxnManager {
    pub(crate) active: Arc<ActiveSet>,
    pub(crate) live: LiveSnapshots,
    locks: Arc<LockManager>,
    undo: UndoLog,
    pub(crate) purge: PurgeQueue,
    pub(crate) losers: Losers,
    pub(crate) recovery: Recovery,
    pub(crate) background: Background,
    starts: AtomicU64,
    commits: AtomicU64,
    pub(crate) rollbacks: AtomicU64,
}

/// Counters since the start, and gauges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxnStatistics {
    pub begun: u64,
    /// Readers too.
    pub committed: u64,
    pub rolled_back: u64,
    /// Transactions with an xid that have not ended.
    pub active: u64,
    /// The next xid to be given.
    pub next_xid: Xid,
    /// See [`TxnManager::oldest_xmin`].
    pub oldest_xmin: Xid,
    /// Number of the newest publish.
    pub publish_no: u64,
    /// Records taken back.
    pub undone: u64,
    /// Transactions that wait to be rolled back in the background.
    pub losers: u64,
}

impl TxnManager {
    pub fn new(options: TxnOptions) -> Arc<Self> {
        let active = Arc::new(ActiveSet::new());
        let live = LiveSnapshots::new(active.first_snapshot());
        Arc::new(Self {
            locks: Arc::new(LockManager::new(options.locks, active.clone())),
            active,
            live,
            undo: UndoLog::new(),
            purge: PurgeQueue::default(),
            losers: Losers::default(),
            recovery: Recovery::default(),
            background: Background::default(),
            starts: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            rollbacks: AtomicU64::new(0),
        })
    }

    pub fn locks(&self) -> &Arc<LockManager> {
        &self.locks
    }

    pub fn undo(&self) -> &UndoLog {
        &self.undo
    }

    /// Who changes rows for rollback and purge; kept weakly. The first call counts.
    pub fn set_target(&self, target: &Arc<dyn UndoTarget>) {
        self.locks.set_target(target);
    }

    pub(crate) fn target(&self) -> Result<Arc<dyn UndoTarget>> {
        let target = self.locks.target();
        target.ok_or_else(|| Error::internal("nobody can undo"))
    }

    pub(crate) fn storage(&self) -> Result<Arc<Storage>> {
        self.undo.storage()
    }

    /// Makes a session known by its process number. 53300 when there are too many.
    pub fn connect(&self, pid: u32) -> Result<Arc<Backend>> {
        self.locks.connect(pid)
    }

    /// The session ends; its transaction has. Its session-level locks go.
    pub fn disconnect(&self, backend: &Arc<Backend>) {
        self.locks.abandon_request(backend);
        self.locks.unlock_advisory_all(backend);
        self.locks.disconnect(backend);
    }

    /// Starts a transaction. The session's last one has been published.
    pub fn begin(&self, backend: &Arc<Backend>, options: BeginOptions) -> Result<Transaction> {
        check_isolation(options)?;
        if backend.xid().0 != 0 {
            return Err(Error::internal("the session's last transaction goes on"));
        }
        let start = self.starts.fetch_add(1, Ordering::Relaxed) + 1;
        backend.start.store(start, Ordering::Relaxed);
        Ok(Transaction::new(backend.clone(), options))
    }

    /// Gives the transaction its xid if it has none; called before the first write.
    #[inline]
    pub fn assign_xid(&self, txn: &mut Transaction) -> Result<Xid> {
        txn.set_durable(true);
        self.assign_temporary_xid(txn)
    }

    /// As [`TxnManager::assign_xid`], before a write to what a crash takes anyway.
    #[inline]
    pub fn assign_temporary_xid(&self, txn: &mut Transaction) -> Result<Xid> {
        if !txn.has_xid() {
            txn.check_running()?;
            txn.xid = self.active.assign(&txn.backend);
        }
        Ok(txn.xid)
    }

    /// The snapshot for a statement that starts: a new one, or the first of a transaction that is
    /// to see one state only.
    pub fn statement_snapshot(&self, txn: &mut Transaction) -> SnapshotRef {
        if let Some(snapshot) = &txn.snapshot
            && txn.options.isolation != Isolation::ReadCommitted
        {
            return snapshot.clone();
        }
        let snapshot = self.live.take();
        self.use_snapshot(txn, snapshot.clone());
        snapshot
    }

    /// A statement has ended: a transaction that takes a snapshot for each lets the last one go,
    /// so that one that idles holds nothing back. Cursors keep theirs in their [`crate::View`].
    pub fn end_statement(&self, txn: &mut Transaction) {
        if txn.options.isolation == Isolation::ReadCommitted {
            txn.drop_snapshot();
        }
    }

    /// The newest snapshot, for whoever is not in a transaction.
    pub fn snapshot(&self) -> SnapshotRef {
        self.live.take()
    }

    /// Counts a transaction that was a single read, with a snapshot of its own and without a
    /// [`Transaction`].
    #[inline]
    pub fn count_read(&self) {
        self.starts.fetch_add(1, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Sets the snapshot of a transaction that has none (`SET TRANSACTION SNAPSHOT`, an aside run
    /// of a statement).
    pub fn use_snapshot(&self, txn: &mut Transaction, snapshot: SnapshotRef) {
        txn.backend.set_snapshot(snapshot.publish_no, snapshot.xmin);
        txn.snapshot = Some(snapshot);
    }

    /// The oldest snapshot that is held, or the newest: what it sees is not purged.
    pub fn oldest_snapshot(&self) -> SnapshotRef {
        self.live.oldest()
    }

    /// Changes of transactions below are seen by every live and later snapshot: one load.
    #[inline]
    pub fn oldest_xmin(&self) -> Xid {
        self.live.oldest_xmin()
    }

    /// Whether a live snapshot sees the version by `older` that `newer` replaced. If not, a writer
    /// leaves its record out of the row's chain (never one of its own).
    pub fn needs_version(&self, older: Xid, newer: Xid) -> bool {
        self.live.needs_version(older, newer)
    }

    /// Whether the transaction has not ended. One load for those that every snapshot sees.
    #[inline]
    pub fn is_active(&self, xid: Xid) -> bool {
        xid >= self.oldest_xmin() && self.active.contains(xid)
    }

    /// Commits a mini-transaction of `txn`'s: row, index and the undo that was appended to it.
    pub fn apply(&self, mtr: Mtr<'_>, txn: &mut Transaction) -> Result<Lsn> {
        let lsn = mtr.commit(txn.xid)?;
        txn.undo.confirm();
        Ok(lsn)
    }

    /// A point that [`TxnManager::rollback_to_mark`] can go back to.
    pub fn mark(&self, txn: &mut Transaction) -> Result<Mark> {
        self.undo.resolve(&mut txn.undo)?;
        Ok(Mark {
            tail: txn.undo.tail(),
            locks: txn.held.mark(),
        })
    }

    /// `SAVEPOINT`: an older one of the same name is hidden.
    pub fn savepoint(&self, txn: &mut Transaction, name: &str) -> Result<()> {
        txn.check_running()?;
        if txn.savepoints.len() >= MAX_SAVEPOINTS {
            return Err(err!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "cannot have more than {MAX_SAVEPOINTS} savepoints in a transaction"
            ));
        }
        let mark = self.mark(txn)?;
        txn.savepoints.push(Savepoint {
            name: name.to_owned(),
            mark,
        });
        Ok(())
    }

    fn find_savepoint(txn: &Transaction, name: &str) -> Result<usize> {
        let place = txn.savepoints.iter().rposition(|s| s.name == name);
        place.ok_or_else(|| {
            err!(
                sqlstate::INVALID_SAVEPOINT_SPECIFICATION,
                "savepoint \"{name}\" does not exist"
            )
        })
    }

    /// `RELEASE SAVEPOINT`: it and all later ones are forgotten.
    pub fn release_savepoint(&self, txn: &mut Transaction, name: &str) -> Result<()> {
        let place = Self::find_savepoint(txn, name)?;
        txn.savepoints.truncate(place);
        Ok(())
    }

    /// `ROLLBACK TO SAVEPOINT`: changes and locks since it go, later savepoints too; it stays.
    pub fn rollback_to_savepoint(&self, txn: &mut Transaction, name: &str) -> Result<()> {
        let place = Self::find_savepoint(txn, name)?;
        let mark = txn.savepoints[place].mark;
        txn.savepoints.truncate(place + 1);
        self.rollback_to_mark(txn, mark)
    }

    /// Ends the transaction: None when it wrote nothing and so has ended already; else a ticket.
    /// The changes become visible, and the locks go, when it is published. `body` is given to
    /// whoever reads the log, `dropped_files` are the files of relations it dropped. After an error
    /// the transaction still runs and is to be rolled back.
    pub fn commit(
        &self,
        txn: &mut Transaction,
        durability: Durability,
        body: &[u8],
        dropped_files: &[FileId],
    ) -> Result<Option<Ticket>> {
        txn.check_running()?;
        if !txn.has_xid() {
            self.end_reader(txn);
            self.commits.fetch_add(1, Ordering::Relaxed);
            return Ok(None);
        }
        self.undo.resolve(&mut txn.undo)?;
        let storage = self.storage()?;
        self.locks.abandon_request(&txn.backend);
        let ending = Ending {
            held: std::mem::take(&mut txn.held),
            chain: txn.undo.chain_number(),
            undo: txn.undo.range(),
        };
        self.active.prepare_end(txn.xid, ending);
        let request = CommitRequest {
            xid: txn.xid,
            kind: EndKind::Commit,
            body,
            dropped_files,
            durability,
        };
        match storage.commit(request) {
            Ok(ticket) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
                txn.state = State::Ended;
                txn.drop_snapshot();
                txn.savepoints.clear();
                Ok(Some(ticket))
            }
            Err(error) => {
                if let Some(ending) = self.active.cancel_end(txn.xid) {
                    txn.held = ending.held;
                }
                Err(error)
            }
        }
    }

    pub(crate) fn end_reader(&self, txn: &mut Transaction) {
        txn.state = State::Ended;
        txn.drop_snapshot();
        txn.savepoints.clear();
        if !txn.held.is_empty() {
            self.locks.release_held(&txn.backend, &mut txn.held);
        }
        self.locks.abandon_request(&txn.backend);
        txn.backend.start.store(0, Ordering::Relaxed);
    }

    /// Lets transactions leave the active set in one step; then their locks go, their chains get
    /// free, their undo waits for purge.
    pub(crate) fn publish_ended(&self, xids: impl Iterator<Item = (Xid, Lsn)>) {
        let (publish_no, ended) = self.active.end(&self.live, xids);
        for ended in ended {
            self.finish(publish_no, ended);
        }
    }

    fn finish(&self, publish_no: u64, ended: Ended) {
        let Ended {
            backend,
            mut ending,
            ..
        } = ended;
        if let Some(range) = ending.undo {
            self.purge.push(publish_no, range);
        }
        if let Some(chain) = ending.chain {
            self.undo.chains().release(chain);
        }
        backend.start.store(0, Ordering::Relaxed);
        backend.set_xid(Xid(0));
        self.locks.release_all(&backend, &mut ending.held);
    }

    pub fn statistics(&self) -> TxnStatistics {
        let (next_xid, active) = self.active.list();
        TxnStatistics {
            begun: self.starts.load(Ordering::Relaxed),
            committed: self.commits.load(Ordering::Relaxed),
            rolled_back: self.rollbacks.load(Ordering::Relaxed),
            active: active.len() as u64,
            next_xid,
            oldest_xmin: self.oldest_xmin(),
            publish_no: self.live.take().publish_no,
            undone: self.losers.undone.load(Ordering::Relaxed),
            losers: self.losers.len() as u64,
        }
    }

    /// `PREPARE TRANSACTION`: not built.
    pub fn prepare(&self, _txn: &mut Transaction, _name: &str) -> Result<()> {
        Err(Error::not_implemented("PREPARE TRANSACTION"))
    }
}
