//! Sums and differences. Months are added in the calendar, the day cut to the month's last; days
//! keep the local time of day; the rest is exact time.

use common::{Result, err, sqlstate};
use jiff::tz::TimeZone;
use types::datetime::{
    US_PER_DAY, US_PER_SECOND, check_date, check_timestamp, civil_from_days, days_from_civil,
    days_in_month, from_local, interval_out_of_range, split_timestamp, to_local,
};
use types::{Interval, TimeTz};

use super::{is_infinite, is_infinite_date, midnight};
use crate::{EvalContext, FunctionDef, def};

/// Moves a local time by months, then by days.
fn add_calendar(us: i64, months: i32, days: i32) -> Result<i64> {
    let (mut day, time) = split_timestamp(us);
    if months != 0 {
        let date = civil_from_days(day);
        let month = i64::from(date.month) - 1 + i64::from(months);
        let (year, month) = (
            date.year + month.div_euclid(12),
            month.rem_euclid(12) as u32 + 1,
        );
        day = days_from_civil(year, month, date.day.min(days_in_month(year, month)));
    }
    day += i64::from(days);
    check_timestamp(
        day.checked_mul(US_PER_DAY)
            .and_then(|us| us.checked_add(time)),
    )
}

/// `timestamp + interval`.
pub(crate) fn timestamp_add(us: i64, span: Interval) -> Result<i64> {
    if is_infinite(us) {
        return Ok(us);
    }
    let moved = match (span.months, span.days) {
        (0, 0) => us,
        (months, days) => add_calendar(us, months, days)?,
    };
    check_timestamp(moved.checked_add(span.us))
}

/// `timestamptz + interval`: months and days in the zone, that of the session.
pub(crate) fn timestamptz_add(zone: &TimeZone, us: i64, span: Interval) -> Result<i64> {
    if is_infinite(us) {
        return Ok(us);
    }
    let mut moved = us;
    if span.months != 0 {
        moved = from_local(zone, add_calendar(to_local(zone, moved)?, span.months, 0)?)?;
    }
    if span.days != 0 {
        moved = from_local(zone, add_calendar(to_local(zone, moved)?, 0, span.days)?)?;
    }
    check_timestamp(moved.checked_add(span.us))
}

fn timestamptz_sub(cx: &EvalContext<'_>, us: i64, span: Interval) -> Result<i64> {
    timestamptz_add(&cx.text.time_zone, us, span.neg()?)
}

/// The time between, in days and time.
fn timestamp_diff(a: i64, b: i64) -> Result<Interval> {
    if is_infinite(a) || is_infinite(b) {
        return Err(err!(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            "cannot subtract infinite timestamps"
        ));
    }
    let us = a.checked_sub(b).ok_or_else(interval_out_of_range)?;
    Interval::from_us(us).justify_hours()
}

fn date_diff(a: i32, b: i32) -> Result<i32> {
    if is_infinite_date(a) || is_infinite_date(b) {
        return Err(err!(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            "cannot subtract infinite dates"
        ));
    }
    Ok(a.wrapping_sub(b))
}

fn date_add(date: i32, days: i64) -> Result<i32> {
    if is_infinite_date(date) {
        return Ok(date);
    }
    check_date(i64::from(date) + days, || "date out of range".into())
}

/// Within the day, beyond it from the other end.
fn time_add(us: i64, span_us: i64) -> i64 {
    (us + span_us % US_PER_DAY).rem_euclid(US_PER_DAY)
}

fn timetz_add(time: TimeTz, span_us: i64) -> TimeTz {
    TimeTz {
        us: time_add(time.us, span_us),
        zone_s: time.zone_s,
    }
}

/// A date with a time of day; an infinite date is an infinite moment.
pub(super) fn date_time(date: i32, us: i64) -> Result<i64> {
    let midnight = midnight(date)?;
    if is_infinite(midnight) {
        Ok(midnight)
    } else {
        check_timestamp(midnight.checked_add(us))
    }
}

pub(super) fn date_timetz(date: i32, time: TimeTz) -> Result<i64> {
    date_time(date, time.us + i64::from(time.zone_s) * US_PER_SECOND)
}

fn date_interval(date: i32, span: Interval) -> Result<i64> {
    timestamp_add(midnight(date)?, span)
}

