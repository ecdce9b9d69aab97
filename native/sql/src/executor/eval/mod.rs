//! Evaluates expressions over batches.
//!
//! A result has as many rows as the batch; it may be a constant vector. Where an expression must
//! not
//! be evaluated for some rows (CASE, COALESCE, AND, OR), the rows that need it are gathered into a
//! batch of their own and the results put back.

mod array;
mod call;
mod case;
mod cast;
mod compare;
mod decimal;
mod lists;
mod logic;
mod rows;

use std::borrow::Cow;

use common::{Error, Result};
use types::{Batch, Datum, SqlType, Vector, physical_of};

use super::context::Context;
use super::subplan;
use crate::planner::physical::Scalar;

pub use array::elements_of;
pub use call::call_values;
pub use cast::cast;
pub use compare::{compare_datums, compare_vectors};
pub use decimal::{DecimalProgram, Decimals};
pub use rows::compare_rows;

/// A computed column, or one of the batch's own.
pub type Column<'b> = Cow<'b, Vector>;

/// The value of `scalar` for each row of `batch`.
pub fn eval<'b>(scalar: &Scalar, cx: &mut Context<'_>, batch: &'b Batch) -> Result<Column<'b>> {
    let len = batch.len;
    let owned = match scalar {
        Scalar::Column { position, .. } => return column(batch, *position),
        Scalar::Const { value, ty } => constant(value, *ty, len),
        Scalar::Param { index, ty } => match cx.params.get(*index) {
            Some(value) => constant(value, *ty, len),
            None => {
                return Err(Error::internal(format!(
                    "no value for parameter ${}",
                    index + 1
                )));
            }
        },
        Scalar::Slot { slot, ty } => constant(&cx.state.slots[*slot], *ty, len),
        Scalar::Call {
            function,
            args,
            ty,
            collation,
        } => call::call(function, args, *ty, *collation, cx, batch)?,
        Scalar::Session { function, args, ty } => call::session(*function, args, *ty, cx, batch)?,
        Scalar::Cast { arg, to, explicit } => {
            let value = eval(arg, cx, batch)?;
            match cast::cast(value, arg.ty(), *to, *explicit, cx)? {
                Cow::Borrowed(same) => same.clone(),
                Cow::Owned(new) => new,
            }
        }
        Scalar::Compare {
            op,
            left,
            right,
            collation,
        } => {
            let l = eval(left, cx, batch)?;
            let r = eval(right, cx, batch)?;
            compare_vectors(*op, &l, &r, left.ty(), *collation, len)
        }
        Scalar::RowCompare {
            op,
            left,
            right,
            collation,
        } => rows::compare(*op, left, right, *collation, cx, batch)?,
        Scalar::And(parts) => logic::connect(parts, true, cx, batch)?,
        Scalar::Or(parts) => logic::connect(parts, false, cx, batch)?,
        Scalar::Not(arg) => logic::not(eval(arg, cx, batch)?.into_owned()),
        Scalar::IsNull { arg, negated } => {
            let ty = arg.ty();
            logic::is_null(&*eval(arg, cx, batch)?, ty, *negated, len)?
        }
        Scalar::BooleanTest { arg, test } => logic::test(&*eval(arg, cx, batch)?, *test, len),
        Scalar::IsDistinct {
            left,
            right,
            negated,
            collation,
        } => {
            let l = eval(left, cx, batch)?;
            let r = eval(right, cx, batch)?;
            compare::is_distinct(&l, &r, left.ty(), *collation, *negated, len)
        }
        Scalar::Case(case) => case::case(case, cx, batch)?,
        Scalar::Coalesce { args, ty } => case::coalesce(args, *ty, cx, batch)?,
        Scalar::MinMax {
            greatest,
            args,
            ty,
            collation,
        } => case::min_max(*greatest, args, *ty, *collation, cx, batch)?,
        Scalar::NullIf {
            left,
            right,
            collation,
        } => case::null_if(left, right, *collation, cx, batch)?,
        Scalar::InList {
            arg,
            list,
            negated,
            collation,
        } => {
            let ty = arg.ty();
            let value = eval(arg, cx, batch)?;
            lists::in_list(&value, list, ty, *negated, *collation, len)
        }
        Scalar::CompareArray {
            op,
            quantifier,
            arg,
            array,
            collation,
        } => {
            let ty = arg.ty();
            let value = eval(arg, cx, batch)?;
            let arrays = eval(array, cx, batch)?;
            lists::compare_array(*op, *quantifier, &value, &arrays, ty, *collation, len)?
        }
        Scalar::CallArray {
            function,
            quantifier,
            arg,
            array,
            collation,
        } => {
            let array_ty = array.ty();
            let value = eval(arg, cx, batch)?;
            let arrays = eval(array, cx, batch)?;
            lists::call_array(
                function,
                *quantifier,
                &value,
                &arrays,
                array_ty,
                *collation,
                len,
                cx,
            )?
        }
        Scalar::Array {
            elements,
            nested,
            ty,
        } => array::construct(elements, *nested, *ty, cx, batch)?,
        Scalar::Row { fields, names, .. } => rows::construct(fields, names, cx, batch)?,
        Scalar::Field { arg, index, ty } => rows::field(arg, *index, *ty, cx, batch)?,
        Scalar::Subscript { arg, items, ty } => array::subscript(arg, items, *ty, cx, batch)?,
        Scalar::Subplan {
            index,
            usage,
            left,
            binds,
            ty,
        } => subplan::eval(*index, usage, left, binds, *ty, cx, batch)?,
    };
    Ok(Cow::Owned(owned))
}

