//! `make_date` and its kin, `to_timestamp(double precision)`, `date_bin`.

use common::{Error, Result, bail, err, sqlstate};
use types::Interval;
use types::datetime::{
    EPOCH_US, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE,
    US_PER_SECOND, check_date, check_timestamp, days_from_civil, days_in_month, from_local,
    interval_out_of_range, is_valid_timestamp, timestamp_out_of_range, unknown_zone,
};

use super::is_infinite;
use super::zone::zone_named;
use crate::{EvalContext, FunctionDef, def};

fn overflow(message: String) -> Error {
    Error::new(sqlstate::DATETIME_FIELD_OVERFLOW, message)
}

/// Years below 0 are BC; there is no year 0.
fn make_date(year: i32, month: i32, day: i32) -> Result<i32> {
    let refuse = || {
        overflow(format!(
            "date field value out of range: {year}-{month:02}-{day:02}"
        ))
    };
    let astronomical = i64::from(year) + i64::from(year < 0);
    let valid = year != 0
        && (1..=12).contains(&month)
        && day >= 1
        && day as u32 <= days_in_month(astronomical, month as u32);
    if !valid {
        return Err(refuse());
    }
    check_date(
        days_from_civil(astronomical, month as u32, day as u32),
        || format!("date out of range: {year}-{month:02}-{day:02}"),
    )
}

/// 24:00:00 and a 60th second are allowed, nothing beyond.
fn make_time(hour: i32, minute: i32, second: f64) -> Result<i64> {
    let refuse = || {
        overflow(format!(
            "time field value out of range: {hour}:{minute:02}:{second:02}"
        ))
    };
    let valid = (0..=24).contains(&hour)
        && (0..=59).contains(&minute)
        && (0.0..=60.0).contains(&second)
        && (hour < 24 || (minute == 0 && second == 0.0));
    if !valid {
        return Err(refuse());
    }
    let us = (second * US_PER_SECOND as f64).round_ties_even() as i64;
    Ok(i64::from(hour) * US_PER_HOUR + i64::from(minute) * US_PER_MINUTE + us)
}

fn make_timestamp(date: [i32; 3], hour: i32, minute: i32, second: f64) -> Result<i64> {
    let [year, month, day] = date;
    let days = i64::from(make_date(year, month, day)?);
    let time = make_time(hour, minute, second)?;
    check_timestamp(
        days.checked_mul(US_PER_DAY)
            .and_then(|us| us.checked_add(time)),
    )
    .map_err(|_| {
        overflow(format!(
            "timestamp out of range: {year}-{month:02}-{day:02} {hour}:{minute:02}:{second:02}"
        ))
    })
}

fn make_timestamptz(
    cx: &EvalContext<'_>,
    date: [i32; 3],
    time: (i32, i32, f64),
    zone: Option<&str>,
) -> Result<i64> {
    let local = make_timestamp(date, time.0, time.1, time.2)?;
    match zone {
        None => from_local(&cx.text.time_zone, local),
        Some(name) => {
            // Here, unlike in SET TIME ZONE, +02 is east.
            let offset =
                types::datetime::parse_offset_s(name).and_then(types::datetime::fixed_zone);
            let zone = match offset {
                Some(zone) => zone,
                None if name.starts_with(|c: char| c.is_ascii_digit()) => {
                    return Err(err!(
                        sqlstate::INVALID_PARAMETER_VALUE,
                        "invalid input syntax for type numeric time zone: \"{name}\""
                    )
                    .with_hint("Numeric time zones must have \"-\" or \"+\" as first character."));
                }
                None => zone_named(name).ok_or_else(|| unknown_zone(name))?,
            };
            from_local(&zone, local)
        }
    }
}

fn make_interval(
    [years, months, weeks, days]: [i32; 4],
    [hours, minutes]: [i32; 2],
    seconds: f64,
) -> Result<Interval> {
    if !seconds.is_finite() {
        return Err(interval_out_of_range());
    }
    let build = || {
        let months = years.checked_mul(12)?.checked_add(months)?;
        let days = weeks.checked_mul(7)?.checked_add(days)?;
        let seconds = (seconds * US_PER_SECOND as f64).round_ties_even();
        if seconds.abs() >= 9.2e18 {
            return None;
        }
        let time = i64::from(hours) * US_PER_HOUR + i64::from(minutes) * US_PER_MINUTE;
        Some(Interval::new(
            months,
            days,
            time.checked_add(seconds as i64)?,
        ))
    };
    build().ok_or_else(interval_out_of_range)
}

/// Seconds since 1970 as a moment.
fn from_epoch(seconds: f64) -> Result<i64> {
    if seconds.is_nan() {
        bail!(sqlstate::DATETIME_FIELD_OVERFLOW, "timestamp cannot be NaN");
    }
    if seconds.is_infinite() {
        return Ok(if seconds > 0.0 {
            TIMESTAMP_INFINITY
        } else {
            TIMESTAMP_NEG_INFINITY
        });
    }
    let shifted = seconds - (EPOCH_US / US_PER_SECOND) as f64;
    let us = (shifted * US_PER_SECOND as f64).round_ties_even();
    if us.abs() < 9.3e18 && is_valid_timestamp(us as i64) {
        return Ok(us as i64);
    }
    Err(overflow(format!(
        "timestamp out of range: \"{}\"",
        short(seconds)
    )))
}

