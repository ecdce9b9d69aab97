//! Reads intervals: PostgreSQL's `DecodeInterval` and `DecodeISO8601Interval`.

use common::{Error, Result, sqlstate};

use super::fields::{Field, FieldKind, split_fields};
use super::interval::{Interval, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND};
use crate::sql_type::interval_field;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalUnit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
    Decade,
    Century,
    Millennium,
}

enum Refusal {
    BadFormat,
    Overflow,
    /// The fields are within range, their sum is not.
    SumOutOfRange,
}

/// The unit that a word names.
pub fn interval_unit(word: &str) -> Option<IntervalUnit> {
    use IntervalUnit::{
        Century, Day, Decade, Hour, Microsecond, Millennium, Millisecond, Minute, Month, Second,
        Week, Year,
    };
    Some(match word {
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" | "microsecond"
        | "microseconds" | "microsec" => Microsecond,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" | "millisecond"
        | "milliseconds" => Millisecond,
        "s" | "sec" | "secs" | "second" | "seconds" => Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Hour,
        "d" | "day" | "days" => Day,
        "w" | "week" | "weeks" => Week,
        "mon" | "mons" | "month" | "months" => Month,
        "y" | "yr" | "yrs" | "year" | "years" => Year,
        "dec" | "decs" | "decade" | "decades" => Decade,
        "c" | "cent" | "century" | "centuries" => Century,
        "mil" | "mils" | "millennia" | "millennium" => Millennium,
        _ => return None,
    })
}

/// Reads an interval; `typmod` (or -1) gives the unit of a bare number.
pub fn parse_interval(text: &str, typmod: i32) -> Result<Interval> {
    let read = match read_fields(text, typmod) {
        Err(Refusal::BadFormat) => read_iso(text),
        other => other,
    };
    read.map_err(|refusal| match refusal {
        Refusal::BadFormat => Error::new(
            sqlstate::INVALID_DATETIME_FORMAT,
            format!("invalid input syntax for type interval: \"{text}\""),
        ),
        Refusal::SumOutOfRange => super::interval::interval_out_of_range(),
        Refusal::Overflow => Error::new(
            sqlstate::INTERVAL_FIELD_OVERFLOW,
            format!("interval field value out of range: \"{text}\""),
        ),
    })
}

#[derive(Default)]
struct Sum {
    months: i64,
    days: i64,
    us: i64,
    /// Units that were given, a bit each: none may be given twice.
    given: u16,
}

impl Sum {
    fn give(&mut self, unit: IntervalUnit) -> Result<(), Refusal> {
        let bit = 1 << unit as u16;
        if self.given & bit != 0 {
            return Err(Refusal::BadFormat);
        }
        self.given |= bit;
        Ok(())
    }

    /// Adds `whole + fraction` units; fractions go down to the smaller fields.
    fn add(&mut self, unit: IntervalUnit, whole: i64, fraction: f64) -> Result<(), Refusal> {
        use IntervalUnit::{
            Century, Day, Decade, Hour, Microsecond, Millennium, Millisecond, Minute, Month,
            Second, Week, Year,
        };
        match unit {
            Microsecond => self.add_us(whole, fraction, 1),
            Millisecond => self.add_us(whole, fraction, 1000),
            Second => self.add_us(whole, fraction, US_PER_SECOND),
            Minute => self.add_us(whole, fraction, US_PER_MINUTE),
            Hour => self.add_us(whole, fraction, US_PER_HOUR),
            Day => self.add_days(whole, fraction, 1),
            Week => self.add_days(whole, fraction, 7),
            Month => {
                i32::try_from(whole).map_err(|_| Refusal::Overflow)?;
                self.add_months(whole, 1)?;
                self.add_days(0, fraction, 30)
            }
            Year => self.add_years(whole, fraction, 1),
            Decade => self.add_years(whole, fraction, 10),
            Century => self.add_years(whole, fraction, 100),
            Millennium => self.add_years(whole, fraction, 1000),
        }
    }

