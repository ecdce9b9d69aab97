//! Dates, times and intervals: arithmetic, conversions, fields, zones (timestamp.c, date.c).

pub(crate) mod age;
pub(crate) mod arithmetic;
pub(crate) mod construct;
pub(crate) mod convert;
pub(crate) mod extract;
pub(crate) mod overlaps;
pub(crate) mod truncate;
mod unit;
pub(crate) mod zone;

use common::{Result, err, sqlstate};
use types::datetime::{
    DATE_INFINITY, DATE_NEG_INFINITY, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY,
};

pub(crate) use arithmetic::{timestamp_add, timestamptz_add};

fn is_infinite(timestamp: i64) -> bool {
    timestamp == TIMESTAMP_INFINITY || timestamp == TIMESTAMP_NEG_INFINITY
}

fn is_infinite_date(date: i32) -> bool {
    date == DATE_INFINITY || date == DATE_NEG_INFINITY
}

/// Midnight of a date; infinities stay.
fn midnight(date: i32) -> Result<i64> {
    match date {
        DATE_INFINITY => Ok(TIMESTAMP_INFINITY),
        DATE_NEG_INFINITY => Ok(TIMESTAMP_NEG_INFINITY),
        _ => i64::from(date)
            .checked_mul(types::datetime::US_PER_DAY)
            .filter(|&us| types::datetime::is_valid_timestamp(us))
            .ok_or_else(|| {
                err!(
                    sqlstate::DATETIME_FIELD_OVERFLOW,
                    "date out of range for timestamp"
                )
            }),
    }
}
