//! `timezone`: AT TIME ZONE, by name or by a fixed offset.

use common::{Result, err, sqlstate};
use jiff::tz::TimeZone;
use types::datetime::{
    US_PER_DAY, US_PER_SECOND, check_timestamp, from_local, offset_at_s, to_local, unknown_zone,
    write_interval, zone_by_name,
};
use types::{Interval, IntervalStyle, TimeTz};

use super::is_infinite;
use crate::{EvalContext, FunctionDef, def};

/// The zone of a name, the last one found kept: the argument is nearly always a constant.
pub(super) fn zone_named(name: &str) -> Option<TimeZone> {
    zone_by_name(name)
}

fn zone_of(name: &str) -> Result<TimeZone> {
    zone_named(name).ok_or_else(|| unknown_zone(name))
}

/// Seconds east of an interval used as a zone.
fn offset_us(zone: Interval) -> Result<i64> {
    if zone.months == 0 && zone.days == 0 {
        return Ok(zone.us - zone.us % US_PER_SECOND);
    }
    let mut text = Vec::new();
    write_interval(zone, IntervalStyle::Postgres, &mut text);
    let text = String::from_utf8_lossy(&text);
    Err(err!(
        sqlstate::INVALID_PARAMETER_VALUE,
        "interval time zone \"{text}\" must not include months or days"
    ))
}

fn to_moment(zone: Interval, local_us: i64) -> Result<i64> {
    if is_infinite(local_us) {
        return Ok(local_us);
    }
    check_timestamp(local_us.checked_sub(offset_us(zone)?))
}

fn to_wall(zone: Interval, us: i64) -> Result<i64> {
    if is_infinite(us) {
        return Ok(us);
    }
    check_timestamp(us.checked_add(offset_us(zone)?))
}

/// The same moment at another offset, in seconds east.
fn moved(time: TimeTz, offset_s: i32) -> TimeTz {
    let zone_s = -offset_s;
    let us = (time.us + i64::from(time.zone_s - zone_s) * US_PER_SECOND).rem_euclid(US_PER_DAY);
    TimeTz { us, zone_s }
}

fn timetz_named(cx: &EvalContext<'_>, name: &str, time: TimeTz) -> Result<TimeTz> {
    // A zone's offset today.
    Ok(moved(time, offset_at_s(&zone_of(name)?, cx.text.now_us)))
}

fn timetz_offset(zone: Interval, time: TimeTz) -> Result<TimeTz> {
    Ok(moved(time, (offset_us(zone)? / US_PER_SECOND) as i32))
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(2069, "timezone", [TEXT, TIMESTAMP] -> TIMESTAMPTZ, Immutable, |z: &str, a: i64| zone_of(z).and_then(|z| from_local(&z, a)) => i64),
    def!(1159, "timezone", [TEXT, TIMESTAMPTZ] -> TIMESTAMP, Immutable, |z: &str, a: i64| zone_of(z).and_then(|z| to_local(&z, a)) => i64),
    def!(2037, "timezone", [TEXT, TIMETZ] -> TIMETZ, Stable, cx |z: &str, a: TimeTz| timetz_named(cx, z, a) => TimeTz),
    def!(2070, "timezone", [INTERVAL, TIMESTAMP] -> TIMESTAMPTZ, Immutable, |z: Interval, a: i64| to_moment(z, a) => i64),
    def!(1026, "timezone", [INTERVAL, TIMESTAMPTZ] -> TIMESTAMP, Immutable, |z: Interval, a: i64| to_wall(z, a) => i64),
    def!(2038, "timezone", [INTERVAL, TIMETZ] -> TIMETZ, Immutable, |z: Interval, a: TimeTz| timetz_offset(z, a) => TimeTz),
];
