//! `extract` (numeric) and `date_part` (double precision).

use common::Result;
use types::datetime::{
    EPOCH_JULIAN, EPOCH_US, US_PER_DAY, US_PER_SECOND, civil_from_days, day_of_week, day_of_year,
    iso_year_week, offset_at_s, split_time, split_timestamp, to_local,
};
use types::{Interval, Numeric, TimeTz, TypeOid};

use super::unit::{Unit, unrecognized, unsupported};
use super::{is_infinite, is_infinite_date, midnight};
use crate::{EvalContext, FunctionDef, def};

/// The value of a field.
enum Part {
    Whole(i64),
    /// Of units of 10 to the minus `scale`.
    Scaled(i128, u16),
    /// Day number and microseconds of the day.
    Julian(i64, i64),
    /// Of an infinite moment: fields that grow without end are infinite, the others NULL.
    Infinite(bool),
    Null,
}

impl Part {
    fn numeric(self) -> Result<Option<Numeric>> {
        Ok(Some(match self {
            Self::Whole(value) => Numeric::from(value),
            Self::Scaled(value, scale) => Numeric::from_i128(value, scale),
            Self::Julian(day, 0) => {
                // PostgreSQL divides all the same, and shows the quotient's digits.
                Numeric::from(day).add(&Numeric::ZERO.div(&Numeric::from(US_PER_DAY))?)?
            }
            Self::Julian(day, us) => {
                Numeric::from(day).add(&Numeric::from(us).div(&Numeric::from(US_PER_DAY))?)?
            }
            Self::Infinite(true) => Numeric::NegInf,
            Self::Infinite(false) => Numeric::PosInf,
            Self::Null => return Ok(None),
        }))
    }

    fn float(self) -> Option<f64> {
        Some(match self {
            Self::Whole(value) => value as f64,
            Self::Scaled(value, scale) => value as f64 / 10f64.powi(scale.into()),
            Self::Julian(day, us) => day as f64 + us as f64 / US_PER_DAY as f64,
            Self::Infinite(true) => f64::NEG_INFINITY,
            Self::Infinite(false) => f64::INFINITY,
            Self::Null => return None,
        })
    }
}

/// Fields of the second, of its microseconds (with the whole second).
fn of_second(unit: Unit, us: i64) -> Option<Part> {
    Some(match unit {
        Unit::Microsecond => Part::Whole(us),
        Unit::Millisecond => Part::Scaled(us.into(), 3),
        Unit::Second => Part::Scaled(us.into(), 6),
        _ => return None,
    })
}

/// Fields of a time of day.
fn of_time(unit: Unit, us: i64) -> Option<Part> {
    let time = split_time(us);
    let second_us = i64::from(time.second) * US_PER_SECOND + i64::from(time.us);
    Some(match unit {
        Unit::Minute => Part::Whole(time.minute.into()),
        Unit::Hour => Part::Whole(time.hour.into()),
        other => return of_second(other, second_us),
    })
}

/// Fields of a day. There is no year 0: years BC are written from -1 down.
fn of_day(unit: Unit, day: i64) -> Option<Part> {
    let date = civil_from_days(day);
    let year = date.year;
    let (month, shown) = (i64::from(date.month), |year: i64| {
        year - i64::from(year <= 0)
    });
    let group = |size: i64| match year {
        1.. => (year + size - 1) / size,
        _ => -((size - 1 - (year - 1)) / size),
    };
    Some(Part::Whole(match unit {
        Unit::Day => date.day.into(),
        Unit::Month => month,
        Unit::Quarter => (month - 1) / 3 + 1,
        Unit::Week => iso_year_week(day).1.into(),
        Unit::Year => shown(year),
        Unit::Decade => year.div_euclid(10),
        Unit::Century => group(100),
        Unit::Millennium => group(1000),
        Unit::IsoYear => shown(iso_year_week(day).0),
        Unit::Dow => day_of_week(day).into(),
        Unit::IsoDow => i64::from((day_of_week(day) + 6) % 7) + 1,
        Unit::Doy => day_of_year(date).into(),
        _ => return None,
    }))
}

/// Fields of an infinite moment.
fn of_infinite(unit: Unit, negative: bool) -> Part {
    match unit {
        Unit::Year
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::IsoYear
        | Unit::Epoch => Part::Infinite(negative),
        _ => Part::Null,
    }
}

