//! How an engine is opened.

use std::sync::Arc;

use common::vfs::Vfs;
use storage::SyncMode;

/// Settings of an [`crate::Engine`].
#[derive(Clone)]
pub struct EngineOptions {
    /// The data directory, or `:memory:`.
    pub path: String,
    /// Bytes of the one buffer pool; at least 64 pages.
    pub buffer_pool_bytes: u64,
    /// When the log is synced.
    pub sync: SyncMode,
    /// The most sessions at a time; the next gets 53300.
    pub max_sessions: usize,
    /// The file system, in place of `path`'s own: for simulators.
    pub vfs: Option<Arc<dyn Vfs>>,
    /// Storage settings that tests shrink; None takes the defaults.
    pub storage: Option<storage::Options>,
    /// Statements that run at a time beside the front threads; 0 takes the number of cores.
    pub workers: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            path: ":memory:".to_owned(),
            buffer_pool_bytes: 64 << 20,
            sync: SyncMode::Full,
            max_sessions: 1000,
            vfs: None,
            storage: None,
            workers: 0,
        }
    }
}
