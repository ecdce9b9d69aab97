//! A cursor over one message's body whose every read is checked.

use common::{Result, bail, err, sqlstate};

/// Reads big-endian integers, strings and byte runs; each answers 08P01 when the body is short.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => bail!(
                sqlstate::PROTOCOL_VIOLATION,
                "insufficient data left in message"
            ),
        }
    }

    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    pub fn i16(&mut self) -> Result<i16> {
        let b = self.bytes(2)?;
        Ok(i16::from_be_bytes([b[0], b[1]]))
    }

    /// A count on the wire: 16 bits, unsigned as PostgreSQL reads it.
    pub fn count(&mut self) -> Result<usize> {
        Ok(usize::from(self.i16()? as u16))
    }

    pub fn i32(&mut self) -> Result<i32> {
        let b = self.bytes(4)?;
        Ok(i32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// The bytes before the next NUL, which is consumed.
    pub fn raw_string(&mut self) -> Result<&'a [u8]> {
        match memchr::memchr(0, self.rest) {
            Some(end) => {
                let text = &self.rest[..end];
                self.rest = &self.rest[end + 1..];
                Ok(text)
            }
            None => bail!(sqlstate::PROTOCOL_VIOLATION, "invalid string in message"),
        }
    }

    /// A NUL-terminated string; 22021 when it is not UTF-8.
    pub fn string(&mut self) -> Result<&'a str> {
        utf8(self.raw_string()?)
    }

    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// 08P01 when bytes are left.
    pub fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        bail!(sqlstate::PROTOCOL_VIOLATION, "invalid message format")
    }
}

/// Text from a client, or 22021 that shows the bytes of the first bad character.
pub fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let bad = &bytes[error.valid_up_to()..];
        let len = match bad[0] {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 1,
        };
        let shown: Vec<String> = bad.iter().take(len).map(|b| format!("0x{b:02x}")).collect();
        err!(
            sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": {}",
            shown.join(" ")
        )
    })
}
