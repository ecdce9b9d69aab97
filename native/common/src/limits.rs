//! Limits that several crates must agree on.

/// Bytes of a page, on disk and in the pool.
pub const PAGE_SIZE: usize = 16 * 1024;
/// The most columns a table may have (PostgreSQL's `MaxHeapAttributeNumber`).
pub const MAX_COLUMNS: usize = 1600;
/// The most key columns an index may have (PostgreSQL's `INDEX_MAX_KEYS`).
pub const MAX_INDEX_COLUMNS: usize = 32;
/// The longest statement text, in bytes; a longer one answers 54000.
pub const MAX_STATEMENT_BYTES: usize = 16 * 1024 * 1024;
/// The longest identifier, in bytes (PostgreSQL's `NAMEDATALEN - 1`); longer ones are truncated.
pub const MAX_IDENTIFIER_BYTES: usize = 63;
/// The most parameters of one statement (an unsigned 16-bit count on the wire).
pub const MAX_PARAMETERS: usize = 65535;
/// The deepest nesting of an expression or query; deeper answers 54001.
pub const MAX_NESTING: usize = 512;
/// The most set operations, items of FROM lists and WITH queries of one statement together: their
/// plans nest, so that each takes some stack; more answer 54001.
pub const MAX_CHAIN_LINKS: usize = 1024;
/// Bytes of a thread's stack: enough for a plan that is as deep as the limits above allow.
pub const STACK_BYTES: usize = 8 * 1024 * 1024;
/// The largest value of a varying type, in bytes (PostgreSQL's `MaxAllocSize`).
pub const MAX_VALUE_BYTES: usize = 1024 * 1024 * 1024 - 1;
