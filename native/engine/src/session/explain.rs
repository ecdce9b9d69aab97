//! EXPLAIN.

use std::sync::Arc;

use common::{Error, Result, bail, err, sqlstate};
use parser::{Explain, Statement};
use sql::executor::Environment;
use sql::explain::{ExplainFormat, ExplainOptions, ExplainTimes};
use sql::ir::OutputColumn;
use types::{Batch, Datum, DatumRef, Physical, SqlType, TypeOid, Vector};

use super::analyze::is_plannable;
use super::portal::{QueryRun, Running};
use super::prepared::Prepared;
use super::run::Begun;
use super::session::Session;
use super::set_show::columns_of;
use super::work::Mode;

/// Columns of EXPLAIN's answer.
pub(super) fn explain_columns(explain: &Explain) -> Result<Arc<[OutputColumn]>> {
    Ok(columns_in(options_of(explain)?.format))
}

fn columns_in(format: ExplainFormat) -> Arc<[OutputColumn]> {
    let ty = match format {
        ExplainFormat::Text => TypeOid::TEXT,
        ExplainFormat::Json => TypeOid::JSON,
    };
    columns_of(&["QUERY PLAN"], SqlType::new(ty))
}

fn options_of(explain: &Explain) -> Result<ExplainOptions> {
    let mut options = ExplainOptions::default();
    for option in &explain.options {
        let flag = || {
            option.value.as_bool().ok_or_else(|| {
                err!(
                    sqlstate::SYNTAX_ERROR,
                    "{} requires a Boolean value",
                    option.name
                )
            })
        };
        match option.name.as_str() {
            "analyze" => options.analyze = flag()?,
            "verbose" => options.verbose = flag()?,
            "costs" => options.costs = flag()?,
            "timing" => options.timing = flag()?,
            "summary" => options.summary = flag()?,
            // Taken, and nothing is shown for them.
            "buffers" | "settings" | "wal" => drop(flag()?),
            "format" => {
                let text = option.value.as_text().unwrap_or_default();
                options.format = match text.to_ascii_lowercase().as_str() {
                    "text" => ExplainFormat::Text,
                    "json" => ExplainFormat::Json,
                    "xml" | "yaml" => {
                        return Err(Error::not_implemented(format!("EXPLAIN format {text}")));
                    }
                    other => bail!(
                        sqlstate::INVALID_PARAMETER_VALUE,
                        "unrecognized value for EXPLAIN option \"format\": \"{other}\""
                    ),
                };
            }
            other => {
                bail!(
                    sqlstate::SYNTAX_ERROR,
                    "unrecognized EXPLAIN option \"{other}\""
                )
            }
        }
    }
    Ok(options)
}

impl Session {
    pub(super) fn explain(
        &mut self,
        prepared: &Prepared,
        explain: &Explain,
        params: Vec<Datum>,
    ) -> Result<Begun> {
        let options = options_of(explain)?;
        let (prepared, params) = self.explained(prepared, explain, params)?;
        let before = common::rt::monotonic_ns();
        let planned = self.planned(&prepared)?;
        let planning_ns = common::rt::monotonic_ns() - before;
        for (table, mode, _) in &planned.relations {
            self.lock(*table, *mode)?;
        }
        let mut times = ExplainTimes {
            planning_ns,
            execution_ns: 0,
        };
        let mut counters = Vec::new();
        if options.analyze {
            let tag = prepared
                .source
                .as_ref()
                .map_or("", |s| s.statement.command_tag());
            self.note_writes(&planned, Mode::Aside)?;
            let writes = planned.needs_write_access();
            let (store, facts) = self.statement_store(writes, tag, Mode::Aside)?;
            let execution = sql::executor::Execution::start(planned.plan.clone(), params)?;
            let mut execution = execution.with_counters();
            let environment = Environment {
                store: store.as_ref(),
                session: facts.as_ref(),
                text: facts.text(),
            };
            let before = common::rt::monotonic_ns();
            execution.run(&environment)?;
            times.execution_ns = common::rt::monotonic_ns() - before;
            counters = execution.counters().unwrap_or_default().to_vec();
        }
        let counters = options.analyze.then_some(counters.as_slice());
        let lines = sql::explain::explain(&planned.plan, counters, &options, times);
        let mut column = Vector::new(Physical::Bytes);
        for line in &lines {
            column.push(DatumRef::Bytes(line.as_bytes()));
        }
        let batch = Batch::new(vec![column], lines.len());
        let run = QueryRun::of_rows(columns_in(options.format), batch, "EXPLAIN");
        Ok(Begun::Running(Running::Query(Box::new(run))))
    }

    /// The statement that is explained: a plain one, or the one that EXECUTE names.
    fn explained(
        &mut self,
        prepared: &Prepared,
        explain: &Explain,
        params: Vec<Datum>,
    ) -> Result<(Arc<Prepared>, Vec<Datum>)> {
        if let Statement::Execute(execute) = &*explain.statement {
            let prepared = self.statement(&execute.name)?.clone();
            self.analyze(&prepared)?;
            let types = prepared.parameters.get().cloned().unwrap_or_default();
            let params = self.evaluate(&execute.params, &types)?;
            return Ok((prepared, params));
        }
        if !is_plannable(&explain.statement) {
            return Err(Error::not_implemented(format!(
                "EXPLAIN of {}",
                explain.statement.command_tag()
            )));
        }
        let inner = prepared.inner(&explain.statement);
        let inner = inner.ok_or_else(|| Error::internal("no statement"))?;
        Ok((Arc::new(inner), params))
    }
}
