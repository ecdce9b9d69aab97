//! Functions over rows of datums: those that see NULLs, take any number of arguments, or learn their
//! types only when they are called; and set-returning ones.

use common::Result;
use types::{Datum, DatumRef, TypeOid, Vector, physical_of};

use crate::lift::build_datums;
use crate::{EvalContext, SetRows};

/// A function of one row's arguments.
pub type RowFn = fn(&EvalContext<'_>, &[DatumRef<'_>]) -> Result<Datum>;

/// Runs `call` on each row, NULLs among its arguments.
pub fn lax(cx: &EvalContext<'_>, args: &[Vector], rows: usize, call: RowFn) -> Result<Vector> {
    build_datums(physical_of(cx.ret.oid), args, rows, |row| call(cx, row))
}

/// Runs `call` on each row without a NULL.
pub fn strict(cx: &EvalContext<'_>, args: &[Vector], rows: usize, call: RowFn) -> Result<Vector> {
    build_datums(physical_of(cx.ret.oid), args, rows, |row| {
        if row.iter().any(|value| value.is_null()) {
            Ok(Datum::Null)
        } else {
            call(cx, row)
        }
    })
}

/// The type of argument `at`.
pub fn arg_type(cx: &EvalContext<'_>, at: usize) -> TypeOid {
    cx.args.get(at).map_or(TypeOid::TEXT, |ty| ty.oid)
}

/// The rows of a set that was computed at once.
pub struct ReadyRows {
    rows: std::vec::IntoIter<Vec<Datum>>,
}

impl ReadyRows {
    pub fn boxed(rows: Vec<Vec<Datum>>) -> Box<dyn SetRows> {
        Box::new(Self {
            rows: rows.into_iter(),
        })
    }

    /// One column.
    pub fn column(values: Vec<Datum>) -> Box<dyn SetRows> {
        Self::boxed(values.into_iter().map(|value| vec![value]).collect())
    }
}

impl SetRows for ReadyRows {
    fn next(&mut self, columns: &mut [Vector], rows_max: usize) -> Result<usize> {
        let mut count = 0;
        for row in self.rows.by_ref().take(rows_max) {
            for (column, value) in columns.iter_mut().zip(&row) {
                column.push(value.as_ref());
            }
            count += 1;
        }
        Ok(count)
    }
}

/// One entry of a table of functions over rows of datums: `row!(3058, "concat", [ANY] variadic ANY ->
/// TEXT, Stable, lax concat)`; `strict` ones never see a NULL.
#[macro_export]
macro_rules! row {
    ($oid:expr, $name:expr, [$($arg:ident),*] $(variadic $var:ident)? $(defaults $defaults:literal)?
     -> $ret:ident, $vol:ident, $mode:ident $call:expr) => {
        $crate::FunctionDef {
            oid: $oid,
            name: $name,
            args: &[$(types::TypeOid::$arg),*],
            variadic: $crate::row!(@variadic $($var)?),
            defaults: 0 $(+ $defaults)?,
            ret: types::TypeOid::$ret,
            strict: $crate::row!(@strict $mode),
            volatility: $crate::Volatility::$vol,
            kind: $crate::FunctionKind::Scalar(|cx, args, rows| {
                $crate::rows::$mode(cx, args, rows, $call)
            }),
        }
    };
    (@variadic) => { None };
    (@variadic $var:ident) => { Some(types::TypeOid::$var) };
    (@strict strict) => { true };
    (@strict lax) => { false };
}

/// One entry of a table of set-returning functions: `set_of!(3208, "jsonb_each", [JSONB] -> RECORD,
/// strict, [("key", TEXT), ("value", JSONB)], start)`; columns are empty for one column.
#[macro_export]
macro_rules! set_of {
    ($oid:expr, $name:expr, [$($arg:ident),*] $(variadic $var:ident)? -> $ret:ident, $mode:ident,
     [$(($column:expr, $ty:ident)),*], $start:expr) => {
        $crate::FunctionDef {
            oid: $oid,
            name: $name,
            args: &[$(types::TypeOid::$arg),*],
            variadic: $crate::row!(@variadic $($var)?),
            defaults: 0,
            ret: types::TypeOid::$ret,
            strict: $crate::row!(@strict $mode),
            volatility: $crate::Volatility::Immutable,
            kind: $crate::FunctionKind::Set {
                start: $start,
                columns: &[$(($column, types::TypeOid::$ty)),*],
            },
        }
    };
}
