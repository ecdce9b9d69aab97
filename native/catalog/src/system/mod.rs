//! The system's own relations: `pg_catalog` and `information_schema`.
//!
//! They are facts, not rows: every database has the same ones, so they are compiled in, parsed once
//! a process when first asked for, and found by the catalog after its stored objects. Their rows are
//! made by the engine; those that are views are plain SQL over the others.

mod system_relations;
mod system_rows;

pub use system_relations::{SystemRelations, system_relations};
pub use system_rows::{SystemRows, system_rows};
