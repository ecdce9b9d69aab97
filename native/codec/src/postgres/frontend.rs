//! Messages from the client after start-up.

use common::{Result, bail, sqlstate};

use engine::Format;

use super::reader::{Reader, utf8};

/// One message, borrowed from the input.
#[derive(Debug, PartialEq)]
pub enum Frontend<'a> {
    Query(&'a str),
    Parse {
        statement: &'a str,
        sql: &'a str,
        parameter_types: Vec<u32>,
    },
    Bind(Bind<'a>),
    Describe(Target<'a>),
    Execute {
        portal: &'a str,
        max_rows: i32,
    },
    Close(Target<'a>),
    Sync,
    Flush,
    CopyData(&'a [u8]),
    CopyDone,
    CopyFail(&'a str),
    FunctionCall,
    /// A password or SASL message; what it holds depends on the authentication under way.
    Password(&'a [u8]),
    Terminate,
}

/// What Describe and Close name.
#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Target<'a> {
    Statement(&'a str),
    Portal(&'a str),
}

/// A Bind message. Formats come as none (all text), one (for all) or one each.
#[derive(Debug, PartialEq)]
pub struct Bind<'a> {
    pub portal: &'a str,
    pub statement: &'a str,
    pub parameter_formats: Formats,
    /// None is NULL.
    pub parameters: Vec<Option<&'a [u8]>>,
    pub result_formats: Formats,
}

/// Format codes as sent.
#[derive(Debug, PartialEq, Eq, Clone, Default)]
pub struct Formats(Vec<Format>);

impl Formats {
    /// How many codes were sent: 0 and 1 stand for any number of values.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn as_slice(&self) -> &[Format] {
        &self.0
    }

    /// The format of value `index`, counted from 0.
    pub fn get(&self, index: usize) -> Format {
        match self.0.as_slice() {
            [] => Format::Text,
            [one] => *one,
            each => each.get(index).copied().unwrap_or_default(),
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let count = reader.count()?;
        let mut formats = Vec::new();
        for _ in 0..count {
            formats.push(match reader.i16()? {
                0 => Format::Text,
                1 => Format::Binary,
                code => {
                    bail!(
                        sqlstate::INVALID_PARAMETER_VALUE,
                        "unsupported format code: {code}"
                    )
                }
            });
        }
        Ok(Self(formats))
    }
}

/// One message's place in the input.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Frame {
    pub tag: u8,
    /// Where the body starts and ends in the input.
    pub body_start: usize,
    pub body_end: usize,
}

/// Finds the first message of `input`; None while it is incomplete.
///
/// Errors (the connection cannot go on after one): 08P01 for an unknown kind or a length below 4 or
/// over `max_message_bytes`; the length is judged before any of the body has arrived.
pub fn next_frame(input: &[u8], max_message_bytes: usize) -> Result<Option<Frame>> {
    let Some(&tag) = input.first() else {
        return Ok(None);
    };
    if !b"BCDEFHPQSXcdfp".contains(&tag) {
        bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "invalid frontend message type {tag}"
        );
    }
    let Some(len) = input.get(1..5) else {
        return Ok(None);
    };
    let len = u32::from_be_bytes([len[0], len[1], len[2], len[3]]) as usize;
    if len < 4 || len > max_message_bytes {
        bail!(sqlstate::PROTOCOL_VIOLATION, "invalid message length");
    }
    if input.len() < len + 1 {
        return Ok(None);
    }
    Ok(Some(Frame {
        tag,
        body_start: 5,
        body_end: len + 1,
    }))
}

/// Decodes the body of a message of the kind `tag`. Errors concern this message only.
pub fn decode(tag: u8, body: &[u8]) -> Result<Frontend<'_>> {
    let mut reader = Reader::new(body);
    let message = match tag {
        b'Q' => Frontend::Query(reader.string()?),
        b'P' => parse(&mut reader)?,
        b'B' => Frontend::Bind(bind(&mut reader)?),
        b'D' => Frontend::Describe(target(&mut reader, "DESCRIBE")?),
        b'E' => Frontend::Execute {
            portal: reader.string()?,
            max_rows: reader.i32()?,
        },
        b'C' => Frontend::Close(target(&mut reader, "CLOSE")?),
        b'S' => Frontend::Sync,
        b'H' => Frontend::Flush,
        b'd' => Frontend::CopyData(reader.rest()),
        b'c' => Frontend::CopyDone,
        b'f' => Frontend::CopyFail(reader.string()?),
        b'F' => {
            reader.rest();
            Frontend::FunctionCall
        }
        b'p' => Frontend::Password(reader.rest()),
        b'X' => Frontend::Terminate,
        _ => bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "invalid frontend message type {tag}"
        ),
    };
    reader.finish()?;
    Ok(message)
}

fn parse<'a>(reader: &mut Reader<'a>) -> Result<Frontend<'a>> {
    let statement = reader.string()?;
    let sql = reader.string()?;
    let count = reader.count()?;
    let mut parameter_types = Vec::new();
    for _ in 0..count {
        parameter_types.push(reader.i32()? as u32);
    }
    Ok(Frontend::Parse {
        statement,
        sql,
        parameter_types,
    })
}

