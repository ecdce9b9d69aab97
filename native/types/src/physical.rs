//! How a value lies in memory, whatever its SQL type.

/// The storage class of a type; each [`crate::Datum`] variant and [`crate::VectorData`] variant is
/// one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Physical {
    /// One byte, 0 or 1.
    Bool,
    I16,
    /// int4, oid and its kin (bits of a u32), date (days since 2000-01-01).
    I32,
    /// int8, time (us of the day), timestamp (us since 2000-01-01), xid8, tid.
    I64,
    F32,
    F64,
    /// uuid; interval (i64 us, i32 days, i32 months, little-endian); timetz (i64 us, i32 seconds
    /// west of Greenwich, zero padding).
    Fixed16,
    /// Everything else: text in UTF-8, bytea, and the encodings of numeric, jsonb, arrays, records.
    Bytes,
}

impl Physical {
    /// Bytes of one value, `None` for the variable class.
    pub const fn fixed_size(self) -> Option<usize> {
        match self {
            Self::Bool => Some(1),
            Self::I16 => Some(2),
            Self::I32 | Self::F32 => Some(4),
            Self::I64 | Self::F64 => Some(8),
            Self::Fixed16 => Some(16),
            Self::Bytes => None,
        }
    }
}
