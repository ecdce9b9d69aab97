//! Comparisons of vectors: tight loops for fixed-width classes, the type's order for the rest.

use std::cmp::Ordering;

use crate::ir::Collation;
use types::{Bitmap, DatumRef, SqlType, TypeOid, Vector, VectorData};

use super::logic::from_bools;
use crate::ir::Comparison;

/// The order of two values that are not null.
#[inline]
pub fn compare_datums(
    left: DatumRef<'_>,
    right: DatumRef<'_>,
    ty: SqlType,
    _collation: Collation,
) -> Ordering {
    types::compare(ty.oid, left, right)
}

/// Types whose storage class compares as the type.
fn is_plain(oid: TypeOid) -> bool {
    matches!(
        oid,
        TypeOid::BOOL
            | TypeOid::INT2
            | TypeOid::INT4
            | TypeOid::INT8
            | TypeOid::DATE
            | TypeOid::TIME
            | TypeOid::TIMESTAMP
            | TypeOid::TIMESTAMPTZ
    )
}

/// `left op right` for each row; null where either is.
pub fn compare_vectors(
    op: Comparison,
    left: &Vector,
    right: &Vector,
    ty: SqlType,
    collation: Collation,
    len: usize,
) -> Vector {
    let constant = |v: &Vector| v.is_constant() && len > 0;
    if (constant(left) && left.is_null(0)) || (constant(right) && right.is_null(0)) {
        return Vector::nulls_of(types::Physical::Bool, len);
    }
    let values = match (left.data(), right.data(), is_plain(ty.oid)) {
        (VectorData::I16(l), VectorData::I16(r), true) => kernel(op, l, r, left, right, len),
        (VectorData::I32(l), VectorData::I32(r), true) => kernel(op, l, r, left, right, len),
        (VectorData::I64(l), VectorData::I64(r), true) => kernel(op, l, r, left, right, len),
        (VectorData::Bool(l), VectorData::Bool(r), true) => kernel(op, l, r, left, right, len),
        _ => (0..len)
            .map(|row| match (left.get(row), right.get(row)) {
                (DatumRef::Null, _) | (_, DatumRef::Null) => 0,
                (l, r) => u8::from(op.holds(compare_datums(l, r, ty, collation))),
            })
            .collect(),
    };
    with_nulls(values, left, right, len)
}

/// Puts nulls where either side has one.
fn with_nulls(mut values: Vec<u8>, left: &Vector, right: &Vector, len: usize) -> Vector {
    let mut nulls: Option<Bitmap> = None;
    for side in [left, right] {
        if side.is_constant() {
            continue;
        }
        let Some(theirs) = side.nulls() else { continue };
        match &mut nulls {
            None => nulls = Some(theirs.clone()),
            Some(mine) => mine.union_with(theirs),
        }
    }
    match nulls {
        Some(nulls) if nulls.any() => {
            debug_assert_eq!(nulls.len(), len);
            nulls.ones().for_each(|row| values[row] = 0);
            Vector::from_data(VectorData::Bool(values), Some(nulls))
        }
        _ => from_bools(values),
    }
}

/// The compiler makes vector code of each arm.
fn kernel<T: Ord + Copy>(
    op: Comparison,
    l: &[T],
    r: &[T],
    left: &Vector,
    right: &Vector,
    len: usize,
) -> Vec<u8> {
    macro_rules! run {
        ($test:expr) => {{
            let test = $test;
            match (left.is_constant(), right.is_constant()) {
                (false, false) => l[..len]
                    .iter()
                    .zip(&r[..len])
                    .map(|(a, b)| u8::from(test(*a, *b)))
                    .collect(),
                (false, true) if len > 0 => {
                    let b = r[0];
                    l[..len].iter().map(|a| u8::from(test(*a, b))).collect()
                }
                (true, false) if len > 0 => {
                    let a = l[0];
                    r[..len].iter().map(|b| u8::from(test(a, *b))).collect()
                }
                _ if len == 0 => Vec::new(),
                _ => vec![u8::from(test(l[0], r[0])); len],
            }
        }};
    }
    match op {
        Comparison::Eq => run!(|a: T, b: T| a == b),
        Comparison::Ne => run!(|a: T, b: T| a != b),
        Comparison::Lt => run!(|a: T, b: T| a < b),
        Comparison::Le => run!(|a: T, b: T| a <= b),
        Comparison::Gt => run!(|a: T, b: T| a > b),
        Comparison::Ge => run!(|a: T, b: T| a >= b),
    }
}

/// `IS DISTINCT FROM`: nulls are equal to each other.
pub fn is_distinct(
    left: &Vector,
    right: &Vector,
    ty: SqlType,
    collation: Collation,
    negated: bool,
    len: usize,
) -> Vector {
    let distinct = |row| match (left.get(row), right.get(row)) {
        (DatumRef::Null, DatumRef::Null) => false,
        (DatumRef::Null, _) | (_, DatumRef::Null) => true,
        (l, r) => compare_datums(l, r, ty, collation).is_ne(),
    };
    from_bools(
        (0..len)
            .map(|row| u8::from(distinct(row) != negated))
            .collect(),
    )
}
