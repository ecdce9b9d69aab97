//! Safe wrappers: lengths are checked here, so that the kernels need not.

use crate::ffi::{self, Table};
use crate::level::Level;

/// A comparison; the numbers are those of the C interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Eq = 0,
    Ne = 1,
    Lt = 2,
    Le = 3,
    Gt = 4,
    Ge = 5,
}

impl Compare {
    pub const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Lt, Self::Le, Self::Gt, Self::Ge];
}

/// Words of a bitmap over `len` values.
pub const fn words(len: usize) -> usize {
    len.div_ceil(64)
}

/// The kernels of one level.
pub struct Kernels {
    level: Level,
    table: &'static Table,
}

mod sealed {
    pub trait Sealed {}
}

/// The types that can be compared with a constant.
pub trait Number: sealed::Sealed + Copy {
    #[doc(hidden)]
    fn compare(table: &Table, op: Compare, values: &[Self], constant: Self, out: &mut [u64]);
}

macro_rules! number {
    ($type:ty, $field:ident) => {
        impl sealed::Sealed for $type {}
        impl Number for $type {
            fn compare(table: &Table, op: Compare, values: &[Self], c: Self, out: &mut [u64]) {
                assert!(out.len() >= words(values.len()), "the bitmap is too short");
                // SAFETY: the pointers are those of live slices, and `out` has a bit a value.
                unsafe {
                    (table.$field)(
                        op as i32,
                        values.as_ptr(),
                        values.len(),
                        c,
                        out.as_mut_ptr(),
                    );
                }
            }
        }
    };
}

number!(i16, compare_i16);
number!(i32, compare_i32);
number!(i64, compare_i64);
number!(f32, compare_f32);
number!(f64, compare_f64);

macro_rules! compare_columns {
    ($name:ident, $type:ty) => {
        /// Sets bit i of `out` to `left[i] op right[i]`. Panics when lengths do not fit.
        pub fn $name(&self, op: Compare, left: &[$type], right: &[$type], out: &mut [u64]) {
            assert_eq!(
                left.len(),
                right.len(),
                "columns of one batch have one length"
            );
            assert!(out.len() >= words(left.len()), "the bitmap is too short");
            // SAFETY: both slices have `left.len()` values and `out` a bit for each.
            unsafe {
                (self.table.$name)(
                    op as i32,
                    left.as_ptr(),
                    right.as_ptr(),
                    left.len(),
                    out.as_mut_ptr(),
                );
            }
        }
    };
}

macro_rules! sum {
    ($name:ident, $type:ty) => {
        /// The sum of the values whose bit is set; all without a mask. At most 2^31 values.
        pub fn $name(&self, values: &[$type], mask: Option<&[u64]>) -> i64 {
            // SAFETY: `mask_pointer` has checked that the mask covers the values.
            unsafe {
                (self.table.$name)(
                    values.as_ptr(),
                    values.len(),
                    mask_pointer(values.len(), mask),
                )
            }
        }
    };
}

macro_rules! extreme {
    ($name:ident, $type:ty) => {
        /// The extreme of the values whose bit is set (all without a mask); None without any.
        pub fn $name(&self, values: &[$type], mask: Option<&[u64]>) -> Option<$type> {
            let mut out = 0;
            // SAFETY: `mask_pointer` has checked that the mask covers the values.
            let found = unsafe {
                let mask = mask_pointer(values.len(), mask);
                (self.table.$name)(values.as_ptr(), values.len(), mask, &mut out)
            };
            (found != 0).then_some(out)
        }
    };
}

macro_rules! combine {
    ($name:ident) => {
        /// Combines two bitmaps of one length into the first.
        pub fn $name(&self, into: &mut [u64], other: &[u64]) {
            assert_eq!(
                into.len(),
                other.len(),
                "bitmaps of one batch have one length"
            );
            // SAFETY: both slices have `into.len()` words and do not overlap.
            unsafe { (self.table.$name)(into.as_mut_ptr(), other.as_ptr(), into.len()) }
        }
    };
}

