//! SQL cursors: DECLARE, FETCH, MOVE, CLOSE (PostgreSQL's portalcmds.c).
//!
//! A cursor is a portal with the name that DECLARE gives; it has begun, and waits. FETCH takes what
//! runs out of it, sends as many rows as are asked for, and puts it back. Invariants: cursors live in
//! a transaction block and end with it; they see what was there when they were declared; they go
//! forward only.

use std::ops::Range;
use std::sync::Arc;

use common::{Error, Result, bail, err, sqlstate};
use parser::{DeclareCursor, Fetch, FetchDirection};
use sql::ir::OutputColumn;
use types::Batch;

use super::portal::{Halt, Portal, QueryRun, Running};
use super::prepared::{Prepared, Source};
use super::result_sink::{CopyShape, ResultSink};
use super::run::Begun;
use super::session::Session;
use super::work::Mode;

/// A FETCH or MOVE that runs.
pub struct FetchRun {
    cursor: String,
    query: Box<QueryRun>,
    /// Rows to pass over first.
    skipped: u64,
    /// None: all.
    left: Option<u64>,
    is_move: bool,
    /// The cursor has no more rows.
    at_end: bool,
}

impl FetchRun {
    /// Sends rows; the command tag once that is done, None while the sink is full.
    pub fn advance(&mut self, sink: &mut dyn ResultSink) -> Result<Option<String>> {
        if self.skipped > 0 {
            let mut left = Some(std::mem::take(&mut self.skipped));
            self.at_end = matches!(self.query.send(&mut Nowhere, &mut left)?, Halt::End);
            self.query.begin_fetch();
        }
        if !self.at_end && self.left != Some(0) {
            let halt = match self.is_move {
                true => self.query.send(&mut Nowhere, &mut self.left)?,
                false => self.query.send(sink, &mut self.left)?,
            };
            match halt {
                Halt::Full => return Ok(None),
                Halt::End => self.at_end = true,
                Halt::Enough => {}
            }
        }
        let verb = if self.is_move { "MOVE" } else { "FETCH" };
        Ok(Some(format!("{verb} {}", self.query.sent())))
    }
}

/// Where rows go that a cursor passes over.
struct Nowhere;

impl ResultSink for Nowhere {
    fn columns(&mut self, _: &[OutputColumn]) {}

    fn rows(&mut self, _: &[OutputColumn], _: &Batch, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn complete(&mut self, _: &str) {}

    fn empty(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_in(&mut self, _: CopyShape) {}

    fn copy_out(&mut self, _: CopyShape) {}

    fn copy_data(&mut self, _: &[u8]) {}

    fn copy_done(&mut self) {}
}

/// How many rows to pass over and then to send (None: all that are left).
fn distance(fetch: &Fetch) -> Result<(u64, Option<u64>)> {
    let backward = || Error::not_implemented("a cursor that goes backward");
    let count = u64::try_from(fetch.count).map_err(|_| backward())?;
    match fetch.direction {
        FetchDirection::Forward if fetch.count == parser::FETCH_ALL => Ok((0, None)),
        FetchDirection::Forward if count > 0 => Ok((0, Some(count))),
        FetchDirection::Relative if count > 0 => Ok((count - 1, Some(1))),
        FetchDirection::Absolute => Err(Error::not_implemented("FETCH ABSOLUTE")),
        _ => Err(backward()),
    }
}

impl Session {
    pub(super) fn declare_cursor(
        &mut self,
        source: &Source,
        declare: &DeclareCursor,
    ) -> Result<Begun> {
        for (is_asked, what) in [
            (declare.hold, "DECLARE CURSOR WITH HOLD"),
            (declare.scroll == Some(true), "DECLARE SCROLL CURSOR"),
            (declare.binary, "DECLARE BINARY CURSOR"),
        ] {
            if is_asked {
                return Err(Error::not_implemented(what));
            }
        }
        self.block.require_explicit("DECLARE CURSOR")?;
        self.check_new_portal(&declare.name)?;
        let inner = source.part(&declare.query);
        let prepared = Arc::new(Prepared::of_text(Arc::new(inner)));
        let planned = self.planned(&prepared)?;
        if planned.plan.writes {
            bail!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "DECLARE CURSOR must not contain data-modifying statements in WITH"
            );
        }
        let planned = self.lock_relations(&prepared, planned, Mode::Aside)?;
        let run = self.start_plan(&planned, Vec::new(), "SELECT", Mode::Aside)?;
        let portal = Portal {
            prepared,
            params: Vec::new(),
            formats: Vec::new(),
            running: Some(Running::Query(Box::new(run))),
            done: false,
        };
        self.portals.insert(declare.name.clone(), portal);
        Ok(Begun::Tag("DECLARE CURSOR".to_owned()))
    }

    pub(super) fn fetch(&mut self, fetch: &Fetch) -> Result<Begun> {
        let (skipped, left) = distance(fetch)?;
        let prepared = self.cursor(&fetch.cursor)?.prepared.clone();
        let columns = self.describe(&prepared)?.unwrap_or_default();
        let portal = self.cursor(&fetch.cursor)?;
        let query = match portal.running.take() {
            Some(Running::Query(mut query)) => {
                query.begin_fetch();
                query
            }
            _ if portal.done => Box::new(QueryRun::of_rows(columns, Batch::default(), "SELECT")),
            _ => bail!(
                sqlstate::OBJECT_IN_USE,
                "cursor \"{}\" is in use",
                fetch.cursor
            ),
        };
        let run = FetchRun {
            cursor: fetch.cursor.clone(),
            query,
            skipped,
            left,
            is_move: fetch.is_move,
            at_end: false,
        };
        Ok(Begun::Running(Running::Fetch(Box::new(run))))
    }

    /// A FETCH is done: the cursor has what is left.
    pub(super) fn end_fetch(&mut self, fetch: &mut FetchRun) {
        if let Some(portal) = self.portals.get_mut(&fetch.cursor) {
            portal.done |= fetch.at_end;
            let nothing = QueryRun::of_rows(Arc::default(), Batch::default(), "SELECT");
            let query = std::mem::replace(&mut *fetch.query, nothing);
            portal.running = (!portal.done).then(|| Running::Query(Box::new(query)));
        }
    }

    /// Columns that a FETCH gives; a MOVE gives none.
    pub(super) fn fetch_columns(&mut self, fetch: &Fetch) -> Result<Option<Arc<[OutputColumn]>>> {
        if fetch.is_move {
            return Ok(None);
        }
        let prepared = self.cursor(&fetch.cursor)?.prepared.clone();
        self.describe(&prepared)
    }

    /// CLOSE; None closes all.
    pub(super) fn close_cursor(&mut self, name: Option<&str>) -> Result<Begun> {
        match name {
            Some(name) => {
                self.cursor(name)?;
                self.portals.remove(name);
                Ok(Begun::Tag("CLOSE CURSOR".to_owned()))
            }
            None => {
                self.portals.clear();
                Ok(Begun::Tag("CLOSE CURSOR ALL".to_owned()))
            }
        }
    }

    fn cursor(&mut self, name: &str) -> Result<&mut Portal> {
        self.portals.get_mut(name).ok_or_else(|| {
            err!(
                sqlstate::INVALID_CURSOR_NAME,
                "cursor \"{name}\" does not exist"
            )
        })
    }
}
