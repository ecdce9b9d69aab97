//! Requests without a wire protocol: one statement and its parameters in, its result out as JSON,
//! CSV or packed rows. What runs in the process itself and what comes by HTTP go through here.

mod connection;
mod packed_rows;
mod parameters;
mod result_encoder;
mod shapes;

pub use connection::{Connection, Outcome, Request};
pub use parameters::{Integers, Parameters};
pub use result_encoder::{Layout, Values};