fn column(batch: &Batch, position: usize) -> Result<Column<'_>> {
    match batch.columns.get(position) {
        Some(column) => Ok(Cow::Borrowed(column)),
        None => Err(Error::internal(format!(
            "no column {position} in its input"
        ))),
    }
}

/// A constant vector in the storage class of `ty`.
pub fn constant(value: &Datum, ty: SqlType, len: usize) -> Vector {
    Vector::constant_of(physical_of(ty.oid), value.as_ref(), len)
}

/// The value of an expression without columns.
pub fn eval_once(scalar: &Scalar, cx: &mut Context<'_>) -> Result<Datum> {
    match scalar {
        Scalar::Const { value, .. } => Ok(value.clone()),
        Scalar::Param { index, .. } if *index < cx.params.len() => Ok(cx.params[*index].clone()),
        Scalar::Slot { slot, .. } => Ok(cx.state.slots[*slot].clone()),
        other => {
            let row = Batch {
                columns: Vec::new(),
                len: 1,
            };
            Ok(eval(other, cx, &row)?.get(0).to_owned())
        }
    }
}

impl Scalar {
    /// The type of the value.
    pub fn ty(&self) -> SqlType {
        match self {
            Self::Const { ty, .. }
            | Self::Column { ty, .. }
            | Self::Param { ty, .. }
            | Self::Slot { ty, .. }
            | Self::Call { ty, .. }
            | Self::Session { ty, .. }
            | Self::Coalesce { ty, .. }
            | Self::MinMax { ty, .. }
            | Self::Array { ty, .. }
            | Self::Row { ty, .. }
            | Self::Field { ty, .. }
            | Self::Subscript { ty, .. }
            | Self::Subplan { ty, .. } => *ty,
            Self::Cast { to, .. } => *to,
            Self::Case(case) => case.ty,
            Self::NullIf { left, .. } => left.ty(),
            _ => SqlType::new(types::TypeOid::BOOL),
        }
    }

    /// True if evaluating it for a row that does not need it can do no harm: it cannot fail, has no
    /// effect and costs little.
    pub fn is_harmless(&self) -> bool {
        match self {
            Self::Const { .. } | Self::Column { .. } | Self::Param { .. } | Self::Slot { .. } => {
                true
            }
            Self::Compare { left, right, .. } | Self::IsDistinct { left, right, .. } => {
                left.is_harmless() && right.is_harmless()
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().all(Self::is_harmless),
            Self::Not(arg)
            | Self::IsNull { arg, .. }
            | Self::BooleanTest { arg, .. }
            | Self::InList { arg, .. } => arg.is_harmless(),
            _ => false,
        }
    }
}
