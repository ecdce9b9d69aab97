//! Row values: construction, fields, comparison.

use common::{Error, Result};
use types::{
    Batch, DatumRef, RecordField, SqlType, TypeOid, Vector, decode_record, encode_record,
    physical_of,
};

use super::{compare_datums, eval, logic};
use crate::executor::context::Context;
use crate::ir::{Collation, Comparison};
use crate::planner::physical::Scalar;

/// True for composite types: anonymous records and the row types of tables.
pub fn is_row_type(ty: SqlType) -> bool {
    ty.oid == TypeOid::RECORD || types::type_info(ty.oid).is_none()
}

/// A row is null if all fields are; not null (`negated`) if none is. A null value counts as a row
/// of
/// nulls. A value that is no record (an enum of the user's) is as it is.
pub fn row_is_null(value: DatumRef<'_>, negated: bool) -> Result<bool> {
    match value {
        DatumRef::Null => Ok(!negated),
        DatumRef::Bytes(stored) => match decode_record(stored) {
            Ok(fields) => Ok(fields.iter().all(|field| field.value.is_null() != negated)),
            Err(_) => Ok(negated),
        },
        _ => Ok(negated),
    }
}

pub fn construct(
    fields: &[Scalar],
    names: &[String],
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        columns.push(eval(field, cx, batch)?);
    }
    let types: Vec<TypeOid> = fields.iter().map(|field| field.ty().oid).collect();
    let mut out = Vector::with_capacity(types::Physical::Bytes, batch.len);
    let mut stored = Vec::new();
    for row in 0..batch.len {
        let pairs = columns.iter().zip(&types).enumerate();
        let fields: Vec<RecordField<'_>> = pairs
            .map(|(at, (column, ty))| RecordField {
                ty: *ty,
                value: column.get(row),
                name: names.get(at).map_or("", String::as_str),
            })
            .collect();
        stored.clear();
        encode_record(&fields, !names.is_empty(), &mut stored);
        out.push(DatumRef::Bytes(&stored));
    }
    Ok(out)
}

pub fn field(
    arg: &Scalar,
    index: usize,
    ty: SqlType,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let rows = eval(arg, cx, batch)?;
    let mut out = Vector::with_capacity(physical_of(ty.oid), batch.len);
    for row in 0..batch.len {
        match rows.get(row) {
            DatumRef::Bytes(stored) => {
                let fields = decode_record(stored)?;
                let field = fields.get(index).ok_or_else(|| {
                    Error::internal(format!("field {} of a shorter record", index + 1))
                })?;
                out.push(field.value);
            }
            _ => out.push_null(),
        }
    }
    Ok(out)
}

/// `(a, b) op (c, d)`: the first pair that is not equal decides; a null before that makes it null.
/// Equality is all pairs equal, inequality any pair unequal, by three-valued logic.
pub fn compare(
    op: Comparison,
    left: &[Scalar],
    right: &[Scalar],
    collation: Collation,
    cx: &mut Context<'_>,
    batch: &Batch,
) -> Result<Vector> {
    let mut pairs = Vec::with_capacity(left.len());
    for (l, r) in left.iter().zip(right) {
        pairs.push((eval(l, cx, batch)?, eval(r, cx, batch)?, l.ty()));
    }
    let verdict = |row: usize| {
        let values = pairs.iter().map(|(l, r, ty)| (l.get(row), r.get(row), *ty));
        compare_rows(op, values, collation)
    };
    Ok(logic::from_options((0..batch.len).map(verdict)))
}

/// The comparison of two rows, given as pairs of fields.
pub fn compare_rows<'a>(
    op: Comparison,
    pairs: impl Iterator<Item = (DatumRef<'a>, DatumRef<'a>, SqlType)>,
    collation: Collation,
) -> Option<bool> {
    let by_all = matches!(op, Comparison::Eq | Comparison::Ne);
    let mut unknown = false;
    for (l, r, ty) in pairs {
        if l.is_null() || r.is_null() {
            if !by_all {
                return None;
            }
            unknown = true;
            continue;
        }
        let order = compare_datums(l, r, ty, collation);
        if order.is_ne() {
            return Some(match op {
                Comparison::Eq => false,
                Comparison::Ne => true,
                other => other.holds(order),
            });
        }
    }
    if unknown {
        None
    } else {
        Some(op.holds(std::cmp::Ordering::Equal))
    }
}
