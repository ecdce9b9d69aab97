//! Ordered-set aggregates (orderedsetaggs.c). Rows come in order, the direct arguments with each.

use common::{Result, err, sqlstate};
use types::{
    ArrayBuilder, ArrayRef, Datum, DatumRef, Interval, TypeOid, Vector, compare, element_of,
};

use super::fold::Fold;
use crate::EvalContext;

/// The sorted values of a group, and its fraction or fractions.
#[derive(Default)]
struct Sorted {
    fraction: Datum,
    values: Vec<Datum>,
    heap_bytes: usize,
}

impl Sorted {
    fn take(&mut self, fraction: DatumRef<'_>, value: DatumRef<'_>) {
        if self.values.is_empty() {
            self.fraction = fraction.to_owned();
        }
        let value = value.to_owned();
        self.heap_bytes += size_of::<Datum>() + value.heap_bytes();
        self.values.push(value);
    }
}

fn check_fraction(fraction: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&fraction) {
        return Ok(fraction);
    }
    Err(err!(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "percentile value {fraction} is not between 0 and 1"
    ))
}

/// The first value whose position is at least the fraction of all.
fn discrete(values: &[Datum], fraction: f64) -> Result<Datum> {
    let fraction = check_fraction(fraction)?;
    let at = (fraction * values.len() as f64).ceil() as usize;
    Ok(values[at.saturating_sub(1).min(values.len() - 1)].clone())
}

/// Between the two values around the fraction, in proportion.
fn continuous(values: &[Datum], fraction: f64) -> Result<Datum> {
    let place = check_fraction(fraction)? * (values.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    if low == high {
        return Ok(values[low].clone());
    }
    let part = place - place.floor();
    match (&values[low], &values[high]) {
        (Datum::F64(low), Datum::F64(high)) => Ok(Datum::F64(low + part * (high - low))),
        (Datum::Fixed16(low), Datum::Fixed16(high)) => {
            let (low, high) = (Interval::from_bytes(*low), Interval::from_bytes(*high));
            Ok(Datum::Fixed16(
                low.add(high.sub(low)?.mul(part)?)?.to_bytes(),
            ))
        }
        (low, _) => Ok(low.clone()),
    }
}

/// `percentile_cont` and `percentile_disc`, of one fraction or an array of them.
#[derive(Default)]
pub(crate) struct Percentile<const CONTINUOUS: bool>(Sorted);

impl<const CONTINUOUS: bool> Percentile<CONTINUOUS> {
    fn at(&self, fraction: f64) -> Result<Datum> {
        match CONTINUOUS {
            true => continuous(&self.0.values, fraction),
            false => discrete(&self.0.values, fraction),
        }
    }
}

impl<const CONTINUOUS: bool> Fold for Percentile<CONTINUOUS> {
    type Args<'a> = (&'a Vector, &'a Vector);

    fn args(args: &[Vector]) -> Self::Args<'_> {
        (&args[0], &args[1])
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.0.take(args.0.get(row), args.1.get(row));
        Ok(())
    }

    fn result(&self, cx: &EvalContext<'_>) -> Result<Datum> {
        if self.0.values.is_empty() {
            return Ok(Datum::Null);
        }
        match &self.0.fraction {
            Datum::F64(fraction) => self.at(*fraction),
            Datum::Bytes(stored) => {
                let fractions = ArrayRef::new(stored)?;
                let elem = element_of(cx.ret.oid).unwrap_or(TypeOid::FLOAT8);
                let mut out = ArrayBuilder::new(elem);
                for fraction in fractions.iter() {
                    let value = match fraction.as_f64() {
                        Some(fraction) => self.at(fraction)?,
                        None => Datum::Null,
                    };
                    out.push(value.as_ref());
                }
                Ok(Datum::Bytes(out.finish_dims(&fractions.dims())?.into()))
            }
            _ => Ok(Datum::Null),
        }
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.0.heap_bytes
    }
}

/// The most frequent value, the first in order of several.
#[derive(Default)]
pub(crate) struct Mode {
    best: Datum,
    best_count: u64,
    last: Datum,
    last_count: u64,
}

impl Fold for Mode {
    type Args<'a> = &'a Vector;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        &args[0]
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value = args.get(row);
        let ty = cx.args.first().map_or(cx.ret.oid, |ty| ty.oid);
        if self.last_count > 0 && compare(ty, value, self.last.as_ref()).is_eq() {
            self.last_count += 1;
        } else {
            self.last = value.to_owned();
            self.last_count = 1;
        }
        if self.last_count > self.best_count {
            if self.last_count == 1 || self.best != self.last {
                self.best = self.last.clone();
            }
            self.best_count = self.last_count;
        }
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self.best.clone())
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.best.heap_bytes() + self.last.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_pick_and_interpolate() {
        let values: Vec<Datum> = [1.0, 2.0, 3.0, 4.0].map(Datum::F64).into();
        assert_eq!(continuous(&values, 0.5).expect("in range"), Datum::F64(2.5));
        assert_eq!(discrete(&values, 0.5).expect("in range"), Datum::F64(2.0));
        assert_eq!(discrete(&values, 0.0).expect("in range"), Datum::F64(1.0));
        assert!(discrete(&values, 1.1).is_err());
    }
}
