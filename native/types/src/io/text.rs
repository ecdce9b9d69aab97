//! The text form of values.

use common::{Error, Result};

use super::{array_text, bytea, float_text, record_text};
use crate::datetime::{
    Interval, TimeTz, write_date, write_interval, write_time, write_timestamp, write_timestamptz,
    write_timetz,
};
use crate::datum::{Datum, DatumRef};
use crate::json::write_jsonb;
use crate::numeric::Numeric;
use crate::sql_type::SqlType;
use crate::text_context::TextContext;
use crate::type_info::type_info;
use crate::type_oid::TypeOid;

/// Appends the text of a value, as its type's output function; NULL appends nothing.
pub fn format_text(
    ty: SqlType,
    value: DatumRef<'_>,
    context: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    match value {
        DatumRef::Null => {}
        DatumRef::Bool(v) => out.push(if v { b't' } else { b'f' }),
        DatumRef::I16(v) => put_integer(v.into(), out),
        DatumRef::I32(v) => match ty.oid {
            TypeOid::DATE => write_date(v, context, out),
            TypeOid::INT4 => put_integer(v.into(), out),
            oid => put_oid(oid, v as u32, context, out),
        },
        DatumRef::I64(v) => match ty.oid {
            TypeOid::TIMESTAMP => write_timestamp(v, context, out),
            TypeOid::TIMESTAMPTZ => write_timestamptz(v, context, out),
            TypeOid::TIME => write_time(v, out),
            TypeOid::XID8 => out.extend_from_slice((v as u64).to_string().as_bytes()),
            TypeOid::PG_LSN => {
                let text = format!("{:X}/{:X}", (v as u64) >> 32, v as u32);
                out.extend_from_slice(text.as_bytes());
            }
            TypeOid::TID => {
                let text = format!("({},{})", (v as u64) >> 16, v as u16);
                out.extend_from_slice(text.as_bytes());
            }
            _ => put_integer(v, out),
        },
        DatumRef::F32(v) => float_text::write_f32(v, context.extra_float_digits, out),
        DatumRef::F64(v) => float_text::write_f64(v, context.extra_float_digits, out),
        DatumRef::Fixed16(v) => match ty.oid {
            TypeOid::INTERVAL => {
                write_interval(Interval::from_bytes(v), context.interval_style, out);
            }
            TypeOid::TIMETZ => write_timetz(TimeTz::from_bytes(v), out),
            _ => put_uuid(v, out),
        },
        DatumRef::Bytes(v) => return put_variable(ty.oid, v, context, out),
    }
    Ok(())
}

fn put_variable(
    oid: TypeOid,
    value: &[u8],
    context: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    match oid {
        TypeOid::NUMERIC => Numeric::decode(value)?.write_text(out),
        TypeOid::BYTEA => bytea::write_bytea(value, context.bytea_output, out),
        TypeOid::JSONB => write_jsonb(value, out)?,
        oid if crate::record::is_record(oid, value) => {
            record_text::write_record(value, context, out)?;
        }
        TypeOid::CHAR => put_one_byte(value, out),
        TypeOid::INT2VECTOR | TypeOid::OIDVECTOR => {
            let array = crate::array::ArrayRef::new(value)?;
            for (at, element) in array.iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                format_text(array.elem().into(), element, context, out)?;
            }
        }
        oid if type_info(oid).is_some_and(|info| info.is_array()) => {
            array_text::write_array(value, context, out)?;
        }
        // Rows of a table in an array: its type has no entry of its own.
        oid if type_info(oid).is_none() && crate::array::ArrayRef::new(value).is_ok() => {
            array_text::write_array(value, context, out)?;
        }
        _ => out.extend_from_slice(value),
    }
    Ok(())
}

/// "char": ASCII as it is, other bytes as `\ooo`, the zero byte as nothing.
fn put_one_byte(value: &[u8], out: &mut Vec<u8>) {
    match value.first() {
        None | Some(0) => {}
        Some(&byte) if byte >= 0x80 => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        Some(&byte) => out.push(byte),
    }
}

/// The text of a value with the default settings; `None` for NULL.
pub fn output_text(value: &Datum, ty: SqlType) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let mut out = Vec::new();
    format_text(ty, value.as_ref(), &TextContext::default(), &mut out).ok()?;
    String::from_utf8(out).ok()
}

fn put_oid(ty: TypeOid, oid: u32, context: &TextContext, out: &mut Vec<u8>) {
    let named = match ty {
        TypeOid::OID | TypeOid::XID | TypeOid::CID | TypeOid::VOID => None,
        _ if oid == 0 => Some("-".to_string()),
        TypeOid::REGTYPE if type_info(TypeOid(oid)).is_some() => {
            Some(crate::sql_type::format_type(TypeOid(oid), -1))
        }
        _ => context
            .names
            .as_ref()
            .and_then(|names| names.name_of(ty, oid)),
    };
    match named {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None if ty == TypeOid::VOID => {}
        None => put_integer(oid.into(), out),
    }
}

/// Appends decimal digits.
pub(crate) fn put_integer(value: i64, out: &mut Vec<u8>) {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&buffer[at..]);
}

fn put_uuid(uuid: [u8; 16], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for (at, byte) in uuid.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}

/// Text that must be UTF-8 because it was checked when it came in.
pub(crate) fn stored_str(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::corrupted("stored text that is not UTF-8"))
}
