//! Intervals as text, in each `IntervalStyle`.

use super::interval::{Interval, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND};
use super::write::{put_fraction, put_number};
use crate::text_context::IntervalStyle;

struct Parts {
    years: i32,
    months: i32,
    days: i32,
    hours: i64,
    minutes: i64,
    seconds: i64,
    us: i64,
}

impl Parts {
    fn new(interval: Interval) -> Self {
        Self {
            years: interval.months / 12,
            months: interval.months % 12,
            days: interval.days,
            hours: interval.us / US_PER_HOUR,
            minutes: interval.us / US_PER_MINUTE % 60,
            seconds: interval.us / US_PER_SECOND % 60,
            us: interval.us % US_PER_SECOND,
        }
    }
}

pub fn write_interval(interval: Interval, style: IntervalStyle, out: &mut Vec<u8>) {
    let parts = Parts::new(interval);
    match style {
        IntervalStyle::Postgres => write_postgres(interval, &parts, out),
        IntervalStyle::PostgresVerbose => write_verbose(interval, &parts, out),
        IntervalStyle::SqlStandard => write_sql(interval, &parts, out),
        IntervalStyle::Iso8601 => write_iso(&parts, out),
    }
}

fn put_seconds(seconds: i64, us: i64, width: usize, out: &mut Vec<u8>) {
    put_number(seconds.unsigned_abs(), width, out);
    put_fraction(us.unsigned_abs() as u32, out);
}

fn put_clock(parts: &Parts, hour_width: usize, out: &mut Vec<u8>) {
    put_number(parts.hours.unsigned_abs(), hour_width, out);
    out.push(b':');
    put_number(parts.minutes.unsigned_abs(), 2, out);
    out.push(b':');
    put_seconds(parts.seconds, parts.us, 2, out);
}

fn write_postgres(interval: Interval, parts: &Parts, out: &mut Vec<u8>) {
    let start = out.len();
    let mut after_negative = false;
    for (value, unit) in [
        (parts.years, "year"),
        (parts.months, "mon"),
        (parts.days, "day"),
    ] {
        if value == 0 {
            continue;
        }
        if out.len() > start {
            out.push(b' ');
        }
        let sign = if after_negative && value > 0 { "+" } else { "" };
        let plural = if value == 1 { "" } else { "s" };
        out.extend_from_slice(format!("{sign}{value} {unit}{plural}").as_bytes());
        after_negative = value < 0;
    }
    if out.len() > start && interval.us == 0 {
        return;
    }
    if out.len() > start {
        out.push(b' ');
    }
    if interval.us < 0 {
        out.push(b'-');
    } else if after_negative {
        out.push(b'+');
    }
    put_clock(parts, 2, out);
}

fn write_verbose(interval: Interval, parts: &Parts, out: &mut Vec<u8>) {
    out.push(b'@');
    let mut first: Option<bool> = None;
    let units = [
        (i64::from(parts.years), "year"),
        (parts.months.into(), "mon"),
        (parts.days.into(), "day"),
        (parts.hours, "hour"),
        (parts.minutes, "min"),
    ];
    for (value, unit) in units {
        if value == 0 {
            continue;
        }
        let ago = *first.get_or_insert(value < 0);
        let shown = if ago { -value } else { value };
        let plural = if shown == 1 { "" } else { "s" };
        out.extend_from_slice(format!(" {shown} {unit}{plural}").as_bytes());
    }
    let seconds = parts.seconds * US_PER_SECOND + parts.us;
    if seconds != 0 {
        let ago = *first.get_or_insert(seconds < 0);
        out.push(b' ');
        if (seconds < 0) != ago {
            out.push(b'-');
        }
        put_seconds(parts.seconds, parts.us, 1, out);
        let plural = if seconds.abs() == US_PER_SECOND {
            ""
        } else {
            "s"
        };
        out.extend_from_slice(format!(" sec{plural}").as_bytes());
    }
    match first {
        None => out.extend_from_slice(b" 0"),
        Some(true) => out.extend_from_slice(b" ago"),
        Some(false) => {}
    }
    debug_assert!(first.is_some() || interval.us == 0);
}

fn write_sql(interval: Interval, parts: &Parts, out: &mut Vec<u8>) {
    let negative = interval.months < 0 || interval.days < 0 || interval.us < 0;
    let positive = interval.months > 0 || interval.days > 0 || interval.us > 0;
    let (has_months, has_days) = (interval.months != 0, interval.days != 0);
    let has_time = interval.us != 0;
    if !negative && !positive {
        out.push(b'0');
        return;
    }
    let plain = !(negative && positive) && !(has_months && (has_days || has_time));
    let sign = |negative: bool| if negative { '-' } else { '+' };
    if !plain {
        let text = format!(
            "{}{}-{} {}{} {}",
            sign(interval.months < 0),
            parts.years.abs(),
            parts.months.abs(),
            sign(interval.days < 0),
            parts.days.abs(),
            sign(interval.us < 0),
        );
        out.extend_from_slice(text.as_bytes());
        put_clock(parts, 1, out);
        return;
    }
    if negative {
        out.push(b'-');
    }
    if has_months {
        let text = format!("{}-{}", parts.years.abs(), parts.months.abs());
        out.extend_from_slice(text.as_bytes());
        return;
    }
    if has_days {
        out.extend_from_slice(format!("{} ", parts.days.abs()).as_bytes());
    }
    put_clock(parts, 1, out);
}

fn write_iso(parts: &Parts, out: &mut Vec<u8>) {
    let start = out.len();
    out.push(b'P');
    let mut put = |value: i64, letter: char| {
        if value != 0 {
            out.extend_from_slice(format!("{value}{letter}").as_bytes());
        }
    };
    put(parts.years.into(), 'Y');
    put(parts.months.into(), 'M');
    put(parts.days.into(), 'D');
    let has_time = (parts.hours, parts.minutes, parts.seconds, parts.us) != (0, 0, 0, 0);
    if has_time {
        out.push(b'T');
        let mut put = |value: i64, letter: char| {
            if value != 0 {
                out.extend_from_slice(format!("{value}{letter}").as_bytes());
            }
        };
        put(parts.hours, 'H');
        put(parts.minutes, 'M');
        if (parts.seconds, parts.us) != (0, 0) {
            if parts.seconds < 0 || parts.us < 0 {
                out.push(b'-');
            }
            put_seconds(parts.seconds, parts.us, 1, out);
            out.push(b'S');
        }
    }
    if out.len() == start + 1 {
        out.extend_from_slice(b"T0S");
    }
}
