//! Time zones: names, abbreviations, offsets. Offsets are seconds east of Greenwich.

use common::{Error, Result, sqlstate};
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::calendar::{EPOCH_US, civil_from_days, split_time, split_timestamp};
use super::interval::{US_PER_DAY, US_PER_SECOND};

/// 400 years, after which the calendar and the rules of zones repeat.
const CYCLE_US: i64 = 146_097 * US_PER_DAY;
/// Moments that the zone database covers: years -9000 to 9000 or so, from 2000.
const COVERED_US: i64 = 17 * CYCLE_US;

/// Abbreviations that mean one offset, in minutes: the common ones of PostgreSQL's default set.
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("acdt", 630),
    ("acst", 570),
    ("adt", -180),
    ("aedt", 660),
    ("aest", 600),
    ("akdt", -480),
    ("akst", -540),
    ("ast", -240),
    ("awst", 480),
    ("bst", 60),
    ("cadt", 630),
    ("cast", 570),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cetdst", 120),
    ("cst", -360),
    ("eat", 180),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("eetdst", 180),
    ("est", -300),
    ("gmt", 0),
    ("hkt", 480),
    ("hst", -600),
    ("ict", 420),
    ("idt", 180),
    ("ist", 120),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("mesz", 120),
    ("met", 60),
    ("metdst", 120),
    ("mez", 60),
    ("msd", 240),
    ("msk", 180),
    ("mst", -420),
    ("ndt", -150),
    ("nst", -210),
    ("nzdt", 780),
    ("nzst", 720),
    ("pdt", -420),
    ("pht", 480),
    ("pkt", 300),
    ("pst", -480),
    ("sgt", 480),
    ("ut", 0),
    ("utc", 0),
    ("wast", 120),
    ("wat", 60),
    ("west", 60),
    ("wet", 0),
    ("wetdst", 60),
    ("z", 0),
    ("zulu", 0),
];

/// The offset that an abbreviation means, in any case.
pub fn abbreviation_offset_s(name: &str) -> Option<i32> {
    let name = name.to_ascii_lowercase();
    let at = ABBREVIATIONS
        .binary_search_by(|(known, _)| (*known).cmp(&name))
        .ok()?;
    Some(ABBREVIATIONS[at].1 * 60)
}

/// All abbreviations with their offsets in seconds.
pub fn abbreviations() -> impl Iterator<Item = (&'static str, i32)> {
    ABBREVIATIONS
        .iter()
        .map(|&(name, minutes)| (name, minutes * 60))
}

/// The zone a name means: of the zone database in any case, else an abbreviation, else an offset
/// written `+hh[:mm]` (POSIX: positive is west) or `<name>+hh`.
pub fn zone_by_name(name: &str) -> Option<TimeZone> {
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("gmt") {
        return Some(TimeZone::UTC);
    }
    if let Ok(zone) = TimeZone::get(name) {
        return Some(zone);
    }
    if let Some(seconds) = abbreviation_offset_s(name) {
        return fixed_zone(seconds);
    }
    posix_offset_s(name).and_then(fixed_zone)
}

/// A zone of one offset.
pub fn fixed_zone(offset_s: i32) -> Option<TimeZone> {
    Offset::from_seconds(offset_s).ok().map(TimeZone::fixed)
}

/// `UTC+3` is three hours west.
fn posix_offset_s(name: &str) -> Option<i32> {
    let at = name.find(['+', '-'])?;
    let (label, offset) = name.split_at(at);
    if !label
        .bytes()
        .all(|c| c.is_ascii_alphabetic() || matches!(c, b'<' | b'>'))
    {
        return None;
    }
    parse_offset_s(offset).map(|seconds| -seconds)
}

/// `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss`; `None` for what is no offset or too large.
pub fn parse_offset_s(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let number = |text: &str| -> Option<i32> {
        let valid = !text.is_empty() && text.len() <= 6 && text.bytes().all(|c| c.is_ascii_digit());
        if valid { text.parse().ok() } else { None }
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [all] if all.len() > 2 => {
            let all = number(all)?;
            match digits.len() {
                3 | 4 => (all / 100, all % 100, 0),
                _ => (all / 10_000, all / 100 % 100, all % 100),
            }
        }
        [hours] => (number(hours)?, 0, 0),
        [hours, minutes] => (number(hours)?, number(minutes)?, 0),
        [hours, minutes, seconds] => (number(hours)?, number(minutes)?, number(seconds)?),
        _ => return None,
    };
    // PostgreSQL's bound: less than 16 hours.
    let valid = hours <= 15 && minutes < 60 && seconds < 60;
    valid.then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

/// 22023.
pub fn unknown_zone(name: &str) -> Error {
    Error::new(
        sqlstate::INVALID_PARAMETER_VALUE,
        format!("time zone \"{name}\" not recognized"),
    )
}

/// A moment within what the zone database covers, at the same place of the 400-year cycle.
fn covered(us: i64) -> i64 {
    if us.abs() <= COVERED_US {
        us
    } else {
        us % CYCLE_US
    }
}

/// The offset in force at a moment (us since 2000-01-01 UTC).
pub fn offset_at_s(zone: &TimeZone, utc_us: i64) -> i32 {
    if let Ok(offset) = zone.to_fixed_offset() {
        return offset.seconds();
    }
    let unix_us = covered(utc_us).saturating_add(EPOCH_US);
    jiff::Timestamp::from_microsecond(unix_us).map_or(0, |at| zone.to_offset(at).seconds())
}

/// The zone's abbreviation at a moment.
pub fn abbreviation_at(zone: &TimeZone, utc_us: i64) -> String {
    let unix_us = covered(utc_us).saturating_add(EPOCH_US);
    jiff::Timestamp::from_microsecond(unix_us).map_or_else(
        |_| "UTC".into(),
        |at| zone.to_offset_info(at).abbreviation().to_string(),
    )
}

/// The offset that a local time has: in a gap the one before it, in a fold the one after.
pub fn offset_of_local_s(zone: &TimeZone, local_us: i64) -> i32 {
    if let Ok(offset) = zone.to_fixed_offset() {
        return offset.seconds();
    }
    let (days, time_us) = split_timestamp(covered(local_us));
    let (date, time) = (civil_from_days(days), split_time(time_us));
    let civil = civil::DateTime::new(
        date.year as i16,
        date.month as i8,
        date.day as i8,
        time.hour as i8,
        time.minute as i8,
        time.second as i8,
        time.us as i32 * 1000,
    );
    let Ok(civil) = civil else { return 0 };
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.seconds(),
        AmbiguousOffset::Gap { before, .. } => before.seconds(),
        AmbiguousOffset::Fold { after, .. } => after.seconds(),
    }
}

/// A moment as local time; infinities stay.
pub fn to_local(zone: &TimeZone, utc_us: i64) -> Result<i64> {
    if utc_us == i64::MAX || utc_us == i64::MIN {
        return Ok(utc_us);
    }
    let offset_us = i64::from(offset_at_s(zone, utc_us)) * US_PER_SECOND;
    utc_us
        .checked_add(offset_us)
        .ok_or_else(super::calendar::timestamp_out_of_range)
}

/// A local time as a moment; infinities stay.
pub fn from_local(zone: &TimeZone, local_us: i64) -> Result<i64> {
    if local_us == i64::MAX || local_us == i64::MIN {
        return Ok(local_us);
    }
    let offset_us = i64::from(offset_of_local_s(zone, local_us)) * US_PER_SECOND;
    super::calendar::check_timestamp(local_us.checked_sub(offset_us))
}
