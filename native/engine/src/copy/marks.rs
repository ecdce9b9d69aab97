//! Where in the input the bytes lie that may end a field, as a bitmap.
//!
//! Bit i of word i / 64 stands for byte i of the input. The kernels look at many bytes at once,
//! which a search from field to field cannot.

/// See the module.
#[derive(Debug)]
pub struct Marks {
    /// What is marked.
    set: [u8; 4],
    words: Vec<u64>,
}

impl Marks {
    pub fn new(set: [u8; 4]) -> Self {
        Self {
            set,
            words: Vec::new(),
        }
    }

    /// Marks what `input` has from byte `from` on.
    pub fn extend(&mut self, input: &[u8], from: usize) {
        let word = from / 64;
        self.words.truncate(word);
        self.words.resize(simd::words(input.len()), 0);
        simd::kernels().find_bytes(&input[word * 64..], &self.set, &mut self.words[word..]);
    }

    /// The first `words` times 64 bytes of the input have gone.
    pub fn drop_front(&mut self, words: usize) {
        self.words.drain(..words);
    }

    /// The marks from byte `start` on.
    #[inline]
    pub fn from(&self, start: usize) -> MarksFrom<'_> {
        let at = start / 64;
        let word = self.words.get(at).copied().unwrap_or(0);
        MarksFrom {
            words: &self.words,
            at,
            word: word & (!0 << (start % 64)),
        }
    }
}

/// Marked places, ascending.
pub struct MarksFrom<'m> {
    words: &'m [u64],
    at: usize,
    /// What is left of the word at `at`.
    word: u64,
}

impl Iterator for MarksFrom<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.at += 1;
            self.word = *self.words.get(self.at)?;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.at * 64 + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_marked_as_the_whole_is() {
        let input: Vec<u8> = (0..1000u32).map(|at| (at * 7 % 251) as u8).collect();
        let set = [0, 7, 14, 250];
        let is_marked = |at: &usize| set.contains(&input[*at]);
        let want: Vec<usize> = (0..input.len()).filter(is_marked).collect();
        for piece in [1, 63, 64, 65, 300, 1000] {
            let mut marks = Marks::new(set);
            for start in (0..input.len()).step_by(piece) {
                let end = (start + piece).min(input.len());
                marks.extend(&input[..end], start);
            }
            assert_eq!(marks.from(0).collect::<Vec<_>>(), want, "{piece}");
            let rest = want.iter().copied().filter(|at| *at >= 700);
            assert_eq!(
                marks.from(700).collect::<Vec<_>>(),
                rest.collect::<Vec<_>>()
            );
            assert_eq!(marks.from(5000).next(), None);
            marks.drop_front(2);
            let moved = want.iter().filter(|at| **at >= 128).map(|at| at - 128);
            assert_eq!(marks.from(0).collect::<Vec<_>>(), moved.collect::<Vec<_>>());
        }
    }
}
