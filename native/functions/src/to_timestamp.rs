//! to_date and to_timestamp: dates read by a template (formatting.c, DCH_from_char).

use common::{Error, Result, err, sqlstate};
use types::TextContext;
use types::datetime::{
    EPOCH_JULIAN, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, check_date,
    check_timestamp, days_from_civil, days_in_month, from_local, iso_year_start,
};

use crate::date_template::{Field, Item, Part, parse_template};
use crate::to_char::{DAYS, MONTHS, ROMAN_MONTHS};
use crate::{FunctionDef, def};

#[derive(Clone, Debug, Default)]
struct Read {
    year: Option<i64>,
    century: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    julian: Option<i64>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    iso_day: Option<i64>,
    week: Option<i64>,
    week_of_month: Option<i64>,
    hour: i64,
    twelve_hours: bool,
    pm: Option<bool>,
    minute: i64,
    second: i64,
    us: i64,
    seconds_of_day: Option<i64>,
    bc: bool,
    zone_s: Option<i64>,
    zone_sign: i64,
}

fn bad_format(message: String) -> Error {
    Error::new(sqlstate::INVALID_DATETIME_FORMAT, message)
}

fn out_of_range(text: &str) -> Error {
    err!(
        sqlstate::DATETIME_FIELD_OVERFLOW,
        "date/time field value out of range: \"{text}\""
    )
}

