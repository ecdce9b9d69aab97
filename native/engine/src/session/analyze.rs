//! Planning: from a prepared statement to a plan that holds now.

use std::sync::Arc;

use catalog::{Catalog, Persistence};
use common::{Error, ObjectId, Result, sqlstate};
use parser::{DeclareCursor, Explain, Statement};
use sql::access::{PlanContext, TableEstimate};
use sql::binder::{BindContext, Bound, ParamTypes, bind_statement};
use sql::ir::{OutputColumn, Plan, TableRules};
use txn::LockMode;
use types::TypeOid;

use super::prepared::{Planned, Prepared, Source};
use super::session::Session;
use crate::relations::Relations;
use crate::search_path::SearchPath;
use crate::table_rules::RulesCache;

/// The catalog that a statement is bound against.
pub(super) struct Version {
    pub catalog: Arc<Catalog>,
    /// The transaction's own.
    pub is_private: bool,
    pub rules: Arc<RulesCache>,
}

/// Whether a statement becomes a plan (else the session runs it itself).
pub(super) fn is_plannable(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::Query(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Merge(_)
    )
}

impl Session {
    /// The newest version of the catalog that this session may see.
    pub(super) fn version(&self) -> Version {
        match self.block.ddl.catalog() {
            Some(own) => Version {
                catalog: own.clone(),
                is_private: true,
                rules: Arc::new(RulesCache::default()),
            },
            None => Version {
                catalog: self.engine.catalog(),
                is_private: false,
                rules: self.engine.rules().clone(),
            },
        }
    }

    /// `search_path` as it resolves in this version.
    pub(super) fn search_path(&mut self, version: &Version) -> SearchPath {
        let key = (self.settings().version(), version.catalog.version());
        if version.is_private {
            // Its version may be that of another catalog, once it is published or rolled back.
            self.path.1 = u64::MAX;
            return self.resolve_path(&version.catalog);
        }
        if (self.path.0, self.path.1) != key {
            self.path = (key.0, key.1, self.resolve_path(&version.catalog));
        }
        self.path.2.clone()
    }

    fn resolve_path(&self, catalog: &Catalog) -> SearchPath {
        let path = self.settings().value("search_path");
        let user = self.handle.activity().user;
        SearchPath::resolve(catalog, path.as_str(), &user, self.temp_schema_name())
    }

    /// Binds with everything that the session brings.
    pub(super) fn with_bind_context<R>(
        &mut self,
        version: &Version,
        sql: &str,
        body: impl FnOnce(&BindContext<'_>) -> Result<R>,
    ) -> Result<R> {
        let text = self.text_context();
        let path = self.search_path(version);
        let rules = |table: ObjectId| version.rules.rules(&version.catalog, table);
        body(&BindContext {
            catalog: &version.catalog,
            sql,
            search_path: &path.listed,
            temp_schema: path.temp,
            makes_temporary: path.makes_temporary,
            user: self.user,
            text: &text,
            rules: &rules,
        })
    }

    pub(super) fn bind_source(
        &mut self,
        version: &Version,
        source: &Source,
        params: ParamTypes<'_>,
    ) -> Result<Bound> {
        let bound = self.with_bind_context(version, &source.whole, |context| {
            bind_statement(context, &source.statement, params)
        })?;
        self.notices.push_all(&bound.notices);
        Ok(bound)
    }

    /// Finds types and columns of a prepared statement.
    pub(super) fn analyze(&mut self, prepared: &Arc<Prepared>) -> Result<()> {
        if prepared.parameters.get().is_some() {
            return Ok(());
        }
        let types = match prepared.source.as_ref().map(|source| &source.statement) {
            Some(statement) if is_plannable(statement) => return self.planned(prepared).map(drop),
            Some(
                Statement::Explain(Explain {
                    statement: inner, ..
                })
                | Statement::DeclareCursor(DeclareCursor { query: inner, .. }),
            ) if is_plannable(inner) => {
                let inner = prepared.inner(inner).map(Arc::new);
                let inner = inner.ok_or_else(|| Error::internal("no statement"))?;
                self.planned(&inner)?;
                inner.parameters.get().cloned()
            }
            _ => None,
        };
        let types = types.unwrap_or_else(|| prepared.declared.clone().into());
        prepared.parameters.get_or_init(|| types);
        Ok(())
    }

    /// The columns of a statement's rows; None when it gives none.
    pub(super) fn describe(
        &mut self,
        prepared: &Arc<Prepared>,
    ) -> Result<Option<Arc<[OutputColumn]>>> {
        let Some(source) = prepared.source.clone() else {
            return Ok(None);
        };
        if !is_plannable(&source.statement) {
            return self.utility_columns(&source.statement);
        }
        let described = prepared.described.lock().clone();
        let columns = match described {
            Some(columns) => columns,
            None => {
                let columns = self.planned(prepared)?.output.clone();
                *prepared.described.lock() = Some(columns.clone());
                columns
            }
        };
        Ok((!columns.is_empty()).then_some(columns))
    }

    /// A plan for the statement that holds for the catalog and the settings of now.
    pub(super) fn planned(&mut self, prepared: &Arc<Prepared>) -> Result<Arc<Planned>> {
        let kept = prepared.planned.lock().clone();
        if let Some(planned) = &kept
            && self.is_untouched(planned)
        {
            return Ok(planned.clone());
        }
        let version = self.version();
        if !version.is_private
            && let Some(planned) = kept
            && self.still_holds(&planned, &version)
        {
            return Ok(planned);
        }
        let source = prepared
            .source
            .as_ref()
            .ok_or_else(|| Error::internal("no statement"))?;
        let known = prepared.parameters.get();
        let types = known.map_or(&*prepared.declared, |known| known).iter();
        let types: Vec<TypeOid> = types.map(|ty| ty.oid).collect();
        let params = match known {
            Some(_) => ParamTypes::Fixed(&types),
            None => ParamTypes::Open(&types),
        };
        let bound = self.bind_source(&version, source, params)?;
        prepared
            .parameters
            .get_or_init(|| bound.query.params.clone().into());
        let relations = relations_of(&bound, &version.catalog);
        let is_cacheable = !version.is_private && !bound.depends_on_settings;
        let planned = Arc::new(self.plan_bound(&version, bound, relations)?);
        if let Some(told) = prepared.described.lock().as_ref()
            && !same_columns(told, &planned.output)
        {
            return Err(Error::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cached plan must not change result type",
            ));
        }
        if is_cacheable {
            *prepared.planned.lock() = Some(planned.clone());
        }
        Ok(planned)
    }

