//! The packets that open a connection: start-up, encryption requests, cancel requests.

use common::{Result, bail, sqlstate};

use super::reader::Reader;

/// PostgreSQL's `MAX_STARTUP_PACKET_LENGTH`.
pub const MAX_STARTUP_BYTES: usize = 10_000;
/// The newest minor version of protocol 3 that is spoken.
pub const NEWEST_MINOR: u16 = 2;
/// More parameters than any driver sends; the next is refused.
const MAX_PARAMETERS: usize = 256;

const CANCEL_CODE: u32 = 1234 << 16 | 5678;
const SSL_CODE: u32 = 1234 << 16 | 5679;
const GSS_CODE: u32 = 1234 << 16 | 5680;

/// What the first packet of a connection asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum StartupRequest {
    /// Answer one byte, `S` or `N`; another packet follows.
    Ssl,
    /// Answer one byte, `G` or `N`; another packet follows.
    GssEncryption,
    /// Cancel the statement of the connection with this key, answer nothing, close.
    Cancel {
        process_id: i32,
        secret: Vec<u8>,
    },
    Startup(Startup),
}

/// A start-up packet.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Startup {
    /// The minor version of protocol 3 that the client asked for.
    pub minor: u16,
    pub user: String,
    /// The user's name when the packet has none.
    pub database: String,
    /// Settings of the session, `options` not yet taken apart.
    pub parameters: Vec<(String, String)>,
    /// `_pq_.` options, none of which is known.
    pub unknown_options: Vec<String>,
}

impl Startup {
    /// Whether NegotiateProtocolVersion must be sent before anything else.
    pub fn needs_negotiation(&self) -> bool {
        self.minor > NEWEST_MINOR || self.minor == 1 || !self.unknown_options.is_empty()
    }
}

/// Decodes the first packet in `input`: the request and the bytes it took, None while incomplete.
///
/// Errors: 08P01 for a length or layout that cannot be, 0A000 for another major version, 28000
/// without a user name.
pub fn decode(input: &[u8]) -> Result<Option<(StartupRequest, usize)>> {
    let Some(head) = input.first_chunk::<4>() else {
        return Ok(None);
    };
    let len = u32::from_be_bytes(*head) as usize;
    if !(8..=MAX_STARTUP_BYTES).contains(&len) {
        bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "invalid length of startup packet"
        );
    }
    let Some(body) = input.get(4..len) else {
        return Ok(None);
    };
    let mut reader = Reader::new(body);
    let request = match reader.i32()? as u32 {
        SSL_CODE => StartupRequest::Ssl,
        GSS_CODE => StartupRequest::GssEncryption,
        CANCEL_CODE => {
            let process_id = reader.i32()?;
            let secret = reader.rest().to_vec();
            if secret.is_empty() || secret.len() > 256 {
                bail!(
                    sqlstate::PROTOCOL_VIOLATION,
                    "invalid length of query cancel packet"
                );
            }
            StartupRequest::Cancel { process_id, secret }
        }
        version => StartupRequest::Startup(startup(version, reader)?),
    };
    Ok(Some((request, len)))
}

fn startup(version: u32, mut reader: Reader<'_>) -> Result<Startup> {
    let (major, minor) = (version >> 16, version as u16);
    if major != 3 {
        bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.{NEWEST_MINOR}"
        );
    }
    let mut startup = Startup {
        minor,
        ..Startup::default()
    };
    let mut terminated = false;
    while !reader.is_empty() {
        let name = reader.string()?;
        if name.is_empty() {
            terminated = true;
            break;
        }
        let value = reader.string()?;
        match name {
            "user" => startup.user = value.to_owned(),
            "database" => startup.database = value.to_owned(),
            _ if name.starts_with("_pq_.") => startup.unknown_options.push(name.to_owned()),
            _ if startup.parameters.len() == MAX_PARAMETERS => {
                bail!(
                    sqlstate::PROTOCOL_VIOLATION,
                    "too many parameters in startup packet"
                )
            }
            _ => startup.parameters.push((name.to_owned(), value.to_owned())),
        }
    }
    if !terminated || !reader.is_empty() {
        bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "invalid startup packet layout: expected terminator as last byte"
        );
    }
    if startup.user.is_empty() {
        bail!(
            sqlstate::INVALID_AUTHORIZATION_SPECIFICATION,
            "no PostgreSQL user name specified in startup packet"
        );
    }
    if startup.database.is_empty() {
        startup.database.clone_from(&startup.user);
    }
    Ok(startup)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(code: u32, body: &[u8]) -> Vec<u8> {
        let mut out = ((body.len() + 8) as u32).to_be_bytes().to_vec();
        out.extend(code.to_be_bytes());
        out.extend(body);
        out
    }

    fn error(input: &[u8]) -> String {
        decode(input).expect_err("must be refused").to_string()
    }

    #[test]
    fn reads_parameters_and_defaults_the_database() {
        let input = packet(3 << 16, b"user\0ann\0application_name\0psql\0\0");
        let (request, used) = decode(&input).expect("valid").expect("whole");
        assert_eq!(used, input.len());
        let StartupRequest::Startup(startup) = request else {
            panic!("not a start-up")
        };
        assert_eq!(
            (startup.user.as_str(), startup.database.as_str()),
            ("ann", "ann")
        );
        assert_eq!(
            startup.parameters,
            [("application_name".to_owned(), "psql".to_owned())]
        );
        assert!(!startup.needs_negotiation());
    }

    #[test]
    fn waits_for_the_whole_packet() {
        let input = packet(3 << 16, b"user\0ann\0\0");
        for cut in 0..input.len() {
            assert!(decode(&input[..cut]).expect("prefix is no error").is_none());
        }
    }

    #[test]
    fn knows_the_special_codes() {
        let request = |code, body: &[u8]| decode(&packet(code, body)).unwrap().unwrap().0;
        assert_eq!(request(SSL_CODE, b""), StartupRequest::Ssl);
        assert_eq!(request(GSS_CODE, b""), StartupRequest::GssEncryption);
        assert_eq!(
            request(CANCEL_CODE, &[0, 0, 0, 7, 1, 2, 3, 4]),
            StartupRequest::Cancel {
                process_id: 7,
                secret: vec![1, 2, 3, 4]
            }
        );
    }

    #[test]
    fn refuses_what_cannot_be() {
        assert!(error(&[0, 0, 0, 7, 0]).contains("invalid length"));
        assert!(error(&[0xff, 0xff, 0xff, 0xff]).contains("invalid length"));
        assert!(error(&packet(2 << 16, b"\0")).contains("unsupported frontend protocol 2.0"));
        assert!(error(&packet(3 << 16, b"user\0ann\0")).contains("expected terminator"));
        assert!(error(&packet(3 << 16, b"user\0ann\0\0x")).contains("expected terminator"));
        assert!(error(&packet(3 << 16, b"database\0d\0\0")).starts_with("28000"));
        assert!(error(&packet(3 << 16, b"user\0\xff\0\0")).starts_with("22021"));
    }

    #[test]
    fn asks_for_negotiation_of_what_is_newer() {
        let minor = packet(3 << 16 | 9, b"user\0ann\0\0");
        let option = packet(3 << 16, b"user\0ann\0_pq_.x\0on\0\0");
        for input in [minor, option] {
            let StartupRequest::Startup(startup) = decode(&input).unwrap().unwrap().0 else {
                panic!("not a start-up")
            };
            assert!(startup.needs_negotiation());
        }
    }
}
