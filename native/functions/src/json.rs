//! json and jsonb functions and operators (jsonfuncs.c, jsonb_op.c, json.c, jsonb.c).

use common::{Error, Result, bail, err, sqlstate};
use types::json::{JsonRef, JsonValue, parse_json, write_jsonb, write_jsonb_pretty};
use types::{ArrayRef, Datum, DatumRef, Numeric, TypeOid};

use crate::json_edit::{self, Change};
use crate::json_text::{self, Kind};
use crate::rows::arg_type;
use crate::{EvalContext, FunctionDef, def, json_build, row};

fn invalid(message: impl Into<String>) -> Error {
    Error::new(sqlstate::INVALID_PARAMETER_VALUE, message)
}

/// A stored value as text: strings without quotes, NULL for null.
pub(crate) fn stored_as_text(stored: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(match JsonRef::new(stored)? {
        JsonRef::Null => None,
        JsonRef::String(text) => Some(text.as_bytes().to_vec()),
        _ => {
            let mut out = Vec::new();
            write_jsonb(stored, &mut out)?;
            Some(out)
        }
    })
}

fn field<'a>(json: &'a [u8], key: &str) -> Result<Option<&'a [u8]>> {
    Ok(match JsonRef::new(json)? {
        JsonRef::Object(object) => object.get_stored(key),
        _ => None,
    })
}

/// What `->` with a number gives: a scalar is stored as an array of one, which shows here.
fn array_element(json: &[u8], at: i64) -> Result<Option<&[u8]>> {
    if JsonRef::new(json)?.is_scalar() {
        return Ok(matches!(at, 0 | -1).then_some(json));
    }
    element(json, at)
}

fn element(json: &[u8], at: i64) -> Result<Option<&[u8]>> {
    Ok(match JsonRef::new(json)? {
        JsonRef::Array(array) => {
            let at = if at < 0 { array.len() as i64 + at } else { at };
            usize::try_from(at).ok().and_then(|at| array.get_stored(at))
        }
        _ => None,
    })
}

/// The texts of a `text[]` argument, or of the arguments from `from` on; `None` if one is NULL.
fn texts<'a>(
    cx: &EvalContext<'_>,
    row: &[DatumRef<'a>],
    from: usize,
) -> Result<Option<Vec<&'a str>>> {
    if let (TypeOid::TEXT_ARRAY, Some(DatumRef::Bytes(stored))) =
        (arg_type(cx, from), row.get(from))
    {
        return Ok(ArrayRef::new(stored)?.iter().map(|v| v.as_str()).collect());
    }
    Ok(row[from..].iter().map(|value| value.as_str()).collect())
}

/// Without the NULLs.
fn texts_present<'a>(row: &[DatumRef<'a>], at: usize) -> Result<Vec<&'a str>> {
    let array = ArrayRef::new(row[at].as_bytes().unwrap_or(&[]))?;
    Ok(array.iter().filter_map(|value| value.as_str()).collect())
}

fn extract_jsonb<'a>(mut json: &'a [u8], path: &[&str]) -> Result<Option<&'a [u8]>> {
    for step in path {
        let next = match JsonRef::new(json)? {
            JsonRef::Object(_) => field(json, step)?,
            JsonRef::Array(_) => match step.trim().parse::<i64>() {
                Ok(at) => element(json, at)?,
                Err(_) => None,
            },
            _ => None,
        };
        match next {
            Some(next) => json = next,
            None => return Ok(None),
        }
    }
    Ok(Some(json))
}

fn extract_json<'a>(mut json: &'a str, path: &[&str]) -> Option<&'a str> {
    for step in path {
        json = match Kind::of(json) {
            Kind::Object => json_text::member(json, step)?,
            Kind::Array => json_text::element(json, step.trim().parse().ok()?)?,
            _ => return None,
        };
    }
    Some(json.trim())
}

fn jsonb_path(cx: &EvalContext<'_>, row: &[DatumRef<'_>], as_text: bool) -> Result<Datum> {
    let Some(path) = texts(cx, row, 1)? else {
        return Ok(Datum::Null);
    };
    let found = extract_jsonb(row[0].as_bytes().unwrap_or(&[]), &path)?;
    Ok(match (found, as_text) {
        (None, _) => Datum::Null,
        (Some(found), false) => Datum::Bytes(found.into()),
        (Some(found), true) => {
            stored_as_text(found)?.map_or(Datum::Null, |text| Datum::Bytes(text.into()))
        }
    })
}

