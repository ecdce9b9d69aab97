//! RustyDB sim.
