//! What an allowance is: how much a client may take, and what it has taken.
//!
//! Owns no state but what it is handed. Invariants: the state of a client that has taken nothing for
//! long enough is the same as that of one who never came ([`Terms::fresh_at`] says when), so it may be
//! forgotten; a refusal takes nothing; whoever asks for more than could ever be there gets it once all
//! is there, and goes into debt for the rest.
//!
//! Buckets are kept as the generic cell rate algorithm (ITU-T I.371): one moment, that at which the
//! bucket is full again. The sliding window is that of two counters (Cloudflare, "Counting things",
//! 2017): what the window before took counts by the part of it that still lies within reach, as if it
//! had come evenly. It never lets in more than the allowance plus what an uneven window hides, at most
//! the allowance once over, in practice some parts in a thousand.

/// A moment at which a bucket is full is kept in parts of a nanosecond: 2^-32.
const FRACTION_BITS: u32 = 32;
/// [`Terms`] of adaptive rules slow down by this many parts of 2^16.
pub const SLOWNESS_ONE: u32 = 1 << 16;

/// How an allowance comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Steadily, up to `burst`; what is there may be taken at once.
    TokenBucket,
    /// As the token bucket, but where the rule says no burst, one at a time.
    LeakyBucket,
    /// All of it, one window after the first taking.
    FixedWindow,
    /// As what was taken leaves the window behind now.
    SlidingWindow,
    /// A token bucket that fills more slowly while the server is slow.
    Adaptive,
}

impl Algorithm {
    pub const ALL: [(&'static str, Self); 5] = [
        ("token_bucket", Self::TokenBucket),
        ("leaky_bucket", Self::LeakyBucket),
        ("fixed_window", Self::FixedWindow),
        ("sliding_window", Self::SlidingWindow),
        ("adaptive", Self::Adaptive),
    ];

    pub fn is_bucket(self) -> bool {
        !matches!(self, Self::FixedWindow | Self::SlidingWindow)
    }
}

/// What a client has taken. All zeros: nothing. Of buckets `a` and `b` are the moment at which the
/// bucket is full again, whole nanoseconds and 2^-32 parts; of windows `a` is the window's begin plus
/// 1, `b` what it took, `c` what the one before took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    a: u64,
    b: u64,
    c: u64,
}

impl State {
    pub const ZERO: Self = Self { a: 0, b: 0, c: 0 };
}

/// An answer, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub allowed: bool,
    /// What is left.
    pub remaining: u64,
    /// Until all is there again.
    pub reset_ns: u64,
    /// Until what was refused may be had; 0 where it was allowed.
    pub retry_ns: u64,
}

/// The sizes of an allowance.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub algorithm: Algorithm,
    /// Units a window, at least 1.
    pub limit: u64,
    pub window_ns: u64,
    /// The most that a bucket holds, at least 1; of windows the limit.
    pub burst: u64,
    /// What one unit takes to come back, in 2^-32 ns.
    interval: u128,
}

/// The ranges within which no arithmetic below overflows.
pub const LIMIT_MAX: u64 = 1 << 40;
pub const WINDOW_SECS_MAX: u64 = 366 * 24 * 3600;
/// What one request may cost at most; more counts as this.
pub const COST_MAX: u64 = 1 << 40;

fn parts(ns: u64) -> u128 {
    u128::from(ns) << FRACTION_BITS
}

fn whole(parts: u128) -> u64 {
    parts
        .div_ceil(1 << FRACTION_BITS)
        .try_into()
        .unwrap_or(u64::MAX)
}

impl Terms {
    /// `limit` units in `window_secs`; both and `burst` within their ranges.
    pub fn new(algorithm: Algorithm, limit: u64, window_secs: u64, burst: Option<u64>) -> Self {
        let limit = limit.clamp(1, LIMIT_MAX);
        let window_ns = window_secs.clamp(1, WINDOW_SECS_MAX) * 1_000_000_000;
        let burst = match algorithm {
            Algorithm::FixedWindow | Algorithm::SlidingWindow => limit,
            Algorithm::LeakyBucket => burst.unwrap_or(1).clamp(1, LIMIT_MAX),
            _ => burst.unwrap_or(limit).clamp(1, LIMIT_MAX),
        };
        Self {
            algorithm,
            limit,
            window_ns,
            burst,
            interval: (parts(window_ns) / u128::from(limit)).max(1),
        }
    }

    /// Takes `cost` where it may be had. `slowness` is that of adaptive rules, at least
    /// [`SLOWNESS_ONE`]. A cost of 0 asks whether one unit is there.
    #[inline]
    pub fn take(&self, state: &mut State, cost: u64, now_ns: u64, slowness: u32) -> Taken {
        let cost = cost.min(COST_MAX);
        match self.algorithm {
            Algorithm::FixedWindow => self.take_fixed(state, cost, now_ns),
            Algorithm::SlidingWindow => self.take_sliding(state, cost, now_ns),
            _ => self.take_bucket(state, cost, now_ns, slowness),
        }
    }

    /// Takes `cost` whether it may be had or not.
    pub fn charge(&self, state: &mut State, cost: u64, now_ns: u64, slowness: u32) {
        let cost = cost.min(COST_MAX);
        if self.algorithm.is_bucket() {
            let full = full_at(state).max(parts(now_ns));
            set_full_at(state, full + self.interval_at(slowness) * u128::from(cost));
        } else {
            self.turn(state, now_ns);
            state.b = state.b.saturating_add(cost);
        }
    }

