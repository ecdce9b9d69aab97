//! The syntax tree: plain owned data, which the binder reads and the deparser writes back.
//!
//! Invariants: identifiers are folded and truncated as PostgreSQL's scanner does; lists that SQL
//! wants non-empty are; nesting is bounded (see [`expr`]); two trees are `==` when they say the
//! same, wherever they stood in their texts (see [`Location`]).

pub mod command_tag;
pub mod ddl;
pub mod dml;
pub mod expr;
pub mod location;
pub mod name;
pub mod query;
pub mod statement;
pub mod table;
pub mod utility;

pub use ddl::*;
pub use dml::*;
pub use expr::*;
pub use location::Location;
pub use name::*;
pub use query::*;
pub use statement::Statement;
pub use table::*;
pub use utility::*;
