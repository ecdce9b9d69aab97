//! What ANALYZE found out about a column, asked for fractions of its rows.
//!
//! Values are kept as text; those that a question meets are read again. A question that the
//! statistics cannot answer gets `None`.

use std::cmp::Ordering;
use std::sync::Arc;

use catalog::{ColumnStatistics, Statistics};
use types::{Datum, SqlType, TextContext, TypeOid};

use crate::ir::Comparison;

/// Fewer bounds say too little about a pattern.
const PATTERN_BOUNDS_MIN: usize = 10;

/// A column of a table that was analyzed.
#[derive(Clone)]
pub struct KnownColumn {
    table: Arc<Statistics>,
    at: usize,
    ty: SqlType,
}

impl KnownColumn {
    pub fn of(table: &Arc<Statistics>, attnum: i16, ty: SqlType) -> Option<Self> {
        let at = table.columns.iter().position(|c| c.attnum == attnum)?;
        Some(Self {
            table: table.clone(),
            at,
            ty,
        })
    }

    pub fn statistics(&self) -> &ColumnStatistics {
        &self.table.columns[self.at]
    }

    /// Reads a kept value.
    fn value(&self, text: &str) -> Option<Datum> {
        types::parse_text(self.ty, text, &TextContext::default()).ok()
    }

    fn common(&self) -> impl Iterator<Item = (&str, f64)> {
        let statistics = self.statistics();
        let values = statistics.most_common.iter().map(String::as_str);
        values.zip(statistics.most_common_frequencies.iter().copied())
    }

    /// The fraction of rows that have neither NULL nor one of the most common values.
    fn rest(&self) -> f64 {
        let common: f64 = self.statistics().most_common_frequencies.iter().sum();
        (1.0 - common - self.statistics().null_fraction).clamp(0.0, 1.0)
    }

    /// Rows with this value; `distinct` is the number of values of the whole column.
    pub fn equal(&self, value: &Datum, ty: SqlType, distinct: f64) -> Option<f64> {
        if value.is_null() {
            return Some(0.0);
        }
        if !is_comparable(self.ty.oid, ty.oid) {
            return None;
        }
        let mut others = distinct;
        let mut least = 1.0_f64;
        for (text, frequency) in self.common() {
            let known = self.value(text)?;
            if types::compare(self.ty.oid, known.as_ref(), value.as_ref()).is_eq() {
                return Some(frequency);
            }
            others -= 1.0;
            least = least.min(frequency);
        }
        Some((self.rest() / others.max(1.0)).min(least))
    }

    /// Rows for which `column op value` holds; `op` is an inequality.
    pub fn range(&self, op: Comparison, value: &Datum, ty: SqlType) -> Option<f64> {
        if value.is_null() {
            return Some(0.0);
        }
        if !is_comparable(self.ty.oid, ty.oid) {
            return None;
        }
        let order = |known: &Datum| types::compare(self.ty.oid, known.as_ref(), value.as_ref());
        let mut fraction = 0.0;
        for (text, frequency) in self.common() {
            if op.holds(order(&self.value(text)?)) {
                fraction += frequency;
            }
        }
        let rest = self.rest();
        let bounds = &self.statistics().histogram;
        if bounds.len() < 2 {
            // All values are common ones, or nothing is known of the rest.
            let is_complete = !self.statistics().most_common.is_empty() && rest < 0.01;
            return is_complete.then_some(fraction);
        }
        let below = self.below(value, bounds)?;
        // No bucket is known to be empty.
        let least = 0.01 / (bounds.len() - 1) as f64;
        let below = below.clamp(least, 1.0 - least);
        let holds = match op {
            Comparison::Lt | Comparison::Le => below,
            _ => 1.0 - below,
        };
        Some((fraction + rest * holds).clamp(0.0, 1.0))
    }

    /// The part of the histogram below the value.
    fn below(&self, value: &Datum, bounds: &[String]) -> Option<f64> {
        let order = |at: usize| -> Option<Ordering> {
            let bound = self.value(&bounds[at])?;
            Some(types::compare(self.ty.oid, bound.as_ref(), value.as_ref()))
        };
        let (mut low, mut high) = (0, bounds.len());
        while low < high {
            let middle = low.midpoint(high);
            match order(middle)? {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        if low == 0 || low == bounds.len() {
            return Some(if low == 0 { 0.0 } else { 1.0 });
        }
        let (from, to) = (self.value(&bounds[low - 1])?, self.value(&bounds[low])?);
        let within = match (number(&from, self.ty), number(&to, self.ty)) {
            (Some(from), Some(to)) if to > from => {
                let value = number(value, self.ty)?;
                ((value - from) / (to - from)).clamp(0.0, 1.0)
            }
            _ => 0.5,
        };
        Some((low as f64 - 1.0 + within) / (bounds.len() - 1) as f64)
    }

    /// Rows whose text matches a LIKE pattern: tried on the values that are kept.
    pub fn like(&self, pattern: &[u8]) -> Option<f64> {
        let matches = |text: &str| functions::like(text.as_bytes(), pattern).unwrap_or(false);
        let statistics = self.statistics();
        let common = self.common().filter(|(text, _)| matches(text));
        let common: f64 = common.map(|(_, frequency)| frequency).sum();
        let bounds = &statistics.histogram;
        if bounds.len() < PATTERN_BOUNDS_MIN {
            let is_complete = !statistics.most_common.is_empty() && self.rest() < 0.01;
            return is_complete.then_some(common);
        }
        let hits = bounds.iter().filter(|text| matches(text)).count();
        let fraction = (hits as f64 / bounds.len() as f64).clamp(0.0001, 0.9999);
        Some((common + self.rest() * fraction).clamp(0.0, 1.0))
    }
}

/// True if values of the two types have one stored form and order.
fn is_comparable(column: TypeOid, value: TypeOid) -> bool {
    let text = |oid| matches!(oid, TypeOid::TEXT | TypeOid::VARCHAR);
    column == value || (text(column) && text(value))
}

/// The value on a line, where its type has one.
fn number(value: &Datum, ty: SqlType) -> Option<f64> {
    match (value, ty.oid) {
        (Datum::Bytes(bytes), TypeOid::NUMERIC) => {
            types::Numeric::decode(bytes).ok().map(|n| n.to_f64_lossy())
        }
        (Datum::I16(v), _) => Some(f64::from(*v)),
        (Datum::I32(v), _) => Some(f64::from(*v)),
        (Datum::I64(v), _) => Some(*v as f64),
        (Datum::F32(v), _) => Some(f64::from(*v)),
        (Datum::F64(v), _) => Some(*v),
        _ => None,
    }
}
