//! One client's session: its settings, statements, portals and transaction.
//!
//! Owned by one connection and used by one thread at a time. What it is asked to do is a [`Work`],
//! run in pieces by [`Session::run`]; everything else here is short and never waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::rt::{Mutex, MutexGuard};
use common::{Error, ObjectId, Result, SqlError, bail, err, sqlstate};
use sql::ir::OutputColumn;
use types::{Datum, SqlType, TextContext, TypeOid};

use super::block::{Block, TransactionStatus};
use super::column_facts::ColumnFacts;
use super::ddl_state::DdlState;
use super::deferred::SharedDeferred;
use super::holdings::StatementInfo;
use super::hot_settings::HotSettings;
use super::notice::{NoticeLevel, Notices};
use super::portal::{Format, Portal};
use super::portals::Portals;
use super::prepared::{Prepared, Source};
use super::sequence_values::SequenceValues;
use super::session_facts::EPOCH_2000_MICROS;
use super::session_handle::{ActivityState, SessionHandle};
use super::statement_cache::StatementCache;
use super::temporary::Temporary;
use super::tracking::Tracked;
use super::work::{Kind, Mode, Work};
use crate::engine::Engine;
use crate::reg_names::SessionNames;
use crate::search_path::SearchPath;
use crate::settings::SessionSettings;

/// Statements and portals that one session may hold; the next is 53400.
const STATEMENTS_MAX: usize = 100_000;
const PORTALS_MAX: usize = 10_000;
/// Texts up to this length are parsed on a front thread.
pub(super) const INLINE_TEXT_BYTES: usize = 8 * 1024;

/// Who connects, and how.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    pub user: String,
    pub database: String,
    /// Settings of the start-up packet, `options` among them.
    pub parameters: Vec<(String, String)>,
    pub client_address: String,
}

/// See the module.
pub struct Session {
    pub(super) engine: Arc<Engine>,
    pub(super) handle: SessionHandle,
    pub(super) user: ObjectId,
    pub(super) settings: Arc<Mutex<SessionSettings>>,
    pub(super) hot: HotSettings,
    /// `search_path` as it was last resolved: versions of the settings and of the catalog.
    pub(super) path: (u64, u64, SearchPath),
    pub(super) text: Arc<TextContext>,
    /// Versions that `text` is of: of the settings, and of the transaction's own catalog.
    pub(super) text_version: Option<(u64, Option<u64>)>,
    pub(super) block: Block,
    pub(super) statements: BTreeMap<String, Arc<Prepared>>,
    pub(super) portals: Portals,
    pub(super) notices: Notices,
    /// `lastval` and what `currval` says, by sequence.
    pub(super) sequences: Arc<Mutex<SequenceValues>>,
    pub(super) deferred: SharedDeferred,
    pub(super) cache: StatementCache,
    /// A buffer for the parameters of a statement.
    pub(super) params: Vec<Datum>,
    /// Transactions that begin by themselves may not write.
    pub(super) is_read_only: bool,
    pub(super) temporary: Temporary,
    /// It listens on channels.
    pub(super) listens: bool,
    pub(super) tracked: Option<Tracked>,
}

impl Session {
    pub(crate) fn new(engine: Arc<Engine>, handle: SessionHandle, user: ObjectId) -> Self {
        let pending = engine.catalog_cell().pending().clone();
        let ddl = DdlState::new(pending, engine.relations().clone());
        let block = Block::new(engine.txns().clone(), handle.backend.clone(), ddl);
        Self {
            engine,
            portals: Portals::new(handle.clone()),
            handle,
            user,
            path: (u64::MAX, u64::MAX, SearchPath::default()),
            hot: HotSettings::read(&SessionSettings::default()),
            settings: Arc::default(),
            text: Arc::new(TextContext::default()),
            text_version: None,
            block,
            statements: BTreeMap::new(),
            notices: Notices::default(),
            sequences: Arc::default(),
            deferred: Arc::default(),
            cache: StatementCache::default(),
            params: Vec::new(),
            is_read_only: false,
            temporary: Temporary::default(),
            listens: false,
            tracked: None,
        }
    }