fn json_path(cx: &EvalContext<'_>, row: &[DatumRef<'_>], as_text: bool) -> Result<Datum> {
    let Some(path) = texts(cx, row, 1)? else {
        return Ok(Datum::Null);
    };
    let found = extract_json(row[0].as_str().unwrap_or(""), &path);
    let shown = match as_text {
        true => found.and_then(json_text::as_text),
        false => found.map(str::to_string),
    };
    Ok(shown.map_or(Datum::Null, |text| Datum::text(&text)))
}

fn jsonb_extract(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    jsonb_path(cx, row, false)
}

fn jsonb_extract_text(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    jsonb_path(cx, row, true)
}

fn json_extract(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    json_path(cx, row, false)
}

fn json_extract_text(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    json_path(cx, row, true)
}

fn tree(stored: &[u8]) -> Result<JsonValue> {
    JsonValue::from_stored(JsonRef::new(stored)?)
}

fn contains(a: &[u8], b: &[u8]) -> Result<bool> {
    json_edit::contains(JsonRef::new(a)?, JsonRef::new(b)?)
}

fn exists_any(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let json = JsonRef::new(row[0].as_bytes().unwrap_or(&[]))?;
    let keys = texts_present(row, 1)?;
    Ok(Datum::Bool(
        keys.iter().any(|key| json_edit::exists(json, key)),
    ))
}

fn exists_all(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let json = JsonRef::new(row[0].as_bytes().unwrap_or(&[]))?;
    let keys = texts_present(row, 1)?;
    Ok(Datum::Bool(
        keys.iter().all(|key| json_edit::exists(json, key)),
    ))
}

fn concat(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    Ok(json_edit::concat(tree(a)?, tree(b)?).to_stored())
}

fn delete_keys(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let json = tree(row[0].as_bytes().unwrap_or(&[]))?;
    let keys = match arg_type(cx, 1) {
        TypeOid::TEXT_ARRAY => texts_present(row, 1)?,
        _ => row[1..].iter().filter_map(|key| key.as_str()).collect(),
    };
    Ok(json_build::stored(&json_edit::delete_keys(json, &keys)?))
}

fn path_of<'a>(row: &[DatumRef<'a>], at: usize) -> Result<Vec<&'a str>> {
    let array = ArrayRef::new(row[at].as_bytes().unwrap_or(&[]))?;
    if array.ndim() > 1 {
        bail!(
            sqlstate::ARRAY_SUBSCRIPT_ERROR,
            "wrong number of array subscripts"
        );
    }
    array
        .iter()
        .enumerate()
        .map(|(at, step)| {
            step.as_str().ok_or_else(|| {
                err!(
                    sqlstate::NULL_VALUE_NOT_ALLOWED,
                    "path element at position {} is null",
                    at + 1
                )
            })
        })
        .collect()
}

fn delete_path(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let mut json = tree(row[0].as_bytes().unwrap_or(&[]))?;
    json_edit::delete_path(&mut json, &path_of(row, 1)?, 0)?;
    Ok(json_build::stored(&json))
}

