//! Making, removing and checking files.

use common::{FileId, PageId, PageNo, Result, Xid};

use super::storage::Storage;
use crate::files::{FIRST_TEMPORARY, FileKind};
use crate::hooks::RecordKind;
use crate::log::Append;
use crate::options::Wait;

/// What [`Storage::verify_file`] found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// Pages up to the high-water mark.
    pub pages: u64,
    pub allocated: u64,
    /// What is wrong, one line each, at most 100.
    pub problems: Vec<String>,
}

impl Storage {
    /// Makes a file. `xid` 0: it stays whatever happens. Waits for the disk.
    pub fn create_file(&self, xid: Xid, kind: FileKind) -> Result<FileId> {
        self.health.check_writes()?;
        let id = self.files.next_id(kind)?;
        self.files.create(id, kind)?;
        if kind == FileKind::Temporary {
            return Ok(id);
        }
        self.files.pending.lock().create(xid, id);
        let mut body = [0; 5];
        body[..4].copy_from_slice(&id.0.to_le_bytes());
        body[4] = kind.to_byte();
        self.log.append(
            xid,
            RecordKind::FileCreate,
            &[&body],
            Append::BLOCK,
            |_, _| {},
        )?;
        Ok(id)
    }

    /// Removes a file and its pages in the pool at once; nobody may use it any more. Repeatable.
    /// Waits for the disk.
    pub fn remove_file(&self, file: FileId) -> Result<()> {
        self.remove_files(&[file])
    }

    /// As [`Storage::remove_file`] for several, with one flush of the log.
    pub fn remove_files(&self, files: &[FileId]) -> Result<()> {
        let mut present = Vec::with_capacity(files.len());
        for file in files {
            match self.files.exists(*file) {
                true => present.push(*file),
                false => self.files.pending.lock().dropped(*file),
            }
        }
        present.sort_unstable();
        let mut last = None;
        for file in present.iter().filter(|file| file.0 < FIRST_TEMPORARY) {
            let (body, kind) = (file.0.to_le_bytes(), RecordKind::FileDrop);
            let record = self
                .log
                .append(Xid(0), kind, &[&body], Append::BLOCK, |_, _| {})?;
            last = Some(record);
        }
        if let Some(last) = last {
            // Before the files go: else redo could miss them.
            self.log.flush_to(last)?;
        }
        if present.is_empty() {
            return Ok(());
        }
        // The writer has no page of theirs in hand, and finds none from now on; to take a large file
        // from the disk may last, and is no reason for it to wait.
        let writer = self.writer.lock();
        let detached: Vec<_> = present
            .iter()
            .map(|file| self.files.detach(*file))
            .collect();
        self.pool
            .discard(|page| present.binary_search(&page.file).is_ok());
        drop(writer);
        for (file, path) in present.iter().zip(detached) {
            if let Some(path) = path {
                self.files.remove_detached(&path)?;
            }
            self.files.pending.lock().dropped(*file);
        }
        Ok(())
    }

    /// Removes the files that aborted transactions left.
    pub(crate) fn remove_left_files(&self) -> Result<()> {
        let left = std::mem::take(&mut *self.files.removals.lock());
        self.remove_files(&left)
    }

    pub fn file_exists(&self, file: FileId) -> bool {
        self.files.exists(file)
    }

    /// All files, ascending.
    pub fn file_ids(&self) -> Vec<FileId> {
        self.files.ids()
    }

    /// Pages of the file up to its high-water mark, its map page included.
    pub fn file_pages(&self, file: FileId) -> Result<u32> {
        self.files
            .get(file)?
            .high_water(&mut |id| Ok(self.read(id, Wait::Block)?.to_vec()))
    }

    /// Bytes of the file on disk.
    pub fn file_size_bytes(&self, file: FileId) -> Result<u64> {
        let pages = self.files.get(file)?.size_pages();
        Ok(u64::from(pages) * common::limits::PAGE_SIZE as u64)
    }

    /// Reads every allocated page of the file and checks checksum and identity.
    pub fn verify_file(&self, file: FileId) -> Result<VerifyReport> {
        const PROBLEMS_MAX: usize = 100;
        let data = self.files.get(file)?;
        let pages = self.file_pages(file)?;
        let mut report = VerifyReport {
            pages: u64::from(pages),
            ..VerifyReport::default()
        };
        let mut read_map = |id| Ok(self.read(id, Wait::Block)?.to_vec());
        for no in 0..pages {
            if !data.is_taken(no, &mut read_map)? {
                continue;
            }
            report.allocated += 1;
            let id = PageId {
                file,
                no: PageNo(no),
            };
            let problem = match self.read(id, Wait::Block) {
                Err(error) => Some(error.to_string()),
                Ok(page) => {
                    let own = crate::page_header::id(&page);
                    let is_blank = crate::page_header::lsn_u64(&page) == 0;
                    (own != id && !is_blank).then(|| format!("{id} says it is {own}"))
                }
            };
            if report.problems.len() < PROBLEMS_MAX {
                report.problems.extend(problem);
            }
        }
        Ok(report)
    }
}
