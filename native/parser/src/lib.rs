//! RustyDB parser.
