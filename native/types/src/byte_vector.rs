//! Many byte strings in one allocation.

/// Value `i` is `bytes[offsets[i]..offsets[i + 1]]`; `offsets` always starts with a 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteVector {
    pub offsets: Vec<u32>,
    pub bytes: Vec<u8>,
}

impl Default for ByteVector {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            bytes: Vec::new(),
        }
    }
}

impl ByteVector {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with_capacity(values: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(values + 1);
        offsets.push(0);
        Self {
            offsets,
            bytes: Vec::with_capacity(bytes),
        }
    }

    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn get(&self, at: usize) -> &[u8] {
        &self.bytes[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    #[inline]
    pub fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.end_value();
    }

    /// Ends the value that was written straight to `bytes`.
    ///
    /// # Panics
    /// When a vector's bytes exceed 4 GiB: a batch holds 1024 values of at most 1 GiB each only in
    /// theory, and its memory was refused long before.
    #[inline]
    pub fn end_value(&mut self) {
        let end = u32::try_from(self.bytes.len()).expect("a vector's bytes are counted in u32");
        self.offsets.push(end);
    }

    /// Takes back what was written for a value that has not been ended.
    pub fn abandon_value(&mut self) {
        let end = *self.offsets.last().expect("offsets start with a 0");
        self.bytes.truncate(end as usize);
    }

    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.offsets.truncate(1);
        self.bytes.clear();
    }

    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.offsets.truncate(len + 1);
            self.bytes.truncate(self.offsets[len] as usize);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.offsets
            .windows(2)
            .map(|w| &self.bytes[w[0] as usize..w[1] as usize])
    }
}
