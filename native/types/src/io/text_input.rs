//! Values from text.

use common::{Error, Result, bail, sqlstate};

use super::text::stored_str;
use super::{array_text, bytea, float_text};
use crate::datetime::{
    apply_interval_typmod, parse_date, parse_interval, parse_time, parse_timestamp,
    parse_timestamptz, parse_timetz, round_us,
};
use crate::datum::{Datum, DatumRef};
use crate::json::{parse_json, validate_json};
use crate::numeric::Numeric;
use crate::sql_type::{SqlType, format_type};
use crate::text_context::TextContext;
use crate::type_info::{type_by_name, type_info};
use crate::type_oid::TypeOid;

/// Reads a value as its type's input function and fits it to the modifier.
///
/// Errors: PostgreSQL's, 22P02 for bad syntax and the type's own; 0A000 for pseudo-types.
pub fn parse_text(ty: SqlType, text: &str, context: &TextContext) -> Result<Datum> {
    Ok(match ty.oid {
        TypeOid::BOOL => Datum::Bool(parse_bool(text)?),
        TypeOid::INT2 => Datum::I16(parse_integer(text, "smallint")?),
        TypeOid::INT4 => Datum::I32(parse_integer(text, "integer")?),
        TypeOid::INT8 => Datum::I64(parse_integer(text, "bigint")?),
        TypeOid::FLOAT4 => Datum::F32(float_text::parse_f32(text)?),
        TypeOid::FLOAT8 => Datum::F64(float_text::parse_f64(text)?),
        TypeOid::NUMERIC => Datum::Bytes(Numeric::parse(text)?.apply_typmod(ty)?.to_bytes().into()),
        TypeOid::DATE => Datum::I32(parse_date(text, context)?),
        TypeOid::TIME => Datum::I64(rounded(parse_time(text, context)?, ty)),
        TypeOid::TIMESTAMP => Datum::I64(rounded(parse_timestamp(text, context)?, ty)),
        TypeOid::TIMESTAMPTZ => Datum::I64(rounded(parse_timestamptz(text, context)?, ty)),
        TypeOid::TIMETZ => {
            let mut time = parse_timetz(text, context)?;
            time.us = rounded(time.us, ty);
            Datum::Fixed16(time.to_bytes())
        }
        TypeOid::INTERVAL => {
            let interval = parse_interval(text, ty.typmod)?;
            Datum::Fixed16(apply_interval_typmod(interval, ty.typmod).to_bytes())
        }
        TypeOid::UUID => Datum::Fixed16(parse_uuid(text)?),
        TypeOid::BYTEA => Datum::Bytes(bytea::parse_bytea(text)?.into()),
        TypeOid::JSON => {
            validate_json(text)?;
            Datum::text(text)
        }
        TypeOid::JSONB => Datum::Bytes(parse_json(text)?.to_stored().into()),
        TypeOid::VARCHAR | TypeOid::BPCHAR => {
            let fitted = apply_text_typmod(text.as_bytes(), ty, false)?;
            Datum::Bytes(fitted.into_owned().into())
        }
        TypeOid::NAME => Datum::text(truncate_name(text)),
        TypeOid::CHAR => Datum::Bytes(text.as_bytes().get(..1).unwrap_or(b"").into()),
        TypeOid::OID | TypeOid::XID | TypeOid::CID => Datum::oid(parse_oid(text, ty.oid)?),
        TypeOid::XID8 => Datum::I64(parse_integer::<i128>(text, "xid8")? as i64),
        TypeOid::PG_LSN => Datum::I64(parse_lsn(text)?),
        TypeOid::TID => Datum::I64(parse_tid(text)?),
        TypeOid::VOID => Datum::oid(0),
        TypeOid::INT2VECTOR | TypeOid::OIDVECTOR => parse_vector(ty, text, context)?,
        oid => return parse_other(oid, ty, text, context),
    })
}

fn parse_other(oid: TypeOid, ty: SqlType, text: &str, context: &TextContext) -> Result<Datum> {
    let Some(info) = type_info(oid) else {
        return Ok(Datum::text(text));
    };
    if info.is_array() {
        let elem = SqlType::with_typmod(info.elem_oid, ty.typmod);
        return Ok(Datum::Bytes(
            array_text::parse_array(elem, text, context)?.into(),
        ));
    }
    if info.name.starts_with("reg") {
        return parse_reg(oid, text, context).map(Datum::oid);
    }
    if info.is_pseudo() && oid != TypeOid::CSTRING {
        bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "cannot accept a value of type {}",
            info.sql_name
        );
    }
    Ok(Datum::text(text))
}