    fn add_us(&mut self, whole: i64, fraction: f64, scale: i64) -> Result<(), Refusal> {
        let us = whole.checked_mul(scale).ok_or(Refusal::Overflow)?;
        let rest = (fraction * scale as f64).round_ties_even() as i64;
        let sum = self
            .us
            .checked_add(us)
            .and_then(|sum| sum.checked_add(rest));
        self.us = sum.ok_or(Refusal::Overflow)?;
        Ok(())
    }

    fn add_days(&mut self, whole: i64, fraction: f64, scale: i64) -> Result<(), Refusal> {
        let days = whole.checked_mul(scale).ok_or(Refusal::Overflow)?;
        let rest = fraction * scale as f64;
        let sum = self
            .days
            .checked_add(days)
            .and_then(|sum| sum.checked_add(rest as i64));
        self.days = sum.ok_or(Refusal::Overflow)?;
        self.add_us(0, rest.fract(), US_PER_DAY)
    }

    fn add_months(&mut self, whole: i64, scale: i64) -> Result<(), Refusal> {
        let months = whole.checked_mul(scale);
        let sum = months.and_then(|months| self.months.checked_add(months));
        self.months = sum.ok_or(Refusal::Overflow)?;
        Ok(())
    }

    fn add_years(&mut self, whole: i64, fraction: f64, scale: i64) -> Result<(), Refusal> {
        i32::try_from(whole.saturating_mul(scale)).map_err(|_| Refusal::Overflow)?;
        self.add_months(whole, 12 * scale)?;
        self.add_months((fraction * (12 * scale) as f64).round_ties_even() as i64, 1)
    }

    fn finish(self) -> Result<Interval, Refusal> {
        let months = i32::try_from(self.months).map_err(|_| Refusal::SumOutOfRange)?;
        let days = i32::try_from(self.days).map_err(|_| Refusal::Overflow)?;
        Ok(Interval {
            months,
            days,
            us: self.us,
        })
    }
}

/// The unit of a bare number under a modifier's fields.
fn default_unit(typmod: i32) -> IntervalUnit {
    use interval_field::{DAY, HOUR, MINUTE, MONTH, SECOND, YEAR};
    let fields = if typmod < 0 {
        interval_field::FULL
    } else {
        (typmod >> 16) & 0x7FFF
    };
    if fields == interval_field::FULL || fields & SECOND != 0 {
        IntervalUnit::Second
    } else if fields & MINUTE != 0 {
        IntervalUnit::Minute
    } else if fields & HOUR != 0 {
        IntervalUnit::Hour
    } else if fields & DAY != 0 {
        IntervalUnit::Day
    } else if fields & MONTH != 0 {
        IntervalUnit::Month
    } else if fields & YEAR != 0 {
        IntervalUnit::Year
    } else {
        IntervalUnit::Second
    }
}

/// From the last field to the first: a unit stands behind its number.
fn read_fields(text: &str, typmod: i32) -> Result<Interval, Refusal> {
    let fields = split_fields(text).ok_or(Refusal::BadFormat)?;
    let mut sum = Sum::default();
    let mut unit: Option<IntervalUnit> = None;
    let mut seen_number = false;
    let mut seen_time = false;
    let mut ago = false;
    for field in fields.iter().rev() {
        match field.kind {
            FieldKind::Time => {
                if std::mem::replace(&mut seen_time, true) {
                    return Err(Refusal::BadFormat);
                }
                sum.add_us(read_time(&field.text, typmod)?, 0.0, 1)?;
                unit = Some(IntervalUnit::Day);
                seen_number = true;
            }
            FieldKind::Zone if field.text.contains(':') => {
                if std::mem::replace(&mut seen_time, true) {
                    return Err(Refusal::BadFormat);
                }
                let us = read_time(&field.text[1..], typmod)?;
                let us = if field.text.starts_with('-') { -us } else { us };
                sum.add_us(us, 0.0, 1)?;
                unit = Some(IntervalUnit::Day);
                seen_number = true;
            }
            FieldKind::Zone | FieldKind::Number | FieldKind::Date => {
                read_number(field, &mut unit, typmod, &mut sum)?;
                seen_number = true;
            }
            FieldKind::Word if field.text == "ago" => {
                ago = true;
            }
            FieldKind::Word => {
                unit = Some(interval_unit(&field.text).ok_or(Refusal::BadFormat)?);
            }
            FieldKind::SignedWord => return Err(Refusal::BadFormat),
        }
    }
    if !seen_number {
        return Err(Refusal::BadFormat);
    }
    let interval = sum.finish()?;
    if ago {
        interval.neg().map_err(|_| Refusal::Overflow)
    } else {
        Ok(interval)
    }
}

