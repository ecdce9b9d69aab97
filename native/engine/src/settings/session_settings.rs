//! A session's settings, and how transactions change them.
//!
//! Invariants: only values that differ from the default are kept, so the map is bounded by the list
//! of definitions plus [`MAX_CUSTOM`] custom names; SET is undone by a rollback to before it, SET
//! LOCAL by any end of its transaction.

use std::collections::BTreeMap;

use common::{Result, bail, err, sqlstate};
use jiff::tz::TimeZone;
use types::{ByteaOutput, IntervalStyle, TextContext};

use super::definition::{Definition, Scope};
use super::definitions::find;
use super::text_settings::{DateStyle, date_style, show_date_style, time_zone};
use super::value::Value;

/// Custom settings (`prefix.name`) that one session may hold.
const MAX_CUSTOM: usize = 1000;

/// A place in the undo list of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingMark(usize);

#[derive(Debug)]
struct Change {
    name: String,
    /// The value before; None when it was the default.
    before: Option<String>,
    /// SET LOCAL: undone at commit too.
    local: bool,
}

#[derive(Debug, Default)]
pub struct SessionSettings {
    /// Shown values by lower-case name, where they differ from the default.
    values: BTreeMap<String, String>,
    /// What RESET goes back to: values given by the start-up packet.
    startup: BTreeMap<String, String>,
    /// Changes of the current transaction, oldest first.
    changes: Vec<Change>,
    /// Names reported to the client whose value changed since they were last told.
    told: Vec<&'static Definition>,
    /// Counts changes, so that what was derived from settings knows when to look again.
    version: u64,
}

impl SessionSettings {
    /// A value from the start-up packet: also allowed for settings fixed at start.
    pub fn set_at_startup(&mut self, name: &str, text: &str) -> Result<()> {
        let shown = self.check(name, text)?;
        self.startup.insert(name.to_lowercase(), shown.clone());
        self.values.insert(name.to_lowercase(), shown);
        self.version += 1;
        Ok(())
    }

    /// SET [LOCAL] name = text. Errors: 42704 unknown, 55P02 not changeable, 22023 wrong value.
    pub fn set(&mut self, name: &str, text: &str, local: bool) -> Result<()> {
        let shown = self.check(name, text)?;
        self.put(name.to_lowercase(), Some(shown), local);
        Ok(())
    }

    /// RESET name, or SET name TO DEFAULT.
    pub fn reset(&mut self, name: &str, local: bool) -> Result<()> {
        let key = name.to_lowercase();
        if let Some(definition) = find(name) {
            check_scope(definition)?;
        } else if !key.contains('.') {
            return Err(unknown(name));
        }
        let value = self.startup.get(&key).cloned();
        self.put(key, value, local);
        Ok(())
    }

    pub fn reset_all(&mut self) {
        let keys: Vec<String> = self.values.keys().cloned().collect();
        for key in keys {
            // Settings of the transaction itself are no settings of the session.
            if !key.starts_with("transaction_") {
                let value = self.startup.get(&key).cloned();
                self.put(key, value, false);
            }
        }
    }

    /// The value as SHOW prints it; 42704 when there is no such setting.
    pub fn show(&self, name: &str) -> Result<String> {
        if let Some(value) = self.values.get(&name.to_lowercase()) {
            return Ok(value.clone());
        }
        match find(name) {
            Some(definition) => Ok(Value::parse(definition, definition.default)?.show(definition)),
            None => Err(unknown(name)),
        }
    }

    /// The parsed value of a setting that is in the list.
    pub fn value(&self, name: &'static str) -> Value {
        let definition = find(name).expect("the name is one of the list");
        let text = self
            .values
            .get(&name.to_lowercase())
            .map_or(definition.default, String::as_str);
        Value::parse(definition, text).expect("a kept value was checked when it was set")
    }

    /// Settings whose value is another than at the start of the session, with it; None: the default.
    pub fn changed_since_startup(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let changed = self.values.iter().filter(|(name, value)| {
            // Those of the transaction are no state of the session.
            !name.starts_with("transaction_") && !self.is_initial(name, value)
        });
        let gone = self.startup.keys();
        let gone = gone.filter(|name| !self.values.contains_key(*name));
        changed
            .map(|(name, value)| (name.as_str(), Some(value.as_str())))
            .chain(gone.map(|name| (name.as_str(), None)))
    }

    /// Whether RESET would give this value.
    fn is_initial(&self, name: &str, value: &str) -> bool {
        if let Some(startup) = self.startup.get(name) {
            return startup == value;
        }
        find(name).is_some_and(|definition| {
            let default = Value::parse(definition, definition.default);
            default.is_ok_and(|default| default.show(definition) == value)
        })
    }

