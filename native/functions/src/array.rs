//! Arrays (arrayfuncs.c, array_userfuncs.c).

use common::{Error, Result, bail, sqlstate};
use types::{
    ArrayBuilder, ArrayRef, Datum, DatumRef, Dim, TypeOid, ValueClass, compare_class, element_of,
};

use crate::rows::arg_type;
use crate::{EvalContext, FunctionDef, row};

/// A stored array read.
fn array<'a>(value: DatumRef<'a>) -> Result<ArrayRef<'a>> {
    ArrayRef::new(value.as_bytes().unwrap_or(&[]))
}

/// The element type of the result, or of argument `at`.
fn element_type(cx: &EvalContext<'_>, at: usize) -> TypeOid {
    element_of(cx.ret.oid)
        .or_else(|| element_of(arg_type(cx, at)))
        .unwrap_or(TypeOid::TEXT)
}

fn builder_of(array: &ArrayRef<'_>) -> ArrayBuilder {
    let mut builder = ArrayBuilder::new(array.elem());
    array.iter().for_each(|value| builder.push(value));
    builder
}

fn finished(builder: ArrayBuilder, dims: &[Dim]) -> Result<Datum> {
    Ok(Datum::Bytes(builder.finish_dims(dims)?.into()))
}

fn data_error(message: &str) -> Error {
    Error::new(sqlstate::DATA_EXCEPTION, message)
}

fn incompatible(detail: &str) -> Error {
    Error::new(
        sqlstate::ARRAY_SUBSCRIPT_ERROR,
        "cannot concatenate incompatible arrays",
    )
    .with_detail(detail)
}

fn append(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    push_element(element_type(cx, 0), row[0], row[1], false)
}

fn prepend(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    push_element(element_type(cx, 1), row[1], row[0], true)
}

fn push_element(
    elem: TypeOid,
    list: DatumRef<'_>,
    value: DatumRef<'_>,
    front: bool,
) -> Result<Datum> {
    let mut builder = ArrayBuilder::new(elem);
    let mut lower = 1;
    let list = if list.is_null() {
        None
    } else {
        Some(array(list)?)
    };
    if let Some(list) = &list {
        if list.ndim() > 1 {
            return Err(data_error(
                "argument must be empty or one-dimensional array",
            ));
        }
        lower = list.dim(0).map_or(1, |dim| dim.lower);
    }
    if front {
        builder.push(value);
    }
    if let Some(list) = &list {
        list.iter().for_each(|value| builder.push(value));
    }
    if !front {
        builder.push(value);
    }
    let len = builder.len() as u32;
    finished(builder, &[Dim { len, lower }])
}

fn cat(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if row[0].is_null() {
        return Ok(row[1].to_owned());
    }
    if row[1].is_null() {
        return Ok(row[0].to_owned());
    }
    let (a, b) = (array(row[0])?, array(row[1])?);
    if a.is_empty() {
        return Ok(row[1].to_owned());
    }
    if b.is_empty() {
        return Ok(row[0].to_owned());
    }
    let (mut dims_a, mut dims_b) = (a.dims(), b.dims());
    let lens = |dims: &[Dim]| dims.iter().map(|dim| dim.len).collect::<Vec<_>>();
    if dims_a.len().abs_diff(dims_b.len()) > 1 {
        let detail = format!(
            "Arrays of {} and {} dimensions are not compatible for concatenation.",
            dims_a.len(),
            dims_b.len()
        );
        return Err(incompatible(&detail));
    }
    let lower = if dims_b.len() > dims_a.len() {
        dims_b[0].lower
    } else {
        dims_a[0].lower
    };
    if dims_a.len() + 1 == dims_b.len() {
        dims_a.insert(0, Dim { len: 1, lower: 1 });
    } else if dims_b.len() + 1 == dims_a.len() {
        dims_b.insert(0, Dim { len: 1, lower: 1 });
    }
    if lens(&dims_a[1..]) != lens(&dims_b[1..]) {
        let detail = match a.ndim() == b.ndim() {
            true => {
                "Arrays with differing element dimensions are not compatible for \
                     concatenation."
            }
            false => "Arrays with differing dimensions are not compatible for concatenation.",
        };
        return Err(incompatible(detail));
    }
    let mut builder = builder_of(&a);
    b.iter().for_each(|value| builder.push(value));
    let mut dims = if b.ndim() > a.ndim() {
        dims_b.clone()
    } else {
        dims_a.clone()
    };
    dims[0] = Dim {
        len: dims_a[0].len + dims_b[0].len,
        lower,
    };
    finished(builder, &dims)
}

