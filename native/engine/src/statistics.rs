//! Counters and gauges of an engine.

use crate::engine::Engine;

impl Engine {
    /// Counters and gauges by name, as one JSON object.
    pub fn statistics_json(&self) -> String {
        let s = self.storage().statistics();
        let gauge = [
            ("bufferPoolFrames", s.pool_frames),
            ("bufferPoolFree", s.pool_free),
            ("bufferPoolDirty", s.pool_dirty),
            ("bufferPoolMisses", s.pool_misses),
            ("bufferPoolEvictions", s.pool_evictions),
            ("pagesRead", s.pages_read),
            ("pagesWritten", s.pages_written),
            ("logRecords", s.log_records),
            ("logSyncs", s.log_syncs),
            ("commitsPublished", s.commits_published),
            ("commitGroupMax", s.commit_group_max),
            ("checkpoints", s.checkpoints),
            ("catalogVersion", self.catalog_cell().version()),
            ("sessions", self.sessions().len() as u64),
            ("jobsQueued", self.workers().queued() as u64),
            ("writable", u64::from(self.storage().health().is_ok())),
        ];
        let fields: serde_json::Map<String, serde_json::Value> = gauge
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        serde_json::Value::Object(fields).to_string()
    }
}
