//! Merges: two neighbours below one parent become one page, and a root with a lone child takes its
//! place.

use common::limits::PAGE_SIZE;
use common::{PageNo, Result, Xid};

use super::leaf_format::LeafFormat;
use super::page_tree::{PageTree, ROOT, Seek};
use super::split::{Purpose, blank};
use super::{inner, ops, page};
use crate::page_header;

/// Inner nodes merge when both together fill less than this part of a page.
const INNER_MERGE_BYTES: usize = page::BODY_BYTES / 2;

/// Two neighbours and their parent, by number.
struct Pair {
    parent: PageNo,
    left: PageNo,
    right: PageNo,
}

impl<F: LeafFormat> PageTree<F> {
    /// Joins the leaf for `key` with a neighbour if the format finds both sparse enough; whether it
    /// did. Hold no latch.
    pub fn merge_leaf(&self, key: &[u8]) -> Result<bool> {
        let did_merge = self.merge(key, 0)?;
        let mut level = 1;
        while did_merge && self.merge(key, level)? {
            level += 1;
        }
        if did_merge {
            self.lower_root()?;
        }
        Ok(did_merge)
    }

    fn merge(&self, key: &[u8], level: u8) -> Result<bool> {
        for with_left in [false, true] {
            let Some(pair) = self.pair(key, level, with_left)? else {
                continue;
            };
            if self.merge_pair(key, level, &pair)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The page for `key` and its neighbour on the side asked for, when they have one parent.
    fn pair(&self, key: &[u8], level: u8, with_left: bool) -> Result<Option<Pair>> {
        let (seek, wait) = (Seek::Key(key), Purpose::Undo.wait());
        let Some(parent) = self.descend(seek, level + 1, wait)? else {
            return Ok(None);
        };
        let pin = self.storage.page(self.page_id(parent), wait)?;
        let node = pin.try_read(wait)?;
        if !self.proves(&node, level + 1, seek) {
            return Ok(None);
        }
        let index = inner::find(&node, key)?;
        let left = if with_left {
            index.checked_sub(1)
        } else {
            Some(index)
        };
        let Some(left) = left.filter(|left| *left < page::count(&node)) else {
            return Ok(None);
        };
        let (left, right) = (inner::child(&node, left)?, inner::child(&node, left + 1)?);
        Ok(Some(Pair {
            parent,
            left,
            right,
        }))
    }

    fn merge_pair(&self, key: &[u8], level: u8, pair: &Pair) -> Result<bool> {
        let (seek, wait) = (Seek::Key(key), Purpose::Undo.wait());
        let _left_pin = self.storage.page(self.page_id(pair.left), wait)?;
        let _right_pin = self.storage.page(self.page_id(pair.right), wait)?;
        let mut mtr = self.begin(Purpose::Undo);
        let Some(parent) = self.latch_if_proves(&mut mtr, pair.parent, level + 1, seek, wait)?
        else {
            return Ok(false);
        };
        let Some(index) = position(mtr.page(parent), pair)? else {
            return Ok(false);
        };
        let left = mtr.latch(self.page_id(pair.left), wait)?;
        let right = mtr.latch(self.page_id(pair.right), wait)?;
        let Some(joined) = self.join(mtr.page(left), mtr.page(right), level)? else {
            return Ok(false);
        };
        if level == 0 {
            self.format.will_merge(pair.left, pair.right);
        }
        ops::log_image(&mut mtr, left, &joined)?;
        ops::log_inner_remove(&mut mtr, parent, index);
        mtr.free_page(right)?;
        mtr.commit(Xid(0))?;
        Ok(true)
    }

    /// The content of both in one page, unless it would be too full.
    fn join(&self, left: &[u8], right: &[u8], level: u8) -> Result<Option<Vec<u8>>> {
        let mut out = blank(left);
        let (low, high) = (page::low_fence(left), page::high_fence(right));
        page::init(&mut out, level, low, high, page::right(right))?;
        page_header::raise_max_xid(&mut out, page_header::max_xid(right));
        if level == 0 {
            let parts = [(left, 0..page::count(left)), (right, 0..page::count(right))];
            let does_fit = self.format.should_merge(left, right)?
                && self.format.build(&mut out, &parts, None)?;
            return Ok(does_fit.then_some(out));
        }
        let Some(between) = page::low_fence(right) else {
            return Err(self.no_descent());
        };
        let (leftmost, mut entries) = inner::entries(left)?;
        let (child, more) = inner::entries(right)?;
        entries.push(inner::Entry {
            key: between.to_vec(),
            child,
        });
        entries.extend(more);
        let fences_bytes = PAGE_SIZE - page::body_end(&out)?;
        if !inner::fits(
            &entries,
            fences_bytes + page::BODY_BYTES - INNER_MERGE_BYTES,
        ) {
            return Ok(None);
        }
        inner::build(&mut out, leftmost, &entries)?;
        Ok(Some(out))
    }

    /// While the root is an inner node with one child, it takes over the child's content.
    fn lower_root(&self) -> Result<()> {
        let wait = Purpose::Undo.wait();
        loop {
            let only_child = {
                let pin = self.storage.page(self.page_id(ROOT), wait)?;
                let root = pin.try_read(wait)?;
                if page::level(&root) == 0 || page::count(&root) > 0 {
                    return Ok(());
                }
                inner::child(&root, 0)?
            };
            let _pin = self.storage.page(self.page_id(only_child), wait)?;
            let mut mtr = self.begin(Purpose::Undo);
            let root = mtr.latch(self.page_id(ROOT), wait)?;
            let is_same = page::level(mtr.page(root)) > 0
                && page::count(mtr.page(root)) == 0
                && inner::child(mtr.page(root), 0)? == only_child;
            if !is_same {
                continue;
            }
            let child = mtr.latch(self.page_id(only_child), wait)?;
            let mut image = mtr.page(child).to_vec();
            page::set_mark(&mut image, page::mark(mtr.page(root)));
            if page::level(&image) == 0 {
                self.format.will_merge(ROOT, only_child);
            }
            ops::log_image(&mut mtr, root, &image)?;
            mtr.free_page(child)?;
            mtr.commit(Xid(0))?;
        }
    }
}

/// The index of the separator between the two, if they are still neighbours below `parent`.
fn position(parent: &[u8], pair: &Pair) -> Result<Option<usize>> {
    for index in 0..page::count(parent) {
        if inner::child(parent, index)? == pair.left {
            let is_next = inner::child(parent, index + 1)? == pair.right;
            return Ok(is_next.then_some(index));
        }
    }
    Ok(None)
}
