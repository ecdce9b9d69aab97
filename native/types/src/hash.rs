//! Hashes that equal values share: equal by [`crate::compare`], integers of any width among
//! themselves, floats of both widths among themselves.

use crate::array::ArrayRef;
use crate::compare::{ValueClass, trim_blanks};
use crate::datetime::Interval;
use crate::datum::DatumRef;
use crate::json::hash_jsonb;
use crate::numeric::Numeric;
use crate::record::decode_record;
use crate::type_oid::TypeOid;
use crate::vector::{Vector, VectorData};

/// What NULL hashes to, for grouping.
const NULL_HASH: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hash of bytes.
#[inline]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(bytes)
}

/// Hash of a word: a multiplication folded, twice, as wyhash and rapidhash mix.
#[inline]
pub fn hash_word(word: u64) -> u64 {
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    fold(
        fold(word ^ 0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9) ^ word,
        0x4b33_a62e_d433_d4a3,
    )
}

/// Joins the hash of a further column.
#[inline]
pub fn combine_hashes(first: u64, next: u64) -> u64 {
    hash_word(first.rotate_left(23) ^ next)
}

/// Hash of one value; NULL has one too.
#[inline]
pub fn hash(oid: TypeOid, value: DatumRef<'_>) -> u64 {
    hash_class(ValueClass::of(oid), value)
}

/// [`hash`] with the class at hand.
pub fn hash_class(class: ValueClass, value: DatumRef<'_>) -> u64 {
    match value {
        DatumRef::Null => NULL_HASH,
        DatumRef::Bool(v) => hash_word(v.into()),
        DatumRef::I16(v) => hash_word(i64::from(v) as u64),
        DatumRef::I32(v) if class == ValueClass::Unsigned => hash_word((v as u32).into()),
        DatumRef::I32(v) => hash_word(i64::from(v) as u64),
        DatumRef::I64(v) => hash_word(v as u64),
        DatumRef::F32(v) => hash_float(v.into()),
        DatumRef::F64(v) => hash_float(v),
        DatumRef::Fixed16(v) => match class {
            ValueClass::Interval => {
                let span = Interval::from_bytes(v).span_us();
                combine_hashes(hash_word(span as u64), (span >> 64) as u64)
            }
            _ => hash_bytes(&v),
        },
        DatumRef::Bytes(v) => hash_variable(class, v),
    }
}

fn hash_float(v: f64) -> u64 {
    let canonical = if v.is_nan() {
        f64::NAN
    } else if v == 0.0 {
        0.0
    } else {
        v
    };
    hash_word(canonical.to_bits())
}

fn hash_variable(class: ValueClass, bytes: &[u8]) -> u64 {
    match class {
        ValueClass::Bpchar => hash_bytes(trim_blanks(bytes)),
        ValueClass::Numeric => hash_numeric(bytes),
        ValueClass::Jsonb => hash_jsonb(bytes).unwrap_or_else(|_| hash_bytes(bytes)),
        ValueClass::Array => hash_array(bytes),
        ValueClass::Record => hash_record(bytes),
        _ => hash_bytes(bytes),
    }
}

fn hash_numeric(bytes: &[u8]) -> u64 {
    let Some((mut coef, mut scale)) = Numeric::decode_small(bytes) else {
        return match Numeric::decode(bytes) {
            Ok(number) if number.is_finite() => {
                let trimmed = number.trim_scale();
                // A trimmed value may have become small; then it hashes as one.
                let bytes = trimmed.to_bytes();
                match Numeric::decode_small(&bytes) {
                    Some(_) => hash_numeric(&bytes),
                    None => hash_bytes(&bytes),
                }
            }
            _ => hash_bytes(bytes),
        };
    };
    if coef == 0 {
        scale = 0;
    }
    while scale > 0 && coef % 10 == 0 {
        coef /= 10;
        scale -= 1;
    }
    combine_hashes(
        hash_word(coef as u64 ^ u64::from(scale) << 48),
        (coef >> 64) as u64,
    )
}

fn hash_array(bytes: &[u8]) -> u64 {
    let Ok(array) = ArrayRef::new(bytes) else {
        return hash_bytes(bytes);
    };
    let class = ValueClass::of(array.elem());
    array.iter().fold(array.len() as u64, |seed, v| {
        combine_hashes(seed, hash_class(class, v))
    })
}

fn hash_record(bytes: &[u8]) -> u64 {
    let Ok(fields) = decode_record(bytes) else {
        return hash_bytes(bytes);
    };
    fields.iter().fold(fields.len() as u64, |seed, field| {
        combine_hashes(seed, hash(field.ty, field.value))
    })
}

/// Hashes a column into `hashes`, one for each row; joins them to what is there if `combine`.
pub fn hash_vector(oid: TypeOid, vector: &Vector, hashes: &mut [u64], combine: bool) {
    let class = ValueClass::of(oid);
    let mut put = |row: usize, hash: u64| {
        let slot = &mut hashes[row];
        *slot = if combine {
            combine_hashes(*slot, hash)
        } else {
            hash
        };
    };
    if vector.is_constant() {
        if !vector.is_empty() {
            let hash = hash_class(class, vector.get(0));
            (0..vector.len()).for_each(|row| put(row, hash));
        }
        return;
    }
    if vector.nulls().is_none() {
        match vector.data() {
            VectorData::I64(values) => {
                return values
                    .iter()
                    .enumerate()
                    .for_each(|(at, &v)| put(at, hash_word(v as u64)));
            }
            VectorData::I32(values) if class == ValueClass::Signed => {
                return values
                    .iter()
                    .enumerate()
                    .for_each(|(at, &v)| put(at, hash_word(i64::from(v) as u64)));
            }
            VectorData::Bytes(values) if class == ValueClass::Bytes => {
                return values
                    .iter()
                    .enumerate()
                    .for_each(|(at, v)| put(at, hash_bytes(v)));
            }
            _ => {}
        }
    }
    (0..vector.len()).for_each(|row| put(row, hash_class(class, vector.get(row))));
}
