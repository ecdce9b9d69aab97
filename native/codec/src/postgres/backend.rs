//! Messages to the client, each appended to a buffer.

use common::SqlError;

/// The state that ReadyForQuery tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TransactionStatus {
    Idle = b'I',
    InTransaction = b'T',
    Failed = b'E',
}

/// How grave an error or notice is; PostgreSQL's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Fatal,
    Warning,
    Notice,
    Info,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Info => "INFO",
        }
    }
}

/// One column of a RowDescription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a str,
    pub table_oid: u32,
    /// 1-based; 0 when the column is no table's.
    pub column_number: i16,
    pub type_oid: u32,
    pub type_len: i16,
    pub type_modifier: i32,
    pub format: i16,
}

/// Opens a message of the kind `tag`; [`end`] closes it.
#[inline]
pub fn begin(out: &mut Vec<u8>, tag: u8) -> usize {
    out.push(tag);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    at
}

/// Writes the length of the message whose length word lies at `at`.
#[inline]
pub fn end(out: &mut [u8], at: usize) {
    let len = (out.len() - at) as u32;
    out[at..at + 4].copy_from_slice(&len.to_be_bytes());
}

fn message(out: &mut Vec<u8>, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let at = begin(out, tag);
    body(out);
    end(out, at);
}

/// A client string cannot hold a NUL: what follows one is dropped.
fn string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let len = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    out.extend_from_slice(&bytes[..len]);
    out.push(0);
}

/// What a channel that the client listens on was told.
pub fn notification_response(out: &mut Vec<u8>, pid: i32, channel: &str, payload: &str) {
    message(out, b'A', |out| {
        out.extend_from_slice(&pid.to_be_bytes());
        string(out, channel);
        string(out, payload);
    });
}

pub fn authentication_ok(out: &mut Vec<u8>) {
    message(out, b'R', |out| out.extend_from_slice(&0i32.to_be_bytes()));
}

pub fn parameter_status(out: &mut Vec<u8>, name: &str, value: &str) {
    message(out, b'S', |out| {
        string(out, name);
        string(out, value);
    });
}

pub fn backend_key_data(out: &mut Vec<u8>, process_id: i32, secret: &[u8]) {
    message(out, b'K', |out| {
        out.extend_from_slice(&process_id.to_be_bytes());
        out.extend_from_slice(secret);
    });
}

pub fn negotiate_protocol_version(out: &mut Vec<u8>, newest_minor: u16, unknown: &[String]) {
    message(out, b'v', |out| {
        out.extend_from_slice(&(3 << 16 | i32::from(newest_minor)).to_be_bytes());
        out.extend_from_slice(&(unknown.len() as i32).to_be_bytes());
        unknown.iter().for_each(|name| string(out, name));
    });
}

pub fn ready_for_query(out: &mut Vec<u8>, status: TransactionStatus) {
    message(out, b'Z', |out| out.push(status as u8));
}

pub fn parse_complete(out: &mut Vec<u8>) {
    message(out, b'1', |_| {});
}

pub fn bind_complete(out: &mut Vec<u8>) {
    message(out, b'2', |_| {});
}

pub fn close_complete(out: &mut Vec<u8>) {
    message(out, b'3', |_| {});
}

pub fn no_data(out: &mut Vec<u8>) {
    message(out, b'n', |_| {});
}

pub fn portal_suspended(out: &mut Vec<u8>) {
    message(out, b's', |_| {});
}

pub fn empty_query_response(out: &mut Vec<u8>) {
    message(out, b'I', |_| {});
}

pub fn command_complete(out: &mut Vec<u8>, tag: &str) {
    message(out, b'C', |out| string(out, tag));
}

pub fn parameter_description(out: &mut Vec<u8>, types: impl ExactSizeIterator<Item = u32>) {
    message(out, b't', |out| {
        out.extend_from_slice(&(types.len() as u16).to_be_bytes());
        types.for_each(|oid| out.extend_from_slice(&oid.to_be_bytes()));
    });
}

pub fn row_description<'a>(out: &mut Vec<u8>, fields: impl ExactSizeIterator<Item = Field<'a>>) {
    message(out, b'T', |out| {
        out.extend_from_slice(&(fields.len() as u16).to_be_bytes());
        for field in fields {
            string(out, field.name);
            out.extend_from_slice(&field.table_oid.to_be_bytes());
            out.extend_from_slice(&field.column_number.to_be_bytes());
            out.extend_from_slice(&field.type_oid.to_be_bytes());
            out.extend_from_slice(&field.type_len.to_be_bytes());
            out.extend_from_slice(&field.type_modifier.to_be_bytes());
            out.extend_from_slice(&field.format.to_be_bytes());
        }
    });
}

/// CopyInResponse or CopyOutResponse.
pub fn copy_response(out: &mut Vec<u8>, tag: u8, format: i16, columns: usize) {
    message(out, tag, |out| {
        out.push(format as u8);
        out.extend_from_slice(&(columns as u16).to_be_bytes());
        (0..columns).for_each(|_| out.extend_from_slice(&format.to_be_bytes()));
    });
}

pub fn copy_done(out: &mut Vec<u8>) {
    message(out, b'c', |_| {});
}

pub fn error_response(out: &mut Vec<u8>, severity: Severity, error: &SqlError) {
    message(out, b'E', |out| fields(out, severity, error));
}

pub fn notice_response(out: &mut Vec<u8>, severity: Severity, error: &SqlError) {
    message(out, b'N', |out| fields(out, severity, error));
}

fn fields(out: &mut Vec<u8>, severity: Severity, error: &SqlError) {
    let mut field = |code: u8, text: Option<&str>| {
        if let Some(text) = text {
            out.push(code);
            string(out, text);
        }
    };
    let position = error.position.map(|position| position.to_string());
    field(b'S', Some(severity.as_str()));
    field(b'V', Some(severity.as_str()));
    field(b'C', Some(error.state.as_str()));
    field(b'M', Some(&error.message));
    field(b'D', error.detail.as_deref());
    field(b'H', error.hint.as_deref());
    field(b'P', position.as_deref());
    field(b'W', error.context.as_deref());
    field(b's', error.schema.as_deref());
    field(b't', error.table.as_deref());
    field(b'c', error.column.as_deref());
    field(b'd', error.data_type.as_deref());
    field(b'n', error.constraint.as_deref());
    out.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::{Error, sqlstate};

    #[test]
    fn lengths_count_themselves_and_not_the_tag() {
        let mut out = Vec::new();
        ready_for_query(&mut out, TransactionStatus::Idle);
        command_complete(&mut out, "SELECT 1");
        assert_eq!(out, b"Z\0\0\0\x05IC\0\0\0\x0dSELECT 1\0");
    }

    #[test]
    fn errors_carry_every_field_once() {
        let error = Error::new(sqlstate::UNIQUE_VIOLATION, "dup\0licate")
            .with_detail("why")
            .with_position(7)
            .with_table("public", "t")
            .with_constraint("t_pkey")
            .into_sql();
        let mut out = Vec::new();
        error_response(&mut out, Severity::Error, &error);
        assert_eq!(
            &out[5..],
            b"SERROR\0VERROR\0C23505\0Mdup\0Dwhy\0P7\0spublic\0tt\0nt_pkey\0\0"
        );
    }
}
