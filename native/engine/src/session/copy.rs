//! The COPY statement: what it copies, and the plan for it.

use std::sync::Arc;

use common::{Error, ObjectId, Result, bail, err, sqlstate};
use parser::{Copy, CopyEndpoint, CopySource, RelationName};
use sql::executor::Execution;
use sql::ir::{Assignment, ColumnId, ColumnTable, Expr, ExternalId, Insert, Plan, Query};
use txn::LockMode;
use types::SqlType;

use super::analyze::Version;
use super::copy_in::{CopyIn, CopyTarget};
use super::copy_out::CopyOut;
use super::copy_rejects::Rejects;
use super::portal::Running;
use super::prepared::{Prepared, Source};
use super::run::Begun;
use super::session::Session;
use super::work::Mode;
use crate::copy::{CopyOptions, RowReader, RowWriter};
use crate::relations::sql_type;

impl Session {
    pub(super) fn copy(&mut self, source: &Arc<Source>, copy: &Copy) -> Result<Begun> {
        match &copy.endpoint {
            CopyEndpoint::Client => {}
            CopyEndpoint::File(_) => {
                return Err(Error::not_implemented("COPY with a file of the server")
                    .with_hint("Use COPY FROM STDIN or COPY TO STDOUT, or psql's \\copy."));
            }
            CopyEndpoint::Program(_) => {
                return Err(Error::not_implemented("COPY with a program of the server"));
            }
        }
        if copy.filter.is_some() {
            return Err(Error::not_implemented("COPY FROM with WHERE"));
        }
        match (&copy.source, copy.is_from) {
            (CopySource::Table { name, columns }, true) => self.copy_from(copy, name, columns),
            (CopySource::Table { name, columns }, false) => {
                let (table, positions) = self.copied_columns(name, columns)?;
                let quoted = |name: &str| common::quote_identifier(name).into_owned();
                let list: Vec<_> = positions
                    .iter()
                    .map(|at| quoted(&table.columns[*at].name))
                    .collect();
                let schema = self.version().catalog.schema(table.schema).cloned();
                let schema = schema.map_or_else(String::new, |schema| quoted(&schema.name));
                let text = format!(
                    "SELECT {} FROM {schema}.{}",
                    list.join(", "),
                    quoted(&table.name)
                );
                let whole: Arc<str> = text.as_str().into();
                let parsed = parser::parse(&whole)?.pop();
                let parsed = parsed.ok_or_else(|| Error::internal("a SELECT does not parse"))?;
                self.copy_to(copy, Arc::new(Source::new(parsed, &whole)))
            }
            (CopySource::Query(statement), _) => {
                let inner = Source {
                    text: source.text.clone(),
                    whole: source.whole.clone(),
                    statement: (**statement).clone(),
                    max_param: 0,
                };
                self.copy_to(copy, Arc::new(inner))
            }
        }
    }

