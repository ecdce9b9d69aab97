//! A column of up to a batch's rows.
//!
//! Invariants: a flat vector's data has `len` values, those at NULL rows being zeroes; a constant
//! vector's data (and null bitmap) has one and stands for `len` equal ones. `index_mask` turns a row
//! number into a data position without a branch.

use crate::bitmap::Bitmap;
use crate::byte_vector::ByteVector;
use crate::datum::{Datum, DatumRef};
use crate::physical::Physical;
use crate::type_info::physical_of;
use crate::type_oid::TypeOid;

/// The values of a [`Vector`], by storage class.
#[derive(Clone, Debug, PartialEq)]
pub enum VectorData {
    Bool(Vec<u8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Fixed16(Vec<[u8; 16]>),
    Bytes(ByteVector),
}

/// Runs `$body` with `$values` bound to the `Vec` of a fixed class, or `$bytes` to the byte vector.
macro_rules! each_class {
    ($data:expr, $values:ident => $body:expr, $bytes:ident => $bytes_body:expr) => {
        match $data {
            VectorData::Bool($values) => $body,
            VectorData::I16($values) => $body,
            VectorData::I32($values) => $body,
            VectorData::I64($values) => $body,
            VectorData::F32($values) => $body,
            VectorData::F64($values) => $body,
            VectorData::Fixed16($values) => $body,
            VectorData::Bytes($bytes) => $bytes_body,
        }
    };
}

impl VectorData {
    pub fn new(physical: Physical) -> Self {
        Self::with_capacity(physical, 0)
    }

    pub fn with_capacity(physical: Physical, rows: usize) -> Self {
        match physical {
            Physical::Bool => Self::Bool(Vec::with_capacity(rows)),
            Physical::I16 => Self::I16(Vec::with_capacity(rows)),
            Physical::I32 => Self::I32(Vec::with_capacity(rows)),
            Physical::I64 => Self::I64(Vec::with_capacity(rows)),
            Physical::F32 => Self::F32(Vec::with_capacity(rows)),
            Physical::F64 => Self::F64(Vec::with_capacity(rows)),
            Physical::Fixed16 => Self::Fixed16(Vec::with_capacity(rows)),
            Physical::Bytes => Self::Bytes(ByteVector::with_capacity(rows, 0)),
        }
    }

    pub fn physical(&self) -> Physical {
        match self {
            Self::Bool(_) => Physical::Bool,
            Self::I16(_) => Physical::I16,
            Self::I32(_) => Physical::I32,
            Self::I64(_) => Physical::I64,
            Self::F32(_) => Physical::F32,
            Self::F64(_) => Physical::F64,
            Self::Fixed16(_) => Physical::Fixed16,
            Self::Bytes(_) => Physical::Bytes,
        }
    }

    pub fn len(&self) -> usize {
        each_class!(self, v => v.len(), b => b.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn get(&self, at: usize) -> DatumRef<'_> {
        match self {
            Self::Bool(v) => DatumRef::Bool(v[at] != 0),
            Self::I16(v) => DatumRef::I16(v[at]),
            Self::I32(v) => DatumRef::I32(v[at]),
            Self::I64(v) => DatumRef::I64(v[at]),
            Self::F32(v) => DatumRef::F32(v[at]),
            Self::F64(v) => DatumRef::F64(v[at]),
            Self::Fixed16(v) => DatumRef::Fixed16(v[at]),
            Self::Bytes(v) => DatumRef::Bytes(v.get(at)),
        }
    }

    fn push_default(&mut self) {
        each_class!(self, v => v.push(Default::default()), b => b.end_value())
    }

    fn clear(&mut self) {
        each_class!(self, v => v.clear(), b => b.clear())
    }

    fn truncate(&mut self, len: usize) {
        each_class!(self, v => v.truncate(len), b => b.truncate(len))
    }
}

/// A column of values; NULL where the bit of `nulls` is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    data: VectorData,
    nulls: Option<Bitmap>,
    len: usize,
    constant: bool,
}

impl Vector {
    pub fn new(physical: Physical) -> Self {
        Self::from_data(VectorData::new(physical), None)
    }

