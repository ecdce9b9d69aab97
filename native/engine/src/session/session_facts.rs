//! What expressions may ask of the session, and change in it.
//!
//! One for each statement: it keeps the catalog version and the times of its statement, and shares
//! settings, sequences' values and the transaction with the session. Functions about the catalog in
//! words lie in `catalog_functions`; here are those that touch session, transaction or engine.

use std::sync::Arc;

use catalog::{Catalog, Persistence};
use common::rt::Mutex;
use common::{Error, ObjectId, Result, err, sqlstate};
use sql::access::SessionFunction;
use storage::Wait;
use types::datetime::{TimeTz, US_PER_DAY, offset_at_s, to_local};
use types::{Datum, TextContext};

use super::analyze::Version;
use super::block::SharedTransaction;
use super::notice::Notices;
use super::sequence_values::SequenceValues;
use super::session::Session;
use super::session_handle::SessionHandle;
use super::session_state::state_hash_text;
use super::work::Mode;
use crate::engine::Engine;
use crate::search_path::SearchPath;
use crate::sequences::SequenceState;
use crate::settings::SessionSettings;
use crate::stream::SharedSignals;

/// Microseconds from 1970 to 2000, PostgreSQL's epoch.
pub const EPOCH_2000_MICROS: i64 = 946_684_800_000_000;

/// See the module.
pub struct SessionFacts {
    pub(crate) engine: Arc<Engine>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) handle: SessionHandle,
    pub(crate) settings: Arc<Mutex<SessionSettings>>,
    pub(crate) search_path: SearchPath,
    text: Arc<TextContext>,
    pub(super) sequences: Arc<Mutex<SequenceValues>>,
    pub(crate) txn: SharedTransaction,
    pub(crate) mode: Mode,
    notices: Notices,
    pub(crate) signals: SharedSignals,
}

impl SessionFacts {
    pub(super) fn new(session: &mut Session, version: &Version, mode: Mode) -> Result<Self> {
        let text = session.text_context();
        let txn = session.block.ensure(session.default_options())?;
        Ok(Self {
            engine: session.engine.clone(),
            catalog: version.catalog.clone(),
            handle: session.handle.clone(),
            settings: session.settings.clone(),
            search_path: session.search_path(version),
            text,
            sequences: session.sequences.clone(),
            txn,
            mode,
            notices: session.notices.clone(),
            signals: session.block.signals.clone(),
        })
    }

    pub fn text(&self) -> &TextContext {
        &self.text
    }

    /// Tells the client of something that is no error.
    pub(crate) fn warn(&self, state: common::SqlState, message: String) {
        self.notices.warn(state, message);
    }

    fn wait(&self) -> Wait {
        match self.mode {
            Mode::Inline => Wait::NoWait,
            Mode::Aside => Wait::Block,
        }
    }

    fn sequence(&self, oid: &Datum) -> Result<Arc<catalog::Sequence>> {
        let oid = oid.as_ref().as_oid().unwrap_or_default();
        let found = self.catalog.sequence(ObjectId(oid)).cloned();
        found.ok_or_else(|| match self.catalog.relation(ObjectId(oid)) {
            Some(relation) => err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "\"{}\" is not a sequence",
                relation.name()
            ),
            None => err!(
                sqlstate::UNDEFINED_TABLE,
                "relation with OID {oid} does not exist"
            ),
        })
    }

    fn nextval(&self, oid: &Datum) -> Result<Datum> {
        let info = self.sequence(oid)?;
        self.check_writable(&info, "nextval()")?;
        let next = self.engine.sequences().next(&info, self.wait())?;
        if next.logged && info.persistence != Persistence::Temporary {
            // The answer must not be seen before the log has it.
            self.engine.txns().assign_xid(&mut self.txn.lock())?;
        }
        self.sequences.lock().set_last(info.oid, next.value);
        Ok(Datum::I64(next.value))
    }

    fn setval(&self, args: &[Datum]) -> Result<Datum> {
        let info = self.sequence(&args[0])?;
        self.check_writable(&info, "setval()")?;
        let value = args[1].as_ref().as_i64().unwrap_or_default();
        let is_called = args
            .get(2)
            .is_none_or(|arg| arg.as_ref().as_bool() != Some(false));
        let state = SequenceState { value, is_called };
        self.engine.sequences().set(&info, state, self.wait())?;
        if info.persistence != Persistence::Temporary {
            self.engine.txns().assign_xid(&mut self.txn.lock())?;
        }
        if is_called {
            self.sequences.lock().set(info.oid, value);
        }
        Ok(Datum::I64(value))
    }

    fn check_writable(&self, sequence: &catalog::Sequence, what: &str) -> Result<()> {
        let is_temporary = sequence.persistence == Persistence::Temporary;
        match !is_temporary && self.txn.lock().options().is_read_only {
            true => Err(err!(
                sqlstate::READ_ONLY_SQL_TRANSACTION,
                "cannot execute {what} in a read-only transaction"
            )),
            false => Ok(()),
        }
    }

    /// Microseconds since 2000.
    fn now(&self, name: &str) -> i64 {
        let micros = match name {
            "statement_timestamp" => self.handle.activity().query_start_micros,
            "clock_timestamp" => None,
            _ => return self.text.now_us,
        };
        micros.unwrap_or_else(common::rt::unix_micros) - EPOCH_2000_MICROS
    }

    fn setting(&self, args: &[Datum]) -> Result<Datum> {
        let name = args[0].as_ref().as_str().unwrap_or_default().to_owned();
        let missing_ok = args
            .get(1)
            .and_then(|arg| arg.as_ref().as_bool())
            .unwrap_or(false);
        match self.settings.lock().show(&name) {
            Ok(value) => Ok(Datum::text(&value)),
            Err(_) if missing_ok => Ok(Datum::Null),
            Err(error) => Err(error),
        }
    }

    fn set_config(&self, args: &[Datum]) -> Result<Datum> {
        let name = args[0].as_ref().as_str().ok_or_else(|| {
            err!(
                sqlstate::NULL_VALUE_NOT_ALLOWED,
                "SET requires parameter name"
            )
        })?;
        let local = args[2].as_ref().as_bool().unwrap_or(false);
        let mut settings = self.settings.lock();
        match args[1].as_ref().as_str() {
            Some(value) => settings.set(name, value, local)?,
            None => settings.reset(name, local)?,
        }
        Ok(Datum::text(&settings.show(name)?))
    }

    fn time_of(&self, name: &str) -> Datum {
        let micros = self.now(name);
        Datum::I64(micros)
    }

    /// The start of the transaction on the clock of the session's zone.
    fn local_time_of(&self, name: &str) -> Result<Datum> {
        let now = self.now(name);
        let zone = &self.text.time_zone;
        let local = to_local(zone, now)?;
        let time_us = local.rem_euclid(US_PER_DAY);
        Ok(match name {
            "current_date" => Datum::I32(local.div_euclid(US_PER_DAY) as i32),
            "current_time" => {
                let zone_s = -offset_at_s(zone, now);
                let time = TimeTz {
                    us: time_us,
                    zone_s,
                };
                Datum::Fixed16(time.to_bytes())
            }
            "localtime" => Datum::I64(time_us),
            _ => Datum::I64(local),
        })
    }
}

