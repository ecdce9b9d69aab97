//! Changing a leaf of an index in place, or by laying it out anew.
//!
//! [`room`] says beforehand whether an entry fits and how; [`put`] does what it says. Both look at
//! nothing but the page, so the forward path and recovery come to the same bytes.

use common::{PageNo, Result};
use storage::tree::bytes::{put_u16, put_u32, slice_mut};
use storage::tree::page::{self, BODY_START};

use super::draft::{Draft, value_flag, write_record, write_slot};
use super::hints;
use super::key_leaf::{DEAD_BYTES, KeyLeaf, MARKED, SLOT_BYTES, SLOTS, bad, record_bytes};

/// A rebuild that gives less room than this is not worth its while: the leaf is split.
const GAIN_BYTES_MIN: usize = 512;

/// How an entry gets into a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    InPlace,
    Rebuild,
    /// Not at all: the leaf is to be split first.
    Full,
}

/// An entry for the place `index`; `replaces`: the entry there has the same full key and goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Put<'a> {
    pub index: usize,
    pub replaces: bool,
    pub full: &'a [u8],
    pub guess: Option<PageNo>,
    pub value: Option<&'a [u8]>,
}

impl Put<'_> {
    fn fits_in_place(&self, leaf: &KeyLeaf<'_>) -> Result<bool> {
        let prefix = leaf.prefix();
        if leaf.count() == 0 || !self.full.starts_with(prefix) {
            return Ok(false);
        }
        let suffix_len = self.full.len() - prefix.len();
        let slot_bytes = if self.replaces { 0 } else { SLOT_BYTES };
        let need = slot_bytes + record_bytes(suffix_len, self.value.map(<[u8]>::len));
        Ok(suffix_len > 0 && need <= page::hole_bytes(leaf.page())?)
    }

    /// The leaf's entries with this one among them.
    fn draft(&self, leaf: &KeyLeaf<'_>) -> Result<Draft> {
        let mut draft = Draft::default();
        draft.push_leaf(leaf, 0..self.index)?;
        draft.push(self.full, self.value, self.guess);
        draft.push_leaf(leaf, self.index + usize::from(self.replaces)..leaf.count())?;
        Ok(draft)
    }
}

/// How [`put`] will do.
pub(crate) fn room(page: &[u8], put: &Put<'_>) -> Result<Room> {
    let leaf = KeyLeaf::new(page)?;
    if put.fits_in_place(&leaf)? {
        return Ok(Room::InPlace);
    }
    let draft = put.draft(&leaf)?;
    let body_bytes = page::body_end(page)? - BODY_START;
    // Short of room, not of prefix: a little gain would be used up by the next entry.
    let is_cramped = put.full.starts_with(leaf.prefix()) && leaf.count() > 1;
    let spare = if is_cramped { GAIN_BYTES_MIN } else { 0 };
    Ok(match draft.need_bytes() + spare <= body_bytes {
        true => Room::Rebuild,
        false => Room::Full,
    })
}

/// Puts the entry in; an error if it does not fit.
pub(crate) fn put(page: &mut [u8], put: &Put<'_>) -> Result<()> {
    let leaf = KeyLeaf::new(page)?;
    let is_inside = put.index + usize::from(put.replaces) <= leaf.count();
    if !is_inside {
        return Err(bad("has fewer entries than a record says"));
    }
    if !put.fits_in_place(&leaf)? {
        let draft = put.draft(&leaf)?;
        return match draft.write_to(page)? {
            true => Ok(()),
            false => Err(bad("is too full for a record")),
        };
    }
    let (count, prefix_len) = (leaf.count(), leaf.prefix().len());
    if put.replaces {
        add_dead(page, put.index)?;
    } else {
        let (at, lower) = (SLOTS + put.index * SLOT_BYTES, page::lower(page));
        page.copy_within(at..lower, at + SLOT_BYTES);
        page::set_lower(page, lower + SLOT_BYTES);
        page::set_count(page, count + 1);
    }
    let suffix = &put.full[prefix_len..];
    let len = record_bytes(suffix.len(), put.value.map(<[u8]>::len));
    let offset = page::heap_bytes(page) + len;
    let at = page::body_end(page)? - offset;
    slice_mut(page, at, len)?;
    write_record(page, at, suffix, put.guess.map_or(0, |no| no.0), put.value);
    write_slot(page, put.index, suffix, offset, value_flag(put.value));
    page::set_heap_bytes(page, offset);
    if !put.replaces {
        hints::refresh(page, count + 1);
    }
    Ok(())
}

