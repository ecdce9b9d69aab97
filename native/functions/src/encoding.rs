//! Bytes and their encodings: hex, base64, escape, digests, single bytes (encode.c, varlena.c).

use common::{Error, Result, bail, err, sqlstate};

use crate::{FunctionDef, def, digest};

fn invalid(message: impl Into<String>) -> Error {
    Error::new(sqlstate::INVALID_PARAMETER_VALUE, message)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Characters of a line of base64, as in MIME.
const LINE: usize = 76;

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    let mut column = 0;
    for chunk in bytes.chunks(3) {
        if column == LINE {
            out.push('\n');
            column = 0;
        }
        let word = chunk
            .iter()
            .fold(0u32, |sum, &byte| sum << 8 | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = (word >> (18 - 6 * at) & 63) as usize;
            out.push(if at > chunk.len() {
                '='
            } else {
                BASE64[digit].into()
            });
        }
        column += 4;
    }
    out
}

fn from_base64(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut word, mut count, mut padding) = (0u32, 0, 0);
    for c in text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r'))
    {
        let digit = if c == '=' {
            padding += 1;
            if !(2..=3).contains(&count) || padding > 2 {
                return Err(invalid("unexpected \"=\" while decoding base64 sequence"));
            }
            0
        } else {
            let digit = BASE64.iter().position(|&digit| char::from(digit) == c);
            match digit {
                Some(digit) if padding == 0 => digit as u32,
                _ => {
                    return Err(invalid(format!(
                        "invalid symbol \"{c}\" found while decoding base64 sequence"
                    )));
                }
            }
        };
        word = word << 6 | digit;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&word.to_be_bytes()[1..4 - padding]);
            (word, count) = (0, 0);
        }
    }
    if count != 0 {
        return Err(invalid("invalid base64 end sequence")
            .with_hint("Input data is missing padding, is truncated, or is otherwise corrupted."));
    }
    Ok(out)
}

/// High bytes and zero as octal, backslashes doubled; others as they are.
fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            0 | 0x80.. => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
            b'\\' => out.extend_from_slice(b"\\\\"),
            byte => out.push(byte),
        }
    }
    out
}

fn encode(bytes: &[u8], format: &str) -> Result<Vec<u8>> {
    match format.to_ascii_lowercase().as_str() {
        "hex" => Ok(hex(bytes).into_bytes()),
        "base64" => Ok(base64(bytes).into_bytes()),
        "escape" => Ok(escape(bytes)),
        _ => Err(invalid(format!("unrecognized encoding: \"{format}\""))),
    }
}

fn decode(text: &str, format: &str) -> Result<Vec<u8>> {
    match format.to_ascii_lowercase().as_str() {
        "hex" => types::parse_bytea(&format!("\\x{text}")),
        "base64" => from_base64(text),
        // What starts like hex is no hex in this format.
        "escape" if text.starts_with("\\x") => Err(err!(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "invalid input syntax for type bytea"
        )),
        "escape" => types::parse_bytea(text),
        _ => Err(invalid(format!("unrecognized encoding: \"{format}\""))),
    }
}

fn check_index(index: i64, len: usize) -> Result<usize> {
    usize::try_from(index)
        .ok()
        .filter(|&at| at < len)
        .ok_or_else(|| {
            err!(
                sqlstate::ARRAY_SUBSCRIPT_ERROR,
                "index {index} out of valid range, 0..{}",
                len as i64 - 1
            )
        })
}

fn get_byte(bytes: &[u8], index: i32) -> Result<i32> {
    Ok(bytes[check_index(index.into(), bytes.len())?].into())
}

fn set_byte(bytes: &[u8], index: i32, value: i32) -> Result<Vec<u8>> {
    let at = check_index(index.into(), bytes.len())?;
    let mut out = bytes.to_vec();
    out[at] = value as u8;
    Ok(out)
}

fn get_bit(bytes: &[u8], index: i64) -> Result<i32> {
    let at = check_index(index, bytes.len() * 8)?;
    Ok((bytes[at / 8] >> (at % 8) & 1).into())
}

fn set_bit(bytes: &[u8], index: i64, value: i32) -> Result<Vec<u8>> {
    let at = check_index(index, bytes.len() * 8)?;
    if value != 0 && value != 1 {
        return Err(invalid("new bit must be 0 or 1"));
    }
    let mut out = bytes.to_vec();
    out[at / 8] = out[at / 8] & !(1 << (at % 8)) | (value as u8) << (at % 8);
    Ok(out)
}

fn is_utf8(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(plain.to_ascii_lowercase().as_str(), "utf8" | "unicode")
}