    /// Gives back what was taken and not used.
    pub fn refund(&self, state: &mut State, cost: u64, slowness: u32) {
        let cost = cost.min(COST_MAX);
        if self.algorithm.is_bucket() {
            let back = self.interval_at(slowness) * u128::from(cost);
            set_full_at(state, full_at(state).saturating_sub(back));
        } else {
            state.b = state.b.saturating_sub(cost);
        }
    }

    /// From when on the state says the same as that of a new client.
    #[inline]
    pub fn fresh_at(&self, state: &State) -> u64 {
        match self.algorithm {
            Algorithm::FixedWindow if state.b == 0 => 0,
            Algorithm::FixedWindow => state.a.saturating_add(self.window_ns),
            Algorithm::SlidingWindow if state.b > 0 => state.a.saturating_add(2 * self.window_ns),
            Algorithm::SlidingWindow if state.c > 0 => state.a.saturating_add(self.window_ns),
            Algorithm::SlidingWindow => 0,
            _ => whole(full_at(state)),
        }
    }

    fn interval_at(&self, slowness: u32) -> u128 {
        match self.algorithm {
            Algorithm::Adaptive => (self.interval * u128::from(slowness)) >> 16,
            _ => self.interval,
        }
    }

    #[inline]
    fn take_bucket(&self, state: &mut State, cost: u64, now_ns: u64, slowness: u32) -> Taken {
        let now = parts(now_ns);
        let interval = self.interval_at(slowness);
        let room = interval * u128::from(self.burst);
        let mut used = full_at(state).saturating_sub(now);
        let need = interval * u128::from(cost.clamp(1, self.burst));
        let allowed = used + need <= room;
        let retry_ns = if allowed {
            used += interval * u128::from(cost);
            set_full_at(state, now + used);
            0
        } else {
            whole(used + need - room)
        };
        // A double holds what is left to far less than one unit.
        let left = room.saturating_sub(used) as f64 / interval as f64;
        Taken {
            allowed,
            remaining: (left + 1e-6) as u64,
            reset_ns: whole(used),
            retry_ns,
        }
    }

    fn take_fixed(&self, state: &mut State, cost: u64, now_ns: u64) -> Taken {
        self.turn(state, now_ns);
        let reset_ns = (state.a - 1 + self.window_ns).saturating_sub(now_ns);
        let need = cost.clamp(1, self.limit);
        let allowed = state.b + need <= self.limit;
        if allowed {
            state.b += cost;
        }
        Taken {
            allowed,
            remaining: self.limit.saturating_sub(state.b),
            reset_ns,
            retry_ns: if allowed { 0 } else { reset_ns.max(1) },
        }
    }

    fn take_sliding(&self, state: &mut State, cost: u64, now_ns: u64) -> Taken {
        self.turn(state, now_ns);
        let elapsed = now_ns - (state.a - 1);
        let ahead = self.window_ns - elapsed;
        let before = self.share(state.c, ahead);
        let need = cost.clamp(1, self.limit);
        let allowed = before + state.b + need <= self.limit;
        let mut retry_ns = 0;
        if allowed {
            state.b += cost;
        } else {
            retry_ns = self.sliding_retry(state, need, ahead);
        }
        let reset_ns = match (state.b, state.c) {
            (0, 0) => 0,
            (0, _) => ahead,
            _ => ahead + self.window_ns,
        };
        Taken {
            allowed,
            remaining: self.limit.saturating_sub(before + state.b),
            reset_ns,
            retry_ns,
        }
    }

    /// The part of `count` that the last `ahead` of its window stand for, rounded up.
    fn share(&self, count: u64, ahead: u64) -> u64 {
        (u128::from(count) * u128::from(ahead)).div_ceil(u128::from(self.window_ns)) as u64
    }

    /// Until `need` is there, if nothing else is taken.
    fn sliding_retry(&self, state: &State, need: u64, ahead: u64) -> u64 {
        let until = |room: u64, count: u64| {
            // Of a count, `room` may be left when so much of its window lies behind.
            let window = u128::from(self.window_ns);
            (window - (window * u128::from(room) / u128::from(count.max(1))).min(window)) as u64
        };
        let elapsed = self.window_ns - ahead;
        match self.limit.checked_sub(state.b + need) {
            Some(room) => until(room, state.c).saturating_sub(elapsed).max(1),
            None => ahead + until(self.limit - need, state.b).max(1),
        }
    }

    /// Begins the window that `now_ns` lies in.
    fn turn(&self, state: &mut State, now_ns: u64) {
        let passed = match state.a {
            0 => u64::MAX,
            begin => now_ns.saturating_sub(begin - 1) / self.window_ns,
        };
        match (passed, self.algorithm) {
            (0, _) => {}
            (1, Algorithm::SlidingWindow) => {
                *state = State {
                    a: state.a + self.window_ns,
                    b: 0,
                    c: state.b,
                };
            }
            _ => {
                *state = State {
                    a: now_ns + 1,
                    b: 0,
                    c: 0,
                };
            }
        }
        // Two threads read the clock before they come here, in whatever order.
        state.a = state.a.min(now_ns + 1);
    }
}

#[inline]
fn full_at(state: &State) -> u128 {
    u128::from(state.a) << FRACTION_BITS | u128::from(state.b)
}

#[inline]
fn set_full_at(state: &mut State, at: u128) {
    state.a = (at >> FRACTION_BITS).try_into().unwrap_or(u64::MAX);
    state.b = at as u32 as u64;
}

#[cfg(test)]
#[path = "algorithm_tests.rs"]
mod tests;
