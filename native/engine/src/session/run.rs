//! Running work, a piece at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use common::{Error, Result, bail, sqlstate};
use parser::{ParsedStatement, Statement};
use txn::BeginOptions;

use super::block::Ended;
use super::portal::{Halt, Portal, Running};
use super::prepared::{Prepared, Source};
use super::result_sink::ResultSink;
use super::session::{INLINE_TEXT_BYTES, Session};
use super::session_handle::ActivityState;
use super::work::{AfterCommit, Kind, Mode, Progress, Work};

/// What a statement that was begun came to.
pub(super) enum Begun {
    /// It goes on.
    Running(Running),
    /// It is done; the tag says so.
    Tag(String),
    /// It ended the transaction: to be committed, then this.
    Commit(AfterCommit),
    /// An empty text.
    Empty,
}

impl Session {
    /// Does a piece of the work. After an error the transaction is failed or gone, as PostgreSQL
    /// has it, and the work is over.
    pub fn run(
        &mut self,
        work: &mut Work,
        sink: &mut dyn ResultSink,
        mode: Mode,
    ) -> Result<Progress> {
        // What comes at the commit may wait for the disk.
        if mode == Mode::Inline && self.has_commit_work() {
            return Ok(Progress::Aside);
        }
        match self.run_piece(work, sink, mode) {
            Err(Error::WouldBlock) => Ok(Progress::Aside),
            Ok(progress) => {
                if progress == Progress::Done {
                    self.show_idle();
                }
                Ok(progress)
            }
            Err(error) => {
                let rest = work.running.take();
                // Whoever cancels a statement waits for its end, not for what it held.
                if error.state() == sqlstate::QUERY_CANCELED {
                    self.engine.discard(rest);
                }
                self.fail();
                self.show_idle();
                Err(error)
            }
        }
    }

    fn show_idle(&self) {
        self.handle.backend.clear_interrupt();
        self.handle.backend.set_statement_deadline(None);
        self.show_state(match self.transaction_status() {
            super::TransactionStatus::Idle => ActivityState::Idle,
            super::TransactionStatus::InTransaction => ActivityState::IdleInTransaction,
            super::TransactionStatus::Failed => ActivityState::IdleInFailedTransaction,
        });
    }

    fn run_piece(
        &mut self,
        work: &mut Work,
        sink: &mut dyn ResultSink,
        mode: Mode,
    ) -> Result<Progress> {
        loop {
            if let Some(after) = work.after_commit.take() {
                match after {
                    AfterCommit::Tag(tag) => {
                        self.end_tracking(None);
                        sink.complete(&tag);
                    }
                    AfterCommit::Chain(options) => {
                        self.end_tracking(None);
                        self.block.begin(options)?;
                        sink.complete("COMMIT");
                    }
                    AfterCommit::Nothing => {}
                }
            }
            let progress = match work.kind {
                Kind::Simple { .. } => self.run_simple(work, sink, mode)?,
                Kind::Execute { .. } => self.run_execute(work, sink, mode)?,
                Kind::Once(_) => self.run_once(work, sink, mode)?,
                Kind::Sync => self.run_sync(work, mode)?,
            };
            if let Some(progress) = progress {
                return Ok(progress);
            }
        }
    }

    fn run_simple(
        &mut self,
        work: &mut Work,
        sink: &mut dyn ResultSink,
        mode: Mode,
    ) -> Result<Option<Progress>> {
        if let Some(running) = &mut work.running {
            let tag = match self.advance(running, sink, &mut None, mode)? {
                Advanced::Progress(progress) => return Ok(Some(progress)),
                Advanced::Enough => None,
                Advanced::Tag(tag) => Some(tag),
            };
            work.running = None;
            return self.end_of_simple(work, tag, sink);
        }
        let Kind::Simple {
            text,
            statements,
            count,
        } = &mut work.kind
        else {
            return Err(Error::internal("the work is no text"));
        };
        let Some(queue) = statements else {
            if mode == Mode::Inline && text.len() > INLINE_TEXT_BYTES {
                return Ok(Some(Progress::Aside));
            }
            if let Some(known) = self.known_statement(text) {
                if mode == Mode::Inline
                    && self.run_point(&known.prepared, Some(text), &known.params, sink)?
                {
                    return Ok(Some(Progress::Done));
                }
                let begun = self.begin_known(text, known, mode)?;
                *statements = Some(VecDeque::new());
                return self.go_on(work, begun, sink);
            }
            let parsed: VecDeque<ParsedStatement> = parser::parse(text)?.into();
            *count = parsed.len();
            if parsed.is_empty() {
                sink.empty();
            }
            *statements = Some(parsed);
            return Ok(None);
        };
        let Some(next) = queue.front() else {
            return self.end_of_text(work);
        };
        let whole = text.clone();
        self.block.is_of_several = *count > 1;
        let source = Arc::new(Source::new(next.clone(), &whole));
        let prepared = Arc::new(Prepared::of_text(source));
        let begun = self.begin_statement(&prepared, Vec::new(), mode)?;
        queue.pop_front();
        self.go_on(work, begun, sink)
    }

