//! The part of the layout that all pages of a tree share, inner nodes and leaves of any format.
//!
//! ```text
//! common header | tree header | arrays ... lower | hole | heap | high fence | low fence
//!                                                  heap_bytes ^ body_end
//! ```
//!
//! Arrays grow up, the heap grows down. An offset into the heap counts down from `body_end`, so that
//! fences can change their length by moving the heap as one block. A page covers the keys from its
//! low fence (inclusive) up to its high fence (exclusive); a missing fence is infinite. Invariant:
//! on each level the ranges of the tree's pages divide the keys without gap or overlap, so a page of
//! the right level that covers a key is the page for that key, however it was found.

use common::{Error, PageNo, Result, limits::PAGE_SIZE};

use super::bytes::{put_u16, put_u32, put_u64, slice, slice_mut, u16_at, u32_at, u64_at};
use crate::page_header::PAGE_HEADER_SIZE;

const BASE: usize = PAGE_HEADER_SIZE;
pub(super) const LEVEL: usize = BASE;
pub(super) const FLAGS: usize = BASE + 1;
pub(super) const LOW_LEN: usize = BASE + 2;
pub(super) const HIGH_LEN: usize = BASE + 4;
pub(super) const COUNT: usize = BASE + 6;
const LOWER: usize = BASE + 8;
const HEAP_BYTES: usize = BASE + 10;
const RIGHT: usize = BASE + 12;
const MARK: usize = BASE + 16;

/// Where the arrays of a page begin.
pub const BODY_START: usize = BASE + 24;
/// Bytes of a page that arrays, heap and fences share.
pub const BODY_BYTES: usize = PAGE_SIZE - BODY_START;
/// The longest key of a tree, in bytes (PostgreSQL's `BTMaxItemSize` on its 8 KiB pages), so that
/// an inner node always has room for four.
pub const KEY_BYTES_MAX: usize = 2704;

pub(super) const HAS_LOW: u8 = 1;
pub(super) const HAS_HIGH: u8 = 2;

/// 0 is a leaf.
#[inline]
pub fn level(page: &[u8]) -> u8 {
    page[LEVEL]
}

/// Entries of a leaf, separators of an inner node.
#[inline]
pub fn count(page: &[u8]) -> usize {
    usize::from(u16_at(page, COUNT))
}

pub fn set_count(page: &mut [u8], count: usize) {
    put_u16(page, COUNT, count as u16);
}

/// The offset of the first byte after the arrays.
#[inline]
pub fn lower(page: &[u8]) -> usize {
    usize::from(u16_at(page, LOWER))
}

pub fn set_lower(page: &mut [u8], lower: usize) {
    put_u16(page, LOWER, lower as u16);
}

#[inline]
pub fn heap_bytes(page: &[u8]) -> usize {
    usize::from(u16_at(page, HEAP_BYTES))
}

pub fn set_heap_bytes(page: &mut [u8], heap_bytes: usize) {
    put_u16(page, HEAP_BYTES, heap_bytes as u16);
}

/// The next page of the same level; none at the right edge.
#[inline]
pub fn right(page: &[u8]) -> Option<PageNo> {
    match u32_at(page, RIGHT) {
        0 => None,
        no => Some(PageNo(no)),
    }
}

pub fn set_right(page: &mut [u8], right: Option<PageNo>) {
    put_u32(page, RIGHT, right.map_or(0, |no| no.0));
}

/// A number that the root keeps for the tree's owner (a table: the first row id not given out yet).
#[inline]
pub fn mark(page: &[u8]) -> u64 {
    u64_at(page, MARK)
}

pub fn set_mark(page: &mut [u8], mark: u64) {
    put_u64(page, MARK, mark);
}

/// The end of the heap, where heap offsets count from.
#[inline]
pub fn body_end(page: &[u8]) -> Result<usize> {
    let fences = usize::from(u16_at(page, LOW_LEN)) + usize::from(u16_at(page, HIGH_LEN));
    if fences > BODY_BYTES {
        return Err(Error::corrupted("the fences of a tree page are too long"));
    }
    Ok(PAGE_SIZE - fences)
}

/// Free bytes between the arrays and the heap.
#[inline]
pub fn hole_bytes(page: &[u8]) -> Result<usize> {
    body_end(page)?
        .checked_sub(lower(page) + heap_bytes(page))
        .filter(|_| lower(page) >= BODY_START)
        .ok_or_else(|| Error::corrupted("arrays and heap of a tree page overlap"))
}

/// `len` bytes of the heap that begin `offset` before its end.
#[inline]
pub fn heap(page: &[u8], offset: usize, len: usize) -> Result<&[u8]> {
    let end = body_end(page)?;
    if offset > end || len > offset {
        return Err(Error::corrupted("a heap offset of a tree page is wrong"));
    }
    slice(page, end - offset, len)
}

