//! RustyDB sql.
