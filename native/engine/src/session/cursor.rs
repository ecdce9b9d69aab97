//! SQL cursors: DECLARE, FETCH, MOVE, CLOSE (PostgreSQL's portalcmds.c).
//!
//! A cursor is a portal with the name that DECLARE gives; it has begun, and waits. FETCH takes its
//! rows out of it, moves, and puts them back; a FETCH that fails leaves the portal without, and it
//! cannot be run any more. Invariants: a cursor without HOLD lives in a transaction block and ends
//! with it; cursors see what was there when they were declared.

use std::sync::Arc;

use common::{Error, Result, bail, err, sqlstate};
use parser::{DeclareCursor, Fetch, LockStrength, Statement};
use sql::ir::OutputColumn;
use types::Datum;

use super::cursor_rows::{Cursor, Motion, Nowhere, Route, is_repeatable, runs_backward};
use super::portal::{Halt, Portal, Running};
use super::prepared::Prepared;
use super::result_sink::ResultSink;
use super::run::Begun;
use super::session::Session;
use super::work::{Kind, Mode, Work};
use crate::store::TempFiles;

/// A FETCH or MOVE that runs, or an Execute of a cursor's portal.
pub struct FetchRun {
    name: String,
    cursor: Option<Box<Cursor>>,
    route: Route,
    verb: &'static str,
    announced: bool,
    /// Of the motion that runs: rows to go, and done.
    left: Option<u64>,
    done: u64,
    begun: bool,
    /// It was to stop before the end of the rows.
    is_suspended: bool,
}

impl FetchRun {
    fn new(name: &str, cursor: Box<Cursor>, route: Route, verb: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            cursor: Some(cursor),
            route,
            verb,
            announced: false,
            left: None,
            done: 0,
            begun: false,
            is_suspended: false,
        }
    }

    /// Moves and sends rows; the command tag once that is done, None while the sink is full.
    pub fn advance(
        &mut self,
        sink: &mut dyn ResultSink,
        files: &TempFiles,
    ) -> Result<Option<String>> {
        // Taken out for good by an error: where it stands then nobody knows.
        let Some(mut cursor) = self.cursor.take() else {
            return Err(Error::internal("the cursor is here while it moves"));
        };
        if !self.announced && self.verb != "MOVE" {
            sink.columns(&cursor.output);
        }
        self.announced = true;
        while let Some(&motion) = self.route.motions.front() {
            if !self.begun {
                cursor.begin(motion, files)?;
                self.begun = true;
                self.done = 0;
                self.left = match motion {
                    Motion::Rewind => None,
                    Motion::Forward(count) | Motion::Backward(count) => count,
                };
            }
            let is_sent = self.route.motions.len() == 1 && self.verb != "MOVE";
            let (left, done) = (&mut self.left, &mut self.done);
            let halt = match is_sent {
                true => cursor.go_on(motion, left, done, sink, files)?,
                false => cursor.go_on(motion, left, done, &mut Nowhere, files)?,
            };
            if matches!(halt, Halt::Full) {
                self.cursor = Some(cursor);
                return Ok(None);
            }
            self.is_suspended = matches!(halt, Halt::Enough);
            self.begun = false;
            self.route.motions.pop_front();
        }
        self.cursor = Some(cursor);
        let count = self.route.count.unwrap_or(self.done);
        Ok(Some(format!("{} {count}", self.verb)))
    }
}

