//! SET, RESET, SHOW, and what settings mean for transactions.

use std::sync::Arc;

use common::{Error, ObjectId, Result, bail, sqlstate};
use parser::{IsolationLevel, Set, SetAction, Show, TransactionModes};
use sql::ir::{ColumnId, OutputColumn};
use txn::{BeginOptions, Isolation};
use types::{Batch, DatumRef, Physical, SqlType, TypeOid, Vector};

use super::portal::{QueryRun, Running};
use super::run::Begun;
use super::session::Session;
use crate::settings::{self, SessionSettings};

/// How a transaction starts by these settings.
pub(super) fn default_options(settings: &SessionSettings) -> BeginOptions {
    BeginOptions {
        isolation: isolation_of(settings.value("default_transaction_isolation").as_str()),
        is_read_only: settings.value("default_transaction_read_only").as_bool(),
        is_deferrable: settings.value("default_transaction_deferrable").as_bool(),
    }
}

fn isolation_of(name: &str) -> Isolation {
    match name {
        "serializable" => Isolation::Serializable,
        "repeatable read" => Isolation::RepeatableRead,
        _ => Isolation::ReadCommitted,
    }
}

fn isolation_name(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Serializable => "serializable",
        Isolation::RepeatableRead => "repeatable read",
        Isolation::ReadCommitted => "read committed",
    }
}

/// `options` with the modes of BEGIN or SET TRANSACTION.
pub(super) fn with_modes(mut options: BeginOptions, modes: TransactionModes) -> BeginOptions {
    if let Some(level) = modes.isolation {
        options.isolation = match level {
            IsolationLevel::ReadUncommitted | IsolationLevel::ReadCommitted => {
                Isolation::ReadCommitted
            }
            IsolationLevel::RepeatableRead => Isolation::RepeatableRead,
            IsolationLevel::Serializable => Isolation::Serializable,
        };
    }
    options.is_read_only = modes.read_only.unwrap_or(options.is_read_only);
    options.is_deferrable = modes.deferrable.unwrap_or(options.is_deferrable);
    options
}

impl Session {
    pub(super) fn set(&mut self, set: &Set) -> Result<Begun> {
        // A setting belongs to its transaction, which a lone SET begins and ends.
        self.block.ensure(self.default_options())?;
        let mut tag = "SET";
        match &set.action {
            SetAction::Value { name, values } => {
                let list: Vec<_> = values.iter().map(|value| value.as_text()).collect();
                let text = match name.as_str() {
                    "search_path" => list
                        .iter()
                        .map(|v| quoted(v))
                        .collect::<Vec<_>>()
                        .join(", "),
                    _ => list.join(", "),
                };
                self.set_one(name, &text, set.local)?;
            }
            SetAction::Default { name } => self.settings().reset(name, set.local)?,
            SetAction::Reset { name } => {
                tag = "RESET";
                self.settings().reset(name, false)?;
            }
            SetAction::ResetAll => {
                tag = "RESET";
                self.settings().reset_all();
            }
            SetAction::Transaction(modes) => self.set_transaction(*modes)?,
            SetAction::SessionCharacteristics(modes) => {
                let options = with_modes(self.default_options(), *modes);
                let isolation = isolation_name(options.isolation);
                let flag = |on: bool| if on { "on" } else { "off" };
                let mut settings = self.settings();
                settings.set("default_transaction_isolation", isolation, false)?;
                let read_only = flag(options.is_read_only);
                settings.set("default_transaction_read_only", read_only, false)?;
                let deferrable = flag(options.is_deferrable);
                settings.set("default_transaction_deferrable", deferrable, false)?;
            }
            SetAction::Snapshot(_) => {
                return Err(Error::not_implemented("SET TRANSACTION SNAPSHOT"));
            }
            SetAction::FromCurrent { .. } => {
                bail!(
                    sqlstate::SYNTAX_ERROR,
                    "SET FROM CURRENT is only for functions"
                )
            }
        }
        self.show_application();
        Ok(Begun::Tag(tag.to_owned()))
    }

    /// The name that `pg_stat_activity` shows is that of the setting.
    pub(super) fn show_application(&self) {
        let name = self.settings().show("application_name");
        if let Ok(name) = name {
            self.handle.change(|activity| activity.application = name);
        }
    }