/// Whether `element` is in the array; NULLs are in none.
fn holds(class: ValueClass, array: &ArrayRef<'_>, element: DatumRef<'_>) -> bool {
    !element.is_null()
        && array
            .iter()
            .any(|value| !value.is_null() && compare_class(class, value, element).is_eq())
}

fn contains_all(a: DatumRef<'_>, b: DatumRef<'_>) -> Result<Datum> {
    let (a, b) = (array(a)?, array(b)?);
    let class = ValueClass::of(a.elem());
    Ok(Datum::Bool(
        b.iter().all(|element| holds(class, &a, element)),
    ))
}

fn contains(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    contains_all(row[0], row[1])
}

fn contained(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    contains_all(row[1], row[0])
}

fn overlap(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let (a, b) = (array(row[0])?, array(row[1])?);
    let class = ValueClass::of(a.elem());
    Ok(Datum::Bool(
        b.iter().any(|element| holds(class, &a, element)),
    ))
}

fn dimension(row: &[DatumRef<'_>]) -> Result<Option<Dim>> {
    let array = array(row[0])?;
    let at = row[1].as_i64().unwrap_or(0) - 1;
    Ok(usize::try_from(at).ok().and_then(|at| array.dim(at)))
}

fn length(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(dimension(row)?.map_or(Datum::Null, |dim| Datum::I32(dim.len as i32)))
}

fn lower(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(dimension(row)?.map_or(Datum::Null, |dim| Datum::I32(dim.lower)))
}

fn upper(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let upper = |dim: Dim| dim.lower.wrapping_add(dim.len as i32).wrapping_sub(1);
    Ok(dimension(row)?.map_or(Datum::Null, |dim| Datum::I32(upper(dim))))
}

fn ndims(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(match array(row[0])?.ndim() {
        0 => Datum::Null,
        n => Datum::I32(n as i32),
    })
}

fn dims(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let dims = array(row[0])?.dims();
    if dims.is_empty() {
        return Ok(Datum::Null);
    }
    let bounds = |dim: &Dim| {
        format!(
            "[{}:{}]",
            dim.lower,
            i64::from(dim.lower) + i64::from(dim.len) - 1
        )
    };
    Ok(Datum::text(&dims.iter().map(bounds).collect::<String>()))
}

fn cardinality(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(Datum::I32(array(row[0])?.len() as i32))
}

/// Equal as IS NOT DISTINCT FROM.
fn same(class: ValueClass, a: DatumRef<'_>, b: DatumRef<'_>) -> bool {
    match (a.is_null(), b.is_null()) {
        (false, false) => compare_class(class, a, b).is_eq(),
        (a, b) => a && b,
    }
}

fn one_dimensional(array: &ArrayRef<'_>, what: &str) -> Result<()> {
    if array.ndim() > 1 {
        bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "{what} multidimensional arrays is not supported"
        );
    }
    Ok(())
}

fn remove(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if row[0].is_null() {
        return Ok(Datum::Null);
    }
    let list = array(row[0])?;
    one_dimensional(&list, "removing elements from")?;
    let class = ValueClass::of(list.elem());
    let mut builder = ArrayBuilder::new(list.elem());
    let kept = list.iter().filter(|value| !same(class, *value, row[1]));
    kept.for_each(|value| builder.push(value));
    let (len, lower) = (builder.len() as u32, list.dim(0).map_or(1, |dim| dim.lower));
    Ok(match len {
        0 => Datum::Bytes(builder.finish().into()),
        _ => finished(builder, &[Dim { len, lower }])?,
    })
}

fn replace(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if row[0].is_null() {
        return Ok(Datum::Null);
    }
    let list = array(row[0])?;
    let class = ValueClass::of(list.elem());
    let mut builder = ArrayBuilder::new(list.elem());
    for value in list.iter() {
        builder.push(if same(class, value, row[1]) {
            row[2]
        } else {
            value
        });
    }
    Ok(match list.is_empty() {
        true => row[0].to_owned(),
        false => finished(builder, &list.dims())?,
    })
}

