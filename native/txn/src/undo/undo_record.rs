//! One undo record: a header of 26 bytes and a body that the tables give meaning to.
//!
//! | offset | bytes | field |
//! | --- | --- | --- |
//! | 0 | 2 | length with this header |
//! | 2 | 1 | kind, the owner's |
//! | 3 | 1 | flags, see [`FLAG_DONE`] |
//! | 4 | 4 | command id |
//! | 8 | 6 | xid |
//! | 14 | 4 | table |
//! | 18 | 8 | address of the same transaction's record before; 0 for none |

use common::{CommandId, Error, ObjectId, Result, Xid};

use crate::undo::UndoAddr;

pub const RECORD_HEADER_SIZE: usize = 26;
/// Nothing is left to do with the record: it was undone, or purged.
pub const FLAG_DONE: u8 = 1;
pub(crate) const FLAGS_OFFSET: usize = 3;

/// A record where it lies, valid while its page is latched.
#[derive(Clone, Copy, Debug)]
pub struct UndoRecordRef<'a> {
    pub kind: u8,
    pub is_done: bool,
    pub command: CommandId,
    pub xid: Xid,
    pub table: ObjectId,
    /// The record that the same transaction wrote before.
    pub prev: UndoAddr,
    pub body: &'a [u8],
}

/// A copy of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoRecord {
    pub kind: u8,
    pub is_done: bool,
    pub command: CommandId,
    pub xid: Xid,
    pub table: ObjectId,
    /// The record that the same transaction wrote before.
    pub prev: UndoAddr,
    pub body: smallvec::SmallVec<[u8; 128]>,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("N bytes")
}

impl<'a> UndoRecordRef<'a> {
    /// Reads the record at the start of `bytes`, which may go on behind it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let damaged = || Error::corrupted("undo record with a bad length");
        if bytes.len() < RECORD_HEADER_SIZE {
            return Err(damaged());
        }
        let len = usize::from(u16::from_le_bytes(array(bytes, 0)));
        if len < RECORD_HEADER_SIZE || len > bytes.len() {
            return Err(damaged());
        }
        let mut xid = [0; 8];
        xid[..6].copy_from_slice(&bytes[8..14]);
        Ok(Self {
            kind: bytes[2],
            is_done: bytes[FLAGS_OFFSET] & FLAG_DONE != 0,
            command: CommandId(u32::from_le_bytes(array(bytes, 4))),
            xid: Xid(u64::from_le_bytes(xid)),
            table: ObjectId(u32::from_le_bytes(array(bytes, 14))),
            prev: UndoAddr(u64::from_le_bytes(array(bytes, 18))),
            body: &bytes[RECORD_HEADER_SIZE..len],
        })
    }

    pub fn size(&self) -> usize {
        RECORD_HEADER_SIZE + self.body.len()
    }

    pub fn to_owned(&self) -> UndoRecord {
        UndoRecord {
            kind: self.kind,
            is_done: self.is_done,
            command: self.command,
            xid: self.xid,
            table: self.table,
            prev: self.prev,
            body: self.body.into(),
        }
    }

    /// The header of a record with this content. `self.body` must fit the length field.
    pub(crate) fn header(&self) -> [u8; RECORD_HEADER_SIZE] {
        let mut out = [0; RECORD_HEADER_SIZE];
        out[..2].copy_from_slice(&(self.size() as u16).to_le_bytes());
        out[2] = self.kind;
        out[FLAGS_OFFSET] = if self.is_done { FLAG_DONE } else { 0 };
        out[4..8].copy_from_slice(&self.command.0.to_le_bytes());
        out[8..14].copy_from_slice(&self.xid.0.to_le_bytes()[..6]);
        out[14..18].copy_from_slice(&self.table.0.to_le_bytes());
        out[18..26].copy_from_slice(&self.prev.0.to_le_bytes());
        out
    }
}

impl UndoRecord {
    pub fn size(&self) -> usize {
        RECORD_HEADER_SIZE + self.body.len()
    }
}