    pub fn with_capacity(physical: Physical, rows: usize) -> Self {
        Self::from_data(VectorData::with_capacity(physical, rows), None)
    }

    pub fn for_type(oid: TypeOid) -> Self {
        Self::new(physical_of(oid))
    }

    /// A flat vector of `data`. A null bitmap must be as long; its rows' values should be zeroes.
    pub fn from_data(data: VectorData, nulls: Option<Bitmap>) -> Self {
        let len = data.len();
        if let Some(nulls) = &nulls {
            assert_eq!(nulls.len(), len, "a bit for each row");
        }
        Self {
            data,
            nulls,
            len,
            constant: false,
        }
    }

    /// `len` times one value, at the cost of one. NULL is stored in `physical`'s class.
    pub fn constant_of(physical: Physical, value: DatumRef<'_>, len: usize) -> Self {
        let mut vector = Self::with_capacity(physical, 1);
        vector.push(value);
        vector.len = len;
        vector.constant = true;
        vector
    }

    /// `len` times one value; a NULL is of the one-byte class, so say the class with
    /// [`Vector::constant_of`] where the type matters.
    pub fn constant(value: Datum, len: usize) -> Self {
        let physical = value.as_ref().physical().unwrap_or(Physical::Bool);
        Self::constant_of(physical, value.as_ref(), len)
    }

    /// `len` NULLs.
    pub fn nulls_of(physical: Physical, len: usize) -> Self {
        Self::constant_of(physical, DatumRef::Null, len)
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn physical(&self) -> Physical {
        self.data.physical()
    }

    pub fn is_constant(&self) -> bool {
        self.constant
    }

    /// What to and a row number with to get its place in the data: 0 for a constant, else all ones.
    #[inline]
    pub fn index_mask(&self) -> usize {
        if self.constant { 0 } else { usize::MAX }
    }

    pub fn data(&self) -> &VectorData {
        &self.data
    }

    /// The data to change in place; keep the number of values. Not for constants: flatten first.
    pub fn data_mut(&mut self) -> &mut VectorData {
        &mut self.data
    }

    pub fn into_parts(self) -> (VectorData, Option<Bitmap>) {
        let flat = self.into_flat();
        (flat.data, flat.nulls)
    }

    /// The bitmap of NULLs by data position (one bit for a constant).
    pub fn nulls(&self) -> Option<&Bitmap> {
        self.nulls.as_ref()
    }

    pub fn has_nulls(&self) -> bool {
        self.nulls.as_ref().is_some_and(Bitmap::any)
    }

    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        match &self.nulls {
            None => false,
            Some(nulls) => nulls.get(row & self.index_mask()),
        }
    }

    #[inline]
    pub fn get(&self, row: usize) -> DatumRef<'_> {
        debug_assert!(row < self.len);
        if self.is_null(row) {
            return DatumRef::Null;
        }
        self.data.get(row & self.index_mask())
    }

    /// Makes a row NULL.
    pub fn set_null(&mut self, row: usize) {
        self.flatten();
        let len = self.len;
        self.nulls
            .get_or_insert_with(|| Bitmap::filled(len, false))
            .set(row, true);
    }

    /// Replaces the NULL bitmap, as long as the vector.
    pub fn set_nulls(&mut self, nulls: Option<Bitmap>) {
        self.flatten();
        if let Some(nulls) = &nulls {
            assert_eq!(nulls.len(), self.len, "a bit for each row");
        }
        self.nulls = nulls;
    }

    pub fn push_null(&mut self) {
        self.flatten();
        let len = self.len;
        self.nulls
            .get_or_insert_with(|| Bitmap::filled(len, false))
            .push(true);
        self.data.push_default();
        self.len += 1;
    }

