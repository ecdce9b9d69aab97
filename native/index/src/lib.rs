//! RustyDB index.
