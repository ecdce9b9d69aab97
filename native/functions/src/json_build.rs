//! Values of any type as JSON (json.c, jsonb.c).

use common::{Error, Result, bail, sqlstate};
use types::datetime::{write_date, write_timestamp, write_timestamptz};
use types::json::{JsonRef, JsonValue, parse_json, write_json_string};
use types::{ArrayRef, Datum, DatumRef, Numeric, TextContext, TypeOid, decode_record, element_of};

use crate::EvalContext;
use crate::rows::arg_type;

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::corrupted("stored text that is not UTF-8"))
}

/// Dates and times as ISO 8601 with a `T`, whatever `DateStyle` says.
fn put_moment(ty: TypeOid, value: DatumRef<'_>, text: &TextContext, out: &mut Vec<u8>) -> bool {
    let context = TextContext {
        time_zone: text.time_zone.clone(),
        ..TextContext::default()
    };
    let start = out.len();
    match (ty, value) {
        (TypeOid::DATE, DatumRef::I32(days)) => {
            write_date(days, &context, out);
            return true;
        }
        (TypeOid::TIMESTAMP, DatumRef::I64(us)) => write_timestamp(us, &context, out),
        (TypeOid::TIMESTAMPTZ, DatumRef::I64(us)) => {
            write_timestamptz(us, &context, out);
            // The offset always has its minutes here.
            let sign = out[start..].iter().rposition(|c| matches!(c, b'+' | b'-'));
            if let Some(sign) = sign
                && out.len() - (start + sign) == 3
            {
                out.extend_from_slice(b":00");
            }
        }
        _ => return false,
    }
    if let Some(blank) = out[start..].iter().position(|&c| c == b' ') {
        out[start + blank] = b'T';
    }
    true
}

/// Appends a value as json text, as `to_json`; NULL as null.
pub fn write_json(
    ty: TypeOid,
    value: DatumRef<'_>,
    text: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    write_json_pretty(ty, value, text, false, out)
}

/// [`write_json`] with a new line between the members of the outermost container, if `lines`.
pub(crate) fn write_json_pretty(
    ty: TypeOid,
    value: DatumRef<'_>,
    text: &TextContext,
    lines: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    match (ty, value) {
        (_, DatumRef::Null) => out.extend_from_slice(b"null"),
        (_, DatumRef::Bool(flag)) => {
            out.extend_from_slice(if flag { b"true" } else { b"false" });
        }
        (TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8, number) => {
            types::format_text(ty.into(), number, text, out)?;
        }
        (TypeOid::FLOAT4 | TypeOid::FLOAT8 | TypeOid::NUMERIC, number) => {
            let start = out.len();
            types::format_text(ty.into(), number, text, out)?;
            // NaN and the infinities are no JSON numbers.
            if out[out.len() - 1].is_ascii_alphabetic() {
                out.insert(start, b'"');
                out.push(b'"');
            }
        }
        (TypeOid::DATE | TypeOid::TIMESTAMP | TypeOid::TIMESTAMPTZ, moment) => {
            out.push(b'"');
            put_moment(ty, moment, text, out);
            out.push(b'"');
        }
        // As below, without a copy.
        (TypeOid::TEXT | TypeOid::VARCHAR, DatumRef::Bytes(shown)) => {
            write_json_string(utf8(shown)?, out);
        }
        (TypeOid::JSON, DatumRef::Bytes(json)) => out.extend_from_slice(json),
        (TypeOid::JSONB, json) => types::format_text(ty.into(), json, text, out)?,
        (ty, DatumRef::Bytes(record)) if types::is_record(ty, record) => {
            write_record(record, text, lines, out)?;
        }
        (ty, DatumRef::Bytes(stored)) if element_of(ty).is_some() => {
            let array = ArrayRef::new(stored)?;
            let dims: Vec<usize> = array.dims().iter().map(|dim| dim.len as usize).collect();
            write_array(&array, &dims, &mut 0, text, lines, out)?;
        }
        (ty, value) => {
            let mut shown = Vec::new();
            types::format_text(ty.into(), value, text, &mut shown)?;
            write_json_string(utf8(&shown)?, out);
        }
    }
    Ok(())
}

fn separator(lines: bool) -> &'static [u8] {
    if lines { b",\n " } else { b"," }
}

fn write_array(
    array: &ArrayRef<'_>,
    dims: &[usize],
    position: &mut usize,
    text: &TextContext,
    lines: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    let Some((&len, inner)) = dims.split_first() else {
        out.extend_from_slice(b"[]");
        return Ok(());
    };
    out.push(b'[');
    for at in 0..len {
        if at > 0 {
            out.extend_from_slice(separator(lines));
        }
        if inner.is_empty() {
            write_json(array.elem(), array.get(*position), text, out)?;
            *position += 1;
        } else {
            write_array(array, inner, position, text, false, out)?;
        }
    }
    out.push(b']');
    Ok(())
}

