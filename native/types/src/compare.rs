//! The order of each type: that of PostgreSQL's default btree operator class.
//!
//! Text orders by bytes (collation C); blanks at the end of `char(n)` do not count; NaN is above
//! every number. NULL has no place here: it sorts above everything for callers that meet it.

use std::cmp::Ordering;

use crate::array::ArrayRef;
use crate::datetime::{Interval, TimeTz};
use crate::datum::DatumRef;
use crate::json::compare_jsonb;
use crate::numeric::Numeric;
use crate::record::decode_record;
use crate::type_info::type_info;
use crate::type_oid::TypeOid;

/// How values of a type are compared, hashed and made into keys. Found once per plan, not per row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueClass {
    Bool,
    /// Signed integers, dates, times.
    Signed,
    /// oid and its kin: the bits of an unsigned number.
    Unsigned,
    Float,
    /// Bytes in order: text, varchar, name, bytea, "char", json.
    Bytes,
    Bpchar,
    Uuid,
    Interval,
    TimeTz,
    Numeric,
    Jsonb,
    Array,
    Record,
}

impl ValueClass {
    pub fn of(oid: TypeOid) -> Self {
        match oid {
            TypeOid::BOOL => Self::Bool,
            TypeOid::INT2
            | TypeOid::INT4
            | TypeOid::INT8
            | TypeOid::DATE
            | TypeOid::TIME
            | TypeOid::TIMESTAMP
            | TypeOid::TIMESTAMPTZ => Self::Signed,
            TypeOid::FLOAT4 | TypeOid::FLOAT8 => Self::Float,
            TypeOid::BPCHAR => Self::Bpchar,
            TypeOid::UUID => Self::Uuid,
            TypeOid::INTERVAL => Self::Interval,
            TypeOid::TIMETZ => Self::TimeTz,
            TypeOid::NUMERIC => Self::Numeric,
            TypeOid::JSONB => Self::Jsonb,
            TypeOid::RECORD => Self::Record,
            other => match type_info(other) {
                Some(info) if info.is_array() => Self::Array,
                Some(info) if info.physical.fixed_size().is_some() => Self::Unsigned,
                _ => Self::Bytes,
            },
        }
    }
}

/// Compares two values of a type. NULL equals NULL and is above everything else.
#[inline]
pub fn compare(oid: TypeOid, a: DatumRef<'_>, b: DatumRef<'_>) -> Ordering {
    compare_class(ValueClass::of(oid), a, b)
}

/// [`compare`] with the class at hand. Stored forms that cannot be read compare by their bytes.
pub fn compare_class(class: ValueClass, a: DatumRef<'_>, b: DatumRef<'_>) -> Ordering {
    match (a, b) {
        (DatumRef::I32(a), DatumRef::I32(b)) if class == ValueClass::Unsigned => {
            (a as u32).cmp(&(b as u32))
        }
        (DatumRef::I64(a), DatumRef::I64(b)) if class == ValueClass::Unsigned => {
            (a as u64).cmp(&(b as u64))
        }
        (DatumRef::I16(a), DatumRef::I16(b)) => a.cmp(&b),
        (DatumRef::I32(a), DatumRef::I32(b)) => a.cmp(&b),
        (DatumRef::I64(a), DatumRef::I64(b)) => a.cmp(&b),
        (DatumRef::Bool(a), DatumRef::Bool(b)) => a.cmp(&b),
        (DatumRef::F32(a), DatumRef::F32(b)) => compare_floats(a.into(), b.into()),
        (DatumRef::F64(a), DatumRef::F64(b)) => compare_floats(a, b),
        (DatumRef::Fixed16(a), DatumRef::Fixed16(b)) => match class {
            ValueClass::Interval => Interval::from_bytes(a).compare(Interval::from_bytes(b)),
            ValueClass::TimeTz => TimeTz::from_bytes(a).compare(TimeTz::from_bytes(b)),
            _ => a.cmp(&b),
        },
        (DatumRef::Bytes(a), DatumRef::Bytes(b)) => compare_bytes(class, a, b),
        _ => a.is_null().cmp(&b.is_null()),
    }
}

/// PostgreSQL's order of floats: NaN equals NaN and is above everything, -0 equals 0.
#[inline]
pub fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn compare_bytes(class: ValueClass, a: &[u8], b: &[u8]) -> Ordering {
    match class {
        ValueClass::Bpchar => trim_blanks(a).cmp(trim_blanks(b)),
        ValueClass::Numeric => compare_numerics(a, b),
        ValueClass::Jsonb => compare_jsonb(a, b).unwrap_or_else(|_| a.cmp(b)),
        ValueClass::Array => compare_arrays(a, b).unwrap_or_else(|| a.cmp(b)),
        ValueClass::Record => compare_records(a, b).unwrap_or_else(|| a.cmp(b)),
        _ => a.cmp(b),
    }
}

fn compare_numerics(a: &[u8], b: &[u8]) -> Ordering {
    if let (Some((a, scale_a)), Some((b, scale_b))) =
        (Numeric::decode_small(a), Numeric::decode_small(b))
        && scale_a == scale_b
    {
        return a.cmp(&b);
    }
    match (Numeric::decode(a), Numeric::decode(b)) {
        (Ok(a), Ok(b)) => a.compare(&b),
        _ => a.cmp(b),
    }
}

/// Without the blanks at the end, which `char(n)` does not count.
pub fn trim_blanks(text: &[u8]) -> &[u8] {
    let kept = text.iter().rposition(|&c| c != b' ').map_or(0, |at| at + 1);
    &text[..kept]
}

fn compare_arrays(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let (a, b) = (ArrayRef::new(a).ok()?, ArrayRef::new(b).ok()?);
    let class = ValueClass::of(a.elem());
    for (x, y) in a.iter().zip(b.iter()) {
        let order = compare_class(class, x, y);
        if order.is_ne() {
            return Some(order);
        }
    }
    let order = a.len().cmp(&b.len()).then(a.ndim().cmp(&b.ndim()));
    if order.is_ne() {
        return Some(order);
    }
    let (dims_a, dims_b) = (a.dims(), b.dims());
    let lens = dims_a
        .iter()
        .map(|d| d.len)
        .cmp(dims_b.iter().map(|d| d.len));
    Some(lens.then_with(|| {
        dims_a
            .iter()
            .map(|d| d.lower)
            .cmp(dims_b.iter().map(|d| d.lower))
    }))
}

fn compare_records(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let (a, b) = (decode_record(a).ok()?, decode_record(b).ok()?);
    for (x, y) in a.iter().zip(&b) {
        let order = compare(x.ty, x.value, y.value);
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(a.len().cmp(&b.len()))
}
