//! What belongs to no type: counting NULLs, sizes for people, buckets by thresholds.

use std::cmp::Ordering;

use common::{Result, bail, err, sqlstate};
use types::{ArrayRef, Datum, DatumRef, Numeric, compare};

use crate::errors::{invalid_parameter, out_of_range};
use crate::{EvalContext, FunctionDef, def, row};

fn count_nulls(row: &[DatumRef<'_>], null: bool) -> Datum {
    Datum::I32(row.iter().filter(|value| value.is_null() == null).count() as i32)
}

fn num_nulls(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(count_nulls(row, true))
}

fn num_nonnulls(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(count_nulls(row, false))
}

/// Units of `pg_size_pretty`, each 1024 of the one before.
const UNITS: [&str; 6] = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/// A number of bytes in the largest unit that keeps four digits (dbsize.c). From kilobytes on it is
/// carried at twice its value, so that it can be rounded at the end.
fn size_pretty(size: Numeric) -> Result<String> {
    let whole = |value: i64| Numeric::from(value);
    if !size.is_finite() {
        return Ok(format!("{size} bytes"));
    }
    if size.abs() < whole(10 * 1024) {
        return Ok(format!("{size} bytes"));
    }
    let mut size = size.div_trunc(&whole(512))?;
    for (at, unit) in UNITS.iter().enumerate().skip(1) {
        if at + 1 == UNITS.len() || size.abs() < whole(20 * 1024 - 1) {
            let away = whole(if size.signum() < 0 { -1 } else { 1 });
            let rounded = size.add(&away)?.div_trunc(&whole(2))?;
            return Ok(format!("{rounded} {unit}"));
        }
        size = size.div_trunc(&whole(1024))?;
    }
    Ok(format!("{size} bytes"))
}

/// `1.5 GB` as a number of bytes.
fn size_bytes(text: &str) -> Result<i64> {
    let invalid = || invalid_parameter(format!("invalid size: \"{text}\""));
    let trimmed = text.trim();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
    let mut end = trimmed.find(|c| !is_number(c)).unwrap_or(trimmed.len());
    // An exponent, if digits follow.
    if let Some(exponent) = trimmed[end..].strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let len = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        if len > 0 {
            end = trimmed.len() - digits.len() + len;
        }
    }
    let (number, unit) = (&trimmed[..end], trimmed[end..].trim());
    let number = Numeric::parse(number).map_err(|_| invalid())?;
    let power = match unit {
        "" => 0,
        "B" | "b" => 0,
        unit => match UNITS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(unit))
        {
            Some(power) => power,
            None => {
                return Err(invalid()
                    .with_detail(format!("Invalid size unit: \"{unit}\"."))
                    .with_hint(
                        "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \
                         \"PB\".",
                    ));
            }
        },
    };
    number
        .mul(&Numeric::from(1i64 << (10 * power)))?
        .to_i64("bigint")
}

/// How many of the ascending thresholds the value reaches.
fn width_bucket(cx: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let thresholds = ArrayRef::new(row[1].as_bytes().unwrap_or_default())?;
    if thresholds.ndim() > 1 {
        bail!(
            sqlstate::ARRAY_SUBSCRIPT_ERROR,
            "thresholds must be one-dimensional array"
        );
    }
    if thresholds.has_nulls() {
        return Err(err!(
            sqlstate::NULL_VALUE_NOT_ALLOWED,
            "thresholds array must not contain NULLs"
        ));
    }
    let ty = cx.args.first().map_or(thresholds.elem(), |ty| ty.oid);
    let (mut low, mut high) = (0, thresholds.len());
    while low < high {
        let middle = (low + high) / 2;
        match compare(ty, row[0], thresholds.get(middle)) {
            Ordering::Less => high = middle,
            _ => low = middle + 1,
        }
    }
    i32::try_from(low)
        .map(Datum::I32)
        .map_err(|_| out_of_range("integer"))
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    row!(438, "num_nulls", [ANY] variadic ANY -> INT4, Immutable, lax num_nulls),
    row!(440, "num_nonnulls", [ANY] variadic ANY -> INT4, Immutable, lax num_nonnulls),
    def!(2288, "pg_size_pretty", [INT8] -> TEXT, Immutable, |a: i64| size_pretty(Numeric::from(a)) => String),
    def!(3166, "pg_size_pretty", [NUMERIC] -> TEXT, Immutable, |a: Numeric| size_pretty(a) => String),
    def!(3334, "pg_size_bytes", [TEXT] -> INT8, Immutable, |a: &str| size_bytes(a) => i64),
    row!(3218, "width_bucket", [ANYCOMPATIBLE, ANYCOMPATIBLEARRAY] -> INT4, Immutable, strict width_bucket),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_round_at_their_unit() {
        let pretty = |size: i64| size_pretty(Numeric::from(size)).expect("finite");
        assert_eq!(pretty(10_239), "10239 bytes");
        assert_eq!(pretty(10_240), "10 kB");
        assert_eq!(pretty(-1_000_000_000), "-954 MB");
        assert_eq!(size_bytes(" 1.5 GB ").expect("a size"), 1_610_612_736);
        assert!(size_bytes("1 ZB").is_err() && size_bytes("x").is_err());
    }
}
