//! Values too long for a leaf: chains of pages that never change.
//!
//! A page of a chain: next page u32 (0: last), length u16, pad u16, stamp u64, bytes. The stamp is the
//! address of the undo record that stands for the chain's making, so unique for ever: a page with
//! another stamp was freed and belongs to someone else. Each mini-transaction that adds pages also
//! adds an undo record that names them, so rollback frees what no row came to point to; purge frees
//! chains that no version points to any more. Pages are made from the chain's end to its head.

use common::limits::{MAX_VALUE_BYTES, PAGE_SIZE};
use common::{Error, PageNo, Result, Xid};
use storage::tree::bytes::{Reader, put_u16, put_u32, put_u64, slice, slice_mut};
use storage::tree::bytes::{u16_at, u32_at, u64_at};
use storage::{ApplyFn, PAGE_HEADER_SIZE, Wait, op_code, page_header};
use txn::{Transaction, UndoAddr};

use crate::table::Table;
use crate::undo_kind;

/// Bytes of a pointer to a chain, in leaves and records.
pub const POINTER_BYTES: usize = 20;
/// The page kind of chains.
pub const OVERFLOW_KIND: u8 = page_header::kind::TABLE + 1;

/// Fills a page of a chain. Body: next u32, stamp u64, the bytes.
pub const CHAIN_PAGE: u8 = op_code::TABLE + 0x10;

pub const OVERFLOW_OPS: &[(u8, &str, ApplyFn)] = &[(CHAIN_PAGE, "overflow page", chain_page)];

const NEXT: usize = PAGE_HEADER_SIZE;
const LEN: usize = PAGE_HEADER_SIZE + 4;
const STAMP: usize = PAGE_HEADER_SIZE + 8;
const BYTES: usize = PAGE_HEADER_SIZE + 16;
const CHUNK_BYTES: usize = PAGE_SIZE - BYTES;

/// Pages made or freed by one mini-transaction, so that its record stays small.
const PAGES_AT_ONCE: usize = 3;

/// Points to a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    pub head: PageNo,
    /// Bytes of the value.
    pub raw_len: u32,
    /// Bytes in the chain; fewer when they are compressed.
    pub stored_len: u32,
    pub stamp: u64,
}

impl Pointer {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut bytes = Reader::new(bytes);
        let pointer = Self {
            head: PageNo(bytes.u32()?),
            raw_len: bytes.u32()?,
            stored_len: bytes.u32()?,
            stamp: bytes.u64()?,
        };
        if pointer.raw_len as usize > MAX_VALUE_BYTES || pointer.stored_len > pointer.raw_len {
            return Err(Error::corrupted(
                "a pointer to an overflow chain is damaged",
            ));
        }
        Ok(pointer)
    }

    pub fn to_bytes(self) -> [u8; POINTER_BYTES] {
        let mut bytes = [0; POINTER_BYTES];
        put_u32(&mut bytes, 0, self.head.0);
        put_u32(&mut bytes, 4, self.raw_len);
        put_u32(&mut bytes, 8, self.stored_len);
        put_u64(&mut bytes, 12, self.stamp);
        bytes
    }
}

fn chain_page(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let (next, stamp) = (body.u32()?, body.u64()?);
    let bytes = body.rest();
    slice_mut(page, BYTES, bytes.len())?.copy_from_slice(bytes);
    put_u32(page, NEXT, next);
    put_u16(page, LEN, bytes.len() as u16);
    put_u64(page, STAMP, stamp);
    page_header::set_kind(page, OVERFLOW_KIND);
    Ok(())
}

/// The body of the undo record of chain pages: head u32, pages u32, stamp u64 (0: its own address).
fn made_body(head: PageNo, pages: usize, stamp: u64) -> [u8; 16] {
    let mut body = [0; 16];
    put_u32(&mut body, 0, head.0);
    put_u32(&mut body, 4, pages as u32);
    put_u64(&mut body, 8, stamp);
    body
}

/// Pages that an undo record of kind [`undo_kind::CHAIN`] stands for.
pub fn parse_made(body: &[u8], own: UndoAddr) -> Result<(PageNo, usize, u64)> {
    let mut body = Reader::new(body);
    let (head, pages) = (PageNo(body.u32()?), body.u32()? as usize);
    let stamp = body.u64()?;
    Ok((head, pages, if stamp == 0 { own.0 } else { stamp }))
}

impl Table {
    /// Stores a value in a new chain. It is the transaction's to roll back until a row points to
    /// it. Hold no latch.
    pub(crate) fn make_chain(
        &self,
        txn: &mut Transaction,
        value: &[u8],
        wait: Wait,
    ) -> Result<Pointer> {
        let compressed = compress::lz4_compress(value);
        let stored = compressed.as_deref().unwrap_or(value);
        let mut next = PageNo(0);
        let mut stamp = 0;
        let chunks: Vec<&[u8]> = stored.chunks(CHUNK_BYTES).collect();
        for group in chunks.rchunks(PAGES_AT_ONCE) {
            (next, stamp) = self.make_pages(txn, group, next, stamp, wait)?;
        }
        Ok(Pointer {
            head: next,
            raw_len: value.len() as u32,
            stored_len: stored.len() as u32,
            stamp,
        })
    }

