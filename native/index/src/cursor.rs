//! Scans over ranges of keys, either way.
//!
//! A cursor is what is left of its range. Each step descends to the leaf where that begins, copies
//! the leaf's matches under the shared latch and lets go: splits and merges in between do no harm.

use common::{Error, PageNo, Result, RowId};
use storage::tree::{Seek, page};
use storage::{Wait, page_header};
use txn::View;

use crate::index::Index;
use crate::key_range::KeyRange;
use crate::leaf::key_leaf::KeyLeaf;

/// Which way a cursor goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// An entry that a scan met.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub row: RowId,
    /// Where the row may be.
    pub guess: Option<PageNo>,
    /// False: the view sees the row, and with this key. True: fetch the version that the view sees
    /// and drop it unless its key is the entry's. Thus no row comes twice, none under a key that it
    /// does not have.
    pub needs_row_check: bool,
    key_at: u32,
    key_len: u16,
    /// `NO_VALUE`: there is none, or it was not asked for.
    value_len: u16,
}

const NO_VALUE: u16 = u16::MAX;

/// A batch of entries with the bytes of their keys. Keeps its memory when cleared.
#[derive(Debug, Default)]
pub struct Entries {
    list: Vec<Entry>,
    bytes: Vec<u8>,
}

impl Entries {
    pub fn clear(&mut self) {
        self.list.clear();
        self.bytes.clear();
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn as_slice(&self) -> &[Entry] {
        &self.list
    }

    /// The entry's key bytes; empty if they were not asked for and the row needs no check.
    pub fn key(&self, entry: &Entry) -> &[u8] {
        &self.bytes[entry.key_at as usize..][..usize::from(entry.key_len)]
    }

    /// What stands beside the key, if keys were asked for.
    pub fn value(&self, entry: &Entry) -> Option<&[u8]> {
        let start = entry.key_at as usize + usize::from(entry.key_len);
        (entry.value_len != NO_VALUE).then(|| &self.bytes[start..][..usize::from(entry.value_len)])
    }

    fn push(&mut self, leaf: &KeyLeaf<'_>, index: usize, rules: Rules) -> Result<()> {
        let key_at = self.bytes.len();
        let mut entry = Entry {
            row: leaf.row(index)?,
            guess: leaf.guess(index)?,
            needs_row_check: !rules.is_clean,
            key_at: key_at as u32,
            key_len: 0,
            value_len: NO_VALUE,
        };
        if rules.wants_keys || !rules.is_clean {
            leaf.push_key(index, &mut self.bytes)?;
            entry.key_len = (self.bytes.len() - key_at) as u16;
        }
        if rules.wants_keys
            && let Some(value) = leaf.value(index)?
        {
            self.bytes.extend_from_slice(value);
            entry.value_len = value.len() as u16;
        }
        self.list.push(entry);
        Ok(())
    }
}

/// What one leaf's entries are copied by.
#[derive(Clone, Copy)]
struct Rules {
    /// Marks are the truth.
    is_clean: bool,
    wants_keys: bool,
}

/// How a leaf was left.
enum Left {
    /// All that is left of the range is beyond it, next in this page, if known.
    Exhausted(Option<PageNo>),
    /// The batch is full.
    Midway(PageNo),
    /// The range ends here.
    Done,
}

/// A scan. Holds nothing of the index between calls.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// What is left.
    range: KeyRange,
    direction: Direction,
    wants_keys: bool,
    hint: Option<PageNo>,
    is_done: bool,
    /// The next end of the range that moves, while it is found.
    next: Vec<u8>,
}

impl Index {
    /// A scan of the entries of a range. `wants_keys`: batches hold keys and values even of entries
    /// that need no check, for index-only reads.
    pub fn scan(&self, range: KeyRange, direction: Direction, wants_keys: bool) -> Cursor {
        Cursor {
            is_done: range.is_empty,
            range,
            direction,
            wants_keys,
            hint: None,
            next: Vec::new(),
        }
    }
}

impl Cursor {
    /// Starts over with another range, keeping buffers.
    pub fn restart(&mut self, range: &KeyRange) {
        self.range.copy_from(range);
        self.is_done = range.is_empty;
        self.hint = None;
    }

