//! The addon: thin exports over the engine.
//!
//! Every export catches panics (`catch_unwind`): a panic that left a plain one would end the
//! process.

use napi_derive::napi;

/// The version of the native side, as in the workspace's Cargo.toml.
#[napi(catch_unwind)]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