fn read_number(
    field: &Field,
    unit: &mut Option<IntervalUnit>,
    typmod: i32,
    sum: &mut Sum,
) -> Result<(), Refusal> {
    let (negative, digits) = match field.text.as_bytes().first() {
        Some(b'-') => (true, &field.text[1..]),
        Some(b'+') => (false, &field.text[1..]),
        _ => (false, field.text.as_str()),
    };
    let sign = if negative { -1 } else { 1 };
    let integer = |text: &str| -> Result<i64, Refusal> {
        if text.is_empty() {
            return Ok(0);
        }
        if !text.bytes().all(|c| c.is_ascii_digit()) {
            return Err(Refusal::BadFormat);
        }
        text.parse().map_err(|_| Refusal::Overflow)
    };
    if let Some((years, months)) = digits.split_once('-') {
        let (years, months) = (integer(years)?, integer(months)?);
        if months >= 12 {
            return Err(Refusal::Overflow);
        }
        sum.add_months(sign * years, 12)?;
        return sum.add_months(sign * months, 1);
    }
    let unit = *unit.get_or_insert(default_unit(typmod));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    integer(fraction.get(..fraction.len().min(15)).unwrap_or(""))?;
    if whole.is_empty() && fraction.is_empty() {
        return Err(Refusal::BadFormat);
    }
    sum.give(unit)?;
    let part: f64 = format!("0.{fraction}0")
        .parse()
        .map_err(|_| Refusal::BadFormat)?;
    sum.add(unit, sign * integer(whole)?, sign as f64 * part)
}

/// `hh:mm[:ss[.fff]]`, or `mm:ss.fff`; hours are unlimited.
fn read_time(text: &str, typmod: i32) -> Result<i64, Refusal> {
    let parts: Vec<&str> = text.split(':').collect();
    let integer = |text: &str| -> Result<i64, Refusal> {
        if text.is_empty() || !text.bytes().all(|c| c.is_ascii_digit()) {
            return Err(Refusal::BadFormat);
        }
        text.parse().map_err(|_| Refusal::Overflow)
    };
    let (last, fraction) = match parts.last().and_then(|last| last.split_once('.')) {
        Some((last, fraction)) => (last, fraction),
        None => (parts.last().copied().unwrap_or(""), ""),
    };
    let us = super::decode::parse_fraction(fraction).map_err(|_| Refusal::BadFormat)?;
    let minutes_only = typmod >= 0
        && (typmod >> 16) & interval_field::FULL == interval_field::MINUTE | interval_field::SECOND;
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, _] if !fraction.is_empty() || minutes_only => {
            (0, integer(minutes)?, integer(last)?)
        }
        [hours, _] => (integer(hours)?, integer(last)?, 0),
        [hours, minutes, _] => (integer(hours)?, integer(minutes)?, integer(last)?),
        _ => return Err(Refusal::BadFormat),
    };
    if minutes > 59 || seconds > 60 {
        return Err(Refusal::Overflow);
    }
    hours
        .checked_mul(US_PER_HOUR)
        .and_then(|sum| sum.checked_add(minutes * US_PER_MINUTE))
        .and_then(|sum| sum.checked_add(seconds * US_PER_SECOND + i64::from(us)))
        .ok_or(Refusal::Overflow)
}

