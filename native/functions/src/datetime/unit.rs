//! The names of the fields of dates and times.

use common::{Error, err, sqlstate};
use types::datetime::{IntervalUnit, interval_unit};
use types::{TypeOid, format_type};

/// A field that `extract` or `date_trunc` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    Dow,
    IsoDow,
    Doy,
    IsoYear,
    Julian,
    Epoch,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
}

impl Unit {
    /// The field of a name in any case; names count up to ten characters.
    pub(super) fn named(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let short = lower.get(..lower.len().min(10)).unwrap_or(&lower);
        Some(match short {
            "dow" => Self::Dow,
            "isodow" => Self::IsoDow,
            "doy" => Self::Doy,
            "isoyear" => Self::IsoYear,
            "j" | "jd" | "julian" => Self::Julian,
            "epoch" => Self::Epoch,
            "qtr" | "quarter" => Self::Quarter,
            "timezone" => Self::Timezone,
            "timezone_h" => Self::TimezoneHour,
            "timezone_m" => Self::TimezoneMinute,
            "microsecon" => Self::Microsecond,
            "millisecon" => Self::Millisecond,
            _ => match interval_unit(short)? {
                IntervalUnit::Microsecond => Self::Microsecond,
                IntervalUnit::Millisecond => Self::Millisecond,
                IntervalUnit::Second => Self::Second,
                IntervalUnit::Minute => Self::Minute,
                IntervalUnit::Hour => Self::Hour,
                IntervalUnit::Day => Self::Day,
                IntervalUnit::Week => Self::Week,
                IntervalUnit::Month => Self::Month,
                IntervalUnit::Year => Self::Year,
                IntervalUnit::Decade => Self::Decade,
                IntervalUnit::Century => Self::Century,
                IntervalUnit::Millennium => Self::Millennium,
            },
        })
    }
}

/// 22023: no field has that name.
pub(super) fn unrecognized(name: &str, ty: TypeOid) -> Error {
    let (name, ty) = (name.to_ascii_lowercase(), format_type(ty, -1));
    err!(
        sqlstate::INVALID_PARAMETER_VALUE,
        "unit \"{name}\" not recognized for type {ty}"
    )
}

/// 0A000: the type has no such field.
pub(super) fn unsupported(name: &str, ty: TypeOid) -> Error {
    let (name, ty) = (name.to_ascii_lowercase(), format_type(ty, -1));
    err!(
        sqlstate::FEATURE_NOT_SUPPORTED,
        "unit \"{name}\" not supported for type {ty}"
    )
}
