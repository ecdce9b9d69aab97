//! Storing and reading jsonb.

use std::cmp::Ordering;

use common::{Error, Result};

use super::value::JsonValue;

/// First byte of a stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum JsonTag {
    Null = 0,
    False = 1,
    True = 2,
    Number = 3,
    String = 4,
    Array = 5,
    Object = 6,
}

/// A stored value.
#[derive(Clone, Copy, Debug)]
pub enum JsonRef<'a> {
    Null,
    Bool(bool),
    /// A stored numeric.
    Number(&'a [u8]),
    String(&'a str),
    Array(JsonArray<'a>),
    Object(JsonObject<'a>),
}

/// A stored array.
#[derive(Clone, Copy, Debug)]
pub struct JsonArray<'a> {
    ends: &'a [u8],
    data: &'a [u8],
}

/// A stored object.
#[derive(Clone, Copy, Debug)]
pub struct JsonObject<'a> {
    key_ends: &'a [u8],
    value_ends: &'a [u8],
    keys: &'a [u8],
    values: &'a [u8],
}

/// The order of keys in a stored object.
pub(super) fn compare_keys(a: &str, b: &str) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.as_bytes().cmp(b.as_bytes()))
}

/// Appends the stored form of a value.
pub fn encode_json(value: &JsonValue, out: &mut Vec<u8>) {
    match value {
        JsonValue::Null => out.push(JsonTag::Null as u8),
        JsonValue::Bool(false) => out.push(JsonTag::False as u8),
        JsonValue::Bool(true) => out.push(JsonTag::True as u8),
        JsonValue::Number(number) => {
            out.push(JsonTag::Number as u8);
            number.encode(out);
        }
        JsonValue::String(text) => {
            out.push(JsonTag::String as u8);
            out.extend_from_slice(text.as_bytes());
        }
        JsonValue::Array(values) => {
            out.push(JsonTag::Array as u8);
            put_u32(out, values.len());
            encode_run(values.iter(), out);
        }
        JsonValue::Object(pairs) => encode_object(pairs, out),
    }
}

fn put_u32(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u32).to_le_bytes());
}

/// End offsets and then the values.
fn encode_run<'a>(values: impl ExactSizeIterator<Item = &'a JsonValue>, out: &mut Vec<u8>) {
    let ends_at = out.len();
    out.resize(ends_at + 4 * values.len(), 0);
    let start = out.len();
    for (at, value) in values.enumerate() {
        encode_json(value, out);
        let end = ((out.len() - start) as u32).to_le_bytes();
        out[ends_at + 4 * at..ends_at + 4 * at + 4].copy_from_slice(&end);
    }
}

fn encode_object(pairs: &[(String, JsonValue)], out: &mut Vec<u8>) {
    let mut sorted: Vec<&(String, JsonValue)> = pairs.iter().collect();
    // Stable, so that of equal keys the last given stands last; it is the one that stays.
    sorted.sort_by(|a, b| compare_keys(&a.0, &b.0));
    let mut kept: Vec<&(String, JsonValue)> = Vec::with_capacity(sorted.len());
    for pair in sorted {
        match kept.last_mut() {
            Some(last) if last.0 == pair.0 => *last = pair,
            _ => kept.push(pair),
        }
    }
    out.push(JsonTag::Object as u8);
    put_u32(out, kept.len());
    let mut key_end = 0;
    for (key, _) in &kept {
        key_end += key.len();
        put_u32(out, key_end);
    }
    // The values' ends stand before the keys: write the values aside, then join.
    let mut values = Vec::new();
    for (_, value) in &kept {
        encode_json(value, &mut values);
        put_u32(out, values.len());
    }
    kept.iter()
        .for_each(|(key, _)| out.extend_from_slice(key.as_bytes()));
    out.extend_from_slice(&values);
}

fn corrupted() -> Error {
    Error::corrupted("a jsonb value whose sizes do not match")
}

fn end_at(ends: &[u8], at: usize) -> Option<usize> {
    let end = ends.get(at * 4..at * 4 + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(end) as usize)
}

fn part<'a>(ends: &[u8], data: &'a [u8], at: usize) -> Option<&'a [u8]> {
    let start = if at == 0 { 0 } else { end_at(ends, at - 1)? };
    data.get(start..end_at(ends, at)?)
}

impl<'a> JsonRef<'a> {
    /// Reads a stored value.
    pub fn new(stored: &'a [u8]) -> Result<Self> {
        Self::parse(stored).ok_or_else(corrupted)
    }

    fn parse(stored: &'a [u8]) -> Option<Self> {
        let (&tag, body) = stored.split_first()?;
        Some(match tag {
            0 => Self::Null,
            1 => Self::Bool(false),
            2 => Self::Bool(true),
            3 => Self::Number(body),
            4 => Self::String(std::str::from_utf8(body).ok()?),
            5 => {
                let (count, rest) = body.split_at_checked(4)?;
                let count = u32::from_le_bytes(count.try_into().ok()?) as usize;
                let (ends, data) = rest.split_at_checked(count.checked_mul(4)?)?;
                Self::Array(JsonArray { ends, data })
            }
            6 => {
                let (count, rest) = body.split_at_checked(4)?;
                let count = u32::from_le_bytes(count.try_into().ok()?) as usize;
                let (key_ends, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
                let (value_ends, rest) = rest.split_at_checked(count * 4)?;
                let keys_size = if count == 0 {
                    0
                } else {
                    end_at(key_ends, count - 1)?
                };
                let (keys, values) = rest.split_at_checked(keys_size)?;
                Self::Object(JsonObject {
                    key_ends,
                    value_ends,
                    keys,
                    values,
                })
            }
            _ => return None,
        })
    }

    /// `jsonb_typeof`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }
}

impl<'a> JsonArray<'a> {
    pub fn len(&self) -> usize {
        self.ends.len() / 4
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stored bytes of an element.
    pub fn get_stored(&self, at: usize) -> Option<&'a [u8]> {
        part(self.ends, self.data, at)
    }

    pub fn get(&self, at: usize) -> Option<JsonRef<'a>> {
        JsonRef::parse(self.get_stored(at)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = JsonRef<'a>> + use<'a> {
        let array = *self;
        (0..array.len()).filter_map(move |at| array.get(at))
    }
}

impl<'a> JsonObject<'a> {
    pub fn len(&self) -> usize {
        self.key_ends.len() / 4
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn key(&self, at: usize) -> Option<&'a str> {
        std::str::from_utf8(part(self.key_ends, self.keys, at)?).ok()
    }

    /// The stored bytes of a value by position.
    pub fn value_stored(&self, at: usize) -> Option<&'a [u8]> {
        part(self.value_ends, self.values, at)
    }

    /// The position of a key.
    pub fn find(&self, key: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            match compare_keys(self.key(middle)?, key) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The stored bytes of the value under a key.
    pub fn get_stored(&self, key: &str) -> Option<&'a [u8]> {
        self.value_stored(self.find(key)?)
    }

    pub fn get(&self, key: &str) -> Option<JsonRef<'a>> {
        JsonRef::parse(self.get_stored(key)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'a str, JsonRef<'a>)> + use<'a> {
        let object = *self;
        (0..object.len()).filter_map(move |at| {
            Some((object.key(at)?, JsonRef::parse(object.value_stored(at)?)?))
        })
    }
}
