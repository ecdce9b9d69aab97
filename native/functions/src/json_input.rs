//! JSON values as values of SQL types: parameters of requests, fields of NDJSON.

use std::borrow::Cow;

use common::Result;
use types::{Datum, SqlType, TextContext, TypeOid};

use crate::json_text::{self, Kind};

/// The value of a type that a JSON value stands for. Strings are the type's input text, numbers and
/// booleans too; null is NULL; objects are for json and jsonb, arrays for these and for array types.
///
/// `json` is one value that has been validated. Errors are those of the type's input.
pub fn json_input(ty: SqlType, json: &str, text: &TextContext) -> Result<Datum> {
    let plain = match Kind::of(json) {
        Kind::Null => return Ok(Datum::Null),
        Kind::String => Cow::Owned(json_text::unquote(json)),
        _ => Cow::Borrowed(json),
    };
    let is_json = matches!(ty.oid, TypeOid::JSON | TypeOid::JSONB);
    if Kind::of(json) == Kind::Array && !is_json && types::element_of(ty.oid).is_some() {
        let mut literal = String::with_capacity(json.len());
        array_literal(json, &mut literal);
        return types::parse_text(ty, &literal, text);
    }
    types::parse_text(ty, &plain, text)
}

/// A JSON array as the input text of an array type: every element in quotes.
fn array_literal(json: &str, out: &mut String) {
    out.push('{');
    for (at, element) in json_text::elements(json).into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        if Kind::of(element) == Kind::Array {
            array_literal(element, out);
            continue;
        }
        let Some(plain) = json_text::as_text(element) else {
            out.push_str("NULL");
            continue;
        };
        out.push('"');
        for c in plain.chars() {
            if matches!(c, '"' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push('"');
    }
    out.push('}');
}
