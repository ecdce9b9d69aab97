//! Rows from json and jsonb objects, with the columns that the query defines
//! (`json_to_record`, `json_to_recordset` and their kin; jsonfuncs.c, `populate_record`).
//!
//! The binder adds an argument a column behind the value, named and typed as the column is: first
//! its name, then a NULL of its type.

use common::{Error, Result, err, sqlstate};
use types::json::{JsonObject, JsonRef};
use types::{Datum, SqlType, TypeOid};

use crate::errors::invalid_parameter;
use crate::json::stored_as_text;
use crate::json_text::{self, Kind};
use crate::rows::ReadyRows;
use crate::{EvalContext, FunctionDef, SetRows, set_of};

/// A value within the argument.
#[derive(Clone, Copy)]
enum Value<'a> {
    Json(&'a str),
    Jsonb(&'a [u8]),
}

impl<'a> Value<'a> {
    fn of(cx: &EvalContext<'_>, argument: &'a Datum) -> Self {
        let argument = argument.as_ref();
        match cx.args.first().map(|ty| ty.oid) {
            Some(TypeOid::JSONB) => Self::Jsonb(argument.as_bytes().unwrap_or_default()),
            _ => Self::Json(argument.as_str().unwrap_or_default()),
        }
    }

    /// As `->>` gives it; None for null.
    fn text(self) -> Result<Option<String>> {
        match self {
            Self::Json(text) => Ok(json_text::as_text(text)),
            Self::Jsonb(stored) => stored_as_text(stored)?
                .map(|text| String::from_utf8(text).map_err(|_| Error::corrupted("json text")))
                .transpose(),
        }
    }

    /// The elements of an array; else what it is.
    fn elements(self) -> Result<std::result::Result<Vec<Self>, &'static str>> {
        Ok(match self {
            Self::Json(text) => match Kind::of(text) {
                Kind::Array => Ok(json_text::elements(text)
                    .into_iter()
                    .map(Self::Json)
                    .collect()),
                Kind::Object => Err("an object"),
                _ => Err("a scalar"),
            },
            Self::Jsonb(stored) => match JsonRef::new(stored)? {
                JsonRef::Array(array) => {
                    let stored = (0..array.len()).filter_map(|at| array.get_stored(at));
                    Ok(stored.map(Self::Jsonb).collect())
                }
                _ => Err("a non-array"),
            },
        })
    }

    /// The members of an object; else what it is.
    fn members(self) -> Result<std::result::Result<Members<'a>, &'static str>> {
        Ok(match self {
            Self::Json(text) => match Kind::of(text) {
                Kind::Object => Ok(Members::Json(json_text::members(text))),
                Kind::Array => Err("an array"),
                _ => Err("a scalar"),
            },
            Self::Jsonb(stored) => match JsonRef::new(stored)? {
                JsonRef::Object(object) => Ok(Members::Jsonb(object)),
                JsonRef::Array(_) => Err("an array"),
                _ => Err("a scalar"),
            },
        })
    }
}

enum Members<'a> {
    Json(Vec<(String, &'a str)>),
    Jsonb(JsonObject<'a>),
}

impl<'a> Members<'a> {
    /// Of several with one key the last counts.
    fn get(&self, key: &str) -> Option<Value<'a>> {
        match self {
            Self::Json(members) => {
                let found = members.iter().rev().find(|(name, _)| name == key);
                found.map(|(_, text)| Value::Json(text))
            }
            Self::Jsonb(object) => object.get_stored(key).map(Value::Jsonb),
        }
    }
}

struct Column<'a> {
    name: &'a str,
    ty: SqlType,
}

/// The columns that the arguments behind the first stand for.
fn columns<'a>(cx: &EvalContext<'_>, args: &'a [Datum], name: &str) -> Result<Vec<Column<'a>>> {
    let names = args.iter().skip(1).step_by(2);
    let types = cx.args.iter().skip(2).step_by(2);
    let columns = names.zip(types).map(|(name, ty)| Column {
        name: name.as_ref().as_str().unwrap_or_default(),
        ty: *ty,
    });
    let columns: Vec<_> = columns.collect();
    if columns.is_empty() {
        return Err(err!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "could not determine row type for result of {name}"
        )
        .with_hint(
            "Provide a non-null record argument, or call the function in the FROM clause using a \
             column definition list.",
        ));
    }
    Ok(columns)
}