    /// Puts some pages before `next`; gives the new head and the stamp.
    fn make_pages(
        &self,
        txn: &mut Transaction,
        chunks: &[&[u8]],
        next: PageNo,
        stamp: u64,
        wait: Wait,
    ) -> Result<(PageNo, u64)> {
        self.assign_xid(txn)?;
        let mut mtr = self.storage().begin_with(wait);
        let slots = chunks
            .iter()
            .map(|_| mtr.allocate(self.tree.file(), OVERFLOW_KIND, self.id.0))
            .collect::<Result<Vec<_>>>()?;
        let head = mtr.id(slots[0]).no;
        let body = made_body(head, chunks.len(), stamp);
        let undo = self.txns.undo();
        let addr = undo.append(&mut mtr, txn, undo_kind::CHAIN, self.id, &body)?;
        let stamp = if stamp == 0 { addr.0 } else { stamp };
        for (index, chunk) in chunks.iter().enumerate() {
            let next = slots.get(index + 1).map_or(next, |slot| mtr.id(*slot).no);
            let (next, stamp) = (next.0.to_le_bytes(), stamp.to_le_bytes());
            mtr.op_parts(slots[index], CHAIN_PAGE, &[&next, &stamp, chunk]);
        }
        self.txns.apply(mtr, txn)?;
        Ok((head, stamp))
    }

    /// Appends the value to `out`.
    pub(crate) fn load_chain(
        &self,
        pointer: &Pointer,
        out: &mut Vec<u8>,
        wait: Wait,
    ) -> Result<()> {
        let (raw, stored) = (pointer.raw_len as usize, pointer.stored_len as usize);
        if raw == stored {
            return self.load_pages(pointer, out, wait);
        }
        let mut block = Vec::new();
        self.load_pages(pointer, &mut block, wait)?;
        compress::lz4_decompress(&block, raw, out)
    }

    fn load_pages(&self, pointer: &Pointer, out: &mut Vec<u8>, wait: Wait) -> Result<()> {
        let end = out.len() + pointer.stored_len as usize;
        let mut no = pointer.head;
        while out.len() < end {
            let pin = self.storage().page(self.tree.page_id(no), wait)?;
            let page = pin.try_read(wait)?;
            if !is_of_chain(&page, pointer.stamp) {
                return Err(Error::corrupted(format!(
                    "{} is not of the overflow chain that leads to it",
                    pin.id()
                )));
            }
            let len = usize::from(u16_at(&page, LEN));
            if len == 0 || out.len() + len > end {
                return Err(Error::corrupted("an overflow chain has the wrong length"));
            }
            out.extend_from_slice(slice(&page, BYTES, len)?);
            no = PageNo(u32_at(&page, NEXT));
        }
        Ok(())
    }

    /// Frees the pages of a chain from `head` on, at most `pages_max`, from the last one back: what
    /// a crash interrupts goes on from the head. Pages that are not of the chain any more end it.
    /// The last mini-transaction also marks `done`.
    pub(crate) fn free_chain(
        &self,
        head: PageNo,
        pages_max: usize,
        stamp: u64,
        done: Option<UndoAddr>,
    ) -> Result<()> {
        let mut pages = Vec::new();
        let mut no = head;
        while no.0 != 0 && pages.len() < pages_max {
            let pin = self.storage().page(self.tree.page_id(no), Wait::Block)?;
            let page = pin.read();
            if !is_of_chain(&page, stamp) {
                break;
            }
            pages.push(no);
            no = PageNo(u32_at(&page, NEXT));
        }
        while !pages.is_empty() || done.is_some() {
            let mut mtr = self.storage().begin_privileged();
            for no in pages.split_off(pages.len().saturating_sub(PAGES_AT_ONCE)) {
                let slot = mtr.latch(self.tree.page_id(no), Wait::Block)?;
                if is_of_chain(mtr.page(slot), stamp) {
                    mtr.free_page(slot)?;
                }
            }
            let is_last = pages.is_empty();
            if let (true, Some(addr)) = (is_last, done) {
                self.txns.undo().mark_done(&mut mtr, addr)?;
            }
            mtr.commit(Xid(0))?;
            if is_last {
                break;
            }
        }
        Ok(())
    }
}

fn is_of_chain(page: &[u8], stamp: u64) -> bool {
    page_header::kind_of(page) == OVERFLOW_KIND && u64_at(page, STAMP) == stamp
}