    /// Appends a value, of this vector's class or NULL.
    ///
    /// # Panics
    /// When the class is another: a plan whose types do not agree.
    #[inline]
    pub fn push(&mut self, value: DatumRef<'_>) {
        self.flatten();
        match (&mut self.data, value) {
            (VectorData::Bool(v), DatumRef::Bool(x)) => v.push(x.into()),
            (VectorData::I16(v), DatumRef::I16(x)) => v.push(x),
            (VectorData::I32(v), DatumRef::I32(x)) => v.push(x),
            (VectorData::I64(v), DatumRef::I64(x)) => v.push(x),
            (VectorData::F32(v), DatumRef::F32(x)) => v.push(x),
            (VectorData::F64(v), DatumRef::F64(x)) => v.push(x),
            (VectorData::Fixed16(v), DatumRef::Fixed16(x)) => v.push(x),
            (VectorData::Bytes(v), DatumRef::Bytes(x)) => v.push(x),
            (_, DatumRef::Null) => return self.push_null(),
            (data, value) => panic!("a {:?} vector got {value:?}", data.physical()),
        }
        if let Some(nulls) = &mut self.nulls {
            nulls.push(false);
        }
        self.len += 1;
    }

    /// Appends a value of the variable class: the bytes that `write` appends.
    ///
    /// # Panics
    /// When the vector is of another class.
    #[inline]
    pub fn push_written(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.flatten();
        let VectorData::Bytes(values) = &mut self.data else {
            panic!("a {:?} vector got bytes", self.data.physical());
        };
        write(&mut values.bytes);
        values.end_value();
        if let Some(nulls) = &mut self.nulls {
            nulls.push(false);
        }
        self.len += 1;
    }

    /// Appends row `row` of `from`, a vector of the same class.
    #[inline]
    pub fn append_from(&mut self, from: &Self, row: usize) {
        self.push(from.get(row));
    }

    /// Appends all rows of `from`, a vector of the same class.
    pub fn append_all(&mut self, from: &Self) {
        self.flatten();
        if from.constant {
            (0..from.len).for_each(|row| self.append_from(from, row));
            return;
        }
        macro_rules! extend {
            ($($class:ident),*) => {
                match (&mut self.data, &from.data) {
                    $((VectorData::$class(to), VectorData::$class(values)) => {
                        to.extend_from_slice(values)
                    })*
                    (VectorData::Bytes(to), VectorData::Bytes(values)) => {
                        values.iter().for_each(|value| to.push(value))
                    }
                    (to, other) => {
                        panic!("a {:?} vector got a {:?} one", to.physical(), other.physical())
                    }
                }
            };
        }
        extend!(Bool, I16, I32, I64, F32, F64, Fixed16);
        match (&mut self.nulls, &from.nulls) {
            (None, None) => {}
            (mine, theirs) => {
                let mine = mine.get_or_insert_with(|| Bitmap::filled(self.len, false));
                match theirs {
                    None => mine.resize(self.len + from.len, false),
                    Some(theirs) => (0..from.len).for_each(|row| mine.push(theirs.get(row))),
                }
            }
        }
        self.len += from.len;
    }

    /// The rows that `selection` names, in its order.
    pub fn gather(&self, selection: &[u32]) -> Self {
        if self.constant {
            return Self {
                len: selection.len(),
                ..self.clone()
            };
        }
        macro_rules! pick {
            ($($class:ident),*) => {
                match &self.data {
                    $(VectorData::$class(v) => VectorData::$class(
                        selection.iter().map(|&row| v[row as usize]).collect(),
                    ),)*
                    VectorData::Bytes(v) => {
                        let size = selection.iter().map(|&row| v.get(row as usize).len()).sum();
                        let mut picked = ByteVector::with_capacity(selection.len(), size);
                        selection.iter().for_each(|&row| picked.push(v.get(row as usize)));
                        VectorData::Bytes(picked)
                    }
                }
            };
        }
        let data = pick!(Bool, I16, I32, I64, F32, F64, Fixed16);
        let nulls = self.nulls.as_ref().map(|nulls| {
            let mut picked = Bitmap::new();
            selection
                .iter()
                .for_each(|&row| picked.push(nulls.get(row as usize)));
            picked
        });
        Self::from_data(data, nulls)
    }

