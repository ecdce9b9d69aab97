//! `generate_series`: from a start by a step to a stop, a batch at a time.

use std::cmp::Ordering;

use common::{Error, Result, bail, sqlstate};
use types::{Datum, DatumRef, Interval, Numeric, TypeOid, Vector};

use crate::datetime::{timestamp_add, timestamptz_add};
use crate::errors::invalid_parameter;
use crate::{EvalContext, FunctionDef, SetRows, set_of};

/// A value, what it is compared with, and how the next one comes.
struct Series<T, N> {
    /// None at the end.
    next: Option<T>,
    stop: T,
    descending: bool,
    /// The value after another; None where it would overflow, which ends the series.
    advance: N,
}

/// A value that a column can take.
trait Put: PartialOrd {
    fn put(&self, column: &mut Vector);
}

impl Put for i32 {
    fn put(&self, column: &mut Vector) {
        column.push(DatumRef::I32(*self));
    }
}

impl Put for i64 {
    fn put(&self, column: &mut Vector) {
        column.push(DatumRef::I64(*self));
    }
}

impl Put for Numeric {
    fn put(&self, column: &mut Vector) {
        column.push(DatumRef::Bytes(&self.to_bytes()));
    }
}

impl<T: Put + Send, N: Fn(&T) -> Result<Option<T>> + Send> SetRows for Series<T, N> {
    fn next(&mut self, columns: &mut [Vector], rows_max: usize) -> Result<usize> {
        let mut count = 0;
        let beyond = if self.descending {
            Ordering::Less
        } else {
            Ordering::Greater
        };
        while count < rows_max {
            let Some(value) = self.next.take() else { break };
            if value.partial_cmp(&self.stop) == Some(beyond) {
                break;
            }
            value.put(&mut columns[0]);
            self.next = (self.advance)(&value)?;
            count += 1;
        }
        Ok(count)
    }
}

fn zero_step() -> Error {
    invalid_parameter("step size cannot equal zero")
}

/// An integer argument, or 1 for a step that was left out.
fn integer(args: &[Datum], at: usize) -> i64 {
    args.get(at)
        .and_then(|arg| arg.as_ref().as_i64())
        .unwrap_or(1)
}

fn int4(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let step = integer(args, 2) as i32;
    if step == 0 {
        return Err(zero_step());
    }
    Ok(Box::new(Series {
        next: Some(integer(args, 0) as i32),
        stop: integer(args, 1) as i32,
        descending: step < 0,
        advance: move |value: &i32| Ok(value.checked_add(step)),
    }))
}

fn int8(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let step = integer(args, 2);
    if step == 0 {
        return Err(zero_step());
    }
    Ok(Box::new(Series {
        next: Some(integer(args, 0)),
        stop: integer(args, 1),
        descending: step < 0,
        advance: move |value: &i64| Ok(value.checked_add(step)),
    }))
}

/// A finite numeric argument, called `what` in errors.
fn finite(args: &[Datum], at: usize, what: &str) -> Result<Numeric> {
    let Some(stored) = args.get(at).and_then(|arg| arg.as_ref().as_bytes()) else {
        return Ok(Numeric::ONE);
    };
    let value = Numeric::decode(stored)?;
    if value.is_nan() {
        bail!(sqlstate::INVALID_PARAMETER_VALUE, "{what} cannot be NaN");
    }
    if value.is_infinite() {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "{what} cannot be infinity"
        );
    }
    Ok(value)
}

fn numeric(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let start = finite(args, 0, "start value")?;
    let stop = finite(args, 1, "stop value")?;
    let step = finite(args, 2, "step size")?;
    if step.is_zero() {
        return Err(zero_step());
    }
    let descending = step.signum() < 0;
    let advance = move |value: &Numeric| value.add(&step).map(Some);
    Ok(Box::new(Series {
        next: Some(start),
        stop,
        descending,
        advance,
    }))
}

/// Moments, by `timestamp + interval` or, in the session's zone, `timestamptz + interval`.
fn moments(cx: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let [Datum::I64(start), Datum::I64(stop), Datum::Fixed16(step)] = *args else {
        return Err(Error::internal(
            "generate_series of other arguments than it declares",
        ));
    };
    let step = Interval::from_bytes(step);
    let descending = match step.compare(Interval::default()) {
        Ordering::Equal => return Err(zero_step()),
        order => order.is_lt(),
    };
    let zoned = cx
        .args
        .first()
        .is_some_and(|ty| ty.oid == TypeOid::TIMESTAMPTZ);
    let zone = cx.text.time_zone.clone();
    let advance = move |value: &i64| match zoned {
        true => timestamptz_add(&zone, *value, step).map(Some),
        false => timestamp_add(*value, step).map(Some),
    };
    Ok(Box::new(Series {
        next: Some(start),
        stop,
        descending,
        advance,
    }))
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    set_of!(1067, "generate_series", [INT4, INT4] -> INT4, strict, [], int4),
    set_of!(1066, "generate_series", [INT4, INT4, INT4] -> INT4, strict, [], int4),
    set_of!(1069, "generate_series", [INT8, INT8] -> INT8, strict, [], int8),
    set_of!(1068, "generate_series", [INT8, INT8, INT8] -> INT8, strict, [], int8),
    set_of!(3260, "generate_series", [NUMERIC, NUMERIC] -> NUMERIC, strict, [], numeric),
    set_of!(3259, "generate_series", [NUMERIC, NUMERIC, NUMERIC] -> NUMERIC, strict, [], numeric),
    set_of!(938, "generate_series", [TIMESTAMP, TIMESTAMP, INTERVAL] -> TIMESTAMP, strict, [], moments),
    FunctionDef { volatility: crate::Volatility::Stable, ..set_of!(939, "generate_series", [TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL] -> TIMESTAMPTZ, strict, [], moments) },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut rows: Box<dyn SetRows>) -> Vec<i64> {
        let mut columns = [Vector::new(types::Physical::I32)];
        while rows.next(&mut columns, 2).expect("in range") > 0 {}
        (0..columns[0].len())
            .filter_map(|row| columns[0].get(row).as_i64())
            .collect()
    }

    #[test]
    fn a_series_ends_at_its_stop_and_before_an_overflow() {
        let text = types::TextContext::default();
        let cx = EvalContext {
            text: &text,
            args: &[],
            ret: TypeOid::INT4.into(),
        };
        let of = |args: &[i32]| {
            let args: Vec<Datum> = args.iter().copied().map(Datum::I32).collect();
            int4(&cx, &args).map(all)
        };
        assert_eq!(of(&[1, 5, 2]).expect("a step"), [1, 3, 5]);
        assert_eq!(of(&[3, 1, -1]).expect("a step"), [3, 2, 1]);
        assert_eq!(of(&[i32::MAX - 1, i32::MAX]).expect("a step").len(), 2);
        assert!(of(&[2, 1]).expect("a step").is_empty() && of(&[1, 2, 0]).is_err());
    }
}
