//! The byte form in which an object of the catalog lies in its row.
//!
//! A record is its fields one after the other, preceded by its length, so that a field added at the
//! end later reads as its default from an older row, and fields of a newer minor format are skipped
//! by an older program. Integers are LEB128 (signed ones zigzag), strings length and bytes. The
//! macro `stored!` declares a struct or an enum together with its two conversions. Invariant: fields
//! are only ever added at the end, variants never renumbered.

use common::{Error, FileId, ObjectId, Result, Xid};

/// A cursor over the bytes of one row's body.
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next `count` bytes; XX001 if there are not so many.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        if count > self.bytes.len() {
            return Err(Error::corrupted("a catalog row ends too early"));
        }
        let (head, tail) = self.bytes.split_at(count);
        self.bytes = tail;
        Ok(head)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::corrupted("a number in a catalog row is too long"))
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.varint()?).map_err(|_| Error::corrupted("a catalog length overflows"))
    }
}

/// A value that can be part of a catalog row.
pub trait Stored: Sized {
    fn put(&self, out: &mut Vec<u8>);
    fn get(from: &mut Reader<'_>) -> Result<Self>;
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

macro_rules! unsigned {
    ($($ty:ty),*) => {$(
        impl Stored for $ty {
            fn put(&self, out: &mut Vec<u8>) {
                put_varint(u64::from(*self), out);
            }
            fn get(from: &mut Reader<'_>) -> Result<Self> {
                Self::try_from(from.varint()?)
                    .map_err(|_| Error::corrupted("a number in a catalog row is out of range"))
            }
        }
    )*};
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($ty:ty),*) => {$(
        impl Stored for $ty {
            fn put(&self, out: &mut Vec<u8>) {
                let value = i64::from(*self);
                put_varint(((value << 1) ^ (value >> 63)) as u64, out);
            }
            fn get(from: &mut Reader<'_>) -> Result<Self> {
                let raw = from.varint()?;
                let value = (raw >> 1) as i64 ^ -((raw & 1) as i64);
                Self::try_from(value)
                    .map_err(|_| Error::corrupted("a number in a catalog row is out of range"))
            }
        }
    )*};
}
signed!(i16, i32, i64);

macro_rules! newtype {
    ($($ty:ident($inner:ty)),*) => {$(
        impl Stored for $ty {
            fn put(&self, out: &mut Vec<u8>) {
                self.0.put(out);
            }
            fn get(from: &mut Reader<'_>) -> Result<Self> {
                Ok(Self(<$inner>::get(from)?))
            }
        }
    )*};
}
newtype!(ObjectId(u32), FileId(u32), Xid(u64));

impl Stored for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        Ok(from.take(1)?[0] != 0)
    }
}

impl Stored for f64 {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        let bytes = from
            .take(8)?
            .try_into()
            .expect("take gives what was asked for");
        Ok(Self::from_le_bytes(bytes))
    }
}

impl Stored for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_varint(self.len() as u64, out);
        out.extend_from_slice(self.as_bytes());
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        let length = from.length()?;
        let bytes = from.take(length)?.to_vec();
        Self::from_utf8(bytes).map_err(|_| Error::corrupted("a catalog text is not UTF-8"))
    }
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        Ok(match bool::get(from)? {
            true => Some(T::get(from)?),
            false => None,
        })
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_varint(self.len() as u64, out);
        for value in self {
            value.put(out);
        }
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        let count = from.length()?;
        // Every element takes at least a byte: a wrong count must not reserve memory.
        let mut values = Self::with_capacity(count.min(from.bytes.len()));
        for _ in 0..count {
            values.push(T::get(from)?);
        }
        Ok(values)
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn get(from: &mut Reader<'_>) -> Result<Self> {
        Ok((A::get(from)?, B::get(from)?))
    }
}

/// Writes a record: its length, then its fields.
pub(crate) fn put_record(out: &mut Vec<u8>, fields: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    fields(&mut body);
    put_varint(body.len() as u64, out);
    out.extend_from_slice(&body);
}

/// The reader of the next record's fields.
pub(crate) fn get_record<'a>(from: &mut Reader<'a>) -> Result<Reader<'a>> {
    let length = from.length()?;
    Ok(Reader::new(from.take(length)?))
}

/// A field of a record, or its default when the row is older than the field.
pub(crate) fn get_field<T: Stored + Default>(from: &mut Reader<'_>) -> Result<T> {
    if from.is_empty() {
        return Ok(T::default());
    }
    T::get(from)
}

/// Declares structs (fields in storage order) and field-less enums (numbered) that can be stored.
macro_rules! stored {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $ty:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl $crate::stored::Stored for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $crate::stored::put_record(out, |out| {
                    $($crate::stored::Stored::put(&self.$field, out);)*
                });
            }
            fn get(from: &mut $crate::stored::Reader<'_>) -> common::Result<Self> {
                let mut record = $crate::stored::get_record(from)?;
                Ok(Self { $($field: $crate::stored::get_field(&mut record)?,)* })
            }
        }
    };
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $number:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $name {
            $($(#[$variant_meta])* $variant = $number,)*
        }

        impl $crate::stored::Stored for $name {
            fn put(&self, out: &mut Vec<u8>) {
                out.push(*self as u8);
            }
            fn get(from: &mut $crate::stored::Reader<'_>) -> common::Result<Self> {
                match from.take(1)?[0] {
                    $($number => Ok(Self::$variant),)*
                    other => Err(common::Error::corrupted(format!(
                        concat!("unknown ", stringify!($name), " {} in the catalog"), other
                    ))),
                }
            }
        }
    };
}
pub(crate) use stored;
