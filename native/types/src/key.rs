//! Keys whose bytes order as the values do.
//!
//! A value in a key is a marker (0 NULL first, 1 value, 2 NULL last) and bytes that end themselves,
//! so that the values of several columns follow one another. A descending column's value bytes are
//! inverted, its marker is not. Invariant: memcmp of two keys = the order of their values by
//! [`crate::compare`]; equal values have equal bytes.

use common::{Error, Result};

use crate::array::ArrayRef;
use crate::compare::{ValueClass, trim_blanks};
use crate::datetime::{Interval, TimeTz};
use crate::datum::{Datum, DatumRef};
use crate::json::encode_jsonb_key;
use crate::numeric::Numeric;
use crate::physical::Physical;
use crate::record::decode_record;
use crate::type_info::physical_of;
use crate::type_oid::TypeOid;

const NULL_FIRST: u8 = 0;
const VALUE: u8 = 1;
const NULL_LAST: u8 = 2;

/// Appends the key bytes of a value.
///
/// Errors: XX001 when a stored form cannot be read.
pub fn encode_key(
    oid: TypeOid,
    value: DatumRef<'_>,
    desc: bool,
    nulls_first: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    encode_key_class(ValueClass::of(oid), value, desc, nulls_first, out)
}

/// [`encode_key`] with the class at hand.
pub fn encode_key_class(
    class: ValueClass,
    value: DatumRef<'_>,
    desc: bool,
    nulls_first: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    if value.is_null() {
        out.push(if nulls_first { NULL_FIRST } else { NULL_LAST });
        return Ok(());
    }
    out.push(VALUE);
    let start = out.len();
    encode_value(class, value, out)?;
    if desc {
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
    Ok(())
}

/// Appends the bytes of a value that is not NULL, ascending and without a marker.
fn encode_value(class: ValueClass, value: DatumRef<'_>, out: &mut Vec<u8>) -> Result<()> {
    match value {
        DatumRef::Null => {}
        DatumRef::Bool(v) => out.push(v.into()),
        DatumRef::I16(v) => out.extend_from_slice(&(v ^ i16::MIN).to_be_bytes()),
        DatumRef::I32(v) if class == ValueClass::Unsigned => {
            out.extend_from_slice(&v.to_be_bytes());
        }
        DatumRef::I64(v) if class == ValueClass::Unsigned => {
            out.extend_from_slice(&v.to_be_bytes());
        }
        DatumRef::I32(v) => out.extend_from_slice(&(v ^ i32::MIN).to_be_bytes()),
        DatumRef::I64(v) => out.extend_from_slice(&(v ^ i64::MIN).to_be_bytes()),
        DatumRef::F32(v) => out.extend_from_slice(&float_bits(v.into()).to_be_bytes()),
        DatumRef::F64(v) => out.extend_from_slice(&float_bits(v).to_be_bytes()),
        DatumRef::Fixed16(v) => match class {
            ValueClass::Interval => {
                let span = Interval::from_bytes(v).span_us() ^ i128::MIN;
                out.extend_from_slice(&span.to_be_bytes());
            }
            ValueClass::TimeTz => {
                let time = TimeTz::from_bytes(v);
                out.extend_from_slice(&(time.utc_us() ^ i64::MIN).to_be_bytes());
                out.extend_from_slice(&(time.zone_s ^ i32::MIN).to_be_bytes());
            }
            _ => out.extend_from_slice(&v),
        },
        DatumRef::Bytes(v) => match class {
            ValueClass::Bpchar => encode_bytes(trim_blanks(v), out),
            ValueClass::Numeric => encode_numeric(&Numeric::decode(v)?, out),
            ValueClass::Jsonb => encode_jsonb_key(v, out)?,
            ValueClass::Array => encode_array(v, out)?,
            ValueClass::Record => encode_fields(v, out)?,
            _ => encode_bytes(v, out),
        },
    }
    Ok(())
}

/// Bits that order as the floats do, NaN on top and the zeroes equal.
fn float_bits(v: f64) -> u64 {
    let v = if v.is_nan() { f64::NAN.abs() } else { v + 0.0 };
    let bits = if v == 0.0 { 0 } else { v.to_bits() };
    if bits >> 63 != 0 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// Zero bytes become 00 FF; 00 00 ends.
pub(crate) fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(0, rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[0, 0xFF]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(&[0, 0]);
}

/// Sign class; for finite values the exponent of the leading digit and digit pairs, each plus one,
/// without trailing zeroes, ended by a zero; all inverted for negative ones.
pub(crate) fn encode_numeric(number: &Numeric, out: &mut Vec<u8>) {
    let class = match number {
        Numeric::NegInf => 0x10,
        Numeric::PosInf => 0x50,
        Numeric::NaN => 0x60,
        finite => match finite.signum() {
            -1 => 0x20,
            0 => 0x30,
            _ => 0x40,
        },
    };
    out.push(class);
    let Some(exponent) = number.decimal_exponent() else {
        return;
    };
    let start = out.len();
    out.extend_from_slice(&(exponent ^ i32::MIN).to_be_bytes());
    let mut digits = Vec::new();
    number.write_digits(&mut digits);
    let kept = digits
        .iter()
        .rposition(|&d| d != b'0')
        .map_or(0, |at| at + 1);
    for pair in digits[..kept].chunks(2) {
        let low = pair.get(1).map_or(0, |d| d - b'0');
        out.push((pair[0] - b'0') * 10 + low + 1);
    }
    out.push(0);
    if number.signum() < 0 {
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn encode_array(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let array = ArrayRef::new(stored)?;
    let class = ValueClass::of(array.elem());
    for element in array.iter() {
        encode_key_class(class, element, false, false, out)?;
    }
    out.push(0);
    out.push(array.ndim() as u8);
    let dims = array.dims();
    dims.iter()
        .for_each(|dim| out.extend_from_slice(&dim.len.to_be_bytes()));
    dims.iter()
        .for_each(|dim| out.extend_from_slice(&(dim.lower ^ i32::MIN).to_be_bytes()));
    Ok(())
}

fn encode_fields(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    for field in decode_record(stored)? {
        encode_key(field.ty, field.value, false, false, out)?;
    }
    out.push(0);
    Ok(())
}

/// Whether key bytes give the value back. Not so for floats (-0), char(n) (blanks), numeric (scale),
/// interval (30 days = 1 month), jsonb, arrays and records.
pub fn key_gives_value(oid: TypeOid) -> bool {
    match ValueClass::of(oid) {
        ValueClass::Bool
        | ValueClass::Signed
        | ValueClass::Unsigned
        | ValueClass::Bytes
        | ValueClass::Uuid
        | ValueClass::TimeTz => true,
        ValueClass::Float
        | ValueClass::Bpchar
        | ValueClass::Interval
        | ValueClass::Numeric
        | ValueClass::Jsonb
        | ValueClass::Array
        | ValueClass::Record => false,
    }
}

/// Takes one value from the front of a key; for types of [`key_gives_value`].
pub fn decode_key(oid: TypeOid, desc: bool, key: &mut &[u8]) -> Result<Datum> {
    if !key_gives_value(oid) {
        return Err(Error::internal(format!(
            "a key of type {oid:?} does not give its value back"
        )));
    }
    let (marker, rest) = key.split_first().ok_or_else(bad_key)?;
    *key = rest;
    if *marker != VALUE {
        return Ok(Datum::Null);
    }
    let flip = if desc { 0xFF } else { 0 };
    decode_value(oid, flip, key).ok_or_else(bad_key)
}

fn bad_key() -> Error {
    Error::new(
        common::sqlstate::INDEX_CORRUPTED,
        "a key that ends within a value",
    )
}

fn decode_value(oid: TypeOid, flip: u8, key: &mut &[u8]) -> Option<Datum> {
    let class = ValueClass::of(oid);
    let unsigned = class == ValueClass::Unsigned;
    Some(match physical_of(oid) {
        Physical::Bool => Datum::Bool(take::<1>(flip, key)?[0] != 0),
        Physical::I16 => Datum::I16(i16::from_be_bytes(take(flip, key)?) ^ i16::MIN),
        Physical::I32 => {
            let bits = i32::from_be_bytes(take(flip, key)?);
            Datum::I32(if unsigned { bits } else { bits ^ i32::MIN })
        }
        Physical::I64 => {
            let bits = i64::from_be_bytes(take(flip, key)?);
            Datum::I64(if unsigned { bits } else { bits ^ i64::MIN })
        }
        Physical::Fixed16 if class == ValueClass::TimeTz => {
            let utc_us = i64::from_be_bytes(take(flip, key)?) ^ i64::MIN;
            let zone_s = i32::from_be_bytes(take(flip, key)?) ^ i32::MIN;
            Datum::Fixed16(TimeTz::from_utc(utc_us, zone_s).to_bytes())
        }
        Physical::Fixed16 => Datum::Fixed16(take(flip, key)?),
        Physical::Bytes => {
            let mut bytes = Vec::new();
            loop {
                let byte = take::<1>(flip, key)?[0];
                if byte == 0 && take::<1>(flip, key)?[0] == 0 {
                    break;
                }
                bytes.push(byte);
            }
            Datum::Bytes(bytes.into())
        }
        Physical::F32 | Physical::F64 => return None,
    })
}

fn take<const N: usize>(flip: u8, key: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = key.split_first_chunk::<N>()?;
    *key = rest;
    Some(taken.map(|byte| byte ^ flip))
}

/// How many bytes of `key` its first value of this type takes, marker and all.
pub fn key_value_size(oid: TypeOid, desc: bool, key: &[u8]) -> Result<usize> {
    let flip = if desc { 0xFF } else { 0 };
    let mut rest = key;
    let marker = take::<1>(0, &mut rest).ok_or_else(bad_key)?[0];
    if marker == VALUE {
        skip_value(ValueClass::of(oid), oid, flip, &mut rest).ok_or_else(bad_key)?;
    }
    Ok(key.len() - rest.len())
}

fn skip_value(class: ValueClass, oid: TypeOid, flip: u8, key: &mut &[u8]) -> Option<()> {
    match class {
        ValueClass::Float => take::<8>(flip, key).map(drop),
        ValueClass::Interval => take::<16>(flip, key).map(drop),
        ValueClass::Bytes | ValueClass::Bpchar => skip_bytes(flip, key),
        ValueClass::Numeric => skip_numeric(flip, key),
        ValueClass::Jsonb => skip_json(flip, key),
        ValueClass::Array => skip_array(oid, flip, key),
        // Its fields' types are not in the key.
        ValueClass::Record => None,
        _ => decode_value(oid, flip, key).map(drop),
    }
}

fn skip_bytes(flip: u8, key: &mut &[u8]) -> Option<()> {
    while take::<1>(flip, key)?[0] != 0 || take::<1>(flip, key)?[0] != 0 {}
    Some(())
}

fn skip_numeric(flip: u8, key: &mut &[u8]) -> Option<()> {
    let inner = match take::<1>(flip, key)?[0] {
        0x20 => !flip,
        0x40 => flip,
        _ => return Some(()),
    };
    take::<4>(flip, key)?;
    while take::<1>(inner, key)?[0] != 0 {}
    Some(())
}

fn skip_json(flip: u8, key: &mut &[u8]) -> Option<()> {
    let rank = take::<1>(flip, key)?[0];
    let count = u32::from_be_bytes(take(flip, key)?);
    if rank == 4 {
        take::<1>(flip, key)?;
    }
    skip_json_members(rank, count, flip, key)
}

fn skip_json_members(rank: u8, count: u32, flip: u8, key: &mut &[u8]) -> Option<()> {
    for _ in 0..count {
        if rank == 5 {
            skip_bytes(flip, key)?;
        }
        match take::<1>(flip, key)?[0] {
            0 => {}
            1 => skip_bytes(flip, key)?,
            2 => skip_numeric(flip, key)?,
            3 => take::<1>(flip, key).map(drop)?,
            rank @ (4 | 5) => {
                let count = u32::from_be_bytes(take(flip, key)?);
                skip_json_members(rank, count, flip, key)?;
            }
            _ => return None,
        }
    }
    Some(())
}

fn skip_array(oid: TypeOid, flip: u8, key: &mut &[u8]) -> Option<()> {
    let elem = crate::type_info::element_of(oid)?;
    let class = ValueClass::of(elem);
    loop {
        match take::<1>(flip, key)?[0] {
            0 => break,
            1 => skip_value(class, elem, flip, key)?,
            _ => {}
        }
    }
    let ndim = take::<1>(flip, key)?[0];
    (0..ndim).try_for_each(|_| take::<8>(flip, key).map(drop))
}
