//! Beginning a statement: transaction, locks, snapshot, plan.

use std::sync::Arc;

use common::rt::Deadline;
use common::{Error, Result, bail, err, sqlstate};
use parser::{Statement, Transaction};
use sql::executor::direct::{DirectExecution, DirectOutcome};
use sql::executor::{Environment, Execution};
use sql::planner::physical::{Node, NodeKind};
use txn::{LockMode, LockOutcome, LockWait};
use types::{Batch, Datum};

use super::analyze::is_plannable;
use super::portal::{QueryRun, Running};
use super::prepared::{KeptDirect, Planned, Prepared};
use super::run::Begun;
use super::session::Session;
use super::session_facts::SessionFacts;
use super::session_handle::ActivityState;
use super::statement_cache::Known;
use super::work::Mode;
use crate::store::{StatementStore, StoreParts};

impl Session {
    /// Begins a statement.
    pub(super) fn begin_statement(
        &mut self,
        prepared: &Arc<Prepared>,
        params: Vec<Datum>,
        mode: Mode,
    ) -> Result<Begun> {
        let Some(source) = prepared.source.clone() else {
            return Ok(Begun::Empty);
        };
        self.check_not_failed(prepared)?;
        let query_id = self.begin_tracking(prepared);
        self.show_query(&source.text, query_id);
        if is_plannable(&source.statement) {
            return self.begin_query(prepared, params, mode);
        }
        self.begin_utility(prepared, &source, params, mode)
    }

    /// Begins a statement of the text `shown` that needs no planning.
    pub(super) fn begin_known(
        &mut self,
        shown: &Arc<str>,
        known: Known,
        mode: Mode,
    ) -> Result<Begun> {
        let query_id = self.begin_tracking(&known.prepared);
        self.show_query(shown, query_id);
        self.begin_planned(&known.prepared, known.planned, known.params, mode)
    }

    /// In a failed block only what ends it is let through.
    pub(super) fn check_not_failed(&self, prepared: &Prepared) -> Result<()> {
        let leads_out = prepared.source.as_ref().is_none_or(|source| {
            matches!(
                source.statement,
                Statement::Transaction(
                    Transaction::Commit { .. }
                        | Transaction::Rollback { .. }
                        | Transaction::RollbackTo(_)
                        | Transaction::Prepare(_)
                )
            )
        });
        if self.block.is_failed() && !leads_out {
            bail!(
                sqlstate::IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block"
            );
        }
        Ok(())
    }

    fn show_query(&mut self, text: &Arc<str>, query_id: Option<i64>) {
        let now = self.block.statement_micros;
        self.handle.change(|activity| {
            activity.state = ActivityState::Active;
            activity.query_start_micros = Some(now);
            let started = activity.transaction_start_micros;
            activity.transaction_start_micros = started.or(Some(now));
            activity.state_change_micros = now;
            activity.query = Some(text.clone());
            activity.query_id = query_id;
        });
        let hot = self.hot();
        let backend = &self.handle.backend;
        backend.set_statement_deadline(hot.statement_timeout.map(Deadline::after));
        backend.set_lock_timeout_ms(hot.lock_timeout_ms);
    }

    fn begin_query(
        &mut self,
        prepared: &Arc<Prepared>,
        params: Vec<Datum>,
        mode: Mode,
    ) -> Result<Begun> {
        let planned = self.planned(prepared)?;
        self.begin_planned(prepared, planned, params, mode)
    }

    fn begin_planned(
        &mut self,
        prepared: &Arc<Prepared>,
        planned: Arc<Planned>,
        params: Vec<Datum>,
        mode: Mode,
    ) -> Result<Begun> {
        if mode == Mode::Inline && !runs_inline(&planned) {
            return Err(Error::WouldBlock);
        }
        prepared.count_run();
        let planned = self.lock_relations(prepared, planned, mode)?;
        self.note_writes(&planned, mode)?;
        let tag = match &prepared.source {
            Some(source) => source.statement.command_tag(),
            None => "SELECT",
        };
        if mode == Mode::Inline
            && planned.plan.direct.is_some()
            && let Some(run) = self.run_direct(prepared, &planned, &params, tag)?
        {
            return Ok(Begun::Running(Running::Query(Box::new(run))));
        }
        let mut run = self.start_plan(&planned, params, tag, mode)?;
        if mode == Mode::Inline {
            self.run_inline(&planned, &mut run)?;
        }
        Ok(Begun::Running(Running::Query(Box::new(run))))
    }

