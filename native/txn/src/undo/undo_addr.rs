//! Where an undo record is.

use common::limits::PAGE_SIZE;

/// Chain number in the high 16 bits, byte offset within the chain in the low 48; 0 is none. Never
/// given twice: chains grow and what was undone is not reused, so an address names one record for
/// ever, which is what makes rollback repeatable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct UndoAddr(pub u64);

const OFFSET_BITS: u32 = 48;

impl UndoAddr {
    pub const NONE: Self = Self(0);

    pub(crate) const fn new(chain: u16, page: u64, offset: u16) -> Self {
        Self((chain as u64) << OFFSET_BITS | (page * PAGE_SIZE as u64 + offset as u64))
    }

    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    pub const fn chain(self) -> u16 {
        (self.0 >> OFFSET_BITS) as u16
    }

    /// Number of the chain's page, counted from the chain's begin.
    pub const fn page(self) -> u64 {
        (self.0 & ((1 << OFFSET_BITS) - 1)) / PAGE_SIZE as u64
    }

    /// Byte within the page.
    pub const fn offset(self) -> u16 {
        (self.0 % PAGE_SIZE as u64) as u16
    }
}

impl std::fmt::Display for UndoAddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}+{}", self.chain(), self.page(), self.offset())
    }
}
