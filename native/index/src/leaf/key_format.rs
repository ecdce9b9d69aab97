//! Leaves of an index as the page tree sees them.

use common::Result;
use storage::page_header::{self, kind};
use storage::tree::page::{self, BODY_BYTES};
use storage::tree::{LeafFormat, Part, SplitPoint};

use super::draft::{Draft, shared_len};
use super::key_leaf::{KeyLeaf, SLOT_BYTES};

/// The page kind of index leaves.
pub const LEAF_KIND: u8 = kind::INDEX;

/// A cut may lie this part of the entries beside the middle, for a shorter separator.
const CUT_WINDOW_DIVISOR: usize = 16;
/// A key before so small a part of the entries is near their end.
const NEAR_END_DIVISOR: usize = 8;
/// What stays of a leaf at the right edge when a key near its end splits it, in percent.
const EDGE_PERCENT: usize = 90;

/// The layout of [`super::key_leaf`].
pub(crate) struct KeyFormat;

impl LeafFormat for KeyFormat {
    fn kind(&self) -> u8 {
        LEAF_KIND
    }

    fn build(&self, out: &mut [u8], parts: &[Part<'_>], _neighbour: Option<&[u8]>) -> Result<bool> {
        let mut draft = Draft::default();
        for (leaf, range) in parts {
            draft.push_leaf(&KeyLeaf::new(leaf)?, range.clone())?;
        }
        if parts.is_empty() {
            // Nobody has changed what is not there.
            page_header::set_max_xid_u64(out, 0);
        }
        draft.write_to(out)
    }

    fn split_point(&self, leaf: &[u8], key: &[u8]) -> Result<SplitPoint> {
        let leaf = KeyLeaf::new(leaf)?;
        let count = leaf.count();
        let place = leaf.lower_bound(key)?;
        if place == count {
            return append_point(&leaf, key);
        }
        if count < 2 {
            return Ok(SplitPoint {
                at: 0,
                separator: leaf.full(0)?,
            });
        }
        // At the tree's right edge keys that come nearly in order leave full leaves behind.
        let is_near_end = count - place <= count / NEAR_END_DIVISOR;
        if is_near_end && page::high_fence(leaf.page()).is_none() {
            let point = cut(&leaf, EDGE_PERCENT)?;
            if fence_fits(&leaf, point.at, point.separator.len())? {
                return Ok(point);
            }
        }
        cut(&leaf, 50)
    }

    fn should_merge(&self, left: &[u8], right: &[u8]) -> Result<bool> {
        let (a, b) = (KeyLeaf::new(left)?, KeyLeaf::new(right)?);
        if a.count() == 0 || b.count() == 0 {
            return Ok(true);
        }
        let mut draft = Draft::default();
        draft.push_leaf(&a, 0..a.count())?;
        draft.push_leaf(&b, 0..b.count())?;
        let fences = page::low_fence(left).map_or(0, <[u8]>::len)
            + page::high_fence(right).map_or(0, <[u8]>::len);
        Ok(draft.need_bytes() <= BODY_BYTES.saturating_sub(fences) / 2)
    }

    fn check(&self, leaf: &[u8]) -> Result<()> {
        KeyLeaf::new(leaf)?.check()
    }
}

/// The shortest beginning of `key` that is greater than every entry before `at`.
fn separator_between(leaf: &KeyLeaf<'_>, at: usize, key: &[u8]) -> Result<Vec<u8>> {
    let shared = match at.checked_sub(1) {
        None => 0,
        Some(before) => shared_len(&leaf.full(before)?, key),
    };
    Ok(key[..(shared + 1).min(key.len())].to_vec())
}

/// A cut for a key beyond all entries: all of them stay, but those that must make room for the fence.
fn append_point(leaf: &KeyLeaf<'_>, key: &[u8]) -> Result<SplitPoint> {
    let count = leaf.count();
    let separator = separator_between(leaf, count, key)?;
    if count < 2 || fence_fits(leaf, count, separator.len())? {
        return Ok(SplitPoint {
            at: count,
            separator,
        });
    }
    for at in (count / 2 + 1..count).rev() {
        let separator = separator_between(leaf, at, &leaf.full(at)?)?;
        if fence_fits(leaf, at, separator.len())? {
            return Ok(SplitPoint { at, separator });
        }
    }
    cut(leaf, 50)
}

/// Whether the entries before `at` fit beside a high fence of that length.
fn fence_fits(leaf: &KeyLeaf<'_>, at: usize, fence_len: usize) -> Result<bool> {
    let page = leaf.page();
    let mut free = page::hole_bytes(page)? + leaf.dead_bytes();
    free += page::high_fence(page).map_or(0, <[u8]>::len);
    for index in at..leaf.count() {
        free += SLOT_BYTES + leaf.record_len(index)?;
    }
    Ok(free >= fence_len)
}

/// The place before which about so many percent of the bytes lie, near there where the separator is
/// shortest.
fn cut(leaf: &KeyLeaf<'_>, percent: usize) -> Result<SplitPoint> {
    let count = leaf.count();
    let total = leaf.used_bytes().saturating_sub(leaf.prefix().len());
    let (mut before, mut middle) = (0, count - 1);
    for index in 0..count {
        before += SLOT_BYTES + leaf.record_len(index)?;
        if before * 100 >= total * percent {
            middle = (index + 1).min(count - 1);
            break;
        }
    }
    let window = count / CUT_WINDOW_DIVISOR / 2;
    let candidates = middle.saturating_sub(window).max(1)..=(middle + window).min(count - 1);
    let mut best: Option<SplitPoint> = None;
    let (mut last, mut this) = (leaf.full(candidates.start() - 1)?, Vec::new());
    for at in candidates {
        this.clear();
        leaf.push_full(at, &mut this)?;
        let len = (shared_len(&last, &this) + 1).min(this.len());
        let distance = |at: usize| at.abs_diff(middle);
        let is_better = best
            .as_ref()
            .is_none_or(|best| (len, distance(at)) < (best.separator.len(), distance(best.at)));
        if is_better {
            best = Some(SplitPoint {
                at,
                separator: this[..len].to_vec(),
            });
        }
        std::mem::swap(&mut last, &mut this);
    }
    best.ok_or_else(|| super::key_leaf::bad("cannot be cut"))
}
