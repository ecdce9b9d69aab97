//! to_char of dates, times and intervals (formatting.c).

use common::{Result, err, sqlstate};
use types::TextContext;
use types::datetime::{
    EPOCH_JULIAN, Interval, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, abbreviation_at,
    civil_from_days, day_of_week, day_of_year, iso_year_start, iso_year_week, offset_at_s,
    split_timestamp,
};

use crate::date_template::{Case, Field, Item, Part, parse_template};
use crate::{FunctionDef, def};

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
pub const ROMAN_MONTHS: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

/// What a template shows.
#[derive(Clone, Debug, Default)]
struct Moment {
    is_interval: bool,
    year: i64,
    /// 1 to 12, or 0 for an interval without months.
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    us: i64,
    /// Days since 2000-01-01.
    days: i64,
    /// Seconds east, and the zone's name.
    zone: Option<(i32, String)>,
}

impl Moment {
    fn of_local(local_us: i64) -> Self {
        let (days, time) = split_timestamp(local_us);
        let date = civil_from_days(days);
        Self {
            year: date.year,
            month: date.month.into(),
            day: date.day.into(),
            days,
            ..Self::default()
        }
        .with_time(time)
    }

    fn of_interval(interval: Interval) -> Self {
        Self {
            is_interval: true,
            year: i64::from(interval.months / 12),
            month: i64::from(interval.months % 12),
            day: interval.days.into(),
            ..Self::default()
        }
        .with_time(interval.us)
    }

    fn with_time(self, us: i64) -> Self {
        Self {
            hour: us / US_PER_HOUR,
            minute: us / US_PER_MINUTE % 60,
            second: us / US_PER_SECOND % 60,
            us: us % US_PER_SECOND,
            ..self
        }
    }

    /// The year as it is shown: 1 BC for 0.
    fn shown_year(&self, year: i64) -> i64 {
        if self.is_interval || year > 0 {
            year
        } else {
            1 - year
        }
    }

    fn iso(&self) -> (i64, u32) {
        iso_year_week(self.days)
    }
}

fn ordinal(n: i64, upper: bool) -> &'static str {
    let n = n.abs();
    let index = match (n % 100, n % 10) {
        (11..=13, _) => 3,
        (_, 1) => 0,
        (_, 2) => 1,
        (_, 3) => 2,
        _ => 3,
    };
    if upper {
        ["ST", "ND", "RD", "TH"][index]
    } else {
        ["st", "nd", "rd", "th"][index]
    }
}

struct Writer<'a> {
    item: &'a Item,
    out: &'a mut String,
}

impl Writer<'_> {
    /// A number, zero-filled to `width` unless FM stands before; then TH if it stands behind.
    fn number(&mut self, n: i64, width: usize) {
        // A sign does not count for the width.
        let width = if n < 0 { width + 1 } else { width };
        match self.item.fill {
            false => self.out.push_str(&n.to_string()),
            true => self.out.push_str(&format!("{n:0width$}")),
        }
        if let Some(upper) = self.item.ordinal {
            self.out.push_str(ordinal(n, upper));
        }
    }

    /// A name, blank-filled to nine characters unless FM stands before.
    fn name(&mut self, name: &str, width: usize) {
        let text = match self.item.case {
            Case::Upper => name.to_uppercase(),
            Case::Lower => name.to_lowercase(),
            Case::Title => name.to_string(),
        };
        match self.item.fill {
            false => self.out.push_str(&text),
            true => self.out.push_str(&format!("{text:<width$}")),
        }
    }
}

fn half(hour: i64) -> &'static str {
    if hour % 24 >= 12 { "PM" } else { "AM" }
}

fn no_interval(moment: &Moment) -> Result<()> {
    if moment.is_interval {
        return Err(err!(
            sqlstate::INVALID_DATETIME_FORMAT,
            "invalid format specification for an interval value"
        )
        .with_hint("Intervals are not tied to specific calendar dates."));
    }
    Ok(())
}

fn show(moment: &Moment, template: &str) -> Result<String> {
    let mut out = String::new();
    for part in parse_template(template) {
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Blank(c) => out.push(c),
            Part::Field(item) => field(moment, &item, &mut out)?,
        }
    }
    Ok(out)
}

