//! A JSON document as a tree, for building one.

use common::Result;

use super::jsonb::JsonRef;
use crate::numeric::Numeric;

/// An owned JSON value. Objects may hold a key twice and in any order; storing keeps the last.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonValue {
    Null,
    Bool(bool),
    Number(Numeric),
    String(String),
    Array(Vec<JsonValue>),
    Object(Vec<(String, JsonValue)>),
}

impl JsonValue {
    /// Copies a stored value.
    pub fn from_stored(stored: JsonRef<'_>) -> Result<Self> {
        Ok(match stored {
            JsonRef::Null => Self::Null,
            JsonRef::Bool(v) => Self::Bool(v),
            JsonRef::Number(v) => Self::Number(Numeric::decode(v)?),
            JsonRef::String(v) => Self::String(v.into()),
            JsonRef::Array(array) => {
                Self::Array(array.iter().map(Self::from_stored).collect::<Result<_>>()?)
            }
            JsonRef::Object(object) => Self::Object(
                object
                    .iter()
                    .map(|(key, value)| Ok((key.to_string(), Self::from_stored(value)?)))
                    .collect::<Result<_>>()?,
            ),
        })
    }

    /// The stored form.
    pub fn to_stored(&self) -> Vec<u8> {
        let mut out = Vec::new();
        super::jsonb::encode_json(self, &mut out);
        out
    }
}
