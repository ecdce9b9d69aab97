//! The stored form of arrays.
//!
//! Header: element type (u32), dimensions (u8), flags (u8, bit 0 = has NULLs), two zero bytes; then
//! per dimension its length (u32) and lower bound (i32); then a NULL bitmap if flagged; then the
//! elements, row-major: packed values of a fixed class (zeroes for NULL), or u32 end offsets and the
//! bytes. All little-endian. An empty array has no dimensions.

use common::{Error, Result, sqlstate};

use crate::datum::{Datum, DatumRef};
use crate::packed::{pack, unpack};
use crate::physical::Physical;
use crate::type_info::physical_of;
use crate::type_oid::TypeOid;

/// Dimensions an array may have, as in PostgreSQL.
pub const ARRAY_DIMS_MAX: usize = 6;
/// Elements an array may have: PostgreSQL's limit of 1 GiB of pointers.
pub const ARRAY_ELEMENTS_MAX: usize = 134_217_727;

const HEADER: usize = 8;

/// Length and lower bound of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dim {
    pub len: u32,
    pub lower: i32,
}

/// A stored array.
#[derive(Clone, Copy, Debug)]
pub struct ArrayRef<'a> {
    elem: TypeOid,
    physical: Physical,
    dims: &'a [u8],
    count: usize,
    nulls: Option<&'a [u8]>,
    /// Packed values, or end offsets.
    fixed: &'a [u8],
    bytes: &'a [u8],
}

fn corrupted() -> Error {
    Error::corrupted("an array whose header does not match its size")
}

impl<'a> ArrayRef<'a> {
    /// Reads the header.
    pub fn new(stored: &'a [u8]) -> Result<Self> {
        Self::parse(stored).ok_or_else(corrupted)
    }

    fn parse(stored: &'a [u8]) -> Option<Self> {
        let (header, rest) = stored.split_at_checked(HEADER)?;
        let elem = TypeOid(u32::from_le_bytes(header[..4].try_into().ok()?));
        let ndim = header[4] as usize;
        let (dims, rest) = rest.split_at_checked(ndim * 8)?;
        let physical = physical_of(elem);
        let mut count = usize::from(ndim > 0);
        for dim in dims.chunks_exact(8) {
            let len = u32::from_le_bytes(dim[..4].try_into().ok()?) as usize;
            count = count.checked_mul(len)?;
        }
        let (nulls, rest) = match header[5] & 1 {
            0 => (None, rest),
            _ => {
                let (nulls, rest) = rest.split_at_checked(count.div_ceil(8))?;
                (Some(nulls), rest)
            }
        };
        let size = physical.fixed_size().unwrap_or(4);
        let (fixed, bytes) = rest.split_at_checked(count.checked_mul(size)?)?;
        Some(Self {
            elem,
            physical,
            dims,
            count,
            nulls,
            fixed,
            bytes,
        })
    }

    pub fn elem(&self) -> TypeOid {
        self.elem
    }

    /// Elements in all dimensions.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn ndim(&self) -> usize {
        self.dims.len() / 8
    }

    /// The dimension `at`, from 0.
    pub fn dim(&self, at: usize) -> Option<Dim> {
        let dim = self.dims.chunks_exact(8).nth(at)?;
        Some(Dim {
            len: u32::from_le_bytes(dim[..4].try_into().ok()?),
            lower: i32::from_le_bytes(dim[4..].try_into().ok()?),
        })
    }

    pub fn dims(&self) -> Vec<Dim> {
        (0..self.ndim()).filter_map(|at| self.dim(at)).collect()
    }

    pub fn has_nulls(&self) -> bool {
        (0..self.count).any(|at| self.is_null(at))
    }

    pub fn is_null(&self, at: usize) -> bool {
        self.nulls
            .is_some_and(|nulls| nulls[at / 8] >> (at % 8) & 1 != 0)
    }

    /// The element at a row-major position; NULL also for one that is out of range.
    #[inline]
    pub fn get(&self, at: usize) -> DatumRef<'a> {
        if at >= self.count || self.is_null(at) {
            return DatumRef::Null;
        }
        let value = match self.physical.fixed_size() {
            Some(size) => unpack(self.physical, &self.fixed[at * size..(at + 1) * size]),
            None => {
                let end = |at: usize| {
                    let end = self.fixed[at * 4..]
                        .first_chunk()
                        .copied()
                        .unwrap_or_default();
                    u32::from_le_bytes(end) as usize
                };
                let start = if at == 0 { 0 } else { end(at - 1) };
                self.bytes.get(start..end(at)).map(DatumRef::Bytes)
            }
        };
        value.unwrap_or(DatumRef::Null)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = DatumRef<'a>> + ExactSizeIterator {
        let array = *self;
        (0..array.count).map(move |at| array.get(at))
    }

    /// The row-major position of an element by its subscripts; `None` when one is out of range or
    /// their number is not that of the dimensions.
    pub fn position(&self, subscripts: &[i32]) -> Option<usize> {
        if subscripts.len() != self.ndim() || subscripts.is_empty() {
            return None;
        }
        let mut position = 0usize;
        for (at, &subscript) in subscripts.iter().enumerate() {
            let dim = self.dim(at)?;
            let offset = i64::from(subscript) - i64::from(dim.lower);
            if offset < 0 || offset >= i64::from(dim.len) {
                return None;
            }
            position = position * dim.len as usize + offset as usize;
        }
        Some(position)
    }
}