impl Kernels {
    /// The kernels of the best available level up to `cap`.
    pub fn of(cap: Level) -> Self {
        let level = cap.available();
        // SAFETY: the level is one that the dispatcher allowed, so its table exists and is static.
        let table = unsafe { &*ffi::rdb_kernels_of(level as i32) };
        Self { level, table }
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// Sets bit i of `out` to `values[i] op constant`. Panics when `out` is too short.
    pub fn compare<T: Number>(&self, op: Compare, values: &[T], constant: T, out: &mut [u64]) {
        T::compare(self.table, op, values, constant, out);
    }

    compare_columns!(compare_columns_i32, i32);
    compare_columns!(compare_columns_i64, i64);
    compare_columns!(compare_columns_f64, f64);
    sum!(sum_i16, i16);
    sum!(sum_i32, i32);
    extreme!(min_i32, i32);
    extreme!(max_i32, i32);
    extreme!(min_i64, i64);
    extreme!(max_i64, i64);
    combine!(bitmap_and);
    combine!(bitmap_or);
    combine!(bitmap_and_not);

    /// The sum of the values whose bit is set; all without a mask. At most 2^31 values.
    pub fn sum_i64(&self, values: &[i64], mask: Option<&[u64]>) -> i128 {
        // SAFETY: `mask_pointer` has checked that the mask covers the values.
        let sum = unsafe {
            (self.table.sum_i64)(
                values.as_ptr(),
                values.len(),
                mask_pointer(values.len(), mask),
            )
        };
        i128::from(sum.high) << 64 | i128::from(sum.low)
    }

    pub fn bitmap_count(&self, bitmap: &[u64]) -> usize {
        // SAFETY: the pointer and length are those of a live slice.
        unsafe { (self.table.bitmap_count)(bitmap.as_ptr(), bitmap.len()) }
    }

    /// Replaces `out` by the positions of the set bits, ascending.
    pub fn bitmap_positions(&self, bitmap: &[u64], out: &mut Vec<u32>) {
        out.clear();
        out.reserve(self.bitmap_count(bitmap) + 8);
        // SAFETY: `out` has room for every set bit and 8 more; as many as returned were written.
        unsafe {
            let count =
                (self.table.bitmap_positions)(bitmap.as_ptr(), bitmap.len(), out.as_mut_ptr());
            out.set_len(count);
        }
    }

    /// Sets bit i of `out` where `bytes[i]` is one of the four of `set`, some of which may be equal.
    /// Panics when `out` is too short.
    pub fn find_bytes(&self, bytes: &[u8], set: &[u8; 4], out: &mut [u64]) {
        assert!(out.len() >= words(bytes.len()), "the bitmap is too short");
        // SAFETY: the pointers are those of live slices, `out` has a bit a byte, `set` four bytes.
        unsafe {
            (self.table.find_bytes)(bytes.as_ptr(), bytes.len(), set.as_ptr(), out.as_mut_ptr());
        }
    }
}

fn mask_pointer(len: usize, mask: Option<&[u64]>) -> *const u64 {
    match mask {
        Some(mask) => {
            assert!(mask.len() >= words(len), "the mask is too short");
            mask.as_ptr()
        }
        None => std::ptr::null(),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn levels() -> Vec<Kernels> {
        let all: Vec<_> = Level::ALL.into_iter().map(Kernels::of).collect();
        assert_eq!(all[0].level(), Level::Scalar);
        all
    }

    fn holds(op: Compare, order: Ordering) -> bool {
        match op {
            Compare::Eq => order.is_eq(),
            Compare::Ne => order.is_ne(),
            Compare::Lt => order.is_lt(),
            Compare::Le => order.is_le(),
            Compare::Gt => order.is_gt(),
            Compare::Ge => order.is_ge(),
        }
    }

    /// PostgreSQL's order of floats: NaN last and equal to itself.
    fn float_order(a: f64, b: f64) -> Ordering {
        a.partial_cmp(&b)
            .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    }

    fn bits(len: usize, bit: impl Fn(usize) -> bool) -> Vec<u64> {
        let mut out = vec![0; words(len)];
        (0..len)
            .filter(|i| bit(*i))
            .for_each(|i| out[i / 64] |= 1 << (i % 64));
        out
    }

    fn check<T: Number + std::fmt::Debug>(
        values: &[T],
        constant: T,
        order: impl Fn(T, T) -> Ordering,
    ) {
        for kernels in levels() {
            for op in Compare::ALL {
                let mut out = vec![!0; words(values.len())];
                kernels.compare(op, values, constant, &mut out);
                let want = bits(values.len(), |i| holds(op, order(values[i], constant)));
                assert_eq!(out, want, "{:?} {op:?} {constant:?}", kernels.level());
            }
        }
    }

    fn edge_f64() -> impl Strategy<Value = f64> {
        prop_oneof![
            3 => any::<f64>(),
            1 => prop::sample::select(vec![f64::NAN, -f64::NAN, 0.0, -0.0, f64::INFINITY, 1.0])
        ]
    }

    fn edge_i64() -> impl Strategy<Value = i64> {
        prop_oneof![2 => any::<i64>(), 1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1])]
    }

