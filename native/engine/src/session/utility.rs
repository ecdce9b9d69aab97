//! Statements that the session runs itself.

use std::sync::Arc;

use common::{Error, Result, bail, sqlstate};
use parser::{Discard, Statement, Transaction, TransactionModes};
use sql::ir::OutputColumn;
use types::Datum;

use super::prepared::{Prepared, Source};
use super::run::Begun;
use super::session::Session;
use super::set_show::{show_columns, with_modes};
use super::statement_cache::StatementCache;
use super::work::{AfterCommit, Mode};

impl Session {
    /// Columns that a statement of this kind gives; None for most.
    pub(super) fn utility_columns(
        &mut self,
        statement: &Statement,
    ) -> Result<Option<Arc<[OutputColumn]>>> {
        Ok(match statement {
            Statement::Show(show) => Some(show_columns(&show.name)),
            Statement::Explain(explain) => Some(super::explain::explain_columns(explain)?),
            Statement::Execute(execute) => {
                let prepared = self.statement(&execute.name)?.clone();
                self.describe(&prepared)?
            }
            Statement::Fetch(fetch) => self.fetch_columns(fetch)?,
            _ => None,
        })
    }

    pub(super) fn begin_utility(
        &mut self,
        prepared: &Prepared,
        source: &Arc<Source>,
        params: Vec<Datum>,
        mode: Mode,
    ) -> Result<Begun> {
        let statement = &source.statement;
        if let Statement::Transaction(transaction) = statement {
            return self.transaction(transaction, mode);
        }
        match statement {
            Statement::Set(set) => return self.set(set),
            Statement::Show(show) => return self.show(show),
            Statement::Deallocate(name) => return self.deallocate(name.as_deref()),
            Statement::Listen(channel) => return self.listen(channel),
            Statement::Unlisten(channel) => return self.unlisten(channel.as_deref()),
            Statement::Notify { channel, payload } => {
                return self.notify(channel, payload.as_deref());
            }
            _ => {}
        }
        if mode == Mode::Inline && !matches!(statement, Statement::Execute(_)) {
            return Err(Error::WouldBlock);
        }
        match statement {
            Statement::Prepare(prepare) => self.prepare(source, prepare),
            Statement::Execute(execute) => self.execute(execute, mode),
            Statement::Explain(explain) => self.explain(prepared, explain, params),
            Statement::Copy(copy) => self.copy(source, copy),
            Statement::Discard(discard) => self.discard(*discard),
            Statement::Checkpoint => {
                self.engine.storage().checkpoint()?;
                Ok(Begun::Tag("CHECKPOINT".to_owned()))
            }
            Statement::DeclareCursor(declare) => self.declare_cursor(prepared, declare, params),
            Statement::Fetch(fetch) => self.fetch(fetch),
            Statement::CloseCursor(name) => self.close_cursor(name.as_deref()),
            Statement::LockTable(lock) => self.lock_table(source, lock),
            Statement::SetConstraints(set) => self.set_constraints(set),
            Statement::Vacuum(vacuum) => self.vacuum(source, vacuum),
            Statement::Unsupported { what, .. } => Err(Error::not_implemented(what)),
            other if sql::ddl::is_ddl(other) => self.ddl(source),
            other => Err(Error::not_implemented(other.command_tag())),
        }
    }

    fn transaction(&mut self, transaction: &Transaction, mode: Mode) -> Result<Begun> {
        match transaction {
            Transaction::Begin { modes, start } => {
                let options = with_modes(self.default_options(), *modes);
                if !self.block.begin(options)? {
                    let message = "there is already a transaction in progress";
                    self.notices.warn(sqlstate::ACTIVE_SQL_TRANSACTION, message);
                    self.begin_again(*modes)?;
                }
                Ok(Begun::Tag(
                    if *start { "START TRANSACTION" } else { "BEGIN" }.to_owned(),
                ))
            }
            Transaction::Commit { chain } if !self.block.is_failed() => {
                if !self.block.is_explicit() {
                    let message = "there is no transaction in progress";
                    self.notices
                        .warn(sqlstate::NO_ACTIVE_SQL_TRANSACTION, message);
                }
                if mode == Mode::Inline && self.has_deferred_checks() {
                    return Err(Error::WouldBlock);
                }
                Ok(Begun::Commit(match (chain, self.block.transaction()) {
                    (true, Some(txn)) => AfterCommit::Chain(txn.lock().options()),
                    _ => AfterCommit::Tag("COMMIT".to_owned()),
                }))
            }
            Transaction::Commit { chain } | Transaction::Rollback { chain } => {
                self.rollback_statement(*chain, mode)
            }
            Transaction::Savepoint(name) => {
                let mark = self.settings().mark();
                let constraints = self.deferred.modes();
                self.block.savepoint(name, mark, constraints)?;
                Ok(Begun::Tag("SAVEPOINT".to_owned()))
            }
            Transaction::Release(name) => {
                self.block.release(name)?;
                self.portals.release(self.block.depth());
                Ok(Begun::Tag("RELEASE".to_owned()))
            }
            Transaction::RollbackTo(name) => {
                if mode == Mode::Inline && self.block.has_writes() {
                    return Err(Error::WouldBlock);
                }
                let (mark, constraints) = self.block.rollback_to(name)?;
                self.deferred.set_modes(constraints);
                self.settings().rollback_to(mark);
                self.portals.rollback_to(self.block.depth());
                self.remove_orphans();
                Ok(Begun::Tag("ROLLBACK".to_owned()))
            }
            Transaction::Prepare(_) => Err(Error::not_implemented("PREPARE TRANSACTION")),
            Transaction::CommitPrepared(_) => Err(Error::not_implemented("COMMIT PREPARED")),
            Transaction::RollbackPrepared(_) => Err(Error::not_implemented("ROLLBACK PREPARED")),
        }
    }

