//! RustyDB catalog.
