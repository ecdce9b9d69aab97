//! The stored form of rows as values: `ROW(..)`, whole-row references.
//!
//! Number of fields (u32), flags (u32, bit 0 = named); then per field its type (u32), its size (u32,
//! all ones for NULL), its packed bytes and, if named, the name's size (u32) and the name.

use common::{Error, Result};

use crate::datum::DatumRef;
use crate::packed::{pack, unpack};
use crate::type_info::physical_of;
use crate::type_oid::TypeOid;

const NULL: u32 = u32::MAX;

/// One field of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordField<'a> {
    pub ty: TypeOid,
    pub value: DatumRef<'a>,
    /// Empty when the record's fields have no names.
    pub name: &'a str,
}

/// Stores fields; names are kept when `named`.
pub fn encode_record(fields: &[RecordField<'_>], named: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(&(fields.len() as u32).to_le_bytes());
    out.extend_from_slice(&u32::from(named).to_le_bytes());
    for field in fields {
        out.extend_from_slice(&field.ty.0.to_le_bytes());
        let size_at = out.len();
        out.extend_from_slice(&NULL.to_le_bytes());
        if !field.value.is_null() {
            pack(field.value, out);
            let size = (out.len() - size_at - 4) as u32;
            out[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
        }
        if named {
            out.extend_from_slice(&(field.name.len() as u32).to_le_bytes());
            out.extend_from_slice(field.name.as_bytes());
        }
    }
}

/// Whether a value of this type is a record: of `record`, or of the row type of a table, which has a
/// number of its own.
pub fn is_record(ty: TypeOid, stored: &[u8]) -> bool {
    ty == TypeOid::RECORD || (crate::type_info(ty).is_none() && parse(stored).is_some())
}

/// Reads a stored record.
pub fn decode_record(stored: &[u8]) -> Result<Vec<RecordField<'_>>> {
    parse(stored).ok_or_else(|| Error::corrupted("a record whose fields do not match its size"))
}

fn parse(stored: &[u8]) -> Option<Vec<RecordField<'_>>> {
    let mut rest = stored;
    let count = take_u32(&mut rest)? as usize;
    let named = take_u32(&mut rest)? & 1 != 0;
    let mut fields = Vec::with_capacity(count.min(rest.len()));
    for _ in 0..count {
        let ty = TypeOid(take_u32(&mut rest)?);
        let size = take_u32(&mut rest)?;
        let value = match size {
            NULL => DatumRef::Null,
            size => unpack(physical_of(ty), take(&mut rest, size as usize)?)?,
        };
        let name = match named {
            true => {
                let size = take_u32(&mut rest)? as usize;
                std::str::from_utf8(take(&mut rest, size)?).ok()?
            }
            false => "",
        };
        fields.push(RecordField { ty, value, name });
    }
    Some(fields)
}

fn take<'a>(rest: &mut &'a [u8], size: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(size)?;
    *rest = left;
    Some(taken)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take(rest, 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back() {
        let fields = [
            RecordField {
                ty: TypeOid::INT4,
                value: DatumRef::I32(5),
                name: "a",
            },
            RecordField {
                ty: TypeOid::TEXT,
                value: DatumRef::Null,
                name: "b",
            },
        ];
        let mut stored = Vec::new();
        encode_record(&fields, true, &mut stored);
        let read = decode_record(&stored).unwrap();
        assert_eq!(read[0].value, DatumRef::I32(5));
        assert_eq!((read[1].name, read[1].value.is_null()), ("b", true));
        assert!(decode_record(&stored[..stored.len() - 1]).is_err());
    }
}
