//! The binary format: a signature, then rows of counted, length-prefixed fields.

use common::{Result, bail, sqlstate};

use super::Fields;

pub const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";

/// What stands at the front of the input.
pub enum Row {
    /// A row, and its bytes.
    Fields(usize),
    /// The trailer.
    End,
    Incomplete,
}

fn i32_at(input: &[u8], at: usize) -> Option<i32> {
    input
        .get(at..at + 4)
        .map(|b| i32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

/// The length of the file's header; None while it is incomplete.
pub fn header(input: &[u8]) -> Result<Option<usize>> {
    let seen = input.len().min(SIGNATURE.len());
    if input[..seen] != SIGNATURE[..seen] {
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "COPY file signature not recognized"
        );
    }
    let (Some(flags), Some(extension)) = (i32_at(input, 11), i32_at(input, 15)) else {
        return Ok(None);
    };
    // Bits 16 to 31 are critical; bit 16 stood for oids, which are gone.
    if flags & (1 << 16) != 0 {
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "invalid COPY file header (WITH OIDS)"
        );
    }
    if flags as u32 >> 17 != 0 {
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "unrecognized critical flags in COPY file header"
        );
    }
    let Ok(extension) = usize::try_from(extension) else {
        bail!(
            sqlstate::BAD_COPY_FILE_FORMAT,
            "invalid COPY file header (wrong length)"
        );
    };
    Ok((input.len() >= 19 + extension).then_some(19 + extension))
}

/// Reads one row.
pub fn row(input: &[u8], fields: &mut Fields) -> Result<Row> {
    let Some(count) = input.get(..2) else {
        return Ok(Row::Incomplete);
    };
    let count = i16::from_be_bytes([count[0], count[1]]);
    if count == -1 {
        return Ok(Row::End);
    }
    let mut at = 2;
    for _ in 0..count {
        let Some(len) = i32_at(input, at) else {
            return Ok(Row::Incomplete);
        };
        at += 4;
        let start = fields.bytes.len();
        match usize::try_from(len) {
            Ok(len) => {
                let Some(bytes) = input.get(at..at + len) else {
                    return Ok(Row::Incomplete);
                };
                fields.bytes.extend_from_slice(bytes);
                at += len;
                fields.end(start, false);
            }
            Err(_) if len == -1 => fields.end(start, true),
            Err(_) => bail!(sqlstate::BAD_COPY_FILE_FORMAT, "invalid field size"),
        }
    }
    Ok(Row::Fields(at))
}
