//! Eviction policies behind one trait.

mod arc;
mod clock;
mod ghost;
mod lists;
mod lru_k;
mod policy;
mod s3_fifo;
mod two_q;

pub use policy::{EvictionPolicy, PolicyKind};

/// Makes a policy for up to `frames` frames.
pub fn new_policy(kind: PolicyKind, frames: usize) -> Box<dyn EvictionPolicy> {
    match kind {
        PolicyKind::S3Fifo => Box::new(s3_fifo::S3Fifo::new(frames)),
        PolicyKind::Clock => Box::new(clock::Clock::new(frames, false)),
        PolicyKind::Lru => Box::new(clock::Clock::new(frames, true)),
        PolicyKind::LruK => Box::new(lru_k::LruK::new(frames)),
        PolicyKind::Arc => Box::new(arc::Arc::new(frames)),
        PolicyKind::TwoQ => Box::new(two_q::TwoQ::new(frames)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::frame::Frame;
    use super::*;

    const KINDS: [PolicyKind; 6] = [
        PolicyKind::S3Fifo,
        PolicyKind::Clock,
        PolicyKind::Lru,
        PolicyKind::LruK,
        PolicyKind::Arc,
        PolicyKind::TwoQ,
    ];

    /// A pool without bytes.
    struct Pool {
        frames: Box<[Frame]>,
        policy: Box<dyn EvictionPolicy>,
        used: usize,
        hits: u64,
    }

    impl Pool {
        fn new(kind: PolicyKind, frames: usize) -> Self {
            // SAFETY: all fields are atomics of integers.
            let frames_zeroed = unsafe { Box::<[Frame]>::new_zeroed_slice(frames).assume_init() };
            Self {
                frames: frames_zeroed,
                policy: new_policy(kind, frames),
                used: 0,
                hits: 0,
            }
        }

        fn access(&mut self, page: u64) {
            let used = &self.frames[..self.used];
            let holder = used.iter().find(|f| f.page.load(Ordering::Relaxed) == page);
            if let Some(frame) = holder {
                frame.touch();
                self.hits += 1;
                return;
            }
            let frame = if self.used < self.frames.len() {
                self.used += 1;
                self.used as u32 - 1
            } else {
                let victim = self.policy.victim(&self.frames, &mut |_| true);
                victim.expect("every frame may go")
            };
            let state = &self.frames[frame as usize];
            state.page.store(page, Ordering::Relaxed);
            state.usage.store(1, Ordering::Relaxed);
            self.policy.admit(frame, page);
        }
    }

    #[test]
    fn no_frame_is_lost_and_none_comes_up_twice() {
        for kind in KINDS {
            let mut pool = Pool::new(kind, 50);
            for n in 0..2000 {
                pool.access(n * 7919 % 130);
            }
            let mut left: Vec<u32> = Vec::new();
            while let Some(frame) = pool.policy.victim(&pool.frames, &mut |_| true) {
                assert!(!left.contains(&frame), "{kind:?} gives frame {frame} twice");
                left.push(frame);
            }
            assert_eq!(left.len(), 50, "{kind:?} lost frames");
        }
    }

    #[test]
    fn the_one_frame_that_may_go_is_found() {
        for kind in KINDS {
            for only in [0, 7, 49] {
                let mut pool = Pool::new(kind, 50);
                for n in 0..500 {
                    pool.access(n % 60);
                    pool.access(n % 5);
                }
                let refused = AtomicU64::new(0);
                let mut take = |frame| {
                    refused.fetch_add(1, Ordering::Relaxed);
                    frame == only
                };
                let found = pool.policy.victim(&pool.frames, &mut take);
                assert_eq!(found, Some(only), "{kind:?}");
                assert_eq!(pool.policy.victim(&pool.frames, &mut |_| false), None);
            }
        }
    }

    #[test]
    fn forgotten_frames_never_come_up() {
        for kind in KINDS {
            let mut pool = Pool::new(kind, 20);
            (0..20).for_each(|page| pool.access(page));
            (0..10).for_each(|frame| pool.policy.forget(frame));
            pool.policy.forget(3);
            for _ in 0..10 {
                let victim = pool.policy.victim(&pool.frames, &mut |_| true);
                assert!(victim.is_some_and(|frame| frame >= 10), "{kind:?}");
            }
            assert_eq!(pool.policy.victim(&pool.frames, &mut |_| true), None);
        }
    }

    /// Hits of a small hot set while a long scan passes.
    fn hot_hits_beside_a_scan(kind: PolicyKind) -> u64 {
        let mut pool = Pool::new(kind, 100);
        for round in 0..40 {
            (0..40).for_each(|page| pool.access(page));
            // Its ends overlap with nothing: every page of it is used once.
            (0..20).for_each(|n| pool.access(10_000 + round * 20 + n));
        }
        let before = pool.hits;
        for scanned in 0..3000 {
            pool.access(1_000_000 + scanned);
            if scanned % 10 == 0 {
                pool.access(scanned / 10 % 40);
            }
        }
        pool.hits - before
    }

    #[test]
    fn the_default_resists_scans() {
        let of = |kind| hot_hits_beside_a_scan(kind);
        assert!(
            of(PolicyKind::default()) >= 295,
            "{}",
            of(PolicyKind::default())
        );
        for kind in [PolicyKind::Arc, PolicyKind::LruK] {
            assert!(of(kind) > 250, "{kind:?}: {}", of(kind));
        }
        // The simple ones do not, which is why they are not the default.
        assert!(of(PolicyKind::Clock) < 250, "{}", of(PolicyKind::Clock));
    }
}
