//! PostgreSQL's binary wire format: each type's send and receive functions.

use common::{Error, Result, sqlstate};
use num_bigint::BigInt;

use crate::array::{ARRAY_DIMS_MAX, ArrayBuilder, ArrayRef, Dim, too_many_dims};
use crate::datetime::{Interval, TimeTz};
use crate::datum::{Datum, DatumRef};
use crate::json::{parse_json, validate_json, write_jsonb};
use crate::numeric::Numeric;
use crate::record::decode_record;
use crate::sql_type::SqlType;
use crate::type_info::{physical_of, type_info};
use crate::type_oid::TypeOid;

/// Appends the binary form of a value (without its length); NULL appends nothing.
pub fn send_binary(ty: SqlType, value: DatumRef<'_>, out: &mut Vec<u8>) -> Result<()> {
    match value {
        DatumRef::Null => {}
        DatumRef::Bool(v) => out.push(v.into()),
        DatumRef::I16(v) => out.extend_from_slice(&v.to_be_bytes()),
        DatumRef::I32(_) if ty.oid == TypeOid::VOID => {}
        DatumRef::I32(v) => out.extend_from_slice(&v.to_be_bytes()),
        DatumRef::I64(v) if ty.oid == TypeOid::TID => {
            out.extend_from_slice(&((v >> 16) as u32).to_be_bytes());
            out.extend_from_slice(&(v as u16).to_be_bytes());
        }
        DatumRef::I64(v) => out.extend_from_slice(&v.to_be_bytes()),
        DatumRef::F32(v) => out.extend_from_slice(&v.to_be_bytes()),
        DatumRef::F64(v) => out.extend_from_slice(&v.to_be_bytes()),
        DatumRef::Fixed16(v) => match ty.oid {
            TypeOid::INTERVAL => {
                let interval = Interval::from_bytes(v);
                out.extend_from_slice(&interval.us.to_be_bytes());
                out.extend_from_slice(&interval.days.to_be_bytes());
                out.extend_from_slice(&interval.months.to_be_bytes());
            }
            TypeOid::TIMETZ => {
                let time = TimeTz::from_bytes(v);
                out.extend_from_slice(&time.us.to_be_bytes());
                out.extend_from_slice(&time.zone_s.to_be_bytes());
            }
            _ => out.extend_from_slice(&v),
        },
        DatumRef::Bytes(v) => return send_variable(ty.oid, v, out),
    }
    Ok(())
}

fn send_variable(oid: TypeOid, value: &[u8], out: &mut Vec<u8>) -> Result<()> {
    match oid {
        TypeOid::NUMERIC => send_numeric(&Numeric::decode(value)?, out),
        TypeOid::JSONB => {
            out.push(1);
            write_jsonb(value, out)?;
        }
        TypeOid::CHAR => out.push(value.first().copied().unwrap_or(0)),
        oid if crate::record::is_record(oid, value) => send_record(value, out)?,
        oid if type_info(oid).is_some_and(|info| info.is_array()) => send_array(value, out)?,
        _ => out.extend_from_slice(value),
    }
    Ok(())
}

