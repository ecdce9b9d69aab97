//! The transaction block of a session: BEGIN to COMMIT, and what stands in for it around a single
//! statement (PostgreSQL's xact.c, the upper layer).
//!
//! Invariants: after an error inside a block everything up to the newest savepoint, or the whole
//! transaction, is rolled back at once and the block is failed; only ROLLBACK, ROLLBACK TO and COMMIT
//! (which then rolls back) lead out of it. A transaction whose commit is on its way is gone from
//! here; the session waits for its ticket before it begins another.

use std::sync::Arc;

use common::rt::Mutex;
use common::{Result, bail, err, sqlstate};
use storage::{Durability, Ticket};
use txn::{Backend, BeginOptions, Transaction, TxnManager};

use super::ddl_state::DdlState;
use super::deferred::ConstraintModes;
use crate::stream::{SharedSignals, SignalMark};

/// What ReadyForQuery tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    Idle,
    InTransaction,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No transaction.
    None,
    /// One that ends with its statement, or with the text or pipeline that it stands in.
    Implicit,
    /// Between BEGIN and COMMIT.
    Explicit,
    /// As `Explicit`, after an error.
    Failed,
}

/// A transaction that its statements and cursors share.
pub type SharedTransaction = Arc<Mutex<Transaction>>;

/// What a savepoint keeps beside the transaction layer's own.
#[derive(Debug)]
struct Savepoint {
    name: String,
    ddl: usize,
    settings: crate::settings::SettingMark,
    constraints: ConstraintModes,
    signals: SignalMark,
}

pub struct Block {
    txns: Arc<TxnManager>,
    backend: Arc<Backend>,
    state: State,
    txn: Option<SharedTransaction>,
    savepoints: Vec<Savepoint>,
    /// When the newest message of the client came, in microseconds since 1970; 0 before the first.
    pub statement_micros: i64,
    /// When the transaction's first statement began.
    start_micros: i64,
    /// When the first read of a pipeline began that needed no transaction: its time is that of the
    /// transaction that the pipeline may yet become.
    read_micros: Option<i64>,
    /// The statement that runs is one of several in a text: all of them are one transaction.
    pub is_of_several: bool,
    /// Changes of the catalog that the transaction made.
    pub ddl: DdlState,
    /// What its commit is to do to the streams.
    pub signals: SharedSignals,
}

/// How a transaction ended.
pub enum Ended {
    /// Nothing is left to wait for.
    Now,
    /// Visible and durable once the ticket is published.
    Pending(Ticket),
    /// As `Pending`, but it need not be durable: only what is temporary was written.
    Visible(Ticket),
}

impl Block {
    pub fn new(txns: Arc<TxnManager>, backend: Arc<Backend>, ddl: DdlState) -> Self {
        Self {
            txns,
            backend,
            state: State::None,
            txn: None,
            savepoints: Vec::new(),
            statement_micros: 0,
            start_micros: 0,
            read_micros: None,
            is_of_several: false,
            ddl,
            signals: SharedSignals::default(),
        }
    }

    pub fn status(&self) -> TransactionStatus {
        match self.state {
            State::None | State::Implicit => TransactionStatus::Idle,
            State::Explicit => TransactionStatus::InTransaction,
            State::Failed => TransactionStatus::Failed,
        }
    }

    /// Whether there is no transaction at all.
    pub fn is_idle(&self) -> bool {
        self.state == State::None && self.txn.is_none()
    }

    pub fn is_failed(&self) -> bool {
        self.state == State::Failed
    }

    /// Between BEGIN and its end.
    pub fn is_explicit(&self) -> bool {
        matches!(self.state, State::Explicit | State::Failed)
    }

    pub fn transaction(&self) -> Option<&SharedTransaction> {
        self.txn.as_ref()
    }

    /// What `now` means, in microseconds since 1970: when the transaction began, or the newest
    /// statement where there is none.
    pub fn now_micros(&self) -> i64 {
        match self.txn {
            Some(_) => self.start_micros,
            None => self.read_micros.unwrap_or(self.statement_micros),
        }
    }

    /// A statement of a pipeline was a read without a transaction.
    pub fn note_read(&mut self) {
        self.read_micros.get_or_insert(self.statement_micros);
    }

    /// The pipeline's transaction, if it became one, ends.
    pub fn end_pipeline(&mut self) {
        self.read_micros = None;
    }

    /// Whether rolling back or committing has something to write.
    pub fn has_writes(&self) -> bool {
        self.txn.as_ref().is_some_and(|txn| txn.lock().has_xid())
    }

    /// The transaction for a statement; begins an implicit one where there is none.
    pub fn ensure(&mut self, options: BeginOptions) -> Result<SharedTransaction> {
        if self.state == State::Failed {
            bail!(
                sqlstate::IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block"
            );
        }
        if let Some(txn) = &self.txn {
            return Ok(txn.clone());
        }
        let txn = Arc::new(Mutex::new(self.txns.begin(&self.backend, options)?));
        self.txn = Some(txn.clone());
        self.start_micros = self.read_micros.unwrap_or(self.statement_micros);
        self.state = State::Implicit;
        Ok(txn)
    }

    /// BEGIN. False when a block is open already, which is worth a warning.
    pub fn begin(&mut self, options: BeginOptions) -> Result<bool> {
        match self.state {
            State::Explicit => return Ok(false),
            State::Failed | State::None | State::Implicit => {}
        }
        self.ensure(options)?.lock().set_options(options)?;
        self.state = State::Explicit;
        Ok(true)
    }

    /// Savepoints of the transaction.
    pub fn depth(&self) -> usize {
        self.savepoints.len()
    }

