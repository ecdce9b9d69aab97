//! `IN (constants)` and `op ANY|ALL (array)`.

use crate::ir::Collation;
use common::Result;
use functions::FunctionDef;
use types::{Datum, DatumRef, SqlType, Vector, VectorData};

use super::array::elements_of;
use super::logic::{from_bools, from_options};
use super::{call, compare_datums};
use crate::executor::context::Context;
use crate::ir::{Comparison, Quantifier};

/// Shorter lists are searched value by value.
const SORT_FROM: usize = 8;

pub fn in_list(
    value: &Vector,
    list: &[Datum],
    ty: SqlType,
    negated: bool,
    collation: Collation,
    len: usize,
) -> Vector {
    let has_null = list.iter().any(Datum::is_null);
    if let (VectorData::I32(_) | VectorData::I64(_) | VectorData::I16(_), false) =
        (value.data(), has_null)
    {
        return in_integers(value, list, negated, len);
    }
    let mut known: Vec<DatumRef<'_>> = list
        .iter()
        .filter(|d| !d.is_null())
        .map(Datum::as_ref)
        .collect();
    let sorted = known.len() >= SORT_FROM;
    if sorted {
        known.sort_by(|a, b| compare_datums(*a, *b, ty, collation));
    }
    let found = |v: DatumRef<'_>| match sorted {
        true => known
            .binary_search_by(|k| compare_datums(*k, v, ty, collation))
            .is_ok(),
        false => known
            .iter()
            .any(|k| compare_datums(*k, v, ty, collation).is_eq()),
    };
    from_options((0..len).map(|row| match value.get(row) {
        DatumRef::Null => None,
        v if found(v) => Some(!negated),
        _ if has_null => None,
        _ => Some(negated),
    }))
}

fn in_integers(value: &Vector, list: &[Datum], negated: bool, len: usize) -> Vector {
    let mut known: Vec<i64> = list.iter().filter_map(|d| d.as_ref().as_i64()).collect();
    known.sort_unstable();
    let found = |v: i64| match known.len() {
        ..SORT_FROM => known.contains(&v),
        _ => known.binary_search(&v).is_ok(),
    };
    if value.nulls().is_none() {
        let test = |row| {
            let v = value.get(row).as_i64().unwrap_or_default();
            u8::from(found(v) != negated)
        };
        return from_bools((0..len).map(test).collect());
    }
    from_options((0..len).map(|row| value.get(row).as_i64().map(|v| found(v) != negated)))
}

/// The quantified answer over verdicts of the elements.
fn quantify(
    quantifier: Quantifier,
    verdicts: impl Iterator<Item = Result<Option<bool>>>,
) -> Result<Option<bool>> {
    let decided = quantifier == Quantifier::Any;
    let mut unknown = false;
    for verdict in verdicts {
        match verdict? {
            Some(value) if value == decided => return Ok(Some(decided)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { None } else { Some(!decided) })
}

pub fn compare_array(
    op: Comparison,
    quantifier: Quantifier,
    value: &Vector,
    arrays: &Vector,
    ty: SqlType,
    collation: Collation,
    len: usize,
) -> Result<Vector> {
    if arrays.is_constant() && len > 0 && op == Comparison::Eq && quantifier == Quantifier::Any {
        let list = match arrays.get(0) {
            DatumRef::Null => return Ok(Vector::nulls_of(types::Physical::Bool, len)),
            array => elements_of(array, ty)?,
        };
        // Nothing is among none, of which a NULL is no exception.
        if list.is_empty() {
            return Ok(from_bools(vec![0; len]));
        }
        return Ok(in_list(value, &list, ty, false, collation, len));
    }
    let mut out = Vec::with_capacity(len);
    for row in 0..len {
        let array = arrays.get(row);
        if array.is_null() {
            out.push(None);
            continue;
        }
        let elements = elements_of(array, ty)?;
        let v = value.get(row);
        let verdicts = elements.iter().map(|element| {
            let e = element.as_ref();
            let known = !v.is_null() && !e.is_null();
            Ok(known.then(|| op.holds(compare_datums(v, e, ty, collation))))
        });
        out.push(quantify(quantifier, verdicts)?);
    }
    Ok(from_options(out.into_iter()))
}

#[expect(clippy::too_many_arguments, reason = "an expression node's fields")]
pub fn call_array(
    function: &'static FunctionDef,
    quantifier: Quantifier,
    value: &Vector,
    arrays: &Vector,
    array_ty: SqlType,
    collation: Collation,
    len: usize,
    cx: &Context<'_>,
) -> Result<Vector> {
    let element_ty = types::element_of(array_ty.oid).unwrap_or(array_ty.oid);
    let arg_types = [SqlType::new(function.args[0]), SqlType::new(element_ty)];
    let ret = SqlType::new(function.ret);
    let mut out = Vec::with_capacity(len);
    for row in 0..len {
        let array = arrays.get(row);
        if array.is_null() {
            out.push(None);
            continue;
        }
        let elements = elements_of(array, SqlType::new(element_ty))?;
        let mut right = Vector::with_capacity(types::physical_of(element_ty), elements.len());
        elements
            .iter()
            .for_each(|element| right.push(element.as_ref()));
        let left = Vector::constant_of(value.physical(), value.get(row), elements.len());
        let verdicts = call::call_values(
            function,
            &[left, right],
            &arg_types,
            ret,
            collation,
            elements.len(),
            cx,
        )?;
        let each = (0..elements.len()).map(|at| Ok(verdicts.get(at).as_bool()));
        out.push(quantify(quantifier, each)?);
    }
    Ok(from_options(out.into_iter()))
}
