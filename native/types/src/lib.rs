//! SQL types and values: what a value is in memory, in rows, in keys and on the wire.
//!
//! Owns the catalogue of built-in types, the vectors that operators pass, text and binary forms,
//! ordering, hashing and order-preserving keys. Invariant: equal values by [`compare`] hash equal
//! and have equal key bytes, and key bytes order as [`compare`] does.

mod batch;
mod bitmap;
mod byte_vector;
mod datum;
mod numeric;
mod physical;
mod sql_type;
mod text_context;
mod type_info;
mod type_oid;
mod type_table;
mod vector;

pub use batch::{BATCH_ROWS, Batch};
pub use bitmap::Bitmap;
pub use byte_vector::ByteVector;
pub use datum::{Datum, DatumRef};
pub use numeric::{Numeric, NumericBytes};
pub use physical::Physical;
pub use sql_type::{SqlType, format_type, interval_field};
pub use text_context::{ByteaOutput, DateFormat, DateOrder, IntervalStyle, RegNames, TextContext};
pub use type_info::{
    TypeInfo, all_types, array_of, element_of, physical_of, type_by_name, type_info,
};
pub use type_oid::TypeOid;
pub use vector::{Vector, VectorData};