fn row(cx: &EvalContext<'_>, columns: &[Column<'_>], members: &Members<'_>) -> Result<Vec<Datum>> {
    let cell = |column: &Column<'_>| match members.get(column.name) {
        Some(value) => convert(cx, column.ty, value, column.name),
        None => Ok(Datum::Null),
    };
    columns.iter().map(cell).collect()
}

/// A value of the type, read from its text, but for json itself and arrays.
fn convert(cx: &EvalContext<'_>, ty: SqlType, value: Value<'_>, key: &str) -> Result<Datum> {
    let Some(text) = value.text()? else {
        return Ok(Datum::Null);
    };
    if matches!(ty.oid, TypeOid::JSON | TypeOid::JSONB) {
        return as_json(cx, ty, value);
    }
    let element = types::type_info(ty.oid).filter(|info| info.category == b'A');
    let Some(element) = element.map(|info| info.elem_oid) else {
        return types::parse_text(ty, &text, cx.text);
    };
    match value.elements()? {
        Ok(elements) => {
            if elements
                .iter()
                .any(|element| matches!(element.elements(), Ok(Ok(_))))
            {
                return Err(Error::not_implemented(
                    "arrays of several dimensions from json",
                ));
            }
            let element_type = SqlType {
                oid: element,
                typmod: ty.typmod,
            };
            let values = elements
                .into_iter()
                .map(|one| convert(cx, element_type, one, key));
            let values: Vec<Datum> = values.collect::<Result<_>>()?;
            Ok(types::build_array(
                element,
                values.iter().map(Datum::as_ref),
            ))
        }
        Err(_) if is_string(value)? => types::parse_text(ty, &text, cx.text),
        Err(_) => Err(
            err!(sqlstate::INVALID_TEXT_REPRESENTATION, "expected JSON array")
                .with_hint(format!("See the value of key \"{key}\".")),
        ),
    }
}

fn is_string(value: Value<'_>) -> Result<bool> {
    Ok(match value {
        Value::Json(text) => Kind::of(text) == Kind::String,
        Value::Jsonb(stored) => matches!(JsonRef::new(stored)?, JsonRef::String(_)),
    })
}

fn as_json(cx: &EvalContext<'_>, ty: SqlType, value: Value<'_>) -> Result<Datum> {
    match (ty.oid, value) {
        (TypeOid::JSONB, Value::Jsonb(stored)) => Ok(Datum::Bytes(stored.into())),
        (_, Value::Json(text)) => types::parse_text(ty, text, cx.text),
        (_, Value::Jsonb(stored)) => {
            let mut text = Vec::new();
            types::json::write_jsonb(stored, &mut text)?;
            Ok(Datum::Bytes(text.into()))
        }
    }
}

fn refused(name: &str, what: &str) -> Error {
    invalid_parameter(format!("cannot call {name} on {what}"))
}

fn one(name: &'static str, cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let columns = columns(cx, args, name)?;
    if args[0].is_null() {
        return Ok(ReadyRows::boxed(vec![vec![Datum::Null; columns.len()]]));
    }
    let members = Value::of(cx, &args[0]).members()?;
    let members = members.map_err(|what| refused(name, what))?;
    Ok(ReadyRows::boxed(vec![row(cx, &columns, &members)?]))
}

fn several(name: &'static str, cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let columns = columns(cx, args, name)?;
    if args[0].is_null() {
        return Ok(ReadyRows::boxed(Vec::new()));
    }
    let elements = Value::of(cx, &args[0]).elements()?;
    let elements = elements.map_err(|what| refused(name, what))?;
    let mut rows = Vec::with_capacity(elements.len());
    for element in elements {
        let members = element.members()?.map_err(|_| {
            invalid_parameter(format!("argument of {name} must be an array of objects"))
        })?;
        rows.push(row(cx, &columns, &members)?);
    }
    Ok(ReadyRows::boxed(rows))
}

fn json_to_record(cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    one("json_to_record", cx, args)
}

fn json_to_recordset(cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    several("json_to_recordset", cx, args)
}

fn jsonb_to_record(cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    one("jsonb_to_record", cx, args)
}

fn jsonb_to_recordset(cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    several("jsonb_to_recordset", cx, args)
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    set_of!(3204, "json_to_record", [JSON] -> RECORD, lax, [], json_to_record),
    set_of!(3205, "json_to_recordset", [JSON] -> RECORD, lax, [], json_to_recordset),
    set_of!(3490, "jsonb_to_record", [JSONB] -> RECORD, lax, [], jsonb_to_record),
    set_of!(3491, "jsonb_to_recordset", [JSONB] -> RECORD, lax, [], jsonb_to_recordset),
];