    /// Appends entries to `out` until it has `max`; false once the range is at its end. Entries
    /// that `view` does not see for certain are left out. With [`Wait::NoWait`] an error only if
    /// nothing could be appended; the call can be repeated.
    pub fn next_entries(
        &mut self,
        index: &Index,
        view: &View,
        out: &mut Entries,
        max: usize,
        wait: Wait,
    ) -> Result<bool> {
        let before = out.len();
        while !self.is_done && out.len() < max {
            match self.step(index, view, out, max, wait) {
                Ok(()) => {}
                Err(Error::WouldBlock) if out.len() > before => break,
                Err(error) => return Err(error),
            }
        }
        Ok(!self.is_done)
    }

    /// Copies the matches of one leaf.
    fn step(
        &mut self,
        index: &Index,
        view: &View,
        out: &mut Entries,
        max: usize,
        wait: Wait,
    ) -> Result<()> {
        let (range, next, wants_keys) = (&self.range, &mut self.next, self.wants_keys);
        let direction = self.direction;
        let seek = match (direction, &range.to) {
            (Direction::Forward, _) => Seek::Key(&range.from),
            (Direction::Backward, Some(to)) => Seek::Before(to),
            (Direction::Backward, None) => Seek::Last,
        };
        next.clear();
        let left = index.tree.read_leaf(self.hint, seek, wait, |no, page| {
            let leaf = KeyLeaf::new(page)?;
            let rules = Rules {
                is_clean: page_header::max_xid(page) < view.snapshot.xmin,
                wants_keys,
            };
            match direction {
                Direction::Forward => copy_forward(&leaf, no, range, rules, out, max, next),
                Direction::Backward => copy_backward(&leaf, no, range, rules, out, max, next),
            }
        })?;
        self.hint = match left {
            Left::Exhausted(hint) => hint,
            Left::Midway(no) => Some(no),
            Left::Done => {
                self.is_done = true;
                return Ok(());
            }
        };
        match (direction, &mut self.range.to) {
            (Direction::Forward, _) => std::mem::swap(&mut self.range.from, next),
            (Direction::Backward, Some(to)) => std::mem::swap(to, next),
            (Direction::Backward, to) => *to = Some(std::mem::take(next)),
        }
        Ok(())
    }
}

/// Copies matches in order; `next` becomes the beginning of what is left.
fn copy_forward(
    leaf: &KeyLeaf<'_>,
    no: PageNo,
    range: &KeyRange,
    rules: Rules,
    out: &mut Entries,
    max: usize,
    next: &mut Vec<u8>,
) -> Result<Left> {
    let high = page::high_fence(leaf.page());
    let to = range.to.as_deref();
    // The range goes on beyond the leaf.
    let beyond = high.filter(|high| to.is_none_or(|to| *high < to));
    let end = match to {
        Some(to) if beyond.is_none() => leaf.lower_bound(to)?,
        _ => leaf.count(),
    };
    for index in leaf.lower_bound(&range.from)?..end {
        if out.len() >= max {
            leaf.push_full(index, next)?;
            return Ok(Left::Midway(no));
        }
        if !rules.is_clean || !leaf.is_marked(index) {
            out.push(leaf, index, rules)?;
        }
    }
    Ok(match beyond {
        None => Left::Done,
        Some(high) => {
            next.extend_from_slice(high);
            Left::Exhausted(page::right(leaf.page()))
        }
    })
}

/// Copies matches in reverse; `next` becomes the end of what is left.
fn copy_backward(
    leaf: &KeyLeaf<'_>,
    no: PageNo,
    range: &KeyRange,
    rules: Rules,
    out: &mut Entries,
    max: usize,
    next: &mut Vec<u8>,
) -> Result<Left> {
    let low = page::low_fence(leaf.page());
    let beyond = low.filter(|low| range.from.as_slice() < *low);
    let start = match beyond {
        Some(_) => 0,
        None => leaf.lower_bound(&range.from)?,
    };
    let end = match range.to.as_deref() {
        Some(to) => leaf.lower_bound(to)?,
        None => leaf.count(),
    };
    let mut index = end;
    while index > start {
        if out.len() >= max {
            // Everything less than the last one taken is left.
            leaf.push_full(index, next)?;
            return Ok(Left::Midway(no));
        }
        index -= 1;
        if !rules.is_clean || !leaf.is_marked(index) {
            out.push(leaf, index, rules)?;
        }
    }
    Ok(match beyond {
        None => Left::Done,
        Some(low) => {
            next.extend_from_slice(low);
            Left::Exhausted(None)
        }
    })
}