    /// Notes the tables that the commit will have to empty: work for a thread of our own.
    pub(super) fn note_writes(&mut self, planned: &Planned, mode: Mode) -> Result<()> {
        if !planned.plan.writes || self.temporary.namespace.is_none() {
            return Ok(());
        }
        let catalog = self.version().catalog;
        for (oid, lock, _) in &planned.relations {
            if *lock == LockMode::RowExclusive
                && let Some(table) = catalog.table(*oid)
            {
                self.temporary.note_write(table);
            }
        }
        match mode == Mode::Inline && self.has_commit_work() {
            true => Err(Error::WouldBlock),
            false => Ok(()),
        }
    }

    /// Runs a point or range statement by its short way; None where it has to go the general one.
    fn run_direct(
        &mut self,
        prepared: &Arc<Prepared>,
        planned: &Planned,
        params: &[Datum],
        tag: &'static str,
    ) -> Result<Option<QueryRun>> {
        let plan = &planned.plan;
        let kept = prepared
            .direct
            .lock()
            .take()
            .filter(|kept| Arc::ptr_eq(&kept.of, plan));
        let Some(mut kept) = kept.or_else(|| KeptDirect::new(plan)) else {
            return Ok(None);
        };
        let (store, facts) =
            self.statement_store(planned.needs_write_access(), tag, Mode::Inline)?;
        let environment = Environment {
            store: store.as_ref(),
            session: facts.as_ref(),
            text: facts.text(),
        };
        let txns = self.engine.txns().clone();
        let txn = self.block.ensure(self.default_options())?;
        let mark = match plan.writes {
            true => Some(txns.mark(&mut txn.lock())?),
            false => None,
        };
        let result = run_once(&mut kept.direct, &environment, params);
        if let (Err(Error::WouldBlock), Some(mark)) = (&result, mark) {
            txns.rollback_to_mark(&mut txn.lock(), mark)?;
        }
        let Some(answer) = result? else {
            return Ok(None);
        };
        let (prepared, output) = (prepared.clone(), planned.output.clone());
        let run = QueryRun::of_direct(prepared, kept, output, answer, tag);
        Ok(Some(run))
    }

    /// Runs a small plan to its end; what it had written is taken back if it must wait.
    fn run_inline(&mut self, planned: &Planned, run: &mut QueryRun) -> Result<()> {
        if !planned.plan.writes {
            return run.run_inline();
        }
        let txn = self
            .block
            .transaction()
            .expect("the plan runs in a transaction")
            .clone();
        let txns = self.engine.txns().clone();
        let mark = txns.mark(&mut txn.lock())?;
        let result = run.run_inline();
        if let Err(Error::WouldBlock) = result {
            txns.rollback_to_mark(&mut txn.lock(), mark)?;
        }
        result
    }

    /// Locks the plan's relations, then makes sure that it still fits them.
    pub(super) fn lock_relations(
        &mut self,
        prepared: &Arc<Prepared>,
        mut planned: Arc<Planned>,
        mode: Mode,
    ) -> Result<Arc<Planned>> {
        let lock_wait = match mode {
            Mode::Inline => LockWait::Try,
            Mode::Aside => LockWait::Block,
        };
        let txn = self.block.ensure(self.default_options())?;
        loop {
            for (table, lock, _) in &planned.relations {
                let locks = self.engine.txns().locks();
                let outcome = locks.lock_table(&mut txn.lock(), *table, *lock, lock_wait)?;
                if outcome == LockOutcome::NotAvailable {
                    return Err(Error::WouldBlock);
                }
            }
            // The locks are held, so a definition that still holds stays.
            if self.block.ddl.catalog().is_none()
                && self.engine.catalog_cell().version() == planned.catalog_version()
            {
                return Ok(planned);
            }
            let again = self.planned(prepared)?;
            if Arc::ptr_eq(&again, &planned) || again.relations == planned.relations {
                return Ok(again);
            }
            planned = again;
        }
    }