    /// Grows with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn mark(&self) -> SettingMark {
        SettingMark(self.changes.len())
    }

    /// ROLLBACK [TO SAVEPOINT]: undoes what came after `mark`.
    pub fn rollback_to(&mut self, mark: SettingMark) {
        while self.changes.len() > mark.0 {
            let change = self
                .changes
                .pop()
                .expect("the list is longer than the mark");
            self.restore(change.name, change.before);
        }
    }

    /// ROLLBACK of the whole transaction.
    pub fn rollback_all(&mut self) {
        self.rollback_to(SettingMark(0));
    }

    /// The transaction committed: SET stays, SET LOCAL goes.
    pub fn commit(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        let locals: Vec<Change> = changes
            .iter()
            .enumerate()
            .filter(|(at, change)| {
                // Only the newest change of a name decides; an older SET under a SET LOCAL stays.
                change.local
                    && !changes[at + 1..]
                        .iter()
                        .any(|c| c.name == change.name && !c.local)
            })
            .map(|(_, c)| Change {
                name: c.name.clone(),
                before: c.before.clone(),
                local: true,
            })
            .collect();
        for change in locals.into_iter().rev() {
            self.restore(change.name, change.before);
        }
    }

    /// Reported settings that changed since the last call, with their values.
    pub fn take_reported(&mut self) -> Vec<(&'static str, String)> {
        if self.told.is_empty() {
            return Vec::new();
        }
        let told = std::mem::take(&mut self.told);
        told.into_iter()
            .map(|d| (d.name, self.show(d.name).unwrap_or_default()))
            .collect()
    }

    fn check(&self, name: &str, text: &str) -> Result<String> {
        let Some(definition) = find(name) else {
            let key = name.to_lowercase();
            let valid = |part: &str| {
                part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && part
                        .chars()
                        .all(|c| c.is_alphanumeric() || c == '_' || c == '$')
            };
            if !key.contains('.') || !key.split('.').all(valid) {
                return Err(unknown(name));
            }
            if !self.values.contains_key(&key)
                && self.values.keys().filter(|key| key.contains('.')).count() >= MAX_CUSTOM
            {
                bail!(
                    sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                    "too many custom settings"
                );
            }
            return Ok(text.to_owned());
        };
        check_scope(definition)?;
        special(definition, text)?;
        let shown = Value::parse(definition, text)?.show(definition);
        Ok(self.normalize(definition, shown))
    }

    /// The form in which a checked text is kept and shown.
    fn normalize(&self, definition: &Definition, shown: String) -> String {
        match definition.name {
            "client_encoding" => "UTF8".to_owned(),
            // A style or an order alone leaves the other as it is.
            "DateStyle" => date_style(&shown, self.date_style()).map_or(shown, show_date_style),
            _ => shown,
        }
    }

    fn date_style(&self) -> DateStyle {
        let shown = self
            .values
            .get("datestyle")
            .map_or("ISO, MDY", String::as_str);
        date_style(shown, DateStyle::default()).unwrap_or_default()
    }

    /// How values are read and written as text under these settings.
    pub fn text_context(&self) -> TextContext {
        let style = self.date_style();
        TextContext {
            time_zone: time_zone(self.value("TimeZone").as_str()).unwrap_or(TimeZone::UTC),
            date_format: style.format,
            date_order: style.order,
            interval_style: match self.value("IntervalStyle").as_str() {
                "postgres_verbose" => IntervalStyle::PostgresVerbose,
                "sql_standard" => IntervalStyle::SqlStandard,
                "iso_8601" => IntervalStyle::Iso8601,
                _ => IntervalStyle::Postgres,
            },
            bytea_output: match self.value("bytea_output").as_str() {
                "escape" => ByteaOutput::Escape,
                _ => ByteaOutput::Hex,
            },
            extra_float_digits: self.value("extra_float_digits").as_int() as i32,
            ..TextContext::default()
        }
    }

    fn put(&mut self, key: String, value: Option<String>, local: bool) {
        let before = self.values.get(&key).cloned();
        self.changes.push(Change {
            name: key.clone(),
            before,
            local,
        });
        self.restore(key, value);
    }

    fn restore(&mut self, key: String, value: Option<String>) {
        self.version += 1;
        if let Some(definition) = find(&key)
            && definition.reported
            && !self.told.iter().any(|told| told.name == definition.name)
        {
            self.told.push(definition);
        }
        match value {
            Some(value) => self.values.insert(key, value),
            None => self.values.remove(&key),
        };
    }
}

fn unknown(name: &str) -> common::Error {
    err!(
        sqlstate::UNDEFINED_OBJECT,
        "unrecognized configuration parameter \"{name}\""
    )
}

fn check_scope(definition: &Definition) -> Result<()> {
    let name = definition.name;
    match definition.scope {
        Scope::Session => Ok(()),
        Scope::Internal => {
            bail!(
                sqlstate::CANT_CHANGE_RUNTIME_PARAM,
                "parameter \"{name}\" cannot be changed"
            )
        }
    }
}

/// Values that parse but are not to be had.
fn special(definition: &Definition, text: &str) -> Result<()> {
    let invalid = || {
        err!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid value for parameter \"{}\": \"{text}\"",
            definition.name
        )
    };
    match definition.name {
        "client_encoding" => {
            let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            match word.to_ascii_uppercase().as_str() {
                "UTF8" | "UNICODE" => Ok(()),
                "SQLASCII" | "LATIN1" | "WIN1252" | "ISO88591" => Err(
                    common::Error::not_implemented(format!("client encoding {text}")),
                ),
                _ => Err(invalid()),
            }
        }
        "standard_conforming_strings" if text.eq_ignore_ascii_case("off") => Err(
            common::Error::not_implemented("standard_conforming_strings = off"),
        ),
        "TimeZone" if time_zone(text).is_none() => Err(invalid()),
        "DateStyle" if date_style(text, Default::default()).is_none() => Err(invalid()),
        _ => Ok(()),
    }
}
