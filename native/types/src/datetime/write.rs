//! Dates and times as text.

use super::calendar::{
    DATE_INFINITY, DATE_NEG_INFINITY, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, YearMonthDay,
    civil_from_days, day_of_week, split_time, split_timestamp,
};
use super::interval::US_PER_SECOND;
use super::timetz::TimeTz;
use super::zone;
use crate::text_context::{DateFormat, DateOrder, TextContext};

const MONTH_NAMES: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY_NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// Appends a number with at least `width` digits.
pub(super) fn put_number(n: u64, width: usize, out: &mut Vec<u8>) {
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    let mut rest = n;
    while rest > 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    at = at.min(buffer.len() - width);
    out.extend_from_slice(&buffer[at..]);
}

/// The year as shown: 1 BC for 0.
fn shown_year(year: i64) -> u64 {
    if year > 0 {
        year as u64
    } else {
        (1 - year) as u64
    }
}

fn put_date(date: YearMonthDay, context: &TextContext, out: &mut Vec<u8>) {
    let (year, month, day) = (shown_year(date.year), date.month.into(), date.day.into());
    let mut three = |a: (u64, usize), b: (u64, usize), c: (u64, usize), separator: u8| {
        put_number(a.0, a.1, out);
        out.push(separator);
        put_number(b.0, b.1, out);
        out.push(separator);
        put_number(c.0, c.1, out);
    };
    let (y, m, d) = ((year, 4), (month, 2), (day, 2));
    match (context.date_format, context.date_order) {
        (DateFormat::Iso, _) => three(y, m, d, b'-'),
        (DateFormat::Sql, DateOrder::Dmy) => three(d, m, y, b'/'),
        (DateFormat::Sql, _) => three(m, d, y, b'/'),
        (DateFormat::German, _) => three(d, m, y, b'.'),
        (DateFormat::Postgres, DateOrder::Dmy) => three(d, m, y, b'-'),
        (DateFormat::Postgres, _) => three(m, d, y, b'-'),
    }
}

fn put_era(date: YearMonthDay, out: &mut Vec<u8>) {
    if date.year <= 0 {
        out.extend_from_slice(b" BC");
    }
}

pub fn write_date(days: i32, context: &TextContext, out: &mut Vec<u8>) {
    match days {
        DATE_INFINITY => out.extend_from_slice(b"infinity"),
        DATE_NEG_INFINITY => out.extend_from_slice(b"-infinity"),
        days => {
            let date = civil_from_days(days.into());
            put_date(date, context, out);
            put_era(date, out);
        }
    }
}

/// Appends hh:mm:ss with a fraction that is not zero.
pub fn write_time(us: i64, out: &mut Vec<u8>) {
    let time = split_time(us);
    put_number(time.hour.into(), 2, out);
    out.push(b':');
    put_number(time.minute.into(), 2, out);
    out.push(b':');
    put_number(time.second.into(), 2, out);
    put_fraction(time.us, out);
}

/// A point and up to six digits, without trailing zeroes.
pub(super) fn put_fraction(us: u32, out: &mut Vec<u8>) {
    if us == 0 {
        return;
    }
    out.push(b'.');
    put_number(us.into(), 6, out);
    while out.last() == Some(&b'0') {
        out.pop();
    }
}

/// Appends +hh[:mm[:ss]].
pub fn write_offset(offset_s: i32, out: &mut Vec<u8>) {
    out.push(if offset_s < 0 { b'-' } else { b'+' });
    let seconds = u64::from(offset_s.unsigned_abs());
    put_number(seconds / 3600, 2, out);
    if seconds % 3600 != 0 {
        out.push(b':');
        put_number(seconds / 60 % 60, 2, out);
    }
    if seconds % 60 != 0 {
        out.push(b':');
        put_number(seconds % 60, 2, out);
    }
}

pub fn write_timetz(time: TimeTz, out: &mut Vec<u8>) {
    write_time(time.us, out);
    write_offset(-time.zone_s, out);
}

fn put_infinity(us: i64, out: &mut Vec<u8>) -> bool {
    match us {
        TIMESTAMP_INFINITY => out.extend_from_slice(b"infinity"),
        TIMESTAMP_NEG_INFINITY => out.extend_from_slice(b"-infinity"),
        _ => return false,
    }
    true
}

pub fn write_timestamp(us: i64, context: &TextContext, out: &mut Vec<u8>) {
    if !put_infinity(us, out) {
        put_timestamp(us, None, context, out);
    }
}

pub fn write_timestamptz(us: i64, context: &TextContext, out: &mut Vec<u8>) {
    if put_infinity(us, out) {
        return;
    }
    let offset_s = zone::offset_at_s(&context.time_zone, us);
    let local = us.saturating_add(i64::from(offset_s) * US_PER_SECOND);
    put_timestamp(local, Some((us, offset_s)), context, out);
}

fn put_timestamp(local: i64, zoned: Option<(i64, i32)>, context: &TextContext, out: &mut Vec<u8>) {
    let (days, time) = split_timestamp(local);
    let date = civil_from_days(days);
    match context.date_format {
        DateFormat::Postgres => {
            out.extend_from_slice(DAY_NAMES[day_of_week(days) as usize].as_bytes());
            out.push(b' ');
            let month = MONTH_NAMES[date.month as usize - 1].as_bytes();
            if context.date_order == DateOrder::Dmy {
                put_number(date.day.into(), 2, out);
                out.push(b' ');
                out.extend_from_slice(month);
            } else {
                out.extend_from_slice(month);
                out.push(b' ');
                put_number(date.day.into(), 2, out);
            }
            out.push(b' ');
            write_time(time, out);
            out.push(b' ');
            put_number(shown_year(date.year), 4, out);
        }
        _ => {
            put_date(date, context, out);
            out.push(b' ');
            write_time(time, out);
        }
    }
    match (zoned, context.date_format) {
        (None, _) => {}
        (Some((_, offset_s)), DateFormat::Iso) => write_offset(offset_s, out),
        (Some((us, offset_s)), _) => {
            out.push(b' ');
            let name = zone::abbreviation_at(&context.time_zone, us);
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                out.extend_from_slice(name.as_bytes());
            } else {
                out.pop();
                write_offset(offset_s, out);
            }
        }
    }
    put_era(date, out);
}
