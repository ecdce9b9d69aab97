//! Giving row ids out.
//!
//! The root of the tree keeps the first id that was never promised; ids up to there are given out
//! from memory. A crash loses what was left of the range, ids are never given twice.

use std::sync::atomic::{AtomicU64, Ordering};

use common::rt::Mutex;
use common::{Result, RowId, bail, sqlstate};

/// Ids promised to the log at a time.
const RANGE: u64 = 4096;
const ROW_ID_MAX: u64 = (1 << 48) - 1;

/// The ids that may be given out.
#[derive(Debug)]
pub struct RowIds {
    next: AtomicU64,
    limit: AtomicU64,
    extending: Mutex<()>,
}

impl RowIds {
    /// `mark` is what the root says.
    pub fn new(mark: u64) -> Self {
        let mark = mark.max(1);
        Self {
            next: AtomicU64::new(mark),
            limit: AtomicU64::new(mark),
            extending: Mutex::new(()),
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
        let _one = self.extending.lock();
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
        promise(limit)?;
        self.limit.store(limit, Ordering::Release);
        Ok(())
    }

    /// No row has this id or a greater one yet.
    pub fn end(&self) -> RowId {
        RowId(self.next.load(Ordering::Acquire))
    }
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
    fn a_refused_promise_gives_no_id() {
        let ids = RowIds::new(1);
        assert!(ids.take(1, |_| Err(common::Error::WouldBlock)).is_err());
        assert!(RowIds::new(ROW_ID_MAX).take(1, |_| Ok(())).is_err());
    }
}