    /// A statement of a text has begun.
    fn go_on(
        &mut self,
        work: &mut Work,
        begun: Begun,
        sink: &mut dyn ResultSink,
    ) -> Result<Option<Progress>> {
        match begun {
            Begun::Running(running) => {
                work.running = Some(running);
                Ok(None)
            }
            Begun::Tag(tag) => self.end_of_simple(work, Some(tag), sink),
            Begun::Commit(after) => self.commit(work, after),
            Begun::Empty => Ok(None),
        }
    }

    /// A statement of a text has ended. The last one's answer waits for the commit.
    fn end_of_simple(
        &mut self,
        work: &mut Work,
        tag: Option<String>,
        sink: &mut dyn ResultSink,
    ) -> Result<Option<Progress>> {
        self.end_tracking(tag.as_deref());
        self.end_command()?;
        let Some(tag) = tag else { return Ok(None) };
        let Kind::Simple {
            statements: Some(rest),
            ..
        } = &work.kind
        else {
            return Ok(None);
        };
        if rest.is_empty() && !self.block.is_explicit() {
            return self.commit(work, AfterCommit::Tag(tag));
        }
        sink.complete(&tag);
        Ok(None)
    }

    fn end_of_text(&mut self, work: &mut Work) -> Result<Option<Progress>> {
        if self.block.transaction().is_some() && !self.block.is_explicit() {
            return self.commit(work, AfterCommit::Nothing);
        }
        Ok(Some(Progress::Done))
    }

    pub(super) fn run_sync(&mut self, work: &mut Work, mode: Mode) -> Result<Option<Progress>> {
        self.block.end_pipeline();
        self.end_of_implicit_portals();
        if mode == Mode::Inline && self.has_deferred_checks() {
            return Ok(Some(Progress::Aside));
        }
        self.end_of_text(work)
    }

    /// Portals live as long as their transaction.
    fn end_of_implicit_portals(&mut self) {
        if !self.block.is_explicit() {
            self.portals.end_transaction();
        }
    }

    fn run_execute(
        &mut self,
        work: &mut Work,
        sink: &mut dyn ResultSink,
        mode: Mode,
    ) -> Result<Option<Progress>> {
        let Kind::Execute {
            portal: name,
            rows_left,
            started,
        } = &mut work.kind
        else {
            return Err(Error::internal("the work is no portal"));
        };
        if *started && work.running.is_none() {
            return Ok(Some(Progress::Done));
        }
        if !*started {
            let name = name.clone();
            return self.start_portal(work, &name, sink, mode);
        }
        let Some(running) = &mut work.running else {
            return Ok(Some(Progress::Done));
        };
        let name = name.clone();
        match self.advance(running, sink, rows_left, mode)? {
            Advanced::Progress(progress) => Ok(Some(progress)),
            Advanced::Enough => {
                sink.suspended();
                let running = work.running.take();
                if !matches!(running, Some(Running::Fetch(_)))
                    && let Ok(portal) = self.portal(&name)
                {
                    portal.running = running;
                }
                Ok(Some(Progress::Done))
            }
            Advanced::Tag(tag) => {
                work.running = None;
                if let Ok(portal) = self.portal(&name) {
                    portal.done = true;
                }
                self.end_tracking(Some(&tag));
                self.end_command()?;
                sink.complete(&tag);
                Ok(Some(Progress::Done))
            }
        }
    }

    fn start_portal(
        &mut self,
        work: &mut Work,
        name: &str,
        sink: &mut dyn ResultSink,
        mode: Mode,
    ) -> Result<Option<Progress>> {
        let portal: &mut Portal = self.portal(name)?;
        let started = |work: &mut Work| {
            if let Kind::Execute { started, .. } = &mut work.kind {
                *started = true;
            }
        };
        if let Some(fetch) = Self::execute_cursor(portal, name, work)? {
            work.running = Some(fetch);
            started(work);
            return Ok(None);
        }
        if portal.done {
            // A portal that gave all its rows gives none; one that wrote must not run again.
            let is_query = portal
                .prepared
                .source
                .as_ref()
                .is_some_and(|source| matches!(source.statement, Statement::Query(_)));
            if !is_query {
                bail!(
                    sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "portal \"{name}\" cannot be run"
                );
            }
            started(work);
            sink.complete("SELECT 0");
            return Ok(None);
        }
        if let Some(mut running) = portal.running.take() {
            if let Running::Query(query) = &mut running {
                query.resume();
            }
            work.running = Some(running);
            started(work);
            return Ok(None);
        }
        let (prepared, params) = (portal.prepared.clone(), portal.params.clone());
        let is_whole = matches!(&work.kind, Kind::Execute { rows_left, .. } if rows_left.is_none());
        if mode == Mode::Inline && is_whole && self.run_point(&prepared, None, &params, sink)? {
            self.portal(name)?.done = true;
            self.block.note_read();
            started(work);
            return Ok(None);
        }
        self.block.is_of_several = false;
        let begun = self.begin_statement(&prepared, params, mode)?;
        started(work);
        self.go_on_with_portal(work, name, begun, sink)
    }