/// The subscripts at which an element stands, from `from` on.
fn positions(row: &[DatumRef<'_>], from: Option<i64>) -> Result<Vec<i32>> {
    let list = array(row[0])?;
    one_dimensional(&list, "searching for elements in")?;
    let class = ValueClass::of(list.elem());
    let lower = list.dim(0).map_or(1, |dim| dim.lower);
    let subscript = |at: usize| lower.wrapping_add(at as i32);
    Ok(list
        .iter()
        .enumerate()
        .filter(|&(at, value)| {
            same(class, value, row[1]) && from.is_none_or(|from| i64::from(subscript(at)) >= from)
        })
        .map(|(at, _)| subscript(at))
        .collect())
}

fn position(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if row[0].is_null() {
        return Ok(Datum::Null);
    }
    let from = match row.get(2) {
        Some(DatumRef::Null) => {
            bail!(
                sqlstate::NULL_VALUE_NOT_ALLOWED,
                "initial position must not be null"
            )
        }
        Some(from) => from.as_i64(),
        None => None,
    };
    Ok(positions(row, from)?
        .first()
        .map_or(Datum::Null, |&at| Datum::I32(at)))
}

fn all_positions(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    if row[0].is_null() {
        return Ok(Datum::Null);
    }
    let found = positions(row, None)?;
    Ok(types::build_array(
        TypeOid::INT4,
        found.into_iter().map(DatumRef::I32),
    ))
}

fn fill(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let null = |message: &str| Error::new(sqlstate::NULL_VALUE_NOT_ALLOWED, message);
    if row[1].is_null() || row.get(2).is_some_and(|lower| lower.is_null()) {
        return Err(null("dimension array or low bound array cannot be null"));
    }
    let numbers = |value: DatumRef<'_>| -> Result<Vec<i32>> {
        let list = array(value)?;
        if list.ndim() > 1 {
            return Err(Error::new(
                sqlstate::ARRAY_SUBSCRIPT_ERROR,
                "wrong number of array subscripts",
            )
            .with_detail("Dimension array must be one dimensional."));
        }
        let number = |v: DatumRef<'_>| {
            v.as_i64()
                .map(|n| n as i32)
                .ok_or_else(|| null("dimension values cannot be null"))
        };
        list.iter().map(number).collect()
    };
    let lens = numbers(row[1])?;
    let lowers = match row.get(2) {
        Some(lower) => numbers(*lower)?,
        None => vec![1; lens.len()],
    };
    if lens.len() != lowers.len() {
        return Err(Error::new(
            sqlstate::ARRAY_SUBSCRIPT_ERROR,
            "wrong number of array subscripts",
        )
        .with_detail("Low bound array has different size than dimensions array."));
    }
    if lens.len() > types::ARRAY_DIMS_MAX {
        return Err(types::too_many_dims(lens.len()));
    }
    let mut count = usize::from(!lens.is_empty());
    for &len in &lens {
        let len = usize::try_from(len).unwrap_or(0);
        count = count.saturating_mul(len);
    }
    if count > types::ARRAY_ELEMENTS_MAX {
        bail!(
            sqlstate::PROGRAM_LIMIT_EXCEEDED,
            "array size exceeds the maximum allowed ({})",
            types::ARRAY_ELEMENTS_MAX
        );
    }
    let mut builder = ArrayBuilder::new(element_type(cx, 0));
    (0..count).for_each(|_| builder.push(row[0]));
    if count == 0 {
        return Ok(Datum::Bytes(builder.finish().into()));
    }
    let dims: Vec<Dim> = lens
        .iter()
        .zip(&lowers)
        .map(|(&len, &lower)| Dim {
            len: len as u32,
            lower,
        })
        .collect();
    finished(builder, &dims)
}

fn trim(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let list = array(row[0])?;
    let n = row[1].as_i64().unwrap_or(0);
    let len = list.dim(0).map_or(0, |dim| i64::from(dim.len));
    if n < 0 || n > len {
        return Err(Error::new(
            sqlstate::ARRAY_SUBSCRIPT_ERROR,
            format!("number of elements to trim must be between 0 and {len}"),
        ));
    }
    let mut dims = list.dims();
    let kept_rows = (len - n) as usize;
    let width = list.len().checked_div(len as usize).unwrap_or(0);
    let mut builder = ArrayBuilder::new(list.elem());
    list.iter()
        .take(kept_rows * width)
        .for_each(|value| builder.push(value));
    if builder.is_empty() {
        return Ok(Datum::Bytes(builder.finish().into()));
    }
    dims.iter_mut().for_each(|dim| dim.lower = 1);
    dims[0].len = kept_rows as u32;
    finished(builder, &dims)
}

