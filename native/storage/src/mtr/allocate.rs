//! Taking pages from files and giving them back.

use common::{Error, FileId, PageId, PageNo, Result, sqlstate};
use smallvec::SmallVec;

use super::mtr::{CLAIM, MAP, MapChange, Mtr, NEW, Slot};
use crate::options::Wait;
use crate::page_header::{self, kind};
use crate::storage_ops::{self, GROUP_PAGES};

impl Mtr<'_> {
    /// Takes a page from the file: latched, zeroed at commit, with `kind`, `owner` and its own
    /// number in the header. 53100 when the disk is full; the page is free again if the
    /// mini-transaction is dropped.
    pub fn allocate(&mut self, file: FileId, kind: u8, owner: u32) -> Result<Slot> {
        self.check_room()?;
        let data = self.storage.files.get(file)?;
        let may_grow = self.wait == Wait::Block;
        let storage = self.storage;
        let wait = self.wait;
        let mut read_map = |id| Ok(storage.read(id, wait)?.to_vec());
        let no = match data.reserve(may_grow, &mut read_map) {
            Err(error)
                if self.is_privileged
                    && error.state() == sqlstate::DISK_FULL
                    && storage.ballast.give_up() =>
            {
                data.reserve(may_grow, &mut read_map)?
            }
            other => other?,
        };
        let id = PageId {
            file,
            no: PageNo(no),
        };
        match self.hold_new(id) {
            Ok(slot) => {
                let body = storage_ops::init_body(file.0, no, owner, kind);
                self.op(slot, storage_ops::INIT, &body);
                Ok(slot)
            }
            Err(error) => {
                // Where the map change was entered already, the drop gives the page back.
                if !self.maps.iter().any(|change| change.page == id) {
                    data.release(no);
                }
                Err(error)
            }
        }
    }

    /// Latches a page that nobody refers to, without reading it.
    fn hold_new(&mut self, id: PageId) -> Result<Slot> {
        let map = self.map_slot(id)?;
        self.maps.push(MapChange {
            page: id,
            map,
            takes: true,
        });
        let pool = &self.storage.pool;
        loop {
            if pool.find_exact(id).is_some() {
                // From its earlier life, or somebody reads it by a stale guess.
                let frame = match self.storage.latch_exclusive(id, self.wait) {
                    Err(error) if !error.is_would_block() => return Err(error),
                    other => other?,
                };
                return Ok(self.hold(id, frame, NEW));
            }
            let frame = self.storage.free_frame(self.wait)?;
            if self.storage.install(id, frame)? {
                // SAFETY: the frame is claimed, its exclusive latch held.
                let page = unsafe { pool.page_mut(frame) };
                page[..page_header::PAGE_HEADER_SIZE].fill(0);
                return Ok(self.hold(id, frame, NEW | CLAIM));
            }
        }
    }

    /// The slot of the map page that `id` falls under: pinned, latched at commit.
    fn map_slot(&mut self, id: PageId) -> Result<u8> {
        let map = PageId {
            file: id.file,
            no: PageNo(id.no.0 - id.no.0 % GROUP_PAGES),
        };
        if let Some(at) = self
            .held
            .iter()
            .position(|h| h.id == map && h.flags & MAP != 0)
        {
            return Ok(at as u8);
        }
        self.check_room()?;
        let frame = self.storage.fetch(map, self.wait)?;
        Ok(self.hold(map, frame, MAP).0)
    }

    /// Gives the page back to its file at commit.
    pub fn free_page(&mut self, slot: Slot) -> Result<()> {
        let id = self.id(slot);
        let map = self.map_slot(id)?;
        self.op(slot, storage_ops::FREE, &[]);
        self.maps.push(MapChange {
            page: id,
            map,
            takes: false,
        });
        Ok(())
    }

    /// Latches the map pages and names the operations on them.
    pub(super) fn change_maps(&mut self) -> Result<()> {
        let storage = self.storage;
        let mut order: SmallVec<[u8; 2]> = (0..self.held.len() as u8)
            .filter(|at| self.held[usize::from(*at)].flags & MAP != 0)
            .collect();
        order.sort_unstable_by_key(|at| self.held[usize::from(*at)].id);
        for at in order {
            let held = &mut self.held[usize::from(at)];
            let frame = storage.pool.frame(held.frame);
            let stripe = storage.pool.stripe(held.frame);
            if !frame.latch.lock_exclusive(self.wait, stripe) {
                return Err(Error::WouldBlock);
            }
            frame.unpin();
            held.flags &= !MAP;
            let id = held.id;
            if page_header::kind_of(self.page(Slot(at))) != kind::MAP {
                let body = storage_ops::init_body(id.file.0, id.no.0, 0, kind::MAP);
                self.op(Slot(at), storage_ops::INIT, &body);
                self.op(Slot(at), storage_ops::MAP_SET, &[0, 0]);
            }
        }
        for index in 0..self.maps.len() {
            let change = self.maps[index];
            let code = match change.takes {
                true => storage_ops::MAP_SET,
                false => storage_ops::MAP_CLEAR,
            };
            let bit = (change.page.no.0 % GROUP_PAGES) as u16;
            self.op(Slot(change.map), code, &bit.to_le_bytes());
        }
        Ok(())
    }
}