impl Session {
    pub(super) fn declare_cursor(
        &mut self,
        whole: &Prepared,
        declare: &DeclareCursor,
        params: Vec<Datum>,
    ) -> Result<Begun> {
        if declare.binary {
            return Err(Error::not_implemented("DECLARE BINARY CURSOR"));
        }
        check_locking(declare)?;
        if !declare.hold {
            self.block.require_some("DECLARE CURSOR")?;
        }
        self.check_new_portal(&declare.name)?;
        let prepared = whole.inner(&declare.query).map(Arc::new);
        let prepared = prepared.ok_or_else(|| Error::internal("no statement"))?;
        let planned = self.planned(&prepared)?;
        if planned.plan.writes {
            bail!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "DECLARE CURSOR must not contain data-modifying statements in WITH"
            );
        }
        let planned = self.lock_relations(&prepared, planned, Mode::Aside)?;
        let run = self.start_plan(&planned, params.clone(), "SELECT", Mode::Aside)?;
        let root = &planned.plan.root;
        let is_locking = locking_of(&declare.query).is_some();
        let is_scroll = declare.scroll.unwrap_or(!is_locking && runs_backward(root));
        let mut cursor = Cursor::new(
            Some(Box::new(run)),
            planned.output.clone(),
            params,
            self.hot().work_mem_bytes,
            is_scroll && !is_repeatable(root),
        );
        cursor.is_scroll = is_scroll;
        cursor.is_hold = declare.hold;
        let mut portal = Portal::new(prepared, Vec::new(), Vec::new());
        portal.cursor = Some(Box::new(cursor));
        portal.is_declared = true;
        portal.level = self.block.depth();
        portal.created_micros = self.block.statement_micros;
        self.portals.insert(&declare.name, portal);
        Ok(Begun::Tag("DECLARE CURSOR".to_owned()))
    }

    pub(super) fn fetch(&mut self, fetch: &Fetch) -> Result<Begun> {
        self.make_cursor(&fetch.cursor)?;
        let cursor = self.cursor(&fetch.cursor)?.cursor.take();
        let cursor = cursor.ok_or_else(|| cannot_be_run(&fetch.cursor))?;
        let route = cursor.route(fetch);
        let verb = if fetch.is_move { "MOVE" } else { "FETCH" };
        let run = FetchRun::new(&fetch.cursor, cursor, route, verb);
        Ok(Begun::Running(Running::Fetch(Box::new(run))))
    }

    /// FETCH from a portal of the protocol: what runs of it becomes a cursor's.
    fn make_cursor(&mut self, name: &str) -> Result<()> {
        let portal = self.cursor(name)?;
        if portal.cursor.is_some() || portal.is_declared {
            return Ok(());
        }
        let (prepared, params) = (portal.prepared.clone(), portal.params.clone());
        let source = prepared.source.as_ref();
        if !source.is_some_and(|source| matches!(source.statement, Statement::Query(_))) {
            return Err(cannot_be_run(name));
        }
        let running = portal.running.take();
        let has_begun = running.is_some() || portal.done;
        let output = self.describe(&prepared)?.unwrap_or_default();
        let source = match running {
            Some(Running::Query(query)) => Some(query),
            _ if has_begun => None,
            _ => {
                let planned = self.planned(&prepared)?;
                let planned = self.lock_relations(&prepared, planned, Mode::Aside)?;
                let run = self.start_plan(&planned, params.clone(), "SELECT", Mode::Aside)?;
                Some(Box::new(run))
            }
        };
        let cursor = Cursor::new(source, output, params, self.hot().work_mem_bytes, false);
        self.cursor(name)?.cursor = Some(Box::new(cursor));
        Ok(())
    }

    /// Execute of a portal that is a cursor: the next rows.
    pub(super) fn execute_cursor(
        portal: &mut Portal,
        name: &str,
        work: &Work,
    ) -> Result<Option<Running>> {
        let Some(cursor) = portal.cursor.take() else {
            return match portal.is_declared {
                true => Err(cannot_be_run(name)),
                false => Ok(None),
            };
        };
        let count = match &work.kind {
            Kind::Execute { rows_left, .. } => *rows_left,
            _ => None,
        };
        let route = Route {
            motions: [Motion::Forward(count)].into(),
            count: None,
        };
        let run = FetchRun::new(name, cursor, route, "SELECT");
        Ok(Some(Running::Fetch(Box::new(run))))
    }

    /// A FETCH is done: the cursor has what is left. Whether it is an Execute that has not come to
    /// the end of the rows.
    pub(super) fn end_fetch(&mut self, fetch: &mut FetchRun) -> bool {
        if let Some(portal) = self.portals.get_mut(&fetch.name) {
            portal.cursor = fetch.cursor.take();
        }
        self.portals.note_memory(&fetch.name);
        fetch.is_suspended && fetch.verb == "SELECT"
    }

    /// Columns that a FETCH gives; a MOVE gives none.
    pub(super) fn fetch_columns(&mut self, fetch: &Fetch) -> Result<Option<Arc<[OutputColumn]>>> {
        if fetch.is_move {
            return Ok(None);
        }
        let portal = self.cursor(&fetch.cursor)?;
        if let Some(cursor) = &portal.cursor {
            return Ok(Some(cursor.output.clone()));
        }
        let prepared = portal.prepared.clone();
        self.describe(&prepared)
    }

    /// The transaction commits: cursors WITH HOLD take their rows.
    pub(super) fn hold_cursors(&mut self) -> Result<()> {
        if !self.portals.has_unheld() {
            return Ok(());
        }
        for name in self.portals.unheld() {
            let portal = self.portals.get_mut(&name);
            if let Some(cursor) = portal.and_then(|portal| portal.cursor.as_mut()) {
                cursor.hold(self.engine.temp_files())?;
            }
            self.portals.set_held(&name);
        }
        Ok(())
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

/// A portal that failed, or that is no query.
fn cannot_be_run(name: &str) -> Error {
    err!(
        sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
        "portal \"{name}\" cannot be run"
    )
}

/// The lock that a cursor's query takes of its rows.
fn locking_of(query: &Statement) -> Option<&'static str> {
    let Statement::Query(query) = query else {
        return None;
    };
    query.locking.first().map(|clause| match clause.strength {
        LockStrength::KeyShare => "FOR KEY SHARE",
        LockStrength::Share => "FOR SHARE",
        LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
        LockStrength::Update => "FOR UPDATE",
    })
}

/// What does not go together with locking rows.
fn check_locking(declare: &DeclareCursor) -> Result<()> {
    let Some(lock) = locking_of(&declare.query) else {
        return Ok(());
    };
    let (state, message, detail) = if declare.hold {
        (
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("DECLARE CURSOR WITH HOLD ... {lock} is not supported"),
            "Holdable cursors must be READ ONLY.",
        )
    } else if declare.scroll == Some(true) {
        (
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("DECLARE SCROLL CURSOR ... {lock} is not supported"),
            "Scrollable cursors must be READ ONLY.",
        )
    } else if declare.insensitive == Some(true) {
        (
            sqlstate::INVALID_CURSOR_DEFINITION,
            format!("DECLARE INSENSITIVE CURSOR ... {lock} is not valid"),
            "Insensitive cursors must be READ ONLY.",
        )
    } else {
        return Ok(());
    };
    Err(Error::new(state, message).with_detail(detail))
}
