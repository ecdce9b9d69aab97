//! Casts among dates, times and intervals.

use common::Result;
use types::datetime::{
    DATE_INFINITY, DATE_NEG_INFINITY, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, US_PER_DAY,
    from_local, offset_at_s, to_local,
};
use types::{Interval, TimeTz};

use super::arithmetic::{date_time, date_timetz};
use super::{is_infinite, midnight};
use crate::{EvalContext, FunctionDef, def};

fn date_of(us: i64) -> i32 {
    match us {
        TIMESTAMP_INFINITY => DATE_INFINITY,
        TIMESTAMP_NEG_INFINITY => DATE_NEG_INFINITY,
        _ => us.div_euclid(US_PER_DAY) as i32,
    }
}

/// The time of day; infinities have none.
fn time_of(us: i64) -> Option<i64> {
    (!is_infinite(us)).then(|| us.rem_euclid(US_PER_DAY))
}

fn local(cx: &EvalContext<'_>, us: i64) -> Result<i64> {
    to_local(&cx.text.time_zone, us)
}

fn moment(cx: &EvalContext<'_>, local_us: i64) -> Result<i64> {
    from_local(&cx.text.time_zone, local_us)
}

fn timetz_at(cx: &EvalContext<'_>, us: i64) -> Result<Option<TimeTz>> {
    let zone_s = -offset_at_s(&cx.text.time_zone, us);
    Ok(time_of(local(cx, us)?).map(|us| TimeTz { us, zone_s }))
}

/// With the session's offset of now.
fn timetz_of(cx: &EvalContext<'_>, us: i64) -> TimeTz {
    TimeTz {
        us,
        zone_s: -offset_at_s(&cx.text.time_zone, cx.text.now_us),
    }
}

fn with_zone(time: TimeTz) -> i64 {
    time.us
}

/// Rounds to the digits of the second that a modifier allows.
fn rounded(us: i64, digits: i32) -> i64 {
    if is_infinite(us) {
        return us;
    }
    let digits = digits.clamp(0, 6) as u32;
    let step = 10i64.pow(6 - digits);
    let half = step / 2;
    if us >= 0 {
        (us + half) / step * step
    } else {
        -((half - us) / step * step)
    }
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(2024, "timestamp", [DATE] -> TIMESTAMP, Immutable, |a: i32| midnight(a) => i64),
    def!(1174, "timestamptz", [DATE] -> TIMESTAMPTZ, Stable, cx |a: i32| midnight(a).and_then(|a| moment(cx, a)) => i64),
    def!(2025, "timestamp", [DATE, TIME] -> TIMESTAMP, Immutable, |a: i32, b: i64| date_time(a, b) => i64),
    def!(1176, "timestamptz", [DATE, TIME] -> TIMESTAMPTZ, Stable, cx |a: i32, b: i64| date_time(a, b).and_then(|a| moment(cx, a)) => i64),
    def!(1359, "timestamptz", [DATE, TIMETZ] -> TIMESTAMPTZ, Immutable, |a: i32, b: TimeTz| date_timetz(a, b) => i64),
    def!(2027, "timestamp", [TIMESTAMPTZ] -> TIMESTAMP, Stable, cx |a: i64| local(cx, a) => i64),
    def!(2028, "timestamptz", [TIMESTAMP] -> TIMESTAMPTZ, Stable, cx |a: i64| moment(cx, a) => i64),
    def!(2029, "date", [TIMESTAMP] -> DATE, Immutable, |a: i64| date_of(a) => i32),
    def!(1178, "date", [TIMESTAMPTZ] -> DATE, Stable, cx |a: i64| local(cx, a).map(date_of) => i32),
    def!(1316, "time", [TIMESTAMP] -> TIME, Immutable, |a: i64| time_of(a) => i64),
    def!(2019, "time", [TIMESTAMPTZ] -> TIME, Stable, cx |a: i64| local(cx, a).map(time_of) => i64),
    def!(1419, "time", [INTERVAL] -> TIME, Immutable, |a: Interval| a.us.rem_euclid(US_PER_DAY) => i64),
    def!(2046, "time", [TIMETZ] -> TIME, Immutable, |a: TimeTz| with_zone(a) => i64),
    def!(2047, "timetz", [TIME] -> TIMETZ, Stable, cx |a: i64| timetz_of(cx, a) => TimeTz),
    def!(1388, "timetz", [TIMESTAMPTZ] -> TIMETZ, Stable, cx |a: i64| timetz_at(cx, a) => TimeTz),
    def!(1370, "interval", [TIME] -> INTERVAL, Immutable, |a: i64| Interval::from_us(a) => Interval),
    def!(1961, "timestamp", [TIMESTAMP, INT4] -> TIMESTAMP, Immutable, |a: i64, n: i32| rounded(a, n) => i64),
    def!(1967, "timestamptz", [TIMESTAMPTZ, INT4] -> TIMESTAMPTZ, Immutable, |a: i64, n: i32| rounded(a, n) => i64),
    def!(1968, "time", [TIME, INT4] -> TIME, Immutable, |a: i64, n: i32| rounded(a, n) => i64),
];
