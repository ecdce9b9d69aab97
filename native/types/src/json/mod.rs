//! json (validated text) and jsonb (a compact binary tree).
//!
//! A stored jsonb value is a tag byte and a body whose size its holder knows: null, false, true have
//! none; a number is a stored numeric; a string its UTF-8; an array is a count (u32), an end offset
//! (u32) for each element, and the elements; an object is a count, end offsets of the keys, end
//! offsets of the values, the keys, the values. Keys are unique and sorted by size, then bytes, as
//! PostgreSQL's. All little-endian.

mod jsonb;
mod order;
mod parse;
mod value;
mod write;

pub use jsonb::{JsonArray, JsonObject, JsonRef, JsonTag, encode_json};
pub(crate) use order::encode_jsonb_key;
pub use order::{compare_jsonb, hash_jsonb};
pub use parse::{parse_json, validate_json};
pub use value::JsonValue;
pub use write::{JsonStyle, write_json_string, write_jsonb, write_jsonb_pretty};
