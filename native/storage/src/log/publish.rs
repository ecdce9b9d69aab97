//! Commits: into the log and the queue in one step, and out of it in log order.

use std::sync::atomic::Ordering;

use common::{Error, FileId, Lsn, Result, Xid};

use super::append::{Append, Callback, Ended, Log};
use super::record::next_lsn;
use crate::hooks::{CommitInfo, EndKind, RecordKind};
use crate::options::SyncMode;
use crate::storage::Durability;

impl Log {
    /// Appends the record of a transaction's end and queues it for publishing.
    pub fn append_end(
        &self,
        xid: Xid,
        kind: EndKind,
        body: &[u8],
        dropped_files: &[FileId],
        durability: Durability,
    ) -> Result<Lsn> {
        let record_kind = match kind {
            EndKind::Commit => RecordKind::Commit,
            EndKind::Abort => RecordKind::Abort,
        };
        let files = encode_files(dropped_files);
        let mut ended = Some(Ended {
            info: CommitInfo {
                xid,
                lsn: Lsn(0),
                kind,
                body: body.to_vec(),
            },
            dropped_files: dropped_files.to_vec(),
        });
        let parts = [&files[..], body];
        let mut is_next = false;
        let lsn = self.append(xid, record_kind, &parts, Append::BLOCK, |state, lsn| {
            is_next = state.ended.is_empty();
            let mut ended = ended.take().expect("appended once");
            ended.info.lsn = lsn;
            state.ended.push_back(ended);
        })?;
        let is_free = match durability {
            Durability::Asynchronous => true,
            // Nothing that waits for the disk is made visible by it.
            Durability::Temporary => is_next,
            Durability::Full | Durability::FullWaiting => false,
        };
        if self.sync != SyncMode::Full || is_free {
            self.publish_to(lsn.0 + 1);
            if durability == Durability::Temporary {
                return Ok(lsn);
            }
        }
        let is_written = durability == Durability::Full && self.write_by_itself();
        if durability != Durability::FullWaiting && !is_written {
            self.demand(next_lsn(lsn.0, 1));
        }
        Ok(lsn)
    }

    /// Publishes all ends at positions before `limit`, in log order, in one step.
    pub(super) fn publish_to(&self, limit: u64) {
        let _publishing = self.publishing.lock();
        let mut group = Vec::new();
        {
            let mut state = self.state.lock();
            while state.ended.front().is_some_and(|e| e.info.lsn.0 < limit) {
                group.extend(state.ended.pop_front());
            }
        }
        if !group.is_empty() {
            let count = group.len() as u64;
            self.counters.published.fetch_add(count, Ordering::Relaxed);
            self.counters.group_max.fetch_max(count, Ordering::Relaxed);
            let publish = std::panic::AssertUnwindSafe(|| (self.publisher)(group));
            if let Err(panic) = std::panic::catch_unwind(publish) {
                // Some of the group may be visible, some never will be.
                self.health
                    .break_engine(Error::internal("publishing commits panicked"));
                std::panic::resume_unwind(panic);
            }
        }
        self.published.fetch_max(limit, Ordering::SeqCst);
    }

    /// A position before which every end is published, now and for what is read after this call.
    pub fn published_floor(&self) -> u64 {
        let _publishing = self.publishing.lock();
        let state = self.state.lock();
        match state.ended.front() {
            Some(ended) => ended.info.lsn.0,
            None => state.tail,
        }
    }

    /// Whether the end at `lsn` is published and as safe as the sync mode asks: on disk, or with the
    /// system, which keeps it when this process ends.
    #[inline]
    pub fn is_published(&self, lsn: Lsn) -> bool {
        self.published.load(Ordering::SeqCst) > lsn.0 && self.safe() > lsn.0
    }

    /// Whether the end at `lsn` is published, safe or not.
    pub fn is_visible(&self, lsn: Lsn) -> bool {
        self.published.load(Ordering::SeqCst) > lsn.0
    }

    /// Position up to which an answer may be given.
    pub(super) fn safe(&self) -> u64 {
        match self.sync {
            SyncMode::Full => self.durable.load(Ordering::SeqCst),
            SyncMode::Normal | SyncMode::Off => self.written.load(Ordering::SeqCst),
        }
    }

    /// Waits until [`Log::is_published`], flushing by itself when nobody does.
    pub fn wait_published(&self, lsn: Lsn) -> Result<()> {
        if self.is_published(lsn) {
            return Ok(());
        }
        self.drive(false, || self.is_published(lsn))
    }

    /// Runs `callback` when the end at `lsn` is published, or the log has failed.
    pub fn on_published(&self, lsn: Lsn, callback: Callback) {
        let mut callbacks = self.callbacks.lock();
        if !self.is_published(lsn) && self.health.is_good() {
            // Two for one position: the second key part tells them apart.
            let at = callbacks.range((lsn.0, 0)..=(lsn.0, u64::MAX)).next_back();
            let turn = at.map_or(0, |((_, turn), _)| turn + 1);
            callbacks.insert((lsn.0, turn), callback);
            drop(callbacks);
            self.demand(lsn.0 + 1);
            return;
        }
        drop(callbacks);
        callback(self.outcome(lsn));
    }

    fn outcome(&self, lsn: Lsn) -> Result<()> {
        if self.is_published(lsn) {
            return Ok(());
        }
        self.health.check_writes()
    }

    pub(super) fn run_callbacks(&self) {
        loop {
            let mut callbacks = self.callbacks.lock();
            let Some(first) = callbacks.first_entry() else {
                return;
            };
            let lsn = Lsn(first.key().0);
            if !self.is_published(lsn) && self.health.is_good() {
                return;
            }
            let callback = first.remove();
            drop(callbacks);
            callback(self.outcome(lsn));
        }
    }
}

fn encode_files(files: &[FileId]) -> smallvec::SmallVec<[u8; 32]> {
    let mut out = smallvec::SmallVec::new();
    out.extend_from_slice(&(files.len() as u32).to_le_bytes());
    for file in files {
        out.extend_from_slice(&file.0.to_le_bytes());
    }
    out
}

/// Splits the body of a commit or abort record into its files and the caller's part.
pub fn decode_end(body: &[u8]) -> Result<(Vec<FileId>, &[u8])> {
    let malformed = || Error::corrupted("malformed commit record in the log");
    let (count, rest) = body.split_at_checked(4).ok_or_else(malformed)?;
    let count = super::record::u32_at(count, 0) as usize;
    let (files, rest) = count
        .checked_mul(4)
        .and_then(|bytes| rest.split_at_checked(bytes))
        .ok_or_else(malformed)?;
    let files = files
        .chunks_exact(4)
        .map(|file| FileId(super::record::u32_at(file, 0)))
        .collect();
    Ok((files, rest))
}