/// Appends a value with its length in front, -1 for NULL.
fn send_sized(ty: TypeOid, value: DatumRef<'_>, out: &mut Vec<u8>) -> Result<()> {
    let at = out.len();
    out.extend_from_slice(&(-1i32).to_be_bytes());
    if !value.is_null() {
        send_binary(ty.into(), value, out)?;
        let size = (out.len() - at - 4) as i32;
        out[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    Ok(())
}

fn send_array(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let array = ArrayRef::new(stored)?;
    let dims = array.dims();
    out.extend_from_slice(&(dims.len() as i32).to_be_bytes());
    out.extend_from_slice(&i32::from(array.has_nulls()).to_be_bytes());
    out.extend_from_slice(&array.elem().0.to_be_bytes());
    for dim in dims {
        out.extend_from_slice(&dim.len.to_be_bytes());
        out.extend_from_slice(&dim.lower.to_be_bytes());
    }
    array
        .iter()
        .try_for_each(|element| send_sized(array.elem(), element, out))
}

fn send_record(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let fields = decode_record(stored)?;
    out.extend_from_slice(&(fields.len() as i32).to_be_bytes());
    for field in fields {
        out.extend_from_slice(&field.ty.0.to_be_bytes());
        send_sized(field.ty, field.value, out)?;
    }
    Ok(())
}

const NUMERIC_NEG: u16 = 0x4000;
const NUMERIC_NAN: u16 = 0xC000;
const NUMERIC_PINF: u16 = 0xD000;
const NUMERIC_NINF: u16 = 0xF000;

fn send_numeric(number: &Numeric, out: &mut Vec<u8>) {
    let mut header = |count: u16, weight: i16, sign: u16, scale: u16| {
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(&weight.to_be_bytes());
        out.extend_from_slice(&sign.to_be_bytes());
        out.extend_from_slice(&scale.to_be_bytes());
    };
    match number {
        Numeric::NaN => return header(0, 0, NUMERIC_NAN, 0),
        Numeric::PosInf => return header(0, 0, NUMERIC_PINF, 0),
        Numeric::NegInf => return header(0, 0, NUMERIC_NINF, 0),
        _ => {}
    }
    let scale = number.scale();
    let sign = if number.signum() < 0 { NUMERIC_NEG } else { 0 };
    let Some(exponent) = number.decimal_exponent() else {
        return header(0, 0, sign, scale);
    };
    // Digits of base 10000 start where the decimal point falls on a multiple of four.
    let weight = exponent.div_euclid(4);
    let mut digits = vec![b'0'; (3 - exponent.rem_euclid(4)) as usize];
    number.write_digits(&mut digits);
    while !digits.len().is_multiple_of(4) {
        digits.push(b'0');
    }
    let mut groups: Vec<u16> = digits
        .chunks_exact(4)
        .map(|group| {
            group
                .iter()
                .fold(0, |sum, &digit| sum * 10 + u16::from(digit - b'0'))
        })
        .collect();
    while groups.last() == Some(&0) {
        groups.pop();
    }
    header(groups.len() as u16, weight as i16, sign, scale);
    groups
        .iter()
        .for_each(|group| out.extend_from_slice(&group.to_be_bytes()));
}

/// Reads the binary form of a value.
///
/// Errors: 22P03 for a malformed one, 08P01 for one of the wrong size, and the type's own.
pub fn recv_binary(ty: SqlType, bytes: &[u8]) -> Result<Datum> {
    let mut reader = Reader { rest: bytes };
    let value = receive(ty, &mut reader)?;
    if !reader.rest.is_empty() {
        return Err(Error::new(
            sqlstate::INVALID_BINARY_REPRESENTATION,
            "incorrect binary data format",
        ));
    }
    match ty.typmod {
        ..0 => Ok(value),
        _ => super::text_input::apply_typmod(ty, value.as_ref(), false),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(too_short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn slice(&mut self, size: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(size).ok_or_else(too_short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn i16(&mut self) -> Result<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Result<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64> {
        self.take().map(i64::from_be_bytes)
    }

    fn all(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    fn text(&mut self) -> Result<&'a str> {
        let text = std::str::from_utf8(self.all()).map_err(|error| {
            Error::new(
                sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
                format!("invalid byte sequence for encoding \"UTF8\": {error}"),
            )
        })?;
        if text.contains('\0') {
            return Err(Error::new(
                sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
                "invalid byte sequence for encoding \"UTF8\": 0x00",
            ));
        }
        Ok(text)
    }
}

fn too_short() -> Error {
    Error::new(
        sqlstate::PROTOCOL_VIOLATION,
        "insufficient data left in message",
    )
}

fn receive(ty: SqlType, reader: &mut Reader<'_>) -> Result<Datum> {
    Ok(match ty.oid {
        TypeOid::BOOL => Datum::Bool(reader.take::<1>()?[0] != 0),
        TypeOid::INT2 => Datum::I16(reader.i16()?),
        TypeOid::FLOAT4 => Datum::F32(reader.take().map(f32::from_be_bytes)?),
        TypeOid::FLOAT8 => Datum::F64(reader.take().map(f64::from_be_bytes)?),
        TypeOid::INTERVAL => {
            let (us, days, months) = (reader.i64()?, reader.i32()?, reader.i32()?);
            Datum::Fixed16(Interval { us, days, months }.to_bytes())
        }
        TypeOid::TIMETZ => {
            let (us, zone_s) = (reader.i64()?, reader.i32()?);
            Datum::Fixed16(TimeTz { us, zone_s }.to_bytes())
        }
        TypeOid::UUID => Datum::Fixed16(reader.take()?),
        TypeOid::TID => {
            let block = u32::from_be_bytes(reader.take()?);
            Datum::I64(i64::from(block) << 16 | i64::from(reader.i16()? as u16))
        }
        TypeOid::DATE => Datum::I32(receive_date(reader.i32()?)?),
        TypeOid::TIMESTAMP | TypeOid::TIMESTAMPTZ => Datum::I64(receive_timestamp(reader.i64()?)?),
        TypeOid::TIME => Datum::I64(receive_time(reader.i64()?)?),
        TypeOid::NUMERIC => Datum::Bytes(receive_numeric(reader)?.to_bytes().into()),
        TypeOid::BYTEA => Datum::Bytes(reader.all().into()),
        TypeOid::CHAR => {
            let byte = reader.take::<1>()?;
            Datum::Bytes(if byte == [0] { [].into() } else { byte.into() })
        }
        TypeOid::JSON => {
            let text = reader.text()?;
            validate_json(text)?;
            Datum::text(text)
        }
        TypeOid::JSONB => match reader.take::<1>()?[0] {
            1 => Datum::Bytes(parse_json(reader.text()?)?.to_stored().into()),
            version => {
                return Err(Error::internal(format!(
                    "unsupported jsonb version number {version}"
                )));
            }
        },
        oid => match (physical_of(oid), type_info(oid)) {
            (_, Some(info)) if info.is_array() => receive_array(reader, ty.typmod)?,
            (crate::Physical::I32, _) => Datum::I32(reader.i32()?),
            (crate::Physical::I64, _) => Datum::I64(reader.i64()?),
            (_, Some(info)) if info.is_pseudo() && oid != TypeOid::CSTRING => {
                return Err(Error::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    format!("cannot accept a value of type {}", info.sql_name),
                ));
            }
            _ => Datum::text(reader.text()?),
        },
    })
}

fn receive_date(days: i32) -> Result<i32> {
    if days == i32::MAX || days == i32::MIN {
        return Ok(days);
    }
    crate::datetime::check_date(days.into(), || "date out of range".into())
}

fn receive_timestamp(us: i64) -> Result<i64> {
    if us == i64::MAX || us == i64::MIN {
        return Ok(us);
    }
    crate::datetime::check_timestamp(Some(us))
}

fn receive_time(us: i64) -> Result<i64> {
    if (0..=crate::datetime::US_PER_DAY).contains(&us) {
        return Ok(us);
    }
    Err(Error::new(
        sqlstate::DATETIME_FIELD_OVERFLOW,
        "time out of range",
    ))
}

fn receive_numeric(reader: &mut Reader<'_>) -> Result<Numeric> {
    let bad = |what: &str| {
        Error::new(
            sqlstate::INVALID_BINARY_REPRESENTATION,
            format!("invalid {what} in external \"numeric\" value"),
        )
    };
    let count = reader.i16()? as u16;
    let weight = i32::from(reader.i16()?);
    let sign = reader.i16()? as u16;
    let scale = reader.i16()? as u16;
    match sign {
        NUMERIC_NAN => return Ok(Numeric::NaN),
        NUMERIC_PINF => return Ok(Numeric::PosInf),
        NUMERIC_NINF => return Ok(Numeric::NegInf),
        0 | NUMERIC_NEG => {}
        _ => return Err(bad("sign")),
    }
    if scale > Numeric::SCALE_MAX {
        return Err(bad("scale"));
    }
    let mut text = Vec::with_capacity(usize::from(count) * 4 + 1);
    for _ in 0..count {
        let digit = reader.i16()?;
        if !(0..10_000).contains(&digit) {
            return Err(bad("digit"));
        }
        text.extend_from_slice(format!("{digit:04}").as_bytes());
    }
    let coef = match text.is_empty() {
        true => BigInt::ZERO,
        false => BigInt::parse_bytes(&text, 10).ok_or_else(|| bad("digit"))?,
    };
    let coef = if sign == NUMERIC_NEG { -coef } else { coef };
    // The last digit group stands at 10^exponent; digits beyond the scale are cut off.
    let exponent = (weight - i32::from(count) + 1) * 4;
    Numeric::from_big_exponent(coef, exponent, scale)
}

fn receive_array(reader: &mut Reader<'_>, typmod: i32) -> Result<Datum> {
    let bad = |message: String| Error::new(sqlstate::INVALID_BINARY_REPRESENTATION, message);
    let ndim = reader.i32()?;
    if ndim < 0 {
        return Err(bad(format!("invalid number of dimensions: {ndim}")));
    }
    if ndim as usize > ARRAY_DIMS_MAX {
        return Err(too_many_dims(ndim as usize));
    }
    let flags = reader.i32()?;
    if !(0..=1).contains(&flags) {
        return Err(bad(format!("invalid array flags {flags}")));
    }
    let elem = TypeOid(reader.i32()? as u32);
    let mut dims = Vec::with_capacity(ndim as usize);
    let mut count = usize::from(ndim > 0);
    for _ in 0..ndim {
        let (len, lower) = (reader.i32()?, reader.i32()?);
        let len = u32::try_from(len).map_err(|_| bad("invalid array dimension".into()))?;
        count = count.saturating_mul(len as usize);
        dims.push(Dim { len, lower });
    }
    // Each element takes four bytes at least.
    if count > reader.rest.len() / 4 {
        return Err(too_short());
    }
    let mut builder = ArrayBuilder::new(elem);
    for _ in 0..count {
        match reader.i32()? {
            -1 => builder.push(DatumRef::Null),
            size => {
                let size = usize::try_from(size).map_err(|_| too_short())?;
                let element = SqlType::with_typmod(elem, typmod);
                builder.push(recv_binary(element, reader.slice(size)?)?.as_ref());
            }
        }
    }
    Ok(Datum::Bytes(match count {
        0 => builder.finish().into(),
        _ => builder.finish_dims(&dims)?.into(),
    }))
}
