//! Settings that every statement reads, parsed once a change.

use std::time::Duration;

use storage::Durability;
use txn::BeginOptions;

use super::session::Session;
use super::set_show::default_options;
use crate::settings::SessionSettings;

#[derive(Clone, Copy, Debug)]
pub struct HotSettings {
    version: u64,
    pub statement_timeout: Option<Duration>,
    pub lock_timeout_ms: u32,
    pub work_mem_bytes: usize,
    /// Of what DDL does with rows.
    pub maintenance_work_mem_bytes: usize,
    pub durability: Durability,
    pub options: BeginOptions,
}

impl HotSettings {
    pub fn read(settings: &SessionSettings) -> Self {
        let timeout_ms = settings.value("statement_timeout").as_int().unsigned_abs();
        let bytes = |name: &'static str| settings.value(name).as_int() as usize * 1024;
        Self {
            version: settings.version(),
            statement_timeout: (timeout_ms > 0).then(|| Duration::from_millis(timeout_ms)),
            lock_timeout_ms: settings.value("lock_timeout").as_int() as u32,
            work_mem_bytes: bytes("work_mem"),
            maintenance_work_mem_bytes: bytes("maintenance_work_mem"),
            durability: match settings.value("synchronous_commit").as_str() {
                "off" => Durability::Asynchronous,
                _ => Durability::Full,
            },
            options: default_options(settings),
        }
    }

    /// Of the settings that these were read from.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether no setting has changed since these were read.
    pub fn is_of(&self, settings: &SessionSettings) -> bool {
        self.version == settings.version()
    }

    /// Reads again if a setting has changed.
    pub fn refresh(&mut self, settings: &SessionSettings) {
        if !self.is_of(settings) {
            *self = Self::read(settings);
        }
    }
}

impl Session {
    /// What `statement_timeout` says; None for no limit.
    pub fn statement_timeout(&self) -> Option<Duration> {
        let mut hot = self.hot;
        hot.refresh(&self.settings.lock());
        hot.statement_timeout
    }
}
