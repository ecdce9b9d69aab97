//! One file of pages: its handle and which of its pages are taken.
//!
//! The allocation map in memory is the one on the map pages plus what mini-transactions have
//! reserved and not committed. A bit is cleared here only after the record that frees the page.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use common::limits::PAGE_SIZE;
use common::rt::{Mutex, RwLock};
use common::vfs::{File, OpenMode};
use common::{Error, FileId, PageId, PageNo, Result};

use super::open_files::OpenFiles;
use crate::storage_ops::{GROUP_PAGES, MAP_BITS_OFFSET};

/// Which pages of a group are taken.
struct Group {
    /// As far as pages are taken; the rest is free.
    words: Vec<u64>,
    /// No page below is free.
    first_free: u32,
}

impl Group {
    /// The map page itself is always taken.
    fn new() -> Self {
        Self {
            words: vec![1],
            first_free: 1,
        }
    }

    /// Takes what the bits of a map page say.
    fn load(&mut self, bits: &[u8]) {
        let words = bits.chunks_exact(8);
        self.words = words
            .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
            .collect();
        self.words[0] |= 1;
        let used = self.words.iter().rposition(|word| *word != 0);
        self.words.truncate(used.map_or(1, |last| last + 1));
        self.words.shrink_to_fit();
    }

    fn take(&mut self) -> Option<u32> {
        let start = self.first_free as usize / 64;
        for (at, word) in self.words.iter_mut().enumerate().skip(start) {
            if *word != u64::MAX {
                let bit = word.trailing_ones();
                *word |= 1 << bit;
                let index = at as u32 * 64 + bit;
                self.first_free = index + 1;
                return Some(index);
            }
        }
        let index = self.words.len() as u32 * 64;
        if index >= GROUP_PAGES {
            self.first_free = GROUP_PAGES;
            return None;
        }
        self.words.push(1);
        self.first_free = index + 1;
        Some(index)
    }

    fn clear(&mut self, index: u32) {
        if let Some(word) = self.words.get_mut(index as usize / 64) {
            *word &= !(1 << (index % 64));
        }
        self.first_free = self.first_free.min(index);
    }

    fn is_set(&self, index: u32) -> bool {
        let word = self.words.get(index as usize / 64);
        word.is_some_and(|word| word & 1 << (index % 64) != 0)
    }

    /// One behind the highest page that is taken.
    fn end(&self) -> u32 {
        let last = self.words.iter().rposition(|word| *word != 0);
        last.map_or(0, |at| at as u32 * 64 + 64 - self.words[at].leading_zeros())
    }
}

#[derive(Default)]
struct Space {
    /// None until the map pages were read.
    groups: Option<Vec<Group>>,
    /// Pages that the file system has reserved.
    size_pages: u32,
}

pub struct DataFile {
    pub id: FileId,
    pub path: String,
    open_files: Arc<OpenFiles>,
    own: Weak<Self>,
    /// None while it is closed.
    handle: RwLock<Option<Arc<dyn File>>>,
    /// Since [`OpenFiles`] looked last.
    pub was_used: AtomicBool,
    space: Mutex<Space>,
}

/// What [`DataFile::reserve`] needs to know about a page of the file.
pub type ReadMap<'a> = &'a mut dyn FnMut(PageId) -> Result<Vec<u8>>;

impl DataFile {
    pub fn open(
        id: FileId,
        path: String,
        mode: OpenMode,
        open_files: &Arc<OpenFiles>,
    ) -> Result<Arc<Self>> {
        let file = Arc::new_cyclic(|own| Self {
            id,
            path,
            open_files: Arc::clone(open_files),
            own: Weak::clone(own),
            handle: RwLock::new(None),
            was_used: AtomicBool::new(true),
            space: Mutex::new(Space {
                groups: None,
                size_pages: 0,
            }),
        });
        let size = file
            .open_handle(mode)
            .and_then(|handle| handle.size_bytes());
        let size = size
            .map_err(|error| Error::io(format!("could not open file \"{}\"", file.path), &error))?;
        file.space.lock().size_pages = (size / PAGE_SIZE as u64) as u32;
        Ok(file)
    }

    /// The open file; opened again if it was closed meanwhile.
    pub fn handle(&self) -> io::Result<Arc<dyn File>> {
        if let Some(handle) = &*self.handle.read() {
            self.was_used.store(true, Ordering::Relaxed);
            return Ok(Arc::clone(handle));
        }
        self.open_handle(OpenMode::Existing)
    }

    fn open_handle(&self, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        // Before the lock: whoever closes files takes it second, too.
        let fresh = self
            .open_files
            .open(&self.path, mode, Weak::clone(&self.own))?;
        let mut handle = self.handle.write();
        Ok(Arc::clone(handle.get_or_insert(fresh)))
    }

