//! Values between memory and leaves: little-endian fixed widths, plain bytes.

use common::{Error, Result};
use smallvec::SmallVec;
use types::{DatumRef, Physical};

use crate::leaf::leaf_ref::Cell;
use crate::overflow::{POINTER_BYTES, Pointer};

/// A value on its way into a leaf.
#[derive(Clone, Copy, Debug)]
pub enum NewCell<'a> {
    Null,
    /// The first bytes of the array, as many as the width says.
    Fixed([u8; 16], u8),
    Bytes(&'a [u8]),
    Overflow([u8; POINTER_BYTES]),
}

/// The cells of a row, or of its changed columns.
pub type NewCells<'a> = SmallVec<[NewCell<'a>; 16]>;

impl<'a> NewCell<'a> {
    /// The value for a column of this class.
    #[inline]
    pub fn new(value: DatumRef<'a>, physical: Physical) -> Result<Self> {
        let mut out = [0; 16];
        match (value, physical) {
            (DatumRef::Null, _) => return Ok(Self::Null),
            (DatumRef::Bytes(bytes), Physical::Bytes) => return Ok(Self::Bytes(bytes)),
            (DatumRef::Bool(v), Physical::Bool) => out[0] = u8::from(v),
            (DatumRef::I16(v), Physical::I16) => out[..2].copy_from_slice(&v.to_le_bytes()),
            (DatumRef::I32(v), Physical::I32) => out[..4].copy_from_slice(&v.to_le_bytes()),
            (DatumRef::F32(v), Physical::F32) => out[..4].copy_from_slice(&v.to_le_bytes()),
            (DatumRef::I64(v), Physical::I64) => out[..8].copy_from_slice(&v.to_le_bytes()),
            (DatumRef::F64(v), Physical::F64) => out[..8].copy_from_slice(&v.to_le_bytes()),
            (DatumRef::Fixed16(v), Physical::Fixed16) => out = v,
            (value, physical) => {
                let message = format!("a {physical:?} column got {value:?}");
                return Err(Error::internal(message));
            }
        }
        let width = physical.fixed_size().unwrap_or_default();
        Ok(Self::Fixed(out, width as u8))
    }

    #[inline]
    pub fn as_cell(&self) -> Option<Cell<'_>> {
        match self {
            Self::Null => None,
            Self::Fixed(bytes, width) => Some(Cell::inline(&bytes[..usize::from(*width)])),
            Self::Bytes(bytes) => Some(Cell::inline(bytes)),
            Self::Overflow(pointer) => Some(Cell {
                bytes: pointer,
                is_overflow: true,
            }),
        }
    }

    /// Bytes in the leaf's heap.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Fixed(..) => 0,
            Self::Bytes(bytes) => bytes.len(),
            Self::Overflow(pointer) => pointer.len(),
        }
    }
}

/// The bytes of a value, None for NULL.
pub fn encode_owned(value: DatumRef<'_>) -> Option<Vec<u8>> {
    let physical = value.physical()?;
    let cell = NewCell::new(value, physical).ok()?;
    cell.as_cell().map(|cell| cell.bytes.to_vec())
}

#[cold]
fn bad_width(physical: Physical, len: usize) -> Error {
    Error::corrupted(format!("a stored {physical:?} has {len} bytes"))
}

/// The value in a cell that is no overflow pointer.
#[inline]
pub fn decode<'a>(bytes: &'a [u8], physical: Physical) -> Result<DatumRef<'a>> {
    macro_rules! fixed {
        ($class:ident, $type:ty) => {
            match bytes.try_into() {
                Ok(bytes) => DatumRef::$class(<$type>::from_le_bytes(bytes)),
                Err(_) => return Err(bad_width(physical, bytes.len())),
            }
        };
    }
    Ok(match physical {
        Physical::Bytes => DatumRef::Bytes(bytes),
        Physical::I16 => fixed!(I16, i16),
        Physical::I32 => fixed!(I32, i32),
        Physical::I64 => fixed!(I64, i64),
        Physical::F32 => fixed!(F32, f32),
        Physical::F64 => fixed!(F64, f64),
        Physical::Bool => match bytes {
            [value] => DatumRef::Bool(*value != 0),
            _ => return Err(bad_width(physical, bytes.len())),
        },
        Physical::Fixed16 => match bytes.try_into() {
            Ok(bytes) => DatumRef::Fixed16(bytes),
            Err(_) => return Err(bad_width(physical, bytes.len())),
        },
    })
}

/// A value copied out of a leaf or an undo record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnedCell {
    Null,
    Inline(SmallVec<[u8; 32]>),
    Overflow(Pointer),
}

impl OwnedCell {
    pub fn copy(cell: Option<Cell<'_>>) -> Result<Self> {
        Ok(match cell {
            None => Self::Null,
            Some(cell) if cell.is_overflow => Self::Overflow(Pointer::parse(cell.bytes)?),
            Some(cell) => Self::Inline(SmallVec::from_slice(cell.bytes)),
        })
    }
}
