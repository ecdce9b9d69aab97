//! Conversions between numbers, text-like types and object ids that casts use.

use common::{Result, err, sqlstate};
use types::{Numeric, SqlType, TypeOid, parse_text, trim_blanks};

use crate::errors::out_of_range;
use crate::{EvalContext, FunctionDef, def};

fn fit<T, F>(value: F, ty: &str) -> Result<T>
where
    T: TryFrom<F>,
{
    T::try_from(value).map_err(|_| out_of_range(ty))
}

/// Rounds half to even; what lies outside `[min, end)` is 22003.
fn whole(value: f64, min: f64, end: f64, ty: &str) -> Result<i64> {
    let rounded = value.round_ties_even();
    if rounded >= min && rounded < end {
        Ok(rounded as i64)
    } else {
        Err(out_of_range(ty))
    }
}

fn to_i16(value: f64) -> Result<i16> {
    whole(value, -32768.0, 32768.0, "smallint").map(|v| v as i16)
}

fn to_i32(value: f64) -> Result<i32> {
    whole(value, -2_147_483_648.0, 2_147_483_648.0, "integer").map(|v| v as i32)
}

fn to_i64(value: f64) -> Result<i64> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    whole(value, -END, END, "bigint")
}

fn to_f32(value: f64) -> Result<f32> {
    let narrow = value as f32;
    if narrow.is_infinite() && value.is_finite() {
        return Err(err!(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "value out of range: overflow"
        ));
    }
    if narrow == 0.0 && value != 0.0 {
        return Err(err!(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "value out of range: underflow"
        ));
    }
    Ok(narrow)
}

/// `char(n)` loses the blanks at its end.
fn without_blanks(text: &[u8]) -> &[u8] {
    trim_blanks(text)
}

