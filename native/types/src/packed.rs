//! One value of a fixed class as bytes, little-endian: elements of arrays, fields of records.

use crate::datum::DatumRef;
use crate::physical::Physical;

/// Appends the bytes of a value; NULL appends nothing.
pub fn pack(value: DatumRef<'_>, out: &mut Vec<u8>) {
    match value {
        DatumRef::Null => {}
        DatumRef::Bool(v) => out.push(v.into()),
        DatumRef::I16(v) => out.extend_from_slice(&v.to_le_bytes()),
        DatumRef::I32(v) => out.extend_from_slice(&v.to_le_bytes()),
        DatumRef::I64(v) => out.extend_from_slice(&v.to_le_bytes()),
        DatumRef::F32(v) => out.extend_from_slice(&v.to_le_bytes()),
        DatumRef::F64(v) => out.extend_from_slice(&v.to_le_bytes()),
        DatumRef::Fixed16(v) => out.extend_from_slice(&v),
        DatumRef::Bytes(v) => out.extend_from_slice(v),
    }
}

/// Reads what [`pack`] wrote; `None` when the size is wrong.
#[inline]
pub fn unpack(physical: Physical, bytes: &[u8]) -> Option<DatumRef<'_>> {
    Some(match physical {
        Physical::Bool => DatumRef::Bool(*bytes.first()? != 0),
        Physical::I16 => DatumRef::I16(i16::from_le_bytes(bytes.try_into().ok()?)),
        Physical::I32 => DatumRef::I32(i32::from_le_bytes(bytes.try_into().ok()?)),
        Physical::I64 => DatumRef::I64(i64::from_le_bytes(bytes.try_into().ok()?)),
        Physical::F32 => DatumRef::F32(f32::from_le_bytes(bytes.try_into().ok()?)),
        Physical::F64 => DatumRef::F64(f64::from_le_bytes(bytes.try_into().ok()?)),
        Physical::Fixed16 => DatumRef::Fixed16(bytes.try_into().ok()?),
        Physical::Bytes => DatumRef::Bytes(bytes),
    })
}
