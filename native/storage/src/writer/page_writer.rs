//! Writes batches of dirty pages home.
//!
//! A batch: copy each page under its shared latch, let the log become durable up to the newest LSN
//! among the copies, write the copies to `dw` and sync, write them home and sync. While a copy is
//! under way the page may change again; its frame keeps the old bound in `writing` until the home
//! is durable, so the redo point cannot pass it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::limits::PAGE_SIZE;
use common::vfs::File;
use common::{Error, FileId, Lsn, PageId, Result};

use super::checkpoint::ActiveCheckpoint;
use super::double_write::{self, BATCH_PAGES};
use crate::control::{Control, ControlFile};
use crate::files::DataFile;
use crate::page_header;
use crate::pool::{Arena, NO_PAGE, UNLOGGED};
use crate::storage::Storage;

/// The one writer's state; whoever writes pages holds its mutex for a batch.
pub struct PageWriter {
    area: Arc<dyn File>,
    /// A header page for `dw`, then the copies.
    buffer: Arena,
    pub control_file: ControlFile,
    pub control: Control,
    pub active: Option<ActiveCheckpoint>,
}

/// A page to write: where it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub page: u64,
    pub frame: u32,
}

struct Copied {
    id: PageId,
    frame: u32,
    needs_copy: bool,
}

impl PageWriter {
    pub fn new(area: Arc<dyn File>, control_file: ControlFile, control: Control) -> Result<Self> {
        Ok(Self {
            area,
            buffer: Arena::committed((BATCH_PAGES + 1) * PAGE_SIZE)
                .map_err(|error| Error::io("could not allocate memory", &error))?,
            control_file,
            control,
            active: None,
        })
    }

    /// The copy number `index`; number 0 is the header of `dw`.
    fn slot(&mut self, index: usize) -> &mut [u8] {
        // SAFETY: the writer's own memory, borrowed with the writer.
        unsafe {
            self.buffer
                .slice_mut(index * PAGE_SIZE, (index + 1) * PAGE_SIZE)
        }
    }

    /// Copies `from..to` (slots) as one slice.
    fn slots(&self, from: usize, to: usize) -> &[u8] {
        // SAFETY: as in `slot`.
        unsafe { self.buffer.slice_mut(from * PAGE_SIZE, to * PAGE_SIZE) }
    }

    /// Writes up to [`BATCH_PAGES`] of `candidates` home, durably; those that are clean, gone or
    /// latched are skipped. Answers how many were written. A failure ends all writing.
    pub fn write_batch(
        &mut self,
        storage: &Storage,
        candidates: &mut [Candidate],
    ) -> Result<usize> {
        storage.health.check_writes()?;
        debug_assert!(candidates.len() <= BATCH_PAGES, "more than a batch");
        // In order of pages, so that neighbours leave in one write; the copies that `dw` does not
        // need come last.
        candidates.sort_unstable();
        let (copied, newest) = self.copy_pages(storage, candidates)?;
        if copied.is_empty() {
            return Ok(0);
        }
        if newest != 0 {
            storage.log.flush_to(Lsn(newest))?;
        }
        self.write_copies(storage, &copied)
            .map_err(|error| storage.health.fail_writes(error))?;
        for page in &copied {
            let frame = storage.pool.frame(page.frame);
            frame.writing.store(0, Ordering::SeqCst);
        }
        storage
            .counters
            .pages_written
            .fetch_add(copied.len() as u64, Ordering::Relaxed);
        storage.pool.ring_clean();
        Ok(copied.len())
    }

    /// Answers the copies and the newest LSN among the logged ones.
    fn copy_pages(
        &mut self,
        storage: &Storage,
        candidates: &[Candidate],
    ) -> Result<(Vec<Copied>, u64)> {
        let pool = &storage.pool;
        let mut copied = Vec::with_capacity(candidates.len());
        let mut newest = 0;
        for candidate in candidates {
            let frame = pool.frame(candidate.frame);
            // Who holds it exclusively may wait for a clean frame, that is for us: never wait.
            if !frame.latch.try_shared() {
                continue;
            }
            let bound = frame.rec_lsn.load(Ordering::SeqCst);
            let is_same = frame.page.load(Ordering::Relaxed) == candidate.page;
            if is_same && bound != 0 {
                let id = PageId::from_u64(candidate.page);
                // SAFETY: the shared latch is held.
                let page = unsafe { pool.page(candidate.frame) };
                let copy = self.slot(copied.len() + 1);
                copy.copy_from_slice(page);
                if bound != UNLOGGED {
                    newest = newest.max(page_header::lsn_u64(page));
                }
                let init = frame.init_lsn.load(Ordering::Relaxed);
                let is_remade = init != 0 && init >= self.control.redo.0;
                frame.writing.store(bound, Ordering::SeqCst);
                frame.rec_lsn.store(0, Ordering::SeqCst);
                pool.dirty.fetch_sub(1, Ordering::Relaxed);
                copied.push(Copied {
                    id,
                    frame: candidate.frame,
                    needs_copy: bound != UNLOGGED && !is_remade,
                });
            }
            frame.latch.unlock_shared(pool.stripe(candidate.frame));
        }
        for (index, page) in copied.iter().enumerate() {
            let copy = self.slot(index + 1);
            page_header::set_file(copy, page.id.file.0);
            page_header::set_number(copy, page.id.no.0);
            let crc = crc32c::crc32c(&copy[4..]);
            page_header::set_crc(copy, crc);
        }
        Ok((copied, newest))
    }

