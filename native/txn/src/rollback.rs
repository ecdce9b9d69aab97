//! Taking changes back: to a mark, to a savepoint, whole, after a crash. One walk, newest first.
//!
//! Every step may happen twice: a record whose change was taken back is flagged in its page, and
//! where a crash came before the flag, the row's undo address tells that it is no longer
//! this record's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use common::rt::Mutex;
use common::{Lsn, Result, Xid};
use smallvec::SmallVec;
use storage::{CommitRequest, Durability, EndKind, Wait};

use crate::active_set::Ending;
use crate::backend::{Backend, Interrupt};
use crate::lock::HeldLocks;
use crate::transaction::{Mark, State, Transaction};
use crate::txn_manager::TxnManager;
use crate::undo::{UndoAddr, UndoTail};

/// A transaction that nobody owns any more and that must be rolled back: a crash's, or one whose
/// rollback failed.
#[derive(Debug)]
pub struct Loser {
    pub xid: Xid,
    pub backend: Arc<Backend>,
    pub undo: UndoTail,
    pub held: HeldLocks,
}

#[derive(Debug, Default)]
pub struct Losers {
    list: Mutex<VecDeque<Loser>>,
    /// Those that somebody took from the list and rolls back now.
    running: AtomicUsize,
    /// Records taken back since the start.
    pub undone: AtomicU64,
}

impl Losers {
    pub fn push(&self, loser: Loser) {
        self.list.lock().push_back(loser);
    }

    fn pop(&self) -> Option<(Loser, Running<'_>)> {
        let mut list = self.list.lock();
        let loser = list.pop_front()?;
        self.running.fetch_add(1, Ordering::Relaxed);
        Some((loser, Running(&self.running)))
    }

    pub fn len(&self) -> usize {
        let list = self.list.lock();
        list.len() + self.running.load(Ordering::Relaxed)
    }
}

/// Counts a rollback as long as it goes on.
struct Running<'l>(&'l AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Records flagged with one log record.
type Offsets = SmallVec<[u16; 128]>;

impl TxnManager {
    /// Rolls the whole transaction back and ends it. On an error its changes and locks stay, the
    /// background goes on with it, and the session, whose locks they are, is to be closed.
    pub fn rollback(&self, txn: &mut Transaction) -> Result<()> {
        txn.check_running()?;
        self.rollbacks.fetch_add(1, Ordering::Relaxed);
        if !txn.has_xid() {
            self.end_reader(txn);
            return Ok(());
        }
        self.locks().abandon_request(&txn.backend);
        txn.state = State::Ended;
        txn.drop_snapshot();
        txn.savepoints.clear();
        let mut loser = Loser {
            xid: txn.xid,
            backend: txn.backend.clone(),
            undo: std::mem::take(&mut txn.undo),
            held: std::mem::take(&mut txn.held),
        };
        let result = self.roll_back_loser(&mut loser, || false);
        if result.is_err() {
            self.losers.push(loser);
            self.background.wake();
        }
        result
    }

    /// Takes back what was written, and releases what was locked, since the mark.
    pub fn rollback_to_mark(&self, txn: &mut Transaction, mark: Mark) -> Result<()> {
        txn.check_running()?;
        self.undo().resolve(&mut txn.undo)?;
        let has_changes = txn.undo.tail() != mark.tail;
        if has_changes {
            self.undo_back_to(&mut txn.undo, mark.tail, || false)?;
        }
        let (backend, held) = txn.lock_parts();
        self.locks().release_to(backend, held, mark.locks);
        if has_changes {
            self.locks().release_undone_rows(backend);
        }
        Ok(())
    }

    /// Walks from the tail back to `stop`, which stays. The tail follows, so a walk that failed can
    /// go on. It gives up, with an error, when `is_stopping` says so: asked once a page.
    fn undo_back_to(
        &self,
        undo: &mut UndoTail,
        stop: UndoAddr,
        is_stopping: impl Fn() -> bool,
    ) -> Result<()> {
        let target = self.target()?;
        let mut done = Offsets::new();
        let mut done_page = undo.tail();
        let mut addr = undo.tail();
        let result = loop {
            if addr == stop || addr.is_none() {
                break Ok(());
            }
            if addr.page() != done_page.page() {
                if let Err(error) = self.flag_done(done_page, &mut done) {
                    break Err(error);
                }
                undo.rewind(addr);
                if is_stopping() {
                    break Err(Interrupt::Terminate.error());
                }
            }
            done_page = addr;
            let record = match self.undo().read(addr, Wait::Block) {
                Ok(record) => record,
                Err(error) => break Err(error),
            };
            if !record.is_done {
                if let Err(error) = target.undo(&record, addr) {
                    break Err(error);
                }
                done.push(addr.offset());
                self.losers.undone.fetch_add(1, Ordering::Relaxed);
            }
            addr = record.prev;
        };
        self.flag_done(done_page, &mut done)?;
        result?;
        undo.rewind(stop);
        Ok(())
    }

    fn flag_done(&self, page: UndoAddr, done: &mut Offsets) -> Result<()> {
        if done.is_empty() {
            return Ok(());
        }
        let storage = self.storage()?;
        let mut mtr = storage.begin_privileged();
        self.undo().mark_page_done(&mut mtr, page, done)?;
        mtr.commit(Xid(0))?;
        done.clear();
        Ok(())
    }

    fn roll_back_loser(&self, loser: &mut Loser, is_stopping: impl Fn() -> bool) -> Result<()> {
        self.undo().resolve(&mut loser.undo)?;
        self.undo_back_to(&mut loser.undo, UndoAddr::NONE, is_stopping)?;
        let storage = self.storage()?;
        // All rows are as they were: it ends for readers now. Its record needs no sync: without it,
        // recovery does again what has been done.
        let ticket = storage.commit(CommitRequest {
            xid: loser.xid,
            kind: EndKind::Abort,
            body: &[],
            dropped_files: &[],
            durability: Durability::FullWaiting,
        })?;
        let _ = ticket;
        let ending = Ending {
            held: std::mem::take(&mut loser.held),
            chain: loser.undo.chain_number(),
            undo: loser.undo.range(),
        };
        self.active.prepare_end(loser.xid, ending);
        self.publish_ended(std::iter::once((loser.xid, Lsn(0))));
        Ok(())
    }

    /// Rolls back one transaction that a crash, or a failed rollback, left. False: there is none.
    /// After an error it is at the end of the list.
    pub fn roll_back_next_loser(&self) -> Result<bool> {
        let Some((mut loser, _running)) = self.losers.pop() else {
            return Ok(false);
        };
        let result = self.roll_back_loser(&mut loser, || self.background.is_stopping());
        if result.is_err() {
            self.losers.push(loser);
        }
        result.map(|()| true)
    }

    /// How many transactions that a crash, or a failed rollback, left are not rolled back yet.
    pub fn loser_count(&self) -> usize {
        self.losers.len()
    }
}
