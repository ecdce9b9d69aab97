//! Where a piece of the tree stands in the text it was read from.

/// A byte offset into the text given to [`crate::parse`].
///
/// Any two locations compare equal, so that `==` between trees asks whether they say the same,
/// not whether they were written in the same place.
#[derive(Clone, Copy)]
pub struct Location(u32);

impl Location {
    /// No place in a text: what was made by the program, or what the grammar does not track.
    pub const NONE: Self = Self(u32::MAX);

    /// `byte_offset` counts from the start of the text; texts are far shorter than 4 GiB.
    pub const fn new(byte_offset: u32) -> Self {
        Self(byte_offset)
    }

    /// The byte offset, unless there is none.
    pub const fn byte_offset(self) -> Option<u32> {
        if self.0 == u32::MAX {
            None
        } else {
            Some(self.0)
        }
    }

    /// The position a client is told: 1-based, in characters of `sql`, the text that was parsed.
    /// `None` where there is no location or it lies outside `sql`.
    pub fn position(self, sql: &str) -> Option<u32> {
        let before = sql.as_bytes().get(..self.byte_offset()? as usize)?;
        // Every byte but a continuation byte starts a character.
        let chars = before.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        u32::try_from(chars + 1).ok()
    }
}

impl Default for Location {
    fn default() -> Self {
        Self::NONE
    }
}

impl PartialEq for Location {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Location {}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.byte_offset() {
            Some(offset) => write!(f, "@{offset}"),
            None => f.write_str("@-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let sql = "é€😀x";
        assert_eq!(Location::new(0).position(sql), Some(1));
        assert_eq!(Location::new(2).position(sql), Some(2));
        assert_eq!(Location::new(5).position(sql), Some(3));
        assert_eq!(Location::new(9).position(sql), Some(4));
        assert_eq!(Location::new(10).position(sql), Some(5));
        assert_eq!(Location::new(11).position(sql), None);
        assert_eq!(Location::NONE.position(sql), None);
    }
}
