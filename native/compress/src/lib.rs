//! RustyDB compress.
