//! Counting what statements cost; see `statement_statistics`.

use std::sync::Arc;

use super::analyze::is_plannable;
use super::prepared::Prepared;
use super::session::Session;
use crate::statement_statistics::StatementEntry;

/// Texts that are equal so far are one statement: a long one is a list of rows.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// A statement that runs and will be counted.
pub(super) struct Tracked {
    entry: Arc<StatementEntry>,
    started_ns: u64,
}

impl Session {
    /// The entry of a statement, which it keeps.
    #[inline]
    pub(super) fn statistics_of(&self, prepared: &Prepared) -> Option<Arc<StatementEntry>> {
        let mut kept = prepared.statistics.lock();
        if let Some(entry) = kept.as_ref().filter(|entry| !entry.is_removed()) {
            return Some(entry.clone());
        }
        let source = prepared.source.as_ref()?;
        let statistics = self.engine.statement_statistics();
        let text = &source.text[..source.text.floor_char_boundary(TEXT_BYTES_MAX)];
        let entry = match is_plannable(&source.statement) {
            true => statistics.entry(self.user, &parser::normalize(text)),
            false => statistics.entry(self.user, text),
        };
        *kept = Some(entry.clone());
        Some(entry)
    }

    /// Counts a read that is over, from the message that asked for it; the statement's number.
    #[inline]
    pub(super) fn count_point(&self, prepared: &Prepared, rows: u64) -> Option<i64> {
        let us = common::rt::unix_micros() - self.block.statement_micros;
        let ms = us.max(0) as f64 / 1e3;
        let kept = prepared.statistics.lock();
        if let Some(entry) = kept.as_ref().filter(|entry| !entry.is_removed()) {
            entry.add(self.handle.pid(), ms, rows);
            return Some(entry.query_id);
        }
        drop(kept);
        let entry = self.statistics_of(prepared)?;
        entry.add(self.handle.pid(), ms, rows);
        Some(entry.query_id)
    }

    /// A statement begins; what one before it did not end is not counted.
    pub(super) fn begin_tracking(&mut self, prepared: &Prepared) -> Option<i64> {
        self.tracked = self.statistics_of(prepared).map(|entry| Tracked {
            entry,
            started_ns: common::rt::monotonic_ns(),
        });
        self.tracked.as_ref().map(|tracked| tracked.entry.query_id)
    }

    /// The statement has ended well; its tag says how many rows it had.
    pub(super) fn end_tracking(&mut self, tag: Option<&str>) {
        let Some(tracked) = self.tracked.take() else {
            return;
        };
        let rows = tag.and_then(|tag| tag.rsplit(' ').next()?.parse().ok());
        let ns = common::rt::monotonic_ns().saturating_sub(tracked.started_ns);
        let pid = self.handle.pid();
        tracked.entry.add(pid, ns as f64 / 1e6, rows.unwrap_or(0));
    }
}