/// `P1Y2M3DT4H5M6.7S` and `P0001-02-03T04:05:06`.
fn read_iso(text: &str) -> Result<Interval, Refusal> {
    let mut rest = text.trim().strip_prefix('P').ok_or(Refusal::BadFormat)?;
    let mut sum = Sum::default();
    let mut in_time = false;
    let mut seen = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            if std::mem::replace(&mut in_time, true) {
                return Err(Refusal::BadFormat);
            }
            rest = time;
            continue;
        }
        let number_end = rest
            .char_indices()
            .find(|&(at, c)| {
                !(c.is_ascii_digit() || c == '.' || (at == 0 && matches!(c, '-' | '+')))
            })
            .map_or(rest.len(), |(at, _)| at);
        let (number, after) = rest.split_at(number_end);
        let value: f64 = number.parse().map_err(|_| Refusal::BadFormat)?;
        if value.abs() > i64::MAX as f64 {
            return Err(Refusal::Overflow);
        }
        let (whole, fraction) = (value.trunc() as i64, value.fract());
        seen = true;
        let Some(letter) = after.chars().next() else {
            return read_iso_alternative(text);
        };
        let unit = match (letter, in_time) {
            ('Y', false) => IntervalUnit::Year,
            ('M', false) => IntervalUnit::Month,
            ('W', false) => IntervalUnit::Week,
            ('D', false) => IntervalUnit::Day,
            ('H', true) => IntervalUnit::Hour,
            ('M', true) => IntervalUnit::Minute,
            ('S', true) => IntervalUnit::Second,
            _ => return read_iso_alternative(text),
        };
        sum.add(unit, whole, fraction)?;
        rest = &after[letter.len_utf8()..];
    }
    if seen || in_time {
        sum.finish()
    } else {
        Err(Refusal::BadFormat)
    }
}

fn read_iso_alternative(text: &str) -> Result<Interval, Refusal> {
    let body = text.trim().strip_prefix('P').ok_or(Refusal::BadFormat)?;
    let (date, time) = body.split_once('T').unwrap_or((body, ""));
    let mut sum = Sum::default();
    let number = |text: &str| text.parse::<i64>().map_err(|_| Refusal::BadFormat);
    if !date.is_empty() {
        let mut parts = date.splitn(3, '-');
        sum.add_months(number(parts.next().unwrap_or(""))?, 12)?;
        sum.add_months(parts.next().map_or(Ok(0), number)?, 1)?;
        sum.add_days(parts.next().map_or(Ok(0), number)?, 0.0, 1)?;
    }
    if !time.is_empty() {
        sum.add_us(read_time(time, -1)?, 0.0, 1)?;
    }
    sum.finish()
}

/// Fits an interval to its modifier: smaller fields are cut off, seconds rounded.
pub fn apply_interval_typmod(interval: Interval, typmod: i32) -> Interval {
    use interval_field::{DAY, HOUR, MINUTE, MONTH, SECOND, YEAR};
    if typmod < 0 {
        return interval;
    }
    let fields = (typmod >> 16) & interval_field::FULL;
    let mut out = interval;
    if fields != interval_field::FULL {
        let least = [SECOND, MINUTE, HOUR, DAY, MONTH, YEAR]
            .into_iter()
            .find(|f| fields & f != 0);
        match least {
            Some(MINUTE) => out.us -= out.us % US_PER_MINUTE,
            Some(HOUR) => out.us -= out.us % US_PER_HOUR,
            Some(DAY) => out.us = 0,
            Some(MONTH) => (out.us, out.days) = (0, 0),
            Some(YEAR) => (out.us, out.days, out.months) = (0, 0, out.months / 12 * 12),
            _ => {}
        }
    }
    let digits = typmod & 0xFFFF;
    if (0..6).contains(&digits) {
        out.us = round_us(out.us, digits as u32);
    }
    out
}

/// Rounds microseconds to so many digits of the second, half away from zero.
pub fn round_us(us: i64, digits: u32) -> i64 {
    if digits >= 6 {
        return us;
    }
    let unit = 10i64.pow(6 - digits);
    let half = unit / 2 * us.signum();
    us.checked_add(half).map_or(us, |sum| sum / unit * unit)
}
