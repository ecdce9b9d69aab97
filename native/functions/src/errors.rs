//! Errors that several subjects raise, in PostgreSQL's words.

use common::{Error, err, sqlstate};

/// 22012.
pub(crate) fn division_by_zero() -> Error {
    err!(sqlstate::DIVISION_BY_ZERO, "division by zero")
}

/// 22003: `integer out of range`.
pub(crate) fn out_of_range(ty: &str) -> Error {
    err!(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE, "{ty} out of range")
}

/// 22023.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> Error {
    Error::new(sqlstate::INVALID_PARAMETER_VALUE, message)
}
