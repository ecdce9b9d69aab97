//! Calls of functions.

use crate::ir::Collation;
use common::{Error, Result};
use functions::{EvalContext, FunctionDef, FunctionKind, ScalarFn};
use types::{Batch, Bitmap, SqlType, Vector, physical_of};

use super::eval;
use crate::access::SessionFunction;
use crate::executor::context::Context;
use crate::planner::physical::Scalar;

/// A function over the rows of a batch.
pub fn call(
    function: &'static FunctionDef,
    args: &[Scalar],
    ty: SqlType,
    collation: Collation,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    if let Some(result) = super::decimal::call(function, args, batch) {
        return Ok(result);
    }
    let mut values = Vec::with_capacity(args.len());
    for arg in args {
        values.push(eval(arg, cx, batch)?.into_owned());
    }
    let types: smallvec::SmallVec<[SqlType; 4]> = args.iter().map(Scalar::ty).collect();
    call_values(function, &values, &types, ty, collation, batch.len, cx)
}

/// A function over vectors of `len` rows. Nulls of strict functions are dealt with here; rows with
/// a
/// null argument are not evaluated where that could matter.
pub fn call_values(
    function: &'static FunctionDef,
    values: &[Vector],
    types: &[SqlType],
    ty: SqlType,
    _collation: Collation,
    len: usize,
    cx: &Context<'_>,
) -> Result<Vector> {
    let FunctionKind::Scalar(body) = function.kind else {
        return Err(Error::internal(format!("{} returns a set", function.name)));
    };
    let context = EvalContext {
        text: cx.text,
        args: types,
        ret: ty,
    };
    if !function.strict {
        return invoke(body, &context, values, len, ty, function.volatility);
    }
    if values
        .iter()
        .any(|value| value.is_constant() && len > 0 && value.is_null(0))
    {
        return Ok(Vector::nulls_of(physical_of(ty.oid), len));
    }
    let mut result = invoke(body, &context, values, len, ty, function.volatility)?;
    let mut nulls: Option<Bitmap> = None;
    for value in values.iter().filter(|value| !value.is_constant()) {
        let Some(theirs) = value.nulls() else {
            continue;
        };
        match &mut nulls {
            None => nulls = Some(theirs.clone()),
            Some(mine) => mine.union_with(theirs),
        }
    }
    if let Some(mut nulls) = nulls {
        result.flatten();
        if let Some(own) = result.nulls() {
            nulls.union_with(own);
        }
        result.set_nulls(Some(nulls));
    }
    Ok(result)
}

/// Constant arguments of a function that is not volatile give a constant.
fn invoke(
    body: ScalarFn,
    context: &EvalContext<'_>,
    values: &[Vector],
    len: usize,
    ty: SqlType,
    volatility: functions::Volatility,
) -> Result<Vector> {
    let constant = len > 1
        && volatility != functions::Volatility::Volatile
        && values.iter().all(Vector::is_constant);
    if !constant {
        return body(context, values, len);
    }
    let ones: Vec<Vector> = values.iter().map(|value| value.slice(0, 1)).collect();
    let one = body(context, &ones, 1)?;
    Ok(Vector::constant_of(physical_of(ty.oid), one.get(0), len))
}

/// A function of the session, row by row.
pub fn session(
    function: SessionFunction,
    args: &[Scalar],
    ty: SqlType,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut values = Vec::with_capacity(args.len());
    for arg in args {
        values.push(eval(arg, cx, batch)?.into_owned());
    }
    let physical = physical_of(ty.oid);
    let row_of = |row: usize| -> Vec<types::Datum> {
        values
            .iter()
            .map(|value| value.get(row).to_owned())
            .collect()
    };
    let answer = |args: &[types::Datum]| {
        if function.strict && args.iter().any(types::Datum::is_null) {
            return Ok(types::Datum::Null);
        }
        cx.session.call(function, args)
    };
    if function.stable && batch.len > 0 && values.iter().all(Vector::is_constant) {
        let value = answer(&row_of(0))?;
        return Ok(Vector::constant_of(physical, value.as_ref(), batch.len));
    }
    let mut out = Vector::with_capacity(physical, batch.len);
    for row in 0..batch.len {
        out.push(answer(&row_of(row))?.as_ref());
    }
    Ok(out)
}
