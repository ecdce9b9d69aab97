//! Settings of a session: PostgreSQL's run-time parameters.
//!
//! `definition` is the one list of names, types, defaults and ranges; `value` parses and shows
//! values; `session_settings` holds a session's values with the transactional stack of SET.

mod definition;
mod definitions;
mod session_settings;
mod text_settings;
mod value;

pub use definition::{Definition, Kind, Scope, Unit};
pub use definitions::{all, find};
pub use session_settings::{SessionSettings, SettingMark};
pub use value::Value;
