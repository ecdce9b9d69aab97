//! The header that every page starts with, 48 bytes, little endian.
//!
//! | offset | bytes | field |
//! | --- | --- | --- |
//! | 0 | 4 | CRC-32C of bytes 4.. of the page; set on the copy that goes to disk only |
//! | 4 | 1 | kind, see [`kind`] |
//! | 5 | 1 | flags, the owner's |
//! | 6 | 2 | layout, the owner's |
//! | 8 | 4 | owner: table or index id |
//! | 12 | 4 | own page number |
//! | 16 | 8 | LSN of the last record applied |
//! | 24 | 8 | `max_xid`: the newest transaction that changed the page |
//! | 32 | 4 | own file |
//! | 36 | 12 | reserved for owners: part of no layout of this crate |
//!
//! The functions take the page's bytes from offset 0 and panic when there are fewer than 48.

use common::{FileId, Lsn, PageId, PageNo, Xid};

/// Bytes of the header; the payload follows.
pub const PAGE_HEADER_SIZE: usize = 48;

/// Page kinds; who owns a kind gives it meaning.
pub mod kind {
    /// Never written or freed.
    pub const FREE: u8 = 0;
    /// Allocation map of a file.
    pub const MAP: u8 = 1;
    /// Undo: 0x10 to 0x1f.
    pub const UNDO: u8 = 0x10;
    /// Inner page of a page tree; 0x20 to 0x2f are the tree's.
    pub const TREE: u8 = 0x20;
    /// Pages of tables: 0x30 to 0x4f.
    pub const TABLE: u8 = 0x30;
    /// Pages of indexes: 0x50 to 0x6f.
    pub const INDEX: u8 = 0x50;
}

const CRC: usize = 0;
pub(crate) const KIND: usize = 4;
const FLAGS: usize = 5;
const LAYOUT: usize = 6;
const OWNER: usize = 8;
const NUMBER: usize = 12;
pub(crate) const LSN: usize = 16;
pub(crate) const MAX_XID: usize = 24;
const FILE: usize = 32;

macro_rules! field {
    ($get:ident, $set:ident, $offset:expr, $type:ty, $doc:literal) => {
        #[doc = $doc]
        #[inline]
        pub fn $get(page: &[u8]) -> $type {
            const SIZE: usize = size_of::<$type>();
            let bytes = page[$offset..$offset + SIZE].try_into();
            <$type>::from_le_bytes(bytes.expect("the range has the type's size"))
        }

        #[doc = $doc]
        #[inline]
        pub fn $set(page: &mut [u8], value: $type) {
            const SIZE: usize = size_of::<$type>();
            page[$offset..$offset + SIZE].copy_from_slice(&value.to_le_bytes());
        }
    };
}

field!(crc, set_crc, CRC, u32, "Checksum, meaningful on disk only.");
field!(kind_of, set_kind, KIND, u8, "Kind, see [`kind`].");
field!(flags, set_flags, FLAGS, u8, "The owner's flags.");
field!(
    layout,
    set_layout,
    LAYOUT,
    u16,
    "The owner's layout number."
);
field!(owner, set_owner, OWNER, u32, "Table or index id.");
field!(number, set_number, NUMBER, u32, "Own page number.");
field!(file, set_file, FILE, u32, "Own file.");
field!(lsn_u64, set_lsn_u64, LSN, u64, "LSN as a number.");
field!(
    max_xid_u64,
    set_max_xid_u64,
    MAX_XID,
    u64,
    "`max_xid` as a number."
);

/// LSN of the last record that was applied; 0 for a page that never had one.
#[inline]
pub fn lsn(page: &[u8]) -> Lsn {
    Lsn(lsn_u64(page))
}

/// The newest transaction that changed the page.
#[inline]
pub fn max_xid(page: &[u8]) -> Xid {
    Xid(max_xid_u64(page))
}

/// Raises `max_xid`; never lowers it.
#[inline]
pub fn raise_max_xid(page: &mut [u8], xid: Xid) {
    if xid.0 > max_xid_u64(page) {
        set_max_xid_u64(page, xid.0);
    }
}

/// Own file and number.
#[inline]
pub fn id(page: &[u8]) -> PageId {
    PageId {
        file: FileId(file(page)),
        no: PageNo(number(page)),
    }
}
