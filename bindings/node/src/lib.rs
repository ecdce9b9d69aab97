//! The addon: thin exports over the engine and the codecs.
//!
//! Owns the handles that JavaScript holds and the completions that ring it. Invariants: every
//! export catches panics and turns errors into JavaScript errors with a code; no export but those
//! that give a promise waits for a disk, a lock or another thread; rows cross as bytes.
//!
//! `engine` opens and closes, `front` is what one JavaScript thread owns (its connections),
//! `completions` rings it, `pool` gives slots to it and to connections, `connection` moves bytes,
//! `direct` runs requests that come by no protocol, `texts` keeps their texts, `limits` asks who may go
//! on, `guard` is the one way out for errors.

mod completions;
mod connection;
mod direct;
mod engine;
mod front;
mod guard;
mod limits;
mod pool;
mod slots;
mod texts;