fn of_timestamp(unit: Unit, us: i64) -> Option<Part> {
    if is_infinite(us) {
        return Some(of_infinite(unit, us < 0));
    }
    let (day, time) = split_timestamp(us);
    match unit {
        Unit::Epoch => Some(Part::Scaled(i128::from(us) + i128::from(EPOCH_US), 6)),
        Unit::Julian => Some(Part::Julian(day + EPOCH_JULIAN, time)),
        _ => of_day(unit, day).or_else(|| of_time(unit, time)),
    }
}

/// Seconds east and its hours and minutes.
fn of_offset(unit: Unit, offset_s: i32) -> Option<Part> {
    let offset_s = i64::from(offset_s);
    Some(Part::Whole(match unit {
        Unit::Timezone => offset_s,
        Unit::TimezoneHour => offset_s / 3600,
        Unit::TimezoneMinute => offset_s / 60 % 60,
        _ => return None,
    }))
}

fn of_timestamptz(cx: &EvalContext<'_>, unit: Unit, us: i64) -> Result<Option<Part>> {
    if is_infinite(us) {
        return Ok(Some(of_infinite(unit, us < 0)));
    }
    let zone = &cx.text.time_zone;
    if unit == Unit::Epoch {
        return Ok(of_timestamp(unit, us));
    }
    if let Some(part) = of_offset(unit, offset_at_s(zone, us)) {
        return Ok(Some(part));
    }
    Ok(of_timestamp(unit, to_local(zone, us)?))
}

/// Dates lack the fields of a time of day here, though not in `date_part`.
fn of_date(unit: Unit, date: i32) -> Option<Part> {
    if is_infinite_date(date) {
        let timeless = of_day(unit, 0).is_some() || matches!(unit, Unit::Epoch | Unit::Julian);
        return timeless.then(|| of_infinite(unit, date < 0));
    }
    let day = i64::from(date);
    Some(match unit {
        Unit::Epoch => Part::Whole(day * 86_400 + EPOCH_US / US_PER_SECOND),
        Unit::Julian => Part::Whole(day + EPOCH_JULIAN),
        other => return of_day(other, day),
    })
}

fn of_plain_time(unit: Unit, us: i64) -> Option<Part> {
    match unit {
        Unit::Epoch => Some(Part::Scaled(us.into(), 6)),
        other => of_time(other, us),
    }
}

fn of_timetz(unit: Unit, time: TimeTz) -> Option<Part> {
    match unit {
        Unit::Epoch => Some(Part::Scaled(time.utc_us().into(), 6)),
        other => of_offset(other, -time.zone_s).or_else(|| of_time(other, time.us)),
    }
}

fn of_interval(unit: Unit, span: Interval) -> Option<Part> {
    let months = i64::from(span.months);
    let (years, month) = (months / 12, months % 12);
    Some(match unit {
        Unit::Epoch => {
            // A year is 365.25 days here: count in quarters of a day.
            let quarters =
                i128::from(years) * 1461 + i128::from(month) * 120 + i128::from(span.days) * 4;
            Part::Scaled(
                quarters * i128::from(US_PER_DAY / 4) + i128::from(span.us),
                6,
            )
        }
        Unit::Minute => Part::Whole(span.us / (60 * US_PER_SECOND) % 60),
        Unit::Hour => Part::Whole(span.us / (3600 * US_PER_SECOND)),
        Unit::Day => Part::Whole(span.days.into()),
        Unit::Month => Part::Whole(month),
        Unit::Quarter => Part::Whole(month / 3 + 1),
        Unit::Year => Part::Whole(years),
        Unit::Decade => Part::Whole(years / 10),
        Unit::Century => Part::Whole(years / 100),
        Unit::Millennium => Part::Whole(years / 1000),
        other => return of_second(other, span.us % (60 * US_PER_SECOND)),
    })
}

/// Finds the field or says why not.
fn part(name: &str, ty: TypeOid, of: impl Fn(Unit) -> Result<Option<Part>>) -> Result<Part> {
    let unit = Unit::named(name).ok_or_else(|| unrecognized(name, ty))?;
    of(unit)?.ok_or_else(|| unsupported(name, ty))
}