struct Reader<'a> {
    rest: &'a str,
    out: Read,
}

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// A number of at most `width` digits, or as many as there are when no digit pattern follows.
    fn number(&mut self, name: &str, width: usize, greedy: bool) -> Result<i64> {
        self.skip_blanks();
        let sign = usize::from(self.rest.starts_with(['-', '+']));
        let limit = if greedy { usize::MAX } else { width };
        let digits = self.rest[sign..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count()
            .min(limit);
        if digits == 0 {
            let shown: String = self.rest.chars().take(width).collect();
            if shown.is_empty() {
                return Err(bad_format(format!(
                    "source string too short for \"{name}\" formatting field"
                )));
            }
            return Err(
                bad_format(format!("invalid value \"{shown}\" for \"{name}\""))
                    .with_detail("Value must be an integer."),
            );
        }
        let (taken, rest) = self.rest.split_at(sign + digits);
        self.rest = rest;
        taken.parse().map_err(|_| {
            err!(
                sqlstate::DATETIME_FIELD_OVERFLOW,
                "value for \"{name}\" in source string is out of range"
            )
        })
    }

    /// One of some names, in any case; the longest that fits.
    fn name(&mut self, names: &[&str], field: &str) -> Result<usize> {
        self.skip_blanks();
        let found = names
            .iter()
            .enumerate()
            .filter(|(_, name)| {
                self.rest
                    .get(..name.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(name))
            })
            .max_by_key(|(_, name)| name.len());
        match found {
            Some((at, name)) => {
                self.rest = &self.rest[name.len()..];
                Ok(at)
            }
            None => {
                let shown: String = self
                    .rest
                    .chars()
                    .take_while(|c| !c.is_whitespace())
                    .take(20)
                    .collect();
                Err(
                    bad_format(format!("invalid value \"{shown}\" for \"{field}\"")).with_detail(
                        "The given value did not match any of the allowed values for this field.",
                    ),
                )
            }
        }
    }

    fn field(&mut self, item: &Item, greedy: bool) -> Result<()> {
        match item.field {
            Field::Hour12 => {
                self.out.twelve_hours = true;
                self.out.hour = self.number("HH12", 2, greedy)?;
            }
            Field::Hour24 => {
                self.out.hour = self.number("HH24", 2, greedy)?;
            }
            Field::Minute => {
                self.out.minute = self.number("MI", 2, greedy)?;
            }
            Field::Second => {
                self.out.second = self.number("SS", 2, greedy)?;
            }
            Field::Millisecond => return self.fraction("MS", 3, greedy),
            Field::Microsecond => return self.fraction("US", 6, greedy),
            Field::Fraction(digits) => return self.fraction("FF", digits as usize, greedy),
            Field::SecondOfDay => {
                let n = self.number("SSSS", 5, greedy)?;
                self.out.seconds_of_day = Some(n);
            }
            Field::Half { .. } => {
                let at = self.name(&["AM", "PM", "A.M.", "P.M."], "AM")?;
                self.out.pm = Some(at % 2 == 1);
                self.out.twelve_hours = true;
            }
            Field::Era { .. } => {
                let at = self.name(&["AD", "BC", "A.D.", "B.C."], "AD")?;
                self.out.bc = at % 2 == 1;
            }
            Field::Year(digits) => return self.year(digits as usize, greedy),
            Field::YearComma => {
                let thousands = self.number("Y,YYY", 9, true)?;
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                let rest = self.number("Y,YYY", 3, false)?;
                self.out.year = Some(thousands * 1000 + rest);
            }
            Field::IsoYear(digits) => {
                let year = self.number("IYYY", digits as usize, greedy && digits == 4)?;
                self.out.iso_year = Some(near_2020(year, digits as usize));
            }
            Field::MonthName => {
                self.out.month = Some(self.name(&MONTHS, "MONTH")? as i64 + 1);
            }
            Field::MonthShort => {
                let names = MONTHS.map(|name| &name[..3]);
                self.out.month = Some(self.name(&names, "MON")? as i64 + 1);
            }
            Field::Month => {
                let n = self.number("MM", 2, greedy)?;
                self.out.month = Some(n);
            }
            Field::MonthRoman => {
                self.out.month = Some(self.name(&ROMAN_MONTHS, "RM")? as i64 + 1);
            }
            Field::DayName => {
                self.name(&DAYS, "DAY")?;
            }
            Field::DayShort => {
                self.name(&DAYS.map(|name| &name[..3]), "DY")?;
            }
            Field::DayOfYear => {
                let n = self.number("DDD", 3, greedy)?;
                self.out.day_of_year = Some(n);
            }
            Field::Day => {
                let n = self.number("DD", 2, greedy)?;
                self.out.day = Some(n);
            }
            Field::DayOfWeek => {
                self.number("D", 1, greedy)?;
            }
            Field::IsoDayOfWeek => {
                let n = self.number("ID", 1, greedy)?;
                self.out.iso_day = Some(n);
            }
            Field::IsoDayOfYear => {
                let n = self.number("IDDD", 3, greedy)?;
                self.out.iso_week = Some((n - 1) / 7 + 1);
                self.out.iso_day = Some((n - 1) % 7 + 1);
            }
            Field::WeekOfMonth => {
                let n = self.number("W", 1, greedy)?;
                self.out.week_of_month = Some(n);
            }
            Field::WeekOfYear => {
                let n = self.number("WW", 2, greedy)?;
                self.out.week = Some(n);
            }
            Field::IsoWeek => {
                let n = self.number("IW", 2, greedy)?;
                self.out.iso_week = Some(n);
            }
            Field::Quarter => {
                self.number("Q", 1, greedy)?;
            }
            Field::Century => {
                let n = self.number("CC", 2, greedy)?;
                self.out.century = Some(n);
            }
            Field::JulianDay => {
                let n = self.number("J", 9, true)?;
                self.out.julian = Some(n);
            }
            Field::ZoneHour => {
                self.skip_blanks();
                self.out.zone_sign = if self.rest.starts_with('-') { -1 } else { 1 };
                let hours = self.number("TZH", 2, greedy)?;
                self.out.zone_s = Some(hours * 3600);
            }
            Field::ZoneMinute => {
                let minutes = self.number("TZM", 2, greedy)?;
                let sign = if self.out.zone_sign < 0 { -1 } else { 1 };
                *self.out.zone_s.get_or_insert(0) += sign * minutes * 60;
            }
            Field::ZoneName | Field::ZoneOffset => {
                return Err(err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "formatting field \"{}\" is only supported in to_char",
                    if item.field == Field::ZoneName {
                        "TZ"
                    } else {
                        "OF"
                    }
                ));
            }
        }
        Ok(())
    }

    fn year(&mut self, digits: usize, greedy: bool) -> Result<()> {
        self.skip_blanks();
        let before = self.rest.len();
        let year = self.number("YYYY", digits, greedy)?;
        let given = before - self.rest.len();
        self.out.year = Some(match digits {
            4 if given >= 3 || year < 0 => year,
            digits => near_2020(year, digits.min(given.max(1))),
        });
        Ok(())
    }

    fn fraction(&mut self, name: &str, width: usize, greedy: bool) -> Result<()> {
        self.skip_blanks();
        let before = self.rest.len();
        let value = self.number(name, width, greedy)?;
        let given = (before - self.rest.len()) as u32;
        self.out.us += match given {
            0..=6 => value * 10i64.pow(6 - given),
            _ => return Err(out_of_range(name)),
        };
        Ok(())
    }
}

/// A year of one to three digits is the one nearest to 2020.
fn near_2020(year: i64, digits: usize) -> i64 {
    match digits {
        1 => year + if year < 70 { 2000 } else { 1900 },
        2 if year < 70 => year + 2000,
        2 if year < 100 => year + 1900,
        3 if year < 520 => year + 2000,
        3 if year < 1000 => year + 1000,
        _ => year,
    }
}

fn is_numeric(field: Field) -> bool {
    !matches!(
        field,
        Field::MonthName
            | Field::MonthShort
            | Field::MonthRoman
            | Field::DayName
            | Field::DayShort
            | Field::Half { .. }
            | Field::Era { .. }
    )
}

