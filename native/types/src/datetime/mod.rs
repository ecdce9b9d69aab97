//! Dates, times and intervals: calendar arithmetic, text forms, time zones.

mod interval;
mod timetz;

pub use interval::{
    DAYS_PER_MONTH, Interval, MONTHS_PER_YEAR, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE,
    US_PER_SECOND, interval_out_of_range,
};
pub use timetz::TimeTz;
