//! Reads of one row by its whole key that are a transaction by themselves.
//!
//! Of what a statement sets up (a transaction with its locks, a store, what functions may ask of the
//! session) such a read needs a snapshot and that the table stays. What it knows from the last time
//! is kept with the statement: the plan, the open table and index, the buffers. It runs the plan's
//! short way, as every other statement with one does; only what surrounds that is less.
//!
//! Invariants: the session is in no transaction, before and after. The plan is found to hold while
//! the table is locked, so a definition that changes meanwhile is seen before or after the read, not
//! in it. Whatever is in the way (a lock, a page that is not in memory, a plan that is new) is dealt
//! with by the ordinary way; nothing has happened then.

use std::sync::Arc;

use common::{Error, ObjectId, Result};
use sql::executor::direct::{DirectExecution, DirectOutcome};
use storage::Wait;
use txn::{Isolation, View};
use types::Datum;

use super::prepared::{KeptDirect, OpenPoint, Planned, Prepared};
use super::result_sink::ResultSink;
use super::session::Session;
use super::session_handle::ActivityState;
use crate::store::KeyReader;

impl Session {
    /// Runs the statement to its end, if it is such a read; false, and nothing has happened, if not.
    /// `shown` is what `pg_stat_activity` shows of it, where that is not its own text.
    pub(super) fn run_point(
        &mut self,
        prepared: &Prepared,
        shown: Option<&Arc<str>>,
        params: &[Datum],
        sink: &mut dyn ResultSink,
    ) -> Result<bool> {
        if !self.block.is_idle() || sink.is_full() {
            return Ok(false);
        }
        self.hot.refresh(&self.settings.lock());
        if self.hot.options.isolation != Isolation::ReadCommitted {
            return Ok(false);
        }
        let planned = prepared.planned.lock().clone();
        let Some(planned) = planned.filter(|planned| self.is_untouched(planned)) else {
            return Ok(false);
        };
        let Some(mut kept) = self.kept_point(prepared, &planned)? else {
            return Ok(false);
        };
        let outcome = self.look_up(&planned, &mut kept, params);
        let sent = match &outcome {
            Ok(Some(outcome)) => send(&planned, &kept.direct, *outcome, sink),
            _ => Ok(()),
        };
        *prepared.direct.lock() = Some(kept);
        match outcome {
            Ok(Some(_)) => {}
            Ok(None) | Err(Error::WouldBlock) => return Ok(false),
            Err(error) => return Err(error),
        }
        sent?;
        self.engine.txns().count_read();
        if let Some(source) = &prepared.source {
            self.show_point(shown.unwrap_or(&source.text));
        }
        Ok(true)
    }

    /// What is kept of the statement, with its table and index open. None where it is no read of
    /// one row.
    fn kept_point(&self, prepared: &Prepared, planned: &Planned) -> Result<Option<KeptDirect>> {
        let Some((table, version)) = only_relation(planned) else {
            return Ok(None);
        };
        let kept = prepared.direct.lock().take();
        let kept = kept.filter(|kept| Arc::ptr_eq(&kept.of, &planned.plan));
        let Some(mut kept) = kept.or_else(|| KeptDirect::new(&planned.plan)) else {
            return Ok(None);
        };
        let is_open = kept
            .open
            .as_ref()
            .is_some_and(|open| open.relation.version == version);
        if is_open {
            return Ok(Some(kept));
        }
        kept.open = None;
        if let Some((of, index)) = kept.direct.point()
            && of == table
        {
            let catalog = self.engine.catalog();
            let relation = self.engine.relations().relation(&catalog, table, false)?;
            // Another version is another plan's, which the next look at the catalog makes.
            if relation.version == version {
                let index = relation.index(index)?.clone();
                kept.open = Some(OpenPoint {
                    relation,
                    index,
                    key: Vec::new(),
                });
            }
        }
        if kept.open.is_some() {
            return Ok(Some(kept));
        }
        *prepared.direct.lock() = Some(kept);
        Ok(None)
    }

    /// Reads under a lock of the table; None where that is not to be had or the plan holds no more.
    fn look_up(
        &self,
        planned: &Planned,
        kept: &mut KeptDirect,
        params: &[Datum],
    ) -> Result<Option<DirectOutcome>> {
        let KeptDirect { direct, open, .. } = kept;
        let Some(OpenPoint {
            relation,
            index,
            key: bytes,
        }) = open
        else {
            return Ok(None);
        };
        let engine = &self.engine;
        let (txns, backend) = (engine.txns(), &self.handle.backend);
        let read = || {
            if engine.catalog_cell().version() != planned.catalog_version() {
                return Ok(None);
            }
            let reader = KeyReader {
                relation,
                open: index,
                view: &View::of_reader(txns.snapshot()),
                wait: Wait::NoWait,
                backend,
            };
            let outcome = direct.look_up(params, |key, columns, out| {
                reader.lookup(key, columns, bytes, out)
            });
            outcome.map(Some)
        };
        let done = txns.locks().with_table(backend, relation.info.oid, read);
        done.unwrap_or(Ok(None))
    }

    /// What `pg_stat_activity` shows after a read that was over before anybody could look.
    fn show_point(&mut self, shown: &Arc<str>) {
        let now = self.block.statement_micros;
        self.handle.change(|activity| {
            activity.state = ActivityState::Idle;
            activity.query_start_micros = Some(now);
            activity.state_change_micros = now;
            activity.transaction_start_micros = None;
            let is_shown = activity.query.as_ref();
            if !is_shown.is_some_and(|query| Arc::ptr_eq(query, shown)) {
                activity.query = Some(shown.clone());
            }
        });
        self.handle.backend.clear_interrupt();
    }
}

/// The one relation that a plan reads, writing nothing, with the version that it was planned for.
fn only_relation(planned: &Planned) -> Option<(ObjectId, u64)> {
    match (&planned.plan.direct, planned.relations.as_slice()) {
        (Some(_), [(oid, _, version)]) if !planned.plan.writes => Some((*oid, *version)),
        _ => None,
    }
}

fn send(
    planned: &Planned,
    direct: &DirectExecution,
    outcome: DirectOutcome,
    sink: &mut dyn ResultSink,
) -> Result<()> {
    sink.columns(&planned.output);
    if outcome != DirectOutcome::Rows {
        sink.complete("SELECT 0");
        return Ok(());
    }
    sink.rows(&planned.output, direct.rows(), 0..1)?;
    sink.complete("SELECT 1");
    Ok(())
}
