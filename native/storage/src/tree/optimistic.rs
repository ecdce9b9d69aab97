//! Searching inner nodes without a latch.
//!
//! The same search as [`super::inner`], over bytes that may change meanwhile: every load is checked,
//! and what was found counts only once the page has proved unchanged. Whatever is unusual (a damaged
//! offset) answers None: the caller takes the latch.

use std::cmp::Ordering;

use common::PageNo;
use common::limits::PAGE_SIZE;

use super::inner::{self, HEAD_BYTES, LEFTMOST, PREFIX_LEN, SLOT_BYTES, SLOTS};
use super::page::{COUNT, FLAGS, HAS_HIGH, HAS_LOW, HIGH_LEN, LEVEL, LOW_LEN};
use super::page_tree::INNER_KIND;
use crate::page_header::KIND;
use crate::page_ref::OptimisticPage;

/// Compares the `len` bytes at `offset` with `other`.
#[inline]
fn compare(page: &OptimisticPage<'_>, offset: usize, len: usize, other: &[u8]) -> Option<Ordering> {
    let mut at = offset;
    for piece in other[..len.min(other.len())].chunks(8) {
        let ordering = page.be_bytes(at, piece.len())?.cmp(&be_number(piece));
        if ordering.is_ne() {
            return Some(ordering);
        }
        at += piece.len();
    }
    Some(len.cmp(&other.len()))
}

/// Up to eight bytes as a number that orders as they do.
#[inline]
fn be_number(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// The node's level and the child for `key`, of an inner node that covers it and is on `level`, if
/// one is given.
pub(super) fn find_child(
    page: &OptimisticPage<'_>,
    key: &[u8],
    level: Option<u8>,
) -> Option<(u8, PageNo)> {
    let at = page.u8(LEVEL)?;
    if page.u8(KIND)? != INNER_KIND || level.is_some_and(|level| level != at) {
        return None;
    }
    let end = covered_end(page, key)?;
    let count = usize::from(page.u16(COUNT)?);
    let prefix_len = usize::from(page.u16(PREFIX_LEN)?);
    let common = prefix_len.min(key.len());
    let prefix_at = end.checked_sub(prefix_len)?;
    let index = match compare(page, prefix_at, common, &key[..common])? {
        Ordering::Greater => 0,
        Ordering::Less => count,
        Ordering::Equal if key.len() < prefix_len => 0,
        Ordering::Equal => search(page, end, count, &key[common..])?,
    };
    let child = match index {
        0 => page.u32(LEFTMOST)?,
        _ => page.u32(SLOTS + (index - 1) * SLOT_BYTES + 4)?,
    };
    Some((at, PageNo(child)))
}

/// The end of the heap of a page that covers `key`.
#[inline]
fn covered_end(page: &OptimisticPage<'_>, key: &[u8]) -> Option<usize> {
    let flags = page.u8(FLAGS)?;
    let (low_len, high_len) = (page.u16(LOW_LEN)?, page.u16(HIGH_LEN)?);
    let low_at = PAGE_SIZE.checked_sub(usize::from(low_len))?;
    let high_at = low_at.checked_sub(usize::from(high_len))?;
    if flags & HAS_LOW != 0 && compare(page, low_at, usize::from(low_len), key)?.is_gt() {
        return None;
    }
    if flags & HAS_HIGH != 0 && compare(page, high_at, usize::from(high_len), key)?.is_le() {
        return None;
    }
    Some(high_at)
}

/// How many separators are <= `suffix`, the key's bytes after the prefix.
#[inline]
fn search(page: &OptimisticPage<'_>, end: usize, count: usize, suffix: &[u8]) -> Option<usize> {
    let head = inner::head_of(suffix);
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        let slot = SLOTS + middle * SLOT_BYTES;
        let by_head = page.u32(slot)?.cmp(&head);
        let ordering = if by_head.is_ne() {
            by_head
        } else {
            let len = usize::from(page.u16(slot + 10)?);
            if len <= HEAD_BYTES || suffix.len() <= HEAD_BYTES {
                len.cmp(&suffix.len())
            } else {
                let tail_at = end.checked_sub(usize::from(page.u16(slot + 8)?))?;
                compare(page, tail_at, len - HEAD_BYTES, &suffix[HEAD_BYTES..])?
            }
        };
        if ordering.is_le() {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Some(low)
}