fn field(moment: &Moment, item: &Item, out: &mut String) -> Result<()> {
    let mut w = Writer { item, out };
    let m = moment;
    match item.field {
        Field::Hour12 => w.number(if m.hour % 12 == 0 { 12 } else { m.hour % 12 }, 2),
        Field::Hour24 => w.number(m.hour, 2),
        Field::Minute => w.number(m.minute, 2),
        Field::Second => w.number(m.second, 2),
        Field::Millisecond => w.number((m.us as f64 / 1000.0) as i64, 3),
        Field::Microsecond => w.number(m.us, 6),
        Field::Fraction(digits) => {
            w.number(m.us / 10i64.pow(6 - digits), digits as usize);
        }
        Field::SecondOfDay => {
            let n = m.hour * 3600 + m.minute * 60 + m.second;
            w.out.push_str(&n.to_string());
            if let Some(upper) = item.ordinal {
                w.out.push_str(ordinal(n, upper));
            }
        }
        Field::Half { dotted } => {
            let text = match (half(m.hour), dotted) {
                ("AM", true) => "A.M.",
                (_, true) => "P.M.",
                (text, false) => text,
            };
            w.out.push_str(&match item.case {
                Case::Lower => text.to_lowercase(),
                _ => text.to_string(),
            });
        }
        Field::Era { dotted } => {
            no_interval(m)?;
            let text = match (m.year <= 0, dotted) {
                (true, false) => "BC",
                (true, true) => "B.C.",
                (false, false) => "AD",
                (false, true) => "A.D.",
            };
            w.out.push_str(&match item.case {
                Case::Lower => text.to_lowercase(),
                _ => text.to_string(),
            });
        }
        Field::Year(digits) => {
            let year = m.shown_year(m.year);
            let shown = if digits < 4 {
                year % 10i64.pow(digits)
            } else {
                year
            };
            w.number(shown, digits as usize);
        }
        Field::YearComma => {
            let year = m.shown_year(m.year);
            w.out
                .push_str(&format!("{},{:03}", year / 1000, year % 1000));
        }
        Field::IsoYear(digits) => {
            no_interval(m)?;
            let year = m.shown_year(m.iso().0);
            let shown = if digits < 4 {
                year % 10i64.pow(digits)
            } else {
                year
            };
            w.number(shown, digits as usize);
        }
        Field::MonthName => {
            if m.month == 0 {
                return Ok(());
            }
            no_interval(m)?;
            w.name(MONTHS[m.month as usize - 1], 9);
        }
        Field::MonthShort => {
            if m.month == 0 {
                return Ok(());
            }
            no_interval(m)?;
            w.name(&MONTHS[m.month as usize - 1][..3], 3);
        }
        Field::Month => w.number(m.month, 2),
        Field::MonthRoman => {
            let at = match m.month {
                0 => return Ok(()),
                n => (n.rem_euclid(12) + 11) % 12,
            };
            let text = ROMAN_MONTHS[at as usize];
            let text = match item.case {
                Case::Lower => text.to_lowercase(),
                _ => text.to_string(),
            };
            w.out.push_str(&if item.fill {
                format!("{text:<4}")
            } else {
                text
            });
        }
        Field::DayName => {
            no_interval(m)?;
            w.name(DAYS[day_of_week(m.days) as usize], 9);
        }
        Field::DayShort => {
            no_interval(m)?;
            w.name(&DAYS[day_of_week(m.days) as usize][..3], 3);
        }
        Field::DayOfYear => {
            let n = match m.is_interval {
                true => m.year * 360 + m.month * 30 + m.day,
                false => day_of_year(civil_from_days(m.days)).into(),
            };
            w.number(n, 3);
        }
        Field::IsoDayOfYear => w.number(m.days - iso_year_start(m.iso().0) + 1, 3),
        // Of all numbers only this one counts a sign as a digit.
        Field::Day => w.number(m.day, if m.day < 0 { 1 } else { 2 }),
        Field::DayOfWeek => {
            no_interval(m)?;
            w.number(i64::from(day_of_week(m.days)) + 1, 1);
        }
        Field::IsoDayOfWeek => {
            no_interval(m)?;
            w.number(i64::from((day_of_week(m.days) + 6) % 7) + 1, 1);
        }
        Field::WeekOfYear => {
            let day = i64::from(day_of_year(civil_from_days(m.days)));
            w.number((day - 1) / 7 + 1, 2);
        }
        Field::IsoWeek => w.number(m.iso().1.into(), 2),
        Field::WeekOfMonth => w.number((m.day - 1) / 7 + 1, 1),
        Field::Quarter => {
            if m.month != 0 {
                w.number((m.month - 1) / 3 + 1, 1);
            }
        }
        Field::Century => {
            let century = match (m.is_interval, m.year > 0) {
                (true, _) => m.year / 100,
                (_, true) => (m.year - 1) / 100 + 1,
                _ => m.year / 100 - 1,
            };
            if (-99..=99).contains(&century) {
                w.number(century, 2);
            } else {
                w.out.push_str(&century.to_string());
            }
        }
        Field::JulianDay => {
            no_interval(m)?;
            w.out.push_str(&(m.days + EPOCH_JULIAN).to_string());
        }
        Field::ZoneName => {
            no_interval(m)?;
            if let Some((_, name)) = &m.zone {
                w.out.push_str(&match item.case {
                    Case::Lower => name.to_lowercase(),
                    _ => name.clone(),
                });
            }
        }
        Field::ZoneOffset => {
            no_interval(m)?;
            let seconds = m.zone.as_ref().map_or(0, |zone| zone.0);
            let sign = if seconds < 0 { '-' } else { '+' };
            let hours = seconds.abs() / 3600;
            w.out.push_str(&match item.fill {
                true => format!("{sign}{hours:02}"),
                false => format!("{sign}{hours}"),
            });
            if seconds.abs() % 3600 != 0 {
                w.out
                    .push_str(&format!(":{:02}", seconds.abs() % 3600 / 60));
            }
        }
        Field::ZoneHour => {
            no_interval(m)?;
            let seconds = m.zone.as_ref().map_or(0, |zone| zone.0);
            let sign = if seconds < 0 { '-' } else { '+' };
            w.out
                .push_str(&format!("{sign}{:02}", seconds.abs() / 3600));
        }
        Field::ZoneMinute => {
            no_interval(m)?;
            let seconds = m.zone.as_ref().map_or(0, |zone| zone.0);
            w.out.push_str(&format!("{:02}", seconds.abs() % 3600 / 60));
        }
    }
    Ok(())
}

