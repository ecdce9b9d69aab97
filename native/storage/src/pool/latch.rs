//! A frame's latch: one 64-bit word with a version, an exclusive bit, a waiters bit and the count of
//! shared holders.
//!
//! The version rises with every release of an exclusive latch that changed the page and never goes
//! back, whichever page the frame holds: an optimistic reader that finds the version it started
//! with has read one state of one page (optimistic lock coupling, Leis et al. 2019). Waiting is a
//! short spin, then parking on a stripe of the pool. A thread must not take a latch that it holds.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use common::rt;

use crate::options::Wait;

const SHARED: u64 = (1 << 15) - 1;
const WAITERS: u64 = 1 << 15;
const EXCLUSIVE: u64 = 1 << 16;
const STATE: u64 = (1 << 17) - 1;
/// About 2 us: longer, and the holder is off the CPU.
const SPINS: u32 = 100;

/// Where threads sleep that wait for one of the latches of a stripe, or for a page being read.
#[derive(Debug, Default)]
pub struct Stripe {
    mutex: rt::Mutex<()>,
    wake: rt::Condvar,
}

impl Stripe {
    /// Sleeps while `is_waiting`, which is evaluated under the stripe's mutex.
    pub fn wait_while(&self, mut is_waiting: impl FnMut() -> bool) {
        let mut guard = self.mutex.lock();
        while is_waiting() {
            self.wake.wait(&mut guard);
        }
    }

    /// Wakes all; what they look at must have changed before.
    pub fn notify(&self) {
        drop(self.mutex.lock());
        self.wake.notify_all();
    }
}

#[derive(Debug, Default)]
pub struct Latch(AtomicU64);

impl Latch {
    /// The version to validate with; None while a writer holds the latch.
    #[inline]
    pub fn version(&self) -> Option<u64> {
        let now = self.0.load(Ordering::Acquire);
        (now & EXCLUSIVE == 0).then_some(now & !STATE)
    }

    /// Whether no writer held the latch since [`Latch::version`] answered `version`.
    #[inline]
    pub fn is_unchanged(&self, version: u64) -> bool {
        fence(Ordering::Acquire);
        let now = self.0.load(Ordering::Relaxed);
        now & !(SHARED | WAITERS) == version
    }

    /// The version under the exclusive latch that the caller holds.
    #[inline]
    pub fn version_held(&self) -> u64 {
        self.0.load(Ordering::Relaxed) & !STATE
    }

    #[inline]
    pub fn is_free(&self) -> bool {
        self.0.load(Ordering::Relaxed) & (SHARED | EXCLUSIVE) == 0
    }

    #[inline]
    pub fn try_exclusive(&self) -> bool {
        let now = self.0.load(Ordering::Relaxed);
        let taken = now & (SHARED | EXCLUSIVE) == 0
            && self
                .0
                .compare_exchange(now, now | EXCLUSIVE, Ordering::Acquire, Ordering::Relaxed)
                .is_ok();
        // The page's bytes must not change before the bit shows.
        fence(Ordering::Release);
        taken
    }

    #[inline]
    pub fn try_shared(&self) -> bool {
        let now = self.0.load(Ordering::Relaxed);
        now & (EXCLUSIVE | WAITERS) == 0
            && self
                .0
                .compare_exchange(now, now + 1, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// False only with [`Wait::NoWait`].
    #[inline]
    #[must_use]
    pub fn lock_exclusive(&self, wait: Wait, stripe: &Stripe) -> bool {
        self.try_exclusive() || self.lock_exclusive_slow(wait, stripe)
    }

    /// False only with [`Wait::NoWait`].
    #[inline]
    #[must_use]
    pub fn lock_shared(&self, wait: Wait, stripe: &Stripe) -> bool {
        self.try_shared() || self.lock_shared_slow(wait, stripe)
    }

    #[cold]
    fn lock_exclusive_slow(&self, wait: Wait, stripe: &Stripe) -> bool {
        if spin(|| self.try_exclusive()) {
            return true;
        }
        if wait == Wait::NoWait {
            return false;
        }
        self.park(stripe, SHARED | EXCLUSIVE, EXCLUSIVE);
        fence(Ordering::Release);
        true
    }

    #[cold]
    fn lock_shared_slow(&self, wait: Wait, stripe: &Stripe) -> bool {
        // While spinning readers let a waiting writer pass; after that they do not, so that no cycle
        // of readers and writers can stop everything.
        if spin(|| self.try_shared()) {
            return true;
        }
        if wait == Wait::NoWait {
            return self.try_acquire(EXCLUSIVE, 1);
        }
        self.park(stripe, EXCLUSIVE, 1);
        true
    }

    /// Adds `add` if none of `blockers` is set.
    fn try_acquire(&self, blockers: u64, add: u64) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        while now & blockers == 0 {
            match self
                .0
                .compare_exchange_weak(now, now + add, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(seen) => now = seen,
            }
        }
        false
    }

    fn park(&self, stripe: &Stripe, blockers: u64, add: u64) {
        stripe.wait_while(|| {
            loop {
                if self.try_acquire(blockers, add) {
                    return false;
                }
                let now = self.0.load(Ordering::Relaxed);
                if now & blockers == 0 {
                    continue;
                }
                // With the bit set before the holder leaves, the holder takes the stripe's mutex,
                // which is ours until we sleep: no wake-up is lost.
                if now & WAITERS != 0
                    || self
                        .0
                        .compare_exchange(now, now | WAITERS, Ordering::Relaxed, Ordering::Relaxed)
                        .is_ok()
                {
                    return true;
                }
            }
        });
    }

    /// Releases the exclusive latch; the page changed.
    #[inline]
    pub fn unlock_exclusive(&self, stripe: &Stripe) {
        // Adding to the exclusive bit clears it and carries into the version.
        let old = self.0.fetch_add(EXCLUSIVE, Ordering::Release);
        debug_assert!(old & EXCLUSIVE != 0, "released a latch that was not held");
        if old & WAITERS != 0 {
            self.wake(stripe);
        }
    }

    /// Releases the exclusive latch; the page did not change and optimistic readers stay valid.
    #[inline]
    pub fn unlock_exclusive_unchanged(&self, stripe: &Stripe) {
        let old = self.0.fetch_sub(EXCLUSIVE, Ordering::Release);
        debug_assert!(old & EXCLUSIVE != 0, "released a latch that was not held");
        if old & WAITERS != 0 {
            self.wake(stripe);
        }
    }

    #[inline]
    pub fn unlock_shared(&self, stripe: &Stripe) {
        let old = self.0.fetch_sub(1, Ordering::Release);
        debug_assert!(old & SHARED != 0, "released a latch that was not held");
        if old & WAITERS != 0 && old & SHARED == 1 {
            self.wake(stripe);
        }
    }

    #[cold]
    fn wake(&self, stripe: &Stripe) {
        self.0.fetch_and(!WAITERS, Ordering::Relaxed);
        stripe.notify();
    }
}

fn spin(mut attempt: impl FnMut() -> bool) -> bool {
    if rt::is_simulated() {
        return (0..4).any(|_| {
            rt::switch();
            attempt()
        });
    }
    (0..SPINS).any(|_| {
        std::hint::spin_loop();
        attempt()
    })
}

#[cfg(test)]
mod tests {
    use std::cell::UnsafeCell;

