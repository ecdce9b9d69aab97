//! The way out of every export: panics are caught, errors get their code.

use std::panic::AssertUnwindSafe;

use common::error_code::ErrorCode;
use common::{Error, Result, sqlstate};
use napi::Status;

/// The `code` of an error in JavaScript: `CODE:SQLSTATE`, taken apart in `ts/native`.
pub struct Code(String);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Status> for Code {
    fn from(status: Status) -> Self {
        Self(format!("INTERNAL_ERROR:XX000:{status}"))
    }
}

/// Runs the body of an export.
pub fn guard<T>(body: impl FnOnce() -> Result<T>) -> Result<T, napi::Error<Code>> {
    caught(body).map_err(|error| {
        let error = error.into_sql();
        let code = ErrorCode::of(error.state).name();
        // What JavaScript is told ends in the log: in one line, with what explains it.
        let message = match error.detail {
            Some(detail) => format!("{}: {detail}", error.message),
            None => error.message,
        };
        napi::Error::new(Code(format!("{code}:{}", error.state)), message)
    })
}

/// Runs `body`; a panic becomes XX000, and the process lives.
pub fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::new(
            sqlstate::INTERNAL_ERROR,
            format!("internal error: {text}"),
        ))
    })
}
