//! What the log says besides its pages: the active set, the fates of files, its own end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::{Error, FileId, Lsn, Result, Xid};

use super::open::Opening;
use crate::control::Control;
use crate::files::{FileKind, PendingFiles};
use crate::hooks::{EndKind, RecordKind, RecoveredRecord};
use crate::log::record::u32_at;
use crate::log::segments::Segments;
use crate::log::{LogReader, decode_end};
use crate::writer::BeginBody;

/// What the log says besides its pages.
#[derive(Default)]
pub(super) struct Analysis {
    pub(super) end: Lsn,
    pub(super) pending: PendingFiles,
    /// Removed within the log.
    pub(super) gone: BTreeSet<FileId>,
    pub(super) created: BTreeMap<FileId, FileKind>,
    pub(super) next_file: u32,
    pub(super) unfinished: BTreeSet<Xid>,
    pub(super) greatest_xid: Xid,
    pub(super) page_records: u64,
    /// The last record is the end of the checkpoint that `control` names.
    pub(super) ends_in_checkpoint: bool,
}

impl Opening {
    /// Step 2.
    pub(super) fn analyse(&self, control: &Control, segments: &Arc<Segments>) -> Result<Analysis> {
        let mut analysis = Analysis {
            next_file: 1,
            ..Analysis::default()
        };
        self.read_begin(control, segments, &mut analysis)?;
        let mut reader = LogReader::new(Arc::clone(segments), control.identity, control.redo);
        while let Some(record) = reader.next_record()? {
            analysis.ends_in_checkpoint =
                record.kind == RecordKind::CheckpointEnd && record.lsn == control.log_end;
            if record.kind == RecordKind::Pages {
                analysis.page_records += 1;
            }
            if record.lsn >= control.active_from {
                self.follow(&record, &mut analysis)?;
            } else {
                analysis.follow_files(&record)?;
            }
        }
        analysis.end = reader.position();
        if control.checkpoint.0 != 0 && analysis.end <= control.log_end {
            return Err(Error::corrupted(format!(
                "the log ends at {} before the last checkpoint at {}",
                analysis.end, control.log_end
            )));
        }
        Ok(analysis)
    }

    fn read_begin(
        &self,
        control: &Control,
        segments: &Arc<Segments>,
        analysis: &mut Analysis,
    ) -> Result<()> {
        if control.checkpoint.0 == 0 {
            return self.hooks.recovery_begin(&[]);
        }
        let mut reader = LogReader::new(Arc::clone(segments), control.identity, control.checkpoint);
        let record = reader.next_record()?;
        let Some(record) = record.filter(|r| r.kind == RecordKind::CheckpointBegin) else {
            return Err(Error::corrupted(
                "could not locate a valid checkpoint record",
            ));
        };
        let begin = BeginBody::decode(record.body)?;
        analysis.pending = begin.pending;
        analysis.next_file = begin.next_file.max(1);
        self.hooks.recovery_begin(&begin.payload)
    }

    /// Brings the active set and the files' fates forward.
    fn follow(&self, record: &RecoveredRecord<'_>, analysis: &mut Analysis) -> Result<()> {
        analysis.follow_files(record)?;
        if record.xid.0 != 0 {
            analysis.unfinished.insert(record.xid);
            analysis.greatest_xid = analysis.greatest_xid.max(record.xid);
        }
        let mut record = *record;
        let kind = match record.kind {
            RecordKind::Commit => EndKind::Commit,
            RecordKind::Abort => EndKind::Abort,
            _ => return self.hooks.recovered(&record),
        };
        let (dropped, body) = decode_end(record.body)?;
        record.body = body;
        analysis.unfinished.remove(&record.xid);
        analysis.pending.end(record.xid, kind, &dropped);
        self.hooks.recovered(&record)
    }
}

impl Analysis {
    fn follow_files(&mut self, record: &RecoveredRecord<'_>) -> Result<()> {
        if !matches!(record.kind, RecordKind::FileCreate | RecordKind::FileDrop) {
            return Ok(());
        }
        let malformed = || Error::corrupted("malformed file record in the log");
        if record.body.len() < 4 {
            return Err(malformed());
        }
        let id = FileId(u32_at(record.body, 0));
        if record.kind == RecordKind::FileDrop {
            self.gone.insert(id);
            self.pending.dropped(id);
            return Ok(());
        }
        let byte = record.body.get(4).copied().ok_or_else(malformed)?;
        let kind = FileKind::of(id, byte).ok_or_else(malformed)?;
        self.created.insert(id, kind);
        self.next_file = self.next_file.max(id.0 + 1);
        self.pending.create(record.xid, id);
        Ok(())
    }

    /// The file goes whatever its pages hold.
    pub(super) fn is_doomed(&self, id: FileId) -> bool {
        self.gone.contains(&id) || self.pending.drops.contains(&id)
    }
}
