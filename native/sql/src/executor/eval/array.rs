//! ARRAY constructors and subscripts.

use common::{Result, err, sqlstate};
use types::{
    ARRAY_DIMS_MAX, ArrayBuilder, ArrayRef, Batch, Datum, DatumRef, Dim, SqlType, Vector,
    element_of, physical_of,
};

use super::{Column, eval};
use crate::executor::context::Context;
use crate::planner::physical::{Scalar, ScalarSubscript};

/// The elements of a stored array, row-major; `int2vector` and `oidvector` are arrays too.
pub fn elements_of(array: DatumRef<'_>, _element: SqlType) -> Result<Vec<Datum>> {
    match array {
        DatumRef::Bytes(stored) => Ok(ArrayRef::new(stored)?
            .iter()
            .map(DatumRef::to_owned)
            .collect()),
        _ => Ok(Vec::new()),
    }
}

pub fn construct(
    elements: &[Scalar],
    nested: bool,
    ty: SqlType,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut columns = Vec::with_capacity(elements.len());
    for element in elements {
        columns.push(eval(element, cx, batch)?);
    }
    let element = element_of(ty.oid).unwrap_or(ty.oid);
    let mut out = Vector::with_capacity(physical_of(ty.oid), batch.len);
    for row in 0..batch.len {
        let stored = match nested {
            true => join_arrays(&columns, row, element)?,
            false => {
                let mut builder = ArrayBuilder::new(element);
                columns
                    .iter()
                    .for_each(|column| builder.push(column.get(row)));
                builder.finish()
            }
        };
        out.push(DatumRef::Bytes(&stored));
    }
    Ok(out)
}

/// Arrays of equal dimensions become one with a dimension more; nulls and empty ones count as
/// empty.
fn join_arrays(columns: &[Column<'_>], row: usize, element: types::TypeOid) -> Result<Vec<u8>> {
    let mismatch = || {
        err!(
            sqlstate::ARRAY_SUBSCRIPT_ERROR,
            "multidimensional arrays must have array expressions with matching dimensions"
        )
    };
    let mut builder = ArrayBuilder::new(element);
    let mut inner: Option<Vec<Dim>> = None;
    for column in columns {
        let dims = match column.get(row) {
            DatumRef::Bytes(stored) => {
                let array = ArrayRef::new(stored)?;
                array.iter().for_each(|value| builder.push(value));
                array.dims()
            }
            _ => Vec::new(),
        };
        match &inner {
            None => inner = Some(dims),
            Some(known) if *known == dims => {}
            Some(_) => return Err(mismatch()),
        }
    }
    let inner = inner.unwrap_or_default();
    if inner.is_empty() {
        return Ok(ArrayBuilder::new(element).finish());
    }
    if inner.len() >= ARRAY_DIMS_MAX {
        return Err(types::too_many_dims(inner.len() + 1));
    }
    let mut dims = vec![Dim {
        len: columns.len() as u32,
        lower: 1,
    }];
    dims.extend(inner);
    builder.finish_dims(&dims)
}

/// Evaluated subscripts: index, or bounds with absent ones unset.
enum Item<'b> {
    Index(Column<'b>),
    Slice(Option<Column<'b>>, Option<Column<'b>>),
}

pub fn subscript(
    arg: &Scalar,
    items: &[ScalarSubscript],
    ty: SqlType,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let arrays = eval(arg, cx, batch)?;
    let mut bounds = Vec::with_capacity(items.len());
    let mut sliced = false;
    for item in items {
        bounds.push(match item {
            ScalarSubscript::Index(index) => Item::Index(eval(index, cx, batch)?),
            ScalarSubscript::Slice(lower, upper) => {
                sliced = true;
                let mut end = |bound: &Option<Scalar>| {
                    bound
                        .as_ref()
                        .map(|bound| eval(bound, cx, batch))
                        .transpose()
                };
                Item::Slice(end(lower)?, end(upper)?)
            }
        });
    }
    let mut out = Vector::with_capacity(physical_of(ty.oid), batch.len);
    for row in 0..batch.len {
        let DatumRef::Bytes(stored) = arrays.get(row) else {
            out.push_null();
            continue;
        };
        let array = ArrayRef::new(stored)?;
        if sliced {
            match slice(&array, &bounds, row)? {
                Some(stored) => out.push(DatumRef::Bytes(&stored)),
                None => out.push_null(),
            }
        } else {
            let subscripts: Option<Vec<i32>> = bounds
                .iter()
                .map(|item| match item {
                    Item::Index(index) => integer(index.get(row)),
                    Item::Slice(..) => None,
                })
                .collect();
            let place = subscripts.and_then(|subscripts| array.position(&subscripts));
            out.push(place.map_or(DatumRef::Null, |at| array.get(at)));
        }
    }
    Ok(out)
}

fn integer(value: DatumRef<'_>) -> Option<i32> {
    value.as_i64().and_then(|value| i32::try_from(value).ok())
}

/// The part of an array; null if a bound is null, empty if there is no overlap. A plain index among
/// slices means `1:index`.
fn slice(array: &ArrayRef<'_>, bounds: &[Item<'_>], row: usize) -> Result<Option<Vec<u8>>> {
    let dims = array.dims();
    let empty = || ArrayBuilder::new(array.elem()).finish();
    if bounds.len() > dims.len() || dims.is_empty() {
        return Ok(Some(empty()));
    }
    let mut ranges: Vec<(i32, i32)> = Vec::with_capacity(dims.len());
    for (at, dim) in dims.iter().enumerate() {
        let last = dim.lower.wrapping_add(dim.len as i32 - 1);
        let mut value = |column: &Column<'_>| integer(column.get(row));
        let (lower, upper) = match bounds.get(at) {
            None => (Some(dim.lower), Some(last)),
            Some(Item::Index(index)) => (Some(1), value(index)),
            Some(Item::Slice(lower, upper)) => (
                lower.as_ref().map_or(Some(dim.lower), &mut value),
                upper.as_ref().map_or(Some(last), &mut value),
            ),
        };
        let (Some(lower), Some(upper)) = (lower, upper) else {
            return Ok(None);
        };
        let (lower, upper) = (lower.max(dim.lower), upper.min(last));
        if lower > upper {
            return Ok(Some(empty()));
        }
        ranges.push((lower, upper));
    }
    let mut builder = ArrayBuilder::new(array.elem());
    let mut subscripts: Vec<i32> = ranges.iter().map(|(lower, _)| *lower).collect();
    loop {
        let at = array.position(&subscripts);
        builder.push(at.map_or(DatumRef::Null, |at| array.get(at)));
        let Some(step) = (0..ranges.len())
            .rev()
            .find(|d| subscripts[*d] < ranges[*d].1)
        else {
            break;
        };
        subscripts[step] += 1;
        for later in step + 1..ranges.len() {
            subscripts[later] = ranges[later].0;
        }
    }
    let dims: Vec<Dim> = ranges
        .iter()
        .map(|(lower, upper)| Dim {
            len: (upper - lower + 1) as u32,
            lower: 1,
        })
        .collect();
    builder.finish_dims(&dims).map(Some)
}
