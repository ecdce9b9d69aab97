//! LOCK, SET CONSTRAINTS, VACUUM and ANALYZE, and checks that waited for the end.

use std::sync::Arc;

use common::{Error, ObjectId, Result, err, sqlstate};
use parser::{Expr, LockTable, SetConstraints, TableLockMode, Vacuum};
use sql::access::DeferredCheck;
use sql::binder::ParamTypes;
use sql::executor::{Environment, Execution};
use txn::{LockMode, LockOutcome, LockWait};
use types::{Datum, SqlType};

use super::prepared::Source;
use super::run::Begun;
use super::session::Session;
use super::work::Mode;

impl Session {
    pub(super) fn lock_table(&mut self, _source: &Source, lock: &LockTable) -> Result<Begun> {
        self.block.require_some("LOCK TABLE")?;
        let version = self.version();
        let mode = match lock.mode {
            TableLockMode::AccessShare => LockMode::AccessShare,
            TableLockMode::RowShare => LockMode::RowShare,
            TableLockMode::RowExclusive => LockMode::RowExclusive,
            TableLockMode::ShareUpdateExclusive => LockMode::ShareUpdateExclusive,
            TableLockMode::Share => LockMode::Share,
            TableLockMode::ShareRowExclusive => LockMode::ShareRowExclusive,
            TableLockMode::Exclusive => LockMode::Exclusive,
            TableLockMode::AccessExclusive => LockMode::AccessExclusive,
        };
        for table in &lock.relations {
            let info = self.find_table(&version, &table.name)?;
            if !lock.nowait {
                self.lock(info.oid, mode)?;
                continue;
            }
            let txn = self.block.ensure(self.default_options())?;
            let locks = self.engine.txns().locks();
            let outcome = locks.lock_table(&mut txn.lock(), info.oid, mode, LockWait::Try)?;
            if outcome == LockOutcome::NotAvailable {
                return Err(err!(
                    sqlstate::LOCK_NOT_AVAILABLE,
                    "could not obtain lock on relation \"{}\"",
                    info.name
                ));
            }
        }
        Ok(Begun::Tag("LOCK TABLE".to_owned()))
    }

    /// Locks a relation for the transaction.
    pub(super) fn lock(&mut self, table: ObjectId, mode: LockMode) -> Result<()> {
        let txn = self.block.ensure(self.default_options())?;
        let locks = self.engine.txns().locks();
        match locks.lock_table(&mut txn.lock(), table, mode, LockWait::Block)? {
            LockOutcome::NotAvailable => Err(Error::WouldBlock),
            LockOutcome::Granted | LockOutcome::Held => Ok(()),
        }
    }