/// Takes `bytes` of the hole for the heap, puts them there, gives back their heap offset.
pub fn push_heap(page: &mut [u8], bytes: &[u8]) -> Result<usize> {
    if bytes.len() > hole_bytes(page)? {
        return Err(Error::corrupted("the heap of a tree page is full"));
    }
    let offset = heap_bytes(page) + bytes.len();
    let at = body_end(page)? - offset;
    slice_mut(page, at, bytes.len())?.copy_from_slice(bytes);
    set_heap_bytes(page, offset);
    Ok(offset)
}

/// The lowest key that the page covers; None is minus infinity.
#[inline]
pub fn low_fence(page: &[u8]) -> Option<&[u8]> {
    let len = usize::from(u16_at(page, LOW_LEN));
    if page[FLAGS] & HAS_LOW == 0 || len > BODY_BYTES {
        return None;
    }
    Some(&page[PAGE_SIZE - len..PAGE_SIZE])
}

/// The first key beyond the page; None is infinity.
#[inline]
pub fn high_fence(page: &[u8]) -> Option<&[u8]> {
    let end = PAGE_SIZE.checked_sub(usize::from(u16_at(page, LOW_LEN)))?;
    let start = end.checked_sub(usize::from(u16_at(page, HIGH_LEN)))?;
    if page[FLAGS] & HAS_HIGH == 0 {
        return None;
    }
    page.get(start..end)
}

#[inline]
pub fn covers(page: &[u8], key: &[u8]) -> bool {
    low_fence(page).is_none_or(|low| low <= key) && high_fence(page).is_none_or(|high| key < high)
}

/// Makes `page` an empty page of a tree: no entries, `lower` at [`BODY_START`], no heap. The common
/// header stays.
pub fn init(
    page: &mut [u8],
    level: u8,
    low: Option<&[u8]>,
    high: Option<&[u8]>,
    right: Option<PageNo>,
) -> Result<()> {
    page[BASE..].fill(0);
    page[LEVEL] = level;
    let (low_len, high_len) = (low.map_or(0, <[u8]>::len), high.map_or(0, <[u8]>::len));
    if low_len.max(high_len) > KEY_BYTES_MAX {
        return Err(Error::corrupted("a fence of a tree page is too long"));
    }
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    page[FLAGS] = flag(low.is_some(), HAS_LOW) | flag(high.is_some(), HAS_HIGH);
    put_u16(page, LOW_LEN, low_len as u16);
    put_u16(page, HIGH_LEN, high_len as u16);
    let end = PAGE_SIZE - low_len;
    page[end..].copy_from_slice(low.unwrap_or_default());
    page[end - high_len..end].copy_from_slice(high.unwrap_or_default());
    set_lower(page, BODY_START);
    set_right(page, right);
    Ok(())
}

/// Gives the page another high fence and right neighbour; the heap moves.
pub fn set_high(page: &mut [u8], high: Option<&[u8]>, right: Option<PageNo>) -> Result<()> {
    let (heap_len, end) = (heap_bytes(page), body_end(page)?);
    let old_len = usize::from(u16_at(page, HIGH_LEN));
    let new_len = high.map_or(0, <[u8]>::len);
    if new_len > KEY_BYTES_MAX || hole_bytes(page)? + old_len < new_len {
        return Err(Error::corrupted("no room for the fence of a tree page"));
    }
    let low_start = end + old_len;
    page.copy_within(end - heap_len..end, low_start - new_len - heap_len);
    page[low_start - new_len..low_start].copy_from_slice(high.unwrap_or_default());
    put_u16(page, HIGH_LEN, new_len as u16);
    page[FLAGS] &= !HAS_HIGH;
    if high.is_some() {
        page[FLAGS] |= HAS_HIGH;
    }
    set_right(page, right);
    // What the heap left behind is cleared: equal pages have equal bytes.
    let lower = lower(page);
    let heap_start = low_start - new_len - heap_len;
    page[lower..heap_start].fill(0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_moves_the_heap_and_heap_offsets_stay() {
        let mut page = vec![0; PAGE_SIZE];
        init(&mut page, 0, Some(b"bcd"), None, None).expect("fits");
        let hello = push_heap(&mut page, b"hello").expect("fits");
        let world = push_heap(&mut page, b"world!").expect("fits");
        for high in [Some(&b"d"[..]), Some(b"czzzzzzzz"), None] {
            set_high(&mut page, high, Some(PageNo(9))).expect("fits");
            assert_eq!(heap(&page, hello, 5).expect("inside"), b"hello");
            assert_eq!(heap(&page, world, 6).expect("inside"), b"world!");
            assert_eq!(
                (low_fence(&page), high_fence(&page)),
                (Some(&b"bcd"[..]), high)
            );
        }
        assert!(covers(&page, b"bcd") && covers(&page, b"zz") && !covers(&page, b"bcc"));
        assert_eq!(right(&page), Some(PageNo(9)));
    }

    #[test]
    fn bad_headers_are_errors() {
        let mut page = vec![0xff; PAGE_SIZE];
        assert!(body_end(&page).is_err() && hole_bytes(&page).is_err());
        assert!(heap(&page, 5, 5).is_err());
        page.fill(0);
        assert!(hole_bytes(&page).is_err());
    }
}