    /// Starts a plan in the open transaction, with a snapshot of now.
    pub(super) fn start_plan(
        &mut self,
        planned: &Planned,
        params: Vec<Datum>,
        tag: &'static str,
        mode: Mode,
    ) -> Result<QueryRun> {
        let (store, facts) = self.statement_store(planned.needs_write_access(), tag, mode)?;
        let execution = Execution::start(planned.plan.clone(), params)?;
        let output = planned.output.clone();
        Ok(QueryRun::of_plan(
            Box::new(execution),
            store,
            facts,
            output,
            tag,
        ))
    }

    /// The database and the session as one statement that starts now sees them. `writes`: it may not
    /// run in a read-only transaction.
    pub(super) fn statement_store(
        &mut self,
        writes: bool,
        tag: &str,
        mode: Mode,
    ) -> Result<(Arc<StatementStore>, Arc<SessionFacts>)> {
        let work_mem_bytes = self.hot().work_mem_bytes;
        self.store_with(writes, tag, mode, work_mem_bytes)
    }

    /// For what a definition does with rows: it has `maintenance_work_mem`.
    pub(super) fn maintenance_store(
        &mut self,
        tag: &str,
    ) -> Result<(Arc<StatementStore>, Arc<SessionFacts>)> {
        let work_mem_bytes = self.hot().maintenance_work_mem_bytes;
        self.store_with(false, tag, Mode::Aside, work_mem_bytes)
    }

    fn store_with(
        &mut self,
        writes: bool,
        tag: &str,
        mode: Mode,
        work_mem_bytes: usize,
    ) -> Result<(Arc<StatementStore>, Arc<SessionFacts>)> {
        let version = self.version();
        let txn = self.block.ensure(self.default_options())?;
        {
            let mut txn = txn.lock();
            if writes && txn.options().is_read_only {
                return Err(read_only(tag));
            }
            self.engine.txns().statement_snapshot(&mut txn);
        }
        let facts = Arc::new(SessionFacts::new(self, &version, mode)?);
        let store = StatementStore::new(StoreParts {
            engine: self.engine.clone(),
            catalog: version.catalog.clone(),
            is_private: version.is_private,
            txn,
            mode,
            work_mem_bytes,
            rules: version.rules.clone(),
            deferred: self.deferred.clone(),
            facts: facts.clone(),
        })?;
        Ok((Arc::new(store), facts))
    }
}

/// 25006 for what a read-only transaction may not do.
pub(super) fn read_only(tag: &str) -> Error {
    err!(
        sqlstate::READ_ONLY_SQL_TRANSACTION,
        "cannot execute {tag} in a read-only transaction"
    )
}

/// One run of the short way: its rows and how many it wrote; None where the general way is due.
fn run_once(
    direct: &mut DirectExecution,
    environment: &Environment<'_>,
    params: &[Datum],
) -> Result<Option<(Batch, u64)>> {
    /// More rows are for a worker.
    const ROWS_MAX: usize = 64;
    match direct.start(environment, params)? {
        DirectOutcome::General => Ok(None),
        DirectOutcome::Done(affected) => Ok(Some((Batch::default(), affected))),
        DirectOutcome::Rows => {
            let rows = direct.take_rows();
            match direct.next_rows()? {
                DirectOutcome::Done(_) if rows.len <= ROWS_MAX => Ok(Some((rows, 0))),
                _ => Err(Error::WouldBlock),
            }
        }
    }
}

/// Whether a plan touches few rows, and only by their keys.
pub(super) fn runs_inline(planned: &Planned) -> bool {
    let plan = &planned.plan;
    plan.direct.is_some()
        || (plan.subplans.is_empty() && plan.ctes.is_empty() && is_small(&plan.root))
}

/// Whether a node gives a few rows without reading any.
fn is_small(node: &Node) -> bool {
    const ROWS_MAX: usize = 16;
    match &node.kind {
        NodeKind::OneRow | NodeKind::Empty => true,
        NodeKind::Values(values) => values.rows.len() <= ROWS_MAX,
        NodeKind::Project(project) => project.sets.is_empty() && is_small(&project.input),
        NodeKind::Filter(filter) => is_small(&filter.input),
        NodeKind::Insert(insert) => is_small(&insert.source),
        _ => false,
    }
}
