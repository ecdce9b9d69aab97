//! Calendar days and months of UTC.

use common::{Result, bail, sqlstate};

const DAY_SECS: u64 = 24 * 3600;
/// Numbers of months have this bit, those of days have not.
const MONTH: u32 = 1 << 31;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Month,
}

impl Period {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "day" => Ok(Self::Day),
            "month" => Ok(Self::Month),
            other => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "period: \"{other}\" is none of day, month"
            ),
        }
    }

    /// The number of the period that a moment lies in; no day has the number of a month.
    pub fn number(self, unix_secs: u64) -> u32 {
        let days = unix_secs / DAY_SECS;
        match self {
            Self::Day => days as u32,
            Self::Month => month_of(days) | MONTH,
        }
    }

    /// When the period ends that a moment lies in.
    pub fn end_secs(self, unix_secs: u64) -> u64 {
        let days = unix_secs / DAY_SECS;
        match self {
            Self::Day => (days + 1) * DAY_SECS,
            Self::Month => first_day_of(month_of(days) + 1) * DAY_SECS,
        }
    }

    /// Whether the moment lies in the period of that number, of whichever kind.
    pub fn is_current(number: u32, unix_secs: u64) -> bool {
        let kind = if number & MONTH == 0 {
            Self::Day
        } else {
            Self::Month
        };
        kind.number(unix_secs) == number
    }
}

/// Months since the year 0 (Hinnant, "chrono-compatible low-level date algorithms").
fn month_of(days: u64) -> u32 {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153 + 2;
    ((era * 400 + year) * 12 + month) as u32
}

/// Days from 1970-01-01 to the first of a month of [`month_of`].
fn first_day_of(month: u32) -> u64 {
    // Years begin in March, so that the odd day is their last.
    let from_march = u64::from(month) - 2;
    let (year, month) = (from_march / 12, from_march % 12);
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_where_the_calendar_says() {
        // 2024-02-29 12:00, 2024-03-01, 2025-12-31 23:59:59, 2026-01-01, each with its month's end.
        for (at, end) in [
            (1_709_208_000, 1_709_251_200),
            (1_709_251_200, 1_711_929_600),
            (1_767_225_599, 1_767_225_600),
            (1_767_225_600, 1_769_904_000),
        ] {
            assert_eq!(Period::Month.end_secs(at), end);
            let number = Period::Month.number(at);
            assert!(Period::is_current(number, end - 1) && !Period::is_current(number, end));
        }
        assert_eq!(Period::Day.end_secs(1_709_208_000), 1_709_251_200);
        let first = Period::Month.number(0);
        let mut at = 0;
        for month in first..first + 2_000 {
            assert_eq!(Period::Month.number(at), month);
            at = Period::Month.end_secs(at);
        }
    }
}
