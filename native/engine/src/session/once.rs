//! Statements that run once, in one piece of work: what the extended protocol does by a parse, a
//! bind, an execute and the end of a pipeline, without names for what nobody comes back to.

use std::sync::Arc;

use common::{Error, Result};
use parser::Statement;
use types::{Datum, SqlType};

use super::prepared::Prepared;
use super::result_sink::ResultSink;
use super::run::{Advanced, Begun};
use super::session::Session;
use super::work::{Kind, Mode, Progress, Work};

/// A statement on its way.
pub(super) struct Once {
    prepared: Arc<Prepared>,
    params: Vec<Datum>,
    rows_left: Option<u64>,
    /// It has ended, its transaction may not have.
    is_over: bool,
}

impl Session {
    /// Begins a statement with the parameters that `decode` gives for their types. Its transaction
    /// ends with it, unless it runs in a block. A query gives up to `max_rows` rows. None: it has
    /// ended already, and its answer is in `sink`.
    ///
    /// Say [`Session::begin_message`] before; after an error call [`Session::fail`].
    pub fn begin_once(
        &mut self,
        sql: &str,
        max_rows: Option<u64>,
        mode: Mode,
        sink: &mut dyn ResultSink,
        decode: impl FnOnce(&[SqlType], &mut Vec<Datum>) -> Result<()>,
    ) -> Result<Option<Work>> {
        let prepared = self.prepared_for(sql, &[], mode)?;
        self.analyze(&prepared)?;
        let mut params = std::mem::take(&mut self.params);
        params.clear();
        decode(
            prepared.parameters.get().map_or(&[], |types| types),
            &mut params,
        )?;
        self.check_not_failed(&prepared)?;
        if mode == Mode::Inline
            && max_rows.is_none_or(|rows| rows > 1)
            && self.run_point(&prepared, None, &params, sink)?
        {
            self.params = params;
            return Ok(None);
        }
        let source = prepared.source.as_ref();
        let is_query = source.is_some_and(|source| matches!(source.statement, Statement::Query(_)));
        Ok(Some(Work::new(Kind::Once(Once {
            prepared,
            params,
            rows_left: max_rows.filter(|_| is_query),
            is_over: false,
        }))))
    }

    pub(super) fn run_once(
        &mut self,
        work: &mut Work,
        sink: &mut dyn ResultSink,
        mode: Mode,
    ) -> Result<Option<Progress>> {
        let Kind::Once(once) = &mut work.kind else {
            return Err(Error::internal("the work is no single statement"));
        };
        if once.is_over {
            return self.run_sync(work, mode);
        }
        let Some(running) = &mut work.running else {
            self.block.is_of_several = false;
            let (prepared, params) = (once.prepared.clone(), once.params.clone());
            return match self.begin_statement(&prepared, params, mode)? {
                Begun::Running(running) => {
                    work.running = Some(running);
                    Ok(None)
                }
                Begun::Tag(tag) => self.end_once(work, Some(&tag), sink),
                Begun::Commit(after) => {
                    once.is_over = true;
                    self.commit(work, after)
                }
                Begun::Empty => {
                    once.is_over = true;
                    sink.empty();
                    Ok(None)
                }
            };
        };
        match self.advance(running, sink, &mut once.rows_left, mode)? {
            Advanced::Progress(progress) => Ok(Some(progress)),
            Advanced::Enough => self.end_once(work, None, sink),
            Advanced::Tag(tag) => self.end_once(work, Some(&tag), sink),
        }
    }

    /// The statement has ended, by itself or because its rows were enough.
    fn end_once(
        &mut self,
        work: &mut Work,
        tag: Option<&str>,
        sink: &mut dyn ResultSink,
    ) -> Result<Option<Progress>> {
        work.running = None;
        self.end_tracking(tag);
        self.end_command()?;
        match tag {
            Some(tag) => sink.complete(tag),
            None => sink.suspended(),
        }
        if let Kind::Once(once) = &mut work.kind {
            once.is_over = true;
        }
        Ok(None)
    }
}