impl sql::access::Session for SessionFacts {
    fn call(&self, function: SessionFunction, args: &[Datum]) -> Result<Datum> {
        let activity = || self.handle.activity();
        Ok(match function.name {
            "now"
            | "transaction_timestamp"
            | "statement_timestamp"
            | "clock_timestamp"
            | "current_timestamp" => self.time_of(function.name),
            "current_date" | "current_time" | "localtime" | "localtimestamp" => {
                self.local_time_of(function.name)?
            }
            "pg_postmaster_start_time" | "pg_conf_load_time" => {
                Datum::I64(self.engine.start_micros() - EPOCH_2000_MICROS)
            }
            "nextval" => self.nextval(&args[0])?,
            "setval" => self.setval(args)?,
            "currval" => {
                let info = self.sequence(&args[0])?;
                Datum::I64(self.sequences.lock().current(info.oid, &info.name)?)
            }
            "lastval" => Datum::I64(self.sequences.lock().last()?),
            "pg_sequence_last_value" => {
                let info = self.sequence(&args[0])?;
                let state = self.engine.sequences().state(info.file, self.wait())?;
                if state.is_called {
                    Datum::I64(state.value)
                } else {
                    Datum::Null
                }
            }
            "current_setting" => self.setting(args)?,
            "set_config" => self.set_config(args)?,
            "version" => Datum::text(&format!(
                "PostgreSQL 15.0 (RustyDB {}) on {}-{}",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::ARCH,
                std::env::consts::OS
            )),
            "current_database" | "current_catalog" => Datum::text(&activity().database),
            "current_user" | "session_user" | "user" | "current_role" => {
                Datum::text(&activity().user)
            }
            "pg_backend_pid" => Datum::I32(self.handle.pid() as i32),
            "txid_current" | "pg_current_xact_id" => {
                let xid = self.engine.txns().assign_xid(&mut self.txn.lock())?;
                Datum::I64(xid.0 as i64)
            }
            "txid_current_if_assigned" | "pg_current_xact_id_if_assigned" => {
                match self.txn.lock().xid().0 {
                    0 => Datum::Null,
                    xid => Datum::I64(xid as i64),
                }
            }
            "pg_sleep" => self.sleep(args[0].as_ref().as_f64().unwrap_or_default())?,
            "rustydb_session_state_hash" => Datum::text(&state_hash_text(self)),
            "pg_is_in_recovery" => Datum::Bool(false),
            _ => crate::catalog_functions::call(self, function.name, args)?,
        })
    }
}

impl SessionFacts {
    /// Sleeps in pieces, so that a cancel ends it within 10 ms.
    fn sleep(&self, seconds: f64) -> Result<Datum> {
        const PIECE: std::time::Duration = std::time::Duration::from_millis(5);
        if self.mode == Mode::Inline {
            return Err(Error::WouldBlock);
        }
        let whole = std::time::Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default();
        let end = common::rt::Deadline::after(whole);
        crate::runtime::wait_begin();
        self.handle
            .change(|activity| activity.wait = Some(("Timeout", "PgSleep")));
        let mut result = Ok(());
        while result.is_ok() && !end.has_passed() {
            let left = end.0.saturating_sub(common::rt::monotonic_ns());
            common::rt::sleep(PIECE.min(std::time::Duration::from_nanos(left)));
            result = self.handle.backend.check_interrupts();
        }
        self.handle.change(|activity| activity.wait = None);
        crate::runtime::wait_end();
        result?;
        // The value of a function that returns void.
        Ok(Datum::I32(0))
    }
}
