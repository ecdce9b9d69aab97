//! Reads the date and time types from text.

use common::{Error, Result, sqlstate};

use super::calendar::{
    DATE_INFINITY, DATE_NEG_INFINITY, EPOCH_US, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY,
    check_date, is_valid_timestamp,
};
use super::decode::decode;
use super::decoded::{Decoded, Special};
use super::interval::{US_PER_DAY, US_PER_SECOND};
use super::timetz::TimeTz;
use super::zone;
use crate::text_context::TextContext;

const EPOCH_DAY: i64 = -EPOCH_US / US_PER_DAY;

fn bad_format(text: &str, ty: &str) -> Error {
    super::decoded::Refusal::BadFormat.error(text, ty)
}

fn out_of_range(ty: &str, text: &str) -> Error {
    Error::new(
        sqlstate::DATETIME_FIELD_OVERFLOW,
        format!("{ty} out of range: \"{text}\""),
    )
}

fn time_us(decoded: &Decoded) -> i64 {
    decoded.time.map_or(0, |time| time.to_us())
}

/// Days since 2000-01-01.
pub fn parse_date(text: &str, context: &TextContext) -> Result<i32> {
    let decoded = decode(text, context, false).map_err(|e| e.error(text, "date"))?;
    let days = match decoded.special {
        Some(Special::Infinity) => return Ok(DATE_INFINITY),
        Some(Special::NegInfinity) => return Ok(DATE_NEG_INFINITY),
        Some(Special::Epoch) => EPOCH_DAY,
        Some(Special::Now) => {
            zone::to_local(&context.time_zone, context.now_us)?.div_euclid(US_PER_DAY)
        }
        None => decoded.days.ok_or_else(|| bad_format(text, "date"))?,
    };
    check_date(days, || format!("date out of range: \"{text}\""))
}

/// Microseconds since 2000-01-01 without a zone; one that is given is passed over.
pub fn parse_timestamp(text: &str, context: &TextContext) -> Result<i64> {
    let decoded = decode(text, context, false).map_err(|e| e.error(text, "timestamp"))?;
    match decoded.special {
        Some(Special::Infinity) => return Ok(TIMESTAMP_INFINITY),
        Some(Special::NegInfinity) => return Ok(TIMESTAMP_NEG_INFINITY),
        Some(Special::Epoch) => return Ok(-EPOCH_US),
        Some(Special::Now) => return zone::to_local(&context.time_zone, context.now_us),
        None => {}
    }
    let days = decoded.days.ok_or_else(|| bad_format(text, "timestamp"))?;
    local_us(days, &decoded).ok_or_else(|| out_of_range("timestamp", text))
}

/// Microseconds since 2000-01-01 UTC.
pub fn parse_timestamptz(text: &str, context: &TextContext) -> Result<i64> {
    let ty = "timestamp with time zone";
    let decoded = decode(text, context, false).map_err(|e| e.error(text, ty))?;
    match decoded.special {
        Some(Special::Infinity) => return Ok(TIMESTAMP_INFINITY),
        Some(Special::NegInfinity) => return Ok(TIMESTAMP_NEG_INFINITY),
        Some(Special::Epoch) => return Ok(-EPOCH_US),
        Some(Special::Now) => return Ok(context.now_us),
        None => {}
    }
    let days = decoded.days.ok_or_else(|| bad_format(text, ty))?;
    let overflow = || out_of_range("timestamp", text);
    let local = days
        .checked_mul(US_PER_DAY)
        .and_then(|us| us.checked_add(time_us(&decoded)))
        .ok_or_else(overflow)?;
    let offset_s = match &decoded.zone {
        Some(zone) => zone.offset_s(local),
        None => zone::offset_of_local_s(&context.time_zone, local),
    };
    local
        .checked_sub(i64::from(offset_s) * US_PER_SECOND)
        .filter(|&us| is_valid_timestamp(us))
        .ok_or_else(overflow)
}

fn local_us(days: i64, decoded: &Decoded) -> Option<i64> {
    days.checked_mul(US_PER_DAY)?
        .checked_add(time_us(decoded))
        .filter(|&us| is_valid_timestamp(us))
}

/// Microseconds of the day, up to 24:00:00.
pub fn parse_time(text: &str, context: &TextContext) -> Result<i64> {
    let decoded = decode_time(text, context, "time")?;
    if decoded.special == Some(Special::Now) {
        let local = zone::to_local(&context.time_zone, context.now_us)?;
        return Ok(local.rem_euclid(US_PER_DAY));
    }
    check_time(&decoded, text, "time")
}

/// Time of day with the offset given, or that of the session's zone.
pub fn parse_timetz(text: &str, context: &TextContext) -> Result<TimeTz> {
    let ty = "time with time zone";
    let decoded = decode_time(text, context, ty)?;
    if decoded.special == Some(Special::Now) {
        let local = zone::to_local(&context.time_zone, context.now_us)?;
        let offset_s = zone::offset_at_s(&context.time_zone, context.now_us);
        return Ok(TimeTz {
            us: local.rem_euclid(US_PER_DAY),
            zone_s: -offset_s,
        });
    }
    let us = check_time(&decoded, text, ty)?;
    let today = context.now_us.div_euclid(US_PER_DAY) * US_PER_DAY;
    let local = decoded
        .days
        .map_or(today, |days| days.saturating_mul(US_PER_DAY))
        + us;
    let offset_s = match &decoded.zone {
        Some(zone) => zone.offset_s(local),
        None => zone::offset_of_local_s(&context.time_zone, local),
    };
    Ok(TimeTz {
        us,
        zone_s: -offset_s,
    })
}

/// A text with a date in front is read as one; else all of it is the time.
fn decode_time(text: &str, context: &TextContext, ty: &str) -> Result<Decoded> {
    match decode(text, context, true) {
        // What a zone with rules means depends on the day.
        Ok(decoded) if decoded.days.is_none() && decoded.needs_day() => Err(bad_format(text, ty)),
        Ok(decoded) => Ok(decoded),
        Err(refusal) => decode(text, context, false).map_err(|_| refusal.error(text, ty)),
    }
}

fn check_time(decoded: &Decoded, text: &str, ty: &str) -> Result<i64> {
    match decoded.time {
        Some(time) if decoded.special.is_none() => {
            let us = time.to_us();
            if us > US_PER_DAY {
                return Err(super::decoded::Refusal::Overflow.error(text, ty));
            }
            Ok(us)
        }
        _ => Err(bad_format(text, ty)),
    }
}
