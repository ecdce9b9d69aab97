//! What one transaction holds, in the order in which it got it.

use smallvec::SmallVec;

use super::lock_key::LockKey;
use super::lock_mode::LockMode;

/// One lock of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLock {
    pub key: LockKey,
    pub mode: LockMode,
    /// For rows; else 1.
    pub bits: u64,
}

/// A list that only grows at its end, so a savepoint is its length. A lock that was held before a
/// savepoint and is asked for again behind it is not listed twice: the rollback must keep it.
#[derive(Debug, Default)]
pub struct HeldLocks {
    list: SmallVec<[HeldLock; 4]>,
    /// Nothing before this may be merged with: the last savepoint's length.
    mark: usize,
}

impl HeldLocks {
    pub(crate) fn push(&mut self, lock: HeldLock) {
        if self.list.len() > self.mark
            && let Some(last) = self.list.last_mut()
            && last.key == lock.key
            && last.mode == lock.mode
        {
            last.bits |= lock.bits;
            return;
        }
        self.list.push(lock);
    }

    pub(crate) fn mark(&mut self) -> usize {
        self.mark = self.list.len();
        self.mark
    }

    /// Takes off what came after `mark`, newest first.
    pub(crate) fn pop_to(&mut self, mark: usize) -> Option<HeldLock> {
        if self.list.len() <= mark {
            self.mark = self.mark.min(mark);
            return None;
        }
        self.list.pop()
    }

    pub fn iter(&self) -> impl Iterator<Item = &HeldLock> {
        self.list.iter()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