    /// One setting; those of the running transaction change it too.
    pub(super) fn set_one(&mut self, name: &str, text: &str, local: bool) -> Result<()> {
        match name {
            "transaction_isolation" | "transaction_read_only" | "transaction_deferrable" => {
                // Checked like any setting, kept by the transaction.
                self.settings().set(name, text, true)?;
                let txn = self.block.ensure(self.default_options())?;
                let mut txn = txn.lock();
                let mut options = txn.options();
                let settings = self.settings();
                options.isolation = isolation_of(settings.value("transaction_isolation").as_str());
                options.is_read_only = settings.value("transaction_read_only").as_bool();
                drop(settings);
                txn.set_options(options)
            }
            _ => self.settings().set(name, text, local),
        }
    }

    fn set_transaction(&mut self, modes: TransactionModes) -> Result<()> {
        if !self.block.is_explicit() {
            let message = "SET TRANSACTION can only be used in transaction blocks";
            self.notices
                .warn(sqlstate::NO_ACTIVE_SQL_TRANSACTION, message);
        }
        let txn = self.block.ensure(self.default_options())?;
        let mut txn = txn.lock();
        let options = with_modes(txn.options(), modes);
        if txn.options().is_read_only && !options.is_read_only && txn.snapshot().is_some() {
            bail!(
                sqlstate::ACTIVE_SQL_TRANSACTION,
                "transaction read-write mode must be set before any query"
            );
        }
        txn.set_options(options)
    }

    /// The value that SHOW and `current_setting` give.
    pub(super) fn show_setting(&self, name: &str) -> Result<String> {
        let options = || match self.block.transaction() {
            Some(txn) => txn.lock().options(),
            None => self.default_options(),
        };
        let flag = |on: bool| if on { "on" } else { "off" }.to_owned();
        match name.to_ascii_lowercase().as_str() {
            "transaction_isolation" => Ok(isolation_name(options().isolation).to_owned()),
            "transaction_read_only" => Ok(flag(options().is_read_only)),
            "transaction_deferrable" => Ok(flag(options().is_deferrable)),
            "is_superuser" => Ok("on".to_owned()),
            "session_authorization" => Ok(self.handle.activity().user.to_string()),
            "in_hot_standby" => Ok("off".to_owned()),
            _ => self.settings().show(name),
        }
    }

    pub(super) fn show(&mut self, show: &Show) -> Result<Begun> {
        let output = show_columns(&show.name);
        let mut columns = vec![Vector::new(Physical::Bytes); output.len()];
        let mut push = |values: &[&str]| {
            for (column, value) in columns.iter_mut().zip(values) {
                column.push(DatumRef::Bytes(value.as_bytes()));
            }
        };
        let mut rows = 0;
        if show.name.eq_ignore_ascii_case("all") {
            for definition in settings::all() {
                let value = self.show_setting(definition.name)?;
                push(&[definition.name, &value, definition.description]);
                rows += 1;
            }
        } else {
            push(&[&self.show_setting(&show.name)?]);
            rows = 1;
        }
        let run = QueryRun::of_rows(output, Batch::new(columns, rows), "SHOW");
        Ok(Begun::Running(Running::Query(Box::new(run))))
    }
}

/// Columns of SHOW's answer.
pub(super) fn show_columns(name: &str) -> Arc<[OutputColumn]> {
    let proper = settings::find(name).map_or(name, |definition| definition.name);
    match name.eq_ignore_ascii_case("all") {
        true => text_columns(&["name", "setting", "description"]),
        false => text_columns(&[proper]),
    }
}

/// Columns of text that belong to no table.
pub(super) fn text_columns(names: &[&str]) -> Arc<[OutputColumn]> {
    columns_of(names, SqlType::new(TypeOid::TEXT))
}

/// Columns of one type that belong to no table.
pub(super) fn columns_of(names: &[&str], ty: SqlType) -> Arc<[OutputColumn]> {
    let column = |name: &&str| OutputColumn {
        id: ColumnId(0),
        name: (*name).to_owned(),
        ty,
        origin: (ObjectId(0), 0),
    };
    names.iter().map(column).collect()
}

/// A name of `search_path` as SHOW gives it back.
fn quoted(name: &str) -> String {
    // Several names in one literal stay as they were written.
    let plain = name.contains([',', '"'])
        || name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        name.to_owned()
    } else {
        common::quote_identifier(name).into_owned()
    }
}
