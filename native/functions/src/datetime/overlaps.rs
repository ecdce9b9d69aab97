//! `(a, b) OVERLAPS (c, d)`; an end may be given as a length.

use common::Result;
use types::{Datum, DatumRef, Interval, TypeOid, compare};

use super::{timestamp_add, timestamptz_add};
use crate::rows::arg_type;
use crate::{EvalContext, FunctionDef, row};

/// An end from its start and what was given.
fn end<'a>(cx: &EvalContext<'_>, at: usize, row: &[DatumRef<'a>]) -> Result<DatumRef<'a>> {
    let (start, given) = (row[at - 1], row[at]);
    let DatumRef::Fixed16(bytes) = given else {
        return Ok(given);
    };
    if arg_type(cx, at) != TypeOid::INTERVAL {
        return Ok(given);
    }
    let (DatumRef::I64(us), span) = (start, Interval::from_bytes(bytes)) else {
        return Ok(DatumRef::Null);
    };
    Ok(DatumRef::I64(match arg_type(cx, at - 1) {
        TypeOid::TIMESTAMP => timestamp_add(us, span)?,
        TypeOid::TIMESTAMPTZ => timestamptz_add(&cx.text.time_zone, us, span)?,
        _ => (us + span.us % types::datetime::US_PER_DAY).rem_euclid(types::datetime::US_PER_DAY),
    }))
}

/// Earlier first; a NULL end last.
fn ordered<'a>(ty: TypeOid, a: DatumRef<'a>, b: DatumRef<'a>) -> (DatumRef<'a>, DatumRef<'a>) {
    if !b.is_null() && (a.is_null() || compare(ty, a, b).is_gt()) {
        (b, a)
    } else {
        (a, b)
    }
}

fn overlaps(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let ty = arg_type(cx, 0);
    let (start_a, end_a) = ordered(ty, row[0], end(cx, 1, row)?);
    let (start_b, end_b) = ordered(ty, row[2], end(cx, 3, row)?);
    if start_a.is_null() || start_b.is_null() {
        return Ok(Datum::Null);
    }
    Ok(match compare(ty, start_a, start_b) {
        std::cmp::Ordering::Greater => answer(ty, start_a, end_b, end_a),
        std::cmp::Ordering::Less => answer(ty, start_b, end_a, end_b),
        _ if end_a.is_null() || end_b.is_null() => Datum::Null,
        _ => Datum::Bool(true),
    })
}

/// Of the period that starts first the end decides, as far as it is known.
fn answer(ty: TypeOid, later: DatumRef<'_>, end: DatumRef<'_>, other_end: DatumRef<'_>) -> Datum {
    if !end.is_null() && compare(ty, later, end).is_lt() {
        Datum::Bool(true)
    } else if end.is_null() || other_end.is_null() {
        Datum::Null
    } else {
        Datum::Bool(false)
    }
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    row!(1271, "overlaps", [TIMETZ, TIMETZ, TIMETZ, TIMETZ] -> BOOL, Immutable, lax overlaps),
    row!(1308, "overlaps", [TIME, TIME, TIME, TIME] -> BOOL, Immutable, lax overlaps),
    row!(1309, "overlaps", [TIME, INTERVAL, TIME, INTERVAL] -> BOOL, Immutable, lax overlaps),
    row!(1310, "overlaps", [TIME, TIME, TIME, INTERVAL] -> BOOL, Immutable, lax overlaps),
    row!(1311, "overlaps", [TIME, INTERVAL, TIME, TIME] -> BOOL, Immutable, lax overlaps),
    row!(2041, "overlaps", [TIMESTAMP, TIMESTAMP, TIMESTAMP, TIMESTAMP] -> BOOL, Immutable, lax overlaps),
    row!(2042, "overlaps", [TIMESTAMP, INTERVAL, TIMESTAMP, INTERVAL] -> BOOL, Immutable, lax overlaps),
    row!(2043, "overlaps", [TIMESTAMP, TIMESTAMP, TIMESTAMP, INTERVAL] -> BOOL, Immutable, lax overlaps),
    row!(2044, "overlaps", [TIMESTAMP, INTERVAL, TIMESTAMP, TIMESTAMP] -> BOOL, Immutable, lax overlaps),
    row!(1304, "overlaps", [TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ] -> BOOL, Immutable, lax overlaps),
    row!(1305, "overlaps", [TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ, INTERVAL] -> BOOL, Stable, lax overlaps),
    row!(1306, "overlaps", [TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL] -> BOOL, Stable, lax overlaps),
    row!(1307, "overlaps", [TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ] -> BOOL, Stable, lax overlaps),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_overlap_unless_they_only_touch() {
        let text = types::TextContext::default();
        let args = [types::SqlType::new(TypeOid::TIMESTAMP); 4];
        let cx = EvalContext {
            text: &text,
            args: &args,
            ret: TypeOid::BOOL.into(),
        };
        let of = |row: [i64; 4]| overlaps(&cx, &row.map(DatumRef::I64)).expect("finite");
        assert_eq!(of([1, 5, 4, 9]), Datum::Bool(true));
        assert_eq!(of([1, 4, 4, 9]), Datum::Bool(false));
        assert_eq!(of([4, 1, 2, 2]), Datum::Bool(true));
    }
}