/// A name has at most 63 bytes, cut between characters.
pub(crate) fn clip_name(text: &str) -> &str {
    let mut end = text.len().min(63);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// "char" is one byte; all beyond is lost.
fn first_byte(text: &[u8]) -> &[u8] {
    &text[..text.len().min(1)]
}

/// The object that a name stands for.
fn object_named(cx: &EvalContext<'_>, ty: TypeOid, name: &str) -> Result<u32> {
    let value = parse_text(SqlType::new(ty), name, cx.text)?;
    value
        .as_ref()
        .as_oid()
        .ok_or_else(|| common::Error::internal("a name gave no object id"))
}

/// A "char" as number and back: its byte, signed.
fn char_code(text: &[u8]) -> i32 {
    text.first().map_or(0, |&byte| i32::from(byte as i8))
}

fn char_of(code: i32) -> Result<Vec<u8>> {
    let byte = i8::try_from(code).map_err(|_| out_of_range("\"char\""))?;
    // A zero byte is the empty "char".
    Ok(if byte == 0 {
        Vec::new()
    } else {
        vec![byte as u8]
    })
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(314, "int2", [INT4] -> INT2, Immutable, |a: i32| fit::<i16, i32>(a, "smallint") => i16),
    def!(714, "int2", [INT8] -> INT2, Immutable, |a: i64| fit::<i16, i64>(a, "smallint") => i16),
    def!(238, "int2", [FLOAT4] -> INT2, Immutable, |a: f32| to_i16(a.into()) => i16),
    def!(237, "int2", [FLOAT8] -> INT2, Immutable, |a: f64| to_i16(a) => i16),
    def!(1783, "int2", [NUMERIC] -> INT2, Immutable, |a: Numeric| a.to_i16() => i16),
    def!(313, "int4", [INT2] -> INT4, Immutable, |a: i16| i32::from(a) => i32),
    def!(480, "int4", [INT8] -> INT4, Immutable, |a: i64| fit::<i32, i64>(a, "integer") => i32),
    def!(319, "int4", [FLOAT4] -> INT4, Immutable, |a: f32| to_i32(a.into()) => i32),
    def!(317, "int4", [FLOAT8] -> INT4, Immutable, |a: f64| to_i32(a) => i32),
    def!(1744, "int4", [NUMERIC] -> INT4, Immutable, |a: Numeric| a.to_i32() => i32),
    def!(77, "int4", [CHAR] -> INT4, Immutable, |a: &[u8]| char_code(a) => i32),
    def!(754, "int8", [INT2] -> INT8, Immutable, |a: i16| i64::from(a) => i64),
    def!(481, "int8", [INT4] -> INT8, Immutable, |a: i32| i64::from(a) => i64),
    def!(653, "int8", [FLOAT4] -> INT8, Immutable, |a: f32| to_i64(a.into()) => i64),
    def!(483, "int8", [FLOAT8] -> INT8, Immutable, |a: f64| to_i64(a) => i64),
    def!(1779, "int8", [NUMERIC] -> INT8, Immutable, |a: Numeric| a.to_i64("bigint") => i64),
    def!(1288, "int8", [OID] -> INT8, Immutable, |a: u32| i64::from(a) => i64),
    def!(1287, "oid", [INT8] -> OID, Immutable, |a: i64| fit::<u32, i64>(a, "OID") => u32),
    def!(236, "float4", [INT2] -> FLOAT4, Immutable, |a: i16| f32::from(a) => f32),
    def!(318, "float4", [INT4] -> FLOAT4, Immutable, |a: i32| a as f32 => f32),
    def!(652, "float4", [INT8] -> FLOAT4, Immutable, |a: i64| a as f32 => f32),
    def!(312, "float4", [FLOAT8] -> FLOAT4, Immutable, |a: f64| to_f32(a) => f32),
    def!(1745, "float4", [NUMERIC] -> FLOAT4, Immutable, |a: Numeric| a.to_f32() => f32),
    def!(235, "float8", [INT2] -> FLOAT8, Immutable, |a: i16| f64::from(a) => f64),
    def!(316, "float8", [INT4] -> FLOAT8, Immutable, |a: i32| f64::from(a) => f64),
    def!(482, "float8", [INT8] -> FLOAT8, Immutable, |a: i64| a as f64 => f64),
    def!(311, "float8", [FLOAT4] -> FLOAT8, Immutable, |a: f32| f64::from(a) => f64),
    def!(1746, "float8", [NUMERIC] -> FLOAT8, Immutable, |a: Numeric| a.to_f64() => f64),
    def!(1782, "numeric", [INT2] -> NUMERIC, Immutable, |a: i16| Numeric::from(i64::from(a)) => Numeric),
    def!(1740, "numeric", [INT4] -> NUMERIC, Immutable, |a: i32| Numeric::from(i64::from(a)) => Numeric),
    def!(1781, "numeric", [INT8] -> NUMERIC, Immutable, |a: i64| Numeric::from(a) => Numeric),
    def!(1742, "numeric", [FLOAT4] -> NUMERIC, Immutable, |a: f32| Numeric::from_f32(a) => Numeric),
    def!(1743, "numeric", [FLOAT8] -> NUMERIC, Immutable, |a: f64| Numeric::from_f64(a) => Numeric),
    def!(401, "text", [BPCHAR] -> TEXT, Immutable, |a: &[u8]| without_blanks(a) => &[u8]),
    def!(406, "text", [NAME] -> TEXT, Immutable, |a: &[u8]| a => &[u8]),
    def!(946, "text", [CHAR] -> TEXT, Immutable, |a: &[u8]| a => &[u8]),
    def!(408, "bpchar", [NAME] -> BPCHAR, Immutable, |a: &[u8]| a => &[u8]),
    def!(860, "bpchar", [CHAR] -> BPCHAR, Immutable, |a: &[u8]| a => &[u8]),
    def!(1401, "varchar", [NAME] -> VARCHAR, Immutable, |a: &[u8]| a => &[u8]),
    def!(407, "name", [TEXT] -> NAME, Immutable, |a: &str| clip_name(a) => &str),
    def!(409, "name", [BPCHAR] -> NAME, Immutable, |a: &str| clip_name(a.trim_end_matches(' ')) => &str),
    def!(1400, "name", [VARCHAR] -> NAME, Immutable, |a: &str| clip_name(a) => &str),
    def!(944, "char", [TEXT] -> CHAR, Immutable, |a: &[u8]| first_byte(a) => &[u8]),
    def!(78, "char", [INT4] -> CHAR, Immutable, |a: i32| char_of(a) => Vec<u8>),
    def!(1079, "regclass", [TEXT] -> REGCLASS, Stable, cx |a: &str| object_named(cx, TypeOid::REGCLASS, a) => u32),
    def!(5071, "xid", [XID8] -> XID, Immutable, |a: i64| a as u32 => u32),
];
