//! The PostgreSQL protocol 3.0 and 3.2 (PostgreSQL manual, chapter "Frontend/Backend Protocol").

pub mod backend;
pub mod connection;
pub mod encoder;
pub mod extended;
mod frontend;
pub mod reader;
pub mod startup;
mod waiting;

pub use connection::Connection;
pub use frontend::{Frame, Frontend, next_frame};
pub use startup::{Startup, StartupRequest};