/// The text of bytes in UTF-8, Latin 1 or ASCII.
fn convert_from(bytes: &[u8], encoding: &str) -> Result<String> {
    let plain: String = encoding
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    match plain.to_ascii_lowercase().as_str() {
        "latin1" | "iso88591" => Ok(bytes.iter().map(|&byte| char::from(byte)).collect()),
        "utf8" | "unicode" | "sqlascii" => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(text.to_string()),
            other => {
                let at = other.err().map_or(0, |error| error.valid_up_to());
                let byte = bytes.get(at).copied().unwrap_or(0);
                bail!(
                    sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
                    "invalid byte sequence for encoding \"UTF8\": 0x{byte:02x}"
                )
            }
        },
        _ => Err(invalid(format!(
            "invalid source encoding name \"{encoding}\""
        ))),
    }
}

fn convert_to(text: &str, encoding: &str) -> Result<Vec<u8>> {
    if is_utf8(encoding) {
        return Ok(text.as_bytes().to_vec());
    }
    let plain: String = encoding
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    if !matches!(plain.to_ascii_lowercase().as_str(), "latin1" | "iso88591") {
        return Err(invalid(format!(
            "invalid destination encoding name \"{encoding}\""
        )));
    }
    text.chars()
        .map(|c| {
            u8::try_from(c).map_err(|_| {
                err!(
                    sqlstate::UNTRANSLATABLE_CHARACTER,
                    "character with byte sequence {} in encoding \"UTF8\" has no equivalent in \
                     encoding \"LATIN1\"",
                    c.encode_utf8(&mut [0; 4])
                        .bytes()
                        .map(|byte| format!("0x{byte:02x}"))
                        .collect::<Vec<_>>()
                        .join(" ")
                )
            })
        })
        .collect()
}

fn bit_count(bytes: &[u8]) -> i64 {
    bytes.iter().map(|byte| i64::from(byte.count_ones())).sum()
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(2311, "md5", [TEXT] -> TEXT, Immutable, |a: &[u8]| hex(&digest::md5(a)) => String),
    def!(2321, "md5", [BYTEA] -> TEXT, Immutable, |a: &[u8]| hex(&digest::md5(a)) => String),
    def!(3419, "sha224", [BYTEA] -> BYTEA, Immutable, |a: &[u8]| digest::sha224(a) => Vec<u8>),
    def!(3420, "sha256", [BYTEA] -> BYTEA, Immutable, |a: &[u8]| digest::sha256(a) => Vec<u8>),
    def!(3421, "sha384", [BYTEA] -> BYTEA, Immutable, |a: &[u8]| digest::sha384(a) => Vec<u8>),
    def!(3422, "sha512", [BYTEA] -> BYTEA, Immutable, |a: &[u8]| digest::sha512(a) => Vec<u8>),
    def!(1946, "encode", [BYTEA, TEXT] -> TEXT, Immutable, |a: &[u8], f: &str| encode(a, f) => Vec<u8>),
    def!(1947, "decode", [TEXT, TEXT] -> BYTEA, Immutable, |a: &str, f: &str| decode(a, f) => Vec<u8>),
    def!(721, "get_byte", [BYTEA, INT4] -> INT4, Immutable, |a: &[u8], n: i32| get_byte(a, n) => i32),
    def!(722, "set_byte", [BYTEA, INT4, INT4] -> BYTEA, Immutable, |a: &[u8], n: i32, v: i32| set_byte(a, n, v) => Vec<u8>),
    def!(723, "get_bit", [BYTEA, INT8] -> INT4, Immutable, |a: &[u8], n: i64| get_bit(a, n) => i32),
    def!(724, "set_bit", [BYTEA, INT8, INT4] -> BYTEA, Immutable, |a: &[u8], n: i64, v: i32| set_bit(a, n, v) => Vec<u8>),
    def!(6163, "bit_count", [BYTEA] -> INT8, Immutable, |a: &[u8]| bit_count(a) => i64),
    def!(1714, "convert_from", [BYTEA, NAME] -> TEXT, Stable, |a: &[u8], e: &str| convert_from(a, e) => String),
    def!(1717, "convert_to", [TEXT, NAME] -> BYTEA, Stable, |a: &str, e: &str| convert_to(a, e) => Vec<u8>),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_inverse() {
        for size in 0..200usize {
            let bytes: Vec<u8> = (0..size).map(|n| (n * 37) as u8).collect();
            for format in ["hex", "base64", "escape"] {
                let text = String::from_utf8(encode(&bytes, format).unwrap()).unwrap();
                assert_eq!(decode(&text, format).unwrap(), bytes, "{format} {size}");
            }
        }
        assert_eq!(encode(b"abc", "base64").unwrap(), b"YWJj");
        assert!(from_base64("YW=").is_err());
    }
}