    pub(super) fn set_constraints(&mut self, set: &SetConstraints) -> Result<Begun> {
        let version = self.version();
        let mut list = Vec::new();
        for name in &set.constraints {
            let wanted = name.name.as_str();
            let found: Vec<ObjectId> = version
                .catalog
                .constraints()
                .filter(|constraint| constraint.name == wanted)
                .map(|constraint| constraint.oid)
                .collect();
            if found.is_empty() {
                return Err(err!(
                    sqlstate::UNDEFINED_OBJECT,
                    "constraint \"{wanted}\" does not exist"
                ));
            }
            let fixed = |oid: &ObjectId| {
                version
                    .catalog
                    .constraint(*oid)
                    .is_some_and(|c| !c.deferrable)
            };
            if found.iter().any(fixed) {
                return Err(err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "constraint \"{wanted}\" is not deferrable"
                ));
            }
            list.extend(found);
        }
        let constraints = (!list.is_empty()).then_some(list);
        self.deferred.set(constraints, set.deferred);
        if !set.deferred {
            // When one fails, a savepoint may lead back to before: all of them wait on.
            let checks = self.deferred.immediate(&version.catalog);
            self.run_checks(checks)?;
            self.deferred.forget_immediate(&version.catalog);
        }
        Ok(Begun::Tag("SET CONSTRAINTS".to_owned()))
    }

    pub(super) fn has_deferred_checks(&self) -> bool {
        !self.deferred.is_empty()
    }

    /// Makes the checks that waited. An error leaves the transaction to be rolled back.
    pub(super) fn run_deferred_checks(&mut self) -> Result<()> {
        if self.deferred.is_empty() {
            return Ok(());
        }
        let checks = self.deferred.take();
        self.run_checks(checks)
    }

    fn run_checks(&mut self, checks: Vec<DeferredCheck>) -> Result<()> {
        if checks.is_empty() {
            return Ok(());
        }
        let (store, facts) = self.statement_store(false, "COMMIT", Mode::Aside)?;
        let environment = Environment {
            store: store.as_ref(),
            session: facts.as_ref(),
            text: facts.text(),
        };
        sql::executor::run_deferred(&environment, checks.into_iter())
    }

    /// VACUUM and ANALYZE. Old versions are purged all the time; VACUUM waits for nothing more.
    pub(super) fn vacuum(&mut self, _source: &Source, vacuum: &Vacuum) -> Result<Begun> {
        let version = self.version();
        for relation in &vacuum.relations {
            self.find_table(&version, &relation.table)?;
        }
        if !vacuum.is_analyze {
            self.block.prevent_explicit("VACUUM")?;
            self.engine.collect_files();
        }
        let analyzes = vacuum.is_analyze
            || vacuum
                .options
                .iter()
                .any(|option| option.name == "analyze" && option.value.as_bool().unwrap_or(false));
        if analyzes {
            let mut tables: Vec<Arc<catalog::Table>> = Vec::new();
            for relation in &vacuum.relations {
                tables.push(self.find_table(&version, &relation.table)?);
            }
            if vacuum.relations.is_empty() {
                let stored = version.catalog.tables().filter(|table| table.has_storage());
                tables.extend(stored.cloned());
            }
            for table in tables {
                self.analyze_table(&table)?;
            }
        }
        let tag = if vacuum.is_analyze {
            "ANALYZE"
        } else {
            "VACUUM"
        };
        Ok(Begun::Tag(tag.to_owned()))
    }

    /// Counts a table's rows and pages for the planner.
    fn analyze_table(&mut self, table: &catalog::Table) -> Result<()> {
        self.lock(table.oid, LockMode::ShareUpdateExclusive)?;
        let (store, _) = self.statement_store(false, "ANALYZE", Mode::Aside)?;
        let statistics = crate::analyze::collect(&store, table)?;
        let change = catalog::CatalogChange::put(statistics);
        let is_temporary = table.persistence == catalog::Persistence::Temporary;
        let txn = self.block.ensure(self.default_options())?;
        self.engine.catalog_table().write(
            &mut txn.lock(),
            std::slice::from_ref(&change),
            is_temporary,
        )?;
        let base = self.engine.catalog();
        self.block.ddl.apply(&base, &[change]);
        Ok(())
    }

    /// Values of expressions without columns: EXECUTE's parameters.
    pub(super) fn evaluate(&mut self, exprs: &[Expr], types: &[SqlType]) -> Result<Vec<Datum>> {
        let mut values = Vec::with_capacity(exprs.len());
        for (expr, ty) in exprs.iter().zip(types) {
            // As a query of its own, so that everything that an expression may be is bound.
            let ty = types::format_type(ty.oid, ty.typmod);
            let text: Arc<str> =
                format!("SELECT CAST({} AS {ty})", parser::deparse_expr(expr)).into();
            let parsed = parser::parse(&text)?.pop();
            let parsed = parsed.ok_or_else(|| Error::internal("a value does not parse"))?;
            let version = self.version();
            let source = Source::new(parsed, &text);
            let bound = self.bind_source(&version, &source, ParamTypes::Fixed(&[]))?;
            let planned = self.plan_bound(&version, bound, Vec::new())?;
            let (store, facts) = self.statement_store(false, "EXECUTE", Mode::Aside)?;
            let mut execution = Execution::start(planned.plan, Vec::new())?;
            let environment = Environment {
                store: store.as_ref(),
                session: facts.as_ref(),
                text: facts.text(),
            };
            let mut rows = types::Batch::default();
            if !execution.next(&environment, &mut rows)? {
                return Err(Error::internal("a value has no row"));
            }
            values.push(rows.get(0, 0).to_owned());
        }
        Ok(values)
    }
}