    /// As [`Block::require_explicit`], for what may also stand among the statements of one text.
    pub fn require_some(&self, what: &str) -> Result<()> {
        match self.is_of_several {
            true => Ok(()),
            false => self.require_explicit(what),
        }
    }

    /// Requires a block for what makes no sense outside of one.
    pub fn require_explicit(&self, what: &str) -> Result<()> {
        if self.is_explicit() {
            return Ok(());
        }
        bail!(
            sqlstate::NO_ACTIVE_SQL_TRANSACTION,
            "{what} can only be used in transaction blocks"
        )
    }

    /// Refuses what cannot run inside a block, also an implicit one.
    pub fn prevent_explicit(&self, what: &str) -> Result<()> {
        if !self.is_explicit() && !self.is_of_several {
            return Ok(());
        }
        bail!(
            sqlstate::ACTIVE_SQL_TRANSACTION,
            "{what} cannot run inside a transaction block"
        )
    }

    pub fn savepoint(
        &mut self,
        name: &str,
        settings: crate::settings::SettingMark,
        constraints: ConstraintModes,
    ) -> Result<()> {
        self.require_explicit("SAVEPOINT")?;
        let txn = self.ensure(BeginOptions::default())?;
        self.txns.savepoint(&mut txn.lock(), name)?;
        let ddl = self.ddl.mark();
        self.savepoints.push(Savepoint {
            name: name.to_owned(),
            ddl,
            settings,
            constraints,
            signals: self.signals.lock().mark(),
        });
        Ok(())
    }

    pub fn release(&mut self, name: &str) -> Result<()> {
        self.require_explicit("RELEASE SAVEPOINT")?;
        let txn = self.ensure(BeginOptions::default())?;
        self.txns.release_savepoint(&mut txn.lock(), name)?;
        if let Some(at) = self.savepoints.iter().rposition(|s| s.name == name) {
            self.savepoints.truncate(at);
        }
        Ok(())
    }

    /// ROLLBACK TO: gives what the settings and SET CONSTRAINTS are to go back to.
    pub fn rollback_to(
        &mut self,
        name: &str,
    ) -> Result<(crate::settings::SettingMark, ConstraintModes)> {
        self.require_explicit("ROLLBACK TO SAVEPOINT")?;
        let missing = || {
            err!(
                sqlstate::INVALID_SAVEPOINT_SPECIFICATION,
                "savepoint \"{name}\" does not exist"
            )
        };
        let at = self
            .savepoints
            .iter()
            .rposition(|s| s.name == name)
            .ok_or_else(missing)?;
        let txn = self.txn.as_ref().ok_or_else(missing)?;
        let restored = self.ddl.rollback_to(self.savepoints[at].ddl);
        self.txns.rollback_to_savepoint(&mut txn.lock(), name)?;
        self.savepoints.truncate(at + 1);
        restored?;
        self.state = State::Explicit;
        let savepoint = &self.savepoints[at];
        self.signals.lock().rollback_to(savepoint.signals);
        Ok((savepoint.settings, savepoint.constraints.clone()))
    }

    /// An error ended a statement. Without a savepoint all is rolled back now, so that locks do not
    /// wait for the client; with one, up to it.
    pub fn fail(&mut self) -> Result<()> {
        self.read_micros = None;
        match self.state {
            State::None | State::Failed => Ok(()),
            State::Implicit => self.rollback(),
            State::Explicit => {
                self.state = State::Failed;
                match self.savepoints.last() {
                    Some(savepoint) => {
                        self.signals.lock().rollback_to(savepoint.signals);
                        let restored = self.ddl.rollback_to(savepoint.ddl);
                        let txn = self.txn.as_ref().expect("a block has a transaction");
                        self.txns
                            .rollback_to_savepoint(&mut txn.lock(), &savepoint.name)
                            .and(restored)
                    }
                    None => self.end_rollback(),
                }
            }
        }
    }

    /// COMMIT, or the end of an implicit transaction. An error means that it was rolled back.
    pub fn commit(&mut self, durability: Durability) -> Result<Ended> {
        debug_assert!(self.state != State::Failed, "a failed block is rolled back");
        self.state = State::None;
        self.savepoints.clear();
        let Some(txn) = self.txn.take() else {
            return Ok(Ended::Now);
        };
        let mut locked = txn.lock();
        let dropped = self.ddl.prepare_commit(locked.xid());
        let durability = match durability {
            Durability::Full if !locked.is_durable() => Durability::Temporary,
            other => other,
        };
        match self.txns.commit(&mut locked, durability, &[], &dropped) {
            Ok(ticket) => {
                self.ddl.committed();
                Ok(match (ticket, durability) {
                    // An asynchronous one is answered before it is safe: that is what it is for.
                    (None, _) | (_, Durability::Asynchronous) => Ended::Now,
                    (Some(ticket), Durability::Temporary) => Ended::Visible(ticket),
                    (Some(ticket), _) => Ended::Pending(ticket),
                })
            }
            Err(error) => {
                self.ddl.cancel_commit();
                // What failed is reported; the rollback goes on in the background if it fails too.
                let _ = self.ddl.rollback_to(0);
                let _ = self.txns.rollback(&mut locked);
                Err(error)
            }
        }
    }

    /// ROLLBACK.
    pub fn rollback(&mut self) -> Result<()> {
        self.state = State::None;
        self.end_rollback()
    }

    fn end_rollback(&mut self) -> Result<()> {
        self.savepoints.clear();
        self.signals.lock().rollback_to(SignalMark::default());
        let restored = self.ddl.rollback_to(0);
        match self.txn.take() {
            Some(txn) => self.txns.rollback(&mut txn.lock()).and(restored),
            None => restored,
        }
    }
}
