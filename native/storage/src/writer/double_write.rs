//! `dw`: copies of pages that are about to be written home, against torn writes (InnoDB's double
//! write).
//!
//! A batch is written here and synced before any home is; homes are synced before the next batch is
//! written. So of a page and its copy one is always whole. Layout: a header of one page {magic,
//! count, CRC, page ids}, then the copies.

use std::sync::Arc;

use common::limits::PAGE_SIZE;
use common::vfs::{File, OpenMode, Vfs};
use common::{Error, PageId, Result};

use crate::files::FileSet;
use crate::log::record::{u32_at, u64_at};
use crate::page_header;
use crate::pool::Arena;

/// Pages of a batch.
pub const BATCH_PAGES: usize = 128;
const NAME: &str = "dw";
const MAGIC: u64 = u64::from_le_bytes(*b"RDB\0dw01");
const IDS_OFFSET: usize = 16;

/// Fills in the header page for a batch of `ids`.
pub fn write_header(header: &mut [u8], ids: &[PageId]) {
    header.fill(0);
    header[..8].copy_from_slice(&MAGIC.to_le_bytes());
    header[8..12].copy_from_slice(&(ids.len() as u32).to_le_bytes());
    for (id, field) in ids.iter().zip(header[IDS_OFFSET..].chunks_exact_mut(8)) {
        field.copy_from_slice(&id.to_u64().to_le_bytes());
    }
    let crc = header_crc(header);
    header[12..16].copy_from_slice(&crc.to_le_bytes());
}

fn header_crc(header: &[u8]) -> u32 {
    let crc = crc32c::crc32c(&header[..12]);
    crc32c::crc32c_append(crc, &header[IDS_OFFSET..IDS_OFFSET + BATCH_PAGES * 8])
}

pub fn open(vfs: &dyn Vfs) -> Result<Arc<dyn File>> {
    let open = || {
        let file = vfs.open(NAME, OpenMode::Create, true)?;
        let size = ((BATCH_PAGES + 1) * PAGE_SIZE) as u64;
        if file.size_bytes()? < size {
            file.allocate(size)?;
        }
        Ok(file)
    };
    open().map_err(|error| Error::io(format!("could not open file \"{NAME}\""), &error))
}

/// Whether the checksum of a page from disk is right.
pub fn has_valid_checksum(page: &[u8]) -> bool {
    crc32c::crc32c(&page[4..]) == page_header::crc(page)
}

/// Step 1 of recovery: a home with a bad checksum gets its copy back. Answers how many did.
pub fn restore(vfs: &dyn Vfs, files: &FileSet) -> Result<u32> {
    let area = open(vfs)?;
    let memory = Arena::committed(2 * PAGE_SIZE)
        .map_err(|error| Error::io("could not allocate memory", &error))?;
    // SAFETY: this function's own memory, two disjoint parts.
    let (header, page) = unsafe {
        (
            memory.slice_mut(0, PAGE_SIZE),
            memory.slice_mut(PAGE_SIZE, 2 * PAGE_SIZE),
        )
    };
    let could_not = |error| Error::io("could not restore pages from \"dw\"", &error);
    area.read_at(header, 0).map_err(could_not)?;
    let count = u32_at(header, 8) as usize;
    let is_whole = u64_at(header, 0) == MAGIC
        && count <= BATCH_PAGES
        && header_crc(header) == u32_at(header, 12);
    if !is_whole {
        // Torn or never written: then no home of this batch was touched.
        return Ok(0);
    }
    let mut restored = 0;
    for index in 0..count {
        let id = PageId::from_u64(u64_at(header, IDS_OFFSET + index * 8));
        if !files.exists(id.file) {
            continue;
        }
        let file = files.get(id.file)?;
        let offset = u64::from(id.no.0) * PAGE_SIZE as u64;
        if id.no.0 >= file.size_pages() {
            continue;
        }
        let handle = file.handle().map_err(could_not)?;
        handle.read_at(page, offset).map_err(could_not)?;
        // A blank home was never written: redo makes it from its first record.
        if has_valid_checksum(page) || page.iter().all(|b| *b == 0) {
            continue;
        }
        let copy_at = ((index + 1) * PAGE_SIZE) as u64;
        area.read_at(page, copy_at).map_err(could_not)?;
        if has_valid_checksum(page) && page_header::id(page) == id {
            handle.write_at(page, offset).map_err(could_not)?;
            handle.sync().map_err(could_not)?;
            restored += 1;
        }
    }
    Ok(restored)
}
