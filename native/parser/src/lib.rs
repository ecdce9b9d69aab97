//! SQL text to syntax tree and back.
//!
//! The grammar is PostgreSQL's own (libpg_query through `pg_raw_parse`); its C tree is lowered at
//! once into the tree of [`ast`], so that nothing else knows where trees come from.

pub mod ast;

pub use ast::*;