macro_rules! fields {
    ($name:ident, $float:ident, $ty:ident, $value:ty, |$unit:ident, $at:ident| $of:expr) => {
        fn $name(name: &str, $at: $value) -> Result<Option<Numeric>> {
            part(name, TypeOid::$ty, |$unit| Ok($of))?.numeric()
        }

        fn $float(name: &str, $at: $value) -> Result<Option<f64>> {
            Ok(part(name, TypeOid::$ty, |$unit| Ok($of))?.float())
        }
    };
}

fields!(timestamp, timestamp_f, TIMESTAMP, i64, |unit, at| {
    of_timestamp(unit, at)
});
fields!(time, time_f, TIME, i64, |unit, at| of_plain_time(unit, at));
fields!(timetz, timetz_f, TIMETZ, TimeTz, |unit, at| of_timetz(
    unit, at
));
fields!(interval, interval_f, INTERVAL, Interval, |unit, at| {
    of_interval(unit, at)
});

fn date(name: &str, at: i32) -> Result<Option<Numeric>> {
    part(name, TypeOid::DATE, |unit| Ok(of_date(unit, at)))?.numeric()
}

fn timestamptz(cx: &EvalContext<'_>, name: &str, at: i64) -> Result<Option<Numeric>> {
    part(name, TypeOid::TIMESTAMPTZ, |unit| {
        of_timestamptz(cx, unit, at)
    })?
    .numeric()
}

fn timestamptz_f(cx: &EvalContext<'_>, name: &str, at: i64) -> Result<Option<f64>> {
    Ok(part(name, TypeOid::TIMESTAMPTZ, |unit| {
        of_timestamptz(cx, unit, at)
    })?
    .float())
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    def!(6199, "extract", [TEXT, DATE] -> NUMERIC, Immutable, |f: &str, a: i32| date(f, a) => Numeric),
    def!(6202, "extract", [TEXT, TIMESTAMP] -> NUMERIC, Immutable, |f: &str, a: i64| timestamp(f, a) => Numeric),
    def!(6203, "extract", [TEXT, TIMESTAMPTZ] -> NUMERIC, Stable, cx |f: &str, a: i64| timestamptz(cx, f, a) => Numeric),
    def!(6200, "extract", [TEXT, TIME] -> NUMERIC, Immutable, |f: &str, a: i64| time(f, a) => Numeric),
    def!(6201, "extract", [TEXT, TIMETZ] -> NUMERIC, Immutable, |f: &str, a: TimeTz| timetz(f, a) => Numeric),
    def!(6204, "extract", [TEXT, INTERVAL] -> NUMERIC, Immutable, |f: &str, a: Interval| interval(f, a) => Numeric),
    def!(1384, "date_part", [TEXT, DATE] -> FLOAT8, Immutable, |f: &str, a: i32| midnight(a).and_then(|a| timestamp_f(f, a)) => f64),
    def!(2021, "date_part", [TEXT, TIMESTAMP] -> FLOAT8, Immutable, |f: &str, a: i64| timestamp_f(f, a) => f64),
    def!(1171, "date_part", [TEXT, TIMESTAMPTZ] -> FLOAT8, Stable, cx |f: &str, a: i64| timestamptz_f(cx, f, a) => f64),
    def!(1385, "date_part", [TEXT, TIME] -> FLOAT8, Immutable, |f: &str, a: i64| time_f(f, a) => f64),
    def!(1273, "date_part", [TEXT, TIMETZ] -> FLOAT8, Immutable, |f: &str, a: TimeTz| timetz_f(f, a) => f64),
    def!(1172, "date_part", [TEXT, INTERVAL] -> FLOAT8, Immutable, |f: &str, a: Interval| interval_f(f, a) => f64),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_their_scale() {
        let at = 12 * 3600 * US_PER_SECOND + 1_500_000;
        let shown = |name: &str| {
            timestamp(name, at)
                .expect("a field")
                .expect("finite")
                .to_string()
        };
        assert_eq!(shown("second"), "1.500000");
        assert_eq!(shown("MILLISECONDS"), "1500.000");
        assert_eq!(shown("isoyear"), "1999");
        assert_eq!(shown("century"), "20");
        let error = date("hour", 0).expect_err("no such field");
        assert!(
            error
                .to_string()
                .contains("unit \"hour\" not supported for type date")
        );
    }
}
