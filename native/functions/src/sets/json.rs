//! Sets from json and jsonb: elements, members, keys.

use common::{Error, Result};
use types::Datum;
use types::json::JsonRef;

use crate::errors::invalid_parameter;
use crate::json::stored_as_text;
use crate::json_text::{self, Kind};
use crate::rows::ReadyRows;
use crate::{EvalContext, FunctionDef, SetRows, set_of};

fn bytes(args: &[Datum]) -> &[u8] {
    args[0].as_ref().as_bytes().unwrap_or_default()
}

fn text(args: &[Datum]) -> &str {
    args[0].as_ref().as_str().unwrap_or_default()
}

/// A stored value as text, NULL for null.
fn shown(stored: &[u8]) -> Result<Datum> {
    Ok(stored_as_text(stored)?.map_or(Datum::Null, |text| Datum::Bytes(text.into())))
}

fn jsonb_elements(args: &[Datum]) -> Result<Vec<&[u8]>> {
    match JsonRef::new(bytes(args))? {
        JsonRef::Array(array) => Ok((0..array.len())
            .filter_map(|at| array.get_stored(at))
            .collect()),
        JsonRef::Object(_) => Err(invalid_parameter("cannot extract elements from an object")),
        _ => Err(invalid_parameter("cannot extract elements from a scalar")),
    }
}

fn jsonb_array_elements(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let values = jsonb_elements(args)?
        .into_iter()
        .map(|v| Datum::Bytes(v.into()))
        .collect();
    Ok(ReadyRows::column(values))
}

fn jsonb_array_elements_text(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let values = jsonb_elements(args)?
        .into_iter()
        .map(shown)
        .collect::<Result<_>>()?;
    Ok(ReadyRows::column(values))
}

/// Key and stored value of each member.
fn jsonb_members<'a>(args: &'a [Datum], name: &str) -> Result<Vec<(&'a str, &'a [u8])>> {
    let JsonRef::Object(object) = JsonRef::new(bytes(args))? else {
        return Err(invalid_parameter(format!(
            "cannot call {name} on a non-object"
        )));
    };
    let member = |at| Some((object.key(at)?, object.value_stored(at)?));
    Ok((0..object.len()).filter_map(member).collect())
}

fn jsonb_each(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let members = jsonb_members(args, "jsonb_each")?;
    let row = |(key, value): (&str, &[u8])| vec![Datum::text(key), Datum::Bytes(value.into())];
    Ok(ReadyRows::boxed(members.into_iter().map(row).collect()))
}

fn jsonb_each_text(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let members = jsonb_members(args, "jsonb_each_text")?;
    let row = |(key, value): (&str, &[u8])| Ok(vec![Datum::text(key), shown(value)?]);
    Ok(ReadyRows::boxed(
        members.into_iter().map(row).collect::<Result<_>>()?,
    ))
}

fn no_keys(name: &str, is_array: bool) -> Error {
    let what = if is_array { "an array" } else { "a scalar" };
    invalid_parameter(format!("cannot call {name} on {what}"))
}

fn jsonb_object_keys(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    match JsonRef::new(bytes(args))? {
        JsonRef::Object(object) => {
            let keys = (0..object.len()).filter_map(|at| object.key(at));
            Ok(ReadyRows::column(keys.map(Datum::text).collect()))
        }
        other => Err(no_keys(
            "jsonb_object_keys",
            matches!(other, JsonRef::Array(_)),
        )),
    }
}

fn json_elements<'a>(args: &'a [Datum], name: &str) -> Result<Vec<&'a str>> {
    let json = text(args);
    let what = match Kind::of(json) {
        Kind::Array => return Ok(json_text::elements(json)),
        Kind::Object => "a non-array",
        _ => "a scalar",
    };
    Err(invalid_parameter(format!("cannot call {name} on {what}")))
}

fn json_array_elements(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let elements = json_elements(args, "json_array_elements")?;
    Ok(ReadyRows::column(
        elements.into_iter().map(Datum::text).collect(),
    ))
}

/// A json value as text, NULL for null.
fn json_shown(json: &str) -> Datum {
    json_text::as_text(json).map_or(Datum::Null, |text| Datum::text(&text))
}

fn json_array_elements_text(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let elements = json_elements(args, "json_array_elements_text")?;
    Ok(ReadyRows::column(
        elements.into_iter().map(json_shown).collect(),
    ))
}

fn json_members(args: &[Datum]) -> Result<Vec<(String, &str)>> {
    let json = text(args);
    match Kind::of(json) {
        Kind::Object => Ok(json_text::members(json)),
        Kind::Array => Err(invalid_parameter(
            "cannot deconstruct an array as an object",
        )),
        _ => Err(invalid_parameter("cannot deconstruct a scalar")),
    }
}

fn json_each(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let row = |(key, value): (String, &str)| vec![Datum::text(&key), Datum::text(value)];
    Ok(ReadyRows::boxed(
        json_members(args)?.into_iter().map(row).collect(),
    ))
}

fn json_each_text(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let row = |(key, value): (String, &str)| vec![Datum::text(&key), json_shown(value)];
    Ok(ReadyRows::boxed(
        json_members(args)?.into_iter().map(row).collect(),
    ))
}

fn json_object_keys(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let json = text(args);
    match Kind::of(json) {
        Kind::Object => {
            let keys = json_text::members(json)
                .into_iter()
                .map(|(key, _)| Datum::text(&key));
            Ok(ReadyRows::column(keys.collect()))
        }
        other => Err(no_keys("json_object_keys", other == Kind::Array)),
    }
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    set_of!(3219, "jsonb_array_elements", [JSONB] -> JSONB, strict, [("value", JSONB)], jsonb_array_elements),
    set_of!(3465, "jsonb_array_elements_text", [JSONB] -> TEXT, strict, [("value", TEXT)], jsonb_array_elements_text),
    set_of!(3208, "jsonb_each", [JSONB] -> RECORD, strict, [("key", TEXT), ("value", JSONB)], jsonb_each),
    set_of!(3932, "jsonb_each_text", [JSONB] -> RECORD, strict, [("key", TEXT), ("value", TEXT)], jsonb_each_text),
    set_of!(3931, "jsonb_object_keys", [JSONB] -> TEXT, strict, [], jsonb_object_keys),
    set_of!(3955, "json_array_elements", [JSON] -> JSON, strict, [("value", JSON)], json_array_elements),
    set_of!(3969, "json_array_elements_text", [JSON] -> TEXT, strict, [("value", TEXT)], json_array_elements_text),
    set_of!(3958, "json_each", [JSON] -> RECORD, strict, [("key", TEXT), ("value", JSON)], json_each),
    set_of!(3959, "json_each_text", [JSON] -> RECORD, strict, [("key", TEXT), ("value", TEXT)], json_each_text),
    set_of!(3957, "json_object_keys", [JSON] -> TEXT, strict, [], json_object_keys),
];