    /// A second BEGIN still sets what it says.
    fn begin_again(&mut self, modes: TransactionModes) -> Result<()> {
        let Some(txn) = self.block.transaction() else {
            return Ok(());
        };
        let mut txn = txn.lock();
        let options = with_modes(txn.options(), modes);
        txn.set_options(options)
    }

    /// ROLLBACK, and COMMIT of what has failed.
    fn rollback_statement(&mut self, chain: bool, mode: Mode) -> Result<Begun> {
        if mode == Mode::Inline && self.block.has_writes() {
            return Err(Error::WouldBlock);
        }
        if !self.block.is_explicit() {
            let message = "there is no transaction in progress";
            self.notices
                .warn(sqlstate::NO_ACTIVE_SQL_TRANSACTION, message);
        }
        let options = self.block.transaction().map(|txn| txn.lock().options());
        self.portals.end_transaction();
        let rolled_back = self.block.rollback();
        self.settings().rollback_all();
        self.show_application();
        self.deferred.clear();
        self.temporary.written.clear();
        self.remove_orphans();
        rolled_back?;
        if chain {
            let options = options.unwrap_or_else(|| self.default_options());
            self.block.begin(options)?;
        }
        Ok(Begun::Tag("ROLLBACK".to_owned()))
    }

    fn deallocate(&mut self, name: Option<&str>) -> Result<Begun> {
        match name {
            None => {
                self.drop_statements();
                Ok(Begun::Tag("DEALLOCATE ALL".to_owned()))
            }
            Some(name) => {
                self.statement(name)?;
                self.drop_statement(name);
                Ok(Begun::Tag("DEALLOCATE".to_owned()))
            }
        }
    }

    /// PREPARE name (types) AS statement.
    fn prepare(&mut self, source: &Arc<Source>, prepare: &parser::Prepare) -> Result<Begun> {
        if self.statements.contains_key(&prepare.name) {
            bail!(
                sqlstate::DUPLICATE_PREPARED_STATEMENT,
                "prepared statement \"{}\" already exists",
                prepare.name
            );
        }
        let version = self.version();
        let types = self.with_bind_context(&version, &source.whole, |context| {
            prepare
                .param_types
                .iter()
                .map(|name| sql::binder::Binder::new(context).resolve_type(name))
                .collect()
        })?;
        let inner = Arc::new(source.part(&prepare.statement));
        let prepared = Arc::new(Prepared::new(Some(inner), types));
        self.analyze(&prepared)?;
        self.keep_statement(&prepare.name, prepared, true)?;
        Ok(Begun::Tag("PREPARE".to_owned()))
    }

    /// EXECUTE name (values).
    fn execute(&mut self, execute: &parser::Execute, mode: Mode) -> Result<Begun> {
        let prepared = self.statement(&execute.name)?.clone();
        self.analyze(&prepared)?;
        let types = prepared.parameters.get().cloned().unwrap_or_default();
        if types.len() != execute.params.len() {
            return Err(Error::new(
                sqlstate::SYNTAX_ERROR,
                format!(
                    "wrong number of parameters for prepared statement \"{}\"",
                    execute.name
                ),
            )
            .with_detail(format!(
                "Expected {} parameters but got {}.",
                types.len(),
                execute.params.len()
            )));
        }
        let params = self.evaluate(&execute.params, &types)?;
        self.begin_statement(&prepared, params, mode)
    }

    fn discard(&mut self, discard: Discard) -> Result<Begun> {
        let tag = match discard {
            Discard::All => {
                self.block.prevent_explicit("DISCARD ALL")?;
                self.discard_all()?;
                "DISCARD ALL"
            }
            Discard::Plans => {
                self.cache = StatementCache::default();
                "DISCARD PLANS"
            }
            Discard::Sequences => {
                *self.sequences.lock() = Default::default();
                "DISCARD SEQUENCES"
            }
            Discard::Temp => {
                self.discard_temporary()?;
                "DISCARD TEMP"
            }
        };
        Ok(Begun::Tag(tag.to_owned()))
    }

    /// PostgreSQL's DiscardAll, in its order.
    fn discard_all(&mut self) -> Result<()> {
        self.portals.clear();
        self.settings().reset_all();
        self.show_application();
        self.drop_statements();
        self.unlisten(None)?;
        let locks = self.engine.txns().locks();
        locks.unlock_advisory_all(&self.handle.backend);
        self.cache = StatementCache::default();
        self.discard_temporary()?;
        *self.sequences.lock() = Default::default();
        Ok(())
    }
}