    /// The table and the positions of the columns that are copied.
    fn copied_columns(
        &mut self,
        name: &RelationName,
        columns: &[String],
    ) -> Result<(Arc<catalog::Table>, Vec<usize>)> {
        let version = self.version();
        let table = self.find_table(&version, name)?;
        if is_temporary(&table) && self.search_path(&version).temp != Some(table.schema) {
            let message = "cannot access temporary tables of other sessions";
            return Err(Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
        }
        if columns.is_empty() {
            let live = table.live_columns().filter(|column| !column.generated);
            let positions = live.map(|column| column.attnum as usize - 1).collect();
            return Ok((table, positions));
        }
        let mut positions = Vec::with_capacity(columns.len());
        for name in columns {
            let column = table.column(name).ok_or_else(|| {
                err!(
                    sqlstate::UNDEFINED_COLUMN,
                    "column \"{name}\" of relation \"{}\" does not exist",
                    table.name
                )
            })?;
            let at = column.attnum as usize - 1;
            if column.generated {
                return Err(err!(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "column \"{name}\" is a generated column"
                )
                .with_detail("Generated columns cannot be used in COPY."));
            }
            if positions.contains(&at) {
                bail!(
                    sqlstate::DUPLICATE_COLUMN,
                    "column \"{name}\" specified more than once"
                );
            }
            positions.push(at);
        }
        Ok((table, positions))
    }

    /// The stored table of that name.
    pub(super) fn find_table(
        &mut self,
        version: &Version,
        name: &RelationName,
    ) -> Result<Arc<catalog::Table>> {
        let missing = || {
            let shown = match &name.schema {
                Some(schema) => format!("{schema}.{}", name.name),
                None => name.name.clone(),
            };
            err!(
                sqlstate::UNDEFINED_TABLE,
                "relation \"{shown}\" does not exist"
            )
        };
        let catalog = &version.catalog;
        let schemas: Vec<ObjectId> = match &name.schema {
            Some(schema) => {
                let path = self.search_path(version);
                vec![path.schema_named(catalog, schema).ok_or_else(missing)?]
            }
            None => self.search_path(version).all.to_vec(),
        };
        let found = schemas
            .iter()
            .find_map(|s| catalog.relation_by_name(*s, &name.name));
        match found.ok_or_else(missing)? {
            catalog::Relation::Table(table) if table.has_storage() => Ok(table),
            _ => bail!(
                sqlstate::WRONG_OBJECT_TYPE,
                "\"{}\" is not a table",
                name.name
            ),
        }
    }

    fn copy_from(&mut self, copy: &Copy, name: &RelationName, columns: &[String]) -> Result<Begun> {
        let (table, positions) = self.copied_columns(name, columns)?;
        let names: Vec<String> = positions
            .iter()
            .map(|at| table.columns[*at].name.clone())
            .collect();
        let types: Vec<SqlType> = positions
            .iter()
            .map(|at| sql_type(table.columns[*at].ty))
            .collect();
        let options = CopyOptions::parse(&copy.options, &names, true)?;
        let version = self.version();
        let query = insert_of(&version, &table, &positions)?;
        let oid = table.oid;
        self.lock(oid, LockMode::RowExclusive)?;
        self.temporary.note_write(&table);
        let lock = (
            oid,
            LockMode::RowExclusive,
            version.catalog.relation_version(oid),
        );
        let bound = sql::binder::Bound {
            query,
            notices: Vec::new(),
            relations: vec![oid],
            depends_on_settings: false,
        };
        let plan = self.plan_bound(&version, bound, vec![lock])?.plan;
        let (store, facts) =
            self.statement_store(!is_temporary(&table), "COPY FROM", Mode::Aside)?;
        let target = CopyTarget {
            table: table.name.clone(),
            columns: names,
            types,
        };
        let text = self.text_context();
        let start = Box::new(move || Execution::start(plan.clone(), Vec::new()));
        let rejects = Rejects::new(&options, self.notices.clone());
        let reader = RowReader::new(options);
        let copy = CopyIn::new(reader, target, text, start, store, facts, rejects);
        Ok(Begun::Running(Running::CopyIn(Box::new(copy))))
    }

    fn copy_to(&mut self, copy: &Copy, source: Arc<Source>) -> Result<Begun> {
        let prepared = Arc::new(Prepared::of_text(source));
        let planned = self.planned(&prepared)?;
        if planned.output.is_empty() {
            bail!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "COPY query must have a RETURNING clause"
            );
        }
        for (table, mode, _) in &planned.relations {
            self.lock(*table, *mode)?;
        }
        let names: Vec<String> = planned
            .output
            .iter()
            .map(|column| column.name.clone())
            .collect();
        let types = planned.output.iter().map(|column| column.ty).collect();
        let options = CopyOptions::parse(&copy.options, &names, false)?;
        let (store, facts) =
            self.statement_store(planned.needs_write_access(), "COPY TO", Mode::Aside)?;
        let execution = Execution::start(planned.plan.clone(), Vec::new())?;
        let writer = RowWriter::new(options, types);
        let copy = CopyOut::new(execution, store, facts, writer, names);
        Ok(Begun::Running(Running::CopyOut(Box::new(copy))))
    }
}

fn is_temporary(table: &catalog::Table) -> bool {
    table.persistence == catalog::Persistence::Temporary
}

/// The INSERT that a COPY comes to: its rows come from the outside.
fn insert_of(version: &Version, table: &catalog::Table, positions: &[usize]) -> Result<Query> {
    let rules = version.rules.rules(&version.catalog, table.oid)?;
    let mut columns = ColumnTable::new();
    let mut add = |at: usize| {
        let column = &table.columns[at];
        columns.add(&table.name, &column.name, sql_type(column.ty))
    };
    let given: Vec<ColumnId> = positions.iter().map(|at| add(*at)).collect();
    let row: Vec<ColumnId> = (0..table.columns.len()).map(add).collect();
    let live = table.live_columns().filter(|column| !column.generated);
    let values = live
        .map(|column| {
            let at = column.attnum as usize - 1;
            let ty = sql_type(column.ty);
            let value = match positions.iter().position(|position| *position == at) {
                Some(place) => Expr::column(given[place], ty),
                None => match &rules.defaults[at] {
                    Some(default) => default.clone(),
                    None => Expr::null(ty),
                },
            };
            Assignment {
                position: at as u16,
                value,
            }
        })
        .collect();
    let source = Plan::External {
        id: ExternalId(0),
        columns: given,
    };
    let insert = Insert {
        rules,
        source,
        values,
        on_conflict: None,
        row,
        returning: Vec::new(),
    };
    Ok(Query {
        root: Plan::Insert(Box::new(insert)),
        columns,
        output: Vec::new(),
        params: Vec::new(),
    })
}
