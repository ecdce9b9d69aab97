//! How the catalog names a type: its oid and its modifier, as `pg_attribute` does.

use crate::stored::{Reader, Stored};
use common::{ObjectId, Result};

/// A type with its modifier; -1 is none (PostgreSQL's `typmod`, as stored in `atttypmod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeRef {
    pub oid: ObjectId,
    pub typmod: i32,
}

impl TypeRef {
    pub const fn new(oid: u32, typmod: i32) -> Self {
        Self {
            oid: ObjectId(oid),
            typmod,
        }
    }

    /// The type without a modifier.
    pub const fn plain(oid: u32) -> Self {
        Self::new(oid, -1)
    }
}

impl Default for TypeRef {
    fn default() -> Self {
        Self::plain(0)
    }
}

impl Stored for TypeRef {
    fn put(&self, out: &mut Vec<u8>) {
        self.oid.put(out);
        self.typmod.put(out);
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            oid: ObjectId::get(from)?,
            typmod: i32::get(from)?,
        })
    }
}
