//! How long values and rows may be where.

use common::{Error, err, sqlstate};

/// A longer value goes to an overflow chain.
pub const OVERFLOW_BYTES: usize = 2048;
/// As long as a row's values take more than this of a leaf's heap, the longest goes to an overflow
/// chain: four rows fit a page.
pub const ROW_HEAP_BYTES: usize = 3500;
/// The longest row without what is in overflow chains (PostgreSQL's `MaxHeapTupleSize`).
pub const ROW_BYTES_MAX: usize = 8160;

/// PostgreSQL's error for a row that fits no page.
pub fn row_too_big(size: usize) -> Error {
    err!(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        "row is too big: size {size}, maximum size {ROW_BYTES_MAX}"
    )
}