/// A number as C's `%g` writes it: six digits, with an exponent where it is large.
fn short(value: f64) -> String {
    let digits = format!("{value:.5e}");
    match digits.split_once('e') {
        Some((mantissa, exponent)) => {
            let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
            format!("{mantissa}e+{exponent:0>2}")
        }
        None => digits,
    }
}

/// The start of the bin of width `stride`, counted from `origin`, that a moment lies in.
fn date_bin(stride: Interval, at: i64, origin: i64) -> Result<i64> {
    if is_infinite(at) {
        return Ok(at);
    }
    if is_infinite(origin) {
        bail!(sqlstate::DATETIME_FIELD_OVERFLOW, "origin out of range");
    }
    if stride.months != 0 {
        bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "timestamps cannot be binned into intervals containing months or years"
        );
    }
    let width = i64::from(stride.days)
        .checked_mul(US_PER_DAY)
        .and_then(|us| us.checked_add(stride.us))
        .ok_or_else(interval_out_of_range)?;
    if width <= 0 {
        bail!(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            "stride must be greater than zero"
        );
    }
    let offset = at.checked_sub(origin).ok_or_else(interval_out_of_range)?;
    let start = at.checked_sub(offset.rem_euclid(width));
    start
        .filter(|&us| is_valid_timestamp(us))
        .ok_or_else(timestamp_out_of_range)
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(3846, "make_date", [INT4, INT4, INT4] -> DATE, Immutable, |y: i32, m: i32, d: i32| make_date(y, m, d) => i32),
    def!(3847, "make_time", [INT4, INT4, FLOAT8] -> TIME, Immutable, |h: i32, m: i32, s: f64| make_time(h, m, s) => i64),
    def!(3461, "make_timestamp", [INT4, INT4, INT4, INT4, INT4, FLOAT8] -> TIMESTAMP, Immutable, |y: i32, mo: i32, d: i32, h: i32, m: i32, s: f64| make_timestamp([y, mo, d], h, m, s) => i64),
    def!(3462, "make_timestamptz", [INT4, INT4, INT4, INT4, INT4, FLOAT8] -> TIMESTAMPTZ, Stable, cx |y: i32, mo: i32, d: i32, h: i32, m: i32, s: f64| make_timestamptz(cx, [y, mo, d], (h, m, s), None) => i64),
    def!(3463, "make_timestamptz", [INT4, INT4, INT4, INT4, INT4, FLOAT8, TEXT] -> TIMESTAMPTZ, Stable, cx |y: i32, mo: i32, d: i32, h: i32, m: i32, s: f64, z: &str| make_timestamptz(cx, [y, mo, d], (h, m, s), Some(z)) => i64),
    // Each of its arguments may be left out, and named.
    FunctionDef { defaults: 7, ..def!(3464, "make_interval", [INT4, INT4, INT4, INT4, INT4, INT4, FLOAT8] -> INTERVAL, Immutable, raw strict interval_of_parts) },
    def!(1158, "to_timestamp", [FLOAT8] -> TIMESTAMPTZ, Immutable, |a: f64| from_epoch(a) => i64),
    def!(6177, "date_bin", [INTERVAL, TIMESTAMP, TIMESTAMP] -> TIMESTAMP, Immutable, |a: Interval, b: i64, c: i64| date_bin(a, b, c) => i64),
    def!(6178, "date_bin", [INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ] -> TIMESTAMPTZ, Immutable, |a: Interval, b: i64, c: i64| date_bin(a, b, c) => i64),
];

/// `make_interval` of as many arguments as were given.
fn interval_of_parts(
    _: &EvalContext<'_>,
    args: &[types::Vector],
    rows: usize,
) -> Result<types::Vector> {
    crate::lift::build(args, rows, |row| {
        let mut whole = [0i32; 6];
        for (part, arg) in whole.iter_mut().zip(args) {
            *part = arg.get(row).as_i64().unwrap_or(0) as i32;
        }
        let seconds = args
            .get(6)
            .and_then(|arg| arg.get(row).as_f64())
            .unwrap_or(0.0);
        let [years, months, weeks, days, hours, minutes] = whole;
        make_interval([years, months, weeks, days], [hours, minutes], seconds).map(Some)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_start_below() {
        let quarter = Interval::from_us(15 * US_PER_MINUTE);
        assert_eq!(
            date_bin(quarter, -1, 0).expect("finite"),
            -15 * US_PER_MINUTE
        );
        assert_eq!(
            date_bin(quarter, 15 * US_PER_MINUTE, 0).expect("finite"),
            15 * US_PER_MINUTE
        );
        assert_eq!(make_date(2000, 1, 1).expect("a date"), 0);
        assert!(make_date(0, 1, 1).is_err() && make_date(2023, 2, 29).is_err());
        assert_eq!(from_epoch(0.0).expect("in range"), -EPOCH_US);
    }
}