    /// Closes the file unless it is being opened or asked for right now.
    pub fn close(&self) -> bool {
        match self.handle.try_write() {
            Some(mut handle) => {
                *handle = None;
                true
            }
            None => false,
        }
    }

    /// Pages that the file has room for.
    pub fn size_pages(&self) -> u32 {
        self.space.lock().size_pages
    }

    /// Says that recovery wrote beyond the end.
    pub fn ensure_size(&self, pages: u32) -> Result<()> {
        let mut space = self.space.lock();
        self.grow(&mut space, pages)
    }

    /// Takes a free page; the file grows if it must and `may_grow`, else `WouldBlock`.
    pub fn reserve(&self, may_grow: bool, read_map: ReadMap<'_>) -> Result<u32> {
        let mut space = self.space.lock();
        self.load(&mut space, read_map)?;
        let Space { groups, size_pages } = &mut *space;
        let groups = groups.as_mut().expect("loaded above");
        let mut taken = None;
        for (number, group) in groups.iter_mut().enumerate() {
            if let Some(index) = group.take() {
                taken = Some(number as u32 * GROUP_PAGES + index);
                break;
            }
        }
        let no = match taken {
            Some(no) => no,
            None => {
                let number = groups.len() as u32;
                if number >= u32::MAX / GROUP_PAGES {
                    return Err(Error::new(
                        common::sqlstate::PROGRAM_LIMIT_EXCEEDED,
                        format!("file \"{}\" cannot have more pages", self.path),
                    ));
                }
                groups.push(Group::new());
                let index = groups[number as usize].take().expect("a new group");
                number * GROUP_PAGES + index
            }
        };
        if no < *size_pages {
            return Ok(no);
        }
        let grown = if may_grow {
            // An eighth at a time, so that extents are few; at most 8 MiB are held in vain.
            let step = (*size_pages / 8).clamp(4, 512);
            let wanted = (no + 1).max(size_pages.saturating_add(step));
            self.grow(&mut space, wanted)
                .or_else(|_| self.grow(&mut space, no + 1))
        } else {
            Err(Error::WouldBlock)
        };
        if let Err(error) = grown {
            Self::clear(&mut space, no);
            return Err(error);
        }
        Ok(no)
    }

    /// Gives a page back that was reserved or whose freeing is in the log.
    pub fn release(&self, no: u32) {
        Self::clear(&mut self.space.lock(), no);
    }

    fn clear(space: &mut Space, no: u32) {
        if let Some(groups) = &mut space.groups
            && let Some(group) = groups.get_mut((no / GROUP_PAGES) as usize)
        {
            group.clear(no % GROUP_PAGES);
        }
    }

    /// One behind the highest page that is taken; at least 1.
    pub fn high_water(&self, read_map: ReadMap<'_>) -> Result<u32> {
        let mut space = self.space.lock();
        self.load(&mut space, read_map)?;
        let groups = space.groups.as_ref().expect("loaded above");
        let end = groups.iter().enumerate().rev().find_map(|(number, group)| {
            // A group whose map page is all it has adds nothing.
            let end = group.end();
            (end > 1).then(|| number as u32 * GROUP_PAGES + end)
        });
        Ok(end.unwrap_or(1))
    }

    /// Whether the page is taken.
    pub fn is_taken(&self, no: u32, read_map: ReadMap<'_>) -> Result<bool> {
        let mut space = self.space.lock();
        self.load(&mut space, read_map)?;
        let groups = space.groups.as_ref().expect("loaded above");
        let group = groups.get((no / GROUP_PAGES) as usize);
        Ok(group.is_some_and(|group| group.is_set(no % GROUP_PAGES)))
    }

    fn load(&self, space: &mut Space, read_map: ReadMap<'_>) -> Result<()> {
        if space.groups.is_some() {
            return Ok(());
        }
        let count = space.size_pages.div_ceil(GROUP_PAGES).max(1);
        let mut groups = Vec::with_capacity(count as usize);
        for number in 0..count {
            let mut group = Group::new();
            if number * GROUP_PAGES < space.size_pages {
                let page = read_map(PageId {
                    file: self.id,
                    no: PageNo(number * GROUP_PAGES),
                })?;
                group.load(&page[MAP_BITS_OFFSET..MAP_BITS_OFFSET + GROUP_PAGES as usize / 8]);
            }
            groups.push(group);
        }
        space.groups = Some(groups);
        Ok(())
    }

    fn grow(&self, space: &mut Space, pages: u32) -> Result<()> {
        if pages <= space.size_pages {
            return Ok(());
        }
        self.handle()
            .and_then(|handle| handle.allocate(u64::from(pages) * PAGE_SIZE as u64))
            .map_err(|error| {
                Error::io(format!("could not extend file \"{}\"", self.path), &error)
                    .with_hint("Check free disk space.")
            })?;
        space.size_pages = pages;
        Ok(())
    }
}