    pub(super) fn plan_bound(
        &mut self,
        version: &Version,
        bound: Bound,
        relations: Vec<(ObjectId, LockMode, u64)>,
    ) -> Result<Planned> {
        let output: Arc<[OutputColumn]> = bound.query.output.clone().into();
        let path = self.search_path(version).all;
        let settings = self.settings();
        let context = Planning {
            catalog: &version.catalog,
            rules: &version.rules,
            relations: self.engine.relations(),
            settings: &settings,
        };
        let is_temporary = |target: &ObjectId| {
            let table = version.catalog.table(*target);
            table.is_some_and(|table| table.persistence == Persistence::Temporary)
        };
        let writes_temporary = targets_of(&bound.query.root).iter().all(is_temporary);
        let plan = sql::planner::plan(bound.query, &context)?;
        Ok(Planned {
            writes_temporary,
            plan,
            relations,
            settings_version: settings.version(),
            catalog_version: version.catalog.version().into(),
            path,
            output,
        })
    }

    /// Whether nothing at all has changed since the plan was last found to hold.
    #[inline]
    pub(super) fn is_untouched(&self, planned: &Planned) -> bool {
        self.block.ddl.catalog().is_none()
            && planned.catalog_version() == self.engine.catalog_cell().version()
            && planned.settings_version == self.settings().version()
    }

    /// Whether what was planned for is still so: the settings, the relations, and that no other
    /// relation has come before them on the search path.
    pub(super) fn still_holds(&mut self, planned: &Planned, version: &Version) -> bool {
        let catalog = &version.catalog;
        if planned.settings_version != self.settings().version() {
            return false;
        }
        let planned_for = planned.catalog_version();
        if planned_for == catalog.version() {
            return true;
        }
        let mut relations = planned.relations.iter();
        let holds = relations.all(|(oid, _, version)| catalog.relation_version(*oid) == *version)
            && self.search_path(version).all == planned.path
            && planned
                .path
                .iter()
                .all(|schema| catalog.names_version(*schema) <= planned_for);
        if holds && !version.is_private {
            planned.holds_for(catalog.version());
        }
        holds
    }
}

fn same_columns(a: &[OutputColumn], b: &[OutputColumn]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a.ty == b.ty && a.name == b.name)
}

/// The lock that each relation needs: the target of a write more than what is only read.
fn relations_of(bound: &Bound, catalog: &Catalog) -> Vec<(ObjectId, LockMode, u64)> {
    let targets = targets_of(&bound.query.root);
    let stored = |oid: &&ObjectId| {
        catalog
            .table(**oid)
            .is_some_and(|table| table.has_storage())
    };
    let mut list: Vec<_> = bound
        .relations
        .iter()
        .filter(stored)
        .map(|oid| {
            let mode = match targets.contains(oid) {
                true => LockMode::RowExclusive,
                false => LockMode::AccessShare,
            };
            (*oid, mode, catalog.relation_version(*oid))
        })
        .collect();
    list.sort_unstable_by_key(|(oid, ..)| *oid);
    list
}

/// The tables that a statement writes, those of its data-modifying WITH queries too.
pub(super) fn targets_of(plan: &Plan) -> Vec<ObjectId> {
    match plan {
        Plan::Insert(insert) => vec![insert.rules.table.oid],
        Plan::Update(update) => vec![update.rules.table.oid],
        Plan::Delete(delete) => vec![delete.rules.table.oid],
        Plan::With(with) => {
            let ctes = with.ctes.iter().flat_map(|cte| targets_of(&cte.plan));
            ctes.chain(targets_of(&with.body)).collect()
        }
        _ => Vec::new(),
    }
}

/// What the planner asks.
struct Planning<'a> {
    catalog: &'a Catalog,
    rules: &'a RulesCache,
    relations: &'a Relations,
    settings: &'a crate::settings::SessionSettings,
}

impl PlanContext for Planning<'_> {
    fn rules(&self, table: ObjectId) -> Result<Arc<TableRules>> {
        self.rules.rules(self.catalog, table)
    }

    fn estimate(&self, table: ObjectId) -> TableEstimate {
        let statistics = self.catalog.statistics(table).cloned();
        match self.relations.size(self.catalog, table) {
            Some((rows, pages)) => {
                let (rows, pages) = (rows as f64, f64::from(pages));
                TableEstimate {
                    rows,
                    pages,
                    statistics,
                }
            }
            None => TableEstimate {
                rows: 100.0,
                pages: 1.0,
                statistics,
            },
        }
    }

    fn is_enabled(&self, setting: &str) -> bool {
        self.settings
            .show(setting)
            .map_or(true, |value| value == "on")
    }

    fn work_mem_bytes(&self) -> usize {
        work_mem_bytes(self.settings)
    }
}

pub(super) fn work_mem_bytes(settings: &crate::settings::SessionSettings) -> usize {
    settings.value("work_mem").as_int() as usize * 1024
}