    use super::*;

    struct Shared {
        latch: Latch,
        stripe: Stripe,
        cells: UnsafeCell<[u64; 8]>,
        readers: AtomicU64,
    }

    // SAFETY: `cells` is only touched under `latch`.
    unsafe impl Sync for Shared {}

    impl Shared {
        /// Under the exclusive latch.
        fn count(&self) {
            // SAFETY: the exclusive latch is held.
            unsafe { (*self.cells.get()).iter_mut().for_each(|cell| *cell += 1) };
        }

        /// Under the shared latch.
        fn look(&self) -> [u64; 8] {
            // SAFETY: the shared latch is held.
            unsafe { *self.cells.get() }
        }
    }

    #[test]
    fn the_version_moves_with_changes_only() {
        let (latch, stripe) = (Latch::default(), Stripe::default());
        let version = latch.version().expect("free");
        assert!(latch.try_shared() && latch.try_shared());
        assert!(latch.is_unchanged(version) && !latch.try_exclusive());
        latch.unlock_shared(&stripe);
        latch.unlock_shared(&stripe);
        assert!(latch.try_exclusive() && latch.version().is_none());
        assert!(!latch.is_unchanged(version) && !latch.try_shared());
        assert_eq!(latch.version_held(), version);
        latch.unlock_exclusive_unchanged(&stripe);
        assert!(latch.is_unchanged(version));
        assert!(latch.try_exclusive());
        latch.unlock_exclusive(&stripe);
        assert!(!latch.is_unchanged(version));
        assert!(latch.version().expect("free") > version);
    }

    #[test]
    fn nowait_gives_up() {
        let (latch, stripe) = (Latch::default(), Stripe::default());
        assert!(latch.lock_shared(Wait::NoWait, &stripe));
        assert!(!latch.lock_exclusive(Wait::NoWait, &stripe));
        latch.unlock_shared(&stripe);
        assert!(latch.lock_exclusive(Wait::NoWait, &stripe));
        assert!(!latch.lock_shared(Wait::NoWait, &stripe));
    }

    #[test]
    fn writers_exclude_everybody_and_nobody_sleeps_for_ever() {
        let shared = Shared {
            latch: Latch::default(),
            stripe: Stripe::default(),
            cells: UnsafeCell::new([0; 8]),
            readers: AtomicU64::new(0),
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        assert!(shared.latch.lock_exclusive(Wait::Block, &shared.stripe));
                        assert_eq!(shared.readers.load(Ordering::SeqCst), 0);
                        shared.count();
                        shared.latch.unlock_exclusive(&shared.stripe);
                    }
                });
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        assert!(shared.latch.lock_shared(Wait::Block, &shared.stripe));
                        shared.readers.fetch_add(1, Ordering::SeqCst);
                        let cells = shared.look();
                        assert!(cells.iter().all(|cell| *cell == cells[0]));
                        shared.readers.fetch_sub(1, Ordering::SeqCst);
                        shared.latch.unlock_shared(&shared.stripe);
                    }
                });
            }
        });
        assert_eq!(shared.look()[0], 80_000);
        assert!(shared.latch.is_free());
    }
}
