//! RustyDB functions.
