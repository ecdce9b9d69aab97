//! One value: owned ([`Datum`]) or borrowed ([`DatumRef`]).

use crate::physical::Physical;

/// An owned value. Its SQL type is known from elsewhere; the variant is the type's
/// [`Physical`] class.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Datum {
    #[default]
    Null,
    Bool(bool),
    I16(i16),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    Fixed16([u8; 16]),
    Bytes(Box<[u8]>),
}

/// A borrowed value.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum DatumRef<'a> {
    #[default]
    Null,
    Bool(bool),
    I16(i16),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    Fixed16([u8; 16]),
    Bytes(&'a [u8]),
}

impl Datum {
    pub fn text(text: &str) -> Self {
        Self::Bytes(text.as_bytes().into())
    }

    /// An object id, in the class of `oid` and its kin.
    pub fn oid(oid: u32) -> Self {
        Self::I32(oid as i32)
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether both are the same bits (`datumIsEqual`): NaN is itself, and 0 is not -0.
    pub fn is_identical(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::F32(a), Self::F32(b)) => a.to_bits() == b.to_bits(),
            (Self::F64(a), Self::F64(b)) => a.to_bits() == b.to_bits(),
            _ => self == other,
        }
    }

    #[inline]
    pub fn as_ref(&self) -> DatumRef<'_> {
        match self {
            Self::Null => DatumRef::Null,
            Self::Bool(v) => DatumRef::Bool(*v),
            Self::I16(v) => DatumRef::I16(*v),
            Self::I32(v) => DatumRef::I32(*v),
            Self::I64(v) => DatumRef::I64(*v),
            Self::F32(v) => DatumRef::F32(*v),
            Self::F64(v) => DatumRef::F64(*v),
            Self::Fixed16(v) => DatumRef::Fixed16(*v),
            Self::Bytes(v) => DatumRef::Bytes(v),
        }
    }

    /// Bytes held outside the value itself.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Bytes(v) => v.len(),
            _ => 0,
        }
    }
}

impl<'a> DatumRef<'a> {
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn to_owned(self) -> Datum {
        match self {
            Self::Null => Datum::Null,
            Self::Bool(v) => Datum::Bool(v),
            Self::I16(v) => Datum::I16(v),
            Self::I32(v) => Datum::I32(v),
            Self::I64(v) => Datum::I64(v),
            Self::F32(v) => Datum::F32(v),
            Self::F64(v) => Datum::F64(v),
            Self::Fixed16(v) => Datum::Fixed16(v),
            Self::Bytes(v) => Datum::Bytes(v.into()),
        }
    }

    /// The class of the value, `None` for NULL.
    pub fn physical(self) -> Option<Physical> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => Physical::Bool,
            Self::I16(_) => Physical::I16,
            Self::I32(_) => Physical::I32,
            Self::I64(_) => Physical::I64,
            Self::F32(_) => Physical::F32,
            Self::F64(_) => Physical::F64,
            Self::Fixed16(_) => Physical::Fixed16,
            Self::Bytes(_) => Physical::Bytes,
        })
    }

    pub fn as_bool(self) -> Option<bool> {
        match self {
            Self::Bool(v) => Some(v),
            _ => None,
        }
    }

    /// The value of any integer class, widened.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::I16(v) => Some(v.into()),
            Self::I32(v) => Some(v.into()),
            Self::I64(v) => Some(v),
            _ => None,
        }
    }

    /// The bits of an object id.
    pub fn as_oid(self) -> Option<u32> {
        match self {
            Self::I32(v) => Some(v as u32),
            _ => None,
        }
    }

    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::F32(v) => Some(v.into()),
            Self::F64(v) => Some(v),
            _ => None,
        }
    }

    pub fn as_bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(v) => Some(v),
            _ => None,
        }
    }

    /// The bytes of a text-like value. Stored text is UTF-8, checked when it came in.
    pub fn as_str(self) -> Option<&'a str> {
        self.as_bytes()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

impl<'a> From<&'a Datum> for DatumRef<'a> {
    fn from(datum: &'a Datum) -> Self {
        datum.as_ref()
    }
}

const _: () = assert!(size_of::<Datum>() == 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrowing_and_owning_are_inverse() {
        for datum in [
            Datum::Null,
            Datum::Bool(true),
            Datum::oid(u32::MAX),
            Datum::text("é"),
        ] {
            assert_eq!(datum.as_ref().to_owned(), datum);
        }
        assert_eq!(Datum::oid(u32::MAX).as_ref().as_oid(), Some(u32::MAX));
    }
}
