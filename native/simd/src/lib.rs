//! RustyDB simd.
