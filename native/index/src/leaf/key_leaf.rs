//! Reading a leaf of an index.
//!
//! ```text
//! prefix length u16 | dead heap bytes u16 | pad u32 | 12 hints u32 | slot, slot, ... lower
//! slot: head u32 | heap offset u16 | flags (2 bits) and suffix length (14 bits) u16
//! heap: prefix, records: suffix beyond the head | guess u32 | [value length u16, value]
//! ```
//!
//! The *full key* (key bytes, row id) is what orders entries. All of a leaf begin with its prefix;
//! the rest is the suffix, whose first four bytes are in the slot as a number, so that a search
//! seldom leaves the slots. The heap holds the prefix first, so its offset is its length.
//! The hints are of [`super::hints`].

use std::cmp::Ordering;

use common::{Error, PageNo, Result, RowId};
use storage::tree::bytes::{u16_at, u32_at};
use storage::tree::page::{self, BODY_START};

use super::hints;
use crate::entry::ROW_BYTES;

pub(crate) const PREFIX_LEN: usize = BODY_START;
pub(crate) const DEAD_BYTES: usize = BODY_START + 2;
pub(crate) const SLOTS: usize = hints::END;
pub(crate) const SLOT_BYTES: usize = 8;
pub(crate) const HEAD_BYTES: usize = 4;
const GUESS_BYTES: usize = 4;

/// The row's newest version does not have this key.
pub(crate) const MARKED: u16 = 1 << 15;
/// A value follows the guess.
pub(crate) const HAS_VALUE: u16 = 1 << 14;
const LEN_MASK: u16 = HAS_VALUE - 1;
const ROW_MASK: u64 = (1 << (8 * ROW_BYTES)) - 1;

/// The first four bytes of a suffix as a number, padded with zeros.
#[inline]
pub(crate) fn head_of(suffix: &[u8]) -> u32 {
    match suffix.first_chunk::<HEAD_BYTES>() {
        Some(head) => u32::from_be_bytes(*head),
        None => {
            let mut head = [0; HEAD_BYTES];
            head[..suffix.len()].copy_from_slice(suffix);
            u32::from_be_bytes(head)
        }
    }
}

/// Heap bytes of an entry whose suffix and value have these lengths.
#[inline]
pub(crate) fn record_bytes(suffix_len: usize, value_len: Option<usize>) -> usize {
    suffix_len.saturating_sub(HEAD_BYTES) + GUESS_BYTES + value_len.map_or(0, |len| len + 2)
}

/// A leaf whose arrays have been checked.
#[derive(Clone, Copy)]
pub(crate) struct KeyLeaf<'p> {
    page: &'p [u8],
    slots: &'p [[u8; SLOT_BYTES]],
    prefix: &'p [u8],
    /// Where heap offsets count from.
    end: usize,
    /// The last bytes of the prefix as a number.
    prefix_row: u64,
}

impl<'p> KeyLeaf<'p> {
    #[inline]
    pub fn new(page: &'p [u8]) -> Result<Self> {
        let (count, lower) = (page::count(page), page::lower(page));
        let end = page::body_end(page)?;
        if lower != SLOTS + count * SLOT_BYTES || lower > end {
            return Err(bad("has more entries than slots"));
        }
        let prefix_len = usize::from(u16_at(page, PREFIX_LEN));
        let prefix = page::heap(page, prefix_len, prefix_len)?;
        let (slots, _) = page[SLOTS..lower].as_chunks();
        let tail = &prefix[prefix.len().saturating_sub(ROW_BYTES)..];
        let prefix_row = tail.iter().fold(0, |row, byte| row << 8 | u64::from(*byte));
        Ok(Self {
            page,
            slots,
            prefix,
            end,
            prefix_row,
        })
    }