    /// The settings that every statement reads.
    pub(super) fn hot(&mut self) -> HotSettings {
        self.hot.refresh(&self.settings.lock());
        self.hot
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, SessionSettings> {
        self.settings.lock()
    }

    /// What other threads may hold of this session.
    pub fn handle(&self) -> SessionHandle {
        self.handle.clone()
    }

    /// The process number and the secret of a cancel request.
    pub fn cancel_key(&self) -> (i32, [u8; 4]) {
        (self.handle.pid() as i32, self.handle.secret())
    }

    pub fn take_reported(&mut self) -> Vec<(&'static str, String)> {
        self.settings().take_reported()
    }

    pub fn take_notices(&mut self) -> Vec<(NoticeLevel, SqlError)> {
        self.notices.take()
    }

    pub fn transaction_status(&self) -> TransactionStatus {
        self.block.status()
    }

    /// How values look as text now, and what `now` and names of objects in texts mean.
    pub fn text_context(&mut self) -> Arc<TextContext> {
        let now_us = self.block.now_micros() - EPOCH_2000_MICROS;
        let own = self.block.ddl.catalog();
        let key = (
            self.settings().version(),
            own.map(|catalog| catalog.version()),
        );
        if self.text_version != Some(key) {
            self.text_version = Some(key);
            let mut text = self.settings().text_context();
            text.now_us = now_us;
            text.names = Some(Arc::new(SessionNames {
                published: self.engine.catalog_cell().clone(),
                own: own.cloned(),
                search_path: self.settings().value("search_path").as_str().into(),
                user: self.handle.activity().user,
                temp_schema: self.temp_schema_name().map(Into::into),
            }));
            self.text = Arc::new(text);
        }
        if self.text.now_us != now_us {
            // Mostly nobody holds it between two statements.
            Arc::make_mut(&mut self.text).now_us = now_us;
        }
        self.text.clone()
    }

    /// A message of the client has come: what statements take as their time. A cancel request that
    /// was there before it came too late for the one before.
    pub fn begin_message(&mut self) {
        self.block.statement_micros = common::rt::unix_micros();
        self.handle.backend.clear_interrupt();
    }

    /// A text of statements, as the simple protocol sends it.
    pub fn begin_simple(&mut self, sql: &str) -> Work {
        self.begin_message();
        // The unnamed statement and portal end here, as the protocol says.
        self.statements.remove("");
        self.portals.remove("");
        self.block.end_pipeline();
        Work::new(Kind::Simple {
            text: sql.into(),
            statements: None,
            count: 0,
        })
    }

    /// Runs a portal; `max_rows` 0 or less is no limit. 34000 when there is none of that name.
    pub fn begin_execute(&mut self, portal: &str, max_rows: i32) -> Result<Work> {
        self.begin_message();
        self.portal(portal)?;
        let rows_left = u64::try_from(max_rows).ok().filter(|rows| *rows > 0);
        let kind = Kind::Execute {
            portal: portal.to_owned(),
            rows_left,
            started: false,
        };
        Ok(Work::new(kind))
    }

    /// The end of a pipeline.
    pub fn begin_sync(&mut self) -> Work {
        Work::new(Kind::Sync)
    }

    /// Prepares a statement. `types` are those that the client knows, 0 for the others.
    pub fn parse(&mut self, name: &str, sql: &str, types: &[u32], mode: Mode) -> Result<()> {
        if !name.is_empty() && self.statements.contains_key(name) {
            bail!(
                sqlstate::DUPLICATE_PREPARED_STATEMENT,
                "prepared statement \"{name}\" already exists"
            );
        }
        self.begin_message();
        let prepared = self.prepared_for(sql, types, mode)?;
        self.keep_statement(name, prepared, false)
    }

    /// A statement that is parsed and known to be right, from the cache where it is there.
    pub(super) fn prepared_for(
        &mut self,
        sql: &str,
        types: &[u32],
        mode: Mode,
    ) -> Result<Arc<Prepared>> {
        if mode == Mode::Inline && sql.len() > INLINE_TEXT_BYTES {
            return Err(Error::WouldBlock);
        }
        let declared: Vec<_> = types
            .iter()
            .map(|oid| SqlType::new(TypeOid(*oid)))
            .collect();
        if let Some(prepared) = self.known_parse(sql, &declared) {
            return Ok(prepared);
        }
        let mut statements = parser::parse(sql)?;
        if statements.len() > 1 {
            bail!(
                sqlstate::SYNTAX_ERROR,
                "cannot insert multiple commands into a prepared statement"
            );
        }
        let whole: Arc<str> = sql.into();
        let source = statements
            .pop()
            .map(|parsed| Arc::new(Source::new(parsed, &whole)));
        let prepared = Arc::new(Prepared::new(source, declared));
        self.check_not_failed(&prepared)?;
        // What is wrong with it is said now, not when it runs.
        self.analyze(&prepared)?;
        Ok(prepared)
    }

    pub(super) fn keep_statement(
        &mut self,
        name: &str,
        prepared: Arc<Prepared>,
        is_from_sql: bool,
    ) -> Result<()> {
        if self.statements.len() >= STATEMENTS_MAX {
            bail!(
                sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                "too many prepared statements"
            );
        }
        if !name.is_empty() {
            let info = StatementInfo {
                prepared: prepared.clone(),
                prepared_micros: self.block.statement_micros,
                is_from_sql,
            };
            let mut held = self.handle.holdings();
            held.statements.insert(name.to_owned(), info);
        }
        self.statements.insert(name.to_owned(), prepared);
        Ok(())
    }

    pub(super) fn drop_statement(&mut self, name: &str) {
        if self.statements.remove(name).is_some() && !name.is_empty() {
            self.handle.holdings().statements.remove(name);
        }
    }

    pub(super) fn drop_statements(&mut self) {
        self.statements.clear();
        self.handle.holdings().statements.clear();
    }

    pub(super) fn statement(&self, name: &str) -> Result<&Arc<Prepared>> {
        self.statements.get(name).ok_or_else(|| match name {
            "" => err!(
                sqlstate::INVALID_SQL_STATEMENT_NAME,
                "unnamed prepared statement does not exist"
            ),
            _ => err!(
                sqlstate::INVALID_SQL_STATEMENT_NAME,
                "prepared statement \"{name}\" does not exist"
            ),
        })
    }

    pub(super) fn portal(&mut self, name: &str) -> Result<&mut Portal> {
        self.portals.get_mut(name).ok_or_else(|| {
            err!(
                sqlstate::INVALID_CURSOR_NAME,
                "portal \"{name}\" does not exist"
            )
        })
    }

    /// Types of a statement's parameters.
    pub fn parameter_types(&mut self, statement: &str, _mode: Mode) -> Result<Arc<[SqlType]>> {
        self.begin_message();
        let prepared = self.statement(statement)?.clone();
        self.analyze(&prepared)?;
        Ok(prepared.parameters.get().cloned().unwrap_or_default())
    }

    /// Columns of a statement's rows; None when it gives none.
    pub fn statement_columns(
        &mut self,
        statement: &str,
        _mode: Mode,
    ) -> Result<Option<Arc<[OutputColumn]>>> {
        let prepared = self.statement(statement)?.clone();
        self.describe(&prepared)
    }

    pub fn portal_columns(&mut self, portal: &str) -> Result<Option<Arc<[OutputColumn]>>> {
        let portal = self.portal(portal)?;
        if let Some(cursor) = &portal.cursor {
            return Ok(Some(cursor.output.clone()));
        }
        let prepared = portal.prepared.clone();
        self.describe(&prepared)
    }

    pub fn portal_formats(&mut self, portal: &str) -> Result<Vec<Format>> {
        Ok(self.portal(portal)?.formats.clone())
    }

    /// 42P03 for a name that a portal has; the unnamed one is made anew.
    pub(super) fn check_new_portal(&self, name: &str) -> Result<()> {
        if !name.is_empty() && self.portals.contains(name) {
            bail!(
                sqlstate::DUPLICATE_CURSOR,
                "cursor \"{name}\" already exists"
            );
        }
        if self.portals.len() >= PORTALS_MAX {
            bail!(sqlstate::CONFIGURATION_LIMIT_EXCEEDED, "too many portals");
        }
        Ok(())
    }

    /// Makes a portal. `params` have the types that [`Session::parameter_types`] gave.
    pub fn bind(
        &mut self,
        portal: &str,
        statement: &str,
        params: Vec<Datum>,
        formats: &[Format],
        _mode: Mode,
    ) -> Result<()> {
        let prepared = self.statement(statement)?.clone();
        self.check_not_failed(&prepared)?;
        self.check_new_portal(portal)?;
        let columns = self.describe(&prepared)?.map_or(0, |columns| columns.len());
        if formats.len() > 1 && formats.len() != columns {
            bail!(
                sqlstate::PROTOCOL_VIOLATION,
                "bind message has {} result formats but query has {columns} columns",
                formats.len()
            );
        }
        let mut made = Portal::new(prepared, params, formats.to_vec());
        made.level = self.block.depth();
        made.created_micros = self.block.statement_micros;
        self.portals.insert(portal, made);
        Ok(())
    }

    /// Whether transactions that begin by themselves may only read, until this is said again.
    pub fn set_read_only(&mut self, is_read_only: bool) {
        self.is_read_only = is_read_only;
    }

    /// What the catalog knows of the columns of results.
    pub fn column_facts(&self) -> ColumnFacts {
        ColumnFacts {
            published: self.engine.catalog_cell().clone(),
            own: self.block.ddl.catalog().cloned(),
        }
    }

    /// Makes facts of this session those of now.
    pub fn refresh_facts(&self, facts: &mut ColumnFacts) {
        match self.block.ddl.catalog() {
            None if facts.own.is_none() => {}
            own => facts.own = own.cloned(),
        }
    }

    pub fn close_statement(&mut self, name: &str) {
        self.drop_statement(name);
    }

    pub fn close_portal(&mut self, name: &str) {
        self.portals.remove(name);
    }

    /// An error outside of [`Session::run`] ends the transaction like any other.
    pub fn fail(&mut self) {
        match self.block.depth() {
            0 => self.portals.end_transaction(),
            depth => self.portals.rollback_to(depth),
        }
        if let Err(error) = self.block.fail() {
            self.notices
                .warn(error.state(), format!("rollback goes on later: {error}"));
        }
        if self.block.transaction().is_none() {
            self.settings().rollback_all();
            self.deferred.clear();
            self.temporary.written.clear();
        }
        self.remove_orphans();
    }

    pub(super) fn remove_orphans(&mut self) {
        let orphans = self.block.ddl.take_orphans();
        self.engine.remove_files(&orphans);
    }

    /// What `pg_stat_activity` shows from now on.
    pub(super) fn show_state(&self, state: ActivityState) {
        self.handle.change(|activity| {
            if activity.state != state {
                let now = common::rt::unix_micros();
                activity.state = state;
                if state == ActivityState::Idle {
                    activity.transaction_start_micros = None;
                }
                activity.state_change_micros = now;
            }
        });
    }
}

impl Drop for Session {
    /// Rolls back what is open; may wait, so connections drop sessions on a worker.
    fn drop(&mut self) {
        self.portals.clear();
        if self.block.rollback().is_err() {
            // The transaction layer goes on with it in the background.
        }
        self.remove_orphans();
        self.end_temporary();
        self.engine.forget(&self.handle);
    }
}
