//! Appending the record and applying it.

use std::sync::atomic::Ordering;

use common::{Error, Lsn, Result, Xid};
use smallvec::SmallVec;

use super::mtr::{CHANGED, CLAIM, Mtr, RELEASED, REMADE, TEMPORARY, WAS_CLEAN};
use crate::hooks::RecordKind;
use crate::log::Append;
use crate::log::record::{OP_HEADER_SIZE, PAGES_PREFIX_SIZE};
use crate::page_header;
use crate::pool::UNLOGGED;

impl Mtr<'_> {
    /// Appends the record, applies it, releases the latches. `xid` 0 leaves `max_xid` alone. With
    /// no operation named nothing is logged and the log's end is answered. An error means that
    /// nothing has changed.
    pub fn commit(mut self, xid: Xid) -> Result<Lsn> {
        if !self.maps.is_empty() {
            self.change_maps()?;
        }
        if self.ops.is_empty() && self.unlogged.is_empty() {
            return Ok(Lsn(self.storage.log.tail()));
        }
        let lsn = self.append(xid)?;
        self.is_applying = true;
        if let Err(error) = self.apply(lsn, xid) {
            return Err(self.storage.health.break_engine(error));
        }
        self.is_applying = false;
        self.finish();
        Ok(lsn)
    }

    /// Marks the pages dirty and appends the record; on an error all is as it was.
    fn append(&mut self, xid: Xid) -> Result<Lsn> {
        let pool = &self.storage.pool;
        let log = &self.storage.log;
        self.storage.health.check_writes()?;
        // Before the append, with a position that cannot be later: a checkpoint that begins behind
        // the record then sees the page as dirty.
        let bound = log.tail();
        for held in &mut self.held {
            if held.flags & CHANGED != 0 {
                let bound = if held.flags & TEMPORARY != 0 {
                    UNLOGGED
                } else {
                    bound
                };
                if pool.mark_dirty(held.frame, bound) {
                    held.flags |= WAS_CLEAN;
                }
            }
        }
        if self.ops.is_empty() {
            return Ok(Lsn(bound));
        }
        let mut head: SmallVec<[u8; 128]> = SmallVec::new();
        head.extend_from_slice(&(self.named.len() as u16).to_le_bytes());
        head.extend_from_slice(&self.op_count.to_le_bytes());
        head.resize(PAGES_PREFIX_SIZE, 0);
        for slot in &self.named {
            let id = self.held[usize::from(*slot)].id;
            head.extend_from_slice(&id.to_u64().to_le_bytes());
        }
        let how = Append {
            wait: self.wait,
            is_privileged: self.is_privileged,
        };
        let parts = [&head[..], &self.ops[..]];
        let appended = log.append(xid, RecordKind::Pages, &parts, how, |_, _| {});
        if appended.is_err() {
            for held in &mut self.held {
                if held.flags & WAS_CLEAN != 0 {
                    pool.unmark_dirty(held.frame);
                }
            }
        }
        appended
    }

    fn apply(&mut self, lsn: Lsn, xid: Xid) -> Result<()> {
        let pool = &self.storage.pool;
        let copies = self.storage.options.check_apply.then(|| self.copy_pages());
        for (ops, is_logged) in [(&self.ops, true), (&self.unlogged, false)] {
            let mut rest = &ops[..];
            while let Some((header, tail)) = rest.split_at_checked(OP_HEADER_SIZE) {
                let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
                let (body, tail) = tail.split_at(length);
                let slot = match is_logged {
                    true => self.named[usize::from(header[0])],
                    false => header[0],
                };
                let frame = self.held[usize::from(slot)].frame;
                // SAFETY: the exclusive latch is held; the reference ends with the call.
                let page = unsafe { pool.page_mut(frame) };
                self.storage.ops.apply(header[1], page, body)?;
                rest = tail;
            }
        }
        if let Some(copies) = copies {
            self.compare(copies)?;
        }
        for held in &self.held {
            if held.flags & CHANGED == 0 {
                continue;
            }
            // SAFETY: as above.
            let page = unsafe { pool.page_mut(held.frame) };
            if held.flags & TEMPORARY == 0 {
                page_header::set_lsn_u64(page, lsn.0);
            }
            page_header::raise_max_xid(page, xid);
            if held.flags & REMADE != 0 {
                let init = &pool.frame(held.frame).init_lsn;
                init.store(lsn.0, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Test mode: the pages before the record.
    fn copy_pages(&self) -> Vec<Vec<u8>> {
        let named = self.named.iter();
        named
            .map(|slot| {
                let frame = self.held[usize::from(*slot)].frame;
                // SAFETY: the exclusive latch is held.
                unsafe { self.storage.pool.page(frame) }.to_vec()
            })
            .collect()
    }

    /// Test mode: replays the record on the copies and compares.
    fn compare(&self, mut copies: Vec<Vec<u8>>) -> Result<()> {
        let mut rest = &self.ops[..];
        while let Some((header, tail)) = rest.split_at_checked(OP_HEADER_SIZE) {
            let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
            let (body, tail) = tail.split_at(length);
            let copy = &mut copies[usize::from(header[0])];
            self.storage.ops.apply(header[1], copy, body)?;
            rest = tail;
        }
        for (slot, copy) in self.named.iter().zip(&copies) {
            let held = &self.held[usize::from(*slot)];
            // SAFETY: the exclusive latch is held.
            let page = unsafe { self.storage.pool.page(held.frame) };
            if let Some(at) = page.iter().zip(copy).position(|(a, b)| a != b) {
                return Err(Error::internal(format!(
                    "replaying a record gives another byte {at} of {}",
                    held.id
                )));
            }
        }
        Ok(())
    }

    /// After apply: releases everything and settles the allocations.
    fn finish(&mut self) {
        let pool = &self.storage.pool;
        for held in self.held.drain(..) {
            if held.flags & RELEASED != 0 {
                continue;
            }
            if held.flags & CLAIM != 0 {
                pool.publish_claimed(held.frame, false);
            }
            let latch = &pool.frame(held.frame).latch;
            if held.flags & CHANGED != 0 {
                latch.unlock_exclusive(pool.stripe(held.frame));
            } else {
                latch.unlock_exclusive_unchanged(pool.stripe(held.frame));
            }
        }
        for change in self.maps.drain(..) {
            if !change.takes
                && let Ok(file) = self.storage.files.get(change.page.file)
            {
                file.release(change.page.no.0);
            }
        }
    }
}
