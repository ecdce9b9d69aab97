//! Errors of the grammar: PostgreSQL's message, the SQLSTATE and the position behind it.
//!
//! The crate that wraps the grammar drops the position, so on an error, and only then, the text is
//! parsed once more through its raw interface.

use std::ffi::{CStr, CString};
use std::ptr;

use common::{Error, SqlState, sqlstate};
use pg_raw_parse::raw;

/// The error `first`, which parsing `sql` gave, as a client should see it.
pub(crate) fn describe(sql: &str, first: &pg_raw_parse::Error) -> Error {
    let Ok(text) = CString::new(sql) else {
        return Error::internal("a text with a NUL byte reached the grammar");
    };
    let (message, cursor) = match raw_error(&text) {
        Some(found) => found,
        None => (first.to_string().replace("Invalid statement: ", ""), 0),
    };
    let mut error = Error::new(state_of(&message), message);
    if is_unicode_string_escape(sql, &error, cursor) {
        error = Error::new(sqlstate::SYNTAX_ERROR, "invalid Unicode escape")
            .with_hint("Unicode escapes must be \\XXXX or \\+XXXXXX.");
    } else if let Some(hint) = hint_of(&error) {
        error = error.with_hint(hint);
    }
    match u32::try_from(cursor) {
        Ok(position) if position > 0 => error.with_position(position),
        _ => error,
    }
}

/// Message and cursor (1-based, in characters; 0 without one) of parsing `text`.
fn raw_error(text: &CStr) -> Option<(String, i32)> {
    // SAFETY: the grammar is initialised first; the context has no parent, is current only during
    // the parse, which reports errors by value and so cannot unwind, and is deleted after it.
    // Message and buffer were allocated by `malloc`, and each is freed exactly once.
    unsafe {
        raw::pg_query_init();
        let context = raw::AllocSetContextCreateInternal(
            ptr::null_mut(),
            c"rustydb_parse_error".as_ptr(),
            raw::ALLOCSET_DEFAULT_MINSIZE as raw::Size,
            raw::ALLOCSET_DEFAULT_INITSIZE as raw::Size,
            raw::ALLOCSET_DEFAULT_MAXSIZE as raw::Size,
        );
        let previous = raw::MemoryContextSwitchTo(context);
        let mode = raw::PgQueryParseMode::PG_QUERY_PARSE_DEFAULT as _;
        let result = raw::pg_query_raw_parse(text.as_ptr(), mode);
        raw::MemoryContextSwitchTo(previous);
        let found = result.error.as_ref().map(|error| {
            let message = CStr::from_ptr(error.message).to_string_lossy().into_owned();
            (message, error.cursorpos)
        });
        if !result.error.is_null() {
            raw::pg_query_free_error(result.error);
        }
        libc::free(result.stderr_buffer.cast());
        raw::MemoryContextDelete(context);
        found
    }
}

/// SQLSTATEs of the errors that are not plain syntax errors, by the start of the message.
const STATES: &[(&str, SqlState)] = &[
    (
        "invalid byte sequence for encoding",
        sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
    ),
    ("invalid Unicode escape value", sqlstate::SYNTAX_ERROR),
    ("invalid Unicode escape", sqlstate::INVALID_ESCAPE_SEQUENCE),
    (
        "unsafe use of string constant with Unicode",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "unsafe use of \\'",
        sqlstate::NONSTANDARD_USE_OF_ESCAPE_CHARACTER,
    ),
    (
        "stack depth limit exceeded",
        sqlstate::STATEMENT_TOO_COMPLEX,
    ),
    ("out of memory", sqlstate::OUT_OF_MEMORY),
    (
        "UNENCRYPTED PASSWORD is no longer",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "CREATE SCHEMA IF NOT EXISTS cannot",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "current database cannot be changed",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "column number must be in range",
        sqlstate::INVALID_PARAMETER_VALUE,
    ),
    (
        "constraints cannot be altered to be NOT VALID",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "modulus for hash partition provided",
        sqlstate::DUPLICATE_OBJECT,
    ),
    (
        "remainder for hash partition provided",
        sqlstate::DUPLICATE_OBJECT,
    ),
    (
        "MATCH PARTIAL not yet implemented",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    ("a column list with ", sqlstate::FEATURE_NOT_SUPPORTED),
    ("CREATE EXTENSION ... FROM", sqlstate::FEATURE_NOT_SUPPORTED),
    (
        "CREATE OR REPLACE CONSTRAINT TRIGGER",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "CREATE ASSERTION is not yet",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "dropping an enum value is not",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "aggregates cannot have output arguments",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "WITH CHECK OPTION not supported on recursive",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "only string constants are supported in JSON_TABLE",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "UNIQUE predicate is not yet implemented",
        sqlstate::FEATURE_NOT_SUPPORTED,
    ),
    (
        "precision for type float must be",
        sqlstate::INVALID_PARAMETER_VALUE,
    ),
    ("frame start cannot be", sqlstate::WINDOWING_ERROR),
    ("frame starting from", sqlstate::WINDOWING_ERROR),
    ("frame end cannot be", sqlstate::WINDOWING_ERROR),
    ("role name \"", sqlstate::RESERVED_NAME),
    ("CURRENT_ROLE cannot be used as", sqlstate::RESERVED_NAME),
    ("CURRENT_USER cannot be used as", sqlstate::RESERVED_NAME),
    ("SESSION_USER cannot be used as", sqlstate::RESERVED_NAME),
];

fn state_of(message: &str) -> SqlState {
    // The scanner's own errors end in the text they stand at and are all syntax errors.
    if message.contains(" at or near \"") || message.ends_with(" at end of input") {
        return sqlstate::SYNTAX_ERROR;
    }
    if message.ends_with("cannot be marked DEFERRABLE")
        || message.ends_with("cannot be marked NOT VALID")
        || message.ends_with("cannot be marked NO INHERIT")
    {
        return sqlstate::FEATURE_NOT_SUPPORTED;
    }
    let found = STATES.iter().find(|(start, _)| message.starts_with(start));
    found.map_or(sqlstate::SYNTAX_ERROR, |&(_, state)| state)
}

/// Whether this is a bad escape in `U&'..'`, which has the message of one in `E'..'` but not its
/// SQLSTATE and hint; only the latter's start with `\u`.
fn is_unicode_string_escape(sql: &str, error: &Error, cursor: i32) -> bool {
    let Error::Sql(error) = error else {
        return false;
    };
    let Ok(cursor) = usize::try_from(cursor) else {
        return false;
    };
    error.message == "invalid Unicode escape" && !matches!(sql.chars().nth(cursor), Some('u' | 'U'))
}

/// The hints PostgreSQL gives with some of these errors, which the grammar's interface drops.
fn hint_of(error: &Error) -> Option<&'static str> {
    let Error::Sql(error) = error else {
        return None;
    };
    Some(match error.message.as_str() {
        "invalid Unicode escape" => "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.",
        "LIMIT #,# syntax is not supported" => "Use separate LIMIT and OFFSET clauses.",
        "UNENCRYPTED PASSWORD is no longer supported" => {
            "Remove UNENCRYPTED to store the password in encrypted form instead."
        }
        _ => return None,
    })
}
