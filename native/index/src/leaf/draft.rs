//! The entries of a leaf to be, outside any page.
//!
//! Splits, merges, bulk builds and rebuilds gather entries here, then lay them out in one go with
//! the longest prefix that all share.

use common::limits::PAGE_SIZE;
use common::{PageNo, Result};
use storage::tree::bytes::{put_u16, put_u32};
use storage::tree::page::{self, BODY_START};

use super::hints;
use super::key_leaf::{
    DEAD_BYTES, HAS_VALUE, HEAD_BYTES, KeyLeaf, MARKED, PREFIX_LEN, SLOT_BYTES, SLOTS, bad,
    head_of, record_bytes,
};

/// Where one entry lies in the bytes of a draft.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u32,
    full_len: u16,
    value_len: Option<u16>,
    guess: u32,
    is_marked: bool,
}

impl Place {
    fn entry_bytes(&self, prefix_len: usize) -> usize {
        let suffix_len = usize::from(self.full_len) - prefix_len;
        SLOT_BYTES + record_bytes(suffix_len, self.value_len.map(usize::from))
    }
}

/// Entries, pushed in order.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    bytes: Vec<u8>,
    places: Vec<Place>,
    /// What all full keys begin with, but for the last byte of a lone one.
    prefix_len: usize,
    /// Bytes of slots and records with that prefix.
    entries_bytes: usize,
}

/// How long a beginning two full keys share.
pub(crate) fn shared_len(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

impl Draft {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
        self.prefix_len = 0;
        self.entries_bytes = 0;
    }

    /// Prefix and bytes of the entries if one with this full key came after them.
    fn grown(&self, full: &[u8], value_len: Option<usize>) -> (usize, usize) {
        let prefix_len = match self.first() {
            None => full.len().saturating_sub(1),
            Some(first) => shared_len(&first[..self.prefix_len], full),
        };
        let before = if prefix_len < self.prefix_len {
            let entries = self.places.iter();
            entries.map(|place| place.entry_bytes(prefix_len)).sum()
        } else {
            self.entries_bytes
        };
        let suffix_len = full.len() - prefix_len;
        let entry_bytes = SLOT_BYTES + record_bytes(suffix_len, value_len);
        (prefix_len, before + entry_bytes)
    }

    /// Counts an entry whose bytes are in place.
    fn add(&mut self, place: Place) {
        let full = &self.bytes[place.at as usize..][..usize::from(place.full_len)];
        let grown = self.grown(full, place.value_len.map(usize::from));
        (self.prefix_len, self.entries_bytes) = grown;
        self.places.push(place);
    }

    /// As [`Draft::need_bytes`] with one entry more.
    pub fn need_bytes_with(&self, full: &[u8], value_len: Option<usize>) -> usize {
        let (prefix_len, entries_bytes) = self.grown(full, value_len);
        SLOTS - BODY_START + prefix_len + entries_bytes
    }

    fn full(&self, index: usize) -> &[u8] {
        let place = &self.places[index];
        &self.bytes[place.at as usize..][..usize::from(place.full_len)]
    }

    pub fn first(&self) -> Option<&[u8]> {
        (!self.is_empty()).then(|| self.full(0))
    }

    pub fn last(&self) -> Option<&[u8]> {
        let last = self.len().checked_sub(1)?;
        Some(self.full(last))
    }

    /// Appends an unmarked entry.
    pub fn push(&mut self, full: &[u8], value: Option<&[u8]>, guess: Option<PageNo>) {
        let place = Place {
            at: self.bytes.len() as u32,
            full_len: full.len() as u16,
            value_len: value.map(|value| value.len() as u16),
            guess: guess.map_or(0, |no| no.0),
            is_marked: false,
        };
        self.bytes.extend_from_slice(full);
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.add(place);
    }

    /// Appends entries of a leaf.
    pub fn push_leaf(&mut self, leaf: &KeyLeaf<'_>, range: std::ops::Range<usize>) -> Result<()> {
        if range.end > leaf.count() {
            return Err(bad("has fewer entries than asked for"));
        }
        for index in range {
            let value = leaf.value(index)?;
            let place = Place {
                at: self.bytes.len() as u32,
                full_len: leaf.full_len(index) as u16,
                value_len: value.map(|value| value.len() as u16),
                guess: leaf.guess(index)?.map_or(0, |no| no.0),
                is_marked: leaf.is_marked(index),
            };
            leaf.push_full(index, &mut self.bytes)?;
            self.bytes.extend_from_slice(value.unwrap_or_default());
            self.add(place);
        }
        Ok(())
    }

    /// Bytes of the page, without fences, for these entries.
    pub fn need_bytes(&self) -> usize {
        SLOTS - BODY_START + self.prefix_len + self.entries_bytes
    }

    /// Lays the entries out in `page`, whose fences stay; false, and `page` as it was, if they do
    /// not fit.
    pub fn write_to(&self, page: &mut [u8]) -> Result<bool> {
        let end = page::body_end(page)?;
        if end > PAGE_SIZE || BODY_START + self.need_bytes() > end {
            return Ok(false);
        }
        page[BODY_START..end].fill(0);
        let prefix_len = self.prefix_len;
        let lower = SLOTS + self.len() * SLOT_BYTES;
        page::set_count(page, self.len());
        page::set_lower(page, lower);
        let mut offset = prefix_len;
        put_u16(page, PREFIX_LEN, prefix_len as u16);
        put_u16(page, DEAD_BYTES, 0);
        if let Some(first) = self.first() {
            page[end - offset..end].copy_from_slice(&first[..prefix_len]);
        }
        for (index, place) in self.places.iter().enumerate() {
            let bytes = &self.bytes[place.at as usize..];
            let (full, rest) = bytes.split_at(usize::from(place.full_len));
            let suffix = &full[prefix_len..];
            let value = place.value_len.map(|len| &rest[..usize::from(len)]);
            offset += record_bytes(suffix.len(), value.map(<[u8]>::len));
            write_record(page, end - offset, suffix, place.guess, value);
            let flags = u16::from(place.is_marked) * MARKED;
            write_slot(page, index, suffix, offset, flags | value_flag(value));
        }
        page::set_heap_bytes(page, offset);
        if !self.is_empty() {
            hints::refresh(page, self.len());
        }
        Ok(true)
    }
}

pub(crate) fn value_flag(value: Option<&[u8]>) -> u16 {
    u16::from(value.is_some()) * HAS_VALUE
}

/// Fills the slot at `index`, which is there.
pub(crate) fn write_slot(page: &mut [u8], index: usize, suffix: &[u8], offset: usize, flags: u16) {
    let at = SLOTS + index * SLOT_BYTES;
    put_u32(page, at, head_of(suffix));
    put_u16(page, at + 4, offset as u16);
    put_u16(page, at + 6, suffix.len() as u16 | flags);
}

/// Fills a record at `at`; the place has the size that [`record_bytes`] says.
pub(crate) fn write_record(
    page: &mut [u8],
    at: usize,
    suffix: &[u8],
    guess: u32,
    value: Option<&[u8]>,
) {
    let tail = suffix.get(HEAD_BYTES..).unwrap_or_default();
    page[at..at + tail.len()].copy_from_slice(tail);
    let at = at + tail.len();
    put_u32(page, at, guess);
    if let Some(value) = value {
        put_u16(page, at + 4, value.len() as u16);
        page[at + 6..at + 6 + value.len()].copy_from_slice(value);
    }
}
