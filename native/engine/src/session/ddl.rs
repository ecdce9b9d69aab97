//! DDL: analysed against the transaction's version of the catalog, written as rows, then carried out.
//!
//! Order: locks, analysis (again where a lock had to be waited for), the catalog's rows, the work on
//! files. All of it belongs to the transaction: files that were made go when it aborts, those that
//! are dropped go when it has committed and no snapshot needs them.

use std::cell::RefCell;
use std::sync::Arc;

use catalog::{CatalogChange, Object};
use common::{FileId, ObjectId, Result};
use sql::ddl::{Action, DdlContext, DdlLock, DdlPlan, analyse_ddl};
use sql::executor::Execution;
use storage::{FileKind, Wait};
use txn::LockMode;

use super::analyze::Version;
use super::begin::read_only;
use super::prepared::Source;
use super::run::Begun;
use super::session::Session;
use super::work::Mode;
use crate::ddl_actions::DdlActions;
use crate::temp_namespaces::TempNamespace;

/// What gives the plan of a definition.
type Analyse<'a> = &'a dyn Fn(&DdlContext<'_>) -> Result<DdlPlan>;

impl Session {
    pub(super) fn ddl(&mut self, source: &Arc<Source>) -> Result<Begun> {
        // What earlier ones left behind, a DROP or TRUNCATE in a loop say.
        self.engine.collect_files();
        let txn = self.block.ensure(self.default_options())?;
        if txn.lock().options().is_read_only {
            return Err(read_only(source.statement.command_tag()));
        }
        let analyse = |context: &DdlContext<'_>| analyse_ddl(context, &source.statement);
        let (tag, count) = self.define(&source.whole, &analyse)?;
        Ok(Begun::Tag(match count {
            Some(rows) => format!("SELECT {rows}"),
            None => tag.to_owned(),
        }))
    }

    /// Carries out the definition that `analyse` gives: its tag, and the rows of a CREATE TABLE AS.
    pub(super) fn define(
        &mut self,
        text: &str,
        analyse: Analyse<'_>,
    ) -> Result<(&'static str, Option<u64>)> {
        self.block.ensure(self.default_options())?;
        let plan = self.locked_plan(text, analyse)?;
        self.notices.push_all(&plan.notices);
        self.write_catalog(&plan)?;
        let count = self.carry_out(plan.actions)?;
        Ok((plan.tag, count))
    }

    /// Analyses until all locks that the plan asks for are held.
    fn locked_plan(&mut self, text: &str, analyse: Analyse<'_>) -> Result<DdlPlan> {
        let mut held: Vec<(ObjectId, LockMode)> = Vec::new();
        loop {
            let version = self.version();
            match self.analyse_with(&version, text, analyse, &held)? {
                Ok(plan) => return Ok(plan),
                Err(missing) => {
                    for (table, mode) in missing {
                        self.lock(table, mode)?;
                        held.push((table, mode));
                    }
                }
            }
        }
    }

    /// The plan, or the locks that it still needs. Files are made only for a plan that is used.
    fn analyse_with(
        &mut self,
        version: &Version,
        text: &str,
        analyse: Analyse<'_>,
        held: &[(ObjectId, LockMode)],
    ) -> Result<std::result::Result<DdlPlan, Vec<(ObjectId, LockMode)>>> {
        let engine = self.engine.clone();
        let failure = RefCell::new(None);
        let files = RefCell::new(Vec::new());
        let next_oid = || match engine.next_oid() {
            Ok(oid) => oid,
            Err(error) => {
                failure.borrow_mut().get_or_insert(error);
                ObjectId(0)
            }
        };
        // Numbers stand for files until the plan is accepted.
        let next_file = || {
            let mut files = files.borrow_mut();
            files.push(());
            FileId(PLANNED_FILES + files.len() as u32)
        };
        let evaluate = |expr: &sql::ir::Expr| sql::executor::evaluate_constant(expr);
        let reserved = RefCell::new(self.temporary.namespace.clone());
        let temp_schema_name = || -> Result<String> {
            let mut reserved = reserved.borrow_mut();
            let namespace = match reserved.take() {
                Some(namespace) => namespace,
                None => engine.temp_namespaces().reserve(&version.catalog)?,
            };
            let name = namespace.name().to_owned();
            *reserved = Some(namespace);
            Ok(name)
        };
        let plan = self.with_bind_context(version, text, |bind| {
            let context = DdlContext {
                bind: *bind,
                next_oid: &next_oid,
                next_file: &next_file,
                temp_schema_name: &temp_schema_name,
                evaluate: &evaluate,
            };
            analyse(&context)
        })?;
        self.take_namespace(reserved.into_inner());
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        let missing: Vec<_> = plan
            .locks
            .iter()
            .map(|(table, lock)| (*table, lock_mode(*lock)))
            .filter(|lock| !held.contains(lock))
            .filter(|(table, _)| version.catalog.object(*table).is_some())
            .collect();
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        self.with_real_files(plan).map(Ok)
    }

    /// The session has a temporary schema from now on.
    fn take_namespace(&mut self, reserved: Option<Arc<TempNamespace>>) {
        if self.temporary.namespace.is_none() && reserved.is_some() {
            let name = reserved.as_ref().map(|namespace| namespace.name().into());
            self.handle.holdings().temp_schema = name;
            self.temporary.namespace = reserved;
            // Both name it.
            self.path.1 = u64::MAX;
            self.text_version = None;
        }
    }

    /// Makes the files of an accepted plan and puts their numbers in place.
    fn with_real_files(&mut self, mut plan: DdlPlan) -> Result<DdlPlan> {
        let is_temporary = self.version().catalog.are_temporary(&plan.changes);
        let txn = self.block.ensure(self.default_options())?;
        let xid = match is_temporary {
            true => self.engine.txns().assign_temporary_xid(&mut txn.lock())?,
            false => self.engine.txns().assign_xid(&mut txn.lock())?,
        };
        let mut real = Vec::new();
        for action in &plan.actions {
            if let Action::CreateFile { file, .. } = action {
                let made = self.engine.storage().create_file(xid, FileKind::Data)?;
                self.block.ddl.create_file(made);
                real.push((*file, made));
            }
        }
        crate::ddl_actions::replace_files(&mut plan, &real);
        self.number_layouts(&mut plan)?;
        Ok(plan)
    }

    /// Gives the layouts that an accepted plan adds to files that exist their numbers: a leaf may
    /// keep one of a transaction that was rolled back, so none is given twice.
    fn number_layouts(&mut self, plan: &mut DdlPlan) -> Result<()> {
        let Version {
            catalog,
            is_private,
            ..
        } = self.version();
        let mut numbered: Vec<(ObjectId, u16)> = Vec::new();
        // The last change of a table has all of its layouts.
        for change in plan.changes.iter_mut().rev() {
            let CatalogChange::Put(Object::Table(table)) = change else {
                continue;
            };
            let (oid, file) = (table.oid, table.file);
            let old = catalog.table(oid).filter(|old| old.file == file);
            let Some(newest) = old.and_then(|old| old.layout()).map(|layout| layout.id) else {
                continue;
            };
            let last = table.layout().map_or(newest, |layout| layout.id);
            if last <= newest {
                continue;
            }
            let known = numbered.iter().find(|(numbered, _)| *numbered == oid);
            let first = match known {
                Some((_, first)) => *first,
                None => {
                    let open = self.engine.relations();
                    let open = open.relation(&catalog, oid, is_private)?;
                    open.table
                        .take_layouts(newest, last - newest, Wait::Block)?
                }
            };
            numbered.push((oid, first));
            let layouts = Arc::make_mut(table).layouts.iter_mut();
            for layout in layouts.filter(|layout| layout.id > newest) {
                layout.id = first + (layout.id - newest - 1);
            }
        }
        Ok(())
    }

    fn write_catalog(&mut self, plan: &DdlPlan) -> Result<()> {
        if plan.changes.is_empty() {
            return Ok(());
        }
        let is_temporary = self.version().catalog.are_temporary(&plan.changes);
        let txn = self.block.ensure(self.default_options())?;
        self.engine
            .catalog_table()
            .write(&mut txn.lock(), &plan.changes, is_temporary)?;
        let base = self.engine.catalog();
        self.block.ddl.apply(&base, &plan.changes);
        Ok(())
    }

    /// Does the work on files and rows; the number of rows of a CREATE TABLE AS.
    fn carry_out(&mut self, actions: Vec<Action>) -> Result<Option<u64>> {
        let mut count = None;
        for action in actions {
            match action {
                Action::Insert(query) => {
                    let version = self.version();
                    let targets = super::analyze::targets_of(&query.root);
                    let bound = sql::binder::Bound {
                        query: *query,
                        notices: Vec::new(),
                        relations: Vec::new(),
                        depends_on_settings: false,
                    };
                    for table in targets.iter().filter_map(|oid| version.catalog.table(*oid)) {
                        self.temporary.note_write(table);
                    }
                    let planned = self.plan_bound(&version, bound, Vec::new())?;
                    let (store, facts) = self.statement_store(false, "INSERT", Mode::Aside)?;
                    let mut execution = Execution::start(planned.plan, Vec::new())?;
                    let environment = sql::executor::Environment {
                        store: store.as_ref(),
                        session: facts.as_ref(),
                        text: facts.text(),
                    };
                    count = Some(execution.run(&environment)?);
                }
                Action::DropFile(file) => self.block.ddl.drop_file(file),
                Action::CheckForeignKey { constraint } => self.check_foreign_key(constraint)?,
                action => {
                    let (store, facts) = self.maintenance_store("ALTER TABLE")?;
                    DdlActions {
                        store: &store,
                        facts: &facts,
                    }
                    .run(action)?;
                }
            }
            let txn = self.block.ensure(self.default_options())?;
            txn.lock().next_command()?;
        }
        Ok(count)
    }
}

/// Numbers of files that are planned lie above those that are made.
const PLANNED_FILES: u32 = 0xF000_0000;

fn lock_mode(lock: DdlLock) -> LockMode {
    match lock {
        DdlLock::ShareUpdateExclusive => LockMode::ShareUpdateExclusive,
        DdlLock::Share => LockMode::Share,
        DdlLock::ShareRowExclusive => LockMode::ShareRowExclusive,
        DdlLock::AccessExclusive => LockMode::AccessExclusive,
    }
}
