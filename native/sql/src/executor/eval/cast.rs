//! Casts, and the lengths and precisions that types carry.

use std::borrow::Cow;

use common::{Result, err, sqlstate};
use functions::{CastMethod, EvalContext, find_cast};
use types::{
    ArrayBuilder, ArrayRef, DatumRef, SqlType, TypeOid, Vector, element_of, format_type,
    physical_of,
};

use super::Column;
use crate::executor::context::Context;

/// The value in type `to`. `explicit`: the user wrote the cast, so that too long text is cut.
pub fn cast<'b>(
    value: Column<'b>,
    from: SqlType,
    to: SqlType,
    explicit: bool,
    cx: &Context<'_>,
) -> Result<Column<'b>> {
    if from == to {
        return Ok(value);
    }
    let changed = if from.oid == to.oid {
        value
    } else {
        convert(value, from, to, explicit, cx)?
    };
    if to.typmod < 0 || (from.oid == to.oid && from.typmod == to.typmod) {
        return Ok(changed);
    }
    apply_modifier(changed.into_owned(), to, explicit).map(Cow::Owned)
}

fn convert<'b>(
    value: Column<'b>,
    from: SqlType,
    to: SqlType,
    explicit: bool,
    cx: &Context<'_>,
) -> Result<Column<'b>> {
    let method = match find_cast(from.oid, to.oid) {
        Some(cast) => cast.method,
        None if same_bytes(from.oid, to.oid) => CastMethod::Binary,
        None => match (element_of(from.oid), element_of(to.oid)) {
            (Some(inner), Some(outer)) => {
                return cast_elements(&value, inner, outer, to, explicit, cx).map(Cow::Owned);
            }
            _ => CastMethod::InOut,
        },
    };
    match method {
        CastMethod::Binary => Ok(value),
        CastMethod::InOut => through_text(&value, from, to, cx).map(Cow::Owned),
        CastMethod::Function(body) => {
            let types = [from];
            let context = EvalContext {
                text: cx.text,
                args: &types,
                ret: to,
            };
            call(body, &context, value.into_owned(), to).map(Cow::Owned)
        }
    }
}

/// A cast of null is null, and constants stay constants.
fn call(
    body: functions::ScalarFn,
    context: &EvalContext<'_>,
    value: Vector,
    to: SqlType,
) -> Result<Vector> {
    let len = value.len();
    let physical = physical_of(to.oid);
    if len == 0 {
        // A constant for no rows keeps its one value: there is nothing to cast.
        return Ok(Vector::with_capacity(physical, 0));
    }
    if value.is_constant() {
        if value.is_null(0) {
            return Ok(Vector::nulls_of(physical, len));
        }
        let one = body(context, &[value.slice(0, 1)], 1)?;
        return Ok(Vector::constant_of(physical, one.get(0), len));
    }
    let nulls = value.nulls().cloned();
    let mut result = body(context, std::slice::from_ref(&value), len)?;
    if let Some(mut nulls) = nulls {
        result.flatten();
        if let Some(own) = result.nulls() {
            nulls.union_with(own);
        }
        result.set_nulls(Some(nulls));
    }
    Ok(result)
}

fn same_bytes(from: TypeOid, to: TypeOid) -> bool {
    let text = |oid| matches!(oid, TypeOid::TEXT | TypeOid::VARCHAR | TypeOid::UNKNOWN);
    (text(from) && text(to)) || (is_record(from) && is_record(to))
}

fn is_record(oid: TypeOid) -> bool {
    oid == TypeOid::RECORD || types::type_info(oid).is_none()
}

/// By the source's text form and the target's input function.
fn through_text(value: &Vector, from: SqlType, to: SqlType, cx: &Context<'_>) -> Result<Vector> {
    let physical = physical_of(to.oid);
    let len = value.len();
    let rows = if value.is_constant() { len.min(1) } else { len };
    let mut out = Vector::with_capacity(physical, rows);
    let mut text = Vec::new();
    for row in 0..rows {
        match value.get(row) {
            DatumRef::Null => out.push_null(),
            known => {
                text.clear();
                types::format_text(from, known, cx.text, &mut text)?;
                let text = std::str::from_utf8(&text).map_err(|_| {
                    err!(
                        sqlstate::CANNOT_COERCE,
                        "cannot cast type {} to {}",
                        format_type(from.oid, -1),
                        format_type(to.oid, -1)
                    )
                })?;
                let target = SqlType::new(to.oid);
                out.push(types::parse_text(target, text, cx.text)?.as_ref());
            }
        }
    }
    if value.is_constant() && len > 0 {
        return Ok(Vector::constant_of(physical, out.get(0), len));
    }
    Ok(out)
}

/// Arrays are cast element by element.
fn cast_elements(
    value: &Vector,
    inner: TypeOid,
    outer: TypeOid,
    to: SqlType,
    explicit: bool,
    cx: &Context<'_>,
) -> Result<Vector> {
    let element = SqlType::with_typmod(outer, to.typmod);
    let mut out = Vector::with_capacity(physical_of(to.oid), value.len());
    for row in 0..value.len() {
        let DatumRef::Bytes(stored) = value.get(row) else {
            out.push_null();
            continue;
        };
        let array = ArrayRef::new(stored)?;
        let mut elements = Vector::with_capacity(physical_of(inner), array.len());
        array.iter().for_each(|value| elements.push(value));
        let cast = cast(
            Cow::Owned(elements),
            SqlType::new(inner),
            element,
            explicit,
            cx,
        )?;
        let mut builder = ArrayBuilder::new(outer);
        (0..array.len()).for_each(|at| builder.push(cast.get(at)));
        let stored = builder.finish_dims(&array.dims())?;
        out.push(DatumRef::Bytes(&stored));
    }
    Ok(out)
}

/// Lengths of text, precision of numbers and times.
fn apply_modifier(value: Vector, to: SqlType, explicit: bool) -> Result<Vector> {
    if to.oid == TypeOid::VARCHAR && all_fit(&value, to) {
        return Ok(value);
    }
    let mut out = Vector::with_capacity(physical_of(to.oid), value.len());
    for row in 0..value.len() {
        match value.get(row) {
            DatumRef::Null => out.push_null(),
            known => out.push(types::apply_typmod(to, known, explicit)?.as_ref()),
        }
    }
    Ok(out)
}

/// True if no value has more bytes than `to` allows characters.
fn all_fit(value: &Vector, to: SqlType) -> bool {
    let Some(limit) = to.char_length() else {
        return true;
    };
    value.bytes().iter().all(|text| text.len() <= limit)
}
