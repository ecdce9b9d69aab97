//! Splits: one level per mini-transaction, the parent made roomy first.

use common::limits::PAGE_SIZE;
use common::{Error, PageNo, Result, Xid};

use super::inner::{self, Entry};
use super::leaf_format::{LeafFormat, SplitPoint};
use super::page_tree::{INNER_KIND, PageTree, ROOT, Seek};
use super::{ops, page};
use crate::mtr::{Mtr, Slot};
use crate::options::Wait;
use crate::page_header::{self, PAGE_HEADER_SIZE};

/// Who asks for space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Ordinary work.
    Change(Wait),
    /// Rollback and purge: may use the last reserves of the disk, and wait.
    Undo,
}

impl Purpose {
    pub(super) fn wait(self) -> Wait {
        match self {
            Purpose::Change(wait) => wait,
            Purpose::Undo => Wait::Block,
        }
    }
}

/// The outcome of one try.
enum Try {
    Done,
    /// Something moved in between.
    Again,
    /// The parent has no room for a separator; it is split for this key first.
    ParentFull,
}

/// The contents of both halves; the left's is None when only its high fence changes.
struct Halves {
    separator: Vec<u8>,
    left: Option<Vec<u8>>,
    right: Vec<u8>,
}

/// A buffer with the common header of `like`, for [`page::init`].
pub(super) fn blank(like: &[u8]) -> Vec<u8> {
    let mut page = vec![0; PAGE_SIZE];
    page[..PAGE_HEADER_SIZE].copy_from_slice(&like[..PAGE_HEADER_SIZE]);
    page
}

impl<F: LeafFormat> PageTree<F> {
    /// Divides the leaf for `key` to make room there: the caller's next try finds a leaf with more
    /// space. Hold no latch.
    pub fn split_leaf(&self, key: &[u8], purpose: Purpose) -> Result<()> {
        self.split(key, 0, purpose)
    }