fn is_finite(us: i64) -> bool {
    us != i64::MAX && us != i64::MIN
}

fn timestamp(us: i64, template: &str) -> Result<Option<String>> {
    if template.is_empty() || !is_finite(us) {
        return Ok(None);
    }
    show(&Moment::of_local(us), template).map(Some)
}

fn timestamptz(us: i64, template: &str, text: &TextContext) -> Result<Option<String>> {
    if template.is_empty() || !is_finite(us) {
        return Ok(None);
    }
    let offset_s = offset_at_s(&text.time_zone, us);
    let mut moment = Moment::of_local(us + i64::from(offset_s) * US_PER_SECOND);
    moment.zone = Some((offset_s, abbreviation_at(&text.time_zone, us)));
    show(&moment, template).map(Some)
}

fn interval(interval: Interval, template: &str) -> Result<Option<String>> {
    if template.is_empty() {
        return Ok(None);
    }
    show(&Moment::of_interval(interval), template).map(Some)
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(2049, "to_char", [TIMESTAMP, TEXT] -> TEXT, Stable, |a: i64, f: &str| timestamp(a, f) => String),
    def!(1770, "to_char", [TIMESTAMPTZ, TEXT] -> TEXT, Stable, cx |a: i64, f: &str| timestamptz(a, f, cx.text) => String),
    def!(1768, "to_char", [INTERVAL, TEXT] -> TEXT, Stable, |a: Interval, f: &str| interval(a, f) => String),
];
