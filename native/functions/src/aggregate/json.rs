//! `json_agg`, `json_object_agg` and their jsonb forms.

use common::{Error, Result};
use types::json::{JsonValue, write_json_string};
use types::{Datum, TypeOid, Vector, element_of};

use super::fold::Fold;
use crate::EvalContext;
use crate::errors::invalid_parameter;
use crate::json_build::{json_value, key_text, stored, write_json};
use crate::rows::arg_type;

/// The text of a json array that is not closed yet.
#[derive(Default)]
pub(crate) struct JsonArray(Vec<u8>);

impl Fold for JsonArray {
    type Args<'a> = &'a Vector;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        &args[0]
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let ty = arg_type(cx, 0);
        if self.0.is_empty() {
            self.0.push(b'[');
        } else {
            self.0.extend_from_slice(b", ");
            // Rows and arrays each begin a line.
            let structured = types::type_info(ty).is_none_or(|info| info.oid == TypeOid::RECORD)
                || element_of(ty).is_some();
            if structured && !args.is_null(row) {
                self.0.extend_from_slice(b"\n ");
            }
        }
        write_json(ty, args.get(row), cx.text, &mut self.0)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        if self.0.is_empty() {
            return Ok(Datum::Null);
        }
        Ok(Datum::Bytes([&self.0[..], b"]"].concat().into()))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.0.capacity()
    }
}

fn null_name() -> Error {
    invalid_parameter("field name must not be null")
}

/// The text of a json object that is not closed yet.
#[derive(Default)]
pub(crate) struct JsonObject(Vec<u8>);

impl Fold for JsonObject {
    type Args<'a> = (&'a Vector, &'a Vector);

    fn args(args: &[Vector]) -> Self::Args<'_> {
        (&args[0], &args[1])
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        self.0
            .extend_from_slice(if self.0.is_empty() { b"{ " } else { b", " });
        if args.0.is_null(row) {
            return Err(null_name());
        }
        let key = key_text(arg_type(cx, 0), args.0.get(row), cx.text)?;
        write_json_string(&key, &mut self.0);
        self.0.extend_from_slice(b" : ");
        write_json(arg_type(cx, 1), args.1.get(row), cx.text, &mut self.0)
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        if self.0.is_empty() {
            return Ok(Datum::Null);
        }
        Ok(Datum::Bytes([&self.0[..], b" }"].concat().into()))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.0.capacity()
    }
}

/// Memory of a tree.
fn tree_bytes(value: &JsonValue) -> usize {
    size_of::<JsonValue>()
        + match value {
            JsonValue::String(text) => text.len(),
            JsonValue::Array(values) => values.iter().map(tree_bytes).sum(),
            JsonValue::Object(pairs) => {
                let pair = |(key, value): &(String, JsonValue)| key.len() + 24 + tree_bytes(value);
                pairs.iter().map(pair).sum()
            }
            _ => 0,
        }
}

#[derive(Default)]
pub(crate) struct JsonbArray {
    values: Vec<JsonValue>,
    heap_bytes: usize,
}

impl Fold for JsonbArray {
    type Args<'a> = &'a Vector;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        &args[0]
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value = json_value(arg_type(cx, 0), args.get(row), cx.text)?;
        self.heap_bytes += tree_bytes(&value);
        self.values.push(value);
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        if self.values.is_empty() {
            return Ok(Datum::Null);
        }
        Ok(stored(&JsonValue::Array(self.values.clone())))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.heap_bytes
    }
}

#[derive(Default)]
pub(crate) struct JsonbObject {
    pairs: Vec<(String, JsonValue)>,
    heap_bytes: usize,
}

impl Fold for JsonbObject {
    type Args<'a> = (&'a Vector, &'a Vector);

    fn args(args: &[Vector]) -> Self::Args<'_> {
        (&args[0], &args[1])
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        if args.0.is_null(row) {
            return Err(null_name());
        }
        let key = key_text(arg_type(cx, 0), args.0.get(row), cx.text)?;
        let value = json_value(arg_type(cx, 1), args.1.get(row), cx.text)?;
        self.heap_bytes += key.len() + 24 + tree_bytes(&value);
        self.pairs.push((key, value));
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        if self.pairs.is_empty() {
            return Ok(Datum::Null);
        }
        Ok(stored(&JsonValue::Object(self.pairs.clone())))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.heap_bytes
    }
}
