//! Adding entries many at a time: those that fall between the same two entries of a leaf go in by one
//! log record.

use common::{PageNo, Result, Xid};
use storage::tree::{Purpose, page};
use storage::{Mtr, Slot};

use crate::change::{Prepared, prepare};
use crate::entry::{ENTRY_BYTES_MAX, ROW_BYTES};
use crate::entry_run::EntryRun;
use crate::index::{Index, wait_of};
use crate::leaf::edit::Put;
use crate::leaf::key_leaf::KeyLeaf;
use crate::leaf::ops;
use crate::leaf::run_room::{RunPlace, RunRoom};

/// What became of a look at one leaf.
enum Step {
    /// So many entries went in; the next one may belong there too.
    Added(usize, Option<PageNo>),
    /// The leaf was split, or another one is to be looked for.
    Again,
    /// The next entry is not for this way.
    Stop,
}

impl Index {
    /// Adds the entries of `run` from `from` on, in their order, up to the first that must be looked
    /// at on its own: it is to be unique and an entry with its key is there, may be there in another
    /// leaf, or it is too long. Answers how many went in; [`Index::insert_unique`] or
    /// [`Index::insert`] is for the next one.
    pub fn insert_run(
        &self,
        xid: Xid,
        run: &EntryRun,
        from: usize,
        purpose: Purpose,
    ) -> Result<usize> {
        let mut at = from;
        let mut hint = None;
        while at < run.len() {
            match self.insert_into_leaf(xid, run, at, hint.take(), purpose)? {
                Step::Added(count, page) => {
                    at += count;
                    hint = page;
                }
                Step::Again => {}
                Step::Stop => break,
            }
        }
        Ok(at - from)
    }

    fn insert_into_leaf(
        &self,
        xid: Xid,
        run: &EntryRun,
        at: usize,
        hint: Option<PageNo>,
        purpose: Purpose,
    ) -> Result<Step> {
        let (full, key) = (run.full(at), run.key(at));
        if full.len() > ENTRY_BYTES_MAX {
            return Ok(Step::Stop);
        }
        let mut mtr = self.begin(purpose);
        let is_unique = run.is_unique(at);
        // As in `insert_unique`: the first leaf that may have the key, here the only one too.
        let sought = if is_unique { key } else { full };
        let slot = self
            .tree
            .latch_leaf(&mut mtr, hint, sought, wait_of(purpose))?;
        let leaf = KeyLeaf::new(mtr.page(slot))?;
        let index = leaf.lower_bound(sought)?;
        let is_there = index < leaf.count() && leaf.begins_with(index, sought)?;
        if is_there || !is_alone_in(&leaf, run, at) {
            return Ok(Step::Stop);
        }
        let place = count_fitting(&leaf, run, at, index)?;
        let count = place.entries;
        let is_next_here = at + count < run.len() && is_alone_in(&leaf, run, at + count);
        let page = is_next_here.then(|| mtr.id(slot).no);
        if count == 0 {
            let put = Put {
                index: place.index,
                replaces: false,
                full,
                guess: run.guess(at),
                value: None,
            };
            return self.insert_alone(xid, mtr, slot, &put, purpose);
        }
        ops::log_put_run(&mut mtr, slot, run, at, place);
        mtr.commit(xid)?;
        Ok(Step::Added(count, page))
    }

    /// Adds one entry for which the leaf must be laid out anew or split.
    fn insert_alone(
        &self,
        xid: Xid,
        mut mtr: Mtr<'_>,
        slot: Slot,
        put: &Put<'_>,
        purpose: Purpose,
    ) -> Result<Step> {
        let page = mtr.id(slot).no;
        match prepare(&mut mtr, slot, put)? {
            Prepared::Nothing => {}
            Prepared::Ready => drop(mtr.commit(xid)?),
            Prepared::Full => {
                drop(mtr);
                self.tree.split_leaf(put.full, purpose)?;
                return Ok(Step::Again);
            }
        }
        Ok(Step::Added(1, Some(page)))
    }
}

/// Whether the entry belongs into the leaf, and all with its key would, where it is to be unique.
fn is_alone_in(leaf: &KeyLeaf<'_>, run: &EntryRun, at: usize) -> bool {
    page::covers(leaf.page(), run.full(at)) && (!run.is_unique(at) || leaf.ends_beyond(run.key(at)))
}

/// How many entries from `at` on can go in before the one at `index`, as they are: ascending, of
/// those that must be unique no two with one key.
fn count_fitting(leaf: &KeyLeaf<'_>, run: &EntryRun, at: usize, index: usize) -> Result<RunPlace> {
    let mut room = RunRoom::new(leaf, index)?;
    let next = match index < leaf.count() {
        true => Some(leaf.full(index)?),
        false => None,
    };
    let is_before_next = |at: usize| {
        next.as_deref().is_none_or(|next| {
            let is_equal = run.is_unique(at) && next.starts_with(run.key(at));
            run.full(at) < next && !is_equal
        })
    };
    let has_fence = page::high_fence(leaf.page()).is_some();
    let mut last: Option<&[u8]> = None;
    for at in at..run.len() {
        let full = run.full(at);
        let is_after_last = last.is_none_or(|last| {
            let is_equal = run.is_unique(at) && last.starts_with(run.key(at));
            last < full && !is_equal
        });
        let is_here = last.is_none() || !has_fence || is_alone_in(leaf, run, at);
        let is_short = full.len() <= ENTRY_BYTES_MAX && full.len() > ROW_BYTES;
        if !is_after_last || !is_here || !is_short || !is_before_next(at) || !room.add(full) {
            break;
        }
        last = Some(full);
    }
    Ok(room.place())
}
