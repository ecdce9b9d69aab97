//! Which leaves come next: for who reads them before they are needed.

use common::{PageId, Result};

use super::leaf_format::LeafFormat;
use super::page_tree::{PageTree, ROOT, Seek};
use super::{inner, page};
use crate::options::Wait;

/// What lies behind a leaf.
#[derive(Debug)]
pub struct LeavesAhead {
    /// In the order of their keys. Hints: when they are read they may have become others.
    pub pages: Vec<PageId>,
    /// The key from which on it is time to look again, greater than the one asked for; None where
    /// there are no more leaves.
    pub next: Option<Vec<u8>>,
}

impl<F: LeafFormat> PageTree<F> {
    /// The page of the leaf for `seek`, which is not read. None if the root is a leaf.
    pub fn find_leaf(&self, seek: Seek<'_>, wait: Wait) -> Result<Option<PageId>> {
        let no = self.descend(seek, 0, wait)?;
        Ok(no.filter(|no| *no != ROOT).map(|no| self.page_id(no)))
    }

    /// The leaves behind the one for `key`, at most `limit` of them: those of its inner node, or else
    /// of the next one. Reads inner nodes only.
    pub fn leaves_ahead(&self, key: &[u8], limit: usize) -> Result<LeavesAhead> {
        let mut ahead = LeavesAhead {
            pages: Vec::new(),
            next: None,
        };
        let mut from: Option<Vec<u8>> = None;
        loop {
            let seek = Seek::Key(from.as_deref().unwrap_or(key));
            let Some(no) = self.descend(seek, 1, Wait::Block)? else {
                return Ok(ahead);
            };
            let pin = self.storage.page(self.page_id(no), Wait::Block)?;
            let node = pin.try_read(Wait::Block)?;
            if !self.proves(&node, 1, seek) {
                // Somebody splits or merges: who asks goes on without.
                return Ok(ahead);
            }
            let count = page::count(&node);
            let high = page::high_fence(&node).map(<[u8]>::to_vec);
            // Of a node that `key` is not in, the first leaf is wanted too.
            let first = match &from {
                Some(_) => 0,
                None => inner::find(&node, key)? + 1,
            };
            if first > count && high.is_some() {
                from = high;
                continue;
            }
            let end = (first + limit).min(count + 1);
            let ids = (first..end).map(|at| Ok(self.page_id(inner::child(&node, at)?)));
            ahead.pages = ids.collect::<Result<_>>()?;
            // The other half is there when the first is behind.
            let middle = first.midpoint(end);
            ahead.next = match middle {
                0 => from,
                _ if middle <= count => Some(inner::key(&node, middle - 1)?),
                _ => high,
            };
            return Ok(ahead);
        }
    }
}