/// Collects elements into the stored form.
#[derive(Clone, Debug)]
pub struct ArrayBuilder {
    elem: TypeOid,
    physical: Physical,
    count: usize,
    nulls: Vec<u8>,
    has_nulls: bool,
    fixed: Vec<u8>,
    bytes: Vec<u8>,
}

impl ArrayBuilder {
    pub fn new(elem: TypeOid) -> Self {
        Self {
            elem,
            physical: physical_of(elem),
            count: 0,
            nulls: Vec::new(),
            has_nulls: false,
            fixed: Vec::new(),
            bytes: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes held, for memory accounts.
    pub fn memory_bytes(&self) -> usize {
        self.nulls.len() + self.fixed.len() + self.bytes.len()
    }

    /// Appends an element of the element type's class, or NULL.
    pub fn push(&mut self, value: DatumRef<'_>) {
        if self.count.is_multiple_of(8) {
            self.nulls.push(0);
        }
        if value.is_null() {
            self.has_nulls = true;
            self.nulls[self.count / 8] |= 1 << (self.count % 8);
        }
        match self.physical.fixed_size() {
            Some(size) => {
                pack(value, &mut self.fixed);
                self.fixed.resize((self.count + 1) * size, 0);
            }
            None => {
                pack(value, &mut self.bytes);
                self.fixed
                    .extend_from_slice(&(self.bytes.len() as u32).to_le_bytes());
            }
        }
        self.count += 1;
    }

    /// The stored one-dimensional array from subscript 1.
    pub fn finish(self) -> Vec<u8> {
        let len = self.count as u32;
        self.write(&[Dim { len, lower: 1 }])
    }

    /// The stored array of these dimensions, whose product is the number of elements.
    pub fn finish_dims(self, dims: &[Dim]) -> Result<Vec<u8>> {
        let product: usize = dims.iter().map(|dim| dim.len as usize).product();
        if dims.len() > ARRAY_DIMS_MAX {
            return Err(too_many_dims(dims.len()));
        }
        if (self.count > 0 || dims.is_empty()) && product != self.count.max(1) {
            return Err(Error::internal(
                "array dimensions that do not match the elements",
            ));
        }
        Ok(self.write(dims))
    }

    fn write(self, dims: &[Dim]) -> Vec<u8> {
        let dims = if self.count == 0 { &[] } else { dims };
        let mut out = Vec::with_capacity(
            HEADER + dims.len() * 8 + self.nulls.len() + self.fixed.len() + self.bytes.len(),
        );
        out.extend_from_slice(&self.elem.0.to_le_bytes());
        out.extend_from_slice(&[dims.len() as u8, self.has_nulls.into(), 0, 0]);
        for dim in dims {
            out.extend_from_slice(&dim.len.to_le_bytes());
            out.extend_from_slice(&dim.lower.to_le_bytes());
        }
        if self.has_nulls {
            out.extend_from_slice(&self.nulls);
        }
        out.extend_from_slice(&self.fixed);
        out.extend_from_slice(&self.bytes);
        out
    }
}

/// 54000.
pub fn too_many_dims(dims: usize) -> Error {
    Error::new(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        format!(
            "number of array dimensions ({dims}) exceeds the maximum allowed ({ARRAY_DIMS_MAX})"
        ),
    )
}

/// A one-dimensional array of the given elements.
pub fn build_array<'a>(elem: TypeOid, values: impl IntoIterator<Item = DatumRef<'a>>) -> Datum {
    let mut builder = ArrayBuilder::new(elem);
    values.into_iter().for_each(|value| builder.push(value));
    Datum::Bytes(builder.finish().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_back() {
        let mut builder = ArrayBuilder::new(TypeOid::TEXT);
        for value in [
            DatumRef::Bytes(b"a"),
            DatumRef::Null,
            DatumRef::Bytes(b"ccc"),
        ] {
            builder.push(value);
        }
        let stored = builder.finish();
        let array = ArrayRef::new(&stored).unwrap();
        assert_eq!(array.len(), 3);
        assert_eq!(array.get(0), DatumRef::Bytes(b"a"));
        assert!(array.get(1).is_null() && array.get(7).is_null());
        assert_eq!(array.get(2), DatumRef::Bytes(b"ccc"));
        assert_eq!(array.position(&[3]), Some(2));
        assert_eq!(array.position(&[0]), None);
        assert!(ArrayRef::new(&stored[..stored.len() - 8]).is_err() || stored.len() < 8);
    }

    #[test]
    fn dimensions_are_row_major() {
        let mut builder = ArrayBuilder::new(TypeOid::INT4);
        (0..6).for_each(|n| builder.push(DatumRef::I32(n)));
        let dims = [Dim { len: 2, lower: 0 }, Dim { len: 3, lower: -1 }];
        let stored = builder.finish_dims(&dims).unwrap();
        let array = ArrayRef::new(&stored).unwrap();
        assert_eq!(array.dims(), dims);
        assert_eq!(
            array.position(&[1, 1]).map(|at| array.get(at)),
            Some(DatumRef::I32(5))
        );
    }
}