fn order<T: Ord>(a: T, b: T) -> i32 {
    a.cmp(&b) as i32
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(1140, "date_mi", [DATE, DATE] -> INT4, Immutable, |a: i32, b: i32| date_diff(a, b) => i32),
    def!(1141, "date_pli", [DATE, INT4] -> DATE, Immutable, |a: i32, b: i32| date_add(a, b.into()) => i32),
    def!(2550, "integer_pl_date", [INT4, DATE] -> DATE, Immutable, |a: i32, b: i32| date_add(b, a.into()) => i32),
    def!(1142, "date_mii", [DATE, INT4] -> DATE, Immutable, |a: i32, b: i32| date_add(a, -i64::from(b)) => i32),
    def!(2071, "date_pl_interval", [DATE, INTERVAL] -> TIMESTAMP, Immutable, |a: i32, b: Interval| date_interval(a, b) => i64),
    def!(2546, "interval_pl_date", [INTERVAL, DATE] -> TIMESTAMP, Immutable, |a: Interval, b: i32| date_interval(b, a) => i64),
    def!(2072, "date_mi_interval", [DATE, INTERVAL] -> TIMESTAMP, Immutable, |a: i32, b: Interval| b.neg().and_then(|b| date_interval(a, b)) => i64),
    def!(1272, "datetime_pl", [DATE, TIME] -> TIMESTAMP, Immutable, |a: i32, b: i64| date_time(a, b) => i64),
    def!(1296, "timedate_pl", [TIME, DATE] -> TIMESTAMP, Immutable, |a: i64, b: i32| date_time(b, a) => i64),
    def!(1297, "datetimetz_pl", [DATE, TIMETZ] -> TIMESTAMPTZ, Immutable, |a: i32, b: TimeTz| date_timetz(a, b) => i64),
    def!(1298, "timetzdate_pl", [TIMETZ, DATE] -> TIMESTAMPTZ, Immutable, |a: TimeTz, b: i32| date_timetz(b, a) => i64),
    def!(2031, "timestamp_mi", [TIMESTAMP, TIMESTAMP] -> INTERVAL, Immutable, |a: i64, b: i64| timestamp_diff(a, b) => Interval),
    def!(1188, "timestamptz_mi", [TIMESTAMPTZ, TIMESTAMPTZ] -> INTERVAL, Immutable, |a: i64, b: i64| timestamp_diff(a, b) => Interval),
    def!(2032, "timestamp_pl_interval", [TIMESTAMP, INTERVAL] -> TIMESTAMP, Immutable, |a: i64, b: Interval| timestamp_add(a, b) => i64),
    def!(2548, "interval_pl_timestamp", [INTERVAL, TIMESTAMP] -> TIMESTAMP, Immutable, |a: Interval, b: i64| timestamp_add(b, a) => i64),
    def!(2033, "timestamp_mi_interval", [TIMESTAMP, INTERVAL] -> TIMESTAMP, Immutable, |a: i64, b: Interval| b.neg().and_then(|b| timestamp_add(a, b)) => i64),
    def!(1189, "timestamptz_pl_interval", [TIMESTAMPTZ, INTERVAL] -> TIMESTAMPTZ, Stable, cx |a: i64, b: Interval| timestamptz_add(&cx.text.time_zone, a, b) => i64),
    def!(2549, "interval_pl_timestamptz", [INTERVAL, TIMESTAMPTZ] -> TIMESTAMPTZ, Stable, cx |a: Interval, b: i64| timestamptz_add(&cx.text.time_zone, b, a) => i64),
    def!(1190, "timestamptz_mi_interval", [TIMESTAMPTZ, INTERVAL] -> TIMESTAMPTZ, Stable, cx |a: i64, b: Interval| timestamptz_sub(cx, a, b) => i64),
    def!(1690, "time_mi_time", [TIME, TIME] -> INTERVAL, Immutable, |a: i64, b: i64| Interval::from_us(a - b) => Interval),
    def!(1747, "time_pl_interval", [TIME, INTERVAL] -> TIME, Immutable, |a: i64, b: Interval| time_add(a, b.us) => i64),
    def!(1848, "interval_pl_time", [INTERVAL, TIME] -> TIME, Immutable, |a: Interval, b: i64| time_add(b, a.us) => i64),
    def!(1748, "time_mi_interval", [TIME, INTERVAL] -> TIME, Immutable, |a: i64, b: Interval| time_add(a, -(b.us % US_PER_DAY)) => i64),
    def!(1749, "timetz_pl_interval", [TIMETZ, INTERVAL] -> TIMETZ, Immutable, |a: TimeTz, b: Interval| timetz_add(a, b.us) => TimeTz),
    def!(2547, "interval_pl_timetz", [INTERVAL, TIMETZ] -> TIMETZ, Immutable, |a: Interval, b: TimeTz| timetz_add(b, a.us) => TimeTz),
    def!(1750, "timetz_mi_interval", [TIMETZ, INTERVAL] -> TIMETZ, Immutable, |a: TimeTz, b: Interval| timetz_add(a, -(b.us % US_PER_DAY)) => TimeTz),
    def!(1169, "interval_pl", [INTERVAL, INTERVAL] -> INTERVAL, Immutable, |a: Interval, b: Interval| a.add(b) => Interval),
    def!(1170, "interval_mi", [INTERVAL, INTERVAL] -> INTERVAL, Immutable, |a: Interval, b: Interval| a.sub(b) => Interval),
    def!(1168, "interval_um", [INTERVAL] -> INTERVAL, Immutable, |a: Interval| a.neg() => Interval),
    def!(1618, "interval_mul", [INTERVAL, FLOAT8] -> INTERVAL, Immutable, |a: Interval, b: f64| a.mul(b) => Interval),
    def!(1624, "mul_d_interval", [FLOAT8, INTERVAL] -> INTERVAL, Immutable, |a: f64, b: Interval| b.mul(a) => Interval),
    def!(1326, "interval_div", [INTERVAL, FLOAT8] -> INTERVAL, Immutable, |a: Interval, b: f64| a.div(b) => Interval),
    def!(1175, "justify_hours", [INTERVAL] -> INTERVAL, Immutable, |a: Interval| a.justify_hours() => Interval),
    def!(1295, "justify_days", [INTERVAL] -> INTERVAL, Immutable, |a: Interval| a.justify_days() => Interval),
    def!(2711, "justify_interval", [INTERVAL] -> INTERVAL, Immutable, |a: Interval| a.justify() => Interval),
    def!(1373, "isfinite", [DATE] -> BOOL, Immutable, |a: i32| !is_infinite_date(a) => bool),
    def!(2048, "isfinite", [TIMESTAMP] -> BOOL, Immutable, |a: i64| !is_infinite(a) => bool),
    def!(1389, "isfinite", [TIMESTAMPTZ] -> BOOL, Immutable, |a: i64| !is_infinite(a) => bool),
    def!(1390, "isfinite", [INTERVAL] -> BOOL, Immutable, |_a: Interval| true => bool),
    def!(1138, "date_larger", [DATE, DATE] -> DATE, Immutable, |a: i32, b: i32| a.max(b) => i32),
    def!(1139, "date_smaller", [DATE, DATE] -> DATE, Immutable, |a: i32, b: i32| a.min(b) => i32),
    def!(1092, "date_cmp", [DATE, DATE] -> INT4, Immutable, |a: i32, b: i32| order(a, b) => i32),
    def!(2045, "timestamp_cmp", [TIMESTAMP, TIMESTAMP] -> INT4, Immutable, |a: i64, b: i64| order(a, b) => i32),
    def!(1314, "timestamptz_cmp", [TIMESTAMPTZ, TIMESTAMPTZ] -> INT4, Immutable, |a: i64, b: i64| order(a, b) => i32),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_at_the_months_last_day() {
        let at = |year, month, day| days_from_civil(year, month, day) * US_PER_DAY;
        let month = Interval::new(1, 0, 0);
        let added = timestamp_add(at(2023, 1, 31), month).expect("in range");
        assert_eq!(added, at(2023, 2, 28));
        let back = timestamp_add(at(2024, 3, 31), month.neg().expect("small")).expect("in range");
        assert_eq!(back, at(2024, 2, 29));
        assert_eq!(time_add(US_PER_DAY - 1, 2), 1);
        assert_eq!(
            timestamp_diff(at(2000, 1, 3), at(2000, 1, 1))
                .expect("finite")
                .days,
            2
        );
    }
}
