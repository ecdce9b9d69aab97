//! RustyDB txn.
