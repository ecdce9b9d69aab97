//! The form of a log record.
//!
//! Header of 24 bytes, little endian: length u32 (header and body), CRC-32C u32 (of the body, then
//! of the header without this field, started with the database's identity), own LSN u64, xid in the
//! low 48 bits and kind in the next 8 of a u64. The next record starts at the next multiple of 8.
//! Bytes that a recycled segment still holds fail because of the LSN, those of another database
//! because of the identity.
//!
//! The body of a `Pages` record: pages u16, operations u16, zero u32, page ids u64 each, then each
//! operation: index into the pages u8, code u8, length u16, bytes.

use common::{Error, Lsn, PageId, Result, Xid};

use crate::hooks::{LoggedOp, RecordKind, RecoveredRecord};

pub const RECORD_HEADER_SIZE: usize = 24;
/// Bytes of the fixed part of a `Pages` body.
pub const PAGES_PREFIX_SIZE: usize = 8;
/// Bytes before an operation's body.
pub const OP_HEADER_SIZE: usize = 4;
/// The longest record, header included.
pub const RECORD_BYTES_MAX: usize = 4 << 20;

const XID_BITS: u64 = (1 << 48) - 1;
const FIRST_MESSAGE: u8 = 0x80;

/// The position of the record after one of `length` bytes at `lsn`.
#[inline]
pub fn next_lsn(lsn: u64, length: usize) -> u64 {
    (lsn + length as u64).next_multiple_of(8)
}

pub fn kind_to_byte(kind: RecordKind) -> u8 {
    match kind {
        RecordKind::Pages => 1,
        RecordKind::Commit => 2,
        RecordKind::Abort => 3,
        RecordKind::CheckpointBegin => 4,
        RecordKind::CheckpointEnd => 5,
        RecordKind::FileCreate => 6,
        RecordKind::FileDrop => 7,
        RecordKind::Message(kind) => FIRST_MESSAGE | kind,
    }
}

fn kind_from_byte(byte: u8) -> Option<RecordKind> {
    Some(match byte {
        1 => RecordKind::Pages,
        2 => RecordKind::Commit,
        3 => RecordKind::Abort,
        4 => RecordKind::CheckpointBegin,
        5 => RecordKind::CheckpointEnd,
        6 => RecordKind::FileCreate,
        7 => RecordKind::FileDrop,
        FIRST_MESSAGE.. => RecordKind::Message(byte & !FIRST_MESSAGE),
        _ => return None,
    })
}

/// Writes the header; `body_crc` is the CRC of the body, started with the identity.
#[inline]
pub fn write_header(
    out: &mut [u8; RECORD_HEADER_SIZE],
    length: usize,
    lsn: u64,
    xid: Xid,
    kind: RecordKind,
    body_crc: u32,
) {
    let tagged = xid.0 & XID_BITS | u64::from(kind_to_byte(kind)) << 48;
    out[..4].copy_from_slice(&(length as u32).to_le_bytes());
    out[8..16].copy_from_slice(&lsn.to_le_bytes());
    out[16..24].copy_from_slice(&tagged.to_le_bytes());
    let crc = header_crc(out, body_crc);
    out[4..8].copy_from_slice(&crc.to_le_bytes());
}

#[inline]
fn header_crc(header: &[u8], body_crc: u32) -> u32 {
    let mut rest = [0; 20];
    rest[..4].copy_from_slice(&header[..4]);
    rest[4..].copy_from_slice(&header[8..24]);
    crc32c::crc32c_append(body_crc, &rest)
}

/// The length that a header claims, if it can be one.
pub fn claimed_length(header: &[u8]) -> Option<usize> {
    let length = u32_at(header, 0) as usize;
    (RECORD_HEADER_SIZE..=RECORD_BYTES_MAX)
        .contains(&length)
        .then_some(length)
}

/// Judges a whole record that should stand at `lsn`.
pub fn parse(bytes: &[u8], lsn: u64, identity: u32) -> Option<RecoveredRecord<'_>> {
    let (header, body) = bytes.split_at_checked(RECORD_HEADER_SIZE)?;
    if claimed_length(header)? != bytes.len() || u64_at(header, 8) != lsn {
        return None;
    }
    let body_crc = crc32c::crc32c_append(identity, body);
    if header_crc(header, body_crc) != u32_at(header, 4) {
        return None;
    }
    let tagged = u64_at(header, 16);
    Some(RecoveredRecord {
        lsn: Lsn(lsn),
        end: Lsn(next_lsn(lsn, bytes.len())),
        xid: Xid(tagged & XID_BITS),
        kind: kind_from_byte((tagged >> 48) as u8)?,
        body,
    })
}

