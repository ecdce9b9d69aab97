//! A tree of pages: descent, reading and latching of leaves.
//!
//! Nobody holds two latches to go down: each page proves by kind, level and fences that it is the
//! page for the key (see [`super::page`]); when it is not, because of a split or merge in between,
//! the descent starts over. So a page number kept as a hint costs nothing but a failed test when it
//! is stale. The root never moves. Splits and merges latch parent, then children from left to right,
//! each in one redo-only mini-transaction.

use std::sync::Arc;

use common::limits::PAGE_SIZE;
use common::{Error, FileId, PageId, PageNo, Result, Xid};

use super::leaf_format::LeafFormat;
use super::{inner, ops, optimistic, page};
use crate::mtr::{Mtr, Slot};
use crate::options::Wait;
use crate::page_header;
use crate::storage::Storage;

/// The root's page number, in every file that holds a tree.
pub const ROOT: PageNo = PageNo(1);
/// The page kind of inner nodes.
pub const INNER_KIND: u8 = page_header::kind::TREE;

/// Which leaf is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek<'k> {
    /// The leaf whose range has the key.
    Key(&'k [u8]),
    /// The leaf whose range has the keys just below this one.
    Before(&'k [u8]),
    First,
    Last,
}

impl Seek<'_> {
    /// Whether `page` (inner or leaf) is on the way.
    #[inline]
    pub fn is_within(&self, page: &[u8]) -> bool {
        match self {
            Seek::Key(key) => page::covers(page, key),
            Seek::Before(key) => {
                page::low_fence(page).is_none_or(|low| low < *key)
                    && page::high_fence(page).is_none_or(|high| *key <= high)
            }
            Seek::First => page::low_fence(page).is_none(),
            Seek::Last => page::high_fence(page).is_none(),
        }
    }

    /// The child of `node` to go on with.
    pub(super) fn child(&self, node: &[u8]) -> Result<PageNo> {
        let index = match self {
            Seek::Key(key) => inner::find(node, key)?,
            Seek::Before(key) => inner::find_before(node, key)?,
            Seek::First => 0,
            Seek::Last => page::count(node),
        };
        inner::child(node, index)
    }
}

/// A tree in the pages of one file, all of which belong to it.
pub struct PageTree<F> {
    pub(super) storage: Arc<Storage>,
    pub(super) file: FileId,
    pub(super) owner: u32,
    pub(super) format: F,
}

/// How often a descent may start over before the tree must be broken: each time some other thread
/// has split or merged a page on the way.
const DESCENTS_MAX: usize = 1_000_000;

impl<F: LeafFormat> PageTree<F> {
    /// Makes an empty tree in a new file; `owner` goes into the headers of its pages.
    pub fn create(storage: Arc<Storage>, file: FileId, owner: u32, format: F) -> Result<Self> {
        let tree = Self::open(storage, file, owner, format);
        let mut root = vec![0; PAGE_SIZE];
        page::init(&mut root, 0, None, None, None)?;
        page_header::set_kind(&mut root, tree.format.kind());
        tree.format.build(&mut root, &[], None)?;
        let storage = Arc::clone(&tree.storage);
        let mut mtr = storage.begin();
        let slot = mtr.allocate(file, tree.format.kind(), owner)?;
        if mtr.id(slot).no != ROOT {
            return Err(Error::internal("a tree needs an empty file"));
        }
        ops::log_image(&mut mtr, slot, &root)?;
        mtr.commit(Xid(0))?;
        Ok(tree)
    }

    /// The tree that [`PageTree::create`] made. Reads nothing yet.
    pub fn open(storage: Arc<Storage>, file: FileId, owner: u32, format: F) -> Self {
        Self {
            storage,
            file,
            owner,
            format,
        }
    }

    pub fn format(&self) -> &F {
        &self.format
    }