    proptest! {
        #[test]
        fn comparisons_agree_at_every_level(
            ints in prop::collection::vec(-3i64..4, 0..300),
            wide in prop::collection::vec(edge_i64(), 0..300),
            floats in prop::collection::vec(edge_f64(), 0..300),
            float in edge_f64(),
            at in 0usize..300,
        ) {
            let small: Vec<i16> = ints.iter().map(|v| *v as i16).collect();
            let middle: Vec<i32> = wide.iter().map(|v| *v as i32).collect();
            let narrow: Vec<f32> = floats.iter().map(|v| *v as f32).collect();
            check(&small, 1, |a, b| a.cmp(&b));
            check(&ints, 1, |a, b| a.cmp(&b));
            check(&middle, middle.get(at).copied().unwrap_or(0), |a, b| a.cmp(&b));
            check(&wide, wide.get(at).copied().unwrap_or(0), |a, b| a.cmp(&b));
            check(&floats, float, float_order);
            check(&narrow, float as f32, |a, b| float_order(a.into(), b.into()));
        }

        #[test]
        fn columns_agree_at_every_level(
            pairs in prop::collection::vec((edge_i64(), edge_i64(), edge_f64(), edge_f64()), 0..300),
        ) {
            let left: Vec<i64> = pairs.iter().map(|p| p.0).collect();
            let right: Vec<i64> = pairs.iter().map(|p| if p.1 % 2 == 0 { p.0 } else { p.1 }).collect();
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|p| (p.2, p.3)).unzip();
            let left32: Vec<i32> = left.iter().map(|v| *v as i32).collect();
            let right32: Vec<i32> = right.iter().map(|v| *v as i32).collect();
            for kernels in levels() {
                for op in Compare::ALL {
                    let mut out = vec![!0; words(left.len())];
                    kernels.compare_columns_i64(op, &left, &right, &mut out);
                    prop_assert_eq!(&out, &bits(left.len(), |i| holds(op, left[i].cmp(&right[i]))));
                    kernels.compare_columns_i32(op, &left32, &right32, &mut out);
                    let want = bits(left.len(), |i| holds(op, left32[i].cmp(&right32[i])));
                    prop_assert_eq!(&out, &want);
                    kernels.compare_columns_f64(op, &a, &b, &mut out);
                    prop_assert_eq!(&out, &bits(a.len(), |i| holds(op, float_order(a[i], b[i]))));
                }
            }
        }

        #[test]
        fn aggregates_agree_at_every_level(
            values in prop::collection::vec(edge_i64(), 0..300),
            seed in any::<u64>(),
            masked in any::<bool>(),
        ) {
            let small: Vec<i32> = values.iter().map(|v| *v as i32).collect();
            let tiny: Vec<i16> = values.iter().map(|v| *v as i16).collect();
            let chosen = |i: usize| !masked || seed.rotate_left(i as u32 * 7) & 1 == 1;
            let mask = bits(values.len(), chosen);
            let mask = masked.then_some(mask.as_slice());
            let picked = || values.iter().enumerate().filter(|(i, _)| chosen(*i)).map(|(_, v)| *v);
            for kernels in levels() {
                prop_assert_eq!(kernels.sum_i64(&values, mask), picked().map(i128::from).sum::<i128>());
                prop_assert_eq!(kernels.sum_i32(&small, mask), picked().map(|v| i64::from(v as i32)).sum::<i64>());
                prop_assert_eq!(kernels.sum_i16(&tiny, mask), picked().map(|v| i64::from(v as i16)).sum::<i64>());
                prop_assert_eq!(kernels.min_i64(&values, mask), picked().min());
                prop_assert_eq!(kernels.max_i64(&values, mask), picked().max());
                prop_assert_eq!(kernels.min_i32(&small, mask), picked().map(|v| v as i32).min());
                prop_assert_eq!(kernels.max_i32(&small, mask), picked().map(|v| v as i32).max());
            }
        }

        #[test]
        fn bytes_are_found_at_every_level(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..4], 0..300),
            set in prop_oneof![Just([0u8, 1, 2, 3]), any::<[u8; 4]>(), Just([3; 4])],
        ) {
            let want = bits(bytes.len(), |i| set.contains(&bytes[i]));
            for kernels in levels() {
                let mut out = vec![!0; words(bytes.len())];
                kernels.find_bytes(&bytes, &set, &mut out);
                prop_assert_eq!(&out, &want, "{:?}", kernels.level());
            }
        }

        #[test]
        fn bitmaps_agree_at_every_level(
            pairs in prop::collection::vec(
                (prop_oneof![any::<u64>(), Just(0), Just(!0)], any::<u64>()), 0..20),
        ) {
            let (a, b): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            for kernels in levels() {
                let (mut and, mut or, mut and_not) = (a.clone(), a.clone(), a.clone());
                kernels.bitmap_and(&mut and, &b);
                kernels.bitmap_or(&mut or, &b);
                kernels.bitmap_and_not(&mut and_not, &b);
                for (i, (a, b)) in pairs.iter().enumerate() {
                    prop_assert_eq!((and[i], or[i], and_not[i]), (a & b, a | b, a & !b));
                }
                let mut positions = Vec::new();
                kernels.bitmap_positions(&a, &mut positions);
                let want: Vec<u32> =
                    (0..a.len() as u32 * 64).filter(|i| a[*i as usize / 64] >> (i % 64) & 1 == 1).collect();
                prop_assert_eq!(kernels.bitmap_count(&a), want.len());
                prop_assert_eq!(positions, want);
            }
        }
    }
}
