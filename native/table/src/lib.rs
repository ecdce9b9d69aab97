//! RustyDB table.