    pub fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }

    pub fn file(&self) -> FileId {
        self.file
    }

    pub fn page_id(&self, no: PageNo) -> PageId {
        PageId {
            file: self.file,
            no,
        }
    }

    /// Whether `page` is the page of `level` for `seek`.
    pub(super) fn proves(&self, page: &[u8], level: u8, seek: Seek<'_>) -> bool {
        let kind = if level == 0 {
            self.format.kind()
        } else {
            INNER_KIND
        };
        page_header::kind_of(page) == kind && page::level(page) == level && seek.is_within(page)
    }

    /// The number of the page of `level` for `seek`, which must prove itself when latched; None if
    /// the tree is not that high.
    pub(super) fn descend(&self, seek: Seek<'_>, level: u8, wait: Wait) -> Result<Option<PageNo>> {
        for _ in 0..DESCENTS_MAX {
            match self.try_descend(seek, level, wait)? {
                Step::Found(no) => return Ok(Some(no)),
                Step::TooLow => return Ok(None),
                Step::Child(_) | Step::Moved => {}
            }
        }
        Err(self.no_descent())
    }

    pub(super) fn no_descent(&self) -> Error {
        Error::corrupted(format!("the tree in file {} leads nowhere", self.file))
    }

    fn try_descend(&self, seek: Seek<'_>, level: u8, wait: Wait) -> Result<Step> {
        let mut no = ROOT;
        let mut expected = None;
        loop {
            let (at, step) = match self.step_optimistic(no, seek, expected) {
                Some((at, _)) if at < level => return Ok(Step::TooLow),
                Some((at, _)) if at == level => return Ok(Step::Found(no)),
                Some((at, child)) => (at, Step::Child(child)),
                None => {
                    let node = self.storage.read(self.page_id(no), wait)?;
                    if expected.is_some_and(|wanted| !self.proves(&node, wanted, seek)) {
                        return Ok(Step::Moved);
                    }
                    (page::level(&node), self.step(&node, no, seek, level)?)
                }
            };
            match step {
                Step::Child(child) if at == level + 1 => return Ok(Step::Found(child)),
                Step::Child(child) => no = child,
                other => return Ok(other),
            }
            expected = Some(at - 1);
        }
    }

    /// The level of an inner node and its child for `seek`, without a latch; None: take it.
    #[inline]
    fn step_optimistic(
        &self,
        no: PageNo,
        seek: Seek<'_>,
        expected: Option<u8>,
    ) -> Option<(u8, PageNo)> {
        let Seek::Key(key) = seek else { return None };
        let id = self.page_id(no);
        self.storage
            .read_optimistic(id, |page| optimistic::find_child(page, key, expected))
    }

    fn step(&self, node: &[u8], no: PageNo, seek: Seek<'_>, level: u8) -> Result<Step> {
        let at = page::level(node);
        if at < level {
            return Ok(Step::TooLow);
        }
        if at == level {
            return Ok(Step::Found(no));
        }
        if page_header::kind_of(node) != INNER_KIND {
            return Err(self.no_descent());
        }
        seek.child(node).map(Step::Child)
    }

    /// Runs `read` on the leaf for `seek` under its shared latch. `hint` is tried first. `read` must
    /// not latch, wait or call the tree.
    pub fn read_leaf<R>(
        &self,
        hint: Option<PageNo>,
        seek: Seek<'_>,
        wait: Wait,
        read: impl FnOnce(PageNo, &[u8]) -> Result<R>,
    ) -> Result<R> {
        let mut hint = hint;
        for _ in 0..DESCENTS_MAX {
            let (no, is_hint) = self.leaf_number(hint.take(), seek, wait)?;
            let leaf = match self.storage.read(self.page_id(no), wait) {
                Ok(leaf) => leaf,
                Err(error) if is_hint && !error.is_would_block() => continue,
                Err(error) => return Err(error),
            };
            if self.proves(&leaf, 0, seek) {
                return read(no, &leaf);
            }
        }
        Err(self.no_descent())
    }

    /// Latches the leaf for `key` exclusively. `hint` is tried first. Does no I/O under the latch,
    /// but `mtr` should hold none that could be another leaf of this tree.
    pub fn latch_leaf(
        &self,
        mtr: &mut Mtr<'_>,
        hint: Option<PageNo>,
        key: &[u8],
        wait: Wait,
    ) -> Result<Slot> {
        let mut hint = hint;
        for _ in 0..DESCENTS_MAX {
            let seek = Seek::Key(key);
            let (no, is_hint) = self.leaf_number(hint.take(), seek, wait)?;
            match self.latch_if_proves(mtr, no, 0, seek, wait) {
                Ok(Some(slot)) => return Ok(slot),
                Ok(None) => {}
                Err(error) if is_hint && !error.is_would_block() => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.no_descent())
    }

    /// The page to try for `seek`, and whether it is but the hint: such a page need not even exist.
    fn leaf_number(
        &self,
        hint: Option<PageNo>,
        seek: Seek<'_>,
        wait: Wait,
    ) -> Result<(PageNo, bool)> {
        if let Some(no) = hint {
            return Ok((no, true));
        }
        let no = self.descend(seek, 0, wait)?;
        Ok((no.ok_or_else(|| self.no_descent())?, false))
    }

    pub(super) fn latch_if_proves(
        &self,
        mtr: &mut Mtr<'_>,
        no: PageNo,
        level: u8,
        seek: Seek<'_>,
        wait: Wait,
    ) -> Result<Option<Slot>> {
        let slot = mtr.latch(self.page_id(no), wait)?;
        if self.proves(mtr.page(slot), level, seek) {
            return Ok(Some(slot));
        }
        mtr.release(slot);
        Ok(None)
    }

    /// Levels above the leaves; 0 when the root is a leaf.
    pub fn height(&self, wait: Wait) -> Result<u8> {
        let pin = self.storage.page(self.page_id(ROOT), wait)?;
        Ok(page::level(&pin.try_read(wait)?))
    }

    /// The number kept in the root, see [`page::mark`].
    pub fn mark(&self, wait: Wait) -> Result<u64> {
        let pin = self.storage.page(self.page_id(ROOT), wait)?;
        Ok(page::mark(&pin.try_read(wait)?))
    }

    /// Raises the number kept in the root to `mark`, logged.
    pub fn raise_mark(&self, mark: u64, wait: Wait) -> Result<()> {
        let mut mtr = self.storage.begin_with(wait);
        let slot = mtr.latch(self.page_id(ROOT), wait)?;
        if page::mark(mtr.page(slot)) < mark {
            ops::log_set_mark(&mut mtr, slot, mark);
            mtr.commit(Xid(0))?;
        }
        Ok(())
    }

    /// Keys that divide the tree into parts of about equal size, at least `parts_min` where it has
    /// that many leaves: for parallel scans. In order; a division into any ranges stays right while
    /// the tree changes.
    pub fn morsels(&self, parts_min: usize, wait: Wait) -> Result<Vec<Vec<u8>>> {
        let mut keys = Vec::new();
        for level in (1..=self.height(wait)?).rev() {
            keys = self.separators(level, wait)?;
            if keys.len() + 1 >= parts_min {
                break;
            }
        }
        Ok(keys)
    }

    /// All separators of a level, those of the levels above included.
    fn separators(&self, level: u8, wait: Wait) -> Result<Vec<Vec<u8>>> {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        loop {
            let seek = keys.last().map_or(Seek::First, |key| Seek::Key(key));
            let Some(no) = self.descend(seek, level, wait)? else {
                return Ok(keys);
            };
            let pin = self.storage.page(self.page_id(no), wait)?;
            let node = pin.try_read(wait)?;
            if !self.proves(&node, level, seek) {
                continue;
            }
            let (_, entries) = inner::entries(&node)?;
            let last = page::high_fence(&node).map(<[u8]>::to_vec);
            keys.extend(entries.into_iter().map(|entry| entry.key));
            match last {
                Some(high) => keys.push(high),
                None => return Ok(keys),
            }
        }
    }
}

/// The outcome at one page of a descent.
enum Step {
    /// Go on there.
    Child(PageNo),
    /// The page asked for, unproven.
    Found(PageNo),
    /// The tree has no such level.
    TooLow,
    /// The page is no longer what its parent said.
    Moved,
}
