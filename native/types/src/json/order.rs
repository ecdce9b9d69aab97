//! The order of jsonb values, its hash and its key bytes.
//!
//! As PostgreSQL's `compareJsonbContainers`: object > array > boolean > number > string > null; of
//! two containers the one with more members is greater. A scalar at the top counts as an array of one
//! that sorts before a true one, hence an empty array sorts before every scalar.

use std::cmp::Ordering;

use common::Result;

use super::jsonb::JsonRef;
use crate::key::{encode_bytes, encode_numeric};
use crate::numeric::Numeric;

fn rank(value: &JsonRef<'_>) -> u8 {
    match value {
        JsonRef::Null => 0,
        JsonRef::String(_) => 1,
        JsonRef::Number(_) => 2,
        JsonRef::Bool(_) => 3,
        JsonRef::Array(_) => 4,
        JsonRef::Object(_) => 5,
    }
}

/// Compares stored values.
pub fn compare_jsonb(a: &[u8], b: &[u8]) -> Result<Ordering> {
    let (a, b) = (JsonRef::new(a)?, JsonRef::new(b)?);
    let size = |value: &JsonRef<'_>| match value {
        JsonRef::Array(array) => Some(array.len()),
        JsonRef::Object(_) => None,
        _ => Some(1),
    };
    match (size(&a), size(&b)) {
        (Some(len_a), Some(len_b)) if a.is_scalar() != b.is_scalar() => {
            let scalar_first = if a.is_scalar() {
                Ordering::Less
            } else {
                Ordering::Greater
            };
            Ok(len_a.cmp(&len_b).then(scalar_first))
        }
        (Some(_), None) => Ok(Ordering::Less),
        (None, Some(_)) => Ok(Ordering::Greater),
        _ => compare_values(&a, &b),
    }
}

fn compare_values(a: &JsonRef<'_>, b: &JsonRef<'_>) -> Result<Ordering> {
    Ok(match (a, b) {
        (JsonRef::String(a), JsonRef::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (JsonRef::Number(a), JsonRef::Number(b)) => {
            Numeric::decode(a)?.compare(&Numeric::decode(b)?)
        }
        (JsonRef::Bool(a), JsonRef::Bool(b)) => a.cmp(b),
        (JsonRef::Array(a), JsonRef::Array(b)) => {
            if a.len() != b.len() {
                return Ok(a.len().cmp(&b.len()));
            }
            for (a, b) in a.iter().zip(b.iter()) {
                let order = compare_values(&a, &b)?;
                if order != Ordering::Equal {
                    return Ok(order);
                }
            }
            Ordering::Equal
        }
        (JsonRef::Object(a), JsonRef::Object(b)) => {
            if a.len() != b.len() {
                return Ok(a.len().cmp(&b.len()));
            }
            for ((key_a, a), (key_b, b)) in a.iter().zip(b.iter()) {
                let order = key_a.as_bytes().cmp(key_b.as_bytes());
                let order = if order.is_eq() {
                    compare_values(&a, &b)?
                } else {
                    order
                };
                if order != Ordering::Equal {
                    return Ok(order);
                }
            }
            Ordering::Equal
        }
        _ => rank(a).cmp(&rank(b)),
    })
}

/// A hash that equal values share.
pub fn hash_jsonb(stored: &[u8]) -> Result<u64> {
    let mut key = Vec::new();
    encode_jsonb_key(stored, &mut key)?;
    Ok(crate::hash::hash_bytes(&key))
}

/// Appends bytes that order as the values do and end themselves.
pub(crate) fn encode_jsonb_key(stored: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let value = JsonRef::new(stored)?;
    match &value {
        JsonRef::Object(_) => encode_value(&value, out),
        JsonRef::Array(array) => {
            out.push(4);
            out.extend_from_slice(&(array.len() as u32).to_be_bytes());
            out.push(1);
            array.iter().try_for_each(|value| encode_value(&value, out))
        }
        scalar => {
            out.push(4);
            out.extend_from_slice(&1u32.to_be_bytes());
            out.push(0);
            encode_value(scalar, out)
        }
    }
}

fn encode_value(value: &JsonRef<'_>, out: &mut Vec<u8>) -> Result<()> {
    out.push(rank(value));
    match value {
        JsonRef::Null => {}
        JsonRef::String(text) => encode_bytes(text.as_bytes(), out),
        JsonRef::Number(number) => encode_numeric(&Numeric::decode(number)?, out),
        JsonRef::Bool(flag) => out.push((*flag).into()),
        JsonRef::Array(array) => {
            out.extend_from_slice(&(array.len() as u32).to_be_bytes());
            array
                .iter()
                .try_for_each(|value| encode_value(&value, out))?;
        }
        JsonRef::Object(object) => {
            out.extend_from_slice(&(object.len() as u32).to_be_bytes());
            for (key, value) in object.iter() {
                encode_bytes(key.as_bytes(), out);
                encode_value(&value, out)?;
            }
        }
    }
    Ok(())
}
