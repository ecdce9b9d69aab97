//! A growable set of row numbers, 64 to a word.

/// Bits `0..len`; the bits of the last word beyond `len` are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    pub fn new() -> Self {
        Self::default()
    }

    /// `len` bits, all `value`.
    pub fn filled(len: usize, value: bool) -> Self {
        let mut map = Self::new();
        map.resize(len, value);
        map
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub fn get(&self, at: usize) -> bool {
        debug_assert!(at < self.len);
        self.words[at >> 6] >> (at & 63) & 1 != 0
    }

    #[inline]
    pub fn set(&mut self, at: usize, value: bool) {
        assert!(at < self.len, "bit {at} of {}", self.len);
        let bit = 1u64 << (at & 63);
        if value {
            self.words[at >> 6] |= bit;
        } else {
            self.words[at >> 6] &= !bit;
        }
    }

    #[inline]
    pub fn push(&mut self, value: bool) {
        let at = self.len;
        if at & 63 == 0 {
            self.words.push(0);
        }
        self.words[at >> 6] |= u64::from(value) << (at & 63);
        self.len += 1;
    }

    /// Grows with bits of `value` or cuts off.
    pub fn resize(&mut self, len: usize, value: bool) {
        if len < self.len {
            self.words.truncate(len.div_ceil(64));
            self.len = len;
            self.mask_tail();
            return;
        }
        if value && self.len & 63 != 0 {
            let last = self.words.len() - 1;
            self.words[last] |= !0u64 << (self.len & 63);
        }
        self.words
            .resize(len.div_ceil(64), if value { !0 } else { 0 });
        self.len = len;
        self.mask_tail();
    }

    fn mask_tail(&mut self) {
        let used = self.len & 63;
        if used != 0 {
            let last = self.words.len() - 1;
            self.words[last] &= (1u64 << used) - 1;
        }
    }

    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.words.clear();
        self.len = 0;
    }

    pub fn any(&self) -> bool {
        self.words.iter().any(|&word| word != 0)
    }

    pub fn count_ones(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Sets each bit that is set in `other`, which must be as long.
    pub fn union_with(&mut self, other: &Self) {
        assert_eq!(self.len, other.len, "bitmaps of one length");
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The numbers of the set bits, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            std::iter::successors((word != 0).then_some(word), |w| {
                let rest = w & (w - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |w| at * 64 + w.trailing_zeros() as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_and_cutting_keep_the_tail_clear() {
        let mut map = Bitmap::filled(70, true);
        assert_eq!(map.count_ones(), 70);
        map.resize(3, true);
        map.resize(130, false);
        assert_eq!(map.ones().collect::<Vec<_>>(), [0, 1, 2]);
        map.resize(140, true);
        assert_eq!(map.count_ones(), 13);
        map.push(true);
        assert!(map.get(140));
    }
}
