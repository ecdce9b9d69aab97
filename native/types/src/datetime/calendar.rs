//! The proleptic Gregorian calendar, as days from 2000-01-01. Year 0 is 1 BC.

use common::{Error, Result, sqlstate};

use super::interval::{US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND};

/// Days from 1970-01-01 to 2000-01-01.
const EPOCH_DAYS: i64 = 10_957;
/// Microseconds from 1970-01-01 to 2000-01-01.
pub const EPOCH_US: i64 = EPOCH_DAYS * US_PER_DAY;
/// Julian day number of 2000-01-01.
pub const EPOCH_JULIAN: i64 = 2_451_545;

/// `infinity` and `-infinity` of date.
pub const DATE_INFINITY: i32 = i32::MAX;
pub const DATE_NEG_INFINITY: i32 = i32::MIN;
/// `infinity` and `-infinity` of timestamps.
pub const TIMESTAMP_INFINITY: i64 = i64::MAX;
pub const TIMESTAMP_NEG_INFINITY: i64 = i64::MIN;

/// First day: 4713-11-24 BC, Julian day 0.
const DATE_MIN: i64 = -EPOCH_JULIAN;
/// The day after the last: 5874898-01-01.
const DATE_END: i64 = 2_147_483_494 - EPOCH_JULIAN;
/// First moment of timestamps: 4713-11-24 BC 00:00.
pub const TIMESTAMP_MIN: i64 = -211_813_488_000_000_000;
/// One past the last moment: 294277-01-01 00:00.
pub const TIMESTAMP_END: i64 = 9_223_371_331_200_000_000;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearMonthDay {
    /// Astronomical: 0 is 1 BC.
    pub year: i64,
    pub month: u32,
    pub day: u32,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct HourMinuteSecond {
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub us: u32,
}

/// Days from 2000-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468 - EPOCH_DAYS
}

/// The inverse of [`days_from_civil`].
pub fn civil_from_days(days: i64) -> YearMonthDay {
    let z = days + EPOCH_DAYS + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    YearMonthDay {
        year: yoe + era * 400 + i64::from(month <= 2),
        month: month as u32,
        day: (doy - (153 * mp + 2) / 5 + 1) as u32,
    }
}

pub fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day of the week, 0 = Sunday.
pub fn day_of_week(days: i64) -> u32 {
    (days + 6).rem_euclid(7) as u32
}

/// Day of the year, from 1.
pub fn day_of_year(date: YearMonthDay) -> u32 {
    let day = days_from_civil(date.year, date.month, date.day);
    (day - days_from_civil(date.year, 1, 1) + 1) as u32
}

/// ISO 8601 year and week of a day.
pub fn iso_year_week(days: i64) -> (i64, u32) {
    // The Thursday of the week decides the year.
    let thursday = days - i64::from((day_of_week(days) + 6) % 7) + 3;
    let year = civil_from_days(thursday).year;
    (
        year,
        ((thursday - days_from_civil(year, 1, 1)) / 7 + 1) as u32,
    )
}

/// The Monday of the first ISO week of a year.
pub fn iso_year_start(year: i64) -> i64 {
    let fourth = days_from_civil(year, 1, 4);
    fourth - i64::from((day_of_week(fourth) + 6) % 7)
}

/// A date within range; 22008 with `message` otherwise.
pub fn check_date(days: i64, message: impl FnOnce() -> String) -> Result<i32> {
    if (DATE_MIN..DATE_END).contains(&days) {
        return Ok(days as i32);
    }
    Err(Error::new(sqlstate::DATETIME_FIELD_OVERFLOW, message()))
}

pub fn date_out_of_range() -> Error {
    Error::new(sqlstate::DATETIME_FIELD_OVERFLOW, "date out of range")
}

pub fn timestamp_out_of_range() -> Error {
    Error::new(sqlstate::DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}

pub fn is_valid_timestamp(us: i64) -> bool {
    (TIMESTAMP_MIN..TIMESTAMP_END).contains(&us)
}

/// A finite timestamp within range.
pub fn check_timestamp(us: Option<i64>) -> Result<i64> {
    us.filter(|&us| is_valid_timestamp(us))
        .ok_or_else(timestamp_out_of_range)
}

/// Splits a finite timestamp into the day and the microseconds of the day.
#[inline]
pub fn split_timestamp(us: i64) -> (i64, i64) {
    (us.div_euclid(US_PER_DAY), us.rem_euclid(US_PER_DAY))
}

/// Splits microseconds of a day.
pub fn split_time(us: i64) -> HourMinuteSecond {
    HourMinuteSecond {
        hour: (us / US_PER_HOUR) as u32,
        minute: (us / US_PER_MINUTE % 60) as u32,
        second: (us / US_PER_SECOND % 60) as u32,
        us: (us % US_PER_SECOND) as u32,
    }
}

impl HourMinuteSecond {
    pub fn to_us(self) -> i64 {
        i64::from(self.hour) * US_PER_HOUR
            + i64::from(self.minute) * US_PER_MINUTE
            + i64::from(self.second) * US_PER_SECOND
            + i64::from(self.us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_civil_dates_are_inverse() {
        for days in (-3_000_000..3_000_000).step_by(997) {
            let date = civil_from_days(days);
            assert_eq!(days_from_civil(date.year, date.month, date.day), days);
        }
        assert_eq!(days_from_civil(2000, 1, 1), 0);
        assert_eq!(days_from_civil(-4712, 1, 1), -EPOCH_JULIAN + 38);
        assert_eq!(day_of_week(0), 6);
        assert_eq!(iso_year_week(0), (1999, 52));
    }
}
