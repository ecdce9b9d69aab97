//! Offsets of frames: their checks, and the search for RANGE bounds.

use std::cmp::Ordering;

use common::{Error, Result, err, sqlstate};
use functions::OperatorBody;
use types::{Datum, DatumRef, SqlType, TypeOid, Vector, VectorData, physical_of};

use super::partition::Partition;
use crate::executor::context::Context;
use crate::executor::eval::call_values;
use crate::ir::{Collation, Frame, FrameBound, FrameUnit};
use crate::planner::physical::SortSpec;

/// The offset, unless it is null or negative.
pub fn checked(offset: Datum, frame: &Frame, start: bool) -> Result<Datum> {
    let bound = if start { &frame.start } else { &frame.end };
    if !matches!(bound, FrameBound::Preceding(_) | FrameBound::Following(_)) {
        return Ok(Datum::Null);
    }
    let which = if start { "starting" } else { "ending" };
    if offset.is_null() {
        return Err(err!(
            sqlstate::NULL_VALUE_NOT_ALLOWED,
            "frame {which} offset must not be null"
        ));
    }
    let negative = match offset.as_ref() {
        DatumRef::I16(v) => v < 0,
        DatumRef::I32(v) => v < 0,
        DatumRef::I64(v) => v < 0,
        DatumRef::F32(v) => v < 0.0 || v.is_nan(),
        DatumRef::F64(v) => v < 0.0 || v.is_nan(),
        _ => false,
    };
    if !negative {
        return Ok(offset);
    }
    Err(match frame.unit {
        FrameUnit::Range => err!(
            sqlstate::INVALID_PRECEDING_OR_FOLLOWING_SIZE,
            "invalid preceding or following size in window function"
        ),
        _ => err!(
            sqlstate::INVALID_PRECEDING_OR_FOLLOWING_SIZE,
            "frame {which} offset must not be negative"
        ),
    })
}

/// Each row's ordering value, moved by the offset: what a RANGE bound is compared with.
pub struct RangeBounds {
    moved: Vector,
    order: SqlType,
    descending: bool,
}

impl RangeBounds {
    /// `preceding`: towards the partition's start.
    pub fn new(
        partition: &Partition<'_>,
        spec: &SortSpec,
        offset: &Datum,
        offset_ty: SqlType,
        preceding: bool,
        cx: &Context<'_>,
    ) -> Result<Self> {
        let Some(values) = partition.order_value else {
            return Err(Error::internal("a RANGE offset without an ordering column"));
        };
        let mine = values.slice(partition.rows.start, partition.len());
        let subtract = preceding != spec.descending;
        let moved = match (mine.data(), offset.as_ref().as_i64(), spec.ty.oid) {
            (_, Some(by), TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8) => {
                integers(&mine, by, subtract)
            }
            _ => by_operator(&mine, spec.ty, offset, offset_ty, subtract, cx)?,
        };
        let integer = matches!(moved.data(), VectorData::I64(_))
            && matches!(spec.ty.oid, TypeOid::INT2 | TypeOid::INT4);
        let order = if integer {
            SqlType::new(TypeOid::INT8)
        } else {
            spec.ty
        };
        Ok(Self {
            moved,
            order,
            descending: spec.descending,
        })
    }

    /// The order of row `row`'s own value against the bound of row `of`, in the window's direction.
    fn order(&self, partition: &Partition<'_>, row: usize, of: usize) -> Ordering {
        let bound = self.moved.get(of - partition.rows.start);
        let own = partition
            .order_value
            .map_or(DatumRef::Null, |values| values.get(row));
        let own = match (own, self.order.oid) {
            (DatumRef::I16(v), TypeOid::INT8) => DatumRef::I64(v.into()),
            (DatumRef::I32(v), TypeOid::INT8) => DatumRef::I64(v.into()),
            (other, _) => other,
        };
        let order = match (own.is_null(), bound.is_null()) {
            (false, false) => types::compare(self.order.oid, own, bound),
            (own, bound) => return own.cmp(&bound),
        };
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }

    /// The first row that is not before the bound (`after`: that is beyond it) of row `of`.
    pub fn search(&self, partition: &Partition<'_>, of: usize, after: bool) -> usize {
        // Nulls are at one end; only rows with values can be within an offset.
        let values = partition.order_value;
        let is_null = |row: &usize| values.is_some_and(|values| values.is_null(*row));
        let (mut low, mut high) = (partition.rows.start, partition.rows.end);
        while low < high && is_null(&low) {
            low = partition.peers(low).end;
        }
        while high > low && is_null(&(high - 1)) {
            high = partition.peers(high - 1).start;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            let order = self.order(partition, middle, of);
            if order.is_lt() || (after && order.is_eq()) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        low
    }
}

/// An overflow goes to the end of the range: everything is within it.
fn integers(values: &Vector, by: i64, subtract: bool) -> Vector {
    let mut out = Vector::with_capacity(types::Physical::I64, values.len());
    for row in 0..values.len() {
        match values.get(row).as_i64() {
            Some(v) if subtract => out.push(DatumRef::I64(v.saturating_sub(by))),
            Some(v) => out.push(DatumRef::I64(v.saturating_add(by))),
            None => out.push_null(),
        }
    }
    out
}

/// By the type's own `+` or `-`; the result is cast back to the type (date plus interval is a
/// timestamp).
fn by_operator(
    values: &Vector,
    ty: SqlType,
    offset: &Datum,
    offset_ty: SqlType,
    subtract: bool,
    cx: &Context<'_>,
) -> Result<Vector> {
    let name = if subtract { "-" } else { "+" };
    let found = functions::operators_named(name)
        .iter()
        .find(|def| def.left == Some(ty.oid) && def.right == offset_ty.oid);
    let Some((def, OperatorBody::Function(function))) = found.map(|def| (def, def.body)) else {
        return Err(err!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset \
             type {}",
            types::format_type(ty.oid, -1),
            types::format_type(offset_ty.oid, -1)
        ));
    };
    let len = values.len();
    let other = Vector::constant_of(physical_of(offset_ty.oid), offset.as_ref(), len);
    let ret = SqlType::new(def.ret);
    let sum = call_values(
        function,
        &[values.clone(), other],
        &[ty, offset_ty],
        ret,
        Collation::default(),
        len,
        cx,
    )?;
    let plain = SqlType::new(ty.oid);
    let cast = crate::executor::eval::cast(std::borrow::Cow::Owned(sum), ret, plain, true, cx)?;
    Ok(cast.into_owned())
}
