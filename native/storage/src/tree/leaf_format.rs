//! What a tree asks of the layout of its leaves.

use std::ops::Range;

use common::{PageNo, Result};

/// Where a full leaf is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitPoint {
    /// Index of the first entry that goes right. The entry count: nothing does (an append split:
    /// the left leaf stays as it is and the right one starts empty).
    pub at: usize,
    /// Greater than every key that stays, not greater than any that goes; the first key of the
    /// right leaf's range.
    pub separator: Vec<u8>,
}

/// Entries of one leaf: its page and their indexes.
pub type Part<'a> = (&'a [u8], Range<usize>);

/// The layout of a tree's leaves. Functions over the bytes of a page, without side effects: they
/// must not latch or read pages.
///
/// Leaves keep the rules of [`super::page`]: arrays end at `lower`, heap offsets count down from
/// `body_end`, `count` is the number of entries. Operations inside leaves are the format's own.
pub trait LeafFormat: Send + Sync {
    /// The page kind of leaves.
    fn kind(&self) -> u8;

    /// Lays out in `out` (an empty leaf with fences and neighbour; its common header is a copy of
    /// the first part's) the entries of `parts`, which are sorted and meet at most at their ends.
    /// No part: an empty leaf beside `neighbour`, from whose habits a format may learn. False, with
    /// `out` in any state, when they do not fit.
    fn build(&self, out: &mut [u8], parts: &[Part<'_>], neighbour: Option<&[u8]>) -> Result<bool>;

    /// Where to cut `leaf` to make room for an entry with `key`, which may be there already. Cuts
    /// at an end only when `key` lies beyond all entries, so a leaf with two entries or more always
    /// gives two that are not empty, or an append split.
    fn split_point(&self, leaf: &[u8], key: &[u8]) -> Result<SplitPoint>;

    /// Where to cut a leaf that is too full even for the fence of an append split: as near to its
    /// end as may be, so that ascending keys leave full leaves behind.
    fn split_point_near_end(&self, leaf: &[u8]) -> Result<SplitPoint> {
        self.split_point(leaf, &[])
    }

    /// Whether two neighbours are sparse enough to become one: with some slack, lest they split
    /// again at once.
    fn should_merge(&self, left: &[u8], right: &[u8]) -> Result<bool>;

    /// Called with both leaves latched, before `right` gets a part of the range of `left`. When it
    /// is the root that splits, `left` is the root and both parts move.
    fn will_split(&self, left: PageNo, new: PageNo) {
        let _ = (left, new);
    }

    /// Called with both leaves latched, before `left` takes over the range of `right`.
    fn will_merge(&self, left: PageNo, right: PageNo) {
        let _ = (left, right);
    }

    /// What is wrong with a leaf, for verification: its entries are sorted and within its fences.
    fn check(&self, leaf: &[u8]) -> Result<()>;
}
