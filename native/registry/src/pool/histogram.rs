//! Counts of durations by size: quantiles without keeping each.

/// Four buckets a power of two, from 256 ns to about 4.9 hours.
const BUCKETS: usize = 4 * POWERS;
const POWERS: usize = 36;
const LEAST_BITS: u32 = 8;

/// Durations in nanoseconds; a quantile is at most 19 % above the true one.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u64; BUCKETS],
    count: u64,
    sum_ns: u64,
    max_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
            count: 0,
            sum_ns: 0,
            max_ns: 0,
        }
    }
}

fn bucket_of(ns: u64) -> usize {
    let bits = u64::BITS - ns.leading_zeros();
    if bits <= LEAST_BITS {
        return 0;
    }
    let quarter = (ns >> (bits - 3)) & 3;
    let bucket = 4 * (bits - LEAST_BITS - 1) as usize + quarter as usize + 1;
    bucket.min(BUCKETS - 1)
}

/// The largest duration of a bucket.
fn upper_ns(bucket: usize) -> u64 {
    let base = 1u64 << LEAST_BITS;
    let (power, quarter) = (bucket / 4, (bucket % 4) as u64);
    (base << power) + (base << power) / 4 * quarter - 1
}

impl Histogram {
    pub fn add(&mut self, ns: u64) {
        self.counts[bucket_of(ns)] += 1;
        self.count += 1;
        self.sum_ns = self.sum_ns.saturating_add(ns);
        self.max_ns = self.max_ns.max(ns);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn sum_ns(&self) -> u64 {
        self.sum_ns
    }

    pub fn max_ns(&self) -> u64 {
        self.max_ns
    }

    /// 0 where nothing was added.
    pub fn mean_ns(&self) -> u64 {
        self.sum_ns.checked_div(self.count).unwrap_or(0)
    }

    /// The duration that a part `quantile` (0 to 1) of all does not exceed; 0 where nothing was added.
    pub fn quantile_ns(&self, quantile: f64) -> u64 {
        let rank = (quantile.clamp(0.0, 1.0) * self.count as f64).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank.max(1) {
                return upper_ns(bucket).min(self.max_ns);
            }
        }
        self.max_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_in_the_bucket_that_bounds_it() {
        for shift in 0..42 {
            for ns in [1u64 << shift, (1 << shift) + 1, (3 << shift) - 1] {
                let bucket = bucket_of(ns);
                assert!(ns <= upper_ns(bucket), "{ns} in {bucket}");
                assert!(bucket == 0 || ns > upper_ns(bucket - 1), "{ns} in {bucket}");
            }
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_near() {
        let mut histogram = Histogram::default();
        (1..=1000).for_each(|at| histogram.add(at * 1000));
        for (quantile, exact) in [(0.5, 500_000.0), (0.99, 990_000.0), (1.0, 1_000_000.0)] {
            let found = histogram.quantile_ns(quantile) as f64;
            assert!(
                found >= exact && found <= exact * 1.25,
                "{quantile}: {found}"
            );
        }
        assert_eq!(histogram.mean_ns(), 500_500);
        assert_eq!(histogram.max_ns(), 1_000_000);
        assert_eq!(Histogram::default().quantile_ns(0.5), 0);
    }
}
