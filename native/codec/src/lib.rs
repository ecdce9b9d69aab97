//! What clients speak, as pure functions over bytes: no sockets, no threads, no clock.
//!
//! `postgres` owns the PostgreSQL protocol: framing, messages, row encoding, and the state machine
//! of one connection. `direct` owns requests without a protocol and their answers in JSON or CSV.
//! `gate` is what a connection asks before it works, `step` what the machines have in common. Invariant: input of any shape gives messages or an
//! error, never a panic, and memory is taken for bytes that arrived, never for a declared length.

pub mod direct;
mod gate;
pub mod postgres;
mod step;

pub use gate::{Gate, OpenGate};
pub use step::{Machine, Step};