/// The name of field `at` of a record: its own or f1, f2, ...
fn field_name(name: &str, at: usize) -> std::borrow::Cow<'_, str> {
    if name.is_empty() {
        format!("f{}", at + 1).into()
    } else {
        name.into()
    }
}

fn write_record(stored: &[u8], text: &TextContext, lines: bool, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'{');
    for (at, field) in decode_record(stored)?.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(separator(lines));
        }
        write_json_string(&field_name(field.name, at), out);
        out.push(b':');
        write_json(field.ty, field.value, text, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// A value as a tree, as `to_jsonb`; NULL as null.
pub(crate) fn json_value(
    ty: TypeOid,
    value: DatumRef<'_>,
    text: &TextContext,
) -> Result<JsonValue> {
    Ok(match (ty, value) {
        (_, DatumRef::Null) => JsonValue::Null,
        (_, DatumRef::Bool(flag)) => JsonValue::Bool(flag),
        (TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8, number) => {
            JsonValue::Number(Numeric::from(number.as_i64().unwrap_or(0)))
        }
        (TypeOid::NUMERIC, DatumRef::Bytes(stored)) => match Numeric::decode(stored)? {
            special if !special.is_finite() => JsonValue::String(special.to_string()),
            number => JsonValue::Number(number),
        },
        (TypeOid::FLOAT4 | TypeOid::FLOAT8, number) => {
            let mut shown = Vec::new();
            types::format_text(ty.into(), number, text, &mut shown)?;
            let shown = utf8(&shown)?;
            match Numeric::parse(shown)? {
                number if number.is_finite() => JsonValue::Number(number),
                _ => JsonValue::String(shown.to_string()),
            }
        }
        (TypeOid::JSON, DatumRef::Bytes(json)) => parse_json(utf8(json)?)?,
        (TypeOid::JSONB, DatumRef::Bytes(json)) => JsonValue::from_stored(JsonRef::new(json)?)?,
        (ty, DatumRef::Bytes(record)) if types::is_record(ty, record) => JsonValue::Object(
            decode_record(record)?
                .iter()
                .enumerate()
                .map(|(at, field)| {
                    let value = json_value(field.ty, field.value, text)?;
                    Ok((field_name(field.name, at).into_owned(), value))
                })
                .collect::<Result<_>>()?,
        ),
        (ty, DatumRef::Bytes(stored)) if element_of(ty).is_some() => {
            let array = ArrayRef::new(stored)?;
            let dims: Vec<usize> = array.dims().iter().map(|dim| dim.len as usize).collect();
            array_value(&array, &dims, &mut 0, text)?
        }
        (ty, value) => {
            let mut shown = Vec::new();
            if !put_moment(ty, value, text, &mut shown) {
                types::format_text(ty.into(), value, text, &mut shown)?;
            }
            JsonValue::String(utf8(&shown)?.to_string())
        }
    })
}

fn array_value(
    array: &ArrayRef<'_>,
    dims: &[usize],
    position: &mut usize,
    text: &TextContext,
) -> Result<JsonValue> {
    let Some((&len, inner)) = dims.split_first() else {
        return Ok(JsonValue::Array(Vec::new()));
    };
    let mut values = Vec::with_capacity(len);
    for _ in 0..len {
        if inner.is_empty() {
            values.push(json_value(array.elem(), array.get(*position), text)?);
            *position += 1;
        } else {
            values.push(array_value(array, inner, position, text)?);
        }
    }
    Ok(JsonValue::Array(values))
}

/// A datum of type jsonb.
pub(crate) fn stored(value: &JsonValue) -> Datum {
    Datum::Bytes(value.to_stored().into())
}

pub(crate) fn to_json(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let lines = row.get(1).and_then(|flag| flag.as_bool()).unwrap_or(false);
    let mut out = Vec::new();
    write_json_pretty(arg_type(cx, 0), row[0], cx.text, lines, &mut out)?;
    Ok(Datum::Bytes(out.into()))
}

pub(crate) fn to_jsonb(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(stored(&json_value(arg_type(cx, 0), row[0], cx.text)?))
}

pub(crate) fn build_array(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let mut out = vec![b'['];
    for (at, value) in row.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        write_json(arg_type(cx, at), *value, cx.text, &mut out)?;
    }
    out.push(b']');
    Ok(Datum::Bytes(out.into()))
}

pub(crate) fn build_jsonb_array(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let values = row
        .iter()
        .enumerate()
        .map(|(at, v)| json_value(arg_type(cx, at), *v, cx.text));
    Ok(stored(&JsonValue::Array(values.collect::<Result<_>>()?)))
}

