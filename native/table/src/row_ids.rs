//! Giving row ids out.
//!
//! The root of the tree keeps the first id that was never promised; ids up to there are given out
//! from memory. A crash loses what was left of the range, ids are never given twice. The upper 16
//! bits of the same mark are the newest number that was given to a layout: neither goes back when a
//! transaction does.

use std::sync::atomic::{AtomicU64, Ordering};

use common::rt::Mutex;
use common::{Result, RowId, bail, sqlstate};

/// Ids promised to the log at a time.
const RANGE: u64 = 4096;
const ROW_ID_BITS: u32 = 48;
const ROW_ID_MAX: u64 = (1 << ROW_ID_BITS) - 1;

/// The ids that may be given out.
#[derive(Debug)]
pub struct RowIds {
    next: AtomicU64,
    limit: AtomicU64,
    /// The newest layout number that was promised; whoever promises holds it.
    layout: Mutex<u16>,
}

impl RowIds {
    /// `mark` is what the root says.
    pub fn new(mark: u64) -> Self {
        let (layout, next) = ((mark >> ROW_ID_BITS) as u16, (mark & ROW_ID_MAX).max(1));
        Self {
            next: AtomicU64::new(next),
            limit: AtomicU64::new(next),
            layout: Mutex::new(layout),
        }
    }

    /// The first of `count` consecutive ids. `promise` logs that ids below its argument may be in
    /// use.
    #[inline]
    pub fn take(&self, count: u64, promise: impl FnOnce(u64) -> Result<()>) -> Result<RowId> {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        let end = first.saturating_add(count);
        if end > self.limit.load(Ordering::Acquire) {
            self.extend(end, promise)?;
        }
        Ok(RowId(first))
    }

    #[cold]
    fn extend(&self, end: u64, promise: impl FnOnce(u64) -> Result<()>) -> Result<()> {
        let layout = self.layout.lock();
        if end <= self.limit.load(Ordering::Acquire) {
            return Ok(());
        }
        let limit = end + RANGE;
        if limit > ROW_ID_MAX {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "the table has used up its row ids"
            );
        }
        promise(mark_of(*layout, limit))?;
        self.limit.store(limit, Ordering::Release);
        Ok(())
    }

    /// The first of `count` consecutive numbers of layouts, above `newest` and all that were given
    /// before. `promise` as in [`RowIds::take`].
    pub fn take_layouts(
        &self,
        newest: u16,
        count: u16,
        promise: impl FnOnce(u64) -> Result<()>,
    ) -> Result<u16> {
        let mut layout = self.layout.lock();
        let before = newest.max(*layout);
        let Some(last) = before.checked_add(count) else {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "the table has used up its layouts"
            );
        };
        promise(mark_of(last, self.limit.load(Ordering::Acquire)))?;
        *layout = last;
        Ok(before + 1)
    }

    /// No row has this id or a greater one yet.
    pub fn end(&self) -> RowId {
        RowId(self.next.load(Ordering::Acquire))
    }
}

fn mark_of(layout: u16, limit: u64) -> u64 {
    u64::from(layout) << ROW_ID_BITS | limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_promised_before_they_are_given_and_never_given_twice() {
        let promised = AtomicU64::new(0);
        let promise = |mark| {
            promised.store(mark, Ordering::Relaxed);
            Ok(())
        };
        let ids = RowIds::new(0);
        let mut last = 0;
        for count in [1, 1, 5000, 3, 4096] {
            let first = ids.take(count, promise).expect("plenty").0;
            assert!(first > last);
            last = first + count - 1;
            assert!(last < promised.load(Ordering::Relaxed));
        }
        let again = RowIds::new(promised.load(Ordering::Relaxed));
        assert!(again.take(1, promise).expect("plenty").0 > last);
    }

    #[test]
    fn numbers_of_layouts_are_kept_with_the_ids_and_never_given_twice() {
        let promised = AtomicU64::new(0);
        let promise = |mark| {
            promised.fetch_max(mark, Ordering::Relaxed);
            Ok(())
        };
        let ids = RowIds::new(0);
        let first = ids.take(5, promise).expect("plenty").0;
        assert_eq!(ids.take_layouts(1, 2, promise).expect("plenty"), 2);
        assert_eq!(ids.take_layouts(1, 1, promise).expect("plenty"), 4);
        assert!(ids.take(9000, promise).expect("plenty").0 > first);
        let again = RowIds::new(promised.load(Ordering::Relaxed));
        assert!(again.end().0 > 9000, "{:?}", again.end());
        assert_eq!(again.take_layouts(1, 1, promise).expect("plenty"), 5);
        assert_eq!(again.take_layouts(70, 1, promise).expect("plenty"), 71);
        assert!(again.take_layouts(u16::MAX, 1, promise).is_err());
    }

    #[test]
    fn a_refused_promise_gives_no_id() {
        let ids = RowIds::new(1);
        assert!(ids.take(1, |_| Err(common::Error::WouldBlock)).is_err());
        assert!(RowIds::new(ROW_ID_MAX).take(1, |_| Ok(())).is_err());
    }
}
