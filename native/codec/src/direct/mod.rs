//! Requests without a wire protocol: one statement and its parameters in, its result out as JSON or
//! CSV. What runs in the process itself and what comes by HTTP go through here.

mod connection;
mod parameters;
mod result_encoder;

pub use connection::{Connection, Outcome, Request};
pub use result_encoder::{Layout, Values};
