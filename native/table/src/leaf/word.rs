//! The word that each row carries.

use common::Xid;

/// The writer of a row's newest version and what it did, in 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub struct Word(pub u64);

impl Word {
    pub const XID_MASK: u64 = (1 << 48) - 1;
    /// The newest version is a deletion.
    pub const DELETED: u64 = 1 << 63;
    /// The newest version has another key than the one before (or is a deletion): stops KEY SHARE.
    pub const KEY_CHANGED: u64 = 1 << 62;

    pub const fn new(xid: Xid, flags: u64) -> Self {
        Self(xid.0 & Self::XID_MASK | flags)
    }

    #[inline]
    pub const fn xid(self) -> Xid {
        Xid(self.0 & Self::XID_MASK)
    }

    #[inline]
    pub const fn is_deleted(self) -> bool {
        self.0 & Self::DELETED != 0
    }

    #[inline]
    pub const fn is_key_changed(self) -> bool {
        self.0 & Self::KEY_CHANGED != 0
    }
}