fn changed(row: &[DatumRef<'_>], new: &JsonValue, change: Change) -> Result<Datum> {
    let mut json = tree(row[0].as_bytes().unwrap_or(&[]))?;
    json_edit::change_path(&mut json, &path_of(row, 1)?, 0, new, change)?;
    Ok(json_build::stored(&json))
}

fn set(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let create = row.get(3).and_then(|flag| flag.as_bool()).unwrap_or(true);
    changed(
        row,
        &tree(row[2].as_bytes().unwrap_or(&[]))?,
        Change::Set { create },
    )
}

fn set_lax(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let null = |at: usize| row.get(at).is_some_and(|value| value.is_null());
    if null(0) || null(1) || null(3) {
        return Ok(Datum::Null);
    }
    if null(4) {
        return Err(invalid(
            "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", \
             or \"raise_exception\"",
        ));
    }
    let create = row.get(3).and_then(|flag| flag.as_bool()).unwrap_or(true);
    if let Some(new) = row[2].as_bytes() {
        return changed(row, &tree(new)?, Change::Set { create });
    }
    match row
        .get(4)
        .and_then(|value| value.as_str())
        .unwrap_or("use_json_null")
    {
        "raise_exception" => Err(Error::new(
            sqlstate::NULL_VALUE_NOT_ALLOWED,
            "JSON value must not be null",
        )
        .with_detail("Exception was raised because null_value_treatment is \"raise_exception\".")
        .with_hint(
            "To avoid, either change the null_value_treatment argument or ensure that an \
                     SQL NULL is not passed.",
        )),
        "use_json_null" => changed(row, &JsonValue::Null, Change::Set { create }),
        "delete_key" => {
            let mut json = tree(row[0].as_bytes().unwrap_or(&[]))?;
            json_edit::delete_path(&mut json, &path_of(row, 1)?, 0)?;
            Ok(json_build::stored(&json))
        }
        "return_target" => Ok(row[0].to_owned()),
        _ => Err(invalid(
            "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", \
             or \"raise_exception\"",
        )),
    }
}

fn insert(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let after = row.get(3).and_then(|flag| flag.as_bool()).unwrap_or(false);
    changed(
        row,
        &tree(row[2].as_bytes().unwrap_or(&[]))?,
        Change::Insert { after },
    )
}

fn pretty(json: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_jsonb_pretty(json, &mut out)?;
    Ok(out)
}

fn jsonb_array_length(json: &[u8]) -> Result<i32> {
    match JsonRef::new(json)? {
        JsonRef::Array(array) => Ok(array.len() as i32),
        JsonRef::Object(_) => Err(invalid("cannot get array length of a non-array")),
        _ => Err(invalid("cannot get array length of a scalar")),
    }
}

fn json_array_length(json: &str) -> Result<i32> {
    match Kind::of(json) {
        Kind::Array => Ok(json_text::elements(json).len() as i32),
        Kind::Object => Err(invalid("cannot get array length of a non-array")),
        _ => Err(invalid("cannot get array length of a scalar")),
    }
}

/// json without null members, written without blanks.
fn json_strip_nulls(json: &str, out: &mut Vec<u8>) {
    match Kind::of(json) {
        Kind::Object => {
            out.push(b'{');
            let kept = json_text::members(json);
            let kept = kept
                .iter()
                .filter(|(_, value)| Kind::of(value) != Kind::Null);
            for (at, (key, value)) in kept.enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                types::json::write_json_string(key, out);
                out.push(b':');
                json_strip_nulls(value, out);
            }
            out.push(b'}');
        }
        Kind::Array => {
            out.push(b'[');
            for (at, value) in json_text::elements(json).iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                json_strip_nulls(value, out);
            }
            out.push(b']');
        }
        _ => out.extend_from_slice(json.trim().as_bytes()),
    }
}

/// A cast from jsonb needs a scalar of the right kind.
fn cannot_cast(json: &JsonRef<'_>, to: &str) -> Error {
    let kind = match json {
        JsonRef::Number(_) => "numeric",
        other => other.type_name(),
    };
    invalid(format!("cannot cast jsonb {kind} to type {to}"))
}

fn number(json: &[u8], to: &str) -> Result<Numeric> {
    match JsonRef::new(json)? {
        JsonRef::Number(number) => Numeric::decode(number),
        other => Err(cannot_cast(&other, to)),
    }
}

fn boolean(json: &[u8]) -> Result<bool> {
    match JsonRef::new(json)? {
        JsonRef::Bool(flag) => Ok(flag),
        other => Err(cannot_cast(&other, "boolean")),
    }
}

fn text_of(found: Option<&[u8]>) -> Result<Option<Vec<u8>>> {
    found.map_or(Ok(None), stored_as_text)
}

fn member_text(json: &str, key: &str) -> Option<String> {
    json_text::member(json, key).and_then(json_text::as_text)
}

fn element_text(json: &str, at: i32) -> Option<String> {
    json_text::element(json, at).and_then(json_text::as_text)
}

fn delete_key(json: &[u8], key: &str) -> Result<Vec<u8>> {
    Ok(json_edit::delete_keys(tree(json)?, &[key])?.to_stored())
}

fn delete_at(json: &[u8], at: i32) -> Result<Vec<u8>> {
    Ok(json_edit::delete_at(tree(json)?, at)?.to_stored())
}

fn strip_nulls(json: &[u8]) -> Result<Vec<u8>> {
    Ok(json_edit::strip_nulls(tree(json)?).to_stored())
}

fn exists(json: &[u8], key: &str) -> Result<bool> {
    Ok(json_edit::exists(JsonRef::new(json)?, key))
}

