//! Row leaves as the page tree sees them.

use common::rt::RwLock;
use common::{Result, RowId};
use storage::page_header::{self, kind};
use storage::tree::page::{self, BODY_BYTES};
use storage::tree::{LeafFormat, Part, SplitPoint};

use super::geometry::Width;
use super::leaf_ref::LeafRef;
use super::rebuild::{self, Spare};
use super::room::row_fixed_bytes;

/// The page kind of row leaves.
pub const LEAF_KIND: u8 = kind::TABLE;

/// Neighbours merge when both together fill no more than this.
const MERGE_BYTES_MAX: usize = BODY_BYTES / 4 * 3;

/// The columns of new leaves, which the table changes when it gets a new layout.
pub struct RowFormat {
    newest: RwLock<(u16, Vec<Width>)>,
}

/// A row id as a key of the tree.
#[inline]
pub fn row_key(row: RowId) -> [u8; 8] {
    row.0.to_be_bytes()
}

impl RowFormat {
    pub fn new(layout: u16, widths: Vec<Width>) -> Self {
        Self {
            newest: RwLock::new((layout, widths)),
        }
    }

    /// New leaves get this layout.
    pub fn set_newest(&self, layout: u16, widths: Vec<Width>) {
        *self.newest.write() = (layout, widths);
    }

    fn row_bytes(leaf: &LeafRef<'_>, widths: &[Width]) -> usize {
        leaf.count() * row_fixed_bytes(widths) + leaf.live_heap_bytes()
    }
}

impl LeafFormat for RowFormat {
    fn kind(&self) -> u8 {
        LEAF_KIND
    }

    fn build(&self, out: &mut [u8], parts: &[Part<'_>], neighbour: Option<&[u8]>) -> Result<bool> {
        let Some((first, _)) = parts.first() else {
            let newest = self.newest.read();
            page_header::set_layout(out, newest.0);
            page_header::set_max_xid_u64(out, 0);
            rebuild::build_empty(out, &newest.1, neighbour)?;
            return Ok(true);
        };
        let widths = rebuild::widths_of(&LeafRef::new(first)?)?;
        rebuild::build(out, &widths, usize::MAX, parts, Spare::default(), &|_| None)
    }

    fn split_point(&self, leaf: &[u8], key: &[u8]) -> Result<SplitPoint> {
        let leaf = LeafRef::new(leaf)?;
        let count = leaf.count();
        let id = key.try_into().map_or(u64::MAX, u64::from_be_bytes);
        let is_append = count == 0 || leaf.row_id(count - 1).0 < id;
        if is_append {
            return Ok(SplitPoint {
                at: count,
                separator: key.to_vec(),
            });
        }
        let at = if id < leaf.base() { 0 } else { middle(&leaf)? };
        Ok(SplitPoint {
            at,
            separator: row_key(leaf.row_id(at)).to_vec(),
        })
    }

    fn split_point_near_end(&self, leaf: &[u8]) -> Result<SplitPoint> {
        let leaf = LeafRef::new(leaf)?;
        let at = leaf.count().saturating_sub(1);
        Ok(SplitPoint {
            at,
            separator: row_key(leaf.row_id(at)).to_vec(),
        })
    }

    fn should_merge(&self, left: &[u8], right: &[u8]) -> Result<bool> {
        let is_same_layout = page_header::layout(left) == page_header::layout(right);
        let (left, right) = (LeafRef::new(left)?, LeafRef::new(right)?);
        let widths = rebuild::widths_of(&left)?;
        let total = Self::row_bytes(&left, &widths) + Self::row_bytes(&right, &widths);
        Ok(is_same_layout && total <= MERGE_BYTES_MAX)
    }

    fn check(&self, leaf: &[u8]) -> Result<()> {
        LeafRef::new(leaf)?.check()
    }
}

/// The row before which about half of the bytes lie; neither end unless there is but one row.
fn middle(leaf: &LeafRef<'_>) -> Result<usize> {
    let count = leaf.count();
    let fixed_each = row_fixed_bytes(&rebuild::widths_of(leaf)?);
    let total = count * fixed_each + leaf.live_heap_bytes();
    let mut before = 0;
    for row in 0..count {
        before += fixed_each + leaf.row_heap_bytes(row)?;
        if before * 2 >= total {
            return Ok((row + 1).clamp(1, (count - 1).max(1)).min(count - 1));
        }
    }
    Ok(count / 2)
}

/// How a leaf is to be laid out anew.
pub struct NewShape<'w> {
    pub layout: u16,
    /// The leaf's columns from this one on are left behind.
    pub columns_known: usize,
    pub widths: &'w [Width],
    pub spare: Spare,
}

/// The leaf's content in the shape given, with the capacity that its rows want now: an image for the
/// page. None when it, and what is to be spared, does not fit.
pub fn relaid(
    leaf: &[u8],
    into: &NewShape<'_>,
    missing: &dyn Fn(usize) -> Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>> {
    let mut out = leaf.to_vec();
    let (low, high) = (page::low_fence(leaf), page::high_fence(leaf));
    page::init(&mut out, 0, low, high, page::right(leaf))?;
    page::set_mark(&mut out, page::mark(leaf));
    page_header::set_layout(&mut out, into.layout);
    let rows = 0..page::count(leaf);
    let parts = [(leaf, rows)];
    let known = into.columns_known;
    let does_fit = rebuild::build(&mut out, into.widths, known, &parts, into.spare, missing)?;
    Ok(does_fit.then_some(out))
}
