//! Sets from arrays.

use common::Result;
use types::{ArrayRef, Datum, DatumRef, Vector, decode_record};

use crate::rows::ReadyRows;
use crate::{EvalContext, FunctionDef, SetRows, set_of};

/// The elements of an array, those of its rows after each other.
struct Elements {
    stored: Box<[u8]>,
    at: usize,
    numbered: bool,
}

impl SetRows for Elements {
    fn next(&mut self, columns: &mut [Vector], rows_max: usize) -> Result<usize> {
        let array = ArrayRef::new(&self.stored)?;
        let end = array.len().min(self.at + rows_max);
        for at in self.at..end {
            let value = array.get(at);
            match columns {
                [value_column, number] if self.numbered => {
                    value_column.push(value);
                    number.push(DatumRef::I32(at as i32 + 1));
                }
                [column] => column.push(value),
                _ => put_fields(columns, value)?,
            }
        }
        let count = end - self.at;
        self.at = end;
        Ok(count)
    }
}

/// A composite element as columns.
fn put_fields(columns: &mut [Vector], value: DatumRef<'_>) -> Result<()> {
    let fields = match value {
        DatumRef::Bytes(stored) => decode_record(stored)?,
        _ => Vec::new(),
    };
    for (at, column) in columns.iter_mut().enumerate() {
        match fields.get(at) {
            Some(field) => column.push(field.value),
            None => column.push_null(),
        }
    }
    Ok(())
}

fn stored(args: &[Datum]) -> Box<[u8]> {
    args[0].as_ref().as_bytes().unwrap_or_default().into()
}

fn unnest(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    Ok(Box::new(Elements {
        stored: stored(args),
        at: 0,
        numbered: false,
    }))
}

/// `information_schema._pg_expandarray`: the elements and their positions.
fn expand(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    Ok(Box::new(Elements {
        stored: stored(args),
        at: 0,
        numbered: true,
    }))
}

/// The subscripts of a dimension.
fn subscripts(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let stored = stored(args);
    let array = ArrayRef::new(&stored)?;
    let wanted = args[1].as_ref().as_i64().unwrap_or(0);
    let reverse = args
        .get(2)
        .and_then(|arg| arg.as_ref().as_bool())
        .unwrap_or(false);
    let dim = usize::try_from(wanted - 1)
        .ok()
        .and_then(|at| array.dim(at));
    let mut values: Vec<Datum> = match dim {
        Some(dim) => (0..dim.len as i64)
            .map(|at| Datum::I32(dim.lower + at as i32))
            .collect(),
        None => Vec::new(),
    };
    if reverse {
        values.reverse();
    }
    Ok(ReadyRows::column(values))
}

/// `name=value` texts as two columns.
fn options(_: &EvalContext<'_>, args: &[Datum]) -> Result<Box<dyn SetRows>> {
    let stored = stored(args);
    let array = ArrayRef::new(&stored)?;
    let row = |text: &str| match text.split_once('=') {
        Some((name, value)) => vec![Datum::text(name), Datum::text(value)],
        None => vec![Datum::text(text), Datum::Null],
    };
    Ok(ReadyRows::boxed(
        array
            .iter()
            .filter_map(|value| value.as_str())
            .map(row)
            .collect(),
    ))
}

#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[FunctionDef] = &[
    set_of!(2331, "unnest", [ANYARRAY] -> ANYELEMENT, strict, [], unnest),
    set_of!(1192, "generate_subscripts", [ANYARRAY, INT4] -> INT4, strict, [], subscripts),
    set_of!(1191, "generate_subscripts", [ANYARRAY, INT4, BOOL] -> INT4, strict, [], subscripts),
    FunctionDef { volatility: crate::Volatility::Stable, ..set_of!(2289, "pg_options_to_table", [TEXT_ARRAY] -> RECORD, strict, [("option_name", TEXT), ("option_value", TEXT)], options) },
    // Declared over any array there; its uses are over the keys of indexes and constraints.
    set_of!(13208, "_pg_expandarray", [INT2VECTOR] -> RECORD, strict, [("x", INT2), ("n", INT4)], expand),
    set_of!(9002, "_pg_expandarray", [INT2_ARRAY] -> RECORD, strict, [("x", INT2), ("n", INT4)], expand),
];
