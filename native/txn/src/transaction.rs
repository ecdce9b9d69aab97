//! One transaction, as its session owns it.

use std::sync::Arc;

use common::{CommandId, Error, Result, Xid, err, sqlstate};

use crate::backend::Backend;
use crate::lock::{HeldLock, HeldLocks};
use crate::snapshot::SnapshotRef;
use crate::undo::{UndoAddr, UndoTail};
use crate::view::View;

/// Isolation levels; READ UNCOMMITTED is the first, as in PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Isolation {
    #[default]
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// How a transaction starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BeginOptions {
    pub isolation: Isolation,
    pub is_read_only: bool,
    pub is_deferrable: bool,
}

/// A point to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub(crate) tail: UndoAddr,
    pub(crate) locks: usize,
}

#[derive(Debug)]
pub(crate) struct Savepoint {
    pub name: String,
    pub mark: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    /// Its commit record is in the log, or it is rolled back.
    Ended,
}

/// A running transaction. It must be ended by [`crate::TxnManager::commit`] or
/// [`crate::TxnManager::rollback`]; dropped otherwise, an unfinished writer stays in the active set
/// with its locks until the process restarts.
#[derive(Debug)]
pub struct Transaction {
    pub(crate) backend: Arc<Backend>,
    pub(crate) options: BeginOptions,
    pub(crate) state: State,
    pub(crate) xid: Xid,
    pub(crate) command: CommandId,
    /// Something was written that has to survive a crash.
    is_durable: bool,
    /// Something was written under the current command id.
    pub(crate) has_command_changes: bool,
    pub(crate) snapshot: Option<SnapshotRef>,
    pub(crate) savepoints: Vec<Savepoint>,
    pub(crate) undo: UndoTail,
    pub(crate) held: HeldLocks,
}

/// The most savepoints that a transaction may have open at once.
pub(crate) const MAX_SAVEPOINTS: usize = 1 << 16;

impl Transaction {
    pub(crate) fn new(backend: Arc<Backend>, options: BeginOptions) -> Self {
        Self {
            backend,
            options,
            state: State::Running,
            xid: Xid(0),
            command: CommandId(0),
            is_durable: false,
            has_command_changes: false,
            snapshot: None,
            savepoints: Vec::new(),
            undo: UndoTail::default(),
            held: HeldLocks::default(),
        }
    }

    pub fn backend(&self) -> &Arc<Backend> {
        &self.backend
    }

    /// 0 before the first write.
    #[inline]
    pub fn xid(&self) -> Xid {
        self.xid
    }

    #[inline]
    pub fn has_xid(&self) -> bool {
        self.xid.0 != 0
    }

    /// Whether something was written that has to survive a crash; else only to what is temporary.
    pub fn is_durable(&self) -> bool {
        self.is_durable
    }

    /// Says so, or takes back what writing on behalf of something temporary has said.
    pub fn set_durable(&mut self, is_durable: bool) {
        self.is_durable = is_durable;
    }

    pub fn options(&self) -> BeginOptions {
        self.options
    }

    /// `SET TRANSACTION`, checked by the caller but for this: the level cannot change any more once
    /// a snapshot was taken.
    pub fn set_options(&mut self, options: BeginOptions) -> Result<()> {
        if options.isolation != self.options.isolation && self.snapshot.is_some() {
            return Err(err!(
                sqlstate::ACTIVE_SQL_TRANSACTION,
                "SET TRANSACTION ISOLATION LEVEL must be called before any query"
            ));
        }
        check_isolation(options)?;
        self.options = options;
        Ok(())
    }

    /// Whether a writer that meets a newer version fails with 40001 instead of following it.
    pub fn has_one_snapshot(&self) -> bool {
        self.options.isolation >= Isolation::RepeatableRead
    }

    /// What undo records of now carry.
    #[inline]
    pub fn command(&self) -> CommandId {
        self.command
    }

    /// Ends a command: what was written so far is seen by what follows. Nothing when it wrote
    /// nothing.
    pub fn next_command(&mut self) -> Result<()> {
        if !self.has_command_changes {
            return Ok(());
        }
        let Some(next) = self.command.0.checked_add(1) else {
            return Err(err!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "cannot have more than 2^32-2 commands in a transaction"
            ));
        };
        self.command = CommandId(next);
        self.has_command_changes = false;
        Ok(())
    }

    /// The snapshot of the running statement, once one was taken.
    pub fn snapshot(&self) -> Option<&SnapshotRef> {
        self.snapshot.as_ref()
    }

    /// What a statement that starts now sees, once a snapshot was taken.
    pub fn view(&self) -> Result<View> {
        let snapshot = self.snapshot.clone();
        Ok(View {
            snapshot: snapshot.ok_or_else(|| Error::internal("no snapshot was taken"))?,
            own: self.xid,
            command: self.command,
        })
    }

    /// The mini-transaction with the undo appended so far was committed:
    /// [`crate::TxnManager::apply`] does both.
    #[inline]
    pub fn confirm_undo(&mut self) {
        self.undo.confirm();
    }

    /// Names of the open savepoints, oldest first.
    pub fn savepoints(&self) -> impl Iterator<Item = &str> {
        self.savepoints.iter().map(|savepoint| &*savepoint.name)
    }

    /// Locks that the transaction holds, oldest first; those that its rows stand for are not
    /// listed.
    pub fn held_locks(&self) -> impl Iterator<Item = &HeldLock> {
        self.held.iter()
    }

    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }

    pub(crate) fn lock_parts(&mut self) -> (&Arc<Backend>, &mut HeldLocks) {
        (&self.backend, &mut self.held)
    }

    pub(crate) fn drop_snapshot(&mut self) {
        self.snapshot = None;
        self.backend.set_snapshot(u64::MAX, Xid(0));
    }

    pub(crate) fn check_running(&self) -> Result<()> {
        if self.is_running() {
            Ok(())
        } else {
            Err(Error::internal("the transaction has ended"))
        }
    }
}

/// What is not built yet.
pub(crate) fn check_isolation(options: BeginOptions) -> Result<()> {
    if options.isolation == Isolation::Serializable {
        return Err(Error::not_implemented("isolation level SERIALIZABLE"));
    }
    Ok(())
}