    /// Rows `from..from + len`.
    pub fn slice(&self, from: usize, len: usize) -> Self {
        assert!(
            from + len <= self.len,
            "rows {from}..{} of {}",
            from + len,
            self.len
        );
        if self.constant {
            return Self {
                len,
                ..self.clone()
            };
        }
        let selection: Vec<u32> = (from as u32..(from + len) as u32).collect();
        self.gather(&selection)
    }

    /// Turns a constant into a flat vector.
    pub fn flatten(&mut self) {
        if !self.constant {
            return;
        }
        self.constant = false;
        match self.len {
            0 => self.clear(),
            1 => {}
            len => *self = self.gather(&vec![0; len]),
        }
    }

    pub fn into_flat(mut self) -> Self {
        self.flatten();
        self
    }

    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.data.clear();
        self.nulls = None;
        self.len = 0;
        self.constant = false;
    }

    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.len = len;
        if self.constant {
            return;
        }
        self.data.truncate(len);
        if let Some(nulls) = &mut self.nulls {
            nulls.resize(len, false);
        }
    }

    /// Bytes of memory held.
    pub fn memory_bytes(&self) -> usize {
        let data = each_class!(
            &self.data,
            v => size_of_val(v.as_slice()),
            b => b.bytes.len() + size_of_val(b.offsets.as_slice())
        );
        data + self
            .nulls
            .as_ref()
            .map_or(0, |nulls| nulls.words().len() * 8)
    }
}

/// Slices of the data by class: one value for a constant.
macro_rules! accessors {
    ($($name:ident, $class:ident, $ty:ty;)*) => {
        impl Vector {
            $(
                /// The data of this class; one value for a constant.
                ///
                /// # Panics
                /// When the vector is of another class.
                #[inline]
                pub fn $name(&self) -> &[$ty] {
                    match &self.data {
                        VectorData::$class(values) => values,
                        other => panic!("a {:?} vector read as {}", other.physical(), stringify!($class)),
                    }
                }
            )*

            /// The data of the variable class; one value for a constant.
            ///
            /// # Panics
            /// When the vector is of another class.
            #[inline]
            pub fn bytes(&self) -> &ByteVector {
                match &self.data {
                    VectorData::Bytes(values) => values,
                    other => panic!("a {:?} vector read as Bytes", other.physical()),
                }
            }
        }

        $(impl From<Vec<$ty>> for Vector {
            fn from(values: Vec<$ty>) -> Self {
                Self::from_data(VectorData::$class(values), None)
            }
        })*
    };
}

accessors! {
    bools, Bool, u8;
    i16s, I16, i16;
    i32s, I32, i32;
    i64s, I64, i64;
    f32s, F32, f32;
    f64s, F64, f64;
    fixed16s, Fixed16, [u8; 16];
}

impl From<ByteVector> for Vector {
    fn from(values: ByteVector) -> Self {
        Self::from_data(VectorData::Bytes(values), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_cost_one_value_and_read_as_many() {
        let mut vector = Vector::constant(Datum::I32(7), 1000);
        assert_eq!(vector.i32s(), [7]);
        assert_eq!(vector.get(999), DatumRef::I32(7));
        vector.push_null();
        assert_eq!(vector.i32s().len(), 1001);
        assert!(vector.is_null(1000) && !vector.is_null(999));
    }

    #[test]
    fn gather_and_slice_keep_nulls() {
        let mut vector = Vector::new(Physical::Bytes);
        vector.push(DatumRef::Bytes(b"a"));
        vector.push_null();
        vector.push(DatumRef::Bytes(b"c"));
        let picked = vector.gather(&[2, 1]);
        assert_eq!(picked.get(0), DatumRef::Bytes(b"c"));
        assert!(picked.is_null(1));
        let mut all = vector.slice(1, 2);
        all.append_all(&vector);
        assert_eq!(all.len(), 5);
        assert!(all.is_null(0) && all.is_null(3) && !all.is_null(4));
        all.truncate(1);
        assert_eq!(all.len(), 1);
    }
}
