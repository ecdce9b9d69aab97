//! SQL text to syntax tree and back.
//!
//! The grammar is PostgreSQL's own (libpg_query through `pg_raw_parse`); its C tree is lowered at
//! once into the tree of [`ast`], so that nothing else knows where trees come from. [`parse`] gives
//! PostgreSQL's errors, with SQLSTATE and position.

pub mod ast;
pub mod deparse;
mod lift;
mod lower;
mod normalize;
mod parse;
mod raw_error;
mod token_count;

pub use ast::*;
pub use deparse::{deparse_expr, deparse_query, deparse_type};
pub use lift::{Lifted, LiftedLiteral, lift};
pub use normalize::normalize;
pub use parse::{MAX_TOKENS, ParsedStatement, parse};