fn rounded(us: i64, ty: SqlType) -> i64 {
    match ty.second_digits() {
        Some(digits) if us != i64::MAX && us != i64::MIN => round_us(us, digits),
        _ => us,
    }
}

fn syntax_error(ty: &str, text: &str) -> Error {
    Error::new(
        sqlstate::INVALID_TEXT_REPRESENTATION,
        format!("invalid input syntax for type {ty}: \"{text}\""),
    )
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b')
}

/// Unique prefixes of true, false, yes, no; on, off; 1, 0; in any case.
pub fn parse_bool(text: &str) -> Result<bool> {
    let word = trimmed(text).to_ascii_lowercase();
    let is = |full: &str| !word.is_empty() && full.starts_with(word.as_str());
    if is("true") || is("yes") || word == "on" || word == "1" {
        return Ok(true);
    }
    if is("false") || is("no") || word == "of" || word == "off" || word == "0" {
        return Ok(false);
    }
    Err(syntax_error("boolean", text))
}

/// A decimal integer with blanks around; `ty` names the type in errors.
pub fn parse_integer<T: TryFrom<i128>>(text: &str, ty: &str) -> Result<T> {
    let digits = trimmed(text);
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|c| c.is_ascii_digit()) {
        return Err(syntax_error(ty, text));
    }
    let value: Option<i128> = digits.parse().ok();
    value
        .and_then(|value| T::try_from(value).ok())
        .ok_or_else(|| {
            Error::new(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                format!("value \"{text}\" is out of range for type {ty}"),
            )
        })
}

/// An unsigned number; negative ones wrap, as in PostgreSQL.
fn parse_oid(text: &str, ty: TypeOid) -> Result<u32> {
    let name = format_type(ty, -1);
    let value: i64 = parse_integer(text, &name)?;
    match value {
        -2_147_483_648..=4_294_967_295 => Ok(value as u32),
        _ => Err(Error::new(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            format!("value \"{text}\" is out of range for type {name}"),
        )),
    }
}

fn parse_reg(ty: TypeOid, text: &str, context: &TextContext) -> Result<u32> {
    let name = trimmed(text);
    if name == "-" {
        return Ok(0);
    }
    if !name.is_empty() && name.bytes().all(|c| c.is_ascii_digit()) {
        return parse_oid(name, TypeOid::OID);
    }
    if ty == TypeOid::REGTYPE
        && let Some(info) = type_by_name(name.strip_prefix("pg_catalog.").unwrap_or(name))
    {
        return Ok(info.oid.0);
    }
    match &context.names {
        Some(names) => names.oid_of(ty, name),
        None => Err(Error::not_implemented(format!(
            "reading {} without a catalog",
            format_type(ty, -1)
        ))),
    }
}

fn parse_vector(ty: SqlType, text: &str, context: &TextContext) -> Result<Datum> {
    let elem = match ty.oid {
        TypeOid::INT2VECTOR => TypeOid::INT2,
        _ => TypeOid::OID,
    };
    let mut builder = crate::array::ArrayBuilder::new(elem);
    for word in text.split_ascii_whitespace() {
        builder.push(parse_text(elem.into(), word, context)?.as_ref());
    }
    let len = builder.len() as u32;
    Ok(Datum::Bytes(
        builder
            .finish_dims(&[crate::array::Dim { len, lower: 0 }])?
            .into(),
    ))
}

fn parse_lsn(text: &str) -> Result<i64> {
    let part = |part: &str| -> Option<i64> {
        let valid = (1..=8).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_hexdigit());
        if valid {
            i64::from_str_radix(part, 16).ok()
        } else {
            None
        }
    };
    text.split_once('/')
        .and_then(|(high, low)| Some(part(high)? << 32 | part(low)?))
        .ok_or_else(|| syntax_error("pg_lsn", text))
}

fn parse_tid(text: &str) -> Result<i64> {
    trimmed(text)
        .strip_prefix('(')
        .and_then(|inside| inside.strip_suffix(')'))
        .and_then(|inside| inside.split_once(','))
        .and_then(|(block, offset)| {
            let block: u32 = block.trim().parse().ok()?;
            let offset: u16 = offset.trim().parse().ok()?;
            Some(i64::from(block) << 16 | i64::from(offset))
        })
        .ok_or_else(|| syntax_error("tid", text))
}

