//! The interval type: months, days and microseconds, kept apart.

use std::cmp::Ordering;

use common::{Error, Result, sqlstate};

pub const US_PER_SECOND: i64 = 1_000_000;
pub const US_PER_MINUTE: i64 = 60 * US_PER_SECOND;
pub const US_PER_HOUR: i64 = 60 * US_PER_MINUTE;
pub const US_PER_DAY: i64 = 24 * US_PER_HOUR;
pub const DAYS_PER_MONTH: i64 = 30;
pub const MONTHS_PER_YEAR: i32 = 12;

/// A span of time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interval {
    pub us: i64,
    pub days: i32,
    pub months: i32,
}

/// 22008.
pub fn interval_out_of_range() -> Error {
    Error::new(sqlstate::DATETIME_FIELD_OVERFLOW, "interval out of range")
}

#[expect(
    clippy::should_implement_trait,
    reason = "operators cannot fail, these can"
)]
impl Interval {
    pub const fn new(months: i32, days: i32, us: i64) -> Self {
        Self { us, days, months }
    }

    pub const fn from_us(us: i64) -> Self {
        Self {
            us,
            days: 0,
            months: 0,
        }
    }

    /// Reads the stored form: us, days, months, little-endian.
    #[inline]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let bits = u128::from_le_bytes(bytes);
        Self {
            us: bits as i64,
            days: (bits >> 64) as i32,
            months: (bits >> 96) as i32,
        }
    }

    #[inline]
    pub fn to_bytes(self) -> [u8; 16] {
        let bits = u128::from(self.us as u64)
            | u128::from(self.days as u32) << 64
            | u128::from(self.months as u32) << 96;
        bits.to_le_bytes()
    }

    /// Microseconds with months of 30 days and days of 24 hours: what intervals are compared by.
    #[inline]
    pub fn span_us(self) -> i128 {
        let days = i128::from(self.months) * i128::from(DAYS_PER_MONTH) + i128::from(self.days);
        days * i128::from(US_PER_DAY) + i128::from(self.us)
    }

    pub fn compare(self, other: Self) -> Ordering {
        self.span_us().cmp(&other.span_us())
    }

    pub fn add(self, other: Self) -> Result<Self> {
        let add = || {
            Some(Self {
                months: self.months.checked_add(other.months)?,
                days: self.days.checked_add(other.days)?,
                us: self.us.checked_add(other.us)?,
            })
        };
        add().ok_or_else(interval_out_of_range)
    }

    pub fn neg(self) -> Result<Self> {
        let neg = || {
            Some(Self {
                months: self.months.checked_neg()?,
                days: self.days.checked_neg()?,
                us: self.us.checked_neg()?,
            })
        };
        neg().ok_or_else(interval_out_of_range)
    }

    pub fn sub(self, other: Self) -> Result<Self> {
        let sub = || {
            Some(Self {
                months: self.months.checked_sub(other.months)?,
                days: self.days.checked_sub(other.days)?,
                us: self.us.checked_sub(other.us)?,
            })
        };
        sub().ok_or_else(interval_out_of_range)
    }

    /// Multiplies each field; fractions of months go to days, of days to time.
    pub fn mul(self, factor: f64) -> Result<Self> {
        let months = f64::from(self.months) * factor;
        let days = f64::from(self.days) * factor;
        self.scaled(months, days, self.us as f64 * factor, factor, |a, f| a * f)
    }

    pub fn div(self, factor: f64) -> Result<Self> {
        if factor == 0.0 {
            return Err(Error::new(sqlstate::DIVISION_BY_ZERO, "division by zero"));
        }
        let months = f64::from(self.months) / factor;
        let days = f64::from(self.days) / factor;
        self.scaled(months, days, self.us as f64 / factor, factor, |a, f| a / f)
    }

    fn scaled(
        self,
        months: f64,
        days: f64,
        us: f64,
        factor: f64,
        apply: fn(f64, f64) -> f64,
    ) -> Result<Self> {
        let to_i32 = |value: f64| -> Result<i32> {
            if value.is_nan() || value > f64::from(i32::MAX) || value < f64::from(i32::MIN) {
                return Err(interval_out_of_range());
            }
            Ok(value as i32)
        };
        let (whole_months, mut whole_days) = (to_i32(months)?, to_i32(days)?);
        // As interval_mul: the month's remainder in days, rounded to microseconds of a second.
        let round = |value: f64| (value * 1e6).round_ties_even() / 1e6;
        let month_days = apply(f64::from(self.months), factor) - f64::from(whole_months);
        let month_days = round(month_days * DAYS_PER_MONTH as f64);
        let day_rest = apply(f64::from(self.days), factor) - f64::from(whole_days) + month_days
            - month_days.trunc();
        let mut seconds = round(day_rest * 86400.0);
        // A whole day of seconds after rounding belongs to the days.
        if seconds.abs() >= 86400.0 {
            let extra = (seconds / 86400.0).trunc();
            whole_days = whole_days
                .checked_add(extra as i32)
                .ok_or_else(interval_out_of_range)?;
            seconds -= extra * 86400.0;
        }
        let whole_days = whole_days
            .checked_add(month_days as i32)
            .ok_or_else(interval_out_of_range)?;
        let total = (us + seconds * US_PER_SECOND as f64).round_ties_even();
        if !(-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&total) {
            return Err(interval_out_of_range());
        }
        Ok(Self {
            months: whole_months,
            days: whole_days,
            us: total as i64,
        })
    }

    /// Whole days out of the time.
    pub fn justify_hours(self) -> Result<Self> {
        let mut days = i64::from(self.days) + self.us / US_PER_DAY;
        let mut us = self.us % US_PER_DAY;
        if days > 0 && us < 0 {
            us += US_PER_DAY;
            days -= 1;
        } else if days < 0 && us > 0 {
            us -= US_PER_DAY;
            days += 1;
        }
        let days = i32::try_from(days).map_err(|_| interval_out_of_range())?;
        Ok(Self {
            us,
            days,
            months: self.months,
        })
    }

    /// Whole months of 30 days out of the days.
    pub fn justify_days(self) -> Result<Self> {
        let mut months = i64::from(self.months) + i64::from(self.days) / DAYS_PER_MONTH;
        let mut days = i64::from(self.days) % DAYS_PER_MONTH;
        if months > 0 && days < 0 {
            days += DAYS_PER_MONTH;
            months -= 1;
        } else if months < 0 && days > 0 {
            days -= DAYS_PER_MONTH;
            months += 1;
        }
        let months = i32::try_from(months).map_err(|_| interval_out_of_range())?;
        Ok(Self {
            us: self.us,
            days: days as i32,
            months,
        })
    }

    /// Both, with one sign for all fields.
    pub fn justify(self) -> Result<Self> {
        let mut days = i64::from(self.days) + self.us / US_PER_DAY;
        let mut us = self.us % US_PER_DAY;
        let mut months = i64::from(self.months) + days / DAYS_PER_MONTH;
        days %= DAYS_PER_MONTH;
        if months > 0 && (days < 0 || (days == 0 && us < 0)) {
            days += DAYS_PER_MONTH;
            months -= 1;
        } else if months < 0 && (days > 0 || (days == 0 && us > 0)) {
            days -= DAYS_PER_MONTH;
            months += 1;
        }
        if days > 0 && us < 0 {
            us += US_PER_DAY;
            days -= 1;
        } else if days < 0 && us > 0 {
            us -= US_PER_DAY;
            days += 1;
        }
        let months = i32::try_from(months).map_err(|_| interval_out_of_range())?;
        Ok(Self {
            us,
            days: days as i32,
            months,
        })
    }
}

impl PartialEq for Interval {
    fn eq(&self, other: &Self) -> bool {
        self.span_us() == other.span_us()
    }
}

impl Eq for Interval {}