/// Puts `count` entries in at `index`; `next` gives the guess and the suffix of each.
pub(crate) fn put_run<'b>(
    page: &mut [u8],
    index: usize,
    count: usize,
    mut next: impl FnMut() -> Result<(u32, &'b [u8])>,
) -> Result<()> {
    let before = KeyLeaf::new(page)?.count();
    let slots_bytes = count * SLOT_BYTES;
    if index > before || slots_bytes > page::hole_bytes(page)? {
        return Err(bad("is too full for a record"));
    }
    let (at, lower) = (SLOTS + index * SLOT_BYTES, page::lower(page));
    page.copy_within(at..lower, at + slots_bytes);
    page::set_lower(page, lower + slots_bytes);
    page::set_count(page, before + count);
    let (end, floor) = (page::body_end(page)?, lower + slots_bytes);
    let mut offset = page::heap_bytes(page);
    for index in index..index + count {
        let (guess, suffix) = next()?;
        offset += record_bytes(suffix.len(), None);
        let at = end.checked_sub(offset).filter(|at| *at >= floor);
        let at = at.ok_or_else(|| bad("is too full for a record"))?;
        write_record(page, at, suffix, guess, None);
        write_slot(page, index, suffix, offset, 0);
    }
    page::set_heap_bytes(page, offset);
    hints::refresh(page, before + count);
    Ok(())
}

/// Counts the record of an entry as given up.
fn add_dead(page: &mut [u8], index: usize) -> Result<()> {
    let leaf = KeyLeaf::new(page)?;
    let dead = leaf.dead_bytes() + leaf.record_len(index)?;
    put_u16(page, DEAD_BYTES, dead as u16);
    Ok(())
}

fn check_index(page: &[u8], index: usize) -> Result<KeyLeaf<'_>> {
    let leaf = KeyLeaf::new(page)?;
    if index >= leaf.count() {
        return Err(bad("has fewer entries than a record says"));
    }
    Ok(leaf)
}

/// Takes an entry out.
pub(crate) fn remove(page: &mut [u8], index: usize) -> Result<()> {
    let count = check_index(page, index)?.count();
    if count == 1 {
        Draft::default().write_to(page)?;
        return Ok(());
    }
    add_dead(page, index)?;
    let (at, lower) = (SLOTS + index * SLOT_BYTES, page::lower(page));
    page.copy_within(at + SLOT_BYTES..lower, at);
    page[lower - SLOT_BYTES..lower].fill(0);
    page::set_lower(page, lower - SLOT_BYTES);
    page::set_count(page, count - 1);
    hints::refresh(page, count - 1);
    Ok(())
}

/// Marks an entry or takes the mark away.
pub(crate) fn set_marked(page: &mut [u8], index: usize, is_marked: bool) -> Result<()> {
    check_index(page, index)?;
    // The flag is in the high byte of the slot's last field.
    let flags = &mut page[SLOTS + index * SLOT_BYTES + 7];
    let bit = MARKED.to_le_bytes()[1];
    *flags = if is_marked {
        *flags | bit
    } else {
        *flags & !bit
    };
    Ok(())
}

/// Gives an entry another guess.
pub(crate) fn set_guess(page: &mut [u8], index: usize, guess: Option<PageNo>) -> Result<()> {
    let (_, at) = check_index(page, index)?.record_at(index)?;
    put_u32(page, at, guess.map_or(0, |no| no.0));
    Ok(())
}