    #[inline]
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub fn prefix(&self) -> &'p [u8] {
        self.prefix
    }

    pub fn page(&self) -> &'p [u8] {
        self.page
    }

    pub fn dead_bytes(&self) -> usize {
        usize::from(u16_at(self.page, DEAD_BYTES))
    }

    /// Bytes of slots, records and prefix.
    pub fn used_bytes(&self) -> usize {
        let heap_bytes = page::heap_bytes(self.page).saturating_sub(self.dead_bytes());
        heap_bytes + self.count() * SLOT_BYTES
    }

    #[inline]
    fn len_and_flags(&self, index: usize) -> u16 {
        u16_at(&self.slots[index], 6)
    }

    #[inline]
    fn head(&self, index: usize) -> u32 {
        u32_at(&self.slots[index], 0)
    }

    #[inline]
    pub fn is_marked(&self, index: usize) -> bool {
        self.len_and_flags(index) & MARKED != 0
    }

    #[inline]
    fn has_value(&self, index: usize) -> bool {
        self.len_and_flags(index) & HAS_VALUE != 0
    }

    #[inline]
    pub fn suffix_len(&self, index: usize) -> usize {
        usize::from(self.len_and_flags(index) & LEN_MASK)
    }

    /// Bytes of the full key.
    pub fn full_len(&self, index: usize) -> usize {
        self.prefix.len() + self.suffix_len(index)
    }

    /// Offset in the page of an entry's record, and of its guess.
    #[inline]
    pub fn record_at(&self, index: usize) -> Result<(usize, usize)> {
        let offset = usize::from(u16_at(&self.slots[index], 4));
        let tail_len = self.suffix_len(index).saturating_sub(HEAD_BYTES);
        match self.end.checked_sub(offset) {
            Some(at) if tail_len + GUESS_BYTES <= offset => Ok((at, at + tail_len)),
            _ => Err(bad("has an entry outside its heap")),
        }
    }

    /// What follows the head of an entry's suffix.
    #[inline]
    fn tail(&self, index: usize) -> Result<&'p [u8]> {
        let (at, guess) = self.record_at(index)?;
        Ok(&self.page[at..guess])
    }

    #[inline]
    pub fn guess(&self, index: usize) -> Result<Option<PageNo>> {
        let (_, at) = self.record_at(index)?;
        Ok(match u32_at(self.page, at) {
            0 => None,
            no => Some(PageNo(no)),
        })
    }

    /// What stands beside the key.
    pub fn value(&self, index: usize) -> Result<Option<&'p [u8]>> {
        if !self.has_value(index) {
            return Ok(None);
        }
        let at = self.record_at(index)?.1 + GUESS_BYTES;
        let bytes = self.page[at..self.end].split_first_chunk::<2>();
        let value = bytes.and_then(|(len, rest)| rest.get(..usize::from(u16::from_le_bytes(*len))));
        value
            .map(Some)
            .ok_or_else(|| bad("has a value outside its heap"))
    }

    /// Heap bytes of an entry.
    pub fn record_len(&self, index: usize) -> Result<usize> {
        let value_len = self.value(index)?.map(<[u8]>::len);
        Ok(record_bytes(self.suffix_len(index), value_len))
    }

    #[inline]
    pub fn row(&self, index: usize) -> Result<RowId> {
        let len = self.suffix_len(index);
        let (at, guess) = self.record_at(index)?;
        if len >= HEAD_BYTES + ROW_BYTES && guess >= 8 {
            // The last eight bytes before the guess: two of them are not the row's.
            let bytes = self.page[guess - 8..guess]
                .first_chunk()
                .expect("eight bytes");
            return Ok(RowId(u64::from_be_bytes(*bytes) & ROW_MASK));
        }
        let head = u64::from(self.head(index));
        let suffix = if len <= HEAD_BYTES {
            head >> (8 * (HEAD_BYTES - len))
        } else {
            let tail = self.page[at..guess].iter();
            tail.fold(head, |row, byte| row << 8 | u64::from(*byte))
        };
        if len >= ROW_BYTES {
            return Ok(RowId(suffix & ROW_MASK));
        }
        Ok(RowId((self.prefix_row << (8 * len) | suffix) & ROW_MASK))
    }

    /// Appends the full key.
    pub fn push_full(&self, index: usize, out: &mut Vec<u8>) -> Result<()> {
        let head = self.head(index).to_be_bytes();
        out.extend_from_slice(self.prefix);
        out.extend_from_slice(&head[..self.suffix_len(index).min(HEAD_BYTES)]);
        out.extend_from_slice(self.tail(index)?);
        Ok(())
    }

    /// Appends the key without the row id.
    pub fn push_key(&self, index: usize, out: &mut Vec<u8>) -> Result<()> {
        let key_len = self.full_len(index).checked_sub(ROW_BYTES);
        let key_len = key_len.ok_or_else(|| bad("has an entry without a row id"))?;
        let start = out.len();
        self.push_full(index, out)?;
        out.truncate(start + key_len);
        Ok(())
    }

    pub fn full(&self, index: usize) -> Result<Vec<u8>> {
        let mut full = Vec::with_capacity(self.full_len(index));
        self.push_full(index, &mut full)?;
        Ok(full)
    }

    /// Compares an entry's suffix with `suffix`, whose head is `head`.
    #[inline]
    fn compare(&self, index: usize, head: u32, suffix: &[u8]) -> Result<Ordering> {
        let by_head = self.head(index).cmp(&head);
        if by_head.is_ne() {
            return Ok(by_head);
        }
        let len = self.suffix_len(index);
        if len <= HEAD_BYTES || suffix.len() <= HEAD_BYTES {
            // Equal heads, padded with zeros: the shorter one is the beginning of the other.
            return Ok(len.cmp(&suffix.len()));
        }
        Ok(self.tail(index)?.cmp(&suffix[HEAD_BYTES..]))
    }

    /// How many entries are less than `bound`, any bytes.
    #[inline]
    pub fn lower_bound(&self, bound: &[u8]) -> Result<usize> {
        let shared = self.prefix.len().min(bound.len());
        match self.prefix[..shared].cmp(&bound[..shared]) {
            Ordering::Less => return Ok(self.count()),
            Ordering::Greater => return Ok(0),
            Ordering::Equal if bound.len() < self.prefix.len() => return Ok(0),
            Ordering::Equal => {}
        }
        let suffix = &bound[shared..];
        let head = head_of(suffix);
        let (mut low, mut high) = hints::narrow(self.page, self.slots, head);
        while low < high {
            let middle = low.midpoint(high);
            if self.compare(middle, head, suffix)?.is_lt() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Where the entry with this full key is, or would be.
    pub fn find(&self, full: &[u8]) -> Result<(usize, bool)> {
        let index = self.lower_bound(full)?;
        let is_there = index < self.count()
            && self.full_len(index) == full.len()
            && self.begins_with(index, full)?;
        Ok((index, is_there))
    }

    /// Whether an entry's full key begins with `bytes`: for a whole key, whether it has that key.
    #[inline]
    pub fn begins_with(&self, index: usize, bytes: &[u8]) -> Result<bool> {
        let shared = self.prefix.len().min(bytes.len());
        let rest = &bytes[shared..];
        if self.prefix[..shared] != bytes[..shared] || self.suffix_len(index) < rest.len() {
            return Ok(false);
        }
        let head = self.head(index).to_be_bytes();
        let in_head = rest.len().min(HEAD_BYTES);
        if head[..in_head] != rest[..in_head] {
            return Ok(false);
        }
        Ok(rest.len() <= HEAD_BYTES || self.tail(index)?.starts_with(&rest[HEAD_BYTES..]))
    }

    /// Whether all entries with this key or prefix would be in this leaf, as far as they are not in
    /// an earlier one.
    #[inline]
    pub fn ends_beyond(&self, prefix: &[u8]) -> bool {
        page::high_fence(self.page).is_none_or(|high| !high.starts_with(prefix))
    }

    /// Sorted, within the fences, nothing outside its place.
    pub fn check(&self) -> Result<()> {
        if !hints::are_right(self.page, self.slots) {
            return Err(bad("has hints that mislead"));
        }
        let (mut last, mut this) = (Vec::new(), Vec::new());
        let mut heap_bytes = self.prefix.len() + self.dead_bytes();
        for index in 0..self.count() {
            this.clear();
            self.push_full(index, &mut this)?;
            heap_bytes += self.record_len(index)?;
            if this.len() < ROW_BYTES || !page::covers(self.page, &this) {
                return Err(bad("has an entry beyond its fences"));
            }
            if index > 0 && last >= this {
                return Err(bad("has entries out of order"));
            }
            std::mem::swap(&mut last, &mut this);
        }
        if heap_bytes != page::heap_bytes(self.page) {
            return Err(bad("has a heap of another size than its entries"));
        }
        Ok(())
    }
}

#[cold]
pub(crate) fn bad(what: &str) -> Error {
    Error::corrupted(format!("a leaf of an index {what}"))
}
