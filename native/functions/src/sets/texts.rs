//! Sets from text: parts and matches.

use common::Result;
use types::Datum;

use crate::rows::ReadyRows;
use crate::{EvalContext, FunctionDef, SetRows, array, regex_functions, set_of};

/// A text argument; empty where it was left out.
fn text(args: &[Datum], at: usize) -> &str {
    args.get(at)
        .and_then(|arg| arg.as_ref().as_str())
        .unwrap_or("")
}

fn regexp_matches(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let found = regex_functions::matches(text(args, 0), text(args, 1), text(args, 2))?;
    Ok(ReadyRows::column(found))
}

fn regexp_split(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let parts = regex_functions::split(text(args, 0), text(args, 1), text(args, 2))?;
    Ok(ReadyRows::column(
        parts.into_iter().map(Datum::text).collect(),
    ))
}

/// The parts between delimiters, characters where the delimiter is NULL; those equal to the third
/// argument are NULL.
fn string_to_table(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let Some(whole) = args[0].as_ref().as_str() else {
        return Ok(ReadyRows::column(Vec::new()));
    };
    let null = args.get(2).and_then(|arg| arg.as_ref().as_str());
    let value = |part: &str| {
        if null == Some(part) {
            Datum::Null
        } else {
            Datum::text(part)
        }
    };
    let parts = array::split(whole, args[1].as_ref().as_str());
    Ok(ReadyRows::column(parts.into_iter().map(value).collect()))
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    set_of!(2763, "regexp_matches", [TEXT, TEXT] -> TEXT_ARRAY, strict, [], regexp_matches),
    set_of!(2764, "regexp_matches", [TEXT, TEXT, TEXT] -> TEXT_ARRAY, strict, [], regexp_matches),
    set_of!(2765, "regexp_split_to_table", [TEXT, TEXT] -> TEXT, strict, [], regexp_split),
    set_of!(2766, "regexp_split_to_table", [TEXT, TEXT, TEXT] -> TEXT, strict, [], regexp_split),
    set_of!(6160, "string_to_table", [TEXT, TEXT] -> TEXT, lax, [], string_to_table),
    set_of!(6161, "string_to_table", [TEXT, TEXT, TEXT] -> TEXT, lax, [], string_to_table),
];