    fn write_copies(&mut self, storage: &Storage, copied: &[Copied]) -> Result<()> {
        let needs_area = storage.uses_double_write && copied.iter().any(|c| c.needs_copy);
        if needs_area {
            let ids: Vec<PageId> = copied.iter().map(|c| c.id).collect();
            double_write::write_header(self.slot(0), &ids);
            let area = &self.area;
            area.write_at(self.slots(0, copied.len() + 1), 0)
                .and_then(|()| storage.sync_file(area))
                .map_err(|error| Error::io("could not write file \"dw\"", &error))?;
            storage
                .counters
                .double_writes
                .fetch_add(copied.len() as u64, Ordering::Relaxed);
        }
        let mut at = 0;
        let mut file: Option<Arc<DataFile>> = None;
        while at < copied.len() {
            let id = copied[at].id;
            if file.as_ref().is_none_or(|file| file.id != id.file) {
                Self::sync_home(storage, file.take())?;
                file = Self::home(storage, id.file)?;
            }
            let mut end = at + 1;
            while end < copied.len() && copied[end].id.to_u64() == id.to_u64() + (end - at) as u64 {
                end += 1;
            }
            if let Some(file) = &file {
                self.write_run(file, id, at, end)?;
            }
            at = end;
        }
        Self::sync_home(storage, file)
    }

    /// Writes copies `at..end`, neighbours, home.
    fn write_run(&self, file: &DataFile, id: PageId, at: usize, end: usize) -> Result<()> {
        let offset = u64::from(id.no.0) * PAGE_SIZE as u64;
        file.handle()
            .and_then(|file| file.write_at(self.slots(at + 1, end + 1), offset))
            .map_err(|error| {
                Error::io(
                    format!("could not write page {} of file \"{}\"", id.no, file.path),
                    &error,
                )
            })
    }

    /// None for a file that is being removed: its pages need no home.
    fn home(storage: &Storage, id: FileId) -> Result<Option<Arc<DataFile>>> {
        match storage.files.get(id) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.state() == common::sqlstate::UNDEFINED_FILE => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn sync_home(storage: &Storage, file: Option<Arc<DataFile>>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        if file.id.0 >= crate::files::FIRST_TEMPORARY {
            return Ok(());
        }
        file.handle()
            .and_then(|handle| storage.sync_file(&handle))
            .map_err(|error| Error::io(format!("could not sync file \"{}\"", file.path), &error))
    }

    /// Writes up to a batch of the pages that were dirty longest, of those that nobody pins.
    /// Answers how many.
    pub fn write_oldest(&mut self, storage: &Storage) -> Result<usize> {
        let mut oldest: Vec<(u64, Candidate)> = Vec::new();
        for (index, frame) in storage.pool.frames().iter().enumerate() {
            let bound = frame.rec_lsn.load(Ordering::Relaxed);
            let page = frame.page.load(Ordering::Relaxed);
            if bound != 0 && page != NO_PAGE && frame.latch.is_free() {
                let frame = index as u32;
                oldest.push((bound, Candidate { page, frame }));
            }
        }
        if oldest.len() > BATCH_PAGES {
            oldest.select_nth_unstable(BATCH_PAGES);
            oldest.truncate(BATCH_PAGES);
        }
        let mut batch: Vec<Candidate> = oldest.into_iter().map(|(_, c)| c).collect();
        self.write_batch(storage, &mut batch)
    }

    /// Writes up to a batch of the dirty pages in frames from `first` on.
    pub fn write_beyond(&mut self, storage: &Storage, first: usize) -> Result<usize> {
        let frames = storage.pool.frames().iter().enumerate().skip(first);
        let mut batch: Vec<Candidate> = frames
            .filter(|(_, frame)| frame.rec_lsn.load(Ordering::Relaxed) != 0)
            .map(|(index, frame)| Candidate {
                page: frame.page.load(Ordering::Relaxed),
                frame: index as u32,
            })
            .take(BATCH_PAGES)
            .collect();
        self.write_batch(storage, &mut batch)
    }

    /// The first record that some page may need: the least bound left, or u64::MAX.
    pub fn least_bound(storage: &Storage) -> u64 {
        let bound = |value: u64| if value == 0 { UNLOGGED } else { value };
        let bounds = storage.pool.frames().iter().map(|frame| {
            let writing = bound(frame.writing.load(Ordering::SeqCst));
            writing.min(bound(frame.rec_lsn.load(Ordering::SeqCst)))
        });
        bounds.min().unwrap_or(UNLOGGED)
    }
}