/// 32 hexadecimal digits, with hyphens after any four and braces around.
pub fn parse_uuid(text: &str) -> Result<[u8; 16]> {
    let error = || syntax_error("uuid", text);
    let body = match text.strip_prefix('{') {
        Some(inside) => inside.strip_suffix('}').ok_or_else(error)?,
        None => text,
    };
    let mut uuid = [0u8; 16];
    let mut digits = 0;
    let mut after_hyphen = false;
    for c in body.bytes() {
        if c == b'-' && digits > 0 && digits < 32 && digits % 4 == 0 && !after_hyphen {
            after_hyphen = true;
            continue;
        }
        after_hyphen = false;
        let digit = (c as char).to_digit(16).ok_or_else(error)? as u8;
        if digits == 32 {
            return Err(error());
        }
        uuid[digits / 2] |= if digits % 2 == 0 { digit << 4 } else { digit };
        digits += 1;
    }
    if digits == 32 && !after_hyphen {
        Ok(uuid)
    } else {
        Err(error())
    }
}

/// At most 63 bytes of a name, cut between characters.
fn truncate_name(text: &str) -> &str {
    let mut end = text.len().min(63);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Fits text to char(n) or varchar(n): blanks beyond go, char is padded. Other text beyond is 22001,
/// or cut off when the cast is `explicit`.
pub fn apply_text_typmod(
    text: &[u8],
    ty: SqlType,
    explicit: bool,
) -> Result<std::borrow::Cow<'_, [u8]>> {
    let Some(max) = ty.char_length().filter(|_| ty.typmod >= 0) else {
        return Ok(text.into());
    };
    let ascii_or_short = text.len() <= max;
    let count = match ascii_or_short && ty.oid != TypeOid::BPCHAR {
        true => return Ok(text.into()),
        false => text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count(),
    };
    if count <= max {
        if ty.oid != TypeOid::BPCHAR || count == max {
            return Ok(text.into());
        }
        let mut padded = text.to_vec();
        padded.resize(text.len() + max - count, b' ');
        return Ok(padded.into());
    }
    let cut = stored_str(text)?
        .char_indices()
        .nth(max)
        .map_or(text.len(), |(at, _)| at);
    if !explicit && text[cut..].iter().any(|&byte| byte != b' ') {
        bail!(
            sqlstate::STRING_DATA_RIGHT_TRUNCATION,
            "value too long for type {}",
            format_type(ty.oid, ty.typmod)
        );
    }
    Ok(text[..cut].into())
}

/// Fits a value to its type's modifier, as a cast to the same type does.
pub fn apply_typmod(ty: SqlType, value: DatumRef<'_>, explicit: bool) -> Result<Datum> {
    if ty.typmod < 0 {
        return Ok(value.to_owned());
    }
    Ok(match (ty.oid, value) {
        (TypeOid::VARCHAR | TypeOid::BPCHAR, DatumRef::Bytes(text)) => {
            Datum::Bytes(apply_text_typmod(text, ty, explicit)?.into_owned().into())
        }
        (TypeOid::NUMERIC, DatumRef::Bytes(stored)) => {
            Datum::Bytes(Numeric::decode(stored)?.apply_typmod(ty)?.to_bytes().into())
        }
        (TypeOid::TIME | TypeOid::TIMESTAMP | TypeOid::TIMESTAMPTZ, DatumRef::I64(us)) => {
            Datum::I64(rounded(us, ty))
        }
        (TypeOid::INTERVAL, DatumRef::Fixed16(stored)) => {
            let interval = crate::datetime::Interval::from_bytes(stored);
            Datum::Fixed16(apply_interval_typmod(interval, ty.typmod).to_bytes())
        }
        (TypeOid::TIMETZ, DatumRef::Fixed16(stored)) => {
            let mut time = crate::datetime::TimeTz::from_bytes(stored);
            time.us = rounded(time.us, ty);
            Datum::Fixed16(time.to_bytes())
        }
        (oid, DatumRef::Bytes(stored)) if type_info(oid).is_some_and(|info| info.is_array()) => {
            let array = crate::array::ArrayRef::new(stored)?;
            let elem = SqlType::with_typmod(array.elem(), ty.typmod);
            let mut builder = crate::array::ArrayBuilder::new(array.elem());
            for element in array.iter() {
                builder.push(apply_typmod(elem, element, explicit)?.as_ref());
            }
            Datum::Bytes(builder.finish_dims(&array.dims())?.into())
        }
        _ => value.to_owned(),
    })
}