fn bind<'a>(reader: &mut Reader<'a>) -> Result<Bind<'a>> {
    let portal = reader.string()?;
    let statement = reader.string()?;
    let parameter_formats = Formats::decode(reader)?;
    let count = reader.count()?;
    if parameter_formats.len() > 1 && parameter_formats.len() != count {
        bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "bind message has {} parameter formats but {count} parameters",
            parameter_formats.len()
        );
    }
    let mut parameters = Vec::new();
    for _ in 0..count {
        parameters.push(match reader.i32()? {
            -1 => None,
            len => Some(reader.bytes(usize::try_from(len).unwrap_or(usize::MAX))?),
        });
    }
    let result_formats = Formats::decode(reader)?;
    Ok(Bind {
        portal,
        statement,
        parameter_formats,
        parameters,
        result_formats,
    })
}

fn target<'a>(reader: &mut Reader<'a>, message: &str) -> Result<Target<'a>> {
    let kind = reader.u8()?;
    let name = reader.string()?;
    match kind {
        b'S' => Ok(Target::Statement(name)),
        b'P' => Ok(Target::Portal(name)),
        _ => bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "invalid {message} message subtype {kind}"
        ),
    }
}

/// A parameter sent as text; 22021 when it is not UTF-8.
pub fn text_parameter(bytes: &[u8]) -> Result<&str> {
    if memchr::memchr(0, bytes).is_some() {
        bail!(
            sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x00"
        );
    }
    utf8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 20;

    fn frame(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![tag];
        out.extend(((body.len() + 4) as u32).to_be_bytes());
        out.extend(body);
        out
    }

    #[test]
    fn frames_wait_for_their_end() {
        let input = frame(b'Q', b"select 1\0");
        for cut in 0..input.len() {
            assert_eq!(next_frame(&input[..cut], LIMIT).expect("prefix"), None);
        }
        let found = next_frame(&input, LIMIT).unwrap().unwrap();
        assert_eq!((found.body_start, found.body_end), (5, input.len()));
    }

    #[test]
    fn lengths_and_kinds_are_judged_first() {
        for bad in [
            &[b'Q', 0, 0, 0, 3][..],
            &[b'Q', 0xff, 0xff, 0xff, 0xff],
            b"z",
        ] {
            let error = next_frame(bad, LIMIT).expect_err("must be refused");
            assert_eq!(error.state(), sqlstate::PROTOCOL_VIOLATION);
        }
        assert!(
            next_frame(&[b'Q', 0, 0x10, 0, 1], LIMIT).is_err(),
            "over the limit"
        );
        assert_eq!(
            next_frame(&[b'Q', 0, 0x10, 0, 0], LIMIT).expect("at the limit"),
            None
        );
    }

    #[test]
    fn decodes_a_bind() {
        let mut body = b"p\0s\0".to_vec();
        body.extend([0, 1, 0, 1]); // one format: binary
        body.extend([0, 2]); // two values
        body.extend([0, 0, 0, 2, 7, 8]);
        body.extend([0xff; 4]); // NULL
        body.extend([0, 0]);
        let Frontend::Bind(bind) = decode(b'B', &body).unwrap() else {
            panic!("not a bind")
        };
        assert_eq!((bind.portal, bind.statement), ("p", "s"));
        assert_eq!(bind.parameters, [Some(&[7u8, 8][..]), None]);
        assert_eq!(bind.parameter_formats.get(1), Format::Binary);
        assert_eq!(bind.result_formats.get(5), Format::Text);
    }

    #[test]
    fn short_long_and_wrong_bodies_are_errors() {
        for (tag, body) in [
            (b'Q', &b"select 1"[..]),
            (b'Q', b"a\0b"),
            (b'P', b"s\0select 1\0\0\x02\0\0\0\x17"),
            (b'B', b"p\0s\0\0\0\0\x01\x7f\xff\xff\xff\0\0"),
            (b'D', b"Xname\0"),
            (b'E', b"p\0\0\0"),
            (b'S', b"x"),
        ] {
            let error = decode(tag, body).expect_err("must be refused");
            assert_eq!(
                error.state(),
                sqlstate::PROTOCOL_VIOLATION,
                "{}",
                char::from(tag)
            );
        }
        let error = decode(b'Q', b"select '\xe2\x28'\0").expect_err("not UTF-8");
        assert!(error.to_string().contains("\"UTF8\": 0xe2 0x28"), "{error}");
    }

    proptest! {
        #[test]
        fn no_input_panics(tag: u8, body: Vec<u8>) {
            let _ = decode(tag, &body);
            let _ = next_frame(&body, LIMIT);
            let _ = super::super::startup::decode(&body);
        }
    }
}
