//! Bounds in values to bounds in key bytes.

use std::ops::Bound::{Excluded, Included, Unbounded};

use common::Result;
use index::KeyRange;
use sql::access::{Bound, IndexBounds};
use types::DatumRef;

use crate::row_keys::{KeyColumn, RowKeys};

/// The bytes between which the keys lie that satisfy the bounds.
///
/// A descending column's keys run backwards, so its upper bound is where its keys begin. Null keys
/// begin with a marker of their own; a bound leaves them out by starting or ending at the values'.
/// A bound of [`KeyRange`] takes or leaves all keys that begin with its bytes.
pub fn key_range(keys: &RowKeys, bounds: &IndexBounds) -> Result<KeyRange> {
    let mut prefix = Vec::with_capacity(64);
    for (column, value) in keys.columns.iter().zip(&bounds.prefix) {
        column.encode(value.as_ref(), &mut prefix)?;
    }
    let Some(column) = keys.columns.get(bounds.prefix.len()) else {
        return Ok(KeyRange::prefix(&prefix));
    };
    let (first, last) = match column.descending {
        false => (&bounds.lower, &bounds.upper),
        true => (&bounds.upper, &bounds.lower),
    };
    let null = null_key(&prefix, column)?;
    let leaves_out_nulls = first.is_some() || last.is_some() || bounds.not_null;
    let at = bounds.prefix.len();
    let first = first
        .as_ref()
        .map(|bound| bound_key(keys, &prefix, at, bound))
        .transpose()?;
    let last = last
        .as_ref()
        .map(|bound| bound_key(keys, &prefix, at, bound))
        .transpose()?;
    let lower = match &first {
        Some((key, true)) => Included(key.as_slice()),
        Some((key, false)) => Excluded(key.as_slice()),
        None if leaves_out_nulls && column.nulls_first => Excluded(null.as_slice()),
        None if prefix.is_empty() => Unbounded,
        None => Included(prefix.as_slice()),
    };
    let upper = match &last {
        Some((key, true)) => Included(key.as_slice()),
        Some((key, false)) => Excluded(key.as_slice()),
        None if leaves_out_nulls && !column.nulls_first => Excluded(null.as_slice()),
        None if prefix.is_empty() => Unbounded,
        None => Included(prefix.as_slice()),
    };
    Ok(KeyRange::new(lower, upper))
}

/// The bytes of a bound, and whether it is inclusive.
fn bound_key(keys: &RowKeys, prefix: &[u8], from: usize, bound: &Bound) -> Result<(Vec<u8>, bool)> {
    let mut key = prefix.to_vec();
    for (column, value) in keys.columns[from..].iter().zip(&bound.values) {
        column.encode(value.as_ref(), &mut key)?;
    }
    Ok((key, bound.inclusive))
}

/// Nulls lie before all values or behind them; their key is a marker alone.
fn null_key(prefix: &[u8], column: &KeyColumn) -> Result<Vec<u8>> {
    let mut key = prefix.to_vec();
    column.encode(DatumRef::Null, &mut key)?;
    Ok(key)
}
