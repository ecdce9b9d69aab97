//! The operations that change pages of trees, with the bodies they take.

use common::{Error, PageNo, Result, limits::PAGE_SIZE};

use super::bytes::{Reader, put_u16, slice, slice_mut};
use super::{inner, page};
use crate::mtr::{Mtr, Slot};
use crate::op_table::ApplyFn;
use crate::page_header::{self, PAGE_HEADER_SIZE};

/// The whole page but for the hole. Body: kind u8, flags u8, layout u16, `max_xid` u64, end of the
/// arrays u16, start of the heap u16, then the bytes from the common header's end to the former and
/// from the latter to the page's end.
pub const IMAGE: u8 = 0x40;
/// Another high fence and right neighbour. Body: right u32, present u8, fence.
pub const SET_HIGH: u8 = 0x41;
/// A separator more. Body: child u32, key.
pub const INNER_INSERT: u8 = 0x42;
/// A separator less. Body: index u16.
pub const INNER_REMOVE: u8 = 0x43;
/// Another mark of the root. Body: mark u64.
pub const SET_MARK: u8 = 0x44;

/// All of them, for [`crate::OpTable::register`].
pub const OPS: &[(u8, &str, ApplyFn)] = &[
    (IMAGE, "tree page image", image),
    (SET_HIGH, "tree high fence", set_high),
    (INNER_INSERT, "tree separator insert", inner_insert),
    (INNER_REMOVE, "tree separator remove", inner_remove),
    (SET_MARK, "tree mark", set_mark),
];

const IMAGE_HEAD_BYTES: usize = 16;

/// Names [`IMAGE`] on `slot`: the page becomes `content`, a page of a tree (its common header gives
/// kind, flags, layout and `max_xid`).
pub fn log_image(mtr: &mut Mtr<'_>, slot: Slot, content: &[u8]) -> Result<()> {
    let hole_bytes = page::hole_bytes(content)?;
    let lower = page::lower(content);
    let upper = lower + hole_bytes;
    let mut head = [0; IMAGE_HEAD_BYTES];
    head[0] = page_header::kind_of(content);
    head[1] = page_header::flags(content);
    put_u16(&mut head, 2, page_header::layout(content));
    head[4..12].copy_from_slice(&page_header::max_xid(content).0.to_le_bytes());
    put_u16(&mut head, 12, lower as u16);
    put_u16(&mut head, 14, upper as u16);
    let arrays = &content[PAGE_HEADER_SIZE..lower];
    mtr.op_parts(slot, IMAGE, &[&head, arrays, &content[upper..]]);
    Ok(())
}

fn image(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let (kind, flags, layout) = (body.u8()?, body.u8()?, body.u16()?);
    let max_xid = body.u64()?;
    let (lower, upper) = (usize::from(body.u16()?), usize::from(body.u16()?));
    if lower < PAGE_HEADER_SIZE || upper < lower || upper > PAGE_SIZE {
        return Err(Error::corrupted("malformed tree page image in the log"));
    }
    let arrays = body.take(lower - PAGE_HEADER_SIZE)?;
    slice_mut(page, PAGE_HEADER_SIZE, arrays.len())?.copy_from_slice(arrays);
    slice_mut(page, lower, upper - lower)?.fill(0);
    let heap = body.take(PAGE_SIZE - upper)?;
    slice_mut(page, upper, heap.len())?.copy_from_slice(heap);
    page_header::set_kind(page, kind);
    page_header::set_flags(page, flags);
    page_header::set_layout(page, layout);
    page_header::set_max_xid_u64(page, max_xid);
    Ok(())
}

/// Names [`SET_HIGH`] on `slot`.
pub fn log_set_high(mtr: &mut Mtr<'_>, slot: Slot, high: Option<&[u8]>, right: Option<PageNo>) {
    let right = right.map_or(0, |no| no.0).to_le_bytes();
    let present = [u8::from(high.is_some())];
    mtr.op_parts(
        slot,
        SET_HIGH,
        &[&right, &present, high.unwrap_or_default()],
    );
}

fn set_high(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let right = body.u32()?;
    let is_present = body.u8()? != 0;
    let right = (right != 0).then_some(PageNo(right));
    page::set_high(page, is_present.then_some(body.rest()), right)
}

/// Names [`INNER_INSERT`] on `slot`.
pub fn log_inner_insert(mtr: &mut Mtr<'_>, slot: Slot, key: &[u8], child: PageNo) {
    mtr.op_parts(slot, INNER_INSERT, &[&child.0.to_le_bytes(), key]);
}

fn inner_insert(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let child = PageNo(body.u32()?);
    inner::insert(page, body.rest(), child)
}

/// Names [`INNER_REMOVE`] on `slot`.
pub fn log_inner_remove(mtr: &mut Mtr<'_>, slot: Slot, index: usize) {
    mtr.op(slot, INNER_REMOVE, &(index as u16).to_le_bytes());
}

fn inner_remove(page: &mut [u8], body: &[u8]) -> Result<()> {
    let index = Reader::new(body).u16()?;
    inner::remove(page, usize::from(index))
}

/// Names [`SET_MARK`] on `slot`, the root's.
pub fn log_set_mark(mtr: &mut Mtr<'_>, slot: Slot, mark: u64) {
    mtr.op(slot, SET_MARK, &mark.to_le_bytes());
}

fn set_mark(page: &mut [u8], body: &[u8]) -> Result<()> {
    slice(page, 0, PAGE_SIZE)?;
    page::set_mark(page, Reader::new(body).u64()?);
    Ok(())
}