fn to_string(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let (Some(stored), Some(separator)) = (row[0].as_bytes(), row[1].as_bytes()) else {
        return Ok(Datum::Null);
    };
    let list = ArrayRef::new(stored)?;
    let null_text = row.get(2).and_then(|text| text.as_bytes());
    let mut out = Vec::new();
    let mut first = true;
    for value in list.iter() {
        if value.is_null() && null_text.is_none() {
            continue;
        }
        if !std::mem::replace(&mut first, false) {
            out.extend_from_slice(separator);
        }
        match null_text {
            Some(text) if value.is_null() => out.extend_from_slice(text),
            _ => types::format_text(list.elem().into(), value, cx.text, &mut out)?,
        }
    }
    Ok(Datum::Bytes(out.into()))
}

/// The parts of a text: by character without a delimiter, the whole for an empty one.
pub(crate) fn split<'a>(text: &'a str, delimiter: Option<&str>) -> Vec<&'a str> {
    match delimiter {
        _ if text.is_empty() => Vec::new(),
        None => text.split_inclusive(|_| true).collect(),
        Some("") => vec![text],
        Some(delimiter) => text.split(delimiter).collect(),
    }
}

fn from_string(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let Some(text) = row[0].as_str() else {
        return Ok(Datum::Null);
    };
    let null_text = row.get(2).and_then(|value| value.as_str());
    let parts = split(text, row[1].as_str());
    Ok(types::build_array(
        TypeOid::TEXT,
        parts.into_iter().map(|part| match null_text {
            Some(null) if null == part => DatumRef::Null,
            _ => DatumRef::Bytes(part.as_bytes()),
        }),
    ))
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    row!(378, "array_append", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLE] -> ANYCOMPATIBLEARRAY, Immutable, lax append),
    row!(379, "array_prepend", [ANYCOMPATIBLE, ANYCOMPATIBLEARRAY] -> ANYCOMPATIBLEARRAY, Immutable, lax prepend),
    row!(383, "array_cat", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLEARRAY] -> ANYCOMPATIBLEARRAY, Immutable, lax cat),
    row!(2748, "arraycontains", [ANYARRAY, ANYARRAY] -> BOOL, Immutable, strict contains),
    row!(2749, "arraycontained", [ANYARRAY, ANYARRAY] -> BOOL, Immutable, strict contained),
    row!(2747, "arrayoverlap", [ANYARRAY, ANYARRAY] -> BOOL, Immutable, strict overlap),
    row!(2176, "array_length", [ANYARRAY, INT4] -> INT4, Immutable, strict length),
    row!(2091, "array_lower", [ANYARRAY, INT4] -> INT4, Immutable, strict lower),
    row!(2092, "array_upper", [ANYARRAY, INT4] -> INT4, Immutable, strict upper),
    row!(748, "array_ndims", [ANYARRAY] -> INT4, Immutable, strict ndims),
    row!(747, "array_dims", [ANYARRAY] -> TEXT, Immutable, strict dims),
    row!(3179, "cardinality", [ANYARRAY] -> INT4, Immutable, strict cardinality),
    row!(3167, "array_remove", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLE] -> ANYCOMPATIBLEARRAY, Immutable, lax remove),
    row!(3168, "array_replace", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLE, ANYCOMPATIBLE] -> ANYCOMPATIBLEARRAY, Immutable, lax replace),
    row!(3277, "array_position", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLE] -> INT4, Immutable, lax position),
    row!(3278, "array_position", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLE, INT4] -> INT4, Immutable, lax position),
    row!(3279, "array_positions", [ANYCOMPATIBLEARRAY, ANYCOMPATIBLE] -> INT4_ARRAY, Immutable, lax all_positions),
    row!(1193, "array_fill", [ANYELEMENT, INT4_ARRAY] -> ANYARRAY, Immutable, lax fill),
    row!(1286, "array_fill", [ANYELEMENT, INT4_ARRAY, INT4_ARRAY] -> ANYARRAY, Immutable, lax fill),
    row!(6172, "trim_array", [ANYARRAY, INT4] -> ANYARRAY, Immutable, strict trim),
    row!(395, "array_to_string", [ANYARRAY, TEXT] -> TEXT, Stable, strict to_string),
    row!(384, "array_to_string", [ANYARRAY, TEXT, TEXT] -> TEXT, Stable, lax to_string),
    row!(394, "string_to_array", [TEXT, TEXT] -> TEXT_ARRAY, Immutable, lax from_string),
    row!(376, "string_to_array", [TEXT, TEXT, TEXT] -> TEXT_ARRAY, Immutable, lax from_string),
];
