//! SQL types and values: what a value is in memory, in rows, in keys and on the wire.
//!
//! Owns the catalogue of built-in types, the vectors that operators pass, text and binary forms,
//! ordering, hashing and order-preserving keys. Invariant: equal values by [`compare`] hash equal
//! and have equal key bytes, and key bytes order as [`compare`] does.

mod array;
mod batch;
mod bitmap;
mod byte_vector;
mod collation;
mod compare;
pub mod datetime;
mod datum;
mod hash;
mod io;
pub mod json;
mod key;
mod numeric;
mod packed;
mod physical;
mod record;
mod sql_type;
mod text_context;
mod type_info;
mod type_oid;
mod type_table;
mod vector;

pub use array::{
    ARRAY_DIMS_MAX, ARRAY_ELEMENTS_MAX, ArrayBuilder, ArrayRef, Dim, build_array, too_many_dims,
};
pub use batch::{BATCH_ROWS, Batch};
pub use bitmap::Bitmap;
pub use byte_vector::ByteVector;
pub use collation::Collation;
pub use compare::{ValueClass, compare, compare_class, compare_floats, trim_blanks};
pub use datetime::{Interval, TimeTz};
pub use datum::{Datum, DatumRef};
pub use hash::{combine_hashes, hash, hash_bytes, hash_class, hash_vector, hash_word};
pub use io::{
    apply_text_typmod, apply_typmod, format_text, output_text, parse_bool, parse_bytea, parse_f32,
    parse_f64, parse_integer, parse_text, parse_uuid, push_text, recv_binary, send_binary,
    write_bytea, write_f32, write_f64,
};
pub use key::{decode_key, encode_key, encode_key_class, key_gives_value, key_value_size};
pub use numeric::{Numeric, NumericBytes};
pub use packed::{pack, unpack};
pub use physical::Physical;
pub use record::{RecordField, decode_record, encode_record, is_record};
pub use sql_type::{SqlType, format_type, interval_field};
pub use text_context::{ByteaOutput, DateFormat, DateOrder, IntervalStyle, RegNames, TextContext};
pub use type_info::{
    TypeInfo, all_types, array_of, element_of, physical_of, type_by_name, type_info, type_len,
};
pub use type_oid::TypeOid;
pub use vector::{Vector, VectorData};
