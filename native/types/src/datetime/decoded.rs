//! What the text of a date or time says, why it is refused, and the words it may hold.

use common::{Error, sqlstate};
use jiff::tz::TimeZone;

use super::calendar::HourMinuteSecond;
use super::zone;

/// Why a text is refused; which error it becomes depends on the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    BadFormat,
    Overflow,
    /// Month or day out of range: another `DateStyle` may be meant.
    MonthDayOverflow,
    ZoneDisplacement,
    UnknownZone(String),
}

impl Refusal {
    pub fn error(self, text: &str, ty: &str) -> Error {
        match self {
            Self::BadFormat => Error::new(
                sqlstate::INVALID_DATETIME_FORMAT,
                format!("invalid input syntax for type {ty}: \"{text}\""),
            ),
            Self::Overflow => overflow(text),
            Self::MonthDayOverflow => {
                overflow(text).with_hint("Perhaps you need a different \"datestyle\" setting.")
            }
            Self::ZoneDisplacement => Error::new(
                sqlstate::INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
                format!("time zone displacement out of range: \"{text}\""),
            ),
            Self::UnknownZone(name) => zone::unknown_zone(&name),
        }
    }
}

fn overflow(text: &str) -> Error {
    Error::new(
        sqlstate::DATETIME_FIELD_OVERFLOW,
        format!("date/time field value out of range: \"{text}\""),
    )
}

/// A zone that the text gave.
#[derive(Clone, Debug)]
pub(super) enum ZoneOf {
    Offset(i32),
    Named(TimeZone),
}

impl ZoneOf {
    /// Seconds east at a local time.
    pub fn offset_s(&self, local_us: i64) -> i32 {
        match self {
            Self::Offset(seconds) => *seconds,
            Self::Named(zone) => zone::offset_of_local_s(zone, local_us),
        }
    }
}

/// What a text says.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoded {
    pub special: Option<Special>,
    pub year: Option<i64>,
    pub month: Option<u32>,
    pub day: Option<u32>,
    /// Days from 2000-01-01, for Julian days and words like today.
    pub days: Option<i64>,
    pub time: Option<HourMinuteSecond>,
    pub zone: Option<ZoneOf>,
    pub bc: bool,
    pub pm: Option<bool>,
    pub two_digit_year: bool,
    pub iso_order: bool,
    pub day_of_year: bool,
    pub text_month: bool,
}

impl Decoded {
    /// Whether the zone's offset depends on the day.
    pub fn needs_day(&self) -> bool {
        matches!(&self.zone, Some(ZoneOf::Named(zone)) if zone.to_fixed_offset().is_err())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    Infinity,
    NegInfinity,
    Epoch,
    Now,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

pub(super) fn month_by_name(word: &str) -> Option<u32> {
    let at = MONTHS.iter().position(|name| {
        *name == word
            || (word.len() == 3 && name.starts_with(word))
            || (word == "sept" && *name == "september")
    })?;
    Some(at as u32 + 1)
}

pub(super) fn is_weekday(word: &str) -> bool {
    WEEKDAYS
        .iter()
        .any(|name| *name == word || (word.len() == 3 && name.starts_with(word)))
        || matches!(word, "tues" | "wednes" | "weds" | "thurs" | "thur")
}

/// Words that a text may consist of, other than zone names.
pub(super) fn is_keyword(word: &str) -> bool {
    month_by_name(word).is_some()
        || is_weekday(word)
        || matches!(
            word,
            "ad" | "bc"
                | "am"
                | "pm"
                | "allballs"
                | "epoch"
                | "now"
                | "today"
                | "tomorrow"
                | "yesterday"
                | "infinity"
                | "at"
                | "on"
                | "t"
                | "y"
                | "m"
                | "d"
                | "h"
                | "j"
                | "jd"
                | "julian"
                | "mm"
                | "s"
                | "dow"
                | "doy"
                | "dst"
                | "isodow"
                | "isoyear"
        )
}