fn type_name(json: &[u8]) -> Result<&'static str> {
    Ok(JsonRef::new(json)?.type_name())
}

fn jsonb_of_text(text: &str) -> Result<Vec<u8>> {
    Ok(parse_json(text)?.to_stored())
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(3947, "json_object_field", [JSON, TEXT] -> JSON, Immutable, |a: &str, k: &str| json_text::member(a, k) => &str),
    def!(3948, "json_object_field_text", [JSON, TEXT] -> TEXT, Immutable, |a: &str, k: &str| member_text(a, k) => String),
    def!(3949, "json_array_element", [JSON, INT4] -> JSON, Immutable, |a: &str, n: i32| json_text::element(a, n) => &str),
    def!(3950, "json_array_element_text", [JSON, INT4] -> TEXT, Immutable, |a: &str, n: i32| element_text(a, n) => String),
    row!(3951, "json_extract_path", [JSON, TEXT_ARRAY] variadic TEXT -> JSON, Immutable, strict json_extract),
    row!(3953, "json_extract_path_text", [JSON, TEXT_ARRAY] variadic TEXT -> TEXT, Immutable, strict json_extract_text),
    def!(3478, "jsonb_object_field", [JSONB, TEXT] -> JSONB, Immutable, |a: &[u8], k: &str| field(a, k) => &[u8]),
    def!(3214, "jsonb_object_field_text", [JSONB, TEXT] -> TEXT, Immutable, |a: &[u8], k: &str| field(a, k).and_then(text_of) => Vec<u8>),
    def!(3215, "jsonb_array_element", [JSONB, INT4] -> JSONB, Immutable, |a: &[u8], n: i32| array_element(a, n.into()) => &[u8]),
    def!(3216, "jsonb_array_element_text", [JSONB, INT4] -> TEXT, Immutable, |a: &[u8], n: i32| array_element(a, n.into()).and_then(text_of) => Vec<u8>),
    row!(3217, "jsonb_extract_path", [JSONB, TEXT_ARRAY] variadic TEXT -> JSONB, Immutable, strict jsonb_extract),
    row!(3940, "jsonb_extract_path_text", [JSONB, TEXT_ARRAY] variadic TEXT -> TEXT, Immutable, strict jsonb_extract_text),
    def!(4046, "jsonb_contains", [JSONB, JSONB] -> BOOL, Immutable, |a: &[u8], b: &[u8]| contains(a, b) => bool),
    def!(4050, "jsonb_contained", [JSONB, JSONB] -> BOOL, Immutable, |a: &[u8], b: &[u8]| contains(b, a) => bool),
    def!(4047, "jsonb_exists", [JSONB, TEXT] -> BOOL, Immutable, |a: &[u8], k: &str| exists(a, k) => bool),
    row!(4048, "jsonb_exists_any", [JSONB, TEXT_ARRAY] -> BOOL, Immutable, strict exists_any),
    row!(4049, "jsonb_exists_all", [JSONB, TEXT_ARRAY] -> BOOL, Immutable, strict exists_all),
    def!(3301, "jsonb_concat", [JSONB, JSONB] -> JSONB, Immutable, |a: &[u8], b: &[u8]| concat(a, b) => Vec<u8>),
    def!(3302, "jsonb_delete", [JSONB, TEXT] -> JSONB, Immutable, |a: &[u8], k: &str| delete_key(a, k) => Vec<u8>),
    def!(3303, "jsonb_delete", [JSONB, INT4] -> JSONB, Immutable, |a: &[u8], n: i32| delete_at(a, n) => Vec<u8>),
    row!(3343, "jsonb_delete", [JSONB, TEXT_ARRAY] variadic TEXT -> JSONB, Immutable, strict delete_keys),
    row!(3304, "jsonb_delete_path", [JSONB, TEXT_ARRAY] -> JSONB, Immutable, strict delete_path),
    row!(3305, "jsonb_set", [JSONB, TEXT_ARRAY, JSONB, BOOL] defaults 1 -> JSONB, Immutable, strict set),
    row!(5054, "jsonb_set_lax", [JSONB, TEXT_ARRAY, JSONB, BOOL, TEXT] defaults 2 -> JSONB, Immutable, lax set_lax),
    row!(3579, "jsonb_insert", [JSONB, TEXT_ARRAY, JSONB, BOOL] defaults 1 -> JSONB, Immutable, strict insert),
    def!(3262, "jsonb_strip_nulls", [JSONB] -> JSONB, Immutable, |a: &[u8]| strip_nulls(a) => Vec<u8>),
    def!(3261, "json_strip_nulls", [JSON] -> JSON, Immutable, |a: &str| write out => json_strip_nulls(a, out)),
    def!(3306, "jsonb_pretty", [JSONB] -> TEXT, Immutable, |a: &[u8]| pretty(a) => Vec<u8>),
    def!(3210, "jsonb_typeof", [JSONB] -> TEXT, Immutable, |a: &[u8]| type_name(a) => &str),
    def!(3968, "json_typeof", [JSON] -> TEXT, Immutable, |a: &str| Kind::of(a).name() => &str),
    def!(3207, "jsonb_array_length", [JSONB] -> INT4, Immutable, |a: &[u8]| jsonb_array_length(a) => i32),
    def!(3956, "json_array_length", [JSON] -> INT4, Immutable, |a: &str| json_array_length(a) => i32),
    def!(3449, "numeric", [JSONB] -> NUMERIC, Immutable, |a: &[u8]| number(a, "numeric") => Numeric),
    def!(3450, "int2", [JSONB] -> INT2, Immutable, |a: &[u8]| number(a, "smallint").and_then(|n| n.to_i16()) => i16),
    def!(3451, "int4", [JSONB] -> INT4, Immutable, |a: &[u8]| number(a, "integer").and_then(|n| n.to_i32()) => i32),
    def!(3452, "int8", [JSONB] -> INT8, Immutable, |a: &[u8]| number(a, "bigint").and_then(|n| n.to_i64("bigint")) => i64),
    def!(3453, "float4", [JSONB] -> FLOAT4, Immutable, |a: &[u8]| number(a, "real").and_then(|n| n.to_f32()) => f32),
    def!(2580, "float8", [JSONB] -> FLOAT8, Immutable, |a: &[u8]| number(a, "double precision").and_then(|n| n.to_f64()) => f64),
    def!(3556, "bool", [JSONB] -> BOOL, Immutable, |a: &[u8]| boolean(a) => bool),
    def!(3806, "jsonb_in", [CSTRING] -> JSONB, Immutable, |a: &str| jsonb_of_text(a) => Vec<u8>),
    row!(3176, "to_json", [ANYELEMENT] -> JSON, Stable, strict json_build::to_json),
    row!(3787, "to_jsonb", [ANYELEMENT] -> JSONB, Stable, strict json_build::to_jsonb),
    row!(3155, "row_to_json", [RECORD] -> JSON, Stable, strict json_build::to_json),
    row!(3156, "row_to_json", [RECORD, BOOL] -> JSON, Stable, strict json_build::to_json),
    row!(3153, "array_to_json", [ANYARRAY] -> JSON, Stable, strict json_build::to_json),
    row!(3154, "array_to_json", [ANYARRAY, BOOL] -> JSON, Stable, strict json_build::to_json),
    row!(3198, "json_build_array", [ANY] variadic ANY -> JSON, Stable, lax json_build::build_array),
    row!(3199, "json_build_array", [] -> JSON, Stable, lax json_build::build_array),
    row!(3200, "json_build_object", [ANY] variadic ANY -> JSON, Stable, lax json_build::build_object),
    row!(3201, "json_build_object", [] -> JSON, Stable, lax json_build::build_object),
    row!(3271, "jsonb_build_array", [ANY] variadic ANY -> JSONB, Stable, lax json_build::build_jsonb_array),
    row!(3272, "jsonb_build_array", [] -> JSONB, Stable, lax json_build::build_jsonb_array),
    row!(3273, "jsonb_build_object", [ANY] variadic ANY -> JSONB, Stable, lax json_build::build_jsonb_object),
    row!(3274, "jsonb_build_object", [] -> JSONB, Stable, lax json_build::build_jsonb_object),
    row!(3202, "json_object", [TEXT_ARRAY] -> JSON, Immutable, strict json_build::json_object),
    row!(3203, "json_object", [TEXT_ARRAY, TEXT_ARRAY] -> JSON, Immutable, strict json_build::json_object),
    row!(3263, "jsonb_object", [TEXT_ARRAY] -> JSONB, Immutable, strict json_build::jsonb_object),
    row!(3264, "jsonb_object", [TEXT_ARRAY, TEXT_ARRAY] -> JSONB, Immutable, strict json_build::jsonb_object),
];