    pub(super) fn begin(&self, purpose: Purpose) -> Mtr<'_> {
        match purpose {
            Purpose::Change(wait) => self.storage.begin_with(wait),
            Purpose::Undo => self.storage.begin_privileged(),
        }
    }

    fn split(&self, key: &[u8], level: u8, purpose: Purpose) -> Result<()> {
        loop {
            let seek = Seek::Key(key);
            let Some(no) = self.descend(seek, level, purpose.wait())? else {
                return Err(self.no_descent());
            };
            let outcome = match no {
                ROOT => self.split_root(key, level, purpose)?,
                no => self.split_below(key, level, no, purpose)?,
            };
            match outcome {
                Try::Done => return Ok(()),
                Try::Again => {}
                Try::ParentFull => self.split(key, level + 1, purpose)?,
            }
        }
    }

    fn split_below(&self, key: &[u8], level: u8, no: PageNo, purpose: Purpose) -> Result<Try> {
        let (wait, seek) = (purpose.wait(), Seek::Key(key));
        // Pinned before anything is latched: no reading from disk below a latch.
        let _pin = self.storage.page(self.page_id(no), wait)?;
        let Some(parent_no) = self.descend(seek, level + 1, wait)? else {
            return Ok(Try::Again);
        };
        let mut mtr = self.begin(purpose);
        let Some(parent) = self.latch_if_proves(&mut mtr, parent_no, level + 1, seek, wait)? else {
            return Ok(Try::Again);
        };
        let Some(left) = self.latch_if_proves(&mut mtr, no, level, seek, wait)? else {
            return Ok(Try::Again);
        };
        let halves = self.halve(mtr.page(left), key)?;
        if !inner::has_room(mtr.page(parent), &halves.separator)? {
            return Ok(Try::ParentFull);
        }
        let right = self.allocate_like(&mut mtr, left)?;
        let right_no = mtr.id(right).no;
        if level == 0 {
            self.format.will_split(no, right_no);
        }
        match halves.left {
            Some(mut image) => {
                page::set_right(&mut image, Some(right_no));
                ops::log_image(&mut mtr, left, &image)?;
            }
            None => ops::log_set_high(&mut mtr, left, Some(&halves.separator), Some(right_no)),
        }
        ops::log_image(&mut mtr, right, &halves.right)?;
        ops::log_inner_insert(&mut mtr, parent, &halves.separator, right_no);
        mtr.commit(Xid(0))?;
        Ok(Try::Done)
    }

    /// Moves both halves of the root into new pages and makes it their parent.
    fn split_root(&self, key: &[u8], level: u8, purpose: Purpose) -> Result<Try> {
        let mut mtr = self.begin(purpose);
        let seek = Seek::Key(key);
        let Some(root) = self.latch_if_proves(&mut mtr, ROOT, level, seek, purpose.wait())? else {
            return Ok(Try::Again);
        };
        let halves = self.halve(mtr.page(root), key)?;
        let mut left_image = match halves.left {
            Some(image) => image,
            None => {
                let mut image = mtr.page(root).to_vec();
                page::set_high(&mut image, Some(&halves.separator), None)?;
                image
            }
        };
        let left = self.allocate_like(&mut mtr, root)?;
        let right = self.allocate_like(&mut mtr, root)?;
        let (left_no, right_no) = (mtr.id(left).no, mtr.id(right).no);
        if level == 0 {
            self.format.will_split(ROOT, left_no);
            self.format.will_split(ROOT, right_no);
        }
        page::set_right(&mut left_image, Some(right_no));
        page::set_mark(&mut left_image, 0);
        let mut root_image = blank(mtr.page(root));
        page_header::set_kind(&mut root_image, INNER_KIND);
        page::init(&mut root_image, level + 1, None, None, None)?;
        page::set_mark(&mut root_image, page::mark(mtr.page(root)));
        let entry = Entry {
            key: halves.separator,
            child: right_no,
        };
        inner::build(&mut root_image, left_no, &[entry])?;
        ops::log_image(&mut mtr, left, &left_image)?;
        ops::log_image(&mut mtr, right, &halves.right)?;
        ops::log_image(&mut mtr, root, &root_image)?;
        mtr.commit(Xid(0))?;
        Ok(Try::Done)
    }

    fn allocate_like(&self, mtr: &mut Mtr<'_>, slot: Slot) -> Result<Slot> {
        let kind = page_header::kind_of(mtr.page(slot));
        mtr.allocate(self.file, kind, self.owner)
    }

    fn halve(&self, full: &[u8], key: &[u8]) -> Result<Halves> {
        match page::level(full) {
            0 => self.halve_leaf(full, key),
            _ => halve_inner(full, key),
        }
    }

    fn halve_leaf(&self, full: &[u8], key: &[u8]) -> Result<Halves> {
        let count = page::count(full);
        let high = page::high_fence(full);
        let old_high_len = high.map_or(0, <[u8]>::len);
        let mut point = self.format.split_point(full, key)?;
        let fits_fence = page::hole_bytes(full)? + old_high_len >= point.separator.len();
        if point.at == count && !fits_fence {
            point = self.format.split_point_near_end(full)?;
        }
        let SplitPoint { at, separator } = point;
        let is_append = at == count;
        let mut right = blank(full);
        page::init(&mut right, 0, Some(&separator), high, page::right(full))?;
        let parts = [(full, at..count)];
        let parts = if is_append { &[][..] } else { &parts[..] };
        let mut does_fit = self.format.build(&mut right, parts, Some(full))?;
        let left = if is_append {
            None
        } else {
            let mut left = blank(full);
            page::init(&mut left, 0, page::low_fence(full), Some(&separator), None)?;
            does_fit &= self.format.build(&mut left, &[(full, 0..at)], None)?;
            Some(left)
        };
        if !does_fit {
            return Err(Error::internal("half of a leaf does not fit a leaf"));
        }
        Ok(Halves {
            separator,
            left,
            right,
        })
    }
}

/// Cuts an inner node in the middle, or near its end when it grows there: ascending keys then leave
/// full nodes behind. The middle separator moves up.
fn halve_inner(full: &[u8], key: &[u8]) -> Result<Halves> {
    let (leftmost, mut entries) = inner::entries(full)?;
    if entries.len() < 3 {
        return Err(Error::corrupted(
            "a full inner node has less than three separators",
        ));
    }
    let at_end = inner::find(full, key)? == entries.len() && page::high_fence(full).is_none();
    let middle = if at_end {
        entries.len() - 2
    } else {
        middle_by_bytes(&entries)
    };
    let mut moved = entries.split_off(middle);
    let up = moved.remove(0);
    let level = page::level(full);
    let mut left = blank(full);
    page::init(&mut left, level, page::low_fence(full), Some(&up.key), None)?;
    inner::build(&mut left, leftmost, &entries)?;
    let mut right = blank(full);
    let high = page::high_fence(full);
    page::init(&mut right, level, Some(&up.key), high, page::right(full))?;
    inner::build(&mut right, up.child, &moved)?;
    Ok(Halves {
        separator: up.key,
        left: Some(left),
        right,
    })
}

/// The index, neither first nor last, before which about half of the bytes lie.
fn middle_by_bytes(entries: &[Entry]) -> usize {
    let total: usize = entries.iter().map(|entry| entry.key.len() + 12).sum();
    let mut before = 0;
    let middle = entries.iter().position(|entry| {
        before += entry.key.len() + 12;
        before * 2 >= total
    });
    middle.unwrap_or(0).clamp(1, entries.len() - 2)
}