fn read(text: &str, template: &str) -> Result<Read> {
    let parts = parse_template(template);
    let mut reader = Reader {
        rest: text,
        out: Read::default(),
    };
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Field(item) => {
                // Digits run on unless the next pattern takes its own.
                let next_takes_digits =
                    matches!(parts.get(at + 1), Some(Part::Field(next)) if is_numeric(next.field));
                reader.field(item, !next_takes_digits)?;
                if item.ordinal.is_some() {
                    reader.rest = reader.rest.get(2..).unwrap_or("");
                }
            }
            Part::Text(expected) => {
                for c in expected.chars() {
                    if reader.rest.starts_with(c) || !reader.rest.is_empty() {
                        let size = reader.rest.chars().next().map_or(0, char::len_utf8);
                        reader.rest = &reader.rest[size..];
                    }
                }
            }
            Part::Blank(_) => {
                // Any separators in the text pass for the one in the template.
                let next_signed = matches!(
                    parts.get(at + 1),
                    Some(Part::Field(Item {
                        field: Field::ZoneHour,
                        ..
                    }))
                );
                reader.rest = reader.rest.trim_start_matches(|c: char| {
                    c.is_whitespace()
                        || (c.is_ascii_punctuation() && !(next_signed && matches!(c, '+' | '-')))
                });
            }
        }
        if reader.rest.trim().is_empty() && at + 1 < parts.len() {
            // The rest of the template finds nothing; PostgreSQL stops there.
            break;
        }
    }
    Ok(reader.out)
}

impl Read {
    fn days(&self, text: &str) -> Result<i64> {
        if let Some(julian) = self.julian {
            return Ok(julian - EPOCH_JULIAN);
        }
        if let Some(week) = self.iso_week {
            let year = self.iso_year.or(self.year).unwrap_or(1);
            let day = self.iso_day.unwrap_or(1);
            if !(1..=53).contains(&week) || !(1..=7).contains(&day) {
                return Err(out_of_range(text));
            }
            return Ok(iso_year_start(year) + (week - 1) * 7 + day - 1);
        }
        let mut year = match (self.year, self.century) {
            (Some(year), Some(century)) if year < 100 => (century - 1) * 100 + year,
            (Some(year), _) => year,
            (None, Some(century)) => (century - 1) * 100 + 1,
            (None, None) => self.iso_year.unwrap_or(0),
        };
        if self.bc && year > 0 {
            year = 1 - year;
        } else if year < 0 {
            year += 1;
        }
        if let Some(day) = self.day_of_year {
            let last = if types::datetime::is_leap_year(year) {
                366
            } else {
                365
            };
            if !(1..=last).contains(&day) {
                return Err(out_of_range(text));
            }
            return Ok(days_from_civil(year, 1, 1) + day - 1);
        }
        if let Some(week) = self.week {
            return Ok(days_from_civil(year, 1, 1) + (week - 1) * 7);
        }
        let month = self.month.unwrap_or(1);
        let day = match (self.day, self.week_of_month) {
            (Some(day), _) => day,
            (None, Some(week)) => (week - 1) * 7 + 1,
            (None, None) => 1,
        };
        let valid = (1..=12).contains(&month)
            && day >= 1
            && day <= i64::from(days_in_month(year, month as u32));
        if !valid || year.abs() > 6_000_000 {
            return Err(out_of_range(text));
        }
        Ok(days_from_civil(year, month as u32, day as u32))
    }

    fn time_us(&self, text: &str) -> Result<i64> {
        if let Some(seconds) = self.seconds_of_day {
            if !(0..86_400).contains(&seconds) {
                return Err(out_of_range(text));
            }
            return Ok(seconds * US_PER_SECOND + self.us);
        }
        let mut hour = self.hour;
        if self.twelve_hours {
            if !(1..=12).contains(&hour) && hour != 0 {
                return Err(err!(
                    sqlstate::INVALID_DATETIME_FORMAT,
                    "hour \"{hour}\" is invalid for the 12-hour clock"
                )
                .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            hour %= 12;
            if self.pm == Some(true) {
                hour += 12;
            }
        }
        if !(0..24).contains(&hour)
            || !(0..60).contains(&self.minute)
            || !(0..60).contains(&self.second)
        {
            return Err(out_of_range(text));
        }
        Ok(
            hour * US_PER_HOUR
                + self.minute * US_PER_MINUTE
                + self.second * US_PER_SECOND
                + self.us,
        )
    }
}

fn to_date(text: &str, template: &str) -> Result<i32> {
    let days = read(text, template)?.days(text)?;
    check_date(days, || format!("date out of range: \"{text}\""))
}

fn to_timestamp(text: &str, template: &str, context: &TextContext) -> Result<i64> {
    let read = read(text, template)?;
    let time = read.time_us(text)?;
    let local = read
        .days(text)?
        .checked_mul(US_PER_DAY)
        .and_then(|us| us.checked_add(time));
    match read.zone_s {
        Some(zone_s) => {
            check_timestamp(local.and_then(|us| us.checked_sub(zone_s * US_PER_SECOND)))
        }
        None => from_local(&context.time_zone, check_timestamp(local)?),
    }
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1780, "to_date", [TEXT, TEXT] -> DATE, Stable, |a: &str, f: &str| to_date(a, f) => i32),
    def!(1778, "to_timestamp", [TEXT, TEXT] -> TIMESTAMPTZ, Stable, cx |a: &str, f: &str| to_timestamp(a, f, cx.text) => i64),
];
