//! Containment and changes of jsonb (jsonb_op.c, jsonfuncs.c).

use common::{Error, Result, err, sqlstate};
use types::json::{JsonRef, JsonValue};

fn invalid(message: impl Into<String>) -> Error {
    Error::new(sqlstate::INVALID_PARAMETER_VALUE, message)
}

/// Whether `a @> b`.
pub(crate) fn contains(a: JsonRef<'_>, b: JsonRef<'_>) -> Result<bool> {
    match (a, b) {
        // An array may contain a scalar at the top, as an exception.
        (JsonRef::Array(array), scalar) if scalar.is_scalar() => holds(array, scalar),
        _ => contains_deep(a, b),
    }
}

fn holds(array: types::json::JsonArray<'_>, value: JsonRef<'_>) -> Result<bool> {
    for element in array.iter() {
        if contains_deep(element, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn contains_deep(a: JsonRef<'_>, b: JsonRef<'_>) -> Result<bool> {
    Ok(match (a, b) {
        (JsonRef::Object(a), JsonRef::Object(b)) => {
            for (key, wanted) in b.iter() {
                match a.get(key) {
                    Some(have) if contains_deep(have, wanted)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (JsonRef::Array(a), JsonRef::Array(b)) => {
            for wanted in b.iter() {
                if !holds(a, wanted)? {
                    return Ok(false);
                }
            }
            true
        }
        (JsonRef::Null, JsonRef::Null) => true,
        (JsonRef::Bool(a), JsonRef::Bool(b)) => a == b,
        (JsonRef::String(a), JsonRef::String(b)) => a == b,
        (JsonRef::Number(a), JsonRef::Number(b)) => {
            types::Numeric::decode(a)? == types::Numeric::decode(b)?
        }
        _ => false,
    })
}

/// Whether a key of an object, or a string of an array, is there.
pub(crate) fn exists(json: JsonRef<'_>, key: &str) -> bool {
    match json {
        JsonRef::Object(object) => object.find(key).is_some(),
        JsonRef::Array(array) => array
            .iter()
            .any(|element| matches!(element, JsonRef::String(text) if text == key)),
        JsonRef::String(text) => text == key,
        _ => false,
    }
}

/// `a || b`.
pub(crate) fn concat(a: JsonValue, b: JsonValue) -> JsonValue {
    match (a, b) {
        (JsonValue::Object(mut a), JsonValue::Object(b)) => {
            a.extend(b);
            JsonValue::Object(a)
        }
        (a, b) => {
            let elements = |value: JsonValue| match value {
                JsonValue::Array(values) => values,
                other => vec![other],
            };
            let mut all = elements(a);
            all.extend(elements(b));
            JsonValue::Array(all)
        }
    }
}

/// Removes keys of an object or strings of an array.
pub(crate) fn delete_keys(json: JsonValue, keys: &[&str]) -> Result<JsonValue> {
    match json {
        JsonValue::Object(mut pairs) => {
            pairs.retain(|(key, _)| !keys.contains(&key.as_str()));
            Ok(JsonValue::Object(pairs))
        }
        JsonValue::Array(mut values) => {
            values.retain(
                |value| !matches!(value, JsonValue::String(text) if keys.contains(&text.as_str())),
            );
            Ok(JsonValue::Array(values))
        }
        _ => Err(invalid("cannot delete from scalar")),
    }
}

/// The position that a number means; `None` when it is out of range.
fn index_of(at: i64, len: usize) -> Option<usize> {
    let at = if at < 0 { len as i64 + at } else { at };
    usize::try_from(at).ok().filter(|&at| at < len)
}

/// Removes an element of an array.
pub(crate) fn delete_at(json: JsonValue, at: i32) -> Result<JsonValue> {
    match json {
        JsonValue::Array(mut values) => {
            if let Some(at) = index_of(at.into(), values.len()) {
                values.remove(at);
            }
            Ok(JsonValue::Array(values))
        }
        JsonValue::Object(_) => Err(invalid("cannot delete from object using integer index")),
        _ => Err(invalid("cannot delete from scalar")),
    }
}

fn path_index(step: &str, depth: usize) -> Result<i64> {
    step.parse::<i32>().map(i64::from).map_err(|_| {
        err!(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "path element at position {} is not an integer: \"{step}\"",
            depth + 1
        )
    })
}

/// Removes what a path leads to.
pub(crate) fn delete_path(json: &mut JsonValue, path: &[&str], depth: usize) -> Result<()> {
    let Some((step, rest)) = path.get(depth).map(|step| (*step, depth + 1 < path.len())) else {
        return Ok(());
    };
    match json {
        JsonValue::Object(pairs) if rest => match pairs.iter_mut().find(|(key, _)| key == step) {
            Some((_, value)) => delete_path(value, path, depth + 1),
            None => Ok(()),
        },
        JsonValue::Object(pairs) => {
            pairs.retain(|(key, _)| key != step);
            Ok(())
        }
        JsonValue::Array(values) => {
            let at = index_of(path_index(step, depth)?, values.len());
            match at {
                Some(at) if rest => delete_path(&mut values[at], path, depth + 1),
                Some(at) => {
                    values.remove(at);
                    Ok(())
                }
                None => Ok(()),
            }
        }
        _ if depth == 0 => Err(invalid("cannot delete path in scalar")),
        _ => Ok(()),
    }
}

/// What is done at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Replaces; creates a missing last step when told.
    Set { create: bool },
    /// Adds beside an element, or as a new key.
    Insert { after: bool },
}

/// `jsonb_set` and `jsonb_insert`.
pub(crate) fn change_path(
    json: &mut JsonValue,
    path: &[&str],
    depth: usize,
    new: &JsonValue,
    change: Change,
) -> Result<()> {
    let Some(step) = path.get(depth).copied() else {
        return Ok(());
    };
    let last = depth + 1 == path.len();
    match json {
        JsonValue::Object(pairs) => {
            let found = pairs.iter_mut().find(|(key, _)| key == step);
            match (found, last, change) {
                (Some((_, value)), false, _) => change_path(value, path, depth + 1, new, change),
                (Some((_, value)), true, Change::Set { .. }) => {
                    *value = new.clone();
                    Ok(())
                }
                (Some(_), true, Change::Insert { .. }) => {
                    Err(invalid("cannot replace existing key")
                        .with_hint("Try using the function jsonb_set to replace key value."))
                }
                (None, true, Change::Set { create: true } | Change::Insert { .. }) => {
                    pairs.push((step.to_string(), new.clone()));
                    Ok(())
                }
                (None, ..) => Ok(()),
            }
        }
        JsonValue::Array(values) => {
            let number = path_index(step, depth)?;
            match (index_of(number, values.len()), last, change) {
                (Some(at), false, _) => change_path(&mut values[at], path, depth + 1, new, change),
                (Some(at), true, Change::Set { .. }) => {
                    values[at] = new.clone();
                    Ok(())
                }
                (Some(at), true, Change::Insert { after }) => {
                    values.insert(at + usize::from(after), new.clone());
                    Ok(())
                }
                (None, true, Change::Set { create: true } | Change::Insert { .. }) => {
                    let at = if number < 0 { 0 } else { values.len() };
                    values.insert(at, new.clone());
                    Ok(())
                }
                (None, ..) => Ok(()),
            }
        }
        _ if depth == 0 => Err(invalid("cannot set path in scalar")),
        _ => Ok(()),
    }
}

/// Without the members of objects that are null.
pub(crate) fn strip_nulls(json: JsonValue) -> JsonValue {
    match json {
        JsonValue::Object(pairs) => JsonValue::Object(
            pairs
                .into_iter()
                .filter(|(_, value)| *value != JsonValue::Null)
                .map(|(key, value)| (key, strip_nulls(value)))
                .collect(),
        ),
        JsonValue::Array(values) => JsonValue::Array(values.into_iter().map(strip_nulls).collect()),
        other => other,
    }
}