impl<'a> RecoveredRecord<'a> {
    /// The pages that a `Pages` record names; none for other kinds.
    pub fn pages(&self) -> Result<impl Iterator<Item = PageId> + use<'a>> {
        let (ids, _) = split_pages(self.body, self.kind)?;
        Ok(ids
            .chunks_exact(8)
            .map(|id| PageId::from_u64(u64_at(id, 0))))
    }

    /// The operations of a `Pages` record in order; none for other kinds.
    pub fn ops(&self) -> Result<OpIter<'a>> {
        let (pages, ops) = split_pages(self.body, self.kind)?;
        Ok(OpIter { pages, ops })
    }
}

fn split_pages(body: &[u8], kind: RecordKind) -> Result<(&[u8], &[u8])> {
    if kind != RecordKind::Pages {
        return Ok((&[], &[]));
    }
    let (prefix, rest) = body
        .split_at_checked(PAGES_PREFIX_SIZE)
        .ok_or_else(malformed)?;
    let pages = usize::from(u16::from_le_bytes([prefix[0], prefix[1]]));
    rest.split_at_checked(pages * 8).ok_or_else(malformed)
}

/// Runs over the operations of a record.
#[derive(Clone, Debug)]
pub struct OpIter<'a> {
    pages: &'a [u8],
    ops: &'a [u8],
}

impl<'a> OpIter<'a> {
    fn parse_next(&mut self) -> Option<LoggedOp<'a>> {
        let (header, rest) = self.ops.split_at_checked(OP_HEADER_SIZE)?;
        let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
        let (body, rest) = rest.split_at_checked(length)?;
        let page = self.pages.chunks_exact(8).nth(usize::from(header[0]))?;
        self.ops = rest;
        Some(LoggedOp {
            page: PageId::from_u64(u64_at(page, 0)),
            op: header[1],
            body,
        })
    }
}

impl<'a> Iterator for OpIter<'a> {
    type Item = Result<LoggedOp<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ops.is_empty() {
            return None;
        }
        let op = self.parse_next();
        if op.is_none() {
            self.ops = &[];
        }
        Some(op.ok_or_else(malformed))
    }
}

fn malformed() -> Error {
    Error::corrupted("malformed record in the log")
}

pub fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let field = bytes[offset..offset + 4].try_into();
    u32::from_le_bytes(field.expect("four bytes"))
}

pub fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    let field = bytes[offset..offset + 8].try_into();
    u64::from_le_bytes(field.expect("eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(lsn: u64, xid: u64, kind: RecordKind, body: &[u8]) -> Vec<u8> {
        let mut header = [0; RECORD_HEADER_SIZE];
        let crc = crc32c::crc32c_append(42, body);
        let length = header.len() + body.len();
        write_header(&mut header, length, lsn, Xid(xid), kind, crc);
        [&header[..], body].concat()
    }

    #[test]
    fn a_record_reads_back_and_any_flipped_bit_shows() {
        let kind = RecordKind::Message(9);
        let bytes = record(4096, (1 << 48) - 1, kind, b"some body");
        let read = parse(&bytes, 4096, 42).expect("whole");
        assert_eq!((read.xid, read.kind), (Xid((1 << 48) - 1), kind));
        assert_eq!((read.body, read.end), (&b"some body"[..], Lsn(4136)));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(&damaged, 4096, 42).is_none(), "bit {bit}");
        }
        // The same bytes elsewhere, or of another database.
        assert!(parse(&bytes, 4104, 42).is_none());
        assert!(parse(&bytes, 4096, 43).is_none());
    }

    #[test]
    fn kinds_read_back() {
        let kinds = [
            RecordKind::Pages,
            RecordKind::Commit,
            RecordKind::Abort,
            RecordKind::CheckpointBegin,
            RecordKind::CheckpointEnd,
            RecordKind::FileCreate,
            RecordKind::FileDrop,
            RecordKind::Message(0),
            RecordKind::Message(127),
        ];
        for kind in kinds {
            assert_eq!(kind_from_byte(kind_to_byte(kind)), Some(kind));
        }
        assert_eq!(kind_from_byte(0), None);
    }

    proptest::proptest! {
        #[test]
        fn malformed_bodies_are_errors(body in proptest::collection::vec(0_u8..6, 0..80)) {
            let bytes = record(8, 1, RecordKind::Pages, &body);
            let read = parse(&bytes, 8, 42).expect("whole");
            if let (Ok(pages), Ok(ops)) = (read.pages(), read.ops()) {
                let _ = pages.count();
                let _ = ops.take_while(Result::is_ok).count();
            }
        }
    }
}
