//! `age`: the difference in years, months and days of the calendar.

use common::Result;
use types::Interval;
use types::datetime::{
    US_PER_DAY, civil_from_days, days_in_month, split_timestamp, timestamp_out_of_range, to_local,
};

use super::is_infinite;
use crate::{EvalContext, FunctionDef, def};

/// `timestamp_age`: fields subtracted, then borrowed from the next higher one, a month having the
/// days of the earlier moment's.
fn age(a: i64, b: i64) -> Result<Interval> {
    if is_infinite(a) || is_infinite(b) {
        return Err(timestamp_out_of_range());
    }
    let (late, early) = (a.max(b), a.min(b));
    let (late_day, late_us) = split_timestamp(late);
    let (early_day, early_us) = split_timestamp(early);
    let (late_date, early_date) = (civil_from_days(late_day), civil_from_days(early_day));
    let mut us = late_us - early_us;
    let mut days = i64::from(late_date.day) - i64::from(early_date.day);
    let mut months = i64::from(late_date.month) - i64::from(early_date.month);
    let years = late_date.year - early_date.year;
    if us < 0 {
        us += US_PER_DAY;
        days -= 1;
    }
    while days < 0 {
        days += i64::from(days_in_month(early_date.year, early_date.month));
        months -= 1;
    }
    let months = (years * 12 + months) as i32;
    let span = Interval::new(months, days as i32, us);
    if a < b { span.neg() } else { Ok(span) }
}

fn age_local(cx: &EvalContext<'_>, a: i64, b: i64) -> Result<Interval> {
    let zone = &cx.text.time_zone;
    age(to_local(zone, a)?, to_local(zone, b)?)
}

/// Midnight of today in the session's zone, as local time.
fn today(cx: &EvalContext<'_>) -> Result<i64> {
    let now = to_local(&cx.text.time_zone, cx.text.now_us)?;
    Ok(now - now.rem_euclid(US_PER_DAY))
}

fn age_of_local(cx: &EvalContext<'_>, b: i64) -> Result<Interval> {
    age(today(cx)?, to_local(&cx.text.time_zone, b)?)
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(2058, "age", [TIMESTAMP, TIMESTAMP] -> INTERVAL, Immutable, |a: i64, b: i64| age(a, b) => Interval),
    def!(1199, "age", [TIMESTAMPTZ, TIMESTAMPTZ] -> INTERVAL, Immutable, cx |a: i64, b: i64| age_local(cx, a, b) => Interval),
    def!(2059, "age", [TIMESTAMP] -> INTERVAL, Stable, cx |a: i64| today(cx).and_then(|now| age(now, a)) => Interval),
    def!(1386, "age", [TIMESTAMPTZ] -> INTERVAL, Stable, cx |a: i64| age_of_local(cx, a) => Interval),
];
