//! What is put into an index, and the bytes that order it.

use common::{Error, PageNo, Result, RowId, err, sqlstate};
use smallvec::SmallVec;

/// Bytes of a row id at the end of an entry's full key: ids have 48 bits.
pub(crate) const ROW_BYTES: usize = 6;

/// The longest entry in bytes: key, row id and value beside it (PostgreSQL's `BTMaxItemSize` on its
/// 8 KiB pages).
pub const ENTRY_BYTES_MAX: usize = storage::tree::page::KEY_BYTES_MAX;

/// PostgreSQL counts the header of its index tuples, and rounds up.
const TUPLE_HEADER_BYTES: usize = 8;

/// Key bytes, then the row id: orders all entries of an index. Short ones stay off the heap.
pub(crate) type FullKey = SmallVec<[u8; 64]>;

/// An entry to be put into an index.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// Order-preserving bytes.
    pub key: &'a [u8],
    pub row: RowId,
    /// The page where the row was last.
    pub guess: Option<PageNo>,
    /// What index-only reads need beside the key bytes.
    pub value: Option<&'a [u8]>,
}

impl<'a> NewEntry<'a> {
    /// An entry without a value beside it.
    pub fn new(key: &'a [u8], row: RowId, guess: Option<PageNo>) -> Self {
        Self {
            key,
            row,
            guess,
            value: None,
        }
    }

    /// Bytes that count against [`ENTRY_BYTES_MAX`].
    pub fn size_bytes(&self) -> usize {
        self.key.len() + ROW_BYTES + self.value.map_or(0, |value| value.len() + 2)
    }
}

/// A row id at the end of a full key.
#[inline]
pub(crate) fn row_bytes(row: RowId) -> Result<[u8; ROW_BYTES]> {
    match row.0.to_be_bytes() {
        [0, 0, bytes @ ..] => Ok(bytes),
        _ => Err(Error::internal("a row id has more than 48 bits")),
    }
}

/// The bytes that order an entry.
pub(crate) fn full_key(key: &[u8], row: RowId) -> Result<FullKey> {
    let bytes = row_bytes(row)?;
    let mut full = FullKey::with_capacity(key.len() + ROW_BYTES);
    full.extend_from_slice(key);
    full.extend_from_slice(&bytes);
    Ok(full)
}

/// 54000 with PostgreSQL's words, for an entry of `size_bytes` (see [`NewEntry::size_bytes`]) that
/// is too long. Detail and names of table and constraint are the caller's to add.
pub fn row_too_long(size_bytes: usize, index: &str) -> Error {
    let tuple_bytes = (size_bytes - ROW_BYTES + TUPLE_HEADER_BYTES).next_multiple_of(8);
    err!(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        "index row size {tuple_bytes} exceeds btree version 4 maximum {ENTRY_BYTES_MAX} for \
         index \"{index}\""
    )
    .with_hint(
        "Values larger than 1/3 of a buffer page cannot be indexed.\n\
         Consider a function index of an MD5 hash of the value, or use full text indexing.",
    )
}
