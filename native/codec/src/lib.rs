//! Wire protocols as pure functions over bytes: no sockets, no threads, no clock.
//!
//! `postgres` owns the PostgreSQL protocol: framing, messages, row encoding, and the state machine
//! of one connection. Invariant: input of any shape gives messages or an error, never a panic, and
//! memory is taken for bytes that arrived, never for a declared length.

pub mod postgres;
