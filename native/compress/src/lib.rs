//! Compression of stored values.
//!
//! Safe wrappers that check every size: a damaged block is an error, never a panic, an overrun or an
//! allocation larger than the block can hold.

mod lz4;

pub use lz4::{lz4_bound, lz4_compress, lz4_decompress};
