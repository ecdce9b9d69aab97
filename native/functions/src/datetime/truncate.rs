//! `date_trunc`.

use common::Result;
use jiff::tz::TimeZone;
use types::datetime::{
    US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, civil_from_days, day_of_week,
    days_from_civil, from_local, split_timestamp, to_local, unknown_zone,
};
use types::{Interval, TypeOid};

use super::is_infinite;
use super::unit::{Unit, unrecognized, unsupported};
use super::zone::zone_named;
use crate::{EvalContext, FunctionDef, def};

/// The first year of the group of `size` that a year is in, groups beginning with year 1.
fn group_start(year: i64, size: i64) -> i64 {
    (year - 1).div_euclid(size) * size + 1
}

/// The first day of the unit that holds a day; `None` for units below a day and none of the calendar.
fn day_start(unit: Unit, day: i64) -> Option<i64> {
    let date = civil_from_days(day);
    let (year, month) = match unit {
        Unit::Day => return Some(day),
        Unit::Week => return Some(day - i64::from((day_of_week(day) + 6) % 7)),
        Unit::Month => (date.year, date.month),
        Unit::Quarter => (date.year, (date.month - 1) / 3 * 3 + 1),
        Unit::Year => (date.year, 1),
        Unit::Decade => (date.year.div_euclid(10) * 10, 1),
        Unit::Century => (group_start(date.year, 100), 1),
        Unit::Millennium => (group_start(date.year, 1000), 1),
        _ => return None,
    };
    Some(days_from_civil(year, month, 1))
}

/// The fields that have a length, and those of the zone, which only here are known but not cut to.
fn unit_of(name: &str) -> Option<Unit> {
    Unit::named(name).filter(|unit| {
        !matches!(
            unit,
            Unit::Dow | Unit::IsoDow | Unit::Doy | Unit::IsoYear | Unit::Julian | Unit::Epoch
        )
    })
}

/// The width of the units of a day.
fn width_us(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Microsecond => 1,
        Unit::Millisecond => 1000,
        Unit::Second => US_PER_SECOND,
        Unit::Minute => US_PER_MINUTE,
        Unit::Hour => US_PER_HOUR,
        _ => return None,
    })
}

fn timestamp(name: &str, us: i64) -> Result<i64> {
    if is_infinite(us) {
        return Ok(us);
    }
    let unit = unit_of(name).ok_or_else(|| unrecognized(name, TypeOid::TIMESTAMP))?;
    if let Some(width) = width_us(unit) {
        return Ok(us - us.rem_euclid(width));
    }
    day_start(unit, split_timestamp(us).0)
        .map(|day| day * US_PER_DAY)
        .ok_or_else(|| unsupported(name, TypeOid::TIMESTAMP))
}

/// In local time; units of a day keep the offset of the moment.
fn zoned(name: &str, us: i64, zone: &TimeZone) -> Result<i64> {
    if is_infinite(us) {
        return Ok(us);
    }
    let unit = unit_of(name).ok_or_else(|| unrecognized(name, TypeOid::TIMESTAMPTZ))?;
    let local = to_local(zone, us)?;
    if let Some(width) = width_us(unit) {
        return Ok(us - local.rem_euclid(width));
    }
    match day_start(unit, split_timestamp(local).0) {
        Some(day) => from_local(zone, day * US_PER_DAY),
        None => Err(unsupported(name, TypeOid::TIMESTAMPTZ)),
    }
}

fn in_zone(name: &str, us: i64, zone: &str) -> Result<i64> {
    zoned(
        name,
        us,
        &zone_named(zone).ok_or_else(|| unknown_zone(zone))?,
    )
}

fn in_session(cx: &EvalContext<'_>, name: &str, us: i64) -> Result<i64> {
    zoned(name, us, &cx.text.time_zone)
}

fn interval(name: &str, span: Interval) -> Result<Interval> {
    let unit = unit_of(name).ok_or_else(|| unrecognized(name, TypeOid::INTERVAL))?;
    if let Some(width) = width_us(unit) {
        return Ok(Interval::new(
            span.months,
            span.days,
            span.us - span.us % width,
        ));
    }
    let months = |size: i32| Interval::new(span.months - span.months % size, 0, 0);
    Ok(match unit {
        Unit::Day => Interval::new(span.months, span.days, 0),
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        Unit::Decade => months(120),
        Unit::Century => months(1200),
        Unit::Millennium => months(12_000),
        Unit::Week => {
            return Err(unsupported(name, TypeOid::INTERVAL)
                .with_detail("Months usually have fractional weeks."));
        }
        _ => return Err(unsupported(name, TypeOid::INTERVAL)),
    })
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(2020, "date_trunc", [TEXT, TIMESTAMP] -> TIMESTAMP, Immutable, |f: &str, a: i64| timestamp(f, a) => i64),
    def!(1217, "date_trunc", [TEXT, TIMESTAMPTZ] -> TIMESTAMPTZ, Stable, cx |f: &str, a: i64| in_session(cx, f, a) => i64),
    def!(1284, "date_trunc", [TEXT, TIMESTAMPTZ, TEXT] -> TIMESTAMPTZ, Stable, |f: &str, a: i64, z: &str| in_zone(f, a, z) => i64),
    def!(1218, "date_trunc", [TEXT, INTERVAL] -> INTERVAL, Immutable, |f: &str, a: Interval| interval(f, a) => Interval),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_start_on_monday_and_centuries_with_year_one() {
        let day = |year, month, day| days_from_civil(year, month, day);
        assert_eq!(
            day_start(Unit::Week, day(2000, 1, 2)),
            Some(day(1999, 12, 27))
        );
        assert_eq!(
            day_start(Unit::Century, day(2000, 5, 5)),
            Some(day(1901, 1, 1))
        );
        assert_eq!(
            day_start(Unit::Quarter, day(2000, 5, 5)),
            Some(day(2000, 4, 1))
        );
        assert_eq!(day_start(Unit::Hour, 0), None);
    }
}
