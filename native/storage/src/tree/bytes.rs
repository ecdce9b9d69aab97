//! Little-endian integers at byte offsets of a page.
//!
//! Offsets that come from a page's own bytes go through [`slice`] and [`slice_mut`], so that a bad
//! page is an error and never a panic.

use common::{Error, Result};

#[inline]
pub fn u16_at(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}

#[inline]
pub fn u32_at(page: &[u8], at: usize) -> u32 {
    let bytes: [u8; 4] = page[at..at + 4].try_into().expect("a slice of 4");
    u32::from_le_bytes(bytes)
}

#[inline]
pub fn u64_at(page: &[u8], at: usize) -> u64 {
    let bytes: [u8; 8] = page[at..at + 8].try_into().expect("a slice of 8");
    u64::from_le_bytes(bytes)
}

#[inline]
pub fn put_u16(page: &mut [u8], at: usize, value: u16) {
    page[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

#[inline]
pub fn put_u32(page: &mut [u8], at: usize, value: u32) {
    page[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

#[inline]
pub fn put_u64(page: &mut [u8], at: usize, value: u64) {
    page[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

#[cold]
fn outside(at: usize, len: usize) -> Error {
    Error::corrupted(format!("{len} bytes at {at} are outside their page"))
}

/// `len` bytes at `at`, or an error when they are not all there.
#[inline]
pub fn slice(bytes: &[u8], at: usize, len: usize) -> Result<&[u8]> {
    at.checked_add(len)
        .and_then(|end| bytes.get(at..end))
        .ok_or_else(|| outside(at, len))
}

/// As [`slice`], to write.
#[inline]
pub fn slice_mut(bytes: &mut [u8], at: usize, len: usize) -> Result<&mut [u8]> {
    at.checked_add(len)
        .and_then(|end| bytes.get_mut(at..end))
        .ok_or_else(|| outside(at, len))
}

/// Reads the body of a log or undo record from front to back.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    #[inline]
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        if len > self.0.len() {
            return Err(Error::corrupted("a record ends too early"));
        }
        let (head, tail) = self.0.split_at(len);
        self.0 = tail;
        Ok(head)
    }

    #[inline]
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    #[inline]
    pub fn u16(&mut self) -> Result<u16> {
        Ok(u16_at(self.take(2)?, 0))
    }

    #[inline]
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32_at(self.take(4)?, 0))
    }

    #[inline]
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64_at(self.take(8)?, 0))
    }
}
