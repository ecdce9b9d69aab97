//! The operations that may change a page, by code: the one table that the forward path and recovery
//! share.

use common::{Error, Result};

/// Changes a page (`PAGE_SIZE` bytes) as `body` says. Pure: the outcome depends on the two arguments
/// alone. It may set kind, flags, layout, owner and `max_xid` in the header, never checksum, own
/// number or LSN. An error means a body or page that cannot be: the engine stops.
pub type ApplyFn = fn(page: &mut [u8], body: &[u8]) -> Result<()>;

/// First codes of the ranges that the crates own.
pub mod op_code {
    /// The storage's own: 0x00 to 0x1f.
    pub const STORAGE: u8 = 0x00;
    /// Undo pages: 0x20 to 0x3f.
    pub const UNDO: u8 = 0x20;
    /// Page tree: 0x40 to 0x6f.
    pub const TREE: u8 = 0x40;
    /// Tables: 0x70 to 0xbf.
    pub const TABLE: u8 = 0x70;
    /// Indexes and others: 0xc0 to 0xff.
    pub const OTHER: u8 = 0xc0;
}

/// Which function runs for which code.
#[derive(Clone)]
pub struct OpTable {
    entries: Box<[Option<(&'static str, ApplyFn)>; 256]>,
}

impl OpTable {
    /// With the storage's own operations registered.
    pub fn new() -> Self {
        let table = Self {
            entries: Box::new([None; 256]),
        };
        table.register(crate::storage_ops::OPS)
    }

    /// Adds `(code, name, function)`s. A code that is taken is a mistake of the program and panics.
    #[must_use]
    pub fn register(mut self, ops: &[(u8, &'static str, ApplyFn)]) -> Self {
        for &(code, name, apply) in ops {
            let entry = &mut self.entries[usize::from(code)];
            assert!(entry.is_none(), "operation {code:#04x} registered twice");
            *entry = Some((name, apply));
        }
        self
    }

    /// Runs operation `code` on `page`.
    #[inline]
    pub fn apply(&self, code: u8, page: &mut [u8], body: &[u8]) -> Result<()> {
        match self.entries[usize::from(code)] {
            Some((_, apply)) => apply(page, body),
            None => Err(Error::corrupted(format!(
                "unknown page operation {code:#04x} in the log"
            ))),
        }
    }

    /// The name of operation `code`, for messages.
    pub fn name(&self, code: u8) -> &'static str {
        self.entries[usize::from(code)].map_or("unknown", |(name, _)| name)
    }
}

impl Default for OpTable {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for OpTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.entries.iter().flatten().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}
