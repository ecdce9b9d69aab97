//! Entries of one key.

use common::{PageNo, Result, RowId};
use smallvec::SmallVec;
use storage::tree::Seek;
use storage::{Wait, page_header};
use txn::View;

use crate::index::Index;
use crate::leaf::key_leaf::KeyLeaf;

/// An entry with the key that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub row: RowId,
    /// Where the row may be.
    pub guess: Option<PageNo>,
    /// As in [`crate::Entry`].
    pub needs_row_check: bool,
}

/// The entries of one key: of a unique one seldom more than one, and then nothing is allocated.
pub type Hits = SmallVec<[Hit; 4]>;

impl Index {
    /// Puts the entries of `key` into `hits`, which is cleared, but those that `view` does not see
    /// for certain: the fast path for unique keys.
    pub fn lookup(&self, key: &[u8], view: &View, hits: &mut Hits, wait: Wait) -> Result<()> {
        hits.clear();
        let xmin = view.snapshot.xmin;
        self.each_equal(key, wait, |page, leaf, index| {
            let is_clean = page_header::max_xid(page) < xmin;
            if !is_clean || !leaf.is_marked(index) {
                hits.push(Hit {
                    row: leaf.row(index)?,
                    guess: leaf.guess(index)?,
                    needs_row_check: !is_clean,
                });
            }
            Ok(())
        })
    }

    /// Calls `each` for all entries with the key, under the shared latch of their leaf.
    #[inline]
    pub(crate) fn each_equal(
        &self,
        key: &[u8],
        wait: Wait,
        mut each: impl FnMut(&[u8], &KeyLeaf<'_>, usize) -> Result<()>,
    ) -> Result<()> {
        let mut read = |from: &[u8], page: &[u8]| {
            let leaf = KeyLeaf::new(page)?;
            let mut index = leaf.lower_bound(from)?;
            while index < leaf.count() && leaf.begins_with(index, key)? {
                each(page, &leaf, index)?;
                index += 1;
            }
            if leaf.ends_beyond(key) {
                return Ok(None);
            }
            let high = storage::tree::page::high_fence(page);
            Ok(high.map(<[u8]>::to_vec))
        };
        let first = |_, page: &[u8]| read(key, page);
        let mut from = self.tree.read_leaf(None, Seek::Key(key), wait, first)?;
        while let Some(next) = from {
            let seek = Seek::Key(&next);
            let step = |_, page: &[u8]| read(&next, page);
            from = self.tree.read_leaf(None, seek, wait, step)?;
        }
        Ok(())
    }
}
