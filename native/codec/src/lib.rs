//! RustyDB codec.
