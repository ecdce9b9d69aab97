//! Sorting that can be stopped.
//!
//! A sort of the standard library cannot be left half way. This one deals the items out into buckets
//! between splitters from a sample (Frazer and McKellar, "Samplesort", 1970), until a bucket sorts in
//! a few milliseconds at most, and asks between the steps whether to go on. Buckets that fit the cache
//! also make it faster than one sort of everything.

use std::cmp::Ordering;

use common::Result;

/// Items that are sorted in one go: some milliseconds where each comparison misses the cache twice.
const RUN_ITEMS: usize = 2 * 1024;
/// Buckets of one dealing: their numbers fit a byte.
const BUCKETS_MAX: usize = 256;
/// Sampled items a bucket.
const OVERSAMPLING: usize = 8;
/// After so many dealings a bucket is sorted in one go, whatever its size: items that the order does
/// not tell apart cannot be dealt out.
const DEPTH_MAX: u32 = 6;
/// Items that are looked at between two polls.
const POLL_ITEMS: usize = 4 * 1024;

/// Sorts `items`; `order` is total, and equal items come out in any order. `poll` is called at least
/// once every [`POLL_ITEMS`] steps, and its error ends the sort: `items` are then in any order.
pub fn sample_sort<T: Copy>(
    items: &mut [T],
    order: &impl Fn(&T, &T) -> Ordering,
    poll: &mut impl FnMut() -> Result<()>,
) -> Result<()> {
    let mut sort = SampleSort {
        order,
        poll,
        spare: Vec::new(),
        numbers: Vec::new(),
    };
    sort.run(items, 0)
}

struct SampleSort<'s, T, O, P> {
    order: &'s O,
    poll: &'s mut P,
    /// Where items go while they are dealt out.
    spare: Vec<T>,
    /// The bucket of each item.
    numbers: Vec<u8>,
}

impl<T: Copy, O: Fn(&T, &T) -> Ordering, P: FnMut() -> Result<()>> SampleSort<'_, T, O, P> {
    fn run(&mut self, items: &mut [T], depth: u32) -> Result<()> {
        (self.poll)()?;
        if items.len() <= RUN_ITEMS || depth == DEPTH_MAX {
            items.sort_unstable_by(self.order);
            return Ok(());
        }
        let splitters = self.splitters(items);
        let ends = self.deal(items, &splitters)?;
        let mut start = 0;
        for end in ends {
            // Items that did not part are told apart by little: one go over them is short.
            let depth = match end - start == items.len() {
                true => DEPTH_MAX,
                false => depth + 1,
            };
            self.run(&mut items[start..end], depth)?;
            start = end;
        }
        Ok(())
    }

    /// The items that part the buckets, in order.
    fn splitters(&self, items: &[T]) -> Vec<T> {
        let buckets = (2 * items.len() / RUN_ITEMS).clamp(2, BUCKETS_MAX);
        let wanted = buckets * OVERSAMPLING;
        // A step that shares no pattern with the items: multiples of the golden ratio.
        let place = |at: usize| {
            let spread = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((u128::from(spread) * items.len() as u128) >> 64) as usize
        };
        let mut sample: Vec<T> = (0..wanted).map(|at| items[place(at)]).collect();
        sample.sort_unstable_by(self.order);
        (1..buckets).map(|at| sample[at * OVERSAMPLING]).collect()
    }

    /// Puts the items into their buckets; the end of each.
    fn deal(&mut self, items: &mut [T], splitters: &[T]) -> Result<Vec<usize>> {
        let mut counts = vec![0; splitters.len() + 1];
        self.numbers.clear();
        self.spare.clear();
        for part in items.chunks(POLL_ITEMS) {
            (self.poll)()?;
            for item in part {
                let number = splitters.partition_point(|s| (self.order)(s, item).is_le());
                counts[number] += 1;
                self.numbers.push(number as u8);
            }
            self.spare.extend_from_slice(part);
        }
        let mut places = Vec::with_capacity(counts.len());
        let mut start = 0;
        for count in &counts {
            places.push(start);
            start += count;
        }
        let numbered = self.numbers.chunks(POLL_ITEMS);
        for (numbers, part) in numbered.zip(self.spare.chunks(POLL_ITEMS)) {
            (self.poll)()?;
            for (number, item) in numbers.iter().zip(part) {
                let place = &mut places[usize::from(*number)];
                items[*place] = *item;
                *place += 1;
            }
        }
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use common::{Error, sqlstate};

    use super::*;

    fn patterns(len: u64) -> Vec<Vec<u64>> {
        let random = |at: u64| {
            at.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .rotate_left(17)
                .wrapping_mul(at)
        };
        vec![
            (0..len).collect(),
            (0..len).rev().collect(),
            (0..len).map(random).collect(),
            (0..len).map(|at| at % 3).collect(),
            (0..len).map(|at| at % 20_011).collect(),
            (0..len)
                .map(|at| if at % 64 == 0 { at } else { 7 })
                .collect(),
            vec![1; len as usize],
        ]
    }

    #[test]
    fn it_sorts() {
        for len in [0, 1, 100, RUN_ITEMS + 1, 300_000] {
            for mut items in patterns(len as u64) {
                let mut expected = items.clone();
                expected.sort_unstable();
                sample_sort(&mut items, &u64::cmp, &mut || Ok(())).unwrap();
                assert!(items == expected);
            }
        }
    }

    #[test]
    fn it_stops_within_a_bounded_number_of_steps() {
        for items in patterns(200_000) {
            for stop in [1, 2, 20, 50] {
                let mut items = items.clone();
                let (mut polls, steps) = (0, std::cell::Cell::new(0u64));
                let mut last = 0;
                let order = |a: &u64, b: &u64| {
                    steps.set(steps.get() + 1);
                    a.cmp(b)
                };
                let mut poll = || {
                    let since = steps.get() - last;
                    assert!(since < 30 * POLL_ITEMS as u64, "{since} comparisons");
                    last = steps.get();
                    polls += 1;
                    match polls == stop {
                        true => Err(Error::new(sqlstate::QUERY_CANCELED, "stop")),
                        false => Ok(()),
                    }
                };
                let result = sample_sort(&mut items, &order, &mut poll);
                assert_eq!(result.is_err(), polls == stop);
            }
        }
    }
}
