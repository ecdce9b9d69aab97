//! The C interface of `cpp/rustydb_simd.h`, field by field.

use std::ffi::c_int;

#[repr(C)]
pub struct Sum128 {
    pub low: u64,
    pub high: i64,
}

type CompareConstant<T> =
    unsafe extern "C" fn(op: c_int, values: *const T, len: usize, constant: T, out: *mut u64);
type CompareColumns<T> =
    unsafe extern "C" fn(op: c_int, left: *const T, right: *const T, len: usize, out: *mut u64);
type Sum<T, R> = unsafe extern "C" fn(values: *const T, len: usize, mask: *const u64) -> R;
type Extreme<T> =
    unsafe extern "C" fn(values: *const T, len: usize, mask: *const u64, out: *mut T) -> c_int;
type Combine = unsafe extern "C" fn(into: *mut u64, other: *const u64, words: usize);

#[repr(C)]
pub struct Table {
    pub compare_i16: CompareConstant<i16>,
    pub compare_i32: CompareConstant<i32>,
    pub compare_i64: CompareConstant<i64>,
    pub compare_f32: CompareConstant<f32>,
    pub compare_f64: CompareConstant<f64>,
    pub compare_columns_i32: CompareColumns<i32>,
    pub compare_columns_i64: CompareColumns<i64>,
    pub compare_columns_f64: CompareColumns<f64>,
    pub sum_i16: Sum<i16, i64>,
    pub sum_i32: Sum<i32, i64>,
    pub sum_i64: Sum<i64, Sum128>,
    pub min_i32: Extreme<i32>,
    pub max_i32: Extreme<i32>,
    pub min_i64: Extreme<i64>,
    pub max_i64: Extreme<i64>,
    pub bitmap_and: Combine,
    pub bitmap_or: Combine,
    pub bitmap_and_not: Combine,
    pub bitmap_count: unsafe extern "C" fn(bitmap: *const u64, words: usize) -> usize,
    pub bitmap_positions:
        unsafe extern "C" fn(bitmap: *const u64, words: usize, out: *mut u32) -> usize,
    pub find_bytes:
        unsafe extern "C" fn(bytes: *const u8, len: usize, set: *const u8, out: *mut u64),
}

unsafe extern "C" {
    pub fn rdb_best_level(cap: c_int) -> c_int;
    pub fn rdb_kernels_of(level: c_int) -> *const Table;
}
