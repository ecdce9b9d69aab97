//! SIMD kernels: comparisons and searches to bitmaps, sums, extremes, bitmap
//! arithmetic.
//!
//! The kernels are C++ (`cpp/`), one file a level, chosen once by what the processor has.
//! `RUSTYDB_SIMD=scalar|sse42|avx2|avx512` caps the choice. Every level gives the same bits.

mod ffi;
mod kernels;
mod level;

pub use kernels::{Compare, Kernels, Number, words};
pub use level::{Level, kernels};
