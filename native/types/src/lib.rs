//! RustyDB types.
