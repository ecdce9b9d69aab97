//! Dates, times and intervals: calendar arithmetic, text forms, time zones.
//!
//! A date is days, a timestamp microseconds from 2000-01-01; the extreme values are the infinities.

mod calendar;
mod decode;
mod decoded;
mod fields;
mod interval;
mod interval_read;
mod interval_write;
mod plain;
mod read;
mod timetz;
mod write;
mod zone;

pub use calendar::{
    DATE_INFINITY, DATE_NEG_INFINITY, EPOCH_JULIAN, EPOCH_US, HourMinuteSecond, TIMESTAMP_END,
    TIMESTAMP_INFINITY, TIMESTAMP_MIN, TIMESTAMP_NEG_INFINITY, YearMonthDay, check_date,
    check_timestamp, civil_from_days, date_out_of_range, day_of_week, day_of_year, days_from_civil,
    days_in_month, is_leap_year, is_valid_timestamp, iso_year_start, iso_year_week, split_time,
    split_timestamp, timestamp_out_of_range,
};
pub use interval::{
    DAYS_PER_MONTH, Interval, MONTHS_PER_YEAR, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE,
    US_PER_SECOND, interval_out_of_range,
};
pub use interval_read::{
    IntervalUnit, apply_interval_typmod, interval_unit, parse_interval, round_us,
};
pub use interval_write::write_interval;
pub use plain::{plain_date, plain_timestamp};
pub use read::{parse_date, parse_time, parse_timestamp, parse_timestamptz, parse_timetz};
pub use timetz::TimeTz;
pub use write::{
    write_date, write_offset, write_time, write_timestamp, write_timestamptz, write_timetz,
};
pub use zone::{
    abbreviation_at, abbreviation_offset_s, abbreviations, fixed_zone, from_local, offset_at_s,
    offset_of_local_s, parse_offset_s, to_local, unknown_zone, zone_by_name,
};
