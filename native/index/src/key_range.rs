//! Ranges of keys.

use std::ops::Bound;

/// The entries whose full key is not less than `from` and less than `to` (None: no end).
///
/// Bounds may be keys or beginnings of keys (the leading columns): an included upper bound takes in
/// every key that begins with it, an excluded lower bound leaves out every such key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRange {
    pub(crate) from: Vec<u8>,
    pub(crate) to: Option<Vec<u8>>,
    pub(crate) is_empty: bool,
}

impl KeyRange {
    /// All keys.
    pub fn all() -> Self {
        Self::default()
    }

    pub fn new(lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        let mut range = Self::default();
        range.set(lower, upper);
        range
    }

    /// The keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self::new(Bound::Included(prefix), Bound::Included(prefix))
    }

    /// As [`KeyRange::new`], keeping the buffers.
    pub fn set(&mut self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) {
        self.is_empty = false;
        self.from.clear();
        match lower {
            Bound::Unbounded => {}
            Bound::Included(bytes) => self.from.extend_from_slice(bytes),
            Bound::Excluded(bytes) => {
                self.from.extend_from_slice(bytes);
                self.is_empty = !step_over(&mut self.from);
            }
        }
        let mut to = self.to.take().unwrap_or_default();
        to.clear();
        self.to = match upper {
            Bound::Unbounded => None,
            Bound::Excluded(bytes) => {
                to.extend_from_slice(bytes);
                Some(to)
            }
            Bound::Included(bytes) => {
                to.extend_from_slice(bytes);
                step_over(&mut to).then_some(to)
            }
        };
    }

    /// As [`Clone::clone_from`] without giving up buffers.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.is_empty = other.is_empty;
        self.from.clone_from(&other.from);
        match (&mut self.to, &other.to) {
            (Some(to), Some(other)) => to.clone_from(other),
            (to, other) => to.clone_from(other),
        }
    }
}

/// Makes `bytes` the least string greater than all that begin with it; false if there is none.
fn step_over(bytes: &mut Vec<u8>) -> bool {
    while let Some(last) = bytes.last_mut() {
        if *last < u8::MAX {
            *last += 1;
            return true;
        }
        bytes.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_may_be_beginnings_of_keys() {
        let range = KeyRange::new(Bound::Excluded(b"a\xff"), Bound::Included(b"b\xff\xff"));
        assert_eq!(range.from, b"b");
        assert_eq!(range.to.as_deref(), Some(&b"c"[..]));
        let range = KeyRange::prefix(b"ab");
        assert_eq!(
            (&range.from[..], range.to.as_deref()),
            (&b"ab"[..], Some(&b"ac"[..]))
        );
        let range = KeyRange::new(Bound::Excluded(b"\xff"), Bound::Included(b"\xff"));
        assert!(range.is_empty && range.to.is_none());
    }
}
