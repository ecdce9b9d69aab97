//! Redo, and what follows for files.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::{Error, PageId, Result};

use super::analysis::Analysis;
use crate::control::Control;
use crate::hooks::{RecordKind, RecoveredRecord};
use crate::log::LogReader;
use crate::options::Wait;
use crate::page_header;
use crate::pool::TORN;
use crate::storage::Storage;
use crate::storage_ops;

impl Storage {
    /// Step 4. Answers how many records there were.
    pub(super) fn redo(&self, control: &Control, analysis: &Analysis) -> Result<u64> {
        for (id, kind) in &analysis.created {
            if !analysis.is_doomed(*id) && !self.files.exists(*id) {
                self.files.create(*id, *kind)?;
            }
        }
        let segments = Arc::clone(self.log.segments());
        let mut reader = LogReader::new(segments, control.identity, control.redo);
        let mut records = 0;
        while reader.position() < analysis.end {
            let Some(record) = reader.next_record()? else {
                return Err(Error::corrupted("the log changed while it was read"));
            };
            for id in record.pages()? {
                if analysis.is_doomed(id.file) {
                    continue;
                }
                if !self.files.exists(id.file) {
                    return Err(Error::corrupted(format!(
                        "the log names file {}, which is missing",
                        id.file
                    )));
                }
                self.redo_page(id, &record)?;
            }
            records += u64::from(record.kind == RecordKind::Pages);
        }
        Ok(records)
    }

    fn redo_page(&self, id: PageId, record: &RecoveredRecord<'_>) -> Result<()> {
        self.files.get(id.file)?.ensure_size(id.no.0 + 1)?;
        let number = self.latch_exclusive(id, Wait::Block)?;
        let frame = self.pool.frame(number);
        // SAFETY: the exclusive latch is held.
        let page = unsafe { self.pool.page_mut(number) };
        let result = if page_header::lsn(page) < record.lsn {
            self.redo_ops(id, record, number, page)
        } else {
            Ok(())
        };
        self.pool.mark_dirty(number, record.lsn.0);
        frame.latch.unlock_exclusive(self.pool.stripe(number));
        result
    }

    fn redo_ops(
        &self,
        id: PageId,
        record: &RecoveredRecord<'_>,
        number: u32,
        page: &mut [u8],
    ) -> Result<()> {
        let frame = self.pool.frame(number);
        for op in record.ops()? {
            let op = op?;
            if op.page != id {
                continue;
            }
            if storage_ops::is_init(op.op) {
                frame.flags.store(0, Ordering::Relaxed);
                frame.init_lsn.store(record.lsn.0, Ordering::Relaxed);
            } else if frame.flags.load(Ordering::Relaxed) & TORN != 0 {
                return Err(Error::corrupted(format!(
                    "{id} is damaged and the log does not hold it whole"
                )));
            }
            self.ops.apply(op.op, page, op.body)?;
        }
        page_header::set_lsn_u64(page, record.lsn.0);
        page_header::raise_max_xid(page, record.xid);
        Ok(())
    }

    /// Removes files that a commit dropped, an abort left or no record knows.
    pub(super) fn settle_files(&self, analysis: &Analysis) -> Result<()> {
        for id in self.files.ids() {
            let is_unknown = id.0 >= analysis.next_file;
            if analysis.is_doomed(id) || is_unknown {
                self.pool.discard(|page| page.file == id);
                self.files.remove(id)?;
            }
        }
        let mut pending = analysis.pending.clone();
        pending.drops.clear();
        *self.files.pending.lock() = pending;
        Ok(())
    }
}