    /// A portal's statement has begun.
    fn go_on_with_portal(
        &mut self,
        work: &mut Work,
        name: &str,
        begun: Begun,
        sink: &mut dyn ResultSink,
    ) -> Result<Option<Progress>> {
        match begun {
            Begun::Running(running) => {
                work.running = Some(running);
                Ok(None)
            }
            Begun::Tag(tag) => {
                if let Ok(portal) = self.portal(name) {
                    portal.done = true;
                }
                self.end_tracking(Some(&tag));
                self.end_command()?;
                sink.complete(&tag);
                Ok(None)
            }
            Begun::Commit(after) => self.commit(work, after),
            Begun::Empty => {
                sink.empty();
                Ok(None)
            }
        }
    }

    /// What the statement wrote is seen by the next one.
    pub(super) fn end_command(&mut self) -> Result<()> {
        if let Some(txn) = self.block.transaction() {
            txn.lock().next_command()?;
        }
        Ok(())
    }

    /// Commits what is open; the work goes on with `after` once the commit is published.
    pub(super) fn commit(
        &mut self,
        work: &mut Work,
        after: AfterCommit,
    ) -> Result<Option<Progress>> {
        let checked = self.run_deferred_checks();
        let checked = checked.and_then(|()| self.hold_cursors());
        let checked = checked.and_then(|()| self.run_on_commit());
        let staged = match checked.and_then(|()| self.stage_signals()) {
            Ok(staged) => staged,
            Err(error) => return Err(self.refuse_commit(error)),
        };
        let durability = self.hot().durability;
        let ended = self.block.commit(durability);
        self.end_signals(&staged, ended.is_ok());
        self.portals.end_transaction();
        self.deferred.clear();
        let ended = ended?;
        self.settings().commit();
        work.after_commit = Some(after);
        match ended {
            Ended::Now => Ok(None),
            Ended::Visible(ticket) if self.engine.storage().is_visible(ticket) => Ok(None),
            Ended::Pending(ticket) | Ended::Visible(ticket) => {
                if self.temporary.namespace.is_some() {
                    self.temporary.last_commit = Some(ticket);
                }
                if self.engine.storage().is_published(ticket) {
                    return Ok(None);
                }
                Ok(Some(Progress::Commit(ticket)))
            }
        }
    }

    /// A COMMIT that fails ends the block all the same. What it reports is the check; a rollback that
    /// fails goes on in the background.
    fn refuse_commit(&mut self, error: Error) -> Error {
        self.portals.end_transaction();
        let _ = self.block.rollback();
        self.settings().rollback_all();
        self.deferred.clear();
        self.temporary.written.clear();
        self.remove_orphans();
        error
    }

    /// Runs a piece of what has begun.
    pub(super) fn advance(
        &mut self,
        running: &mut Running,
        sink: &mut dyn ResultSink,
        rows_left: &mut Option<u64>,
        mode: Mode,
    ) -> Result<Advanced> {
        match running {
            Running::Query(query) => {
                if mode == Mode::Inline && !query.is_ready() {
                    return Ok(Advanced::Progress(Progress::Aside));
                }
                Ok(match query.send(sink, rows_left)? {
                    Halt::End => Advanced::Tag(query.tag()),
                    Halt::Full => Advanced::Progress(Progress::Full),
                    Halt::Enough => Advanced::Enough,
                })
            }
            Running::CopyIn(copy) => {
                if copy.announce(sink) || copy.wants_data() {
                    return Ok(Advanced::Progress(Progress::CopyIn));
                }
                if mode == Mode::Inline {
                    return Ok(Advanced::Progress(Progress::Aside));
                }
                Ok(match copy.advance(self)? {
                    Some(tag) => Advanced::Tag(tag),
                    None => Advanced::Progress(Progress::CopyIn),
                })
            }
            Running::Fetch(fetch) => {
                if mode == Mode::Inline {
                    return Ok(Advanced::Progress(Progress::Aside));
                }
                let tag = fetch.advance(sink, self.engine.temp_files())?;
                let Some(tag) = tag else {
                    return Ok(Advanced::Progress(Progress::Full));
                };
                Ok(match self.end_fetch(fetch) {
                    true => Advanced::Enough,
                    false => Advanced::Tag(tag),
                })
            }
            Running::CopyOut(copy) => {
                if mode == Mode::Inline {
                    return Ok(Advanced::Progress(Progress::Aside));
                }
                Ok(match copy.advance(sink)? {
                    Some(tag) => Advanced::Tag(tag),
                    None => Advanced::Progress(Progress::Full),
                })
            }
        }
    }

    /// Options of a transaction that starts by itself.
    pub(super) fn default_options(&self) -> BeginOptions {
        let settings = self.settings();
        let mut options = match self.hot.is_of(&settings) {
            true => self.hot.options,
            false => super::set_show::default_options(&settings),
        };
        options.is_read_only |= self.is_read_only;
        options
    }
}

/// What [`Session::advance`] came to.
pub(super) enum Advanced {
    Progress(Progress),
    /// As many rows as were asked for.
    Enough,
    /// The end, with its tag.
    Tag(String),
}