/// A key of an object, from a value of any scalar type.
pub(crate) fn key_text(ty: TypeOid, value: DatumRef<'_>, text: &TextContext) -> Result<String> {
    let container =
        matches!(ty, TypeOid::RECORD | TypeOid::JSON | TypeOid::JSONB) || element_of(ty).is_some();
    if container {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "key value must be scalar, not array, composite, or json"
        );
    }
    let mut out = Vec::new();
    match value {
        DatumRef::Bool(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        value => {
            if !put_moment(ty, value, text, &mut out) {
                types::format_text(ty.into(), value, text, &mut out)?;
            }
        }
    }
    utf8(&out).map(str::to_string)
}

fn odd_arguments(name: &str) -> Error {
    Error::new(
        sqlstate::INVALID_PARAMETER_VALUE,
        "argument list must have even number of elements",
    )
    .with_hint(format!(
        "The arguments of {name}() must consist of alternating keys and values."
    ))
}

pub(crate) fn build_object(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if !row.len().is_multiple_of(2) {
        return Err(odd_arguments("json_build_object"));
    }
    let mut out = vec![b'{'];
    for (at, pair) in row.chunks_exact(2).enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        if pair[0].is_null() {
            return Err(Error::new(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("argument {} cannot be null", 2 * at + 1),
            )
            .with_hint("Object keys should be text."));
        }
        write_json_string(&key_text(arg_type(cx, 2 * at), pair[0], cx.text)?, &mut out);
        out.extend_from_slice(b" : ");
        write_json(arg_type(cx, 2 * at + 1), pair[1], cx.text, &mut out)?;
    }
    out.push(b'}');
    Ok(Datum::Bytes(out.into()))
}

pub(crate) fn build_jsonb_object(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if !row.len().is_multiple_of(2) {
        return Err(odd_arguments("jsonb_build_object"));
    }
    let mut pairs = Vec::with_capacity(row.len() / 2);
    for (at, pair) in row.chunks_exact(2).enumerate() {
        if pair[0].is_null() {
            return Err(Error::new(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("argument {}: key must not be null", 2 * at + 1),
            ));
        }
        let key = key_text(arg_type(cx, 2 * at), pair[0], cx.text)?;
        pairs.push((key, json_value(arg_type(cx, 2 * at + 1), pair[1], cx.text)?));
    }
    Ok(stored(&JsonValue::Object(pairs)))
}

/// The pairs of `json_object(text[])` and `json_object(text[], text[])`.
fn object_pairs(row: &[DatumRef<'_>]) -> Result<Vec<(String, JsonValue)>> {
    let array = |value: &DatumRef<'_>| -> Result<(Vec<Option<String>>, usize, Vec<u32>)> {
        let array = ArrayRef::new(value.as_bytes().unwrap_or(&[]))?;
        let texts = array
            .iter()
            .map(|v| v.as_str().map(str::to_string))
            .collect();
        let lens = array.dims().iter().map(|dim| dim.len).collect();
        Ok((texts, array.ndim(), lens))
    };
    let error = |message: &str| Error::new(sqlstate::ARRAY_SUBSCRIPT_ERROR, message);
    let (keys, ndim, lens) = array(&row[0])?;
    let pairs: Vec<(Option<String>, Option<String>)> = match row.get(1) {
        Some(values) => {
            let (values, ndim_values, _) = array(values)?;
            if ndim > 1 || ndim_values > 1 {
                return Err(error("wrong number of array subscripts"));
            }
            if keys.len() != values.len() {
                return Err(error("mismatched array dimensions"));
            }
            keys.into_iter().zip(values).collect()
        }
        None => {
            match ndim {
                0 | 1 if keys.len() % 2 != 0 => {
                    return Err(error("array must have even number of elements"));
                }
                2 if lens[1] != 2 => return Err(error("array must have two columns")),
                0..=2 => {}
                _ => return Err(error("wrong number of array subscripts")),
            }
            let mut texts = keys.into_iter();
            let mut pairs = Vec::new();
            while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
                pairs.push((key, value));
            }
            pairs
        }
    };
    pairs
        .into_iter()
        .map(|(key, value)| {
            let key = key.ok_or_else(|| {
                Error::new(
                    sqlstate::NULL_VALUE_NOT_ALLOWED,
                    "null value not allowed for object key",
                )
            })?;
            Ok((key, value.map_or(JsonValue::Null, JsonValue::String)))
        })
        .collect()
}

pub(crate) fn json_object(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let mut out = vec![b'{'];
    for (at, (key, value)) in object_pairs(row)?.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        write_json_string(key, &mut out);
        out.extend_from_slice(b" : ");
        match value {
            JsonValue::String(text) => write_json_string(text, &mut out),
            _ => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    Ok(Datum::Bytes(out.into()))
}

pub(crate) fn jsonb_object(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(stored(&JsonValue::Object(object_pairs(row)?)))
}
